//! Dates: how a column is written is found out once, stuck to, and never guessed.

#![allow(clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "common/program.rs"]
mod program;

use program::Folder;

/// An export with a service date, an end, and a birth date, in rows of dates.
fn dated(rows: &[[&str; 3]]) -> String {
    let mut text = "claim_id,cpt,dos,dos_to,dob\n".to_owned();
    for (at, [from, to, born]) in rows.iter().enumerate() {
        text += &format!("C{at},99213,{from},{to},{born}\n");
    }
    text
}

#[test]
fn nobody_guesses_whether_the_month_or_the_day_comes_first() {
    let folder = Folder::new();
    let check = |rows: &[[&str; 3]], more: &[&str]| {
        folder.write("d.csv", dated(rows));
        folder.check(
            &[&["d.csv", "--select", "DAT001,DAT002,DAT003", "-f", "concise"], more].concat(),
        )
    };
    let open = [["3/4/2024", "", ""], ["5/6/2024", "", ""]];
    let run = check(&open, &[]);
    assert_eq!((run.exit, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("column dos (service_date)"), "{}", run.stderr);
    assert!(run.stderr.contains("--date-format service_date=mdy"), "{}", run.stderr);
    assert!(!run.stderr.contains("3/4") && !run.stderr.contains("2024"), "{}", run.stderr);
    // Nothing reads the column: nothing is to be settled.
    assert_eq!(folder.check(&["d.csv", "--select", "COD002", "-f", "none"]).exit, 0);
    for word in ["mdy", "dmy"] {
        let run = check(&open, &["--date-format", &format!("service_date={word}")]);
        assert_eq!(run.exit, 0, "{}", run.stderr);
        assert!(run.stderr.contains("(as --date-format says)"), "{}", run.stderr);
    }
    // Settled by its own dates, or by those of another column.
    let run = check(&[["3/4/2024", "", ""], ["5/16/2024", "", ""]], &[]);
    assert!(run.exit == 0 && run.stderr.contains("M/D/YYYY"), "{}", run.stderr);
    let run = check(&[["3/4/2024", "", "16/5/1980"], ["5/6/2024", "", "1/2/1980"]], &[]);
    assert!(run.exit == 0 && run.stderr.contains("D/M/YYYY"), "{}", run.stderr);
    // Both orders in one column, and in two.
    let run = check(&[["13/4/2024", "", ""], ["5/16/2024", "", ""]], &[]);
    assert_eq!(run.exit, 2, "{}", run.stdout);
    let run = check(&[["3/4/2024", "3/16/2024", "16/5/1980"]], &[]);
    assert_eq!(run.exit, 2, "{}", run.stdout);
    // What contradicts the order is malformed, never swapped.
    let run = check(&open, &["--date-format", "service_date=mdy", "--date-format", "x=mdy"]);
    assert!(run.exit == 2 && run.stderr.contains("unknown field `x`"), "{}", run.stderr);
    let mut rows = vec![["3/16/2024", "", ""]; 20];
    rows.push(["16/3/2024", "", ""]);
    let run = check(&rows, &[]);
    assert_eq!(run.exit, 1);
    assert!(run.stdout.contains("d.csv:21:service_date: error[DAT001]"), "{}", run.stdout);
    assert!(run.stdout.contains("the month first"), "{}", run.stdout);
}

#[test]
fn the_order_is_looked_for_beyond_the_first_bytes_and_then_stuck_to() {
    let folder = Folder::new();
    let mut rows = vec![["3/4/2024", "", ""]; 20_000];
    // Far beyond what is read for the header, and within what is looked at.
    for row in rows.iter_mut().skip(10_000).step_by(3) {
        row[0] = "3/14/2024";
    }
    folder.write("d.csv", dated(&rows));
    let run = folder.check(&["d.csv", "--select", "DAT", "-f", "none"]);
    assert_eq!(run.exit, 0, "{}", run.stderr);
    // A slip that is one among thousands shows no order.
    let mut rows = vec![["3/4/2024", "", ""]; 2_000];
    rows[7][0] = "3/14/2024";
    folder.write("d.csv", dated(&rows));
    assert_eq!(folder.check(&["d.csv", "--select", "DAT", "-f", "none"]).exit, 2);
}

#[test]
fn the_last_format_that_is_found_holds_to_the_end() {
    let folder = Folder::new();
    let mut rows = vec![["2024-03-04", "20240305", "04-MAR-1980"]; 3_000];
    rows.push(["20240304", "2024-03-05", "1980-03-04"]);
    folder.write("d.csv", dated(&rows));
    let run = folder.check(&["d.csv", "--select", "DAT", "-f", "concise"]);
    assert_eq!(run.exit, 1);
    let message =
        "service_date, service_end, patient_birth_date hold a date that is not written as";
    assert!(run.stdout.contains(message), "{}", run.stdout);
    assert!(run.stdout.starts_with("d.csv:3001:"), "{}", run.stdout);
}

#[test]
fn each_of_two_columns_of_a_field_is_read_as_it_is_written() {
    let folder = Folder::new();
    let mut text = "claim_id,cpt,line_day,claim_day,dos_to\n".to_owned();
    for _ in 0..3 {
        text += "C,99213,2024-03-04,20240301,2024-03-04\nC,99213,,20240301,2024-03-01\n";
    }
    text += "C,99213,20240304,20240301,2024-03-04\nC,99213,,2024-03-01,2024-03-04\n";
    folder.write("d.csv", text);
    let arguments = ["d.csv", "--map", "service_date=line_day", "--map", "service_date=claim_day"];
    for more in [&["--select", "DAT001,DAT002"][..], &["--select", "DAT001,DAT002,CII004"]] {
        let run = folder.check(&[&arguments, more, &["-f", "concise"][..]].concat());
        let found: Vec<&str> = run.stdout.lines().take(2).collect();
        assert!(found[0].starts_with("d.csv:7:service_date: error[DAT001]"), "{}", run.stdout);
        assert!(found[0].contains("(YYYY-MM-DD)"), "{}", run.stdout);
        assert!(found[1].starts_with("d.csv:8:service_date: error[DAT001]"), "{}", run.stdout);
        assert!(found[1].contains("(YYYYMMDD)"), "{}", run.stdout);
        assert!(run.stdout.contains("\n2 findings"), "{}", run.stdout);
    }
}

#[test]
fn a_column_that_begins_empty_takes_what_cannot_be_mistaken() {
    let folder = Folder::new();
    let mut rows = vec![["2024-03-04", "", ""]; 4_000];
    rows.push(["2024-03-04", "2024-03-05", "04MAR1980"]);
    rows.push(["2024-03-04", "3/5/2024", ""]);
    folder.write("d.csv", dated(&rows));
    let run = folder.check(&["d.csv", "--select", "DAT", "-f", "concise"]);
    assert_eq!(run.exit, 1);
    assert!(run.stdout.starts_with("d.csv:4002:service_end: error[DAT001]"), "{}", run.stdout);
    assert!(run.stdout.contains("--date-format"), "{}", run.stdout);
    let settled = ["--date-format", "service_end=mdy"];
    let run =
        folder.check(&[&["d.csv", "--select", "DAT", "-f", "concise"], &settled[..]].concat());
    assert!(run.stdout.starts_with("d.csv:4001:service_end: error[DAT001]"), "{}", run.stdout);
}
