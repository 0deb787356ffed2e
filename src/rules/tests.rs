//! The rules as their users meet them: what they say of themselves, and what they find.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::lint::{Builder, Check, GroupCheck, LineCheck, OptionValue, Options, Rule, Tally};
use crate::model::batch::{Column, Columns, Disagreement, Place, Span};
use crate::model::damage::{Tidied, read_procedure};
use crate::model::group::{CodeCounts, Witness};
use crate::model::{
    Batch, Fault, FaultDetail, Field, Findings, Group, KeptLine, Line, RuleId, RuleInfo, Scope,
};
use crate::rules::{ALL, embedded};

fn rule(code: &str) -> &'static Rule {
    ALL.iter().find(|rule| rule.info.code == code).unwrap()
}

fn build(code: &str, options: &[(&str, &[&str])]) -> crate::error::Result<Check> {
    let list = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
    let options = options.iter().map(|(key, v)| ((*key).to_owned(), OptionValue::List(list(v))));
    let knowledge = embedded::knowledge()?;
    let mut options = Options::new(options.collect());
    rule(code).build.check(&mut Builder { options: &mut options, knowledge: &knowledge })
}

fn line_check(code: &str) -> Box<dyn LineCheck> {
    let Check::Line(check) = build(code, &[]).unwrap() else { panic!("{code} is no line rule") };
    check
}

fn group_check(code: &str, options: &[(&str, &[&str])]) -> Box<dyn GroupCheck> {
    let Check::Group(check) = build(code, options).unwrap() else { panic!("{code}") };
    check
}

/// A batch of lines with these claim ids, codes and revenue codes.
fn batch(lines: &[(&str, &str, &str)]) -> Batch {
    let mut columns: Columns = std::array::from_fn(|_| Column::NotMapped);
    let fields = [Field::ClaimId, Field::ProcedureCode, Field::RevenueCode];
    for (field, column) in fields.into_iter().zip(0..) {
        columns[field as usize] = Column::At(column);
    }
    let vocabulary = embedded::knowledge().unwrap().vocabulary;
    let mut batch = Batch::new(0, fields.len(), false, Arc::new(columns), vocabulary);
    for (record, line) in (1..).zip(lines) {
        batch.put_place(Place { source: 0, record, line: record + 1, byte: record * 10 });
        let start = batch.text.len() as u32;
        batch.starts.push(start);
        for cell in [line.0, line.1, line.2] {
            batch.text.extend_from_slice(cell.as_bytes());
            batch.ends.push(batch.text.len() as u32);
            batch.text.push(b'|');
        }
        let blanks = line.0.len() - line.0.trim_start().len();
        let claim = Span { start: start + blanks as u32, len: line.0.trim().len() as u32 };
        let code = read_procedure(line.1.as_bytes(), &batch.vocabulary, &mut Tidied::default());
        batch.put_line(start, claim, code);
    }
    batch
}

/// What a line rule says of the lines of a batch: row, suggestion, message. Both ways to run it
/// must agree.
fn lines_found(code: &str, batch: &Batch) -> (Vec<(usize, String, String)>, u64) {
    let check = line_check(code);
    let mut by_line = Findings::default();
    batch.lines().for_each(|line| check.check(line, &mut by_line));
    let mut by_batch = Findings::default();
    check.check_batch(batch, &mut by_batch);
    assert_eq!(messages(&by_line), messages(&by_batch));
    assert_eq!(by_line.judged(), by_batch.judged());
    let suggestion =
        |code: Option<crate::model::Code>| code.map_or(String::new(), |c| c.to_string());
    let found = by_line.reported().iter().map(|reported| {
        (reported.at, suggestion(reported.suggestion), by_line.message(reported).to_owned())
    });
    (found.collect(), by_line.judged())
}

/// The messages, each held to the style of messages.
fn messages(findings: &Findings) -> Vec<String> {
    let reported = findings.reported().iter();
    let all: Vec<String> = reported.map(|reported| findings.message(reported).to_owned()).collect();
    for message in &all {
        let first = message.chars().next().unwrap();
        assert!(!first.is_uppercase() && !message.ends_with('.'), "{message}");
        assert!(!message.contains("  ") && message.len() < 200, "{message}");
    }
    all
}

/// What a rule for claims says of the lines of a batch, group by group of the claim id.
fn groups_found(check: &dyn GroupCheck, batch: &Batch) -> Vec<String> {
    let mut looks = Vec::new();
    check.look_batch(batch, &mut looks);
    assert_eq!(looks, batch.lines().map(|line| check.look(line)).collect::<Vec<_>>());
    let mut claims: BTreeMap<&[u8], Vec<Line<'_>>> = BTreeMap::new();
    for line in batch.lines() {
        let Some(id) = line.claim_id() else { continue };
        claims.entry(id).or_default().push(line);
    }
    let mut found = Vec::new();
    for lines in claims.values() {
        let (mut facts, mut witness, mut kept) = (0, None, Vec::new());
        let mut codes = CodeCounts::default();
        for line in lines {
            let look = check.look(*line);
            facts |= look.facts();
            let code = line.procedure().code().map(|(code, _)| code);
            if let Some(code) = code.filter(|_| look.is_witness() && witness.is_none()) {
                witness = Some(Witness { place: line.place(), code });
            }
            if let Some(code) = code.filter(|_| look.keeps()) {
                kept.push(kept_line(*line, code));
                codes.add(code);
            }
        }
        // Whatever the slices, the findings are the same; settled groups have none.
        let judged = |slice_max: usize| {
            let mut found = Vec::new();
            for kept in kept.chunks(slice_max) {
                let lines = lines.len() as u64;
                let mut out = Findings::default();
                check.check(&Group { lines, facts, witness, codes: &codes, kept }, &mut out);
                found.extend(messages(&out));
            }
            found
        };
        let all = judged(kept.len().max(1));
        assert_eq!(all, judged(1));
        assert!(facts & check.settled_by() == 0 || all.is_empty());
        found.extend(all);
    }
    found
}

fn kept_line(line: Line<'_>, code: crate::model::Code) -> KeptLine<'_> {
    KeptLine {
        place: line.place(),
        already_found: false,
        keepers: 1,
        overrides: 0,
        code,
        value: line.raw(Field::ProcedureCode),
        claim_key: line.claim_key(),
        service_line: None,
        amount: None,
        elsewhere: None,
        context: Default::default(),
        snippet: None,
    }
}

#[test]
fn codes_and_names_are_unique_sorted_and_well_formed() {
    assert!(ALL.is_sorted_by(|a, b| a.info.code < b.info.code));
    let names: BTreeSet<&str> = ALL.iter().map(|rule| rule.info.name).collect();
    assert_eq!(names.len(), ALL.len());
    for RuleInfo { code, name, fix, title, file, .. } in ALL.iter().map(|rule| &rule.info) {
        assert!(
            code.len() == 6
                && (code.starts_with("X12")
                    || code.bytes().take(3).all(|byte| byte.is_ascii_uppercase())),
            "{code}"
        );
        assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{name}");
        assert!(
            !["no-", "invalid-", "check-"].iter().any(|bad| name.starts_with(bad))
                || *name == "invalid-encoding",
            "{name}"
        );
        assert!(file.replace('\\', "/").ends_with(&format!("/{}.rs", name.replace('-', "_"))));
        assert!(!fix.ends_with('.') && fix.chars().next().unwrap().is_lowercase(), "{fix}");
        assert!(!title.ends_with('.'), "{title}");
    }
}

/// The rule of which no page can show a hit: it takes more lines than there is room for. Its
/// fixture has them.
const TOO_LONG: &str = "CLM004";

#[test]
fn every_rule_is_documented_under_the_fixed_headings() {
    let all = ["What it checks", "Why it matters", "Options", "Example", "How to fix", "Source"];
    for rule in ALL {
        let RuleInfo { code, doc, .. } = rule.info;
        let headings: Vec<&str> = doc.lines().filter_map(|l| l.strip_prefix(" ## ")).collect();
        let want: Vec<&str> = all
            .into_iter()
            .filter(|name| *name != "Options" || doc.contains("## Options"))
            .collect();
        assert_eq!(headings, want, "{code}");
        assert_eq!(doc.matches("```").count(), 2, "{code}: one example");
        if rule.info.scope != Scope::Record && rule.info.scope != Scope::Run {
            let example = doc.split("```csv\n").nth(1).unwrap_or_else(|| panic!("{code}: csv"));
            let header = example.lines().next().unwrap_or_default().trim();
            assert!(header.contains("claim_id,") && header.contains("procedure_code"), "{code}");
            assert!(header.ends_with(",expect"), "{code}");
            assert!(example.contains(code) || code == TOO_LONG, "{code}: no line that it hits");
        }
    }
}

#[test]
fn a_misspelt_option_is_an_error_for_every_rule() {
    for rule in ALL {
        assert!(build(rule.info.code, &[("companion", &["x"])]).is_err(), "{}", rule.info.code);
        assert!(build(rule.info.code, &[]).is_ok(), "{}", rule.info.code);
    }
}

#[test]
fn records_are_told_by_their_fault_with_and_without_detail() {
    let details = [
        FaultDetail::None,
        FaultDetail::Width(7, 9),
        FaultDetail::Width(10, 9),
        FaultDetail::Byte(123),
        FaultDetail::Lines(12, 20),
        FaultDetail::Limit(2_097_152),
        FaultDetail::Instead("a total"),
        FaultDetail::Says("what is wrong"),
        FaultDetail::Counts("SE01", Some(3), 4),
        FaultDetail::Counts("SE01", None, 4),
    ];
    let mut kinds = BTreeSet::new();
    let place = Place { source: 0, record: 3, line: 4, byte: 99 };
    for rule in ALL.iter().filter(|rule| rule.info.scope == Scope::Record) {
        let Check::Record(check) = build(rule.info.code, &[]).unwrap() else { panic!() };
        kinds.insert(check.kind());
        let mut out = Findings::default();
        for (at, detail) in details.into_iter().enumerate() {
            check.check(at, &Fault { kind: check.kind(), place, lines: 2, detail }, &mut out);
        }
        assert_eq!(messages(&out).len(), details.len());
    }
    assert_eq!(kinds.len(), 17);
    let Check::Record(check) = build("STR001", &[]).unwrap() else { panic!() };
    let mut out = Findings::default();
    let detail = FaultDetail::Width(7, 9);
    check.check(0, &Fault { kind: check.kind(), place, lines: 1, detail }, &mut out);
    let want = "the record has 7 cells and the header 9: a cell is cut off or missing";
    assert_eq!(messages(&out), [want]);
}

#[test]
fn line_rules_judge_and_find() {
    let table = [
        ("CLM001", "99213", "CLM0001", "", 1, None),
        ("CLM001", "99213", " null ", "", 1, Some("claim_id")),
        ("COD001", "N/A", "CLM0001", "", 1, Some("revenue_code")),
        ("COD001", "N/A", "CLM0001", "0250", 0, None),
        ("COD001", "99213", "CLM0001", "0250", 1, None),
        ("COD002", "", "CLM0001", "", 0, None),
        ("COD002", "e11.9", "CLM0001", "", 1, Some("ICD-10-CM")),
        ("COD002", "1E+05", "CLM0001", "", 1, Some("no single repair")),
        ("COD002", "99213-25", "CLM0001", "", 1, None),
        ("COD003", "99213-25", "CLM0001", "", 1, Some("carries modifiers: write 99213")),
        ("COD003", "PHONE", "CLM0001", "", 1, None),
        ("CAT001", "99213", "CLM0001", "", 1, None),
        ("CAT001", "80046", "CLM0001", "", 1, Some("Radiology ends at 79999, Pathology")),
        ("CAT001", "00099", "CLM0001", "", 1, Some("(Anesthesia begins at 00100)")),
        ("CAT001", "0001A", "CLM0001", "", 0, None),
        ("CAT001", "99999.0", "CLM0001", "", 0, None),
        ("CAT002", "8000F", "CLM0001", "", 1, Some("ends at 7025F")),
        ("CAT002", "9007F", "CLM0001", "", 1, None),
        ("CAT002", "3044T", "CLM0001", "", 0, None),
    ];
    for (code, cell, claim, revenue, judged, want) in table {
        let (found, counted) = lines_found(code, &batch(&[(claim, cell, revenue)]));
        assert_eq!(counted, judged, "{code} {cell}");
        assert_eq!(found.len(), usize::from(want.is_some()), "{code} {cell}");
        let told = found.first().map_or("", |(_, _, message)| message);
        assert!(told.contains(want.unwrap_or_default()), "{code} {cell}: {told}");
    }
    let (found, _) = lines_found("COD003", &batch(&[("C", "O500F", "")]));
    assert_eq!(found[0].1, "0500F");
}

#[test]
fn every_code_number_is_in_the_prepared_set_exactly_when_in_the_sections() {
    let knowledge = embedded::knowledge().unwrap();
    let set = crate::rules::category::section_set::SectionSet::new(&knowledge.category_one, "");
    for number in 0..100_000 {
        let (code, _) = crate::model::Code::parse(format!("{number:05}").as_bytes()).unwrap();
        assert_eq!(set.contain(code), knowledge.category_one.contain(code), "{code}");
    }
}

#[test]
fn disagreeing_columns_are_told_once_a_line() {
    let mut batch = batch(&[("C1", "99213", ""), ("C1", "99214", ""), ("C2", "99215", "")]);
    let start = batch.text.len() as u32;
    batch.text.extend_from_slice(b" g0439LATE FEE");
    let code = Span { start, len: 6 };
    let text = Span { start: start + 6, len: 8 };
    for (row, other) in [(0, code), (2, text), (2, code)] {
        batch.disagreements.push(Disagreement { row, other });
    }
    let (found, judged) = lines_found("MAP002", &batch);
    assert_eq!((found.len(), judged), (2, 0));
    assert!(found[0].0 == 0 && found[0].2.contains("says G0439"), "{}", found[0].2);
    assert!(found[1].0 == 2 && !found[1].2.contains("LATE"), "{}", found[1].2);
}

#[test]
fn a_category_two_line_needs_a_service_on_its_claim() {
    let batch = batch(&[
        ("C1", "3044F", ""),
        ("C2", "3044F", ""),
        ("C1", "1036F", ""),
        ("C2", "99O13", ""),
        ("C3", "O500F", ""),
        ("C4", "4004F", ""),
        ("C4", "9921", ""),
        ("C5", "1170F", ""),
        ("C5", "G0438", ""),
        (" C5 ", "J1885", ""),
        ("", "3044F", ""),
    ]);
    let one = groups_found(&*group_check("CII001", &[]), &batch);
    let want = [
        "no Category I code goes with 3044F; the claim's other codes: 1036F",
        "no Category I code goes with 1036F; the claim's other codes: 3044F",
        "no Category I code goes with 0500F; it is the claim's only line",
        "no Category I code goes with 4004F; a line of the claim has no readable code",
    ];
    assert_eq!(one, want);
    let two = groups_found(&*group_check("CII002", &[]), &batch);
    assert_eq!(two, ["no Category I code goes with 1170F; the claim's service is G0438"]);
}

#[test]
fn options_move_the_border() {
    let batch = batch(&[
        ("C1", "1170F", ""),
        ("C1", "G0438", ""),
        ("C2", "0502F", ""),
        ("C3", "0503F", ""),
        ("C3", "3044F", ""),
        ("C4", "3044F", ""),
        ("C4", "99213", ""),
    ]);
    let options: &[(&str, &[&str])] = &[
        ("companions", &["g0438-g0439", "category-3"]),
        ("exempt-codes", &["0500F-0503F"]),
        ("group-by", &["patient_id", "service_date"]),
    ];
    let check = group_check("CII001", options);
    assert_eq!(check.key(), [Field::PatientId, Field::ServiceDate]);
    let group = "the group by patient_id and service_date";
    let want = format!("no companion code goes with 3044F; {group} has an exempt code");
    assert_eq!(groups_found(&*check, &batch), [want]);
    let two = groups_found(&*group_check("CII002", options), &batch);
    assert_eq!(two, [format!("no companion code goes with 3044F; {group}'s service is 99213")]);
    let wrong: [(&str, &str, &str); 6] = [
        ("companions", "category-1a", "did you mean `category-1"),
        ("companions", "category-2", ""),
        ("companions", "3044F", ""),
        ("exempt-codes", "G0438", ""),
        ("group-by", "patientid", "did you mean `patient_id`?"),
        ("group-by", "zzz", ""),
    ];
    for (option, value, help) in wrong {
        let error = build("CII001", &[(option, &[value])]).err().unwrap();
        assert!(error.message().contains(option), "{error}");
        assert!(error.help().unwrap_or_default().starts_with(help), "{:?}", error.help());
    }
    assert!(build("CII002", &[("group-by", &[])]).is_err());
}

#[test]
fn what_is_refused_is_a_class_or_a_range_for_payers_and_kinds() {
    let is_line =
        |options: &[(&str, &[&str])]| matches!(build("CAT003", options).unwrap(), Check::Line(_));
    assert!(is_line(&[("refuse", &["cdt", "S0000-S9999", " category-1 "])]));
    assert!(is_line(&[("refuse", &["G0438"]), ("claim-types", &["dental"])]));
    assert!(!is_line(&[("payers", &["Payer A"])]), "nothing is refused");
    let wrong: [(&str, &str, &str); 5] = [
        ("refuse", "cdtt", "did you mean `cdt`?"),
        ("refuse", "everything at all", "the classes are: category-1"),
        ("refuse", "S9999-S0000", "the classes are"),
        ("claim-types", "proffesional", "did you mean `professional`?"),
        ("claim-types", "837P", "the kinds are"),
    ];
    for (option, value, help) in wrong {
        let error = build("CAT003", &[(option, &[value])]).err().unwrap();
        assert!(error.message().contains(option), "{error}");
        assert!(error.help().unwrap_or_default().starts_with(help), "{:?}", error.help());
    }
}

#[test]
fn many_other_codes_are_counted_and_not_listed() {
    let codes: Vec<String> = (3006..3016).map(|number| format!("{number}F")).collect();
    let lines: Vec<_> = codes.iter().map(|code| ("C1", code.as_str(), "")).collect();
    let found = groups_found(&*group_check("CII001", &[]), &batch(&lines));
    assert!(
        found[0].ends_with("3007F, 3008F, 3009F, 3010F, 3011F, 3012F and 3 more"),
        "{}",
        found[0]
    );
    let found = groups_found(&*group_check("CII001", &[]), &batch(&[("C", "3044F", ""); 2]));
    assert!(found[0].ends_with("the claim's other codes: 3044F"), "{}", found[0]);
}

#[test]
fn a_rule_that_hits_nearly_everything_is_a_mapping_alarm() {
    let rules: Vec<&RuleInfo> = ALL.iter().map(|rule| &rule.info).collect();
    let id = |code: &str| RuleId(rules.iter().position(|info| info.code == code).unwrap() as u16);
    let table = [
        ("COD002", 100, 100, true),
        ("COD002", 99, 99, false),
        ("COD002", 999, 998, false),
        ("COD002", 1000, 950, true),
        ("COD002", 1000, 949, false),
        ("CII001", 999, 999, false),
        ("CII001", 1000, 1000, true),
        ("STR001", 5000, 5000, false),
        ("COD002", 0, 0, false),
    ];
    let Check::Run(check) = build("MAP001", &[]).unwrap() else { panic!() };
    for (code, judged, found, want) in table {
        let mut tally = Tally::new(rules.len());
        let counts = tally.rule_mut(id(code));
        counts.judged += judged;
        counts.found += found;
        let mut out = Findings::default();
        check.check(&[Tally::new(rules.len()), tally], &rules, &mut out);
        assert_eq!(messages(&out).len(), usize::from(want), "{code} {judged} {found}");
        assert!(out.reported().iter().all(|reported| reported.at == 1));
        assert!(
            messages(&out).iter().all(|message| message.contains(&format!("{found} of {judged}")))
        );
    }
}

/// A batch with these columns, and a row of cells for each line.
fn table(header: &str, rows: &[&str]) -> Batch {
    let mut columns: Columns = std::array::from_fn(|_| Column::NotMapped);
    let fields: Vec<Field> =
        header.split(',').map(|name| Field::from_name(name).unwrap()).collect();
    for (field, column) in fields.iter().zip(0..) {
        columns[*field as usize] = Column::At(column);
    }
    let vocabulary = embedded::knowledge().unwrap().vocabulary;
    let mut batch = Batch::new(0, fields.len(), false, Arc::new(columns), vocabulary);
    for row in rows {
        let start = batch.text.len() as u32;
        let mut code = "";
        for (field, cell) in fields.iter().zip(row.split(',')) {
            code = if *field == Field::ProcedureCode { cell } else { code };
            batch.text.extend_from_slice(cell.as_bytes());
            batch.ends.push(batch.text.len() as u32);
            batch.text.push(b',');
        }
        let code = read_procedure(code.as_bytes(), &batch.vocabulary, &mut Tidied::default());
        batch.put_line(start, Span::default(), code);
    }
    batch
}

/// The lines that a rule with an option hits.
fn hit(code: &str, option: Option<(&str, OptionValue)>, batch: &Batch) -> Vec<usize> {
    let knowledge = embedded::knowledge().unwrap();
    let set = option.map(|(key, value)| (key.to_owned(), value));
    let mut options = Options::new(set.into_iter().collect());
    let built =
        rule(code).build.check(&mut Builder { options: &mut options, knowledge: &knowledge });
    let Ok(Check::Line(check)) = built else { panic!("{code} is no line rule") };
    let (mut by_line, mut by_batch) = (Findings::default(), Findings::default());
    batch.lines().for_each(|line| check.check(line, &mut by_line));
    check.check_batch(batch, &mut by_batch);
    assert_eq!(messages(&by_line), messages(&by_batch));
    assert_eq!((by_line.judged(), by_line.left_out()), (by_batch.judged(), by_batch.left_out()));
    by_batch.reported().iter().map(|reported| reported.at).collect()
}

#[test]
fn options_of_rules_for_values_move_their_borders() {
    let list = |texts: &[&str]| OptionValue::List(texts.iter().map(|t| (*t).to_owned()).collect());
    let text = |text: &str| OptionValue::Text(text.to_owned());
    let money = table(
        "procedure_code,units,charge",
        &["99213,-1,-5.00", "99213,1,-5.00", "85025,1,0.00", "3044F,1,0.01", "3044F,1,5.00"],
    );
    assert_eq!(hit("AMT002", None, &money), [0, 1]);
    assert_eq!(hit("AMT002", Some(("allow-reversals", OptionValue::Flag(true))), &money), [1]);
    assert_eq!(hit("AMT003", None, &money), [2]);
    assert_eq!(hit("AMT003", Some(("exempt-codes", list(&["85025"]))), &money), [0; 0]);
    assert_eq!(hit("CII005", None, &money), [4]);
    assert_eq!(hit("CII005", Some(("max-charge", OptionValue::Number(0))), &money), [3, 4]);
    assert_eq!(hit("CII005", Some(("max-charge", OptionValue::Number(500))), &money), [0; 0]);
    assert_eq!(hit("CII005", Some(("companions", list(&["category-3"]))), &money), [4]);
    let parts = table("procedure_code,units", &["97110,1.5", "J1885,1.5"]);
    assert_eq!(hit("UNT002", None, &parts), [0]);
    assert_eq!(hit("UNT002", Some(("exempt-codes", list(&["97000-97999"]))), &parts), [1]);
    let dates = table(
        "payer,service_date,received_date",
        &[
            "Payer A,2024-12-31,2025-04-01",
            "payer a,2025-01-01,2025-04-02",
            ",2007-01-01,2008-01-02",
        ],
    );
    assert_eq!(hit("DAT005", None, &dates), [2]);
    assert_eq!(hit("DAT005", Some(("limit-days", OptionValue::Number(366))), &dates), [0; 0]);
    let limits = list(&["Payer A: 90 from 2025-01-01"]);
    assert_eq!(hit("DAT005", Some(("payer-limits", limits)), &dates), [1, 2]);
    assert_eq!(hit("DAT006", None, &dates), [0; 0]);
    assert_eq!(hit("DAT006", Some(("earliest", text("2010-01-01"))), &dates), [2]);
}

#[test]
fn npis_are_read_again_where_they_change() {
    let rows =
        ["1234567893,1588799746", "1234567893,1588799746", "1234567890,", ",1234567890", ","];
    let batch = table("rendering_npi,billing_npi", &rows);
    assert_eq!(hit("NPI002", None, &batch), [2, 3]);
    assert_eq!(hit("NPI001", None, &batch), [0; 0]);
}
