//! Findings read again from where a run listed them: a report of kind NDJSON, or a run directory
//! with one.
//!
//! A file is read to its last byte or not at all: a line that is no finding, a last line without
//! its end, or another number of findings than the run counted is an error, with its place.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::model::{Cell, Cents};
use crate::report::baseline::hexadecimal;
use crate::report::row::SCHEMA;
use crate::report::run::directory;
use crate::report::summary::Excused;

/// The report of a run directory that lists every finding.
pub const FINDINGS_FILE: &str = "findings.ndjson";

/// The file of a run directory that holds the counts of the run.
pub const SUMMARY_FILE: &str = "summary.json";

/// No finding of any run takes more bytes as JSON.
const LINE_BYTES_MAX: u64 = 64 << 20;

/// The counts of a run are a few kilobytes; thousands of inputs make them some megabytes.
const SUMMARY_BYTES_MAX: u64 = 256 << 20;

/// No amount of money has more characters.
const AMOUNT_BYTES_MAX: usize = 24;

/// A finding as it was listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<'l> {
    /// The code of the rule.
    pub rule: Cow<'l, str>,
    /// Where its line lies: the input, the record, the byte.
    pub place: (Cow<'l, str>, Option<u64>, Option<u64>),
    /// The claim number, where there is one.
    pub claim: Option<Cow<'l, str>>,
    /// What makes it the same finding in another run.
    pub fingerprint: u128,
    /// The amount billed for the line.
    pub amount: Option<Cents>,
    /// The payer, where the report says it.
    pub payer: Option<Cow<'l, str>>,
    /// The provider, where the report says it.
    pub provider: Option<Cow<'l, str>>,
}

/// The columns that are read. Others may be there.
#[derive(Deserialize)]
struct Object<'l> {
    #[serde(borrow)]
    schema: Cow<'l, str>,
    #[serde(borrow)]
    rule: Cow<'l, str>,
    #[serde(borrow)]
    file: Cow<'l, str>,
    record: Option<u64>,
    byte: Option<u64>,
    claim_id: Option<Cow<'l, str>>,
    amount: Option<Cow<'l, str>>,
    #[serde(borrow)]
    fingerprint: Cow<'l, str>,
    payer: Option<Cow<'l, str>>,
    rendering_npi: Option<Cow<'l, str>>,
}

/// What is read of the counts of a run.
#[derive(Deserialize)]
struct Totals {
    summary: Counts,
}

#[derive(Deserialize)]
struct Counts {
    #[serde(default)]
    accepted: u64,
    #[serde(default)]
    waived: u64,
}

/// Where findings are listed.
#[derive(Debug, Clone)]
pub struct ListedFile {
    path: PathBuf,
    /// How many there are, where the run says it.
    findings: Option<u64>,
    /// How many more a baseline accepted and waivers excused, where the run says it.
    excused: Excused,
}

impl ListedFile {
    /// The findings of a run directory or a file.
    ///
    /// # Errors
    /// There is none, or it is no regular file, or the directory is not what its run wrote.
    pub fn open(path: &Path) -> Result<ListedFile> {
        let about = |path: &Path| fs::metadata(path).map_err(|error| unreadable(path, &error));
        if !about(path)?.is_dir() {
            let listed =
                ListedFile { path: path.to_owned(), findings: None, excused: Excused::default() };
            return regular(&listed.path, &about(path)?).map(|()| listed);
        }
        let record = directory::read(path)?;
        directory::verify(path, &record)?;
        let findings = path.join(FINDINGS_FILE);
        regular(&findings, &about(&findings)?)?;
        let summary = path.join(SUMMARY_FILE);
        let counts = read_small(&summary)?;
        let Totals { summary: Counts { accepted, waived } } =
            serde_json::from_slice(&counts).map_err(|error| damaged(&summary, &error))?;
        let excused = Excused { waived, accepted };
        Ok(ListedFile { path: findings, findings: Some(record.findings), excused })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What was excused of what the run found, as far as the run says it.
    pub fn excused(&self) -> Excused {
        self.excused
    }

    /// Hands on every finding, with its line as it stands in the file. Returns how many there are.
    ///
    /// # Errors
    /// The file is damaged or cut off, or does not hold as many as the run counted.
    pub fn each(&self, mut each: impl FnMut(&Listed<'_>, &[u8]) -> Result<()>) -> Result<u64> {
        let shown = self.path.display();
        let file = File::open(&self.path).map_err(|error| unreadable(&self.path, &error))?;
        let mut file = BufReader::with_capacity(1 << 16, file);
        let mut line = Vec::new();
        let mut number = 0_u64;
        loop {
            line.clear();
            let read = file.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line);
            if read.map_err(|error| Error::read(&shown.to_string(), &error))? == 0 {
                break;
            }
            number += 1;
            let wrong = |what: &str| Error::incomplete(format!("{shown}:{number}: {what}"));
            let Some(text) = line.strip_suffix(b"\n") else {
                return Err(wrong("the last line has no end: the file is cut off"));
            };
            let listed = parse(text).map_err(|what| wrong(&what))?;
            each(&listed, text)?;
        }
        match self.findings {
            Some(counted) if counted != number => Err(Error::incomplete(format!(
                "{shown}: {number} findings, and the run counted {counted}: the file is not whole"
            ))),
            _ => Ok(number),
        }
    }
}

/// The bytes of a small file.
fn read_small(path: &Path) -> Result<Vec<u8>> {
    let failed = |error: io::Error| unreadable(path, &error);
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(SUMMARY_BYTES_MAX).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// What is wrong never says a value: it may be one of a patient.
fn parse(text: &[u8]) -> Result<Listed<'_>, String> {
    let object: Object<'_> = serde_json::from_slice(text)
        .map_err(|error| format!("is no finding (column {})", error.column()))?;
    if object.schema != SCHEMA {
        return Err(format!("is no finding of the form {SCHEMA}"));
    }
    let amount = match object.amount {
        None => None,
        Some(text) if text.len() > AMOUNT_BYTES_MAX => return Err("amount: is none".to_owned()),
        Some(text) => match Cents::parse(text.as_bytes()) {
            Cell::Value(amount) => Some(amount),
            Cell::Missing | Cell::Malformed => return Err("amount: is none".to_owned()),
        },
    };
    if object.rule.is_empty() || !object.rule.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err("rule: is no code".to_owned());
    }
    let fingerprint = hexadecimal(&object.fingerprint);
    Ok(Listed {
        rule: object.rule,
        place: (object.file, object.record, object.byte),
        claim: object.claim_id.filter(|claim| !claim.is_empty()),
        fingerprint: fingerprint.ok_or_else(|| "fingerprint: is none".to_owned())?,
        amount,
        payer: object.payer,
        provider: object.rendering_npi,
    })
}

fn regular(path: &Path, about: &fs::Metadata) -> Result<()> {
    match about.is_file() {
        true => Ok(()),
        // It is read more than once.
        false => Err(Error::input(format!("{}: is not a regular file", path.display()))),
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Error {
    Error::input(format!("{}: cannot read: {error}", path.display()))
}

fn damaged(path: &Path, error: &serde_json::Error) -> Error {
    let (line, column) = (error.line(), error.column());
    Error::incomplete(format!("{}:{line}:{column}: is no summary of a run", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Format, canned};

    fn file(bytes: &[u8]) -> (tempfile::TempDir, ListedFile) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("findings.ndjson");
        fs::write(&path, bytes).unwrap();
        let file = ListedFile::open(&path).unwrap();
        (folder, file)
    }

    #[test]
    fn what_a_report_lists_is_read_as_it_was_found() {
        let text = canned::rendered(Format::Ndjson);
        let (_folder, file) = file(text.as_bytes());
        let findings = canned::findings();
        let mut at = 0;
        let all = file.each(|listed, line| {
            let finding = &findings[at];
            let claim = finding.claim_id.as_deref().filter(|claim| !claim.is_empty());
            assert_eq!(listed.claim.as_deref(), claim);
            assert_eq!(listed.amount, finding.amount);
            assert_eq!(line, text.lines().nth(at).unwrap().as_bytes());
            assert!(text.contains(&format!("{:032x}", listed.fingerprint)));
            at += 1;
            Ok(())
        });
        assert_eq!(all.unwrap(), findings.len() as u64);
    }

    #[test]
    fn no_cut_and_no_damage_goes_unseen() {
        let text = canned::rendered(Format::Ndjson);
        let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at + 1).collect();
        for cut in 1..text.len() {
            let (_folder, file) = file(&text.as_bytes()[..cut]);
            let read = file.each(|_, _| Ok(()));
            assert_eq!(read.is_ok(), ends.contains(&cut), "cut at byte {cut}");
        }
        let line = text.lines().next().unwrap();
        for (from, to) in [
            ("\"fingerprint\":\"", "\"fingerprint\":\"z"),
            ("claimlint.finding/1", "claimlint.finding/2"),
            ("\"rule\":\"", "\"rule\":\"<"),
            ("\"amount\":", "\"amount\":\"1e9\",\"x\":"),
            ("{", "["),
            ("{", "\n{"),
        ] {
            let bad = format!("{line}\n{}\n", line.replacen(from, to, 1));
            let (_folder, file) = file(bad.as_bytes());
            let error = file.each(|_, _| Ok(())).unwrap_err().to_string();
            assert!(error.contains("findings.ndjson:2: "), "{error}");
        }
    }
}
