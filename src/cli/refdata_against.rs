//! What two editions of a kind mean for the lines of exports.
//!
//! The exports run through the check as always, with the rules that ask the kind, once for each
//! edition: that edition alone stands for its kind, and answers for the days of both. Every other
//! kind is what it is in the folder. Of what was found under the earlier edition only a key of 16
//! bytes for each finding is kept. Lines are described only where the verdict differs: those found
//! under the later edition at once, those under the earlier in a third run over the exports.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::cli::context::Context;
use crate::cli::progress::Progress;
use crate::cli::refdata_args::{DiffArgs, ListFormat};
use crate::cli::refdata_diff::SHOWN_MAX;
use crate::cli::refdata_side::{Key, Side};
use crate::cli::{flags, reference};
use crate::config::settings::Settings;
use crate::error::{Error, Result};
use crate::lint::registry::Registry;
use crate::model::{Date, Finding};
use crate::pipeline::counters::Counters;
use crate::pipeline::{self, Plan};
use crate::reference::{Edition, Kind, Reference};
use crate::report::summary::Outcome;
use crate::report::{Format, Sink, Summary};
use crate::rules::embedded;

/// The rule that says which days no edition covers. It is asked along with the others, always:
/// what could not be asked must not look like what did not change.
const COVERAGE_RULE: &str = "REF001";

/// The rules that ask a kind, by their codes.
fn rules_that_ask(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Hcpcs => &["COD010", "COD011", "COD012", "MOD002", "MOD003"],
        Kind::Procedures | Kind::Pprrvu => &["COD010", "COD011", "COD012"],
        Kind::Icd10cm => &["DXC002", "DXC003", "DXC004"],
        Kind::PtpPractitioner | Kind::PtpOutpatient => &["PTP001", "PTP002", "PTP003"],
        Kind::MuePractitioner | Kind::MueOutpatient | Kind::MueDme => {
            &["MUE001", "MUE002", "MUE003"]
        }
        Kind::AddOn => &["ADD001", "ADD002"],
        Kind::PlaceOfService => &["POS001", "POS002"],
        Kind::Modifiers => &["MOD002", "MOD003"],
        Kind::Taxonomy => &[],
    }
}

/// What two editions mean for exports.
#[derive(Debug)]
pub struct Against {
    /// The exports.
    pub sources: Vec<String>,
    /// Their lines that were checked.
    pub lines: u64,
    /// The rules that ran.
    pub rules: Vec<&'static str>,
    /// The days that both editions were asked about.
    pub days: (Date, Date),
    /// What a person should know.
    pub notes: Vec<String>,
    /// Findings under both.
    pub unchanged: u64,
    /// Findings only under the earlier edition.
    pub gone: Side,
    /// Findings only under the later edition.
    pub new: Side,
}

/// Hands each finding on.
struct Each<F>(F);

impl<F: FnMut(&Finding, &Summary) + Send> Sink for Each<F> {
    fn finding(&mut self, finding: &Finding, summary: &Summary) -> Result<()> {
        self.0(finding, summary);
        Ok(())
    }

    fn finish(&mut self, _: &Summary) -> Result<()> {
        Ok(())
    }
}

/// Checks the exports of the command line under each edition and compares what is found.
///
/// # Errors
/// An export that cannot be read or that changed meanwhile, or no rule to run.
pub fn run(
    args: &DiffArgs,
    editions: [&Edition; 2],
    directory: &Path,
    context: &Context,
) -> Result<Against> {
    if args.against.iter().any(|name| name == "-") {
        return Err(Error::settings("--against -: standard input can be read only once")
            .with_help("write the export into a file"));
    }
    let [before, after] = editions;
    let loaded = context.load(flags::input_layer(&args.input)?)?;
    let (mut settings, registry) = (loaded.settings, loaded.registry);
    settings.knowledge.as_of = settings.reference.as_of.unwrap_or_else(reference::today);
    reference::settle(&mut settings.input);
    settings.output.format = Format::None;
    settings.output.reports.clear();
    let rules = choose(&mut settings, registry, before.kind)?;
    let days = (before.covers.0.min(after.covers.0), before.covers.1.max(after.covers.1));
    compare(&Runs { args, directory, settings, registry, days, context }, editions, rules)
}

/// Leaves on the rules that ask a kind, of those that the settings have on; their codes.
fn choose(settings: &mut Settings, registry: Registry, kind: Kind) -> Result<Vec<&'static str>> {
    let asking = rules_that_ask(kind);
    let mut chosen = Vec::new();
    for ((_, rule), setting) in registry.iter().zip(&mut settings.rules) {
        let asks = asking.contains(&rule.info.code);
        if asks && setting.enabled {
            chosen.push(rule.info.code);
        }
        setting.enabled = setting.enabled && asks || rule.info.code == COVERAGE_RULE;
    }
    if chosen.is_empty() {
        let message = format!("no rule that runs asks for reference data of kind {}", kind.name());
        let codes = asking.join(", ");
        return Err(Error::settings(message).with_help(match asking {
            [] => "compare the editions without --against".to_owned(),
            _ => format!("`claimlint rules` shows what runs; those that ask are {codes}"),
        }));
    }
    Ok(chosen)
}

fn compare(runs: &Runs<'_>, editions: [&Edition; 2], rules: Vec<&'static str>) -> Result<Against> {
    let [before, after] = editions;
    let spans_inputs = runs.settings.claims_span_inputs;
    let most = match runs.args.output_format {
        ListFormat::Text => SHOWN_MAX,
        ListFormat::Json => usize::MAX,
    };
    let (mut gone, mut new) = (Side::default(), Side::default());
    let (mut notes, mut keys): (BTreeSet<String>, Vec<Key>) = Default::default();
    let first = runs.run(before, |finding, _| match Key::of(finding) {
        Some(key) => keys.push(key),
        None => drop(notes.insert(finding.message.clone())),
    })?;
    keys.sort_unstable();
    keys.dedup();
    let mut is_left = vec![false; keys.len()];
    let second = runs.run(after, |finding, summary| match Key::of(finding) {
        Some(key) => match keys.binary_search(&key).map(|at| is_left.get_mut(at)) {
            Ok(left) => left.into_iter().for_each(|left| *left = true),
            Err(_) => new.add(key, finding, summary, spans_inputs, most),
        },
        None => drop(notes.insert(finding.message.clone())),
    })?;
    same(&first, &second)?;
    let unchanged = is_left.iter().filter(|left| **left).count();
    if unchanged < keys.len() {
        let mut left = is_left.iter();
        keys.retain(|_| !left.next().is_some_and(|left| *left));
        let third = runs.run(before, |finding, summary| {
            if let Some(key) = Key::of(finding).filter(|key| keys.binary_search(key).is_ok()) {
                gone.add(key, finding, summary, spans_inputs, most);
            }
        })?;
        same(&first, &third)?;
    }
    notes.extend(first.notes.iter().chain(&second.notes).cloned());
    notes.extend([&first, &second].into_iter().flat_map(not_looked_at));
    Ok(Against {
        sources: first.sources.iter().map(|source| source.name.clone()).collect(),
        lines: first.lines.services(),
        rules,
        days: runs.days,
        notes: notes.into_iter().collect(),
        unchanged: unchanged as u64,
        gone,
        new,
    })
}

/// Why rules could not look at lines, or not at all of them: without them, nothing is new or gone.
fn not_looked_at(summary: &Summary) -> impl Iterator<Item = String> {
    let rules = summary.rules.iter().filter(|rule| rule.info.code != COVERAGE_RULE);
    rules.filter_map(|rule| match &rule.outcome {
        Outcome::NotApplicable(why) | Outcome::NotChecked(why) => {
            Some(format!("{}: {why}", rule.info.code))
        }
        Outcome::Passed | Outcome::Failed | Outcome::Excused(_) => None,
    })
}

/// What is compared must be the same exports.
fn same(one: &Summary, other: &Summary) -> Result<()> {
    let read = |summary: &Summary| -> Vec<(String, u64, u64)> {
        let sources = summary.sources.iter();
        sources.map(|source| (source.name.clone(), source.bytes, source.lines.services())).collect()
    };
    match read(one) == read(other) {
        true => Ok(()),
        false => Err(Error::incomplete("the exports changed while they were compared")
            .with_help("compare against files that nobody writes into")),
    }
}

/// What runs over the exports have in common.
struct Runs<'r> {
    args: &'r DiffArgs,
    directory: &'r Path,
    settings: Settings,
    days: (Date, Date),
    registry: Registry,
    context: &'r Context,
}

impl Runs<'_> {
    /// Checks the exports with one edition alone for its kind.
    fn run(&self, alone: &Edition, each: impl FnMut(&Finding, &Summary) + Send) -> Result<Summary> {
        let mut alone = alone.clone();
        alone.covers = self.days;
        let built_in = embedded::tables()?;
        let others: Vec<Edition> =
            built_in.into_iter().filter(|edition| edition.kind != alone.kind).collect();
        let reference = Reference::load_beside(self.directory, &alone)?.with(&others)?;
        drop(alone);
        let mut settings = self.settings.clone();
        settings.knowledge.reference = Arc::new(reference);
        let plan = Plan::new(settings, &self.args.against, self.registry)?;
        let seen = Arc::new(Counters::default());
        let progress = Progress::start(self.context.progress(), Arc::clone(&seen));
        let mut sinks: Vec<Box<dyn Sink + '_>> = vec![Box::new(Each(each))];
        let ended = pipeline::run(&plan, &mut sinks, &seen);
        progress.stop();
        ended
    }
}

impl Against {
    /// What was compared, for programs.
    pub fn as_json(&self) -> Value {
        json!({
            "files": self.sources,
            "lines": self.lines,
            "rules": self.rules,
            "days": [self.days.0.to_string(), self.days.1.to_string()],
            "notes": self.notes,
        })
    }
}

#[cfg(test)]
mod tests;
