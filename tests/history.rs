//! What looks at runs that were made: waivers and the baseline, and what they must not change.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::indexing_slicing, clippy::string_slice, reason = "a test fails by panicking")]

#[path = "common/program.rs"]
mod program;
#[path = "common/runs.rs"]
mod runs;

use std::collections::{BTreeMap, BTreeSet};

use program::Folder;
use runs::{HEADER, Seen, cents, check, csv, rows};
use serde_json::Value;

/// What the summary must say of these findings, of which all others are excused.
fn assert_counts(all: &Seen, left: &Seen, key: &str) {
    let count = |value: &Value| value.as_u64().unwrap_or(0);
    let excused = all.findings.len() - left.findings.len();
    assert_eq!(count(&left.summary[key]), excused as u64, "{key}");
    // A claim whose findings are excused is not clean for it.
    assert_eq!(left.summary["clean_claims"], all.summary["clean_claims"]);
    assert_eq!(left.summary["claims"], all.summary["claims"]);
    let severity = |finding: &Value| finding["severity"].as_str().unwrap().to_owned();
    for word in ["error", "warning", "info"] {
        let found = left.findings.iter().filter(|finding| severity(finding) == word).count();
        assert_eq!(count(&left.summary["severities"][word]), found as u64);
    }
    let mut lines: BTreeMap<u64, i64> = BTreeMap::new();
    for finding in left.findings.iter().filter(|finding| !finding["amount"].is_null()) {
        lines.insert(finding["record"].as_u64().unwrap(), cents(&finding["amount"]));
    }
    assert_eq!(cents(&left.summary["at_risk"]), lines.values().sum::<i64>());
    for (rule, before) in left.summary["rules"]
        .as_array()
        .unwrap()
        .iter()
        .zip(all.summary["rules"].as_array().unwrap())
    {
        let of_rule = |seen: &Seen| {
            let findings = seen.findings.iter().filter(|finding| finding["rule"] == rule["code"]);
            findings.cloned().collect::<Vec<_>>()
        };
        let (was, is) = (of_rule(all), of_rule(left));
        assert_eq!(count(&rule["found"]), is.len() as u64, "{rule}");
        assert_eq!(count(&rule[key]), (was.len() - is.len()) as u64, "{rule}");
        assert_eq!(rule["judged"], before["judged"], "{rule}");
        if is.is_empty() && !was.is_empty() {
            assert_eq!(rule["outcome"], "excused");
        }
        let claims: BTreeSet<&str> = is.iter().filter_map(|f| f["claim_id"].as_str()).collect();
        if rule["code"] != "MAP001" {
            assert_eq!(count(&rule["claims"]), claims.len() as u64, "{rule}");
        }
    }
}

const SHAPES: [&[&str]; 3] = [&[], &["-j", "1"], &["-j", "4", "--memory-limit", "16MiB"]];

#[test]
fn a_waiver_takes_away_what_it_matches_and_nothing_else() {
    let folder = Folder::new();
    let rows = rows(1_500, 7);
    folder.write("export.csv", csv(&rows));
    let all = check(&folder, &["--isolated"]);
    let rules: BTreeSet<&str> = all.findings.iter().filter_map(|f| f["rule"].as_str()).collect();
    assert!(rules.len() > 5 && rules.contains("CII001"), "{rules:?}");
    type Matches = fn(&[String]) -> bool;
    let cases: [(&str, &str, Matches); 6] = [
        ("ALL", "payer = \"acme*\"", |row| row[2].to_lowercase().starts_with("acme")),
        ("CII001", "payer = [\"x\", \"other\"]", |row| row[2] == "Other"),
        // The billing provider stands in for the rendering one.
        ("ALL", "rendering-npi = \"123*\"", |row| !row[7].starts_with("19")),
        ("ALL", "modifier = \"1p\", place-of-service = \"11\"", |row| {
            row[5] == "1P" && row[6] == "11"
        }),
        ("ALL", "procedure-code = [\"*F\", \"9921\"]", |row| {
            row[4].ends_with('F') || row[4] == "9921"
        }),
        ("ALL", "claim-id = \"C1?\", file = \"*.csv\"", |row| {
            row[0].len() == 3 && row[0].starts_with("C1")
        }),
    ];
    for (rule, matching, matches) in cases {
        folder.write(
            "claimlint.toml",
            format!(
                "[[waiver]]\nrules = [\"{rule}\"]\nmatch = {{ {matching} }}\nreason = \"agreed\"\n\
                 approver = \"J. Poe\"\ngranted = \"2026-01-01\"\nexpires = \"2026-06-30\"\n"
            ),
        );
        let expected: Vec<&Value> = all
            .findings
            .iter()
            .filter(|finding| {
                let record = finding["record"].as_u64().unwrap_or(0) as usize;
                let is_rule = rule == "ALL" || finding["rule"] == rule;
                !(record > 0 && is_rule && matches(&rows[record - 1]))
            })
            .collect();
        assert!(expected.len() < all.findings.len(), "{matching}");
        for shape in SHAPES {
            let left = check(&folder, shape);
            assert_eq!(left.findings.iter().collect::<Vec<_>>(), expected, "{matching}");
            assert_counts(&all, &left, "waived");
        }
        let ignored = check(&folder, &["--ignore-waivers"]);
        assert_eq!(ignored.findings, all.findings);
    }
}

#[test]
fn a_baseline_accepts_what_was_found_and_says_what_is_new() {
    let folder = Folder::new();
    let mut rows = rows(1_200, 11);
    folder.write("export.csv", csv(&rows));
    let all = check(&folder, &["--isolated", "-r", "ndjson=findings.ndjson"]);
    let made = folder.run(&["baseline", "create", "findings.ndjson", "-o", "accepted.txt"]);
    assert_eq!(made.exit, 0, "{}", made.stderr);
    assert!(made.stderr.contains("without a claim number not accepted"), "{}", made.stderr);
    let again = folder.run(&["baseline", "create", "findings.ndjson", "-o", "accepted.txt"]);
    assert_eq!(again.exit, 2, "{}", again.stderr);
    let text = std::fs::read_to_string(folder.path("accepted.txt")).unwrap();
    assert!(!text.contains("C1"), "a claim number is in the baseline");
    let outside: Vec<&Value> =
        all.findings.iter().filter(|finding| finding["claim_id"].is_null()).collect();
    for shape in SHAPES {
        let left = check(&folder, &[&["--isolated", "--baseline", "accepted.txt"], shape].concat());
        assert_eq!(left.findings.iter().collect::<Vec<_>>(), outside);
        assert_counts(&all, &left, "accepted");
        assert!(!left.stderr.contains("panic"));
    }
    // The configuration may name it; its path starts there.
    folder.write("settings/claimlint.toml", "[baseline]\nfile = \"../accepted.txt\"\n");
    let named = ["--config", "settings/claimlint.toml"];
    assert_eq!(check(&folder, &named).findings.len(), outside.len());
    let without = check(&folder, &[&named[..], &["--no-baseline"]].concat());
    assert_eq!(without.findings, all.findings);

    // The same claims elsewhere, with one more that is wrong: that one is new.
    rows.retain(|row| !row[0].is_empty());
    let right = ["RIGHT1", "1", "ACME", "2026-03-01", "99213", "", "11", "", "1234567893", "9.00"];
    rows.insert(0, right.map(str::to_owned).to_vec());
    folder.write("export.csv", csv(&rows));
    let moved = check(&folder, &["--isolated", "--baseline", "accepted.txt"]);
    let of_claims = |seen: &Seen| -> Vec<String> {
        let claims = seen.findings.iter().filter_map(|finding| finding["claim_id"].as_str());
        claims.map(str::to_owned).collect()
    };
    let known = of_claims(&moved);
    assert!(known.is_empty(), "{known:?}");
    let mut wrong = rows[1].clone();
    (wrong[0], wrong[4]) = ("NEW1".to_owned(), "3044F".to_owned());
    rows.push(wrong);
    folder.write("export.csv", csv(&rows));
    let more = check(&folder, &["--isolated", "--baseline", "accepted.txt"]);
    let new = of_claims(&more);
    assert!(!new.is_empty() && new.iter().all(|claim| claim == "NEW1"), "{new:?}");

    // What does not occur any more is taken out, and not by a run that hid it.
    rows.retain(|row| row[0].len() < 4);
    folder.write("export.csv", csv(&rows));
    check(&folder, &["--isolated", "--baseline", "accepted.txt", "-r", "ndjson=hidden.ndjson"]);
    let hidden = folder.run(&["baseline", "prune", "accepted.txt", "hidden.ndjson"]);
    assert_eq!(hidden.exit, 2, "{}", hidden.stderr);
    assert_eq!(std::fs::read_to_string(folder.path("accepted.txt")).unwrap(), text);
    check(&folder, &["--isolated", "-r", "ndjson=now.ndjson"]);
    let pruned = folder.run(&["baseline", "prune", "accepted.txt", "now.ndjson"]);
    assert_eq!(pruned.exit, 0, "{}", pruned.stderr);
    let left = std::fs::read_to_string(folder.path("accepted.txt")).unwrap();
    let before: BTreeSet<&str> = text.lines().collect();
    assert!(left.lines().all(|line| before.contains(line)));
    assert!(left.lines().count() < text.lines().count() / 2, "{}", pruned.stderr);
    let stats = folder.run(&["baseline", "stats", "accepted.txt", "-f", "json"]);
    let stats: Value = serde_json::from_str(&stats.stdout).unwrap();
    assert_eq!(stats["fingerprints"], left.lines().count() as u64 - 1);
    assert_eq!(
        of_claims(&check(&folder, &["--isolated", "--baseline", "accepted.txt"])),
        Vec::<String>::new()
    );
}

#[test]
fn a_wrong_column_is_told_however_much_of_it_was_accepted() {
    let folder = Folder::new();
    let rows: String = (0..200).map(|at| format!("C{at},1,{at:04}\n")).collect();
    folder.write("export.csv", format!("claim_id,line,cpt\n{rows}"));
    let all = check(&folder, &["--isolated", "-r", "ndjson=findings.ndjson"]);
    let alarm = |seen: &Seen| seen.findings.iter().any(|finding| finding["rule"] == "MAP001");
    assert!(alarm(&all));
    folder.run(&["baseline", "create", "findings.ndjson", "-o", "accepted.txt"]);
    let left = check(&folder, &["--isolated", "--baseline", "accepted.txt"]);
    assert!(alarm(&left));
    assert_eq!(left.findings.len(), 1);
}

#[test]
fn a_waiver_that_does_not_apply_or_is_not_used_is_told() {
    let folder = Folder::new();
    folder.write("export.csv", format!("{HEADER}\nA,1,ACME,2026-03-01,3044F,,11,,,0.00\n"));
    let waiver = |payer: &str, granted: &str, expires: &str| {
        format!(
            "[[waiver]]\nrules = [\"CII001\"]\nmatch = {{ payer = \"{payer}\" }}\nreason = \"r\"\n\
             approver = \"a\"\n{granted}expires = \"{expires}\"\n"
        )
    };
    folder.write(
        "claimlint.toml",
        [
            waiver("acme", "", "2026-06-29"),
            waiver("nobody", "granted = \"2026-06-30\"\n", "2027-06-30"),
            waiver("acme", "granted = \"2026-07-01\"\n", "2026-07-02"),
        ]
        .concat(),
    );
    let seen = check(&folder, &[]);
    assert!(seen.findings.iter().any(|finding| finding["rule"] == "CII001"));
    let notes: Vec<&str> =
        seen.summary["notes"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    for said in [
        "claimlint.toml:1: this waiver expired after 2026-06-29",
        "claimlint.toml:7: this waiver excused nothing",
        "claimlint.toml:14: this waiver applies from 2026-07-01 on, and not yet",
    ] {
        assert!(notes.contains(&said), "{notes:?}");
    }
    let list = folder.run(&["waiver", "list", "--as-of", "2026-06-30"]);
    for said in
        ["claimlint.toml:1: expired", "claimlint.toml:7: in-force until 2027-06-30, 365 days"]
    {
        assert!(list.stdout.contains(said), "{}", list.stdout);
    }
    let list = folder.run(&["waiver", "list", "--as-of", "2026-06-30", "-f", "json"]);
    let list: Value = serde_json::from_str(&list.stdout).unwrap();
    let states: Vec<&str> =
        list["waivers"].as_array().unwrap().iter().filter_map(|w| w["state"].as_str()).collect();
    assert_eq!(states, ["expired", "in-force", "not-yet"]);
    let prune = folder.run(&["waiver", "prune", "--as-of", "2026-06-30"]);
    assert!(prune.stdout.contains("1 expired waiver to delete"), "{}", prune.stdout);
}

#[test]
fn a_waiver_that_lacks_something_is_refused_with_its_place() {
    let folder = Folder::new();
    folder.write("export.csv", "claim_id,line,cpt\nA,1,99213\n");
    let whole = [
        "rules = [\"CII001\"]",
        "match = { payer = \"ACME\" }",
        "reason = \"agreed\"",
        "approver = \"J. Poe\"",
        "expires = \"2026-12-31\"",
    ];
    let cases = [
        (0, "", "names no rule"),
        (0, "rules = [\"CII009\"]", "CII009"),
        (1, "", "needs a match"),
        (1, "match = { payer = [] }", "a pattern is empty"),
        (1, "match = { payer = \" \" }", "a pattern is empty"),
        (1, "match = { payer = \"[\" }", "not a glob"),
        (1, "match = { payr = \"x\" }", "unknown key `payr`"),
        (2, "", "needs a reason"),
        (2, "reason = \" \"", "needs a reason"),
        (3, "", "needs an approver"),
        (4, "", "needs a day on which it expires"),
        (4, "expires = \"soon\"", "expected a day"),
        (4, "expires = \"2027-07-02\"", "more than 366 days after 2026-06-30, the day of the run"),
        (
            4,
            "granted = \"2026-01-01\"\nexpires = \"2027-01-03\"",
            "more than 366 days after granted",
        ),
        (4, "granted = \"2026-01-01\"\nexpires = \"2025-12-31\"", "before granted"),
    ];
    let check = ["check", "export.csv", "--as-of", "2026-06-30"];
    for (at, line, said) in cases {
        let mut lines = whole;
        lines[at] = line;
        folder.write("claimlint.toml", format!("[[waiver]]\n{}\n", lines.join("\n")));
        let run = folder.run(&check);
        assert_eq!(run.exit, 2, "{line}: {}", run.stderr);
        assert!(run.stderr.contains(said), "{line}: {}", run.stderr);
        assert!(run.stderr.contains("claimlint.toml:"), "{line}: {}", run.stderr);
    }
    folder.write("claimlint.toml", format!("[[waiver]]\n{}\n", whole.join("\n")));
    assert_eq!(folder.run(&check).exit, 0);
}
