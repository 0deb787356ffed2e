//! Each published layout, and what is taken in of it.

use std::io::Write as _;

use crate::PAIRS;
use crate::common::program::Folder;
use crate::common::workbook::Cell::{Day, Number, Text};
use crate::common::workbook::workbook;
use claimlint::intake::{self, Asked, TakenIn};
use claimlint::model::Date;
use claimlint::reference::Kind;
use claimlint::reference::rows::Rows;

fn asked(kind: Option<Kind>) -> Asked {
    let today = Date::from_ymd(2026, 8, 15).unwrap();
    Asked { kind, edition: None, effective: None, today }
}

fn read_as(name: &str, bytes: &[u8], asked: &Asked) -> Result<TakenIn, String> {
    let folder = Folder::new();
    folder.write(name, bytes);
    let said = |error: claimlint::error::Error| {
        format!("{}; {}", error.message(), error.help().unwrap_or_default())
    };
    intake::read(&folder.path(name), asked).map_err(said)
}

fn read(name: &str, text: impl AsRef<[u8]>) -> TakenIn {
    read_as(name, text.as_ref(), &asked(None)).unwrap()
}

fn refused(name: &str, text: &str) -> String {
    read_as(name, text.as_bytes(), &asked(None)).unwrap_err()
}

/// `kind name first last rows`.
fn head(taken: &TakenIn) -> String {
    let edition = &taken.edition;
    let (first, last) = edition.covers;
    let rows = edition.sources[0].rows;
    format!("{} {} {first} {last} {rows}", edition.kind.name(), edition.name)
}

/// Each row in short: codes, days, what else is said.
fn rows(taken: &TakenIn) -> Vec<String> {
    let days = |days: claimlint::reference::rows::Days| {
        let text = |day: Option<Date>| day.map_or("-".to_owned(), |day| day.to_string());
        format!("{} {}", text(days.first), text(days.last))
    };
    let utf8 = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    match &taken.edition.rows {
        Rows::Codes(rows) => rows
            .iter()
            .map(|row| format!("{} {} [{}]", row.code, days(row.days), utf8(&row.attributes)))
            .collect(),
        Rows::Pairs(rows) => rows
            .iter()
            .map(|row| {
                let (one, two) = (utf8(&row.column_one), utf8(&row.column_two));
                format!("{one} {two} {} {}", days(row.days), row.indicator)
            })
            .collect(),
        Rows::Limits(rows) => rows
            .iter()
            .map(|row| format!("{} {} {}", utf8(&row.code), row.units, row.indicator))
            .collect(),
        Rows::AddOns(rows) => rows
            .iter()
            .map(|row| {
                let primary = row.primary.map_or("-".to_owned(), |code| utf8(&code));
                format!("{} {primary} {} {}", utf8(&row.add_on), row.kind, days(row.days))
            })
            .collect(),
    }
}

fn not_taken(taken: &TakenIn) -> Vec<(u64, &str)> {
    taken.not_taken.iter().map(|row| (row.row, row.reason.as_str())).collect()
}

/// A line of the alpha-numeric file: what stands at which position, from 1.
fn positions(parts: &[(usize, &str)]) -> String {
    let mut line = String::new();
    for (at, text) in parts {
        line = format!("{line:<width$}{text}", width = at - 1);
    }
    line
}

#[test]
fn hcpcs_is_read_from_text_with_continuations() {
    let lines = [
        positions(&[
            (1, "A0001"),
            (6, "00100"),
            (11, "3"),
            (12, "x"),
            (120, "00"),
            (269, "20200101"),
        ]),
        positions(&[(1, "A0001"), (6, "00200"), (11, "4"), (12, "more of it")]),
        positions(&[
            (1, "A0002"),
            (6, "00100"),
            (11, "3"),
            (12, "x"),
            (269, "20100101"),
            (285, "20191231"),
            (293, "N"),
        ]),
        positions(&[(4, "Q9"), (6, "00100"), (11, "7"), (12, "x"), (269, "19990101")]),
        positions(&[(1, "A0003"), (6, "00100"), (11, "3"), (12, "x"), (269, "2020013 ")]),
        positions(&[(1, "A0004"), (6, "00100"), (11, "3"), (12, "cut")]),
        String::new(),
    ];
    let taken = read("HCPC2020_APR_ANWEB.txt", lines.join("\r\n"));
    assert_eq!(head(&taken), "hcpcs 2020-04 2019-12-31 2020-06-30 3");
    assert_eq!(
        rows(&taken),
        ["A0001 2020-01-01 - [00]", "A0002 2010-01-01 2019-12-31 [  ]", "Q9 1999-01-01 - [  ]"]
    );
    let said = [(5, "the added date is no date"), (6, "the record is cut short")];
    assert_eq!(not_taken(&taken), said);
}

#[test]
fn hcpcs_is_read_from_a_workbook_by_the_names_of_its_columns() {
    let text = |cells: [&'static str; 6]| cells.map(Text).to_vec();
    let book = workbook(&[
        text(["HCPC", "RECID", "PRICE1", "ADD DT", "ACT EFF DT", "TERM DT"]),
        text(["   A1", "7", "", "20020701", "20020701", ""]),
        text(["A0001", "3", "34", "20020101", "20250101", "20241231"]),
        text(["A0002", "3", "34", "2002-13-01", "", ""]),
        text(["A0003", "9", "34", "20020101", "", ""]),
    ]);
    let taken = read("HCPC2025_OCT_ANWEB.xlsx", book);
    assert_eq!(head(&taken), "hcpcs 2025-10 2024-12-31 2025-12-31 2");
    assert_eq!(rows(&taken), ["A1 2002-07-01 - [  ]", "A0001 2002-01-01 2024-12-31 [34]"]);
    let said = [(4, "there is no date in column 4"), (5, "the record id is none of 3, 4, 7 and 8")];
    assert_eq!(not_taken(&taken), said);
}

#[test]
fn lists_of_procedure_codes_may_have_dates() {
    let text = "\u{feff}Some title\n\nCode;Valid From;Valid To\n99213;2013-01-01;\n\
                0001u\u{a0};1/1/2020;12/31/9999\n99201;20130101;20201231\n\n9920;2013-01-01;\n\
                99202;soon;\n99203;2020-01-02;2020-01-01\nEnd of list\n";
    let taken = read("cpt.csv", text.replace('\n', "\r"));
    assert_eq!(head(&taken), "procedures 2026-08-15 2013-01-01 2026-08-15 3");
    assert_eq!(
        rows(&taken),
        ["99213 2013-01-01 - []", "0001U 2020-01-01 - []", "99201 2013-01-01 2020-12-31 []"]
    );
    let said = [
        (8, "the code is no procedure code"),
        (9, "there is no date in column 2"),
        (10, "it ends before it begins"),
        (11, "the code is no procedure code"),
    ];
    assert_eq!(not_taken(&taken), said);
    assert!(refused("cpt.csv", "cpt\n99213\n").contains("--effective FROM..TO"));
    assert_eq!(
        head(&read("cpt 2025.csv", "cpt\n99213\n")),
        "procedures 2025 2025-01-01 2025-12-31 1"
    );
}

#[test]
fn a_list_in_a_workbook_has_dates_of_any_form() {
    let book = workbook(&[
        vec![Text("Procedure code"), Text("Effective"), Text("End date")],
        vec![Text("99213"), Day(45292.0), Day(2_958_465.0)],
        vec![Number(99214.0), Number(45292.0), Number(45657.0)],
        vec![Number(100.0), Number(45292.0), Text("")],
    ]);
    let taken = read("ours.xlsx", book);
    assert_eq!(rows(&taken), ["99213 2024-01-01 - []", "99214 2024-01-01 2024-12-31 []"]);
    // A number has lost its leading zeros, and nobody knows how many.
    assert_eq!(not_taken(&taken), [(4, "the code is no procedure code")]);
}

#[test]
fn addendum_b_and_files_of_cpt_have_no_dates() {
    let text = "Addendum B.-Final OPPS\n\"CPT codes only\nare copyright\"\n\
                HCPCS Code,Short Descriptor,CI,SI,APC\n0001A,x,,B,\nA0021,\"y, z\",,E1,\n";
    let taken = read("April_2026_Addendum_B.csv", text);
    assert_eq!(head(&taken), "procedures 2026-Q2 2026-04-01 2026-06-30 2");
    let notice = "CPT is a mark of the American Medical Association.\n10 pages\n\n";
    let taken = read("LONGULT_2026.txt", format!("{notice}00100\tx \"y\n0042T\t\"z\n0001\tw\n"));
    assert_eq!(head(&taken), "procedures 2026 2026-01-01 2026-12-31 2");
    assert_eq!(rows(&taken), ["00100 - - []", "0042T - - []"]);
    assert_eq!(not_taken(&taken), [(6, "it does not begin with a CPT code")]);
}

#[test]
fn relative_values_are_read_by_position() {
    let row = |first: &str, days: &str| {
        format!("{first},,0,0,,0,,0,0,0,1,{days},0,0,0,2,1,0,0,0,0,,33,09,0,99,0,0,0\n")
    };
    let header = "HCPCS,MOD,DESCRIPTION,CODE,PAYMENT,RVU\n";
    let text = [
        "2026 Relative Value File\n,,,\n".to_owned(),
        header.to_owned(),
        row("71010,,x,A", "XXX"),
        row("71010,26,\"x\ny\",A", "0"),
        row("g0001,tc,x,A", "90"),
        row("71011,,x,A", "12"),
        "71012,,x,A\n".to_owned(),
    ]
    .concat();
    let taken = read("PPRRVU26_JAN.csv", &text);
    assert_eq!(head(&taken), "pprrvu 2026-Q1 2026-01-01 2026-03-31 3");
    assert!(!taken.edition.is_complete);
    assert_eq!(
        rows(&taken),
        ["71010 - - [A1XXX210]", "7101026 - - [A1000210]", "G0001TC - - [A1090210]"]
    );
    let said = [(8, "column 15 is no global period"), (9, "it has 4 columns and not 31")];
    assert_eq!(not_taken(&taken), said);
}

#[test]
fn order_numbers_are_not_codes() {
    let order = "00001 A00     0 Cholera\n00002 A000    1 Cholera, x\n00003 A0$1    1 Broken\n";
    let taken = read("icd10cm_order_2026.txt", order);
    assert_eq!(head(&taken), "icd10cm FY2026 2025-10-01 2026-09-30 2");
    assert_eq!(rows(&taken), ["A00 - - [0]", "A000 - - [1]"]);
    assert_eq!(not_taken(&taken), [(3, "the code is no ICD-10-CM code")]);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(b"A000    Cholera\nC4A     x\nS72001A y\n").unwrap();
    let taken = read("codes-2024.txt", packed.finish().unwrap());
    assert_eq!(head(&taken), "icd10cm FY2024 2023-10-01 2024-09-30 3");
    assert!(refused("icd10cm_order.txt", order).contains("--effective"));
    let surgery = "00001 001     0 Central Nervous System\n00002 0016070 1 Bypass\n";
    for name in ["icd10pcs_order_2026.txt", "cpt_2026.txt"] {
        assert!(refused(name, surgery).contains("order file of ICD-10"));
    }
}

#[test]
fn pairs_are_read_from_all_their_forms() {
    let taken = read("ccioph-v322r0-f1.txt", PAIRS);
    assert_eq!(head(&taken), "ptp-outpatient 2026-Q3 1996-01-01 2026-09-30 2");
    let pairs = ["00100 36000 1996-01-01 - 1", "0001U G0001 2020-01-01 2020-12-31 0"];
    assert_eq!(rows(&taken), pairs);
    let said =
        [(7, "column 2 is no procedure code"), (8, "the modifier indicator is none of 0, 1 and 9")];
    assert_eq!(not_taken(&taken), said);
    let short = "Column 1 Code,Column 2 Code,Effective Date,Deletion Date,Modifier Indicator,R\n\
                 00100,36000,19960101,,1,x\n0001U,G0001,01/01/2020,12/31/2020,0,\"y, z\"\n";
    let mut asked = asked(Some(Kind::PtpPractitioner));
    assert!(read_as("pairs.csv", short.as_bytes(), &asked).unwrap_err().contains("--effective"));
    asked.effective = Some((asked.today, Date::from_ymd(2026, 9, 30).unwrap()));
    let taken = read_as("pairs.csv", short.as_bytes(), &asked).unwrap();
    assert_eq!(rows(&taken), pairs);
    assert_eq!(head(&taken), "ptp-practitioner 2026-08-15_2026-09-30 2026-08-15 2026-09-30 2");
    assert!(refused("pairs.csv", short).contains("--kind ptp-practitioner"));
    let book = workbook(&[
        vec![Text("Column1/Column2 Edits")],
        vec![Text("Column 1"), Text("Column 2"), Text("*=in existence"), Text("Effective")],
        vec![Text("00100"), Text("36000"), Text("*"), Number(19_960_101.0), Text("*"), Number(1.0)],
    ]);
    assert_eq!(rows(&read("ccipra-v322r0-f1.xlsx", book)), pairs[..1]);
}

#[test]
fn limits_tell_their_setting_in_the_header() {
    let text = |setting: &str| {
        format!(
            "\"A notice\n\n00100,2 lines\",,,\n\"HCPCS/\nCPT Code\",{setting} MUE Values,MUE \
             Adjudication Indicator,MUE Rationale\n0001U,1,2 Date of Service Edit: Policy,x\n\
             J0001,0,1 Line Edit,y\nJ0002,many,1 Line Edit,y\nJ0003,1,4 Other,y\n"
        )
    };
    for (setting, kind) in [
        ("Practitioner Services", "mue-practitioner"),
        ("Outpatient Hospital Services", "mue-outpatient"),
        ("DME Supplier Services", "mue-dme"),
    ] {
        let taken = read("MUE_Eff_07-01-2026.csv", text(setting));
        assert_eq!(head(&taken), format!("{kind} 2026-Q3 2026-07-01 2026-09-30 2"));
        assert_eq!(rows(&taken), ["0001U 1 2", "J0001 0 1"]);
        assert_eq!(not_taken(&taken)[0], (8, "the most units are no whole number"));
        assert_eq!(taken.not_taken.len(), 2);
    }
    let wrong = read_as("MUE.csv", text("DME").as_bytes(), &asked(Some(Kind::MueOutpatient)));
    assert!(wrong.unwrap_err().contains("does not have the layout of kind mue-outpatient"));
}

#[test]
fn add_on_codes_have_dates_of_a_year_and_a_day() {
    let header = "Add-On Code,AOC Del Dt (Julian),Primary Code,Primary Code Del Dt (Julian),\
                  AOC Edit Type,AOC Edit Eff Dt (Julian),AOC Edit Del Dt (Julian),Notes\n";
    let text = format!(
        "{header}01953,,01952,,1,2013001,,\n11001,2020366,11000,2019365,1,2013001,9999365,\n\
         99292,,CCCCC,,2,2013032,,x\n99293,,CCCCC,,4,2013032,,x\n99294,,99291,,1,2013000,,\n"
    );
    let taken = read("AOC_V2024Q2-MCR.csv", text);
    assert_eq!(head(&taken), "add-on 2024-Q2 2013-01-01 2024-06-30 3");
    assert_eq!(
        rows(&taken),
        [
            "01953 01952 1 2013-01-01 -",
            "11001 11000 1 2013-01-01 2019-12-31",
            "99292 - 2 2013-02-01 -"
        ]
    );
    let said = [(5, "the edit type is none of 1, 2 and 3"), (6, "there is no date in column 6")];
    assert_eq!(not_taken(&taken), said);
}

#[test]
fn small_lists_are_open_or_dated() {
    let taken = read("pos.csv", "\u{feff}place_of_service_code,description\r\n02,x\r\n2,y\r\n");
    assert_eq!(head(&taken), "place-of-service 2026-08-15 2026-01-01 2026-08-15 1");
    assert_eq!(not_taken(&taken), [(3, "the code is no place of service of two digits")]);
    let taken = read("m.csv", "Modifier,Description,Effective,To\n25,x,2015-01-01,\nxe,y,,\n");
    assert_eq!(head(&taken), "modifiers 2026-08-15 2015-01-01 2026-08-15 2");
    assert_eq!(rows(&taken), ["25 2015-01-01 - []", "XE - - []"]);
    let text = "Code,Grouping,Classification,Definition,Effective Date,Deactivation Date\r\n\
                207Q00000X,a,b,\"d\u{e9}f,\r\nmore\",4/1/2003,\r\n207Q0000,a,b,c,,\r\n";
    let latin: Vec<u8> = text.chars().map(|c| c as u8).collect();
    let taken = read("nucc_taxonomy_251.csv", latin);
    assert_eq!(head(&taken), "taxonomy 25.1 2003-04-01 2026-08-15 1");
    assert_eq!(taken.not_taken[0].row, 4);
}

#[test]
fn what_is_no_reference_data_is_refused() {
    let claims = "claim_id,line,service_date,hcpcs\nA,1,2026-01-01,99213\n";
    assert!(refused("cpt.csv", claims).contains("looks like an export of claims"));
    let synthetic = "Id,START,PATIENT,ENCOUNTER,CODE,DESCRIPTION\nx,2026-01-01,y,z,99213,w\n";
    assert!(refused("procedures.csv", synthetic).contains("looks like an export of claims"));
    // Tables by positions whose layout is not known must not be taken for lists of codes.
    for row in ["01953   01952 1 2013001", "0001F  x I 0.00 0.00 0.00 9 XXX"] {
        let text = format!("CPT codes are of the American Medical Association.\n{row}\n");
        assert!(refused("AOC_V2024Q2-MCR.txt", &text).contains("no header for them"));
    }
    let cases = ["90210,Beverly Hills\n10001,New York\n", "name,city\na,b\n", "", "\n\n"];
    for text in cases {
        let said = refused("x.csv", text);
        assert!(said.contains("--kind") || said.contains("nothing says"), "{said}");
    }
    let dated = "99213,2024-01-01,\n99214,2024-01-01,\n";
    assert!(refused("cpt.csv", dated).contains("no header for them"));
}

#[test]
fn a_quote_that_is_never_closed_swallows_no_row_unseen() {
    let text = "code,valid_from,note\n99213,2020-01-01,\"5\" x\n99214,2020-01-01,a\n\
                99215,2020-01-01,\"b\n";
    let taken = read("cpt.csv", text);
    assert_eq!(taken.not_taken.len() + taken.edition.sources[0].rows as usize, 3, "{taken:?}");
    let text = "code,valid_from,note\n99211,2020-01-01,a\n99213,2020-01-01,\"5 x\n\
                99214,2020-01-01,a\n99215,2020-01-01,b\n";
    let taken = read("cpt.csv", text);
    assert_eq!(not_taken(&taken), [(3, "a quoted cell has whole rows inside, up to line 5")]);
}

/// Whatever byte of a data row is damaged, the row is taken in or named.
#[test]
fn no_damaged_row_is_passed_over_unseen() {
    let line = |code: &str, more: &str| format!("{code:<5}001003x{:>264}{more}\r\n", "20200101");
    let values =
        |code: &str| format!("{code},,x,A{},1,XXX,0,0,0,2,1,0{}\n", ",".repeat(9), ",".repeat(10));
    let files = [
        ("HCPC2020_APR_ANWEB.txt", String::new(), line("A0001", ""), line("A0002", "")),
        (
            "ccipra-v322r0-f1.txt",
            "Title\t\t\r\nColumn 1\tColumn 2\t*=in\tEffective\tDeletion\tModifier\tx\r\n".into(),
            "00100\t36000\t\t20200101\t*\t1\tx\r\n".into(),
            "00100\t36001\t\t20200101\t20201231\t0\tx\r\n".into(),
        ),
        ("PPRRVU26_JAN.csv", "HCPCS,MOD\n".into(), values("71010"), values("71011")),
        (
            "icd10cm_order_2026.txt",
            String::new(),
            "00001 A00     0 x\n".into(),
            "00002 A000    1 y\n".into(),
        ),
        (
            "list.csv",
            "code,valid_from,valid_to\n".into(),
            "99213,2020-01-01,\n".into(),
            "99214,2020-01-01,2020-12-31\n".into(),
        ),
    ];
    for (name, header, damaged, whole) in files {
        for at in (0..damaged.len()).filter(|at| !b",\t\r\n".contains(&damaged.as_bytes()[*at])) {
            let mut row = damaged.clone().into_bytes();
            row[at] = b'?';
            let text = [header.as_bytes(), &row, whole.as_bytes(), whole.as_bytes()].concat();
            let taken = read(name, &text);
            let seen = taken.edition.sources[0].rows as usize + taken.not_taken.len();
            assert_eq!(seen, 3, "{name}: byte {at}: {taken:?}");
        }
    }
}
