//! SARIF 2.1.0, for code scanning and the viewers of editors.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/> says what each property means.

use serde_json::{Map, Value, json};

use crate::error::{Error, Result};
use crate::model::batch::Place;
use crate::model::{Controls, Finding, RuleId, Severity};
use crate::report::escape::{digits, visible};
use crate::report::fingerprint;
use crate::report::row::counting;
use crate::report::summary::{Outcome, RuleSummary};
use crate::report::{Out, Sink, Summary};

/// GitHub takes 25,000 results of a run and refuses what has more; viewers hold all in memory.
const RESULTS_MAX: u64 = 25_000;

/// The most characters of a rule's full description; GitHub cuts what is longer.
const DESCRIPTION_CHARACTERS_MAX: usize = 1000;

/// Writes the rules of the run, the first findings in order, and how many there are.
pub struct Sarif<'a> {
    out: Out<'a>,
    most: u64,
    shown: u64,
}

impl<'a> Sarif<'a> {
    /// A sink into `out`.
    pub fn new(out: Out<'a>) -> Self {
        Self { out, most: RESULTS_MAX, shown: 0 }
    }
}

impl Sink for Sarif<'_> {
    fn begin(&mut self, summary: &Summary) -> Result<()> {
        let rules: Vec<Value> = summary.rules.iter().map(rule).collect();
        let driver = json!({
            "name": "claimlint",
            "version": env!("CARGO_PKG_VERSION"),
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "rules": rules,
        });
        self.out.text("{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",")?;
        self.out.text("\"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"driver\":")?;
        self.value(&driver)?;
        self.out.text("},\"results\":[")
    }

    fn samples(&self) -> u64 {
        self.most
    }

    fn finding(&mut self, finding: &Finding, summary: &Summary) -> Result<()> {
        if self.shown >= self.most || summary.is_alarmed(finding.rule, finding.place.source) {
            return Ok(());
        }
        self.out.text(if self.shown == 0 { "\n" } else { ",\n" })?;
        self.shown += 1;
        let result = result(finding, summary);
        self.value(&result)
    }

    fn finish(&mut self, summary: &Summary) -> Result<()> {
        let found = summary.found();
        let mut invocation = Map::new();
        invocation.insert("executionSuccessful".to_owned(), true.into());
        if self.shown < found {
            let notification = json!({
                "level": "warning",
                "descriptor": { "id": "results-capped" },
                "message": { "text": capped(self.shown, found) },
            });
            invocation.insert("toolExecutionNotifications".to_owned(), vec![notification].into());
        }
        let properties = json!({
            "resultsShown": self.shown,
            "resultsFound": found,
            "linesChecked": summary.lines.services(),
            "claims": summary.claims,
            "cleanClaims": summary.clean_claims,
        });
        self.out.text("\n],\"invocations\":[")?;
        self.value(&Value::Object(invocation))?;
        self.out.text("],\"properties\":")?;
        self.value(&properties)?;
        self.out.text("}]}\n")?;
        self.out.flush()
    }
}

impl Sarif<'_> {
    fn value(&mut self, value: &Value) -> Result<()> {
        let bytes = serde_json::to_vec(value);
        self.out.bytes(&bytes.map_err(|error| Error::incomplete(format!("JSON: {error}")))?)
    }
}

fn capped(shown: u64, found: u64) -> String {
    let (shown, found) = (digits(shown), digits(found));
    format!(
        "shown {shown} of {found} findings: no more than {} are listed, and none that a mapping \
         alarm stands for; all are in a report file: --report ndjson=PATH",
        digits(RESULTS_MAX)
    )
}

/// A rule, with what it did in the run.
fn rule(rule: &RuleSummary) -> Value {
    let info = rule.info;
    let reason = match &rule.outcome {
        Outcome::Passed | Outcome::Failed => None,
        Outcome::Excused(reason) | Outcome::NotApplicable(reason) | Outcome::NotChecked(reason) => {
            Some(reason)
        }
    };
    let mut properties = json!({
        "category": info.category.name(),
        "tags": [info.category.name()],
        "outcome": rule.outcome.name(),
        "found": rule.found,
        "judged": rule.judged,
    });
    insert(&mut properties, "reason", reason.map(String::as_str));
    let mut rule = json!({
        "id": info.code,
        "name": info.name,
        "shortDescription": { "text": text(info.title) },
        "fullDescription": { "text": text(&description(rule)) },
        "help": { "text": text(info.fix), "markdown": markdown(rule) },
        "defaultConfiguration": { "level": level(info.severity) },
        "properties": properties,
    });
    let url = info.own.map(|own| own.url).filter(|url| !url.is_empty());
    insert(&mut rule, "helpUri", url);
    rule
}

/// The first section of the rule's documentation, as plain text on one line; else its title.
fn description(rule: &RuleSummary) -> String {
    let is_heading = |line: &&str| line.trim_start().starts_with('#');
    let lines = rule.info.doc.lines().skip_while(is_heading);
    let section = lines.take_while(|line| !is_heading(line));
    let words: Vec<&str> = section.flat_map(str::split_whitespace).collect();
    let said = words.join(" ").replace('`', "");
    match said.is_empty() {
        true => rule.info.title.to_owned(),
        false => said.chars().take(DESCRIPTION_CHARACTERS_MAX).collect(),
    }
}

fn markdown(rule: &RuleSummary) -> String {
    match rule.info.doc.trim().is_empty() {
        true => rule.info.fix.to_owned(),
        false => {
            let lines = rule.info.doc.trim().lines();
            let lines = lines.map(|line| line.strip_prefix(' ').unwrap_or(line));
            braces(&lines.collect::<Vec<_>>().join("\n"))
        }
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

fn result(finding: &Finding, summary: &Summary) -> Value {
    let place = finding.place;
    let code = summary.rule(finding.rule).map_or("", |rule| rule.info.code);
    let mut print = Vec::new();
    fingerprint::append(code, &finding.view(), &mut print);
    let related = finding.related.iter().zip(1_u64..).map(|(other, id)| {
        let mut location = location(other.place, summary);
        if let Some(location) = location.as_object_mut() {
            location.insert("id".to_owned(), id.into());
            location.insert("message".to_owned(), json!({ "text": text(&other.value) }));
        }
        location
    });
    let related: Vec<Value> = related.collect();
    let mut here = location(place, summary);
    let owners = owners(finding);
    if let Some(here) = here.as_object_mut().filter(|_| !owners.is_empty()) {
        here.insert("logicalLocations".to_owned(), owners.into());
    }
    let mut result = json!({
        "ruleId": code,
        "level": level(finding.severity),
        "message": { "text": text(&finding.message) },
        "locations": [here],
        "partialFingerprints": { "claimlint/v1": String::from_utf8_lossy(&print) },
        "properties": properties(finding, summary),
    });
    if let Some(result) = result.as_object_mut() {
        if let Some(index) = index(finding.rule, summary) {
            result.insert("ruleIndex".to_owned(), index.into());
        }
        if !related.is_empty() {
            result.insert("relatedLocations".to_owned(), related.into());
        }
    }
    result
}

/// The place of a rule in the list of rules.
fn index(rule: RuleId, summary: &Summary) -> Option<usize> {
    summary.rules.iter().position(|known| known.id == rule)
}

/// What SARIF has no word for.
fn properties(finding: &Finding, summary: &Summary) -> Value {
    let mut properties = json!({});
    if let (Some(record), Some(map)) = (counting(finding.place.record), properties.as_object_mut())
    {
        map.insert("record".to_owned(), record.into());
    }
    insert(&mut properties, "field", finding.field.map(|field| field.name()));
    insert(&mut properties, "value", finding.value.as_deref());
    insert(&mut properties, "suggestion", finding.suggestion.as_deref());
    let amount = finding.amount.map(|amount| amount.to_string());
    insert(&mut properties, "amount", amount.as_deref());
    if let Some(controls) = controls(finding.place, summary) {
        let (interchange, set) = controls.at(finding.place.record);
        insert(&mut properties, "interchange", interchange);
        insert(&mut properties, "transactionSet", set);
    }
    properties
}

fn insert(into: &mut Value, key: &str, text: Option<&str>) {
    if let (Some(text), Some(map)) = (text, into.as_object_mut()) {
        map.insert(key.to_owned(), text.into());
    }
}

/// The input, and the line and the byte in it as far as it has any.
fn location(place: Place, summary: &Summary) -> Value {
    let name = summary.source_name(place.source);
    let mut physical = json!({ "artifactLocation": { "uri": uri(name) } });
    // Neither X12 nor Parquet has lines, and their inputs no delimiter between cells.
    let has_lines =
        summary.sources.get(place.source as usize).is_some_and(|s| !s.delimiter.is_empty());
    let is_x12 = controls(place, summary).is_some();
    let mut region = Map::new();
    if has_lines && place.line > 0 {
        region.insert("startLine".to_owned(), place.line.into());
    }
    if (has_lines || is_x12) && place.record > 0 {
        region.insert("byteOffset".to_owned(), place.byte.into());
    }
    if let Some(physical) = physical.as_object_mut().filter(|_| !region.is_empty()) {
        physical.insert("region".to_owned(), region.into());
    }
    json!({ "physicalLocation": physical })
}

/// Where which control numbers hold in the input of a place, if it is X12.
fn controls(place: Place, summary: &Summary) -> Option<&Controls> {
    let source = summary.sources.get(place.source as usize)?;
    Some(&*source.controls).filter(|controls| !controls.is_empty())
}

/// The claim and the service line that a finding is about.
fn owners(finding: &Finding) -> Vec<Value> {
    let known = |text: &'_ Option<String>| text.clone().filter(|text| !text.is_empty());
    let claim = known(&finding.claim_id);
    let line = known(&finding.service_line);
    let whole = match (&claim, &line) {
        (Some(claim), Some(line)) => Some(format!("{claim}/{line}")),
        _ => None,
    };
    let of_claim = claim.map(|claim| json!({ "name": claim, "kind": "claim" }));
    let of_line = line.map(|line| {
        let mut location = json!({ "name": line, "kind": "serviceLine" });
        insert(&mut location, "fullyQualifiedName", whole.as_deref());
        location
    });
    of_claim.into_iter().chain(of_line).collect()
}

/// The name of an input as a reference: relative to where claimlint ran, unless it is absolute.
fn uri(name: &str) -> String {
    let mut uri = String::new();
    if name.starts_with('/') {
        uri.push_str("file://");
    }
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

/// A text as the text of a message: nothing hidden, no placeholder, no link.
fn text(text: &str) -> String {
    // `[words](target)` is a link in every message, and `{0}` stands for an argument.
    braces(&visible(text).replace("](", "] ("))
}

fn braces(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Format, Style, canned};
    use std::sync::Arc;

    fn document(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn each_result_points_at_its_rule_and_its_place() {
        let document = document(&canned::rendered(Format::Sarif));
        let run = &document["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        let results = run["results"].as_array().unwrap();
        assert!(!results.is_empty());
        for result in results {
            let index = result["ruleIndex"].as_u64().unwrap() as usize;
            assert_eq!(rules[index]["id"], result["ruleId"]);
            let uri = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
            let uri = uri.as_str().unwrap();
            assert!(uri.bytes().all(|byte| byte.is_ascii_graphic()), "{uri}");
            let text = result["message"]["text"].as_str().unwrap();
            assert!(!text.contains("]("), "a link: {text}");
        }
    }

    #[test]
    fn what_is_not_listed_is_said() {
        let summary = canned::summary();
        let mut bytes = Vec::new();
        let mut sink = Sarif { most: 2, ..Sarif::new(Out::new("the test", &mut bytes)) };
        sink.begin(&summary).unwrap();
        for finding in canned::findings() {
            sink.finding(&finding, &summary).unwrap();
        }
        sink.finish(&summary).unwrap();
        drop(sink);
        let document = document(&String::from_utf8(bytes).unwrap());
        let run = &document["runs"][0];
        assert_eq!(run["results"].as_array().unwrap().len(), 2);
        assert_eq!(run["properties"]["resultsShown"], 2);
        assert_eq!(run["properties"]["resultsFound"], summary.found());
        let told = &run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"];
        assert!(told.as_str().unwrap().starts_with("shown 2 of 9,012,414 findings"), "{told}");

        let passed = canned::render(Format::Sarif, &canned::passed(), &[]);
        let document = self::document(&passed);
        let invocation = &document["runs"][0]["invocations"][0];
        assert_eq!(invocation["toolExecutionNotifications"], Value::Null);
    }

    #[test]
    fn places_in_x12_have_control_numbers_and_no_line() {
        let mut summary = canned::summary();
        let mut controls = Controls::default();
        controls.push(1, b"000000007", b"0001");
        summary.sources[0].controls = Arc::new(controls);
        summary.sources[0].delimiter.clear();
        let text = canned::render(Format::Sarif, &summary, &[canned::category_two()]);
        let document = document(&text);
        let result = &document["runs"][0]["results"][0];
        assert_eq!(result["properties"]["interchange"], "000000007");
        assert_eq!(result["properties"]["transactionSet"], "0001");
        let region = &result["locations"][0]["physicalLocation"]["region"];
        assert_eq!(*region, json!({ "byteOffset": 8_837_121 }));
    }

    #[test]
    fn names_of_inputs_are_references() {
        for (name, want) in [
            ("october.csv", "october.csv"),
            ("a b/c%,é.csv", "a%20b/c%25%2C%C3%A9.csv"),
            ("c:x", "c%3Ax"),
            ("/data/x.csv", "file:///data/x.csv"),
            ("javascript:alert(1)", "javascript%3Aalert%281%29"),
        ] {
            assert_eq!(uri(name), want);
        }
    }

    #[test]
    fn snapshot() {
        let style = Style { samples: 0, ..canned::STYLE };
        let text =
            canned::render_with(Format::Sarif, style, &canned::summary(), &canned::findings());
        insta::assert_snapshot!(canned::printable(&text));
    }
}
