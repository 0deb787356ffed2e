//! The baseline: findings that are accepted, by their fingerprints, in a sorted text.
//!
//! A fingerprint in it accepts every finding that has it, however many there are: findings of one
//! rule, claim, service line, field and value are not told apart. No claim number is in the file.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _, Write};
use std::path::Path;

use crate::error::{Error, Result};

/// The first line of the file: its kind and the version of its form.
pub const HEAD: &str = "claimlint.baseline/1";

/// More entries than this are not held in memory.
pub const ENTRIES_MAX: usize = 50_000_000;

/// No line of a baseline is longer.
const LINE_BYTES_MAX: u64 = 256;

/// The fingerprints that are accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline(Vec<u128>);

/// An accepted finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its fingerprint.
    pub fingerprint: u128,
    /// The code of its rule.
    pub rule: String,
    /// How many findings had the fingerprint when it was accepted.
    pub count: u64,
}

impl Baseline {
    /// Reads a file.
    ///
    /// # Errors
    /// The file cannot be read, or is not a baseline, or is damaged: with the line.
    pub fn read(path: &Path) -> Result<Baseline> {
        let mut all = Vec::new();
        each(path, |entry| all.push(entry.fingerprint))?;
        Ok(Baseline(all))
    }

    /// Whether a finding with this fingerprint is accepted.
    pub fn contains(&self, fingerprint: u128) -> bool {
        self.0.binary_search(&fingerprint).is_ok()
    }

    /// How many fingerprints are accepted.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Hands on every entry of a file, in the order of the fingerprints.
///
/// # Errors
/// The file cannot be read, or is not a baseline, or is damaged: with the line.
pub fn each(path: &Path, mut entry: impl FnMut(Entry)) -> Result<()> {
    let shown = path.display();
    let failed =
        |error: std::io::Error| Error::settings(format!("baseline {shown}: cannot read: {error}"));
    // Opening a named pipe would wait for its writer.
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(Error::settings(format!("baseline {shown}: is not a regular file")));
    }
    let mut file = BufReader::new(File::open(path).map_err(failed)?);
    let mut line = Vec::new();
    let (mut last, mut entries) = (None, 0);
    for number in 1_u64.. {
        line.clear();
        let read = file.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line);
        if read.map_err(failed)? == 0 && number > 1 {
            return Ok(());
        }
        let damaged = |what: &str| {
            let error = Error::settings(format!("baseline {shown}:{number}: {what}"));
            error.with_help("write it anew with `claimlint baseline create`")
        };
        let text = line.strip_suffix(b"\n").map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        let text = text.and_then(|text| std::str::from_utf8(text).ok());
        if number == 1 {
            if text != Some(HEAD) {
                return Err(damaged(&format!("is no baseline: its first line is not {HEAD}")));
            }
            continue;
        }
        let Some(text) = text else { return Err(damaged("is cut off or is no text")) };
        let Some(read) = parse(text) else {
            return Err(damaged("expected a fingerprint, a rule and a count"));
        };
        if last.is_some_and(|last| last >= read.fingerprint) {
            return Err(damaged(
                "is not in order: fingerprints are sorted, and each is there once",
            ));
        }
        last = Some(read.fingerprint);
        entries += 1;
        if entries > ENTRIES_MAX {
            return Err(damaged(&format!("more than {ENTRIES_MAX} entries")));
        }
        entry(read);
    }
    Ok(())
}

/// `6b8d55ecbc58cc6c7967490df408dc9c CII001 2`.
fn parse(text: &str) -> Option<Entry> {
    let mut parts = text.split(' ');
    let (fingerprint, rule, count) = (parts.next()?, parts.next()?, parts.next()?);
    let is_rule = !rule.is_empty() && rule.bytes().all(|b| b.is_ascii_alphanumeric());
    if parts.next().is_some() || !is_rule || !count.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let count = count.parse().ok().filter(|count| *count > 0)?;
    Some(Entry { fingerprint: hexadecimal(fingerprint)?, rule: rule.to_owned(), count })
}

/// The number of 32 lower-case hexadecimal digits.
pub fn hexadecimal(text: &str) -> Option<u128> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let is_whole = text.len() == 32 && text.bytes().all(is_digit);
    is_whole.then(|| u128::from_str_radix(text, 16).ok()).flatten()
}

/// Writes accepted findings, sorted by their fingerprints.
pub fn write<'e>(
    entries: impl IntoIterator<Item = (u128, &'e str, u64)>,
    into: &mut impl Write,
) -> std::io::Result<()> {
    writeln!(into, "{HEAD}")?;
    for (fingerprint, rule, count) in entries {
        writeln!(into, "{fingerprint:032x} {rule} {count}")?;
    }
    Ok(())
}

/// How many fingerprints and findings of each rule a file accepts.
///
/// # Errors
/// As for [`each`].
pub fn stats(path: &Path) -> Result<BTreeMap<String, (u64, u64)>> {
    let mut rules: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    each(path, |entry| {
        let (entries, findings) = rules.entry(entry.rule).or_default();
        *entries += 1;
        *findings = findings.saturating_add(entry.count);
    })?;
    Ok(rules)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Baseline> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("baseline.txt");
        fs::write(&path, text).unwrap();
        Baseline::read(&path)
    }

    #[test]
    fn what_is_written_is_read() {
        let mut text = Vec::new();
        write([(1, "CII001", 2), (u128::MAX, "COD002", 1)], &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert_eq!(
            text,
            "claimlint.baseline/1\n\
             00000000000000000000000000000001 CII001 2\n\
             ffffffffffffffffffffffffffffffff COD002 1\n"
        );
        let baseline = read(&text).unwrap();
        assert_eq!(baseline.len(), 2);
        assert!(baseline.contains(1) && baseline.contains(u128::MAX) && !baseline.contains(2));
        // Windows editors end lines in their own way.
        assert_eq!(read(&text.replace('\n', "\r\n")).unwrap(), baseline);
        assert!(read(&format!("{HEAD}\n")).unwrap().is_empty());
    }

    #[test]
    fn damage_is_told_with_its_line() {
        let one = "00000000000000000000000000000001 CII001 2\n";
        let two = "00000000000000000000000000000002 CII001 2\n";
        let cases = [
            (String::new(), ":1: "),
            ("{\"rule\":1}\n".to_owned(), ":1: "),
            (format!("{HEAD}\n{one}{one}"), ":3: is not in order"),
            (format!("{HEAD}\n{two}{one}"), ":3: is not in order"),
            (format!("{HEAD}\n{one}{}", two.trim_end()), ":3: is cut off"),
            (format!("{HEAD}\n{}", one.replace(" 2", " 0")), ":2: expected"),
            (format!("{HEAD}\n{}", one.replace(" 2", " +2")), ":2: expected"),
            (format!("{HEAD}\n{}", one.replace("0000", "000")), ":2: expected"),
            (format!("{HEAD}\n\n{one}"), ":2: expected"),
            (format!("{HEAD}\n{}\n", "x".repeat(300)), ":2: is cut off"),
            (format!("{HEAD}\n<<<<<<< ours\n"), ":2: expected"),
        ];
        for (text, place) in cases {
            let error = read(&text).unwrap_err().to_string();
            assert!(error.contains(place), "{text:?}: {error}");
        }
    }
}
