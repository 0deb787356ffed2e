//! The report for a terminal: samples of each rule with their lines, then the table and totals.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::model::batch::Place;
use crate::model::{Field, Finding, RuleId, RuleInfo, Snippet};
use crate::report::escape::{counted, cut, digits, visible};
use crate::report::style::{Ink, Style};
use crate::report::{Out, Sink, Summary, table};

/// What the columns of a snippet are called, in the order of [`Snippet::FIELDS`].
const NAMES: [&str; Snippet::FIELDS.len()] =
    ["claim_id", "line", "service_date", "procedure_code", "modifiers", "units", "charge"];

/// How many characters of a cell are shown.
const CELL_COLUMNS: usize = 24;

/// Writes the first findings of each rule in full, in the order of the input, and the totals.
pub struct Full<'a> {
    out: Out<'a>,
    style: Style,
    shown: BTreeMap<RuleId, u64>,
}

impl<'a> Full<'a> {
    /// A sink into `out`.
    pub fn new(out: Out<'a>, style: Style) -> Self {
        Self { out, style, shown: BTreeMap::new() }
    }
}

impl Sink for Full<'_> {
    fn samples(&self) -> u64 {
        self.style.samples
    }

    fn finding(&mut self, finding: &Finding, summary: &Summary) -> Result<()> {
        if summary.is_alarmed(finding.rule, finding.place.source) {
            return Ok(());
        }
        let shown = self.shown.entry(finding.rule).or_default();
        if *shown >= self.style.samples {
            return Ok(());
        }
        *shown += 1;
        let mut text = sample(finding, summary, self.style);
        let found = summary.rule(finding.rule).map_or(0, |rule| rule.found);
        if *shown == self.style.samples && *shown < found {
            text.push_str(&format!("      {}\n", self.style.paint(Ink::Dim, &more(*shown, found))));
        }
        text.push('\n');
        self.out.text(&text)
    }

    fn finish(&mut self, summary: &Summary) -> Result<()> {
        for line in held_back(&self.shown, self.style, summary) {
            self.out.text(&format!("{}\n\n", self.style.paint(Ink::Dim, &line)))?;
        }
        self.out.text(&table::closing(summary, self.style))?;
        self.out.flush()
    }
}

/// Says that there is more than is shown, and where it is.
fn more(shown: u64, found: u64) -> String {
    let (shown, found) = (digits(shown), digits(found));
    format!("… {shown} of {found} shown; all are in a report file: --report ndjson=PATH")
}

/// One line for each rule whose samples a mapping alarm kept below the limit.
fn held_back(shown: &BTreeMap<RuleId, u64>, style: Style, summary: &Summary) -> Vec<String> {
    let alarmed = summary.rules.iter().filter(|rule| !rule.alarmed.is_empty());
    let lines = alarmed.filter_map(|rule| {
        let shown = shown.get(&rule.id).copied().unwrap_or(0);
        (shown < rule.found && shown < style.samples).then(|| {
            let (code, shown, found) = (rule.info.code, digits(shown), digits(rule.found));
            format!("… {code}: {shown} of {found} shown; a mapping alarm stands for the others")
        })
    });
    lines.collect()
}

/// A finding with its place, its line and what to do.
fn sample(finding: &Finding, summary: &Summary, style: Style) -> String {
    let ink = Ink::Severity(finding.severity);
    let info = summary.rule(finding.rule).map(|rule| rule.info);
    let mut text = heading(finding, info, style);
    let arrow = style.paint(Ink::Dim, "-->");
    text.push_str(&format!("   {arrow} {}\n", whereabouts(finding, summary)));

    let message = visible(&finding.message);
    let columns = columns(finding, summary);
    let (bar, equals) = (style.paint(Ink::Dim, "|"), style.paint(Ink::Dim, "="));
    if !columns.is_empty() {
        let drawn = draw(&columns);
        text.push_str(&format!("    {bar}\n    {bar} {}\n", style.paint(Ink::Dim, &drawn.names)));
        text.push_str(&format!("    {bar} {}\n", drawn.cells));
        if let Some((indent, carets)) = &drawn.fault {
            let carets = style.paint(ink, &"^".repeat(*carets));
            text.push_str(&format!("    {bar} {:indent$}{carets} {message}\n", ""));
        }
    }
    if !columns.iter().any(|column| column.at_fault) {
        text.push_str(&format!("    {equals} what: {message}\n"));
    }
    if let Some(suggestion) = &finding.suggestion {
        text.push_str(&format!("    {equals} suggestion: {}\n", visible(suggestion)));
    }
    if let Some(info) = info {
        text.push_str(&format!("    {equals} fix: {}\n", visible(info.fix)));
        text.push_str(&format!("    {equals} more: claimlint rule {}\n", info.code));
    }
    text
}

/// `error[CII001]: Category II code without a Category I code`
pub(super) fn heading(finding: &Finding, info: Option<&RuleInfo>, style: Style) -> String {
    let (code, title) = info.map_or(("?", "unknown rule"), |info| (info.code, info.title));
    let label = format!("{}[{code}]", finding.severity.name());
    let label = style.paint(Ink::Severity(finding.severity), &label);
    format!("{label}: {}\n", visible(title))
}

/// `october.csv: record 41233 (line 41240), claim CLM0099, line 3`, without what is not known.
pub(super) fn whereabouts(finding: &Finding, summary: &Summary) -> String {
    let mut text = visible(summary.source_name(finding.place.source)).into_owned();
    let mut parts = position(finding.place, summary);
    parts.extend(owner(finding));
    if !parts.is_empty() {
        text.push_str(&format!(": {}", parts.join(", ")));
    }
    text
}

/// `record 41233 (line 41240)`: where in its input; in X12 by segment and control numbers.
pub(super) fn position(place: Place, summary: &Summary) -> Vec<String> {
    let mut parts = Vec::new();
    match (place.record, place.line) {
        (0, 0) => {}
        (_, _) if let Some(controls) = controls(place, summary) => parts.extend(controls),
        (0, line) => parts.push(format!("line {line}")),
        (record, 0) => parts.push(format!("record {record}")),
        (record, line) => parts.push(format!("record {record} (line {line})")),
    }
    parts
}

/// `segment 7, interchange 000000001, transaction set 0001`: where a finding lies in an input of
/// X12; nothing in any other input.
pub(super) fn controls(place: Place, summary: &Summary) -> Option<Vec<String>> {
    let record = place.record;
    let known = &summary.sources.get(place.source as usize)?.controls;
    if known.is_empty() || record == 0 {
        return None;
    }
    let (interchange, set) = known.at(record);
    let mut parts = vec![format!("segment {record}")];
    parts.extend(interchange.map(|number| format!("interchange {number}")));
    parts.extend(set.map(|number| format!("transaction set {number}")));
    Some(parts)
}

/// `claim CLM0099, line 3`: whose service line the finding is about.
pub(super) fn owner(finding: &Finding) -> Vec<String> {
    let known = |text: &Option<String>| text.as_deref().filter(|text| !text.is_empty()).map(id);
    let claim = known(&finding.claim_id).map(|claim| format!("claim {claim}"));
    let line = known(&finding.service_line).map(|line| format!("line {line}"));
    claim.into_iter().chain(line).collect()
}

/// An id in full, unless no id is that long.
fn id(text: &str) -> String {
    cut(text, 80)
}

/// One column of a snippet.
struct Column {
    name: &'static str,
    cell: String,
    at_fault: bool,
}

/// The columns that a snippet shows: those that the input has, and the one at fault.
fn columns(finding: &Finding, summary: &Summary) -> Vec<Column> {
    let Some(Snippet(cells)) = &finding.snippet else { return Vec::new() };
    let mapping = summary.sources.get(finding.place.source as usize);
    let mapping = mapping.map(|source| source.mapping.as_slice()).unwrap_or_default();
    let mut columns = Vec::new();
    for ((field, name), cell) in Snippet::FIELDS.into_iter().zip(NAMES).zip(cells) {
        let at_fault = finding.field.is_some_and(|fault| column_of(fault) == field);
        let mapped = mapping.iter().any(|(known, _)| column_of(*known) == field);
        if mapped || at_fault || !cell.is_empty() {
            columns.push(Column { name, cell: cut(cell, CELL_COLUMNS), at_fault });
        }
    }
    columns
}

/// The field whose column shows `field`: all modifiers share the column of the first.
fn column_of(field: Field) -> Field {
    if Field::MODIFIERS.contains(&field) { Field::Modifier1 } else { field }
}

/// A snippet as text.
struct Drawn {
    names: String,
    cells: String,
    /// Where the cell at fault begins, and how wide it is.
    fault: Option<(usize, usize)>,
}

fn draw(columns: &[Column]) -> Drawn {
    let mut drawn = Drawn { names: String::new(), cells: String::new(), fault: None };
    for Column { name, cell, at_fault } in columns {
        let wide = cell.chars().count();
        let width = name.len().max(wide) + 2;
        if *at_fault {
            // What is missing is pointed at, too.
            drawn.fault = Some((drawn.names.chars().count(), wide.max(1)));
        }
        drawn.names.push_str(&format!("{name:<width$}"));
        drawn.cells.push_str(&format!("{cell:<width$}"));
    }
    drawn.names.truncate(drawn.names.trim_end().len());
    drawn.cells.truncate(drawn.cells.trim_end_matches(' ').len());
    drawn
}

/// `12,408 findings, 3 shown`: for reports that gather samples under their rule.
pub(super) fn extent(shown: u64, found: u64) -> String {
    let found_text = counted(found, "finding");
    if shown < found { format!("{found_text}, {} shown", digits(shown)) } else { found_text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Format, canned};

    #[test]
    fn the_underline_stands_under_the_cell_at_fault() {
        let text = sample(&canned::category_two(), &canned::summary(), canned::STYLE);
        let lines: Vec<&str> = text.lines().collect();
        let caret = lines.iter().position(|line| line.contains('^')).unwrap();
        let at = lines[caret].find('^').unwrap();
        assert_eq!(lines[caret - 1].find("3044F"), Some(at));
        assert_eq!(lines[caret - 2].find("procedure_code"), Some(at));
        assert!(lines[caret].contains("^^^^^ the claim's other codes"), "{text}");
    }

    #[test]
    fn a_finding_without_a_shown_column_says_what_is_wrong() {
        let summary = canned::summary();
        let mut finding = canned::category_two();
        finding.field = Some(Field::PlaceOfService);
        let text = sample(&finding, &summary, canned::STYLE);
        assert!(text.contains("    = what: the claim's other codes"), "{text}");
        assert!(!text.contains('^'), "{text}");
        finding.snippet = None;
        let text = sample(&finding, &summary, canned::STYLE);
        assert!(text.contains("    = what: ") && !text.contains('|'), "{text}");
    }

    #[test]
    fn a_second_modifier_is_underlined_in_the_column_of_all() {
        let mut finding = canned::category_two();
        finding.field = Some(Field::Modifier2);
        finding.snippet.as_mut().unwrap().0[4] = "25 XX".to_owned();
        assert!(sample(&finding, &canned::summary(), canned::STYLE).contains("^^^^^ the claim's"));
    }

    #[test]
    fn a_missing_cell_is_pointed_at() {
        let mut finding = canned::category_two();
        finding.snippet.as_mut().unwrap().0[3].clear();
        assert!(sample(&finding, &canned::summary(), canned::STYLE).contains(" ^ the claim's"));
    }

    #[test]
    fn a_long_cell_is_cut() {
        let mut finding = canned::category_two();
        finding.snippet.as_mut().unwrap().0[0] = "x".repeat(1 << 20);
        let text = sample(&finding, &canned::summary(), canned::STYLE);
        assert!(text.contains(&format!("{}…", "x".repeat(23))));
        assert!(text.len() < 2000);
    }

    #[test]
    fn samples_are_the_first_and_the_rest_is_counted() {
        let text = canned::rendered(Format::Full);
        assert_eq!(text.matches("error[CII001]: ").count() as u64, canned::STYLE.samples);
        assert_eq!(text.matches("2 of 12,408 shown; all are in a report file").count(), 1);
        assert!(!text.contains("[COD003]"), "an alarm stands for these: {text}");
        assert!(text.contains("COD003: 0 of 9,000,000 shown"));
    }

    #[test]
    fn colours_change_nothing_else() {
        let (summary, findings) = (canned::summary(), canned::findings());
        let style = Style { color: true, ..canned::STYLE };
        let colored = canned::render_with(Format::Full, style, &summary, &findings);
        assert_ne!(colored, canned::rendered(Format::Full));
        assert_eq!(canned::without_colors(&colored), canned::rendered(Format::Full));
    }

    #[test]
    fn snapshot() {
        insta::assert_snapshot!(canned::rendered(Format::Full));
    }
}
