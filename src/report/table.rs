//! The table of rules and the totals, which every report for people ends with.

use std::cmp::Reverse;

use crate::error::Result;
use crate::model::{Field, Scope, Severity};
use crate::report::escape::{counted, digits, money, size, visible};
use crate::report::style::{Ink, Style};
use crate::report::summary::{
    EditionUsed, Excused, NO_COLUMN, Outcome, RuleSummary, SourceSummary, SplitPart, SplitSummary,
    Summary,
};
use crate::report::{Out, Sink};

/// Writes the table of rules and the totals, and no finding.
pub struct SummaryOnly<'a> {
    out: Out<'a>,
    style: Style,
}

impl<'a> SummaryOnly<'a> {
    /// A sink into `out`.
    pub fn new(out: Out<'a>, style: Style) -> Self {
        Self { out, style }
    }
}

impl Sink for SummaryOnly<'_> {
    fn samples(&self) -> u64 {
        0
    }

    fn finish(&mut self, summary: &Summary) -> Result<()> {
        self.out.text(&closing(summary, self.style))?;
        self.out.flush()
    }
}

/// The table of rules, or the sentence that nothing was found, and the totals.
pub fn closing(summary: &Summary, style: Style) -> String {
    let mut text = match summary.found() {
        0 => format!(" {}\n", verdict(summary)),
        _ => table(summary, style),
    };
    for line in totals(summary) {
        text.push_str(&format!(" {}\n", visible(&line)));
    }
    text
}

/// What the run comes to, in one clause.
pub fn verdict(summary: &Summary) -> String {
    let lines = counted(summary.lines.services(), "line");
    let claims = counted(summary.claims, "claim");
    if summary.found() == 0 {
        let looked =
            |rule: &&RuleSummary| matches!(rule.outcome, Outcome::Passed | Outcome::Excused(_));
        let rules = summary.rules.iter().filter(looked).count() as u64;
        return format!("no findings: {lines} of {claims} checked by {}", counted(rules, "rule"));
    }
    let [info, warning, error] = summary.severities;
    format!(
        "{} in {lines} of {claims}: {}, {}, {} info",
        counted(summary.found(), "finding"),
        counted(error, "error"),
        counted(warning, "warning"),
        digits(info)
    )
}

/// The rules with findings: the gravest first, then those with most findings.
pub fn ranked(summary: &Summary) -> Vec<&RuleSummary> {
    let mut rules: Vec<_> = summary.rules.iter().filter(|rule| rule.found > 0).collect();
    rules.sort_by_key(|rule| (Reverse(rule.severity), Reverse(rule.found), rule.info.code));
    rules
}

/// The headings of the table of rules.
pub const HEADINGS: [&str; 7] =
    ["code", "severity", "rule", "lines", "claims", "% of checked", "at risk"];

/// How many of the columns hold words; the others hold numbers and are set to the right.
pub const WORDS: usize = 3;

/// The cells of a rule's row, under [`HEADINGS`].
pub fn cells(rule: &RuleSummary, summary: &Summary) -> [String; HEADINGS.len()] {
    let nothing = || "–".to_owned();
    // A record that cannot be read has no claim and no charge: a zero would play it down.
    let of_lines = matches!(rule.info.scope, Scope::Line | Scope::Claim | Scope::Day);
    let is_share = rule.info.scope != Scope::Run;
    let rejected = if of_lines { 0 } else { summary.lines.rejected };
    let seen = summary.lines.services() + rejected;
    [
        rule.info.code.to_owned(),
        rule.severity.name().to_owned(),
        visible(rule.info.title).into_owned(),
        digits(rule.found),
        if of_lines { digits(rule.claims) } else { nothing() },
        if is_share { share(rule.found, seen) } else { nothing() },
        if of_lines && summary.has_charges { money(rule.at_risk) } else { nothing() },
    ]
}

fn table(summary: &Summary, style: Style) -> String {
    let rules = ranked(summary);
    let mut rows = vec![HEADINGS.map(str::to_owned)];
    rows.extend(rules.iter().map(|rule| cells(rule, summary)));
    let severities = [None].into_iter().chain(rules.iter().map(|rule| Some(rule.severity)));

    let mut widths = [0; HEADINGS.len()];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for (row, severity) in rows.iter().zip(severities) {
        for (at, (cell, width)) in row.iter().zip(widths).enumerate() {
            text.push_str(if at == 0 { " " } else { "  " });
            let cell =
                if at < WORDS { format!("{cell:<width$}") } else { format!("{cell:>width$}") };
            text.push_str(&painted(cell, severity, at, style));
        }
        text.push('\n');
    }
    text
}

/// A cell in colour: the headings stand back, the severities stand out.
fn painted(cell: String, severity: Option<Severity>, column: usize, style: Style) -> String {
    match severity {
        None => style.paint(Ink::Dim, &cell),
        Some(severity) if column < 2 => style.paint(Ink::Severity(severity), &cell),
        Some(_) => cell,
    }
}

/// `part` of `whole` in per cent with two decimals, rounded, but never to none or to all.
pub fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    let (part, whole) = (u128::from(part), u128::from(whole));
    // Two half-hundredths make a hundredth, and one is rounded up.
    let hundredths = (part * 20_000 / whole).div_ceil(2);
    match hundredths {
        0 if part > 0 => "<0.01".to_owned(),
        10_000 if part < whole => ">99.99".to_owned(),
        _ => format!("{}.{:02}", digits(hundredths / 100), hundredths % 100),
    }
}

/// The lines below the table. Names and notes in them are not escaped yet.
pub fn totals(summary: &Summary) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(coverage(summary));
    lines.extend(tidied(summary));
    lines.extend(read(summary));
    lines.extend(looked_up(summary));
    lines.extend(notes(summary).map(|note| format!("note: {note}")));
    lines.extend(at_risk(summary));
    lines.extend(excused(summary));
    lines.push(clean(summary));
    lines.push(checked(summary));
    lines.push(format!("tally: {}", tally(summary)));
    lines.extend(summary.split.as_ref().map(split));
    lines
}

/// Which rules could not look, and why. Rules with one reason stand together; each reason that
/// somebody can do something about has a line of its own.
fn coverage(summary: &Summary) -> Vec<String> {
    let (mut unchecked, mut unmapped, mut idle) = (Vec::new(), Vec::new(), Vec::new());
    let mut excused = Vec::new();
    for rule in &summary.rules {
        let code = rule.info.code;
        match &rule.outcome {
            Outcome::Excused(reason) => join(&mut excused, reason, code),
            Outcome::NotChecked(reason) => join(&mut unchecked, reason, code),
            Outcome::NotApplicable(reason) => match reason.strip_prefix(NO_COLUMN) {
                Some(fields) => join(&mut unmapped, fields, code),
                None => join(&mut idle, reason, code),
            },
            Outcome::Passed | Outcome::Failed => {}
        }
    }
    let part = |(reason, codes): &(&str, Vec<&str>)| format!("{} ({reason})", codes.join(", "));
    let mut lines: Vec<String> =
        unchecked.iter().map(|group| format!("not checked: {}", part(group))).collect();
    lines.extend(excused.iter().map(|group| format!("nothing but excused: {}", part(group))));
    let kinds = [("not applicable, no column", &unmapped), ("not applicable", &idle)];
    for (kind, groups) in kinds.into_iter().filter(|(_, groups)| !groups.is_empty()) {
        let parts: Vec<String> = groups.iter().map(part).collect();
        lines.push(format!("{kind}: {}", parts.join(" · ")));
    }
    lines
}

/// Adds a rule to those with the same reason.
fn join<'s>(groups: &mut Vec<(&'s str, Vec<&'s str>)>, reason: &'s str, code: &'s str) {
    match groups.iter_mut().find(|(known, _)| *known == reason) {
        Some((_, codes)) => codes.push(code),
        None => groups.push((reason, vec![code])),
    }
}

/// How many inputs are told of one by one.
const INPUTS_SHOWN: usize = 5;

/// More columns for a field than this are not told of one by one.
const COLUMNS_SHOWN: usize = 4;

/// How each input was read: what was found out from its first lines must be said.
fn read(summary: &Summary) -> Vec<String> {
    let column = |source: &SourceSummary, field: Field| {
        let columns = source.mapping.iter().find(|(known, _)| *known == field);
        columns.map(|(_, names)| match names.as_slice() {
            [first, .., last] if names.len() > COLUMNS_SHOWN => {
                format!("{field} from {} columns, {first} to {last}", names.len())
            }
            names => format!("{field} from {}", names.join(", ")),
        })
    };
    let one = |source: &SourceSummary| {
        let SourceSummary { name, delimiter, encoding, .. } = source;
        let packed = source.packed.map_or_else(String::new, |packed| format!("{}, ", packed.how));
        let fields = [Field::ClaimId, Field::ProcedureCode];
        let columns: Vec<_> = fields.into_iter().filter_map(|f| column(source, f)).collect();
        let how = match delimiter.as_str() {
            _ if !source.controls.is_empty() => format!("X12, {encoding}"),
            "" => encoding.to_string(),
            delimiter => format!("{delimiter}-delimited, {encoding}"),
        };
        format!("read: {name}: {packed}{how}; {}", columns.join("; "))
    };
    let mut lines: Vec<String> = summary.sources.iter().take(INPUTS_SHOWN).map(one).collect();
    if let Some(more) = summary.sources.len().checked_sub(INPUTS_SHOWN).filter(|more| *more > 0) {
        lines.push(format!("read: and {}", counted(more as u64, "more input")));
    }
    lines
}

/// What was dropped from procedure codes without loss.
pub fn tidied(summary: &Summary) -> Option<String> {
    let tidied = &summary.tidied;
    let kinds = [
        (tidied.ascii_blanks, "with blanks at an end"),
        (tidied.unicode_blanks, "with Unicode blanks at an end"),
        (tidied.lower_case, "in lower case"),
    ];
    let mut parts: Vec<String> = Vec::new();
    for (number, kind) in kinds.into_iter().filter(|(number, _)| *number > 0) {
        let what = if parts.is_empty() { counted(number, "code") } else { digits(number) };
        parts.push(format!("{what} {kind}"));
    }
    (!parts.is_empty()).then(|| format!("tidied without loss: {}", parts.join(" · ")))
}

/// The editions that codes were looked up in.
fn looked_up(summary: &Summary) -> Option<String> {
    let one = |edition: &EditionUsed| {
        let (from, to) = edition.covers;
        format!("{} {} ({from} to {to})", edition.kind.name(), edition.name)
    };
    let all: Vec<String> = summary.editions.iter().map(one).collect();
    (!all.is_empty()).then(|| format!("looked up in: {}", all.join(" · ")))
}

/// The notes of the run, then those of each input under its name.
pub fn notes(summary: &Summary) -> impl Iterator<Item = String> {
    let of_sources = summary
        .sources
        .iter()
        .flat_map(|source| source.notes.iter().map(move |note| format!("{}: {note}", source.name)));
    summary.notes.iter().cloned().chain(of_sources)
}

/// The charges behind the findings; a line with several findings counts once.
fn at_risk(summary: &Summary) -> Option<String> {
    if summary.found() == 0 || !summary.has_charges {
        return None;
    }
    let mut text = format!("at risk: {}, each line counted once", money(summary.at_risk));
    if summary.charges_unread > 0 {
        let lines = counted(summary.charges_unread, "line");
        text.push_str(&format!("; no readable charge on {lines} with findings"));
    }
    Some(text)
}

/// What was found and is no finding.
pub fn excused(summary: &Summary) -> Option<String> {
    let Excused { waived, accepted } = summary.excused;
    let parts = [(accepted, "accepted by the baseline"), (waived, "waived")];
    let mut said: Vec<String> = Vec::new();
    for (number, how) in parts.into_iter().filter(|(number, _)| *number > 0) {
        said.push(format!("{} {how}", digits(number)));
    }
    let all = match summary.excused.all() {
        0 => return None,
        1 => "it is not counted above, nor its claim as clean",
        _ => "they are not counted above, nor their claims as clean",
    };
    Some(format!("excused: {}; {all}", said.join(", ")))
}

/// How many claims have no finding. The share is rounded down: 100 % means all.
fn clean(summary: &Summary) -> String {
    let Summary { claims, clean_claims, .. } = *summary;
    let mut text = format!("clean claims: {} of {}", digits(clean_claims), digits(claims));
    if let Some(share) = (u128::from(clean_claims) * 10_000).checked_div(u128::from(claims)) {
        text.push_str(&format!(" ({}.{:02} %)", share / 100, share % 100));
    }
    if summary.lines_without_claim > 0 {
        let lines = counted(summary.lines_without_claim, "line");
        text.push_str(&format!("; {lines} without a claim number"));
    }
    text
}

/// How much was read.
fn checked(summary: &Summary) -> String {
    let lines = counted(summary.lines.services(), "line");
    let files = counted(summary.sources.len() as u64, "file");
    let (plain, packed) = summary.bytes();
    let packed = packed.map_or_else(String::new, |bytes| format!(", packed {}", size(bytes)));
    format!("checked: {lines} in {files}, {}{packed}", size(plain))
}

/// What went to each part of a split. Bytes are those of the inputs, headers apart.
fn split(split: &SplitSummary) -> String {
    let part = |part: &SplitPart| {
        let [claims, lines] =
            [(part.claims, "claim"), (part.lines, "record")].map(|(n, noun)| counted(n, noun));
        format!("{claims}, {lines}, {}", counted(part.bytes, "byte"))
    };
    let (clean, rejected) = (part(&split.clean), part(&split.rejected));
    let head = counted(split.head_bytes, "byte");
    format!("split: clean {clean} · rejected {rejected} · header {head}")
}

/// Where every physical line went, or every segment of X12.
pub fn tally(summary: &Summary) -> String {
    let lines = &summary.lines;
    let x12 = summary.sources.iter().filter(|source| !source.controls.is_empty()).count();
    let unit = match x12 {
        0 => "physical line",
        all if all == summary.sources.len() => "segment",
        _ => "line and segment",
    };
    let sign = if lines.adds_up() { "=" } else { "≠" };
    let left_out = match lines.left_out {
        0 => String::new(),
        left_out => format!(" + {} left out", digits(left_out)),
    };
    let services = match lines.further {
        0 => String::new(),
        _ => format!(" ({} in the records checked)", counted(lines.services(), "service line")),
    };
    format!(
        "{} {sign} {} header + {} preamble + {} checked + {} rejected{left_out} + {} continuation \
         + {} blank{services}",
        counted(lines.physical, unit),
        digits(lines.header),
        digits(lines.preamble),
        digits(lines.checked),
        digits(lines.rejected),
        digits(lines.continuation),
        digits(lines.blank)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Format, canned};

    #[test]
    fn shares_never_round_to_none_or_to_all() {
        for (part, whole, text) in [
            (0, 10, "0.00"),
            (1, 1_000_000, "<0.01"),
            (1, 20_000, "0.01"),
            (1, 20_001, "<0.01"),
            (12_408, 9_412_806, "0.13"),
            (1, 3, "33.33"),
            (2, 3, "66.67"),
            (999_999, 1_000_000, ">99.99"),
            (5, 5, "100.00"),
            (12, 5, "240.00"),
            (1, 0, "–"),
            (u64::MAX, u64::MAX, "100.00"),
        ] {
            assert_eq!(share(part, whole), text, "{part} of {whole}");
        }
    }

    #[test]
    fn clean_is_rounded_down() {
        let mut summary = canned::summary();
        (summary.claims, summary.clean_claims) = (1_000_000, 999_999);
        assert_eq!(
            clean(&summary),
            "clean claims: 999,999 of 1,000,000 (99.99 %); \
             2 lines without a claim number"
        );
        summary.lines_without_claim = 0;
        summary.clean_claims = 1_000_000;
        assert_eq!(clean(&summary), "clean claims: 1,000,000 of 1,000,000 (100.00 %)");
        summary.claims = 0;
        summary.clean_claims = 0;
        assert_eq!(clean(&summary), "clean claims: 0 of 0");
    }

    #[test]
    fn rules_that_could_not_look_stand_together_by_their_reason() {
        let mut summary = canned::summary();
        let outcomes = [
            Outcome::NotApplicable("no line has it".to_owned()),
            Outcome::NotChecked("no data".to_owned()),
            Outcome::NotApplicable(format!("{NO_COLUMN}charge")),
            Outcome::NotChecked("no claim".to_owned()),
            Outcome::NotApplicable(format!("{NO_COLUMN}units")),
            Outcome::NotChecked("no data".to_owned()),
        ];
        let codes: Vec<&str> = summary.rules.iter().map(|rule| rule.info.code).collect();
        for (rule, outcome) in summary.rules.iter_mut().zip(outcomes) {
            rule.outcome = outcome;
        }
        let [idle, data, charge, claim, units, too] = codes[..6] else { panic!() };
        let want = [
            format!("not checked: {data}, {too} (no data)"),
            format!("not checked: {claim} (no claim)"),
            format!("not applicable, no column: {charge} (charge) · {units} (units)"),
            format!("not applicable: {idle} (no line has it)"),
        ];
        assert_eq!(coverage(&summary), want);
    }

    #[test]
    fn a_tally_that_does_not_add_up_says_so() {
        let mut summary = canned::summary();
        assert!(tally(&summary).contains(" = "));
        summary.lines.blank += 1;
        assert!(tally(&summary).contains(" ≠ "));
    }

    #[test]
    fn every_row_is_as_wide_as_the_headings() {
        let summary = canned::summary();
        let text = table(&summary, canned::STYLE);
        let widths: Vec<_> = text.lines().map(|line| line.chars().count()).collect();
        assert!(widths.windows(2).all(|pair| pair[0] == pair[1]), "{text}");
        let colored = table(&summary, Style { color: true, ..canned::STYLE });
        assert_eq!(canned::without_colors(&colored), text);
    }

    #[test]
    fn snapshots() {
        insta::assert_snapshot!("summary", canned::rendered(Format::Summary));
        let passed = canned::passed();
        insta::assert_snapshot!("passed", canned::render(Format::Summary, &passed, &[]));
        let mut chargeless = canned::summary();
        chargeless.has_charges = false;
        insta::assert_snapshot!("no_charges", canned::render(Format::Summary, &chargeless, &[]));
    }
}
