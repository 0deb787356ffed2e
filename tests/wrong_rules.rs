//! Rules in SQL that are wrong: each ends with a clear error that names its place, or loads and
//! cannot tell. None panics, none hangs, none takes the memory.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::indexing_slicing, clippy::string_slice, reason = "a test fails by panicking")]

#[path = "common/program.rs"]
mod program;

use std::time::{Duration, Instant};

use program::{Ended, Folder};

/// Longer than any of these files takes, on a slow machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(60);

const FEES: &str = "code,price,note,valid_from\n99213,10,a b,2020-01-01\n";

/// What must not stand in what is said: a panic, or the place of a line of this program.
const NEVER: [&str; 4] = ["panicked", "internal fault", "overflowed its stack", "src/"];

/// A rule in which the value of a key is written as it is given.
fn rule(scope: &str, key: &str, value: &str) -> String {
    let fails = if scope == "line" { "TRUE" } else { "COUNT(*) > 0" };
    let mut text = format!(
        "[tables.fees]\nfile = \"fees.csv\"\n[[rule]]\ncode = \"ORG001\"\nname = \"wrong\"\n\
         title = \"Wrong\"\nscope = \"{scope}\"\n"
    );
    for (name, usual) in [("fails-when", fails), ("message", "wrong")] {
        if name != key {
            text.push_str(&format!("{name} = \"{usual}\"\n"));
        }
    }
    text + &format!("{key} = {value}\n")
}

/// The line on which [`rule`] writes the value.
fn line_of(rule: &str) -> usize {
    rule.lines().count()
}

/// A text between three quotes, as it stands in a file.
fn literal(text: &str) -> String {
    let blank = if text.ends_with('\'') { " " } else { "" };
    format!("'''{text}{blank}'''")
}

/// A text with everything escaped that a file cannot hold as it is.
fn escaped(text: &str) -> String {
    let escape = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        c if c.is_control() => format!("\\u{:04x}", c as u32),
        c => c.to_string(),
    };
    format!("\"{}\"", text.chars().map(escape).collect::<String>())
}

fn run(folder: &Folder, rule: &str, arguments: &[&str]) -> Ended {
    folder.write("r.toml", rule);
    folder.write("fees.csv", FEES);
    let begun = Instant::now();
    let ended = folder.run(&[arguments, &["--isolated", "--rules", "r.toml"]].concat());
    assert!(begun.elapsed() < PATIENCE, "{rule:.500}\ntook {:?}", begun.elapsed());
    for word in NEVER {
        assert!(!ended.stderr.contains(word), "{rule:.500}\n{}", ended.stderr);
    }
    ended
}

/// A wrong piece of a rule.
struct Piece {
    scope: &'static str,
    key: &'static str,
    /// The piece, with `§` before what is wrong.
    marked: &'static str,
    said: &'static str,
}

fn pieces() -> Vec<Piece> {
    let mut pieces = Vec::new();
    let (mut scope, mut key) = ("", "");
    let mut lines = include_str!("wrong_rules/pieces.txt").lines();
    while let Some(marked) = lines.next() {
        if marked.is_empty() || marked.starts_with("# ") {
            continue;
        }
        match marked.strip_prefix('[').filter(|_| !marked.contains('§')) {
            Some(section) => {
                (scope, key) = section.strip_suffix(']').unwrap().split_once(' ').unwrap();
            }
            None => {
                let said = lines.next().and_then(|line| line.strip_prefix('\t')).expect(marked);
                pieces.push(Piece { scope, key, marked, said });
            }
        }
    }
    pieces
}

#[test]
fn each_wrong_piece_is_told_with_its_place() {
    let folder = Folder::new();
    let pieces = pieces();
    assert!(pieces.len() > 350, "{}", pieces.len());
    let mut complaints = String::new();
    for Piece { scope, key, marked, said } in pieces {
        let (before, after) = marked.split_once('§').expect(marked);
        let text = rule(scope, key, &literal(&format!("{before}{after}")));
        let ended = run(&folder, &text, &["rules"]);
        let column = key.len() + " = '''".len() + before.chars().count() + 1;
        let place = format!("error: r.toml:{}:{column}: ", line_of(&text));
        // A column that no header can have is none of one key.
        let told = [format!("{place}{key}: {said}\n"), format!("{place}{said}\n")];
        if ended.exit != 2 || !told.iter().any(|told| ended.stderr.starts_with(told)) {
            complaints.push_str(&format!("{marked}\nwants {}got {}\n", told[0], ended.stderr));
        }
    }
    assert!(complaints.is_empty(), "{complaints}");
}

#[test]
fn what_other_dialects_have_is_told_what_to_write() {
    let folder = Folder::new();
    for (text, help) in [
        ("IFNULL(units, 0) > 1", "COALESCE(x, y)"),
        ("IF(units > 1, TRUE, FALSE)", "CASE WHEN"),
        ("DATEDIFF(service_end, service_date) > 1", "service_end - service_date"),
        ("YEAR(service_date) = 2025", "EXTRACT(YEAR FROM"),
        ("NOW() > service_date", "tomorrow"),
        ("CAST(units AS TEXT) = '1'", "TRY_CAST"),
        ("units::text = '1'", "TRY_CAST"),
        ("units == 1", "one ="),
        ("COUNT(*) OVER () > 1", "scope = \"claim\""),
        ("place_of_service = 11", "single quotes"),
        ("uints > 1", "did you mean `units`?"),
        ("UPER(class) = 'A'", "did you mean UPPER?"),
        ("procedure_code IN tables.fes", "did you mean tables.fees?"),
        ("modifiers = '25'", "'25' IN modifiers"),
        ("units IN (SELECT 1)", "x IN tables.NAME"),
    ] {
        let ended = run(&folder, &rule("line", "fails-when", &literal(text)), &["rules"]);
        assert!(ended.exit == 2 && ended.stderr.contains(help), "{text}\n{}", ended.stderr);
    }
}

/// `inner` between as many of each.
fn nested(open: &str, inner: &str, close: &str, times: usize) -> String {
    format!("{}{inner}{}", open.repeat(times), close.repeat(times))
}

/// A part, again and again.
fn joined(part: &str, sign: &str, times: usize) -> String {
    vec![part; times].join(sign)
}

/// Expressions that are huge or deep, each with what is said of it.
fn too_much() -> Vec<(String, &'static str)> {
    let numbers: Vec<String> = (0..2_500).map(|number| number.to_string()).collect();
    vec![
        (joined("units > 1", " OR ", 80_000), "larger than 16 KiB"),
        ("x".repeat((1 << 20) - 1_000), "larger than 16 KiB"),
        (joined("1", "+", 10_000) + " > 1", "larger than 16 KiB"),
        (format!("units IN ({})", numbers.join(",")), "more than 4000 words"),
        (nested("(", "well_formed", ")", 8_000), "more than 4000 words"),
        (nested("(", "well_formed", ")", 1_900), "nested too deep"),
        (nested("(", "well_formed", ")", 50), "nested too deep"),
        (nested("NOT(", "well_formed", ")", 1_000), "nested too deep"),
        (nested("-(", "1", ")", 900) + " > 1", "nested too deep"),
        (nested("CASE WHEN TRUE THEN ", "TRUE", " END", 600), "nested too deep"),
        (nested("UPPER(", "class", ")", 1_200) + " = 'A'", "nested too deep"),
        (joined("1", "+", 1_900) + " > 1", "more than 100 operators in a row"),
        (joined("1", "*", 1_900) + " > 1", "more than 100 operators in a row"),
        (joined("class", "||", 700) + " = 'A'", "more than 100 operators in a row"),
        (format!("units{}", " IS NULL".repeat(1_200)), "more than 100 operators in a row"),
        (joined("TRUE", " = ", 1_500), "more than 100 operators in a row"),
        (format!("'a'{}", " IN ('a')".repeat(500)), "more than 100 operators in a row"),
        (nested("(", "1", &format!("{})", " + 1".repeat(40)), 45) + " > 1", "more than 200"),
        (format!("a{} > 1", ".a".repeat(1_900)), "too many points"),
        ("a".repeat(16_000), "a name of more than 200 characters"),
        (format!("\"{}\" = 'a'", "a".repeat(9_000)), "a name of more than 200 characters"),
        (format!("units > {}", "9".repeat(9_000)), "too many digits"),
        ("'".repeat(9_001), "not closed"),
        (format!("-- {}", "x".repeat(9_000)), "found the end"),
        (format!("REGEXP_LIKE(class, '{}')", nested("(", "a", ")", 3_000)), "cannot be read"),
        (format!("class LIKE '{}'", "%a".repeat(251)), "more than 500 characters"),
        (format!("class NOT ILIKE '{}b'", "a".repeat(8_000)), "more than 500 characters"),
        ("units > 1\0".to_owned(), "control character"),
        ("units > 1\u{1b}[2J".to_owned(), "control character"),
        ("units\u{200b} > 1".to_owned(), "`\\u{200b}` means nothing here"),
        ("units > 1 \u{202e}".to_owned(), "`\\u{202e}` means nothing here"),
        (String::new(), "is empty"),
        (" \n ".to_owned(), "is empty"),
    ]
}

/// What is written once and meant many times.
fn too_large_written_out() -> Vec<String> {
    let sum = joined("units", "+", 90);
    vec![
        format!("CASE {sum} {}END", "WHEN 1 THEN TRUE ".repeat(700)),
        nested("CASE ", "units", " WHEN 1 THEN 1 WHEN 2 THEN 2 END", 20) + " = 1",
        nested("NULLIF(", "units", ", 1)", 45) + " > 1",
        nested("GREATEST(", "units", ", units)", 20) + " > 1",
        format!("LEAST({}) > 1", joined("units", ",", 1_900)),
        format!("({sum}) IN ({})", joined("units", ",", 600)),
    ]
}

#[test]
fn what_is_huge_or_deep_is_refused() {
    let folder = Folder::new();
    let copied = too_large_written_out().into_iter();
    let copied = copied.map(|text| (text, "too large once written out"));
    for (text, said) in too_much().into_iter().chain(copied) {
        let rule = rule("line", "fails-when", &escaped(&text));
        let ended = run(&folder, &rule, &["rules"]);
        let place = format!("error: r.toml:{}:", line_of(&rule));
        let is_told = ended.stderr.starts_with(&place) && ended.stderr.contains(said);
        assert!(ended.exit == 2 && is_told, "{text:.200}\nwants {said}\n{:.500}", ended.stderr);
    }
}

/// Two lines that can be read, and one that cannot.
const LINES: &str = "claim_id,procedure_code,units,charge,service_date,procedure_description\n\
                     1,99213,2,10.00,2025-01-01,aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\n\
                     2,99214,0,0,2025-01-02,\n3,99O15,x,y,2025-02-30,\n";

/// The lines that a rule finds, by their record.
fn found(folder: &Folder, scope: &str, text: &str) -> Vec<u64> {
    folder.write("lines.csv", LINES);
    let rule = rule(scope, "fails-when", &escaped(text));
    let arguments = ["check", "lines.csv", "--select", "ORG001", "-f", "ndjson", "--exit-zero"];
    let ended = run(folder, &rule, &arguments);
    assert_eq!(ended.exit, 0, "{text:.200}\n{}", ended.stderr);
    let record = |line: &str| {
        let finding: serde_json::Value = serde_json::from_str(line).unwrap();
        finding["record"].as_u64().unwrap()
    };
    ended.stdout.lines().map(record).collect()
}

#[test]
fn what_cannot_be_computed_finds_nothing() {
    let folder = Folder::new();
    for text in [
        "units / 0 > 1",
        "1 / 0 = 1",
        "units % 0 = 1",
        "MOD(units, 0) = 1",
        "charge / (units - units) > 1",
        "NOT (charge / (units - units) > 1)",
        "NULL",
        "NULL = NULL",
        "units = NULL",
        "units <> NULL",
        "NOT NULL",
        "NULL IN (1, 2)",
        "units NOT IN (999, NULL)",
        "NULL LIKE 'a'",
        "TRY_CAST('x' AS DECIMAL) > 0 OR TRY_CAST('x' AS DECIMAL) <= 0",
        "TRY_CAST('999999999999999999999' AS DECIMAL) > 0",
        "TRY_CAST('2025-02-30' AS DATE) > '2000-01-01'",
        "service_date + INTERVAL '100000' YEAR > '2025-01-01'",
        "service_date + 999999999 > '2025-01-01'",
        "service_date - 999999999 < '2025-01-01'",
        "LOOKUP(tables.fees.price, 'nothing') > 0",
        "SUBSTRING(class, 0, 0) = 'a'",
        "REPLACE(REPLACE(REPLACE(REPLACE('aaaaaaaaaaaaaaaa', 'a', 'aaaaaaaaaaaaaaaa'), 'a', \
         'aaaaaaaaaaaaaaaa'), 'a', 'aaaaaaaaaaaaaaaa'), 'a', 'aaaaaaaaaaaaaaaa') <> ''",
    ] {
        assert_eq!(found(&folder, "line", text), [0; 0], "{text}");
    }
    for text in [
        "SUM(units) / 0 > 1",
        "SUM(units) FILTER (WHERE FALSE) > 0",
        "MIN(charge) / SUM(units - units) > 1",
        "AVG(charge) FILTER (WHERE units > 999) > 0",
    ] {
        assert_eq!(found(&folder, "claim", text), [0; 0], "{text}");
    }
}

/// Expressions that are odd and yet right, each with the lines that it finds.
fn odd() -> Vec<(String, &'static [u64])> {
    let nineteen = format!("{})", ", 'a'".repeat(19));
    vec![
        ("TRUE".to_owned(), &[1, 2, 3]),
        (nested("(", "units = 2", ")", 45), &[1]),
        ("NOT ".repeat(2_999) + "units <> 2", &[1]),
        ("- ".repeat(3_000) + "units = 2", &[1]),
        (joined("units = 2", " OR ", 900), &[1]),
        (joined("units = 2", " AND ", 900), &[1]),
        (nested("(units = 2 AND ", "TRUE", ")", 45), &[1]),
        (format!("COALESCE({}) = 2", joined("units", ",", 1_900)), &[1]),
        (format!("CASE units {}END", "WHEN 2 THEN TRUE ".repeat(700)), &[1]),
        (format!("CONCAT({}) <> ''", joined("class", ",", 300)), &[1, 2, 3]),
        (nested("CONCAT(", "class", &nineteen, 45) + " <> ''", &[1, 2, 3]),
        (nested("(", "class", &format!("{})", " || 'a'".repeat(5)), 45) + " <> ''", &[1, 2, 3]),
        (nested("(", "units", " / 2)", 48) + " >= 0", &[1, 2]),
        (format!("procedure_code IN ({})", joined("'99213'", ",", 1_800)), &[1]),
        (format!("class NOT LIKE '{}'", "%a".repeat(250)), &[1, 2, 3]),
        (format!("units = 2 {}", "-- x\n".repeat(2_000)), &[1]),
        // Patterns that take other engines for ever.
        ("REGEXP_LIKE(procedure_description, '^(a+)+$')".to_owned(), &[]),
        ("REGEXP_LIKE(procedure_description, '^(a|a)*$')".to_owned(), &[]),
        ("REGEXP_LIKE(procedure_description, '(.*)*(.*)*(.*)*x')".to_owned(), &[]),
        (format!("REGEXP_LIKE(procedure_description, '{}c')", "a?".repeat(3_000)), &[]),
        (format!("procedure_description LIKE '{}c'", "%a".repeat(30)), &[]),
        ("(units = 2) IS NOT FALSE".to_owned(), &[1, 3]),
        ("units IS NULL".to_owned(), &[3]),
        ("units\u{a0}= 2".to_owned(), &[1]),
        ("'é' <> 'e' AND units = 2".to_owned(), &[1]),
    ]
}

#[test]
fn what_is_odd_and_right_is_computed() {
    let folder = Folder::new();
    for (text, want) in odd() {
        assert_eq!(found(&folder, "line", &text), want, "{text:.200}");
    }
}

#[test]
fn wrong_files_are_told_with_their_place() {
    let folder = Folder::new();
    let whole = rule("line", "fails-when", "\"TRUE\"");
    let with = |more: &str| format!("{whole}{more}");
    for (text, place) in [
        ("[[rule]]".to_owned(), "1:1: a rule needs a code"),
        ("[[rule]\n".to_owned(), "1:8: "),
        ("[rule]\ncode = \"ORG001\"".to_owned(), "1:1: "),
        ("rule = 1".to_owned(), "1:8: "),
        (whole.replace("fails-when", "fail-when"), "9:1: unknown key `fail-when`"),
        (whole.replace("\"TRUE\"", "TRUE"), "9:14: "),
        (whole.replace("\"TRUE\"", "true"), "9:14: "),
        (whole.replace("\"TRUE\"", "\"TRUE"), "9:19: "),
        (whole.replace("\"TRUE\"", "\"\\q\""), "9:16: "),
        (whole.replace("ORG001", "CII001"), "4:1: `CII001` cannot be the code"),
        (whole.replace("ORG001", "ORG1"), "4:1: `ORG1` cannot be the code"),
        (whole.replace("\"wrong\"\nt", "\"Wrong One\"\nt"), "5:1: `Wrong One` cannot be the name"),
        (whole.replace("\"line\"", "\"week\""), "7:9: unknown value `week`"),
        (whole.replace("fees.csv", "fee.csv"), "2:1: fee.csv: cannot be read"),
        (whole.replace("tables.fees", "tables.Fees"), "1:9: `Fees` cannot be the name"),
        (with("effective = { from = \"2025-02-30\" }"), "10:15: effective: from: expected"),
        (with("payer = []"), "10:1: payer: a payer needs a name"),
        (with("fields = [\"unit\"]"), "10:1: fields: "),
        (with("lines-when = \"TRUE\""), "10:1: lines-when: a rule for lines"),
        (with("severity = \"fatal\""), "10:12: unknown value `fatal`"),
        (with("category = \"nonsense\""), "10:1: unknown category `nonsense`"),
        (with("url = \"javascript:alert(1)\""), "10:1: url: is no address"),
        (with("help = \"a\\nb\""), "10:1: help: has a line break"),
        (with("[[rule.test]]\nlines = [{ units = 1.5 }]"), "11:20: "),
        (with("[[rule.test]]\nlines = []\nexpect = \"fail\""), "10:1: a test needs lines"),
        (with(&whole.replace("fees", "rates")), "13:1: code `ORG001` is taken"),
    ] {
        let ended = run(&folder, &text, &["rules"]);
        let is_told = ended.stderr.starts_with(&format!("error: r.toml:{place}"));
        assert!(ended.exit == 2 && is_told, "{text}\nwants {place}\n{}", ended.stderr);
    }
}
