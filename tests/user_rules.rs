//! Rules of the user's own: where they are found, what is said of them, and that every command
//! knows them as it knows the others.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::indexing_slicing, clippy::string_slice, reason = "a test fails by panicking")]

#[path = "common/program.rs"]
mod program;

use std::fs;

use program::Folder;
use serde_json::Value;

const RULES: &str = r#"
[[rule]]
code = "ORG001"
name = "telehealth-without-modifier"
title = "Telehealth visit without its modifier"
severity = "error"
category = "modifier"
fails-when = "place_of_service IN ('02', '10') AND NOT ('95' IN modifiers)"
fields = ["modifiers"]
message = "telehealth visit {procedure_code} without modifier 95"
help = "add modifier 95 and resubmit"
url = "https://example.org/telehealth"
owner = "Billing"

[[rule]]
code = "ORG002"
name = "missing-referrer"
title = "No referring provider"
fails-when = '"Referring NPI" IS NULL'
message = "no referring provider"
"#;

const EXPORT: &str = "claim_id,line,dos,cpt,modifier,pos,charge,Referring NPI\n\
                      C1,1,2026-01-02,99213,,02,10.00,SECRET1\n\
                      C1,2,2026-01-02,99214,95,02,10.00,\n\
                      C2,1,2026-01-02,99214,25,11,10.00,SECRET2\n";

/// A folder with rules and an export.
fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("rules.toml", RULES);
    folder.write("export.csv", EXPORT);
    folder
}

/// The arguments of a check with these rules alone.
const CHECK: [&str; 8] =
    ["check", "export.csv", "--rules", "rules.toml", "--select", "ORG", "--as-of", "2026-10-31"];

#[test]
fn every_command_knows_the_users_rules() {
    let folder = folder();
    let ended = folder.run(&CHECK);
    assert_eq!(ended.exit, 1, "{ended:?}");
    assert!(ended.stdout.contains("telehealth visit 99213 without modifier 95"), "{ended:?}");
    assert!(ended.stdout.contains("fix: add modifier 95 and resubmit"), "{ended:?}");
    assert!(!ended.stdout.contains("SECRET"), "{ended:?}");
    let said = |arguments: &[&str]| {
        let ended = folder.run(&[arguments, &["--rules", "rules.toml"]].concat());
        assert_eq!(ended.exit, 0, "{ended:?}");
        ended.stdout
    };
    let rules = said(&["rules", "--select", "ORG"]);
    let first = rules.lines().next().unwrap();
    assert!(first.starts_with("ORG001   error     telehealth-without-modifier"), "{rules}");
    assert!(first.contains("rules.toml"), "{rules}");
    assert!(rules.ends_with("2 of 88 rules in force; 2 rules of your own\n"), "{rules}");
    let rule = said(&["rule", "org001"]);
    for part in ["IN ('02', '10')", "Owner: Billing", "https://example.org/telehealth"] {
        assert!(rule.contains(part), "{rule}");
    }
    assert!(!rule.contains("since"), "{rule}");
    let json: Value = serde_json::from_str(&said(&["rule", "ORG002", "-f", "json"])).unwrap();
    assert_eq!(json[0]["needs"], serde_json::json!(["Referring NPI"]));
    assert_eq!(json[0]["own"]["file"], "rules.toml");
    let seen = said(&["inspect", "export.csv"]);
    assert!(seen.contains("for own rules       Referring NPI "), "{seen}");
    assert!(!seen.contains("other_") && !seen.contains("not read"), "{seen}");
    let shown = said(&["config", "show"]);
    assert!(!shown.contains("other_"), "{shown}");
    // Without the file nobody knows them; what comes with the program is explained all the same.
    let unknown = folder.run(&["rule", "ORG001"]);
    assert_eq!(unknown.exit, 2);
    folder.write("claimlint.toml", "rules = [\"gone.toml\"]");
    assert_eq!(folder.run(&["rule", "CII001"]).exit, 0);
    let ended = folder.run(&["rules"]);
    assert_eq!(ended.exit, 2);
    assert!(ended.stderr.contains("claimlint.toml:1:10: no such file or folder: gone.toml"));
}

#[test]
fn an_input_without_the_column_is_told_by_its_header_name() {
    let folder = folder();
    folder.write("export.csv", EXPORT.replace("Referring NPI", "Note"));
    let ended = folder.run(&[&CHECK[..], &["-f", "summary"]].concat());
    assert!(ended.stdout.contains("no column: ORG002 (Referring NPI)"), "{ended:?}");
    assert!(!ended.stdout.contains("other_"), "{ended:?}");
    let seen = folder.run(&["inspect", "export.csv", "--rules", "rules.toml"]).stdout;
    assert!(seen.contains("    Referring NPI  "), "{seen}");
    // A field that already has the column, and a name in another spelling.
    folder.write("rules.toml", RULES.replace("\"Referring NPI\"", "\"NOTE.\""));
    let ended = folder.run(&[&CHECK[..], &["-f", "ndjson"]].concat());
    let second = ended.stdout.lines().filter(|line| line.contains("ORG002")).count();
    assert_eq!(second, 1, "{ended:?}");
    folder.write("rules.toml", RULES.replace("\"Referring NPI\"", "\"pos\""));
    let ended = folder.run(&[&CHECK[..], &["-f", "ndjson"]].concat());
    assert!(ended.stdout.contains("ORG001") && !ended.stdout.contains("ORG002"), "{ended:?}");
}

#[test]
#[cfg(feature = "polars")]
fn columns_of_parquet_are_named_like_those_of_text() {
    // A column may hold a field and be named beside that.
    let rules = r#"
[[rule]]
code = "X001"
name = "any-line"
title = "Any line"
fails-when = '"CLAIM-ID " = claim_id AND "Service Date" IS NOT NULL'
message = "a line"

[[rule]]
code = "X002"
name = "begins-with-one"
title = "A charge that begins with 1"
fails-when = '''"Charge." LIKE '1%' '''
message = "begins with 1"
"#;
    let folder = Folder::new();
    folder.write("rules.toml", rules);
    let formats = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/formats");
    let findings = |name: &str| {
        let path = format!("{formats}/{name}");
        let arguments = ["check", &path, "--rules", "rules.toml", "--select", "X0", "-f", "csv"];
        let ended = folder.run(&[&arguments[..], &["--as-of", "2026-10-31"]].concat());
        assert_eq!(ended.exit, 0, "{ended:?}");
        let mut rows = csv::Reader::from_reader(ended.stdout.as_bytes());
        let names = rows.headers().unwrap().clone();
        let at = |wanted: &str| names.iter().position(|name| name == wanted).unwrap();
        let wanted = ["rule", "record", "claim_id", "message"].map(at);
        let row = |row: csv::StringRecord| wanted.map(|at| row[at].to_owned());
        rows.records().map(|found| row(found.unwrap())).collect::<Vec<_>>()
    };
    let of_text = findings("claims.csv");
    assert!(of_text.iter().any(|row| row[0] == "X002"), "{of_text:?}");
    assert_eq!(of_text.iter().filter(|row| row[0] == "X001").count(), 15);
    assert_eq!(findings("claims.parquet"), of_text);
}

#[test]
fn a_run_is_rendered_again_without_its_rules() {
    let folder = folder();
    folder.write("other.csv", "claim_id,line,dos,cpt,modifier,pos\nD1,1,2026-01-02,99213,,02\n");
    let reports = ["-r", "sarif=a.sarif", "-r", "junit=a.xml", "-r", "json=a.json", "-r"];
    let more = ["md=a.md", "-o", "run", "other.csv"];
    assert_eq!(folder.run(&[&CHECK[..], &reports, &more].concat()).exit, 1);
    fs::remove_file(folder.path("rules.toml")).unwrap();
    // A rule of that code is another by now.
    let other = RULES.replace("Telehealth visit without its modifier", "Something else");
    folder.write("claimlint.toml", other);
    let again = ["report", "run", "-r", "sarif=b.sarif", "-r", "junit=b.xml", "-r", "json=b.json"];
    let ended = folder.run(&again);
    assert_eq!(ended.exit, 0, "{ended:?}");
    for (one, two) in [("a.sarif", "b.sarif"), ("a.xml", "b.xml"), ("a.json", "b.json")] {
        let text = |name: &str| fs::read_to_string(folder.path(name)).unwrap();
        assert_eq!(text(one), text(two));
    }
    let sarif = fs::read_to_string(folder.path("b.sarif")).unwrap();
    assert!(sarif.contains("\"helpUri\":\"https://example.org/telehealth\""));
    let xml = fs::read_to_string(folder.path("b.xml")).unwrap();
    assert!(xml.contains("no column mapped to Referring NPI"), "{xml}");
    assert_eq!(folder.run(&["diff", "run", "run"]).exit, 0);
}

#[test]
fn what_a_rule_says_shapes_the_record_of_the_run() {
    let folder = folder();
    let digests = |name: &str| {
        folder.run(&[&CHECK[..], &["-o", name]].concat());
        let text = fs::read_to_string(folder.path(name).join("run.json")).unwrap();
        let record: Value = serde_json::from_str(&text).unwrap();
        [record["rules"]["sha256"].clone(), record["configuration_sha256"].clone()]
    };
    let first = digests("one");
    assert_eq!(digests("two"), first);
    // The place of the file is no part of it; what it says is.
    let table = "[tables.fees]\nfile = \"fees.csv\"\n";
    folder.write("fees.csv", "code,fee\n99213,1\n");
    folder.write("rules.toml", RULES.replace("'10'", "'11'"));
    let second = digests("three");
    assert!(second[0] != first[0] && second[1] != first[1]);
    folder.write("rules.toml", RULES.to_owned() + table);
    let third = digests("four");
    folder.write("fees.csv", "code,fee\n99213,2\n");
    let fourth = digests("five");
    assert!(third[0] != first[0] && fourth[0] != third[0]);
}

#[test]
fn mistakes_are_told_with_their_place_and_without_cells() {
    let folder = folder();
    let cases = [
        ("'02'", "'02", "rules.toml:8:"),
        ("place_of_service IN", "place_of_servce IN", "help: did you mean `place_of_service`?"),
        ("fails-when = \"p", "fail-when = \"p", "help: did you mean `fails-when`?"),
        ("ORG002", "ORG001", "is taken"),
    ];
    for (from, to, said) in cases {
        folder.write("rules.toml", RULES.replacen(from, to, 1));
        let ended = folder.run(&CHECK);
        assert_eq!((ended.exit, ended.stdout.as_str()), (2, ""), "{to}");
        assert!(ended.stderr.starts_with("error: rules.toml:"), "{to}: {ended:?}");
        assert!(ended.stderr.contains(said), "{to}: {ended:?}");
    }
    let table = "[tables.fees]\nfile = \"fees.csv\"\n";
    folder.write("rules.toml", RULES.to_owned() + table);
    folder.write("fees.csv", b"code,fee\nSECRET,1\nSECRET,2\n");
    let ended = folder.run(&CHECK);
    let want = "error: rules.toml:22:1: fees.csv: lines 2 and 3 have the same key on the same days";
    assert!(ended.stderr.starts_with(want), "{ended:?}");
    assert!(!ended.stderr.contains("SECRET"), "{ended:?}");
    folder.write("fees.csv", b"code,fee\nSECRET,\xff\n");
    let ended = folder.run(&CHECK);
    assert!(ended.stderr.contains("fees.csv: line 2: is not UTF-8"), "{ended:?}");
}
