//! What is between two runs, and what a folder of runs shows.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::indexing_slicing, clippy::string_slice, reason = "a test fails by panicking")]

#[path = "common/program.rs"]
mod program;
#[path = "common/runs.rs"]
mod runs;

use program::Folder;
use runs::{HEADER, check, csv, rows};
use serde_json::Value;

/// What a run of the program says as JSON.
fn said(folder: &Folder, arguments: &[&str]) -> Value {
    let run = folder.run(arguments);
    assert_eq!(run.exit, 0, "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

#[test]
fn runs_are_compared_by_claim_and_charged_line_by_line() {
    let folder = Folder::new();
    let mut rows = rows(600, 3);
    rows.retain(|row| !row[0].is_empty());
    folder.write("export.csv", csv(&rows));
    check(&folder, &["--isolated", "-o", "before"]);
    let same = said(&folder, &["diff", "before", "before", "-f", "json"]);
    assert_eq!(
        (&same["all"]["new"]["findings"], &same["all"]["fixed"]["findings"]),
        (&0.into(), &0.into())
    );
    assert_eq!(same["all"]["open"]["findings"], same["before"]["findings"]);

    // One claim goes away, another comes, and all others are elsewhere in the file.
    let gone = "C1";
    rows.retain(|row| row[0] != gone);
    let right = ["RIGHT1", "1", "ACME", "2026-03-01", "99213", "", "11", "", "1234567893", "9.00"];
    let wrong = ["WRONG1", "1", "ACME", "2026-03-01", "9921", "", "11", "", "1234567893", "8.00"];
    rows.insert(0, right.map(str::to_owned).to_vec());
    rows.push(wrong.map(str::to_owned).to_vec());
    folder.write("export.csv", csv(&rows));
    let now = check(&folder, &["--isolated", "-o", "now"]);
    let diff = said(&folder, &["diff", "before", "now", "-f", "json"]);
    let list = |which: &str| -> Vec<Value> {
        let run = folder.run(&["diff", "before", "now", "--list", which]);
        assert_eq!(run.exit, 0, "{}", run.stderr);
        run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let [new, fixed, open] = ["new", "fixed", "open"].map(list);
    assert!(new.iter().all(|finding| finding["claim_id"] == "WRONG1") && !new.is_empty());
    assert!(fixed.iter().all(|finding| finding["claim_id"] == gone), "{fixed:?}");
    let on_claims = now.findings.iter().filter(|finding| !finding["claim_id"].is_null()).count();
    assert_eq!(new.len() + open.len(), on_claims);
    for (word, listed) in [("new", &new), ("fixed", &fixed), ("open", &open)] {
        assert_eq!(diff["all"][word]["findings"], listed.len() as u64);
    }
    assert_eq!(diff["all"]["new"]["dollars"], "8.00");
    let payers: Vec<&str> =
        diff["by_payer"].as_array().unwrap().iter().filter_map(|p| p["name"].as_str()).collect();
    assert_eq!((payers.len(), payers[0]), (3, "ACME"));
    let providers = diff["by_provider"].as_array().unwrap();
    assert!(providers.iter().any(|provider| provider["name"] == "1999028586"));

    let text = folder.run(&["diff", "before", "now"]).stdout;
    assert!(text.contains("   new: ") && text.contains("1 claim, $8.00"), "{text}");
    let markdown = folder.run(&["diff", "before", "now", "-f", "markdown"]).stdout;
    assert!(markdown.contains("| `ACME` | "), "{markdown}");
    assert_eq!(folder.run(&["diff", "before", "now", "--fail-on", "new"]).exit, 1);
    assert_eq!(folder.run(&["diff", "before", "before", "--fail-on", "new"]).exit, 0);
}

#[test]
fn what_is_damaged_is_not_compared() {
    let folder = Folder::new();
    folder.write("export.csv", csv(&rows(200, 5)));
    check(&folder, &["--isolated", "-o", "run", "-r", "ndjson=findings.ndjson"]);
    let text = std::fs::read_to_string(folder.path("findings.ndjson")).unwrap();
    let middle = text.len() / 2;
    folder.write("cut.ndjson", &text[..middle]);
    let cut = text[..middle].lines().count();
    for arguments in [["cut.ndjson", "run"], ["run", "cut.ndjson"]] {
        for more in [&[][..], &["--list", "open"], &["-f", "json"]] {
            let run = folder.run(&[&["diff"], &arguments[..], more].concat());
            assert_eq!((run.exit, run.stdout.as_str()), (3, ""), "{}", run.stderr);
            assert!(run.stderr.contains(&format!("cut.ndjson:{cut}: ")), "{}", run.stderr);
        }
    }
    // At the end of a line only the record of the run can tell.
    let whole = &text[..text[..middle].rfind('\n').unwrap() + 1];
    folder.write("run/findings.ndjson", whole);
    let run = folder.run(&["diff", "run", "findings.ndjson"]);
    assert_eq!((run.exit, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    assert!(run.stderr.contains("is not what its run wrote"), "{}", run.stderr);
    let none = folder.run(&["diff", "nowhere", "findings.ndjson"]);
    assert_eq!(none.exit, 2, "{}", none.stderr);
}

#[test]
fn what_has_no_claim_number_is_told_apart_and_more_of_it_is_new() {
    let folder = Folder::new();
    folder.write("export.csv", format!("{HEADER}\nA,1,ACME,2026-03-01,99213,,11,,,1.00\n"));
    check(&folder, &["--isolated", "-r", "ndjson=before.ndjson"]);
    folder.write("export.csv", format!("{HEADER}\nA,1,ACME,2026-03-01,99213,,11,,,1.00\nx,y\n"));
    check(&folder, &["--isolated", "-r", "ndjson=now.ndjson"]);
    let run = folder.run(&["diff", "before.ndjson", "now.ndjson", "--fail-on", "new"]);
    assert_eq!(run.exit, 1);
    assert!(run.stdout.contains("   new: 0 findings on 0 claims"), "{}", run.stdout);
    assert!(
        run.stdout.contains("without a claim number, not compared: 0 before"),
        "{}",
        run.stdout
    );
}
