//! `findings.ndjson` back to findings, one line at a time.

use std::borrow::Cow;
use std::io::BufRead;

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::model::batch::Place;
use crate::model::{Context, Controls, Date, Field, Finding, Related, Severity};
use crate::report::again::cents;
use crate::report::again::rules::Rules;
use crate::report::row::SCHEMA;

/// A line is a finding; what is longer is none.
const LINE_BYTES_MAX: u64 = 1 << 26;

/// Reads findings, in the order in which they stand there.
pub struct Findings<'r, R> {
    lines: R,
    names: Vec<String>,
    rules: &'r Rules,
    line: Vec<u8>,
    number: u64,
    /// By input: which control numbers hold where, as far as findings say so.
    controls: Vec<Controls>,
}

impl<'r, R: BufRead> Findings<'r, R> {
    /// Of inputs with these names.
    pub fn new(lines: R, names: Vec<String>, rules: &'r Rules) -> Self {
        let controls = names.iter().map(|_| Controls::default()).collect();
        Self { lines, names, rules, line: Vec::new(), number: 0, controls }
    }

    /// The next finding; nothing at the end.
    ///
    /// # Errors
    /// A line that is no finding, with its number.
    pub fn take(&mut self) -> Result<Option<Finding>> {
        self.line.clear();
        self.number += 1;
        let mut limited = std::io::Read::take(&mut self.lines, LINE_BYTES_MAX);
        let got = limited.read_until(b'\n', &mut self.line);
        let got = got.map_err(|error| Error::incomplete(format!("cannot read: {error}")))?;
        if got == 0 {
            return Ok(None);
        }
        if self.line.last() != Some(&b'\n') {
            return Err(self.broken("ends in the middle of a finding"));
        }
        let Ok(written) = serde_json::from_slice::<Written<'_>>(&self.line) else {
            return Err(self.broken("not a finding"));
        };
        let source = self.names.iter().position(|name| *name == written.file);
        let Some(source) = source else { return Err(self.broken("of an unknown input")) };
        let numbers = (written.interchange.clone(), written.transaction_set.clone());
        let finding = written.finding(source as u32, &self.names, self.rules);
        let Some(finding) = finding else { return Err(self.broken("not a finding")) };
        if let (Some(interchange), Some(set)) = numbers {
            let text = |number: &Option<Cow<'_, str>>| {
                number.as_deref().unwrap_or_default().as_bytes().to_vec()
            };
            let (interchange, set) = (text(&interchange), text(&set));
            let controls = self.controls.get_mut(source);
            controls.into_iter().for_each(|controls| {
                controls.push(finding.place.record, &interchange, &set);
            });
        }
        Ok(Some(finding))
    }

    /// The control numbers of each input, once all findings were read.
    pub fn controls(self) -> Vec<Controls> {
        self.controls
    }

    fn broken(&self, what: &str) -> Error {
        Error::incomplete(format!("line {}: {what}", self.number))
    }
}

/// A finding as it is written.
#[derive(Deserialize)]
struct Written<'a> {
    #[serde(borrow)]
    schema: Cow<'a, str>,
    rule: Cow<'a, str>,
    severity: Cow<'a, str>,
    file: Cow<'a, str>,
    record: Option<u64>,
    line: Option<u64>,
    byte: Option<u64>,
    claim_id: Option<Cow<'a, str>>,
    service_line: Option<Cow<'a, str>>,
    field: Option<Cow<'a, str>>,
    value: Option<Cow<'a, str>>,
    message: Cow<'a, str>,
    suggestion: Option<Cow<'a, str>>,
    related: Vec<WrittenRelated<'a>>,
    amount: Option<Cow<'a, str>>,
    payer: Option<Cow<'a, str>>,
    rendering_npi: Option<Cow<'a, str>>,
    service_date: Option<Cow<'a, str>>,
    /// Only in inputs of X12.
    #[serde(default, deserialize_with = "given")]
    interchange: Option<Option<Cow<'a, str>>>,
    #[serde(default, deserialize_with = "given")]
    transaction_set: Option<Option<Cow<'a, str>>>,
}

#[derive(Deserialize)]
struct WrittenRelated<'a> {
    #[serde(borrow)]
    file: Cow<'a, str>,
    record: Option<u64>,
    line: Option<u64>,
    value: Cow<'a, str>,
}

/// Tells a null from a key that is not there.
fn given<'de, D: serde::Deserializer<'de>>(
    value: D,
) -> Result<Option<Option<Cow<'de, str>>>, D::Error> {
    Option::<Cow<'de, str>>::deserialize(value).map(Some)
}

impl Written<'_> {
    fn finding(self, source: u32, names: &[String], rules: &Rules) -> Option<Finding> {
        if self.schema != SCHEMA {
            return None;
        }
        let owned = |text: Option<Cow<'_, str>>| text.map(Cow::into_owned);
        let related = self.related.into_iter().map(|other| {
            let source = names.iter().position(|name| *name == other.file)? as u32;
            let (record, line) = (other.record.unwrap_or(0), other.line.unwrap_or(0));
            let place = Place { source, record, line, byte: 0 };
            Some(Related { place, value: other.value.into_owned() })
        });
        let amount = self.amount.map(|text| cents(&text));
        let day = self.service_date.map(|text| Date::parse(text.as_bytes()).value());
        let field = self.field.map(|name| Field::from_name(&name));
        Some(Finding {
            rule: rules.find(&self.rule)?.0,
            severity: Severity::from_name(&self.severity)?,
            place: Place {
                source,
                record: self.record.unwrap_or(0),
                line: self.line.unwrap_or(0),
                byte: self.byte.unwrap_or(0),
            },
            claim_id: owned(self.claim_id),
            service_line: owned(self.service_line),
            field: known(field)?,
            value: owned(self.value),
            message: self.message.into_owned(),
            suggestion: owned(self.suggestion),
            related: related.collect::<Option<_>>()?,
            amount: known(amount)?,
            context: Context {
                payer: owned(self.payer),
                rendering: owned(self.rendering_npi),
                day: known(day)?,
            },
            snippet: None,
        })
    }
}

/// Nothing where something was written that is not known.
fn known<T>(value: Option<Option<T>>) -> Option<Option<T>> {
    match value {
        None => Some(None),
        Some(value) => value.map(Some),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::report::json::Ndjson;
    use crate::report::{Out, Sink as _, Summary, canned};

    fn written(summary: &Summary, findings: &[Finding]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut sink = Ndjson::new(Out::new("the test", &mut bytes)).with_context();
        findings.iter().try_for_each(|finding| sink.finding(finding, summary)).unwrap();
        sink.finish(summary).unwrap();
        drop(sink);
        bytes
    }

    fn again(summary: &Summary, text: &[u8]) -> Result<(Vec<Finding>, Vec<Controls>)> {
        let names = summary.sources.iter().map(|source| source.name.clone()).collect();
        let rules = Rules::new(canned::summary().rules.iter().map(|rule| rule.info));
        let mut findings = Findings::new(text, names, &rules);
        let mut all = Vec::new();
        while let Some(finding) = findings.take()? {
            all.push(finding);
        }
        Ok((all, findings.controls()))
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_again_byte_for_byte(
            mut findings in prop::collection::vec(canned::any_finding(), 0..6),
            payers in prop::collection::vec(prop::option::of("\\PC{0,9}"), 6),
            days in prop::collection::vec(prop::option::of(0..40_000_i32), 6),
        ) {
            let summary = canned::summary();
            for ((finding, payer), day) in findings.iter_mut().zip(payers).zip(days) {
                finding.place.source %= summary.sources.len() as u32;
                finding.rule = summary.rules[usize::from(finding.rule.0) % 6].id;
                finding.related.iter_mut().for_each(|related| related.place.source = 0);
                finding.context.rendering = payer.clone().map(|name| name + "1");
                finding.context.payer = payer;
                finding.context.day = day.and_then(Date::from_days);
            }
            let text = written(&summary, &findings);
            let (all, _) = again(&summary, &text).unwrap();
            prop_assert_eq!(written(&summary, &all), text);
        }
    }

    #[test]
    fn control_numbers_come_back_with_the_findings() {
        let mut summary = canned::summary();
        let mut controls = Controls::default();
        controls.push(1, b"000000007", b"0001");
        controls.push(4, b"000000007", b"");
        summary.sources[0].controls = std::sync::Arc::new(controls);
        let mut findings = vec![canned::category_two(); 2];
        (findings[0].place.record, findings[1].place.record) = (2, 9);
        let text = written(&summary, &findings);
        let (_, controls) = again(&summary, &text).unwrap();
        assert!(controls[1].is_empty());
        assert_eq!(controls[0].at(2), (Some("000000007"), Some("0001")));
        assert_eq!(controls[0].at(9), (Some("000000007"), None));
    }

    #[test]
    fn damage_is_told_with_its_line() {
        let summary = canned::summary();
        let text = written(&summary, &[canned::category_two(), canned::category_two()]);
        let length = text.len();
        for cut in [length - 1, length - 40, length / 2 + 1] {
            let error = again(&summary, &text[..cut]).unwrap_err();
            assert!(error.message().starts_with("line 2: "), "{error}");
        }
        let other = String::from_utf8(text).unwrap().replacen("CII001", "ORG001", 1);
        let error = again(&summary, other.as_bytes()).unwrap_err();
        assert!(error.message().starts_with("line 1: "), "{error}");
    }
}
