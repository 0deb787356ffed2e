//! Tests of what two editions mean for exports, with a rule that says more than it should need to.

use clap::Parser as _;

use super::*;
use crate::cli::args::{Cli, Command};
use crate::cli::refdata_args::RefdataCommand;
use crate::declare_rule;
use crate::lint::{Builder, Check, LineCheck, Rule};
use crate::model::{Field, Findings, Line, Why};
use crate::reference::rows::{CodeRow, Days, Rows};
use crate::reference::{Answer, store};

declare_rule! {
    /// Any code that is not in force.
    pub static RULE = {
        code: "COD010", name: "code-out-of-force", title: "Code out of force", fix: "mend it",
        scope: Line, category: CodeFormat, severity: Error, since: "0.1.0",
        reads: [ProcedureCode, ServiceDate], needs: [ProcedureCode, ServiceDate], build: build,
    }
}

// Every preset names PTP003, which asks nothing here.
static RULES: &[&Rule] = &[&RULE, BYPASSED, COVER];
static SILENT: &[&Rule] = &[BYPASSED];
const BYPASSED: &Rule = &crate::rules::ncci::pair_bypassed_by_modifier::RULE;
const COVER: &Rule = &crate::rules::reference::reference_data_does_not_cover::RULE;

struct OutOfForce(Arc<Reference>);

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    Ok(Check::Line(Box::new(OutOfForce(Arc::clone(&builder.knowledge.reference)))))
}

impl LineCheck for OutOfForce {
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        let Some((code, class)) = line.procedure().code() else { return };
        let Some(on) = line.service_date().value() else { return };
        let answer = self.0.procedure(code, class, on);
        match answer {
            Answer::NotCovered => {
                out.leave_out(line.row(), Why::NotCovered(Kind::Hcpcs as u8, on));
            }
            Answer::Active => out.judge(),
            // Twice, as a rule of pairs may.
            _ => (0..2).for_each(|_| {
                out.report(line.row(), Some(Field::ProcedureCode), format_args!("{answer:?}"));
            }),
        }
    }
}

fn day(text: &str) -> Date {
    Date::parse(text.as_bytes()).value().unwrap()
}

/// An edition of codes, each with its last day if it has one.
fn edition(name: &str, covers: (&str, &str), codes: &[(&str, &str)]) -> Edition {
    let row = |(code, last): &(&str, &str)| CodeRow {
        code: (*code).to_owned(),
        days: Days { first: None, last: (!last.is_empty()).then(|| day(last)) },
        attributes: Vec::new(),
    };
    Edition {
        kind: Kind::Hcpcs,
        name: name.to_owned(),
        covers: (day(covers.0), day(covers.1)),
        is_complete: true,
        sources: Vec::new(),
        rows: Rows::Codes(codes.iter().map(row).collect()),
    }
}

const EXPORT: &str = "claim_id,line,cpt,service_date,charge\n\
    C1,1,A0001,2025-03-01,10.00\nC1,2,A0002,2025-09-01,0.10\nC2,1,A0002,2025-09-02,0.20\n\
    C2,2,A0003,2025-03-01,5.00\nC3,1,A0004,2025-09-01,-1.05\nC3,2,A0004,2025-09-01,soon\n\
    C4,1,A0009,2025-03-01,7.00\nC4,2,A0009,2031-03-01,7.00\n";

/// Compares two editions against exports of the same claims.
fn against(more: &[&str], exports: usize, rules: &'static [&'static Rule]) -> Result<Against> {
    let folder = tempfile::tempdir().unwrap();
    let before = [("A0001", ""), ("A0002", ""), ("A0005", "")];
    let before = edition("1", ("2025-01-01", "2025-06-30"), &before);
    let after = [("A0001", ""), ("A0002", "2025-08-31"), ("A0003", ""), ("A0004", "2025-08-31")];
    let after = edition("2", ("2025-07-01", "2025-12-31"), &after);
    let mut line = ["claimlint", "--isolated", "-q", "refdata", "diff", "a", "b"].to_vec();
    line.extend(more);
    let paths: Vec<String> = (0..exports)
        .map(|at| {
            let path = folder.path().join(format!("{at}.csv"));
            std::fs::write(&path, EXPORT).unwrap();
            path.display().to_string()
        })
        .collect();
    line.extend((exports > 0).then_some("--against"));
    line.extend(paths.iter().map(String::as_str));
    // An edition beside them, which must not be asked.
    let beside = edition("3", ("2025-01-01", "2025-12-31"), &[("A0009", "")]);
    store::write(folder.path(), &beside).unwrap();
    let cli = Cli::try_parse_from(line).unwrap();
    let Command::Refdata(args) = cli.command else { panic!() };
    let RefdataCommand::Diff(args) = args.command else { panic!() };
    let context = Context { global: cli.global, registry: Registry::new(rules) };
    run(&args, [&before, &after], folder.path(), &context)
}

#[test]
fn lines_are_new_gone_or_found_under_both() {
    let against = against(&[], 1, RULES).unwrap();
    assert_eq!((against.lines, against.rules.as_slice()), (8, &["COD010"][..]));
    assert_eq!(against.days, (day("2025-01-01"), day("2025-12-31")));
    // A0003 came with the later edition; A0002 was ended by it; A0004 and A0009 are in neither or
    // ended in one and unknown to the other.
    let text = |side: &Side| -> Vec<String> {
        let examples = side.examples.iter().map(|example| example.text());
        examples.map(|text| text.split_once(": ").unwrap().1.to_owned()).collect()
    };
    let ended = day("2025-08-31");
    assert_eq!(
        text(&against.new),
        [
            format!("record 2, claim C1, A0002: COD010: Ended({ended:?})"),
            format!("record 3, claim C2, A0002: COD010: Ended({ended:?})"),
        ]
    );
    assert_eq!(text(&against.gone), ["record 4, claim C2, A0003: COD010: Unknown"]);
    assert_eq!(against.new.total.text(), "2 lines, 2 claims, $0.30");
    assert_eq!(against.gone.rules["COD010"].text(), "1 line, 1 claim, $5.00");
    assert_eq!((against.new.findings(), against.gone.findings(), against.unchanged), (2, 1, 3));
    let covers = "hcpcs covers 2025-01-01 to 2025-12-31; 1 line on 2031-03-01 was \
                  not looked up";
    assert_eq!(against.notes, [covers]);
}

#[test]
fn claims_are_counted_over_all_exports_and_examples_are_bounded() {
    let text = against(&[], 15, RULES).unwrap();
    assert_eq!((text.new.findings(), text.new.examples.len()), (30, SHOWN_MAX));
    assert_eq!(text.new.total.text(), "30 lines, 2 claims, $4.50");
    let json = against(&["-f", "json", "--config", "run.threads=2"], 15, RULES).unwrap();
    assert_eq!((json.new.examples.len(), json.gone.examples.len()), (30, 15));
}

#[test]
fn rules_that_could_not_look_say_so() {
    let told = against(&["--map", "service_date=none"], 1, RULES);
    assert!(told.unwrap_err().message().contains("no column"));
    let unmapped = EXPORT.replace("service_date", "when");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("unmapped.csv");
    std::fs::write(&path, unmapped).unwrap();
    let against = against(&["--against", path.to_str().unwrap()], 0, RULES).unwrap();
    assert!(against.notes.contains(&"COD010: no column mapped to service_date".to_owned()));
}

#[test]
fn without_a_rule_that_asks_nothing_is_compared() {
    let error = against(&[], 1, SILENT).unwrap_err();
    assert!(error.help().unwrap().contains("COD010"), "{error}");
    assert!(against(&["--against", "none.csv"], 0, RULES).is_err());
    let error = against(&["--against", "-"], 1, RULES).unwrap_err();
    assert!(error.message().contains("only once"), "{error}");
}

#[test]
fn every_kind_names_rules_by_codes_in_order() {
    for kind in Kind::ALL {
        assert!(rules_that_ask(kind).is_sorted(), "{}", kind.name());
    }
}
