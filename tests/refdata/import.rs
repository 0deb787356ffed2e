//! `claimlint refdata` from outside.

use crate::PAIRS;
use crate::common::program::Folder;

fn import(folder: &Folder, arguments: &[&str]) -> (i32, String, String) {
    let ended = folder.run(&[&["refdata", "import", "--refdata", "r"], arguments].concat());
    (ended.exit, ended.stdout, ended.stderr)
}

#[test]
fn import_says_what_it_took_in_and_list_what_there_is() {
    let folder = Folder::new();
    folder.write("ccipra-v322r0-f1.txt", PAIRS);
    let part = PAIRS.lines().filter(|line| !line.contains("3600\t") && !line.contains("\t2\t"));
    let part: String = part.map(|line| format!("{line}\n")).collect();
    folder.write("ccipra-v322r0-f2.txt", part.replace("36000", "36010"));
    let (exit, out, told) = import(&folder, &["ccipra-v322r0-f1.txt"]);
    assert_eq!((exit, told.as_str()), (1, ""));
    assert!(out.starts_with(
        "ptp-practitioner 2026-Q3\n  covers     1996-01-01 to 2026-09-30\n  taken in   2 rows\n  \
         not taken  2 rows\n             ccipra-v322r0-f1.txt, row 7: column 2 is no procedure code"
    ), "{out}");
    let (exit, out, _) = import(&folder, &["ccipra-v322r0-f2.txt"]);
    assert!(exit == 0 && out.contains("taken in   4 rows\n"), "{out}");
    // The same part again changes nothing; with other content it is refused beside the other.
    assert!(import(&folder, &["ccipra-v322r0-f2.txt"]).1.contains("taken in   4 rows\n"));
    folder.write("ccipra-v322r0-f2.txt", part.replace("36000", "36011"));
    let (exit, _, told) = import(&folder, &["ccipra-v322r0-f2.txt"]);
    assert!(exit == 2 && told.contains("all parts of the edition together"), "{told}");
    let both = ["ccipra-v322r0-f1.txt", "ccipra-v322r0-f2.txt"];
    assert_eq!(import(&folder, &both).0, 1);
    let listed = folder.run(&["refdata", "list", "--refdata", "r"]);
    let lines: Vec<&str> = listed.stdout.lines().collect();
    assert_eq!((listed.exit, lines.len()), (0, 3), "{}", listed.stdout);
    assert!(lines[1].starts_with("ptp-practitioner  2026-Q3  1996-01-01 to 2026-09-30     2  "));
    let json = folder.run(&["refdata", "list", "--refdata", "r", "-f", "json"]).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json[0]["rows"], 4);
    assert_eq!(json[0]["sources"][1]["sha256"].as_str().unwrap().len(), 64);
}

#[test]
fn an_edition_is_not_replaced_by_another_file_unasked() {
    let folder = Folder::new();
    folder.write("cpt_2026.csv", "cpt\n99213\n");
    folder.write("other_2026.csv", "cpt\n99214\n");
    assert_eq!(import(&folder, &["cpt_2026.csv"]).0, 0);
    let (exit, out, told) = import(&folder, &["other_2026.csv"]);
    assert!((exit, out.as_str()) == (2, "") && told.contains("made of cpt_2026.csv"), "{told}");
    assert_eq!(import(&folder, &["other_2026.csv", "--edition", "2026"]).0, 0);
    let (exit, out, _) = import(&folder, &["cpt_2026.csv", "missing", "--edition", "ours"]);
    assert!(exit == 2 && out.starts_with("procedures ours\n"), "what is good is taken in: {out}");
    let bad = [["--edition", "../x"], ["--effective", "2026"], ["--kind", "x"]];
    for arguments in bad {
        let (exit, out, _) = import(&folder, &[&["cpt_2026.csv"][..], &arguments[..]].concat());
        assert_eq!((exit, out.as_str()), (2, ""), "{arguments:?}");
    }
    let elsewhere = folder.run(&["refdata", "list", "--refdata", "none"]);
    assert_eq!((elsewhere.exit, elsewhere.stdout.as_str()), (0, "no editions in none\n"));
}
