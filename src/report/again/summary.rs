//! `summary.json` back to a summary. What is written of it again is the same, byte for byte.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::model::damage::Tidied;
use crate::model::{Cents, Class, Date, Field, Severity};
use crate::reference::Kind;
use crate::report::Summary;
use crate::report::again::cents;
use crate::report::again::rules::{Others, OwnRule, Rules};
use crate::report::json::SUMMARY_SCHEMA;
use crate::report::summary::{
    EditionUsed, Excused, LineCounts, Outcome, PackedSummary, RuleSummary, SourceSummary,
    SplitPart, SplitSummary,
};

/// Reads a summary.
///
/// # Errors
/// What is no summary, or one of a claimlint with other rules.
pub fn read(text: &[u8], rules: &mut Rules) -> Result<Summary> {
    let file: File = serde_json::from_slice(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Error::input(format!("not the summary of a run, at line {line}, column {column}"))
    })?;
    if file.schema != SUMMARY_SCHEMA {
        return Err(unknown("its schema"));
    }
    let mut others = Others::default();
    for rule in &file.summary.rules {
        if let Some(own) = &rule.own {
            rules.add(own.info(&rule.code, &rule.name, &rule.title, &mut others)?);
        }
    }
    file.summary.summary(rules, &mut others)
}

pub(in crate::report::again) fn unknown(what: &str) -> Error {
    Error::input(format!("written by another version of claimlint: {what} is not known"))
        .with_help("check the inputs again with this version")
}

#[derive(Deserialize)]
struct File {
    schema: String,
    summary: Whole,
}

#[derive(Deserialize)]
struct Whole {
    lines: Lines,
    claims: u64,
    clean_claims: u64,
    lines_without_claim: u64,
    #[serde(default)]
    unreadable: u64,
    at_risk: Option<String>,
    charges_unread: u64,
    severities: BTreeMap<String, u64>,
    #[serde(default)]
    accepted: u64,
    #[serde(default)]
    waived: u64,
    sources: Vec<Source>,
    rules: Vec<Rule>,
    classes: Map<String, Value>,
    unclassed: Unclassed,
    tidied: TidiedCounts,
    notes: Vec<String>,
    split: Option<Split>,
    as_of: Option<String>,
    #[serde(default)]
    phi: String,
    phi_key: Option<String>,
    editions: Vec<Edition>,
}

#[derive(Deserialize)]
struct Lines {
    physical: u64,
    header: u64,
    preamble: u64,
    checked: u64,
    rejected: u64,
    #[serde(default)]
    left_out: u64,
    service_lines: Option<u64>,
    continuation: u64,
    blank: u64,
}

#[derive(Deserialize)]
struct Source {
    name: String,
    bytes: u64,
    packed: Option<Packed>,
    delimiter: String,
    encoding: String,
    lines: Lines,
    mapping: Map<String, Value>,
    #[serde(default)]
    others: Vec<String>,
    notes: Vec<String>,
}

#[derive(Deserialize)]
struct Packed {
    how: String,
    bytes: Option<u64>,
}

#[derive(Deserialize)]
struct Rule {
    code: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    title: String,
    severity: String,
    found: u64,
    #[serde(default)]
    accepted: u64,
    #[serde(default)]
    waived: u64,
    claims: u64,
    judged: u64,
    at_risk: Option<String>,
    charges_unread: u64,
    outcome: String,
    reason: Option<String>,
    alarmed: Vec<String>,
    #[serde(default)]
    by_file: Map<String, Value>,
    by_severity: Option<[u64; 3]>,
    own: Option<OwnRule>,
}

#[derive(Deserialize)]
struct Unclassed {
    damaged: u64,
    malformed: u64,
    missing: u64,
}

#[derive(Deserialize)]
struct TidiedCounts {
    ascii_blanks: u64,
    unicode_blanks: u64,
    lower_case: u64,
}

#[derive(Deserialize)]
struct Split {
    head_bytes: u64,
    clean: Part,
    rejected: Part,
}

#[derive(Deserialize)]
struct Part {
    claims: u64,
    lines: u64,
    bytes: u64,
}

#[derive(Deserialize)]
struct Edition {
    kind: String,
    name: String,
    from: String,
    to: String,
    sha256: Vec<String>,
}

impl Whole {
    fn summary(self, known: &Rules, others: &mut Others) -> Result<Summary> {
        let Whole { lines, claims, clean_claims, lines_without_claim, .. } = self;
        let severity = |name: &str| self.severities.get(name).copied().unwrap_or_default();
        let names: Vec<String> = self.sources.iter().map(|source| source.name.clone()).collect();
        let rules = self.rules.into_iter().map(|rule| rule.summary(known, &names));
        let sources = self.sources.into_iter().map(|source| source.summary(others));
        let Unclassed { damaged, malformed, missing } = self.unclassed;
        let TidiedCounts { ascii_blanks, unicode_blanks, lower_case } = self.tidied;
        let as_of = self.as_of.as_deref().map(day).transpose()?;
        Ok(Summary {
            sources: sources.collect::<Result<_>>()?,
            rules: rules.collect::<Result<_>>()?,
            lines: lines.counts(),
            claims,
            clean_claims,
            lines_without_claim,
            unreadable: self.unreadable,
            unnamed: 0,
            at_risk: money(self.at_risk.as_deref())?,
            charges_unread: self.charges_unread,
            has_charges: self.at_risk.is_some(),
            severities: Severity::ALL.map(|one| severity(one.name())),
            excused: Excused { waived: self.waived, accepted: self.accepted },
            classes: classes(&self.classes)?,
            unclassed: [damaged, malformed, missing],
            tidied: Tidied { ascii_blanks, unicode_blanks, lower_case },
            notes: self.notes,
            split: self.split.map(Split::summary),
            as_of,
            phi: ["mask", "hash", "show"].into_iter().find(|one| *one == self.phi).unwrap_or(""),
            phi_key: self.phi_key,
            editions: self.editions.into_iter().map(Edition::used).collect::<Result<_>>()?,
        })
    }
}

fn classes(counts: &Map<String, Value>) -> Result<Vec<(Class, u64)>> {
    let of = |class: Class| {
        let count = counts.get(class.name()).and_then(Value::as_u64);
        count.map(|count| (class, count)).ok_or_else(|| unknown("a class of codes"))
    };
    Class::ALL.into_iter().map(of).collect()
}

fn day(text: &str) -> Result<Date> {
    Date::parse(text.as_bytes()).value().ok_or_else(|| unknown("a day"))
}

fn money(text: Option<&str>) -> Result<Cents> {
    let Some(text) = text else { return Ok(Cents::default()) };
    cents(text).ok_or_else(|| unknown("an amount"))
}

impl Lines {
    fn counts(&self) -> LineCounts {
        let Lines { physical, header, preamble, checked, rejected, .. } = *self;
        let Lines { left_out, continuation, blank, service_lines, .. } = *self;
        let further = service_lines.map_or(0, |lines| lines.saturating_sub(checked));
        LineCounts {
            physical,
            header,
            preamble,
            checked,
            rejected,
            left_out,
            further,
            continuation,
            blank,
        }
    }
}

impl Source {
    fn summary(self, others: &mut Others) -> Result<SourceSummary> {
        let mapping = self.mapping.into_iter().map(|(field, names)| {
            let names = names.as_array().into_iter().flatten();
            let names = names.filter_map(|name| name.as_str().map(str::to_owned));
            Field::from_name(&field).map(|field| (field, names.collect()))
        });
        let mapping: Option<BTreeMap<Field, Vec<String>>> = mapping.collect();
        let packed = self.packed.map(|packed| {
            let how = ["gzip", "zstd"].into_iter().find(|how| *how == packed.how);
            how.map(|how| PackedSummary { how, bytes: packed.bytes })
        });
        Ok(SourceSummary {
            name: self.name,
            bytes: self.bytes,
            packed: packed.map(|packed| packed.ok_or_else(|| unknown("a packing"))).transpose()?,
            delimiter: self.delimiter,
            encoding: self.encoding.into(),
            lines: self.lines.counts(),
            mapping: mapping.ok_or_else(|| unknown("a field"))?.into_iter().collect(),
            others: others.fields(self.others),
            notes: self.notes,
            ..SourceSummary::default()
        })
    }
}

impl Rule {
    fn summary(self, known: &Rules, names: &[String]) -> Result<RuleSummary> {
        let found = known.find(&self.code);
        let (id, info) = found.ok_or_else(|| unknown(&format!("the rule {}", self.code)))?;
        let by_input = match names.len() {
            1 => vec![self.found],
            _ => names
                .iter()
                .map(|name| self.by_file.get(name)?.as_u64())
                .map(|n| n.unwrap_or(0))
                .collect(),
        };
        let reason = self.reason.unwrap_or_default();
        let at = |name: &String| names.iter().position(|known| known == name);
        let severity = Severity::from_name(&self.severity).ok_or_else(|| unknown("a severity"))?;
        Ok(RuleSummary {
            id,
            info,
            severity,
            found: self.found,
            severities: self.by_severity.unwrap_or(RuleSummary::at(severity, self.found)),
            claims: self.claims,
            judged: self.judged,
            at_risk: money(self.at_risk.as_deref())?,
            charges_unread: self.charges_unread,
            outcome: match self.outcome.as_str() {
                "passed" => Outcome::Passed,
                "failed" => Outcome::Failed,
                "excused" => Outcome::Excused(reason),
                "not-applicable" => Outcome::NotApplicable(reason),
                "not-checked" => Outcome::NotChecked(reason),
                _ => return Err(unknown("an outcome")),
            },
            alarmed: self.alarmed.iter().filter_map(at).map(|at| at as u32).collect(),
            by_input,
            excused: Excused { waived: self.waived, accepted: self.accepted },
        })
    }
}

impl Split {
    fn summary(self) -> SplitSummary {
        let part = |Part { claims, lines, bytes }| SplitPart { claims, lines, bytes };
        let Split { head_bytes, clean, rejected } = self;
        SplitSummary { head_bytes, clean: part(clean), rejected: part(rejected) }
    }
}

impl Edition {
    fn used(self) -> Result<EditionUsed> {
        let kind =
            Kind::from_name(&self.kind).ok_or_else(|| unknown("a kind of reference data"))?;
        let covers = (day(&self.from)?, day(&self.to)?);
        Ok(EditionUsed { kind, name: self.name, covers, sha256: self.sha256 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::rule::Own;
    use crate::model::{RuleCategory, RuleInfo, Scope};
    use crate::report::canned;

    /// A canned run with the classes of a real one.
    fn summary() -> Summary {
        let mut summary = canned::summary();
        let counts = Class::ALL.into_iter().zip(3..);
        summary.classes = counts.collect();
        summary.split = Some(SplitSummary {
            head_bytes: 5,
            clean: SplitPart { claims: 1, lines: 2, bytes: 3 },
            rejected: SplitPart { claims: 4, lines: 5, bytes: 6 },
        });
        summary.sources.iter_mut().for_each(|source| source.mapping.sort());
        for rule in &mut summary.rules {
            rule.by_input = vec![rule.found / 3, rule.found - rule.found / 3];
        }
        summary
    }

    fn rules() -> Rules {
        Rules::new(canned::summary().rules.iter().map(|rule| rule.info))
    }

    #[test]
    fn what_is_read_is_written_again_byte_for_byte() {
        for with_charges in [true, false] {
            let written = Summary { has_charges: with_charges, ..summary() };
            let text = canned::totals(&written);
            let again = read(text.as_bytes(), &mut rules()).unwrap();
            assert_eq!(canned::totals(&again), text);
            assert_eq!(again.lines, written.lines);
            assert_eq!(again.rules[1].by_input, written.rules[1].by_input);
        }
    }

    #[test]
    fn a_rule_of_the_users_is_read_from_what_the_run_said_of_it() {
        static OTHERS: &[(Field, &str)] = &[(Field::Other7, "Referring NPI")];
        let own = Own { url: "https://example.org", owner: "Billing", others: OTHERS };
        let info = RuleInfo {
            code: "ORG001",
            needs: &[Field::Charge, Field::Other7],
            category: RuleCategory::Policy,
            scope: Scope::Day,
            own: Some(own),
            ..*canned::summary().rules[0].info
        };
        let mut written = summary();
        let rule = written.rules[0].clone();
        written.rules.insert(1, RuleSummary { info: Box::leak(Box::new(info)), ..rule });
        written.sources[0].others = vec![(Field::Other7, "referring-npi".to_owned())];
        let text = canned::totals(&written);
        let again = read(text.as_bytes(), &mut rules()).unwrap();
        assert_eq!(canned::totals(&again), text);
        let read = again.rules[1].info;
        assert_eq!((read.scope, read.category), (Scope::Day, RuleCategory::Policy));
        // The column is the same in the rule and in the input, however it is spelt.
        assert!(
            read.needs
                .iter()
                .all(|field| { again.sources[0].maps(*field) || *field == Field::Charge })
        );
        assert!(again.sources[1].others.is_empty());
    }

    #[test]
    fn what_is_no_summary_of_this_version_is_refused() {
        let text = canned::totals(&summary());
        assert!(read(&text.as_bytes()[..text.len() / 2], &mut rules()).is_err());
        for (known, other) in [("summary/1", "summary/2"), ("CII001", "ORG001"), ("failed", "?")] {
            let error = read(text.replacen(known, other, 1).as_bytes(), &mut rules()).unwrap_err();
            assert!(error.message().contains("another version"), "{error}");
        }
    }
}
