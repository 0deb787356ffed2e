//! A run with hostile data, for the tests of every form of report.

use crate::error::Result;
use crate::model::batch::Place;
use crate::model::damage::Tidied;
use crate::model::{
    Cents, Class, Date, Field, Finding, Related, RuleCategory, RuleId, RuleInfo, Scope, Severity,
    Snippet,
};
use crate::reference::Kind;
use crate::report::breakdown::{Breakdown, Share};
use crate::report::summary::{
    EditionUsed, LineCounts, Outcome, PackedSummary, RuleSummary, SourceSummary,
};
use crate::report::{Format, Out, Sink as _, Style, Summary, sink};

/// Without colour, two samples of each rule.
pub const STYLE: Style = Style { color: false, samples: 2 };

/// The forms that people read on a terminal or in a browser.
pub const FOR_PEOPLE: [Format; 7] = [
    Format::Full,
    Format::Concise,
    Format::Grouped,
    Format::Summary,
    Format::Github,
    Format::Markdown,
    Format::Html,
];

/// A value that tries everything at once.
const HOSTILE: &str =
    "<img src=x onerror=alert(1)>|`rm`\n\r\t\u{200b}\u{9b}31m\u{7f}\u{2028}[x](javascript:1)";

const fn info(
    code: &'static str,
    name: &'static str,
    title: &'static str,
    scope: Scope,
) -> RuleInfo {
    RuleInfo {
        code,
        name,
        title,
        fix: "bill the visit or test that this measure reports on, on the same claim",
        scope,
        category: RuleCategory::CategoryTwo,
        severity: Severity::Error,
        since: "0.1.0",
        reads: &[],
        needs: &[],
        doc: "",
        file: "",
        own: None,
    }
}

static RULES: [RuleInfo; 6] = [
    info(
        "CII001",
        "category-two-without-category-one",
        "Category II code without a Category I code",
        Scope::Claim,
    ),
    info("COD002", "malformed-procedure-code", "Malformed procedure code", Scope::Line),
    info("COD003", "missing-procedure-code", "Missing procedure code", Scope::Line),
    info("COD010", "unlisted-procedure-code", "Unlisted procedure code", Scope::Line),
    info("MAP001", "suspicious-mapping", "Column that hardly ever fits its field", Scope::Run),
    info("STR002", "ragged-record", "Record with too many or too few cells", Scope::Record),
];

fn rule(at: u16, severity: Severity, found: u64, outcome: Outcome) -> RuleSummary {
    RuleSummary {
        id: RuleId(at),
        info: &RULES[usize::from(at)],
        severity,
        found,
        severities: RuleSummary::at(severity, found),
        claims: found - found / 10,
        judged: 9_412_806,
        at_risk: Cents(0),
        charges_unread: 0,
        outcome,
        alarmed: Vec::new(),
        by_input: if found > 1 { vec![found - 1, 1] } else { vec![found] },
        excused: Default::default(),
    }
}

fn rules() -> Vec<RuleSummary> {
    let mut rules = vec![
        rule(0, Severity::Error, 12_408, Outcome::Failed),
        rule(1, Severity::Error, 3, Outcome::Failed),
        rule(2, Severity::Warning, 9_000_000, Outcome::Failed),
        rule(3, Severity::Error, 0, Outcome::NotChecked("no code list loaded".to_owned())),
        rule(4, Severity::Error, 1, Outcome::Failed),
        rule(5, Severity::Info, 2, Outcome::Failed),
    ];
    rules[1].at_risk = Cents(41_234_510);
    rules[1].charges_unread = 1;
    rules[2].at_risk = Cents(-500);
    rules[2].alarmed = vec![0];
    rules[2].by_input = vec![9_000_000];
    rules
}

/// An input whose name and header try everything.
fn evil() -> SourceSummary {
    SourceSummary {
        controls: Default::default(),
        name: "=evil\u{1b}[2J\u{202e}|<b>,%0A:x.csv".to_owned(),
        bytes: 1,
        packed: Some(PackedSummary { how: "gzip", bytes: Some(60) }),
        sha256: None,
        delimiter: "pipe".to_owned(),
        encoding: "windows-1252".into(),
        lines: LineCounts { physical: 2, header: 1, checked: 1, ..LineCounts::default() },
        mapping: vec![(Field::ClaimId, vec!["claim\n".to_owned(), "<id>".to_owned()])],
        others: Vec::new(),
        not_mapped: Vec::new(),
        notes: Vec::new(),
    }
}

/// The counts of the run. They are those of far more findings than [`findings`] has.
pub fn summary() -> Summary {
    let october = SourceSummary {
        controls: Default::default(),
        name: "october.csv".to_owned(),
        bytes: 1_288_490_188,
        packed: None,
        sha256: None,
        delimiter: "comma".to_owned(),
        encoding: "utf-8".into(),
        lines: LineCounts {
            physical: 9_412_809,
            header: 1,
            checked: 9_412_805,
            rejected: 2,
            continuation: 1,
            ..LineCounts::default()
        },
        mapping: [
            (Field::ClaimId, "Claim No."),
            (Field::ServiceLine, "LINE"),
            (Field::ServiceDate, "DOS"),
            (Field::ProcedureCode, "CPT"),
            (Field::Modifier2, "mod2"),
            (Field::Units, "units"),
            (Field::Charge, "=charge"),
        ]
        .map(|(field, name)| (field, vec![name.to_owned()]))
        .into(),
        others: Vec::new(),
        not_mapped: Vec::new(),
        notes: vec!["column \"CPT\u{1b}[2J\" is read as procedure_code".to_owned()],
    };
    let evil = evil();
    let mut lines = october.lines;
    lines.merge(&evil.lines);
    Summary {
        split: None,
        as_of: Date::from_ymd(2026, 10, 31),
        phi: "mask",
        phi_key: None,
        editions: vec![EditionUsed {
            kind: Kind::Hcpcs,
            name: "2025-10".to_owned(),
            covers: (Date::from_ymd(2024, 1, 1).unwrap(), Date::from_ymd(2025, 12, 31).unwrap()),
            sha256: vec!["0".repeat(64)],
        }],
        unreadable: 2,
        unnamed: 0,
        sources: vec![october, evil],
        rules: rules(),
        lines,
        claims: 3_120_441,
        clean_claims: 3_107_450,
        lines_without_claim: 2,
        at_risk: Cents(41_234_010),
        charges_unread: 1,
        has_charges: true,
        severities: [2, 9_000_000, 12_412],
        excused: Default::default(),
        classes: vec![(Class::CategoryOne, 9_000_000), (Class::CategoryTwo, 412_000)],
        unclassed: [3, 2, 1],
        tidied: Tidied { ascii_blanks: 12_431, unicode_blanks: 0, lower_case: 3 },
        notes: vec!["the run was limited to <some> lines".to_owned()],
    }
}

/// The counts of a run that found nothing.
pub fn passed() -> Summary {
    let mut summary = summary();
    summary.sources.truncate(1);
    summary.sources[0].notes.clear();
    summary.lines = summary.sources[0].lines;
    summary.severities = [0; 3];
    summary.clean_claims = summary.claims;
    summary.at_risk = Cents(0);
    summary.charges_unread = 0;
    summary.lines_without_claim = 0;
    summary.tidied = Tidied::default();
    summary.notes.clear();
    for rule in &mut summary.rules {
        rule.found = 0;
        rule.by_input.clear();
        rule.severities = [0; 3];
        rule.alarmed.clear();
        if rule.outcome == Outcome::Failed {
            rule.outcome = Outcome::Passed;
        }
    }
    summary.rules[5].outcome = Outcome::NotApplicable("no column mapped to charge".to_owned());
    summary
}

/// A finding on a claim, with everything that a finding can have but a suggestion.
pub fn category_two() -> Finding {
    let cells = ["CLM0099", "3", "2026-10-04", "3044F", "", "1", "0.00"];
    let place = Place { source: 0, record: 41_233, line: 41_240, byte: 8_837_121 };
    Finding {
        rule: RuleId(0),
        severity: Severity::Error,
        place,
        claim_id: Some("CLM0099".to_owned()),
        service_line: Some("3".to_owned()),
        field: Some(Field::ProcedureCode),
        value: Some("3044F".to_owned()),
        message: "the claim's other codes: 1036F, 4004F".to_owned(),
        suggestion: None,
        related: vec![
            Related {
                place: Place { record: 41_231, line: 41_238, ..place },
                value: "1036F".into(),
            },
            Related {
                place: Place { record: 1, line: 2, source: 1, byte: 9 },
                value: "4004F".into(),
            },
        ],
        amount: Some(Cents(0)),
        context: Default::default(),
        snippet: Some(Snippet(cells.map(str::to_owned))),
    }
}

/// A finding about a whole input: there is nothing but a message.
fn mapping() -> Finding {
    Finding {
        rule: RuleId(4),
        severity: Severity::Error,
        place: Place { source: 0, record: 0, line: 0, byte: 0 },
        claim_id: None,
        service_line: None,
        field: Some(Field::ProcedureCode),
        value: None,
        message: "COD003 finds 95 % of 9,412,806 lines".to_owned(),
        suggestion: None,
        related: Vec::new(),
        amount: None,
        context: Default::default(),
        snippet: None,
    }
}

fn ragged() -> Finding {
    Finding {
        rule: RuleId(5),
        severity: Severity::Info,
        place: Place { source: 0, record: 7, line: 8, byte: 612 },
        field: None,
        message: "has 13 cells where the header has 12".to_owned(),
        ..mapping()
    }
}

fn malformed(record: u64) -> Finding {
    let cells = ["1E10", "001", "2026-10-04", "99213.0", "25", "1", "-5.00"];
    Finding {
        rule: RuleId(1),
        place: Place { source: 0, record, line: record + 7, byte: record * 100 },
        claim_id: Some("1E10".to_owned()),
        service_line: Some("001".to_owned()),
        value: Some("99213.0".to_owned()),
        message: "the code was written as a decimal number".to_owned(),
        suggestion: Some("99213".to_owned()),
        related: Vec::new(),
        amount: Some(Cents(-500)),
        context: Default::default(),
        snippet: Some(Snippet(cells.map(str::to_owned))),
        ..category_two()
    }
}

fn hostile() -> Finding {
    let claim = "=HYPERLINK(\"http://x\")\u{202e}\u{feff}";
    let place = Place { source: 1, record: 1, line: 2, byte: 9 };
    Finding {
        rule: RuleId(1),
        place,
        claim_id: Some(claim.to_owned()),
        service_line: Some("@1".to_owned()),
        value: Some(HOSTILE.to_owned()),
        message: format!("-{HOSTILE} is no code\n::error::x"),
        suggestion: Some("+1\u{1b}]0;x\u{7}".to_owned()),
        related: vec![Related { place, value: HOSTILE.to_owned() }],
        context: Default::default(),
        snippet: Some(Snippet([
            claim.to_owned(),
            "@1".to_owned(),
            "\u{1b}[31m".to_owned(),
            HOSTILE.to_owned(),
            String::new(),
            "\t1".to_owned(),
            "１\u{a0}".to_owned(),
        ])),
        ..category_two()
    }
}

/// The findings, in the order that sinks get them.
pub fn findings() -> Vec<Finding> {
    let missing = |record| Finding {
        rule: RuleId(2),
        severity: Severity::Warning,
        place: Place { source: 0, record, line: record + 7, byte: 0 },
        value: None,
        message: "the procedure code is missing".to_owned(),
        ..category_two()
    };
    let mut second = category_two();
    second.place.record += 1;
    let mut third = second.clone();
    third.place.record += 1;
    let mut plain = malformed(50_000);
    plain.claim_id = Some("00123".to_owned());
    plain.snippet = None;
    plain.amount = None;
    let first = malformed(40_000);
    vec![
        mapping(),
        ragged(),
        first,
        missing(40_001),
        missing(40_002),
        category_two(),
        second,
        third,
        plain,
        hostile(),
        Finding { rule: RuleId(5), severity: Severity::Info, ..hostile() },
    ]
}

/// What the findings come to, the names as hostile as the findings.
pub fn breakdown() -> Breakdown {
    let share = |findings, cents| Share {
        findings,
        lines: findings,
        at_risk: Cents(cents),
        charges_unread: findings / 2,
    };
    let names = |name: &str| {
        vec![
            (Some(name.to_owned()), share(9_000_000, 41_230_000)),
            (Some(HOSTILE.to_owned()), share(12_408, 4_510)),
            (Some("</script><b>".to_owned()), share(3, -500)),
            (None, share(2, 0)),
        ]
    };
    let week = |year, month, day| Date::from_ymd(year, month, day);
    Breakdown {
        payers: names("Payer A"),
        providers: names("1234567893"),
        weeks: vec![
            (week(2026, 9, 28), share(9_000_000, 41_230_000)),
            (week(1926, 9, 27), share(1, 4_010)),
            (week(2026, 10, 12), share(12_411, 0)),
            (None, share(1, 0)),
        ],
        beyond: [share(7, 7), share(0, 0), share(0, 0)],
    }
}

/// Any finding at all, of this run or of another, with texts that try everything.
pub fn any_finding() -> impl proptest::strategy::Strategy<Value = Finding> {
    use proptest::prelude::*;
    use proptest::{collection, option};
    let text =
        || prop_oneof!["(\\PC|[=+@,\"'\\\\\u{0}-\u{20}\u{7f}\u{2028}é]){0,30}", "[0-9.+-]{0,6}"];
    let number = || prop_oneof![0..3_u64, any::<u64>()];
    let place =
        move || {
            (0..4_u32, number(), number(), number())
                .prop_map(|(source, record, line, byte)| Place { source, record, line, byte })
        };
    let related = (place(), text()).prop_map(|(place, value)| Related { place, value });
    let texts = (option::of(text()), option::of(text()), option::of(text()), option::of(text()));
    let amount = option::of(
        any::<i128>()
            .prop_flat_map(|wide| (1..120_u32).prop_map(move |shift| Cents(wide >> shift))),
    );
    let rest = (option::of(0..Field::ALL.len()), text(), collection::vec(related, 0..3), amount);
    (0..8_u16, 0..3_usize, place(), texts, rest).prop_map(
        |(rule, severity, place, (claim_id, service_line, value, suggestion), rest)| {
            let (field, message, related, amount) = rest;
            Finding {
                rule: RuleId(rule),
                severity: Severity::ALL[severity],
                place,
                claim_id,
                service_line,
                field: field.map(|field| Field::ALL[field]),
                value,
                message,
                suggestion,
                related,
                amount,
                context: Default::default(),
                snippet: None,
            }
        },
    )
}

/// The canned run in a form.
pub fn rendered(format: Format) -> String {
    render(format, &summary(), &findings())
}

/// A run in a form, without colour.
pub fn render(format: Format, summary: &Summary, findings: &[Finding]) -> String {
    render_with(format, STYLE, summary, findings)
}

/// A run in a form.
pub fn render_with(
    format: Format,
    style: Style,
    summary: &Summary,
    findings: &[Finding],
) -> String {
    String::from_utf8(bytes_of(format, style, summary, findings)).unwrap()
}

/// A run in a form that need not be text.
pub fn bytes_of(format: Format, style: Style, summary: &Summary, findings: &[Finding]) -> Vec<u8> {
    let mut bytes = Vec::new();
    drive(format, Out::new("the test", &mut bytes), style, summary, findings).unwrap();
    bytes
}

/// The summary of a run as it stands in a run directory.
pub fn totals(summary: &Summary) -> String {
    let mut bytes = Vec::new();
    let mut sink = super::json::Totals::new(Out::new("the test", &mut bytes));
    sink.finish(summary).unwrap();
    drop(sink);
    String::from_utf8(bytes).unwrap()
}

fn drive(
    format: Format,
    out: Out<'_>,
    style: Style,
    summary: &Summary,
    findings: &[Finding],
) -> Result<()> {
    let mut sink = sink(format, out, style);
    sink.begin(summary)?;
    for finding in findings {
        sink.finding(finding, summary)?;
    }
    if sink.wants_breakdown() {
        sink.breakdown(&breakdown())?;
    }
    sink.finish(summary)
}

/// Text for a snapshot: what cannot be seen is shown, but lines stay lines.
pub fn printable(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(super::escape::visible).collect();
    lines.join("\n")
}

/// Text without our own colours.
pub fn without_colors(text: &str) -> String {
    ["1;31", "1;33", "1;34", "2", "0"]
        .iter()
        .fold(text.to_owned(), |text, code| text.replace(&format!("\u{1b}[{code}m"), ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Error, ErrorKind};

    /// A disk that is full, or a reader that went away.
    struct Broken(std::io::ErrorKind);

    impl std::io::Write for Broken {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn nothing_from_data_steers_a_terminal() {
        for format in FOR_PEOPLE {
            for color in [false, true] {
                let style = Style { color, samples: u64::MAX };
                let text = render_with(format, style, &summary(), &findings());
                assert_eq!(
                    without_colors(&text),
                    printable(&without_colors(&text)),
                    "{format:?} lets a character through"
                );
                if format != Format::Summary {
                    assert!(text.contains("\\u{1b}"), "{format:?} holds no hostile data");
                }
            }
        }
    }

    #[test]
    fn the_same_findings_give_the_same_bytes() {
        for (_, format) in Format::STDOUT.iter().chain(&Format::FILES) {
            let bytes = || bytes_of(*format, STYLE, &summary(), &findings());
            assert!(bytes() == bytes(), "{format:?}");
        }
    }

    #[test]
    fn a_write_that_fails_is_an_error_with_the_name_of_the_output() {
        use std::io::ErrorKind::{BrokenPipe, StorageFull};
        for (_, format) in Format::STDOUT.iter().chain(&Format::FILES) {
            for (cause, kind) in
                [(StorageFull, ErrorKind::Incomplete), (BrokenPipe, ErrorKind::BrokenPipe)]
            {
                let result: Result<(), Error> = drive(
                    *format,
                    Out::new("the disk", Broken(cause)),
                    STYLE,
                    &summary(),
                    &findings(),
                );
                match format {
                    Format::None => assert!(result.is_ok()),
                    _ => {
                        let error = result.unwrap_err();
                        assert_eq!(error.kind(), kind, "{format:?}");
                        assert!(error.message().starts_with("the disk: "), "{format:?}: {error}");
                    }
                }
            }
        }
    }
}
