//! Findings as JSON: one object a line, or one document with the summary.

use serde::{Serialize, Serializer};

use crate::error::{Error, Result};
use crate::model::finding::FindingView;
use crate::report::again::rules::OwnRule;
use crate::report::render::{Piece, Render};
use crate::report::row::Objects;
use crate::report::summary::{
    EditionUsed, LineCounts, Outcome, RuleSummary, SourceSummary, SplitSummary,
};
use crate::report::{Out, Sink, Summary};

/// Writes each finding as one JSON object on a line of its own.
pub struct Ndjson<'a> {
    out: Out<'a>,
    has_context: bool,
}

impl<'a> Ndjson<'a> {
    /// A sink into `out`.
    pub fn new(out: Out<'a>) -> Self {
        Self { out, has_context: false }
    }

    /// The same with whose line each finding is about and when.
    pub fn with_context(self) -> Self {
        Self { has_context: true, ..self }
    }
}

impl Sink for Ndjson<'_> {
    fn renderer<'s>(&self, summary: &'s Summary) -> Option<Box<dyn Render + 's>> {
        let objects = Objects::new(summary);
        let objects = if self.has_context { objects.with_context() } else { objects };
        Some(Box::new(Divided { objects, before: b"", after: b"\n" }))
    }

    fn rendered(&mut self, piece: &Piece) -> Result<()> {
        self.out.bytes(&piece.bytes)
    }

    fn finish(&mut self, _: &Summary) -> Result<()> {
        self.out.flush()
    }
}

/// Writes one JSON document: the summary, then the findings as they come.
pub struct Json<'a> {
    out: Out<'a>,
    is_first: bool,
}

impl<'a> Json<'a> {
    /// A sink into `out`.
    pub fn new(out: Out<'a>) -> Self {
        Self { out, is_first: true }
    }
}

impl Sink for Json<'_> {
    fn begin(&mut self, summary: &Summary) -> Result<()> {
        self.out.text("{\"schema\":\"claimlint.report/1\",\"summary\":")?;
        self.out.bytes(&encoded(&SummaryDocument::of(summary))?)?;
        self.out.text(",\"findings\":[")
    }

    fn renderer<'s>(&self, summary: &'s Summary) -> Option<Box<dyn Render + 's>> {
        Some(Box::new(Divided { objects: Objects::new(summary), before: b",\n", after: b"" }))
    }

    fn rendered(&mut self, piece: &Piece) -> Result<()> {
        // No comma comes before the first finding.
        let bytes = match piece.bytes.split_first() {
            Some((_, rest)) if self.is_first => rest,
            _ => &piece.bytes,
        };
        self.is_first &= bytes.is_empty();
        self.out.bytes(bytes)
    }

    fn finish(&mut self, _: &Summary) -> Result<()> {
        self.out.text("\n]}\n")?;
        self.out.flush()
    }
}

/// The version of a summary that stands alone.
pub const SUMMARY_SCHEMA: &str = "claimlint.summary/1";

/// Writes the summary alone, as one JSON document.
pub struct Totals<'a> {
    out: Out<'a>,
}

impl<'a> Totals<'a> {
    /// A sink into `out`.
    pub fn new(out: Out<'a>) -> Self {
        Self { out }
    }
}

impl Sink for Totals<'_> {
    fn samples(&self) -> u64 {
        0
    }

    fn finish(&mut self, summary: &Summary) -> Result<()> {
        self.out.text(&format!("{{\"schema\":\"{SUMMARY_SCHEMA}\",\"summary\":"))?;
        self.out.bytes(&encoded(&SummaryDocument::of(summary))?)?;
        self.out.text("}\n")?;
        self.out.flush()
    }
}

/// Objects with something before or after each.
struct Divided {
    objects: Objects,
    before: &'static [u8],
    after: &'static [u8],
}

impl Render for Divided {
    fn render(&self, finding: &FindingView<'_>, into: &mut Piece) {
        into.bytes.extend_from_slice(self.before);
        self.objects.write(finding, &mut into.bytes);
        into.bytes.extend_from_slice(self.after);
    }
}

fn encoded(value: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|error| Error::incomplete(format!("JSON: {error}")))
}

/// The summary as a JSON object. Nothing of it depends on the time or on the machine.
#[derive(Serialize)]
struct SummaryDocument<'a> {
    lines: LinesDocument,
    claims: u64,
    clean_claims: u64,
    lines_without_claim: u64,
    #[serde(skip_serializing_if = "is_none")]
    unreadable: u64,
    /// Null where no input has a column for the charge.
    at_risk: Option<String>,
    charges_unread: u64,
    severities: Pairs<'static, u64>,
    #[serde(skip_serializing_if = "is_none")]
    accepted: u64,
    #[serde(skip_serializing_if = "is_none")]
    waived: u64,
    sources: Vec<SourceDocument<'a>>,
    rules: Vec<RuleDocument<'a>>,
    classes: Pairs<'static, u64>,
    unclassed: Pairs<'static, u64>,
    tidied: Pairs<'static, u64>,
    notes: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    split: Option<SplitSummary>,
    /// Null where the run was made for no day in particular.
    as_of: Option<String>,
    /// What findings show of private cells.
    phi: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    phi_key: Option<&'a str>,
    editions: Vec<EditionDocument<'a>>,
}

#[derive(Serialize)]
struct EditionDocument<'a> {
    kind: &'static str,
    name: &'a str,
    from: String,
    to: String,
    sha256: &'a [String],
}

impl<'a> EditionDocument<'a> {
    fn of(edition: &'a EditionUsed) -> Self {
        let (from, to) = edition.covers;
        Self {
            kind: edition.kind.name(),
            name: &edition.name,
            from: from.to_string(),
            to: to.to_string(),
            sha256: &edition.sha256,
        }
    }
}

impl<'a> SummaryDocument<'a> {
    fn of(summary: &'a Summary) -> Self {
        let [info, warning, error] = summary.severities;
        let [damaged, malformed, missing] = summary.unclassed;
        let tidied = &summary.tidied;
        Self {
            lines: LinesDocument::of(&summary.lines),
            claims: summary.claims,
            clean_claims: summary.clean_claims,
            lines_without_claim: summary.lines_without_claim,
            unreadable: summary.unreadable,
            at_risk: summary.has_charges.then(|| summary.at_risk.to_string()),
            charges_unread: summary.charges_unread,
            severities: Pairs(vec![("error", error), ("warning", warning), ("info", info)]),
            accepted: summary.excused.accepted,
            waived: summary.excused.waived,
            sources: summary.sources.iter().map(SourceDocument::of).collect(),
            rules: summary.rules.iter().map(|rule| RuleDocument::of(rule, summary)).collect(),
            classes: Pairs(summary.classes.iter().map(|(class, n)| (class.name(), *n)).collect()),
            unclassed: Pairs(vec![
                ("damaged", damaged),
                ("malformed", malformed),
                ("missing", missing),
            ]),
            tidied: Pairs(vec![
                ("ascii_blanks", tidied.ascii_blanks),
                ("unicode_blanks", tidied.unicode_blanks),
                ("lower_case", tidied.lower_case),
            ]),
            notes: &summary.notes,
            split: summary.split,
            as_of: summary.as_of.map(|day| day.to_string()),
            phi: if summary.phi.is_empty() { "mask" } else { summary.phi },
            phi_key: summary.phi_key.as_deref(),
            editions: summary.editions.iter().map(EditionDocument::of).collect(),
        }
    }
}

#[derive(Serialize)]
struct LinesDocument {
    physical: u64,
    header: u64,
    preamble: u64,
    checked: u64,
    rejected: u64,
    #[serde(skip_serializing_if = "is_none")]
    left_out: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_lines: Option<u64>,
    continuation: u64,
    blank: u64,
}

/// A count of nothing, which only some inputs have.
fn is_none(count: &u64) -> bool {
    *count == 0
}

impl LinesDocument {
    fn of(lines: &LineCounts) -> Self {
        let LineCounts { physical, header, preamble, checked, rejected, .. } = *lines;
        let LineCounts { left_out, continuation, blank, .. } = *lines;
        let service_lines = (lines.further > 0).then(|| lines.services());
        Self {
            physical,
            header,
            preamble,
            checked,
            rejected,
            left_out,
            service_lines,
            continuation,
            blank,
        }
    }
}

/// How an input is packed, and its bytes as they lie there.
#[derive(Serialize)]
struct PackedDocument {
    how: &'static str,
    bytes: Option<u64>,
}

#[derive(Serialize)]
struct SourceDocument<'a> {
    name: &'a str,
    bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    packed: Option<PackedDocument>,
    delimiter: &'a str,
    encoding: &'a str,
    lines: LinesDocument,
    mapping: Pairs<'a, &'a [String]>,
    /// Columns that only rules of the user's read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    others: Vec<&'a str>,
    notes: &'a [String],
}

impl<'a> SourceDocument<'a> {
    fn of(source: &'a SourceSummary) -> Self {
        let mapping = source.mapping.iter();
        Self {
            name: &source.name,
            bytes: source.bytes,
            packed: source
                .packed
                .map(|packed| PackedDocument { how: packed.how, bytes: packed.bytes }),
            delimiter: &source.delimiter,
            encoding: &source.encoding,
            lines: LinesDocument::of(&source.lines),
            mapping: Pairs(
                mapping.map(|(field, names)| (field.name(), names.as_slice())).collect(),
            ),
            others: source.others.iter().map(|(_, name)| name.as_str()).collect(),
            notes: &source.notes,
        }
    }
}

#[derive(Serialize)]
struct RuleDocument<'a> {
    code: &'static str,
    name: &'static str,
    title: &'static str,
    severity: &'static str,
    found: u64,
    #[serde(skip_serializing_if = "is_none")]
    accepted: u64,
    #[serde(skip_serializing_if = "is_none")]
    waived: u64,
    claims: u64,
    judged: u64,
    at_risk: Option<String>,
    charges_unread: u64,
    outcome: &'static str,
    reason: Option<&'a str>,
    /// The names of the inputs in which a mapping alarm stands for the rule's findings.
    alarmed: Vec<&'a str>,
    /// Findings by the name of the input, where there are several; those without any are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    by_file: Option<Pairs<'a, u64>>,
    /// Findings by severity (info, warning, error), where not all have that of the rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    by_severity: Option<[u64; 3]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    own: Option<OwnRule>,
}

impl<'a> RuleDocument<'a> {
    fn of(rule: &'a RuleSummary, summary: &'a Summary) -> Self {
        Self {
            code: rule.info.code,
            name: rule.info.name,
            title: rule.info.title,
            severity: rule.severity.name(),
            found: rule.found,
            accepted: rule.excused.accepted,
            waived: rule.excused.waived,
            claims: rule.claims,
            judged: rule.judged,
            at_risk: summary.has_charges.then(|| rule.at_risk.to_string()),
            charges_unread: rule.charges_unread,
            outcome: rule.outcome.name(),
            reason: match &rule.outcome {
                Outcome::Passed | Outcome::Failed => None,
                Outcome::Excused(reason)
                | Outcome::NotApplicable(reason)
                | Outcome::NotChecked(reason) => Some(reason),
            },
            alarmed: rule.alarmed.iter().map(|source| summary.source_name(*source)).collect(),
            by_file: (summary.sources.len() > 1).then(|| by_file(rule, summary)),
            by_severity: (!rule.is_of_one_severity()).then_some(rule.severities),
            own: OwnRule::of(rule.info),
        }
    }
}

fn by_file<'a>(rule: &RuleSummary, summary: &'a Summary) -> Pairs<'a, u64> {
    let found = rule.by_input.iter().zip(&summary.sources).filter(|(found, _)| **found > 0);
    Pairs(found.map(|(found, source)| (source.name.as_str(), *found)).collect())
}

/// A JSON object whose keys stand in the order given.
struct Pairs<'a, V>(Vec<(&'a str, V)>);

impl<V: Serialize> Serialize for Pairs<'_, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Format, canned};

    #[test]
    fn each_line_of_ndjson_is_a_finding_as_it_was() {
        let text = canned::rendered(Format::Ndjson);
        let findings = canned::findings();
        assert_eq!(text.lines().count(), findings.len());
        for (line, finding) in text.lines().zip(&findings) {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(value["schema"], "claimlint.finding/1");
            assert_eq!(value["claim_id"].as_str(), finding.claim_id.as_deref());
            assert_eq!(value["value"].as_str(), finding.value.as_deref());
            assert_eq!(value["message"], finding.message);
            assert_eq!(value["record"].as_u64().unwrap_or(0), finding.place.record);
            assert_eq!(value["related"].as_array().unwrap().len(), finding.related.len());
        }
    }

    #[test]
    fn the_document_holds_the_lines_of_ndjson() {
        let document: serde_json::Value =
            serde_json::from_str(&canned::rendered(Format::Json)).unwrap();
        assert_eq!(document["schema"], "claimlint.report/1");
        let lines = canned::rendered(Format::Ndjson);
        let lines: Vec<serde_json::Value> =
            lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(document["findings"], serde_json::Value::Array(lines));
        let lines = document["summary"]["lines"].as_object().unwrap();
        let parts = lines.iter().filter(|(name, _)| *name != "physical");
        let sum: u64 = parts.map(|(_, count)| count.as_u64().unwrap()).sum();
        assert_eq!(lines["physical"], sum);
        assert_eq!(document["summary"]["rules"][0]["at_risk"], "0.00");
    }

    #[test]
    fn a_document_without_findings_is_whole() {
        let text = canned::render(Format::Json, &Summary::default(), &[]);
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["findings"], serde_json::json!([]));
        assert_eq!(document["summary"]["at_risk"], serde_json::Value::Null);
    }

    #[test]
    fn snapshots() {
        insta::assert_snapshot!("ndjson", canned::printable(&canned::rendered(Format::Ndjson)));
        insta::assert_snapshot!("json", canned::printable(&canned::rendered(Format::Json)));
    }
}
