//! `claimlint refdata diff` from outside: names and paths, both forms, and lines of exports.

use serde_json::Value;

use crate::common::program::Folder;

/// A folder with two editions of a house's list of codes, and an export.
fn folder() -> Folder {
    let folder = Folder::new();
    let mut before = "code,valid_from,valid_to\nA0001,2020-01-01,\nA0002,2020-01-01,\n".to_owned();
    before.extend((0..25).map(|at| format!("A1{at:03},2020-01-01,\n")));
    folder.write("house_2024.csv", before);
    let after = "code,valid_from,valid_to\nA0001,2020-01-01,\nA0002,2020-01-01,2024-12-31\n\
                 A0003,2025-01-01,\nA1000,2019-01-01,\n";
    folder.write("house_2025.csv", after);
    let export = "claim_id,line,cpt,service_date,charge\nC1,1,A0001,2025-03-03,10.00\n\
                  C1,2,A0002,2025-03-03,20.10\nC2,1,A0002,2025-03-04,0.05\n\
                  C2,2,A0003,2025-03-04,7.00\n";
    folder.write("export.csv", export);
    for (edition, days) in [("2024", "2024-01-01..2024-12-31"), ("2025", "2025-01-01..2025-12-31")]
    {
        let file = format!("house_{edition}.csv");
        let made = ["refdata", "import", "--refdata", "r", &file, "--effective", days];
        let ended = folder.run(&[&made[..], &["--edition", edition]].concat());
        assert_eq!(ended.exit, 0, "{}", ended.stderr);
    }
    folder
}

fn diff(folder: &Folder, arguments: &[&str]) -> (i32, String, String) {
    let ended = folder.run(&[&["refdata", "diff", "--refdata", "r"], arguments].concat());
    (ended.exit, ended.stdout, ended.stderr)
}

#[test]
fn what_changed_is_counted_and_the_first_of_each_shown() {
    let folder = folder();
    let (exit, out, told) = diff(&folder, &["procedures@2024", "procedures@2025"]);
    assert_eq!((exit, told.as_str()), (0, ""));
    let lines: Vec<&str> = out.lines().collect();
    let start = [
        "procedures: 2024 to 2025",
        "  2024  covers 2024-01-01 to 2024-12-31, 27 rows",
        "  2025  covers 2025-01-01 to 2025-12-31, 4 rows",
        "added    1",
        "  A0003  from 2025-01-01",
        "ended    25",
        "  A0002  from 2020-01-01 -> 2020-01-01 to 2024-12-31",
        "  A1001  from 2020-01-01 -> nothing",
    ];
    assert_eq!(lines[..start.len()], start, "{out}");
    let end = [
        "  … 5 more",
        "changed  1",
        "  A1000  from 2020-01-01 -> from 2019-01-01",
        "dropped  0: gone, and had ended before",
    ];
    assert_eq!(lines[lines.len() - end.len()..], end, "{out}");
    // Paths say the same, and so does the other way round.
    let paths = ["r/procedures@2024.clref", "r/procedures@2025.clref"];
    assert_eq!(diff(&folder, &paths).1, out);
    let back = diff(&folder, &["procedures@2025", "procedures@2024"]).1;
    assert!(back.contains("added    24\n") && back.contains("ended    1\n"), "{back}");
}

#[test]
fn programs_are_told_everything() {
    let folder = folder();
    let (exit, out, _) = diff(&folder, &["procedures@2024", "procedures@2025", "-f", "json"]);
    let json: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((exit, &json["schema"]), (0, &Value::from("claimlint.refdata-diff/1")));
    assert_eq!(json["counts"]["ended"], 25);
    assert_eq!(json["ended"].as_array().unwrap().len(), 25);
    assert_eq!(json["ended"][0]["after"][0]["last"], "2024-12-31");
    assert_eq!(json["changed"][0]["codes"][0], "A1000");
    assert_eq!(json["changed"][0]["changed"][0], "first");
    assert_eq!(json["before"]["covers"][1], "2024-12-31");
    assert_eq!(json["against"], Value::Null);
    // The tables that come with the program can be compared too.
    let built_in = ["modifiers@built-in", "modifiers@built-in", "-f", "json"];
    let json: Value = serde_json::from_str(&diff(&folder, &built_in).1).unwrap();
    assert_eq!((&json["counts"]["added"], &json["before"]["rows"]), (&0.into(), &426.into()));
}

#[test]
fn names_that_lead_nowhere_are_refused() {
    let folder = folder();
    let bad = [
        (["procedures", "procedures@2025"], "refdata list"),
        (["procedure@2024", "procedures@2025"], "did you mean procedures?"),
        (["procedures@2023", "procedures@2025"], "of that kind there are: 2024, 2025"),
        (["hcpcs@2023", "procedures@2025"], "there is none of kind hcpcs"),
        (["modifiers@built-in", "procedures@2025"], "two editions of one kind"),
        (["none.clref", "procedures@2025"], "none.clref"),
        (["export.csv", "procedures@2025"], "KIND@EDITION"),
    ];
    for (names, said) in bad {
        let (exit, out, told) = diff(&folder, &names);
        assert_eq!((exit, out.as_str()), (2, ""), "{names:?}");
        assert!(told.contains(said), "{names:?}: {told}");
    }
    let good = ["procedures@2024", "procedures@2025", "--against", "-"];
    assert_eq!(diff(&folder, &good).0, 2);
}

/// Lines that one edition alone finds fault with, by the rules for procedure codes.
#[test]
fn lines_whose_verdict_changes_are_named() {
    let folder = folder();
    let arguments = ["procedures@2024", "procedures@2025", "--against", "export.csv"];
    let (exit, out, told) = diff(&folder, &arguments);
    assert_eq!((exit, told.as_str()), (0, ""));
    let said = [
        "against export.csv: 4 lines, by COD010, COD011, COD012\n",
        "asked about 2024-01-01 to 2025-12-31, the days of both\n",
        "gone: found only under the edition before: 1 line, 1 claim, $7.00\n",
        "  export.csv: record 4, claim C2, A0003: COD010: ",
        "new: found only under the edition after: 2 lines, 2 claims, $20.15\n",
        "  export.csv: record 3, claim C2, A0002: COD0",
    ];
    for said in said {
        assert!(out.contains(said), "{said}\nis not in\n{out}");
    }
    let json = diff(&folder, &[&arguments[..], &["-f", "json"]].concat()).1;
    let json: Value = serde_json::from_str(&json).unwrap();
    let against = &json["against"];
    assert_eq!(against["new"]["total"]["charges"], "20.15");
    assert_eq!(against["new"]["lines"][0]["record"], 2);
    assert_eq!(against["gone"]["rules"]["COD010"]["claims"], 1);
    assert_eq!((&against["gone"]["findings"], &against["unchanged"]), (&1.into(), &0.into()));
}
