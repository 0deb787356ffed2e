//! The rules to copy from: each carries tests that pass, and that fail once the rule is broken.

#![cfg(feature = "polars")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::indexing_slicing, clippy::string_slice, reason = "a test fails by panicking")]

#[path = "common/program.rs"]
mod program;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use program::{Folder, command_in, ended};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/examples")
}

/// The name of each example, without its ending, and its text.
fn examples() -> Vec<(String, String)> {
    let entries = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.filter(|path| path.extension().is_some_and(|ending| ending == "toml"));
    let text = |path: &Path| fs::read_to_string(path).unwrap();
    let mut all: Vec<(String, String)> = files
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), text(&path)))
        .collect();
    all.sort();
    all
}

/// A folder with the tables that the examples read.
fn with_tables() -> Folder {
    let folder_of_tables = folder().join("tables");
    let folder = Folder::new();
    for entry in fs::read_dir(folder_of_tables).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("tables/{}", path.file_name().unwrap().to_str().unwrap());
        folder.write(&name, fs::read(&path).unwrap());
    }
    folder
}

#[test]
fn every_example_passes_its_tests() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ended = ended(command_in(root, &["test", "--isolated", "rules/examples"]));
    assert_eq!(ended.exit, 0, "{ended:?}");
    assert!(ended.stdout.contains(", 0 noisy, 0 missing"), "{ended:?}");
    assert!(!ended.stdout.contains("without a test"), "{ended:?}");
}

#[test]
fn every_example_is_told_apart_and_explained() {
    let mut codes = BTreeSet::new();
    let all = examples();
    assert!(all.len() >= 16, "{}", all.len());
    for (name, text) in all {
        assert!(text.contains(&format!("\nname = \"{name}\"\n")), "{name}: named after its file");
        let code = text.lines().find(|line| line.starts_with("code = \"ORG")).expect(&name);
        assert!(codes.insert(code.to_owned()), "{name}: {code} twice");
        let comment: Vec<&str> = text.lines().take_while(|line| line.starts_with("# ")).collect();
        assert!(comment.len() >= 2, "{name}: say whose policy it is");
        assert!(
            comment.iter().any(|line| line.starts_with("# Source: ")),
            "{name}: say the source"
        );
        let expected = |what: &str| text.matches(&format!("expect = \"{what}\"")).count();
        assert!(
            expected("fail") >= 1 && expected("pass") >= 2,
            "{name}: a hit and two near misses"
        );
        assert_eq!(text.matches("[[rule]]").count(), 1, "{name}: one rule in each file");
    }
}

/// The value of a key, and the text around it; nothing where the key is not there.
fn around<'t>(text: &'t str, key: &str) -> Option<(&'t str, &'t str, &'t str)> {
    let at = text.find(&format!("\n{key} = "))? + key.len() + " = ".len() + 1;
    let (before, rest) = text.split_at(at);
    let (quote, inner) = ["'''", "\"\"\"", "\""]
        .into_iter()
        .find_map(|quote| rest.strip_prefix(quote).map(|inner| (quote, inner)))?;
    let end = inner.find(quote)?;
    Some((before, &inner[..end], &inner[end + quote.len()..]))
}

/// Ways to break a rule, each with its text.
fn broken(text: &str) -> Vec<(String, String)> {
    let (before, fails, after) = around(text, "fails-when").unwrap();
    let with = |fails: &str| format!("{before}'''{fails}'''{after}");
    let mut all = vec![
        ("always".to_owned(), with("TRUE")),
        ("never".to_owned(), with("FALSE")),
        ("the opposite".to_owned(), with(&format!("NOT ({fails})"))),
    ];
    for key in ["applies-when", "lines-when"] {
        if let Some((before, _, after)) = around(text, key) {
            all.push((format!("no {key}"), format!("{before}'''TRUE'''{after}")));
        }
    }
    for key in ["payer", "effective"] {
        let line = text.lines().find(|line| line.starts_with(&format!("{key} = ")));
        all.extend(line.map(|line| (format!("no {key}"), text.replace(line, ""))));
    }
    // Signs and numbers, one at a time: what is off by one must not pass.
    for (from, to) in [
        (" > ", " >= "),
        (" > ", " < "),
        (" <> ", " = "),
        (" = ", " <> "),
        (" AND ", " OR "),
        (" NOT BETWEEN ", " BETWEEN "),
        ("IS NULL", "IS NOT NULL"),
        ("COUNT(DISTINCT ", "COUNT("),
    ] {
        for (at, _) in fails.match_indices(from) {
            // The AND of BETWEEN is none.
            if from == " AND " && fails[..at].rsplit([' ', '\n']).nth(1) == Some("BETWEEN") {
                continue;
            }
            let changed = format!("{}{to}{}", &fails[..at], &fails[at + from.len()..]);
            all.push((format!("{from}->{to}at {at}"), with(&changed)));
        }
    }
    all
}

#[test]
fn a_broken_example_fails_its_tests() {
    let folder = with_tables();
    let (mut survivors, mut noticed) = (String::new(), 0);
    for (name, text) in examples() {
        for (how, changed) in broken(&text) {
            folder.write("r.toml", &changed);
            let ended = folder.run(&["test", "--isolated", "r.toml"]);
            match ended.exit {
                0 => survivors.push_str(&format!("{name}: {how}\n")),
                1 => noticed += 1,
                // What makes no sense any more is refused.
                _ => assert_eq!(ended.exit, 2, "{name}: {how}\n{ended:?}"),
            }
        }
    }
    assert!(survivors.is_empty(), "their tests do not notice:\n{survivors}");
    assert!(noticed > 150, "{noticed}");
}

/// The records that these rules find.
fn found(folder: &Folder, input: &str, rules: &[&str]) -> BTreeSet<u64> {
    let select = format!("{},STR", rules.join(","));
    let examples = self::folder();
    let examples = ["--rules", examples.to_str().unwrap()];
    let arguments = [&[input, "--exit-zero", "-f", "ndjson", "--select", &select], &examples[..]];
    let ended = folder.check(&arguments.concat());
    assert_eq!(ended.exit, 0, "{}", ended.stderr);
    let findings = ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap());
    let own = findings
        .filter(|finding: &serde_json::Value| rules.contains(&finding["rule"].as_str().unwrap()));
    own.map(|finding| finding["record"].as_u64().unwrap()).collect()
}

/// Lines of many claims, in no order, with codes of every class and some that are none.
fn scattered() -> String {
    const CODES: [&str; 14] = [
        "99213", "80053", "0001U", "0001A", "3044F", "1036F", "4004F", "0184T", "J1885", "G0438",
        "D0120", "9921", "99O13", "",
    ];
    let mut text = "claim_id,procedure_code\n".to_owned();
    let mut state = 1_u64;
    for _ in 0..6_000 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let (claim, code) = ((state >> 33) % 2_500, (state >> 45) as usize % CODES.len());
        text.push_str(&format!("C{claim},{}\n", CODES[code]));
    }
    text
}

#[test]
fn the_rule_for_category_two_finds_what_the_built_in_ones_find() {
    let folder = Folder::new();
    folder.write("scattered.csv", scattered());
    let october = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/exports/october.csv");
    for input in ["scattered.csv", october.to_str().unwrap()] {
        let built_in = found(&folder, input, &["CII001", "CII002"]);
        assert!(!built_in.is_empty(), "{input}");
        assert_eq!(found(&folder, input, &["ORG010"]), built_in, "{input}");
    }
}
