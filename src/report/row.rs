//! A finding as machines read it: the columns of NDJSON, JSON and CSV, in their order.

use std::sync::Arc;

use crate::model::Controls;
use crate::model::batch::Place;
use crate::model::finding::{Context, FindingView, RelatedView};
use crate::report::render::{ByRule, Names};
use crate::report::{Summary, append, fingerprint};

/// The version of the columns.
pub const SCHEMA: &str = "claimlint.finding/1";

/// The columns, in their order.
pub const COLUMNS: [&str; 17] = [
    "schema",
    "rule",
    "name",
    "severity",
    "file",
    "record",
    "line",
    "byte",
    "claim_id",
    "service_line",
    "field",
    "value",
    "message",
    "suggestion",
    "related",
    "amount",
    "fingerprint",
];

/// The columns that follow in a run directory: whose line it is and when.
pub const CONTEXT_COLUMNS: [&str; 3] = ["payer", "rendering_npi", "service_date"];

/// The columns that follow where any input is X12.
pub const CONTROL_COLUMNS: [&str; 2] = ["interchange", "transaction_set"];

/// Writes findings as JSON objects. What a finding about a whole input does not have is null.
pub struct Objects {
    /// The columns before the name of the input, and the code of the rule.
    heads: ByRule<(Vec<u8>, &'static str)>,
    names: Names,
    controls: InControls,
    has_context: bool,
}

impl Objects {
    /// A writer of the findings of a run.
    pub fn new(summary: &Summary) -> Self {
        let heads = ByRule::new(summary, |rule, severity| {
            let info = rule.map(|rule| rule.info);
            let code = info.map_or("", |info| info.code);
            let mut head = Vec::new();
            let columns = [
                ("{\"schema\":", SCHEMA),
                (",\"rule\":", code),
                (",\"name\":", info.map_or("", |info| info.name)),
                (",\"severity\":", severity.name()),
            ];
            for (key, text) in columns {
                head.extend_from_slice(key.as_bytes());
                append::json(text, &mut head);
            }
            head.extend_from_slice(b",\"file\":");
            (head, code)
        });
        let controls = InControls::new(summary);
        Self { heads, names: Names::new(summary, append::json), controls, has_context: false }
    }

    /// The same with the columns of [`CONTEXT_COLUMNS`].
    pub fn with_context(self) -> Self {
        Self { has_context: true, ..self }
    }

    /// Appends the object of a finding.
    pub fn write(&self, finding: &FindingView<'_>, into: &mut Vec<u8>) {
        let (head, code) = self.heads.get(finding.rule, finding.severity);
        let place = finding.place;
        into.extend_from_slice(head);
        into.extend_from_slice(self.names.get(place.source));
        into.extend_from_slice(b",\"record\":");
        number(counting(place.record), into);
        into.extend_from_slice(b",\"line\":");
        number(counting(place.line), into);
        into.extend_from_slice(b",\"byte\":");
        number(counting(place.record).map(|_| place.byte), into);
        into.extend_from_slice(b",\"claim_id\":");
        text(finding.claim_id, into);
        into.extend_from_slice(b",\"service_line\":");
        text(finding.service_line, into);
        into.extend_from_slice(b",\"field\":");
        text(finding.field.map(|field| field.name()), into);
        into.extend_from_slice(b",\"value\":");
        text(finding.value, into);
        into.extend_from_slice(b",\"message\":");
        append::json(finding.message, into);
        into.extend_from_slice(b",\"suggestion\":");
        text(finding.suggestion, into);
        into.extend_from_slice(b",\"related\":");
        self.related_lines(finding, into);
        into.extend_from_slice(b",\"amount\":");
        match finding.amount {
            Some(amount) => {
                into.push(b'"');
                append::money(amount, into);
                into.push(b'"');
            }
            None => into.extend_from_slice(NULL),
        }
        into.extend_from_slice(b",\"fingerprint\":\"");
        fingerprint::append(code, finding, into);
        into.push(b'"');
        if self.has_context {
            self.context(finding, into);
        }
        if let Some((interchange, set)) = self.controls.of(place) {
            into.extend_from_slice(b",\"interchange\":");
            text(interchange, into);
            into.extend_from_slice(b",\"transaction_set\":");
            text(set, into);
        }
        into.push(b'}');
    }

    /// Whose line it is and when.
    fn context(&self, finding: &FindingView<'_>, into: &mut Vec<u8>) {
        let Context { payer, rendering, day } = finding.context;
        into.extend_from_slice(b",\"payer\":");
        text(payer, into);
        into.extend_from_slice(b",\"rendering_npi\":");
        text(rendering, into);
        into.extend_from_slice(b",\"service_date\":");
        text(day.map(|day| day.to_string()).as_deref(), into);
    }

    /// The lines that a finding speaks of, as an array.
    pub fn related_lines(&self, finding: &FindingView<'_>, into: &mut Vec<u8>) {
        into.push(b'[');
        for (at, related) in finding.related.iter().enumerate() {
            into.extend_from_slice(if at > 0 { b"," } else { b"" });
            self.related(related, into);
        }
        into.push(b']');
    }

    /// A line that a finding speaks of.
    fn related(&self, related: &RelatedView<'_>, into: &mut Vec<u8>) {
        into.extend_from_slice(b"{\"file\":");
        into.extend_from_slice(self.names.get(related.place.source));
        into.extend_from_slice(b",\"record\":");
        number(counting(related.place.record), into);
        into.extend_from_slice(b",\"line\":");
        number(counting(related.place.line), into);
        into.extend_from_slice(b",\"value\":");
        append::json(related.value, into);
        into.push(b'}');
    }
}

/// Where findings lie in inputs of X12, by control numbers.
pub struct InControls(Vec<Arc<Controls>>);

impl InControls {
    /// For the inputs of a run.
    pub fn new(summary: &Summary) -> Self {
        Self(summary.sources.iter().map(|source| Arc::clone(&source.controls)).collect())
    }

    /// Whether no input is X12.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|controls| controls.is_empty())
    }

    /// The control numbers of the interchange and the transaction set of a place, as far as it has
    /// any; nothing in an input that is not X12.
    pub fn of(&self, place: Place) -> Option<(Option<&str>, Option<&str>)> {
        let controls = self.0.get(place.source as usize)?;
        (!controls.is_empty()).then(|| controls.at(place.record))
    }
}

const NULL: &[u8] = b"null";

#[inline]
fn number(number: Option<u64>, into: &mut Vec<u8>) {
    match number {
        Some(number) => append::number(number, into),
        None => into.extend_from_slice(NULL),
    }
}

#[inline]
fn text(text: Option<&str>, into: &mut Vec<u8>) {
    match text {
        Some(text) => append::json(text, into),
        None => into.extend_from_slice(NULL),
    }
}

/// A number that counts from 1, where 0 says that there is none.
pub fn counting(number: u64) -> Option<u64> {
    (number > 0).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Finding;
    use crate::report::canned;
    use crate::report::twin::Row;

    fn written(finding: &Finding, summary: &Summary) -> String {
        let mut bytes = Vec::new();
        Objects::new(summary).write(&finding.view(), &mut bytes);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn the_columns_stand_in_their_order() {
        let summary = canned::summary();
        for finding in canned::findings() {
            let text = written(&finding, &summary);
            let mut rest = text.as_str();
            for column in COLUMNS {
                let key = format!("\"{column}\":");
                let at = rest.find(&key).unwrap_or_else(|| panic!("{column} is out of order"));
                rest = rest.get(at + key.len()..).unwrap();
            }
            let value: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(value.as_object().unwrap().len(), COLUMNS.len());
        }
    }

    #[test]
    fn whatever_is_found_is_written_as_serde_writes_it() {
        let summary = canned::summary();
        for finding in canned::findings() {
            let slow = serde_json::to_string(&Row::of(&finding, &summary)).unwrap();
            assert_eq!(written(&finding, &summary), slow);
        }
    }

    proptest::proptest! {
        #[test]
        fn hostile_texts_are_written_as_serde_writes_them(finding in canned::any_finding()) {
            let summary = canned::summary();
            let slow = serde_json::to_string(&Row::of(&finding, &summary)).unwrap();
            proptest::prop_assert_eq!(written(&finding, &summary), slow);
        }
    }
}
