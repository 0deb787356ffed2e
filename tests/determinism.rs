//! The same lines give the same findings in any order, split over any inputs, in any shape of run;
//! and the slow reference says which.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::indexing_slicing, clippy::string_slice, reason = "a test fails by panicking")]
#![allow(clippy::print_stderr, reason = "says what was skipped, and how long it took")]

#[path = "../benches/data/mod.rs"]
mod data;

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use claimlint::config::settings::{Override, Settings};

use claimlint::input::{Decoding, Limits, Source};
use claimlint::lint::OptionValue;
use claimlint::model::{Field, Finding, RuleId, Severity};
use claimlint::pipeline::{self, Counters, Plan};
use claimlint::report::{self, Format, Out, Style, Summary};
use common::{SHAPES, Shape, check, code, reference, registry, settings};
use data::{Order, Recipe};

const RULES: [&str; 8] =
    ["CAT001", "CAT002", "CII001", "CII002", "CLM001", "COD001", "COD002", "COD003"];
const ORDERS: [Order; 3] = [Order::Grouped, Order::Scattered, Order::Shuffled];

fn export(lines: u64, order: Order) -> Vec<u8> {
    let mut bytes = Vec::new();
    let recipe = Recipe { lines, order, seed: 7, ..Recipe::default() };
    data::write(&recipe, &mut bytes).unwrap();
    bytes
}

fn modifiers() -> BTreeSet<String> {
    let known = include_str!("../rules/modifiers.csv").lines().skip(1);
    known.filter_map(|line| line.split(',').next()).map(str::to_owned).collect()
}

/// What a finding is wherever its line lies: claim, line of the claim, value, rule.
type Identity = (Option<String>, Option<String>, Option<String>, &'static str);

fn identities(findings: &[Finding]) -> Vec<Identity> {
    let codes: BTreeMap<RuleId, &'static str> =
        registry().iter().map(|(id, rule)| (id, rule.info.code)).collect();
    let one = |finding: &Finding| {
        let Finding { claim_id, service_line, value, rule, .. } = finding.clone();
        (claim_id, service_line, value, codes[&rule])
    };
    let mut all: Vec<Identity> = findings.iter().map(one).collect();
    all.sort();
    all
}

/// Checks an export, compares every record with the reference, and gives back what was found.
fn checked(lines: u64, order: Order, shape: Shape) -> (Vec<Identity>, Summary) {
    let bytes = export(lines, order);
    let inputs = [("export.csv", bytes.as_slice())];
    let start = Instant::now();
    let (findings, summary) = check(&settings(&RULES), shape, 2 << 20, &inputs).unwrap();
    eprintln!("{lines} lines {order:?}: checked in {:.2} s", start.elapsed().as_secs_f64());
    assert_eq!((summary.lines.checked, summary.lines.rejected), (lines, 0));
    let codes: BTreeMap<RuleId, &'static str> =
        registry().iter().map(|(id, rule)| (id, rule.info.code)).collect();
    let got: Vec<reference::Found> =
        findings.iter().map(|finding| (finding.place.record, codes[&finding.rule])).collect();
    let in_order = |pair: &[reference::Found]| pair[0] <= pair[1];
    assert!(got.windows(2).all(in_order), "{order:?}: findings are out of order");
    let start = Instant::now();
    let want = reference::findings(&bytes, b',', &modifiers());
    eprintln!("{lines} lines {order:?}: reference in {:.2} s", start.elapsed().as_secs_f64());
    assert_eq!(got.len(), want.len(), "{order:?}");
    let other = got.iter().zip(&want).find(|(got, want)| got != want);
    assert_eq!(other, None, "{order:?}: the first difference");
    (identities(&findings), summary)
}

fn orders_agree(lines: u64, shape: Shape) {
    let [grouped, scattered, shuffled] = ORDERS.map(|order| checked(lines, order, shape));
    assert!(grouped.0.len() as u64 > lines / 50);
    for (other, summary) in [scattered, shuffled] {
        assert_eq!(other.len(), grouped.0.len());
        assert!(other == grouped.0, "an order changes what is found");
        let sums = |s: &Summary| (s.claims, s.clean_claims, s.at_risk, s.severities);
        assert_eq!(sums(&summary), sums(&grouped.1));
    }
}

#[test]
fn the_order_of_lines_changes_nothing_and_the_reference_agrees() {
    orders_agree(20_000, SHAPES[0]);
    orders_agree(20_000, Shape { chunk_bytes: 9_999, ..SHAPES[5] });
}

#[test]
#[ignore = "a million lines in three orders; run it in release"]
fn a_million_lines_in_any_order() {
    orders_agree(1_000_000, Shape { threads: 2, ..SHAPES[0] });
}

/// A report of these inputs, byte for byte.
fn rendered(format: Format, shape: Shape, inputs: &[(&str, &[u8])]) -> Vec<u8> {
    let mut settings = settings(&["ALL"]);
    settings.output.format = format;
    let mut plan = Plan::without_inputs(settings, registry()).unwrap();
    plan.limits = shape.limits(2 << 20);
    let mut sources = Vec::new();
    for (name, bytes) in inputs {
        let limits = plan.limits.input;
        let bytes = bytes.to_vec();
        sources.push(Source::from_bytes(name, bytes, &plan.input, limits).unwrap());
    }
    let mut written = Vec::new();
    let style = Style { color: false, samples: 3 };
    let mut sinks = vec![report::sink(format, Out::new("memory", &mut written), style)];
    pipeline::run_sources(&plan, sources, &mut sinks, &Counters::default()).unwrap();
    drop(sinks);
    written
}

#[test]
fn every_report_has_the_same_bytes_in_every_shape() {
    let (one, other) = (export(2_000, Order::Shuffled), export(1_500, Order::Scattered));
    let inputs = [("one.csv", one.as_slice()), ("other.csv", other.as_slice())];
    let formats = Format::STDOUT.iter().chain(&Format::FILES).map(|(_, format)| *format);
    for format in formats {
        let first = rendered(format, SHAPES[0], &inputs);
        assert!(format == Format::None || !first.is_empty());
        for shape in SHAPES {
            assert!(rendered(format, shape, &inputs) == first, "{format:?} {shape:?}");
        }
    }
}

#[test]
fn ndjson_of_a_large_export_has_the_same_bytes_in_every_shape() {
    let bytes = export(20_000, Order::Shuffled);
    let inputs = [("export.csv", bytes.as_slice())];
    let first = rendered(Format::Ndjson, SHAPES[0], &inputs);
    for shape in SHAPES.into_iter().filter(|shape| shape.chunk_bytes > 64 && shape.batch_lines > 1)
    {
        assert!(rendered(Format::Ndjson, shape, &inputs) == first, "{shape:?}");
    }
}

#[test]
fn a_limit_that_is_the_end_is_no_early_stop() {
    // More than is read at once for the header, so that the end is not known with it.
    let header = "claim_id,cpt\n";
    let body: String = (0..8000).map(|n| format!("C{n:04},99213\n")).collect();
    let bytes = [header, &body].concat().into_bytes();
    for (limit, is_early) in [(7_999, true), (8_000, false), (8_001, false)] {
        let mut settings = settings(&["ALL"]);
        settings.input.limit_lines = Some(limit);
        // A chunk may end where the input does.
        for chunk_bytes in [body.len() / 2, body.len(), body.len() + 1, 1 << 20] {
            let shape = Shape { chunk_bytes, ..SHAPES[0] };
            let (_, summary) = check(&settings, shape, 2 << 20, &[("a.csv", &bytes)]).unwrap();
            let notes = &summary.sources[0].notes;
            let told = notes.iter().any(|note| note.contains("--limit-lines"));
            assert_eq!(told, is_early, "{limit} records in chunks of {chunk_bytes}");
        }
    }
}

/// What small inputs give, in every shape: input and record, both from 1, and rule.
fn found(settings: &Settings, inputs: &[&str]) -> (Vec<(u32, u64, &'static str)>, Summary) {
    const NAMES: [&str; 3] = ["in/a.csv", "in/b.csv", "c.csv"];
    let named: Vec<(&str, &[u8])> =
        NAMES.into_iter().zip(inputs.iter().map(|text| text.as_bytes())).collect();
    let run = |shape: Shape| check(settings, shape, 2 << 20, &named).unwrap();
    let (findings, summary) = run(SHAPES[0]);
    for shape in SHAPES {
        assert_eq!(run(shape).0, findings, "{shape:?}");
        assert_eq!(run(shape).1.at_risk, summary.at_risk, "{shape:?}");
        assert_eq!(run(shape).1.clean_claims, summary.clean_claims, "{shape:?}");
    }
    let place = |finding: &Finding| (finding.place.source + 1, finding.place.record, code(finding));
    (findings.iter().map(place).collect(), summary)
}

/// Settings with an option of one rule.
fn with_option(selectors: &[&str], rule: &str, key: &str, list: &[&str]) -> Settings {
    let mut settings = settings(selectors);
    let at = registry().iter().position(|(_, known)| known.info.code == rule).unwrap();
    let list = list.iter().map(|text| (*text).to_owned()).collect();
    settings.rules[at].options.insert(key.to_owned(), OptionValue::List(list));
    settings
}

fn rule_id(rule: &str) -> RuleId {
    registry().iter().find(|(_, known)| known.info.code == rule).unwrap().0
}

fn exception(files: &[&str], payers: &[&str], rule: &str, to: Option<Severity>) -> Override {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Override {
        files: owned(files),
        payers: owned(payers),
        changes: BTreeMap::from([(rule_id(rule), to)]),
        origin: "a test".to_owned(),
    }
}

#[test]
fn claims_span_inputs_or_do_not() {
    let inputs = [
        "claim_id,line,cpt\nA,1,3044F\nB,1,99213\nC,1,3044F\nD,1,3044F\n",
        "cpt;claim_id;line\n99213; A;2\n1036F;B;2\nG0438;C;2\n3044F;d;1\n",
    ];
    let mut settings = settings(&["CII"]);
    let (together, summary) = found(&settings, &inputs);
    assert_eq!(together, [(1, 3, "CII002"), (1, 4, "CII001"), (2, 4, "CII001")]);
    assert_eq!((summary.claims, summary.clean_claims), (5, 2));
    settings.claims_span_inputs = false;
    let (apart, summary) = found(&settings, &inputs);
    let all = [(1, 1), (1, 3), (1, 4), (2, 2), (2, 4)].map(|(at, record)| (at, record, "CII001"));
    assert_eq!(apart, all);
    assert_eq!((summary.claims, summary.clean_claims), (8, 3));
}

/// A claim of many Category II lines among small ones, in a scattered order, one line of it with
/// `code`. The small claims are clean.
fn giant(code: &str) -> String {
    let mut rows = "claim_id,line,cpt,patient_id,charge\n".to_owned();
    for n in 0..300 {
        let (small, big) = (n / 3, format!("{:04}F", 3_000 + n * 7 % 40));
        let big = if n == 280 { code } else { &big };
        rows += &format!("BIG,{n},{big},P1,0.01\nC{small},{n},99213,P2,1.00\n");
    }
    rows
}

#[test]
fn a_giant_claim_is_judged_in_slices() {
    let all = |rule: &'static str, but: u64| {
        let records = (0..300).filter(move |n| *n != but);
        records.map(|n| (1, 2 * n + 1, rule)).collect::<Vec<_>>()
    };
    let by_patient = with_option(&["CII"], "CII002", "group-by", &["patient_id"]);
    for settings in [&settings(&["CII"]), &by_patient] {
        let (alone, summary) = found(settings, &[&giant("1036F")]);
        assert_eq!(alone, all("CII001", u64::MAX));
        assert_eq!((summary.claims, summary.clean_claims), (101, 100));
        assert_eq!(summary.rule(rule_id("CII001")).unwrap().judged, 300);
        let (other, summary) = found(settings, &[&giant("G0438")]);
        assert_eq!(other, all("CII002", 280));
        assert_eq!((summary.claims, summary.clean_claims), (101, 100));
        let (none, summary) = found(settings, &[&giant("99213")]);
        assert_eq!((none.len(), summary.clean_claims), (0, 101));
        for rule in ["CII001", "CII002"] {
            assert_eq!(summary.rule(rule_id(rule)).unwrap().judged, 299, "{rule}");
        }
    }
}

const DAYS: &str = "claim_id,line,cpt,patient_id,dos,charge\n\
                    A,1,3044F,P1,2026-03-01,1.00\n\
                    B,1,99213,P1,03/01/2026,2.00\n\
                    C,1,3044F,P1,2026-03-02,4.00\n\
                    D,1,3044F,P2,2026-03-01,8.00\n\
                    D,2,99213,P2,2026-03-02,16.00\n\
                    E,1,3044F,,2026-03-01,32.00\n\
                    F,1,3044F,P1,soon,64.00\n";

#[test]
fn groups_by_patient_and_day_are_not_claims() {
    let fields = ["patient_id", "service_date"];
    let settings = with_option(&["CII001"], "CII001", "group-by", &fields);
    let (day, summary) = found(&settings, &[DAYS]);
    // Lines without a patient or a day that can be read belong to no group, and nobody can call
    // their claims clean.
    assert_eq!(day, [(1, 3, "CII001"), (1, 4, "CII001")]);
    assert_eq!((summary.claims, summary.clean_claims), (6, 2));
    assert_eq!(summary.at_risk.to_string(), "12.00");
    assert_eq!(summary.rule(rule_id("CII001")).unwrap().claims, 2);
    let (claims, summary) = found(&common::settings(&["CII001"]), &[DAYS]);
    assert_eq!(claims.iter().map(|(_, record, _)| *record).collect::<Vec<_>>(), [1, 3, 6, 7]);
    assert_eq!((summary.claims, summary.clean_claims), (6, 2));
}

#[test]
fn a_charge_at_risk_counts_once_whatever_the_groups_are() {
    let rows = "claim_id,line,cpt,patient_id,dos,charge\n\
                A,1,3044F,P1,2026-03-01,1.00\nA,2,G0438,P1,2026-03-02,2.00\n";
    let fields = ["patient_id", "service_date"];
    let settings = with_option(&["CII001", "CII002"], "CII001", "group-by", &fields);
    let (both, summary) = found(&settings, &[rows]);
    assert_eq!(both, [(1, 1, "CII001"), (1, 1, "CII002")]);
    assert_eq!(summary.at_risk.to_string(), "1.00", "the charge of one line");
}

#[test]
fn companions_and_exempt_codes_move_the_border() {
    let rows = "claim_id,cpt\nA,3044F\nA,G0438\nB,3044F\nB,D0120\nC,1036F\nC,3044F\nD,0500F\n";
    let plain = found(&settings(&["CII"]), &[rows]).0;
    let all = [(1, "CII002"), (3, "CII002"), (5, "CII001"), (6, "CII001"), (7, "CII001")];
    assert_eq!(plain, all.map(|(record, rule)| (1, record, rule)));
    let hcpcs = with_option(&["CII"], "CII002", "companions", &["category-1", "G0438"]);
    let fewer = found(&hcpcs, &[rows]).0;
    assert_eq!(fewer, all[1..].iter().map(|(at, rule)| (1, *at, *rule)).collect::<Vec<_>>());
    let exempt = with_option(&["CII001"], "CII001", "exempt-codes", &["1036F", "0500F-0503F"]);
    assert_eq!(found(&exempt, &[rows]).0, [(1, 6, "CII001")]);
}

#[test]
fn overrides_hold_for_their_files_and_payers_only() {
    let rows = "claim_id,cpt,payer,charge\nA,3044F,Acme,1.00\nB,3044F,acme ,2.00\nC,3044F,,4.00\n\
                E,PHONE,ACME,8.00\n";
    let inputs = [rows, &rows.replace('A', "a").replace("\nB", "\nb").replace("\nC", "\nc")];
    let mut settings = settings(&["CII001", "COD002"]);
    settings.overrides = vec![
        exception(&["a.*"], &["Acme"], "CII001", None),
        exception(&["in/*"], &[], "COD002", Some(Severity::Info)),
        exception(&["b.csv"], &["ACME"], "CII001", Some(Severity::Warning)),
    ];
    let (left, summary) = found(&settings, &inputs);
    let first = [(1, 3, "CII001"), (1, 4, "COD002")];
    let second = [(2, 1, "CII001"), (2, 2, "CII001"), (2, 3, "CII001"), (2, 4, "COD002")];
    assert_eq!(left, [&first[..], &second].concat());
    assert_eq!(summary.severities, [2, 2, 2], "info, warning, error");
    assert_eq!(summary.notes, [""; 0]);
    settings.overrides.push(exception(&["z*"], &[], "COD002", None));
    assert_eq!(found(&settings, &inputs).1.notes.len(), 1);
}

#[test]
fn a_limit_of_lines_counts_the_same_whatever_was_read_ahead() {
    let text = String::from_utf8(export(2_000, Order::Grouped)).unwrap();
    let (first, rest) = text.split_at(text.len() / 2);
    let mixed = first.replace('\n', "\r\n") + rest;
    for limit in [1, 7, 500, 1_999] {
        let mut settings = settings(&RULES);
        settings.input.limit_lines = Some(limit);
        let summaries = SHAPES.map(|shape| {
            let inputs = [("export.csv", mixed.as_bytes())];
            format!("{:?}", check(&settings, shape, 2 << 20, &inputs).unwrap().1)
        });
        for summary in &summaries {
            assert_eq!(summary, &summaries[0], "{limit}");
        }
    }
}

#[test]
fn short_records_under_a_wide_header_take_little_memory() {
    const COLUMNS: usize = 4000;
    let others: Vec<String> = (2..COLUMNS).map(|at| format!("f{at}")).collect();
    let header = format!("claim_id,cpt,{}\n", others.join(","));
    let whole = format!("C1,3044F{}\n", ",".repeat(COLUMNS - 2));
    let text =
        [&header, &whole, &"C1\n".repeat(10_000), &whole, &whole].map(String::as_str).concat();
    let settings = settings(&["ALL"]);
    let limits = SHAPES[0].limits(2 << 20).input;
    let limits = Limits { batch_lines_max: 1 << 14, ..limits };
    let text = text.into_bytes();
    let mut source = Source::from_bytes("wide.csv", text, &settings.input, limits).unwrap();
    let every = Field::ALL.iter().copied().collect();
    let (words, footers) =
        (settings.knowledge.vocabulary.clone(), settings.knowledge.footers.clone());
    let decoding = Decoding::new(&source, 0, every, words, footers);
    let mut batch = decoding.batch();
    let mut portion = source.next_portion().unwrap().unwrap();
    let bytes = portion.bytes() as usize;
    decoding.decode(&mut portion, &mut batch);
    assert_eq!((batch.len(), batch.faults.len()), (3, 10_000));
    assert!(batch.ends.len() < bytes + 2 * COLUMNS, "{} ends of cells", batch.ends.len());
}
