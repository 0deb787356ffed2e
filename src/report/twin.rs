//! The slow twins of what is written for machines: the same through `serde_json` and `csv`.

use serde::Serialize;

use crate::model::{Finding, Related};
use crate::report::Summary;
use crate::report::fingerprint::slow as fingerprint;
use crate::report::row::{SCHEMA, counting};

/// One finding. What a finding about a whole input does not have is null.
#[derive(Debug, Serialize)]
pub struct Row<'a> {
    /// The version of the columns.
    pub schema: &'static str,
    /// The code of the rule.
    pub rule: &'static str,
    /// The name of the rule.
    pub name: &'static str,
    /// How much the finding weighs.
    pub severity: &'static str,
    /// The name of the input.
    pub file: &'a str,
    /// 1-based data record.
    pub record: Option<u64>,
    /// 1-based physical line.
    pub line: Option<u64>,
    /// Offset in bytes of the record.
    pub byte: Option<u64>,
    /// The claim number as text: `1E10` and `00123` are not numbers.
    pub claim_id: Option<&'a str>,
    /// The number of the service line, as text.
    pub service_line: Option<&'a str>,
    /// The canonical name of the field at fault.
    pub field: Option<&'static str>,
    /// The cell as it stands in the input.
    pub value: Option<&'a str>,
    /// What is wrong.
    pub message: &'a str,
    /// The value that should stand there.
    pub suggestion: Option<&'a str>,
    /// The other lines that the finding speaks of.
    pub related: Vec<RelatedRow<'a>>,
    /// The amount billed, as a decimal.
    pub amount: Option<String>,
    /// The same for the same finding in another run.
    pub fingerprint: String,
}

/// A line that a finding speaks of.
#[derive(Debug, Serialize)]
pub struct RelatedRow<'a> {
    /// The name of the input.
    pub file: &'a str,
    /// 1-based data record.
    pub record: Option<u64>,
    /// 1-based physical line.
    pub line: Option<u64>,
    /// The value there that matters.
    pub value: &'a str,
}

impl<'a> Row<'a> {
    /// The row of a finding.
    pub fn of(finding: &'a Finding, summary: &'a Summary) -> Row<'a> {
        let info = summary.rule(finding.rule).map(|rule| rule.info);
        let code = info.map_or("", |info| info.code);
        let place = finding.place;
        Row {
            schema: SCHEMA,
            rule: code,
            name: info.map_or("", |info| info.name),
            severity: finding.severity.name(),
            file: summary.source_name(place.source),
            record: counting(place.record),
            line: counting(place.line),
            byte: counting(place.record).map(|_| place.byte),
            claim_id: finding.claim_id.as_deref(),
            service_line: finding.service_line.as_deref(),
            field: finding.field.map(|field| field.name()),
            value: finding.value.as_deref(),
            message: &finding.message,
            suggestion: finding.suggestion.as_deref(),
            related: finding.related.iter().map(|other| RelatedRow::of(other, summary)).collect(),
            amount: finding.amount.map(|amount| amount.to_string()),
            fingerprint: fingerprint(code, finding),
        }
    }
}

impl<'a> RelatedRow<'a> {
    fn of(related: &'a Related, summary: &'a Summary) -> RelatedRow<'a> {
        RelatedRow {
            file: summary.source_name(related.place.source),
            record: counting(related.place.record),
            line: counting(related.place.line),
            value: &related.value,
        }
    }
}
