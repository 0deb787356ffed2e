//! `claimlint baseline`: the file of accepted findings is made of what a run listed.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use serde_json::{Value, json};

use crate::cli::exit::Exit;
use crate::cli::history_args::{BaselineArgs, BaselineCommand};
use crate::cli::log::{self, Level};
use crate::cli::refdata_args::ListFormat;
use crate::cli::{amounts, signals, streams};
use crate::error::{Error, Result};
use crate::report::baseline::{self, Baseline, ENTRIES_MAX};
use crate::report::listed::ListedFile;
use crate::report::publish::ReportFile;

/// Runs a command of `claimlint baseline`.
pub fn baseline(args: &BaselineArgs) -> Result<Exit> {
    match &args.command {
        BaselineCommand::Create { findings, output, force } => create(findings, output, *force),
        BaselineCommand::Prune { baseline, findings } => prune(baseline, findings),
        BaselineCommand::Stats { baseline, output_format } => stats(baseline, *output_format),
    }
}

/// The codes of rules by number, since a finding needs a small one.
#[derive(Default)]
struct Codes {
    numbers: BTreeMap<String, u32>,
    codes: Vec<String>,
}

impl Codes {
    fn number(&mut self, code: &str) -> u32 {
        if let Some(known) = self.numbers.get(code) {
            return *known;
        }
        let number = self.codes.len() as u32;
        self.codes.push(code.to_owned());
        self.numbers.insert(code.to_owned(), number);
        number
    }

    fn code(&self, number: u32) -> &str {
        self.codes.get(number as usize).map_or("", String::as_str)
    }
}

fn create(findings: &Path, output: &Path, force: bool) -> Result<Exit> {
    let there = output.symlink_metadata().is_ok();
    if there && !force {
        let what = format!("{}: is there already", output.display());
        return Err(Error::settings(what).with_help("replace it with --force"));
    }
    let (mut codes, mut all, mut without_claim) = (Codes::default(), Vec::new(), 0_u64);
    let listed = ListedFile::open(findings)?;
    listed.each(|finding, _| {
        match finding.claim {
            Some(_) => all.push((finding.fingerprint, codes.number(&finding.rule))),
            None => without_claim += 1,
        }
        bounded(all.len())
    })?;
    all.sort_unstable();
    let entries = || {
        let same = all.chunk_by(|one, other| one.0 == other.0);
        same.filter_map(|same| {
            let (fingerprint, rule) = same.first()?;
            Some((*fingerprint, codes.code(*rule), same.len() as u64))
        })
    };
    let kept = write(output, entries())?;
    let found = amounts::counted(all.len() as u64, "finding");
    let prints = amounts::counted(kept, "fingerprint");
    log::tell(Level::Info, &format!("{}: {found} by {prints}", output.display()));
    tell_without_claim(without_claim);
    if listed.excused().accepted > 0 {
        let accepted = amounts::counted(listed.excused().accepted, "finding");
        log::tell(
            Level::Note,
            &format!("the run was made with a baseline; {accepted} that it accepted are not here"),
        );
    }
    Ok(Exit::Clean)
}

/// What is found outside of claims stays a finding.
fn tell_without_claim(findings: u64) {
    if findings > 0 {
        let findings = amounts::counted(findings, "finding");
        log::tell(
            Level::Note,
            &format!(
                "{findings} without a claim number: not accepted, since in the next export nothing \
             tells them from others"
            ),
        );
    }
}

fn prune(path: &Path, findings: &Path) -> Result<Exit> {
    let before = Baseline::read(path)?;
    let listed = ListedFile::open(findings)?;
    let with_baseline = |what: String| {
        Err(Error::settings(what).with_help("prune by a run that was made with --no-baseline"))
    };
    if listed.excused().accepted > 0 {
        let shown = findings.display();
        return with_baseline(format!("{shown}: a baseline accepted findings of this run"));
    }
    let mut there = Vec::new();
    listed.each(|finding, _| {
        if before.contains(finding.fingerprint) && finding.claim.is_some() {
            there.push(finding.fingerprint);
        }
        bounded(there.len())
    })?;
    there.sort_unstable();
    there.dedup();
    if there.is_empty() && !before.is_empty() {
        let shown = path.display();
        return with_baseline(format!("{shown}: nothing of it occurs in the findings"));
    }
    let mut left = Vec::with_capacity(there.len());
    baseline::each(path, |entry| {
        if there.binary_search(&entry.fingerprint).is_ok() {
            left.push(entry);
        }
    })?;
    let kept = left.iter().map(|entry| (entry.fingerprint, entry.rule.as_str(), entry.count));
    let kept = write(path, kept)?;
    let gone = amounts::counted((before.len() as u64).saturating_sub(kept), "fingerprint");
    log::tell(Level::Info, &format!("{}: {gone} taken out, {kept} left", path.display()));
    Ok(Exit::Clean)
}

fn stats(path: &Path, format: ListFormat) -> Result<Exit> {
    let rules = baseline::stats(path)?;
    let sums = rules.values().fold((0, 0_u64), |(entries, findings), (more, found)| {
        (entries + more, findings.saturating_add(*found))
    });
    let text = match format {
        ListFormat::Json => {
            let one = |(code, counts): (&String, &(u64, u64))| {
                let (entries, findings) = counts;
                json!({ "code": code, "fingerprints": entries, "findings": findings })
            };
            let all: Vec<Value> = rules.iter().map(one).collect();
            format!("{:#}\n", json!({ "fingerprints": sums.0, "findings": sums.1, "rules": all }))
        }
        ListFormat::Text => {
            let row = |code: &str, (entries, findings): (u64, u64)| {
                let (entries, findings) = (amounts::count(entries), amounts::count(findings));
                format!("{code:<8} {entries:>13} {findings:>13}\n")
            };
            let mut text = format!("{:<8} {:>13} {:>13}\n", "rule", "fingerprints", "findings");
            text.extend(rules.iter().map(|(code, counts)| row(code, *counts)));
            text.push_str(&row("all", sums));
            text
        }
    };
    streams::print(&text)?;
    Ok(Exit::Clean)
}

fn bounded(findings: usize) -> Result<()> {
    match findings > ENTRIES_MAX {
        true => Err(Error::settings(format!("more than {ENTRIES_MAX} findings are no baseline"))
            .with_help("see what causes them with `claimlint check`, or leave out the rule")),
        false => Ok(()),
    }
}

/// Writes a baseline and gives it its name; returns how many entries it has.
fn write<'e>(path: &Path, entries: impl Iterator<Item = (u128, &'e str, u64)>) -> Result<u64> {
    let file = ReportFile::create(path)?;
    let temporary = file.temp_path().to_owned();
    signals::guard(&temporary);
    let mut number = 0;
    let mut out = BufWriter::new(file.writer()?);
    let written = baseline::write(entries.inspect(|_| number += 1), &mut out);
    written
        .and_then(|()| out.flush())
        .map_err(|error| Error::write(&path.display().to_string(), &error))?;
    drop(out);
    let published = file.publish();
    signals::release(&temporary);
    published.map(|()| number)
}
