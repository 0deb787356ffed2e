//! What patients' cells hold never leaves the export, and nothing in it steers a terminal.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::indexing_slicing, clippy::string_slice, reason = "a test fails by panicking")]

#[path = "common/program.rs"]
mod program;

use std::fs;

use program::{FORMATS, Folder};

const KINDS: [&str; 6] = ["json", "ndjson", "csv", "sarif", "junit", "md"];

/// The columns of the export below; those in capitals belong to patients and hold a canary.
const HEADER: &str = "claim_id,line,cpt,hcpcs,member_id,PATIENT NAME,patient_birth_date,\
    patient_sex,diagnosis_1,dos,charge,NOTE";

/// Makes the cells of patients, each with a number of its own.
struct Canaries(u32);

impl Canaries {
    fn next(&mut self) -> String {
        self.0 += 1;
        format!("Canary{:04}", self.0)
    }

    /// A record with these cells before and between those of the patient.
    fn record(&mut self, claim: &str, cpt: &str, hcpcs: &str) -> String {
        let [member, name, born, sex, diagnosis, note] = std::array::from_fn(|_| self.next());
        format!("{claim},1,{cpt},{hcpcs},{member},{name},{born},{sex},{diagnosis},soon,1.00,{note}")
    }
}

/// An export that breaks every rule there is, with a canary in every cell of a patient.
fn export() -> Vec<u8> {
    let mut canaries = Canaries(0);
    let mut text = format!("{HEADER}\n").into_bytes();
    let cells = [
        ("A", "3044F", ""),
        ("B", "3044F", ""),
        ("B", "G0438", ""),
        ("", "99213", ""),
        ("C", "", ""),
        ("C", "PHONE", ""),
        ("C", "99213.0", ""),
        ("C", "02000", ""),
        ("C", "0016F", ""),
        ("C", "99213", "99214"),
        ("C", "E11.9", ""),
    ];
    for (claim, cpt, hcpcs) in cells {
        text.extend(format!("{}\n", canaries.record(claim, cpt, hcpcs)).bytes());
    }
    let mut damaged = |before: &str, after: &[u8]| {
        let record = canaries.record("D", "99213", "");
        text.extend([before.as_bytes(), record.as_bytes(), after, b"\n"].concat());
    };
    damaged("", b",more");
    damaged("", b"\"quote");
    damaged("", b"\0");
    damaged("", b"\xff");
    damaged("\"text\"after", b"");
    damaged("Total ", b",,");
    damaged("", b",\"");
    damaged("\"", b"");
    text.extend(format!("{HEADER}\n").bytes());
    damaged_end(&mut text);
    text
}

/// An end that looks like a total, and an end-of-file mark.
fn damaged_end(text: &mut Vec<u8>) {
    text.extend(b"Total,,,,Canary9001,,,,,,,Canary9002\n\x1a\n");
}

#[test]
fn cells_of_patients_are_never_shown() {
    let folder = Folder::new();
    folder.write("export.csv", export());
    let reports: Vec<String> =
        KINDS.iter().flat_map(|kind| ["-r".to_owned(), format!("{kind}=r.{kind}")]).collect();
    for format in FORMATS {
        let mut arguments = vec!["export.csv", "-f", format, "--samples", "100"];
        arguments.extend(reports.iter().map(String::as_str));
        let run = folder.check(&arguments);
        assert_eq!(run.exit, 1, "{}", run.stderr);
        for (shown, what) in [(&run.stdout, "stdout"), (&run.stderr, "stderr")] {
            assert!(!shown.contains("anary"), "{format} {what}: {}", around(shown));
        }
    }
    let mut rules: Vec<String> = Vec::new();
    for kind in KINDS {
        let report = fs::read_to_string(folder.path(&format!("r.{kind}"))).unwrap();
        assert!(!report.contains("anary"), "{kind}: {}", around(&report));
        rules.extend(report.split(|c: char| !c.is_ascii_alphanumeric()).map(str::to_owned));
    }
    let codes = "CII001 CII002 CLM001 COD001 COD002 COD003 CAT001 CAT002 MAP002 STR001 STR002 \
                 STR003 STR006 STR007 STR009 STR010";
    for code in codes.split_whitespace() {
        assert!(rules.iter().any(|word| word == code), "the export does not break {code}");
    }
}

/// An export whose private cells are well-formed or nearly so, and wrong: what rules say of them
/// must not say them.
const WRONG: &str = "claim_id,line,cpt,member_id,patient_birth_date,dos,diagnosis_1,diagnosis_2,\
    diagnosis_3,diagnosis_pointer,procedure_description,charge\n\
    A,1,99213,Canary01,2026-07-19,2026-03-02,W77XXXA,J9877,J98.77,A,Canary02,1.00\n\
    A,2,99213,Canary03,1931-77-13,2026-03-02,Canary04,J9877,,D,Canary05,1.00\n\
    B,1,99214,Canary06,1961-07-19,2026-03-02,J9877,,,A,,1.00\n\
    C,1,99214,Canary06,1961-07-19,2026-03-02,J9877,,,A,,1.00\n\
    D,1,3044F,Canary06,1961-07-19,2026-03-02,J9877,,,A,,0.00\n";

#[test]
fn wrong_cells_of_patients_are_not_shown_either() {
    let private = ["anary", "2026-07-19", "1931-77", "1961-07", "W77", "J98"];
    let folder = Folder::new();
    folder.write("wrong.csv", WRONG);
    for format in FORMATS {
        let arguments = ["wrong.csv", "--as-of=2026-10-31", "-f", format, "--samples", "100"];
        let run = folder.check(&[&arguments[..], &["--report", "md=r.md"]].concat());
        assert_eq!(run.exit, 1, "{}", run.stderr);
        let report = fs::read_to_string(folder.path("r.md")).unwrap();
        for shown in [&run.stdout, &run.stderr, &report] {
            for cell in private {
                assert!(!shown.contains(cell), "{format}: {cell} in {shown}");
            }
        }
        let codes = "CLM003 DAT001 DAT004 DXC001 DXC005 DXC006 DXC007 DUP002 CII003";
        for code in codes.split_whitespace() {
            assert!(report.contains(code), "the export does not break {code}: {report}");
        }
    }
}

/// The canary and what stands around it.
fn around(text: &str) -> String {
    let at = text.find("anary").unwrap_or_default();
    text.chars().skip(at.saturating_sub(120)).take(240).collect()
}

#[test]
fn errors_show_no_cells_of_an_export_without_a_header() {
    let folder = Folder::new();
    for (name, text) in [
        ("a.csv", "C1,Canary1,99213,Canary2\nC2,Canary3,99213,Canary4\n"),
        ("b.csv", "Canary1\nCanary2\n"),
        ("c.csv", "Canary1,Canary1,1,1\n"),
        ("d.csv", "C1,Canary1,,99213\n"),
        ("e.csv", "C1,\"Canary1\nCanary2,99213\nC2,x"),
        ("f.csv", "C1,a\"Canary1,x\n"),
        ("g.csv", "claim_id,Canary1\nA,Canary2\n"),
        ("h.csv", "claim_id;Canary1\nA;Canary2\n"),
    ] {
        folder.write(name, text);
        for more in [&[][..], &["--map", "claim_id=Canari"], &["--delimiter", ","]] {
            let run = folder.check(&[&[name], more].concat());
            assert_eq!((run.exit, run.stdout.as_str()), (2, ""), "{name}: {}", run.stderr);
            assert!(!run.stderr.contains("Canary"), "{name}: {}", run.stderr);
        }
    }
}

/// Whether a character acts on a terminal or turns the text around it.
fn is_hostile(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}'..='\u{200f}')
}

const STEERING: &str = "\u{1b}[2J\u{7}\u{9b}31m\u{7f}\u{202e}\u{8}\u{200b}x";

fn steering_export() -> String {
    let header = format!("claim_id,line,cpt,\"hcpcs {STEERING}\",modifier_1,dos,units,charge,note");
    let s = STEERING;
    let rows = [
        format!("C{s},{s},3044F,{s},{s},{s},{s},{s},{s}"),
        format!("D{s},1,99{s}213,,,,,,"),
        format!("E{s},1,{s}99213{s},99214{s},{s},,,,"),
        format!(",{s},1036F{s},,,,,,"),
        format!("F{s},\"1\r2\",99213.0,,,,,,\r"),
        format!("{s},\"{s}"),
    ];
    format!("{header}\n{}\n", rows.join("\n"))
}

#[test]
fn control_characters_of_cells_and_names_are_shown_by_number() {
    let folder = Folder::new();
    let name = format!("a{STEERING}\n.csv");
    folder.write(&name, steering_export());
    let map = format!("procedure_code=hcpcs {STEERING}");
    for format in ["full", "concise", "grouped", "summary", "github"] {
        for more in [&[][..], &["--color", "never", "--map", &map, "--map", "claim_id=line"]] {
            let run = folder.check(&[&[name.as_str(), "-f", format], more].concat());
            assert_eq!(run.exit, 1, "{}", run.stderr.escape_debug());
            for text in [&run.stdout, &run.stderr] {
                assert!(!text.contains(is_hostile), "{format}: {}", text.escape_debug());
            }
        }
    }
    folder.check(&[&name, "-f", "none", "-r", "md=r.md"]);
    let report = fs::read_to_string(folder.path("r.md")).unwrap();
    assert!(!report.contains(is_hostile), "{}", report.escape_debug());
}

#[test]
fn one_finding_is_one_line_of_ndjson_and_control_characters_are_escaped() {
    let folder = Folder::new();
    folder.write("a.csv", steering_export());
    for format in ["ndjson", "json", "csv"] {
        let run = folder.check(&["a.csv", "-f", format]);
        assert_eq!(run.exit, 1, "{}", run.stderr.escape_debug());
        let raw = |c: char| c.is_ascii_control() && c != '\n' && c != '\u{7f}';
        let is_table = format == "csv";
        assert!(is_table || !run.stdout.contains(raw), "{format}: {}", run.stdout.escape_debug());
        if format == "ndjson" {
            for line in run.stdout.lines() {
                serde_json::from_str::<serde_json::Value>(line).unwrap();
            }
        }
    }
}

#[test]
fn control_characters_in_errors_are_shown_by_number() {
    let folder = Folder::new();
    folder.write("a.csv", format!("claim_id,charge,{STEERING}\nA,1,2\n"));
    folder.write("b.csv", format!("claim_id,charge,{STEERING},{STEERING}\nA,1,2,3\n"));
    folder.write("c.csv", "claim_id,cpt\nA,99213\n");
    folder.write("d.toml", "select = [\"X\\u001b[31m\"]\n");
    let gone = format!("gone{STEERING}");
    let column = format!("claim_id={STEERING}");
    let runs: [&[&str]; 6] = [
        &["a.csv"],
        &["b.csv"],
        &[&gone],
        &["c.csv", "--map", &column],
        &["c.csv", "--select", STEERING],
        &["c.csv", "--report", STEERING],
    ];
    for arguments in runs {
        let run = folder.check(arguments);
        assert_eq!(run.exit, 2, "{}", run.stderr.escape_debug());
        assert!(!run.stderr.contains(is_hostile), "{}", run.stderr.escape_debug());
    }
    let run = folder.run(&["check", "c.csv", "--config", "d.toml"]);
    assert!(run.exit == 2 && !run.stderr.contains(is_hostile), "{}", run.stderr.escape_debug());
}

/// The same export, with a canary in the name of a column that nothing reads, in a file whose name
/// has one.
fn export_with_names() -> Vec<u8> {
    let text = export();
    let header = HEADER.replace("NOTE", "Canary Column");
    [header.as_bytes(), text.get(HEADER.len()..).unwrap()].concat()
}

const FILE: &str = "CANARY-file.csv";

/// A key for hashes, which only its owner may read.
fn key(folder: &Folder, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    folder.write("key", "0123456789abcdef");
    fs::set_permissions(folder.path("key"), fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn logs_and_numbers_hold_nothing_of_an_export() {
    let folder = Folder::new();
    folder.write(FILE, export_with_names());
    key(&folder, 0o600);
    for phi in ["mask", "hash", "show"] {
        for log in ["text", "json"] {
            let arguments = [
                FILE,
                "-f",
                "none",
                "--phi",
                phi,
                "--log-format",
                log,
                "--log-file",
                "log",
                "-r",
                "prom=m.prom",
                "-r",
                "csv=r.csv",
                "--config",
                "output.phi-key-file=\"key\"",
            ];
            let run = folder.check(&arguments);
            assert_eq!(run.exit, 1, "{}", run.stderr);
            let line = folder.check(&[&arguments[..], &["--summary-line"]].concat());
            assert_eq!(line.exit, 2, "there are two forms of standard output");
            let failed = folder.check(&[&arguments[..], &["--max-rejects", "0"]].concat());
            assert_eq!(failed.exit, 3, "{}", failed.stderr);
            let numbers = fs::read_to_string(folder.path("m.prom")).unwrap();
            let log = fs::read_to_string(folder.path("log")).unwrap();
            for text in [&run.stdout, &run.stderr, &failed.stderr, &line.stderr, &log, &numbers] {
                assert!(!text.contains("anary"), "{phi}: {}", around(text));
            }
            // The name of a file is where a biller looks, and so it is told; not as a number.
            assert!(log.contains("CANARY-file.csv") && !numbers.contains("CANARY"));
        }
    }
}

#[test]
fn cells_of_patients_are_shown_only_to_whoever_asks() {
    let folder = Folder::new();
    folder.write("wrong.csv", WRONG);
    key(&folder, 0o600);
    let reports: Vec<String> =
        KINDS.iter().flat_map(|kind| ["-r".to_owned(), format!("{kind}=r.{kind}")]).collect();
    let check = |phi: &str| {
        let mut arguments =
            vec!["wrong.csv", "--as-of=2026-10-31", "--phi", phi, "--samples", "100", "-f", "json"];
        arguments.extend(reports.iter().map(String::as_str));
        let mut command = folder.command(&[&["check", "--isolated"], &arguments[..]].concat());
        command.env("CLAIMLINT_PHI_KEY_FILE", "key");
        program::ended(command)
    };
    let prints = |text: &str| -> Vec<String> {
        let document: serde_json::Value = serde_json::from_str(text).unwrap();
        let findings = document["findings"].as_array().unwrap().clone();
        findings.iter().map(|finding| finding["fingerprint"].to_string()).collect()
    };
    let masked = check("mask").stdout;
    let run = check("show");
    assert!(run.exit == 1 && run.stdout.contains("\"value\":\"2026-07-19\""), "{}", run.stdout);
    assert!(run.stdout.contains("\"phi\":\"show\"") && !run.stderr.contains("2026-07-19"));
    assert!(fs::read_to_string(folder.path("r.csv")).unwrap().contains("2026-07-19"));
    assert_eq!(prints(&run.stdout), prints(&masked), "what is shown makes no other finding");
    let run = check("hash");
    assert!(run.exit == 1 && run.stdout.contains("\"value\":\"hmac:"), "{}", run.stderr);
    assert!(run.stdout.contains("\"phi\":\"hash\",\"phi_key\":\""), "{}", run.stdout);
    assert_eq!(prints(&run.stdout), prints(&masked));
    for kind in KINDS {
        let report = fs::read_to_string(folder.path(&format!("r.{kind}"))).unwrap();
        for cell in ["anary", "2026-07-19", "1931-77", "J98", "0123456789abcdef"] {
            assert!(!report.contains(cell), "{kind}: {cell}");
        }
    }
}

#[test]
fn hashes_need_a_key_that_nobody_else_may_read() {
    let folder = Folder::with_exports();
    let check = |more: &[&str]| folder.check(&[&["dirty.csv", "--phi", "hash"], more].concat());
    let named = ["--config", "output.phi-key-file=\"key\""];
    assert_eq!(check(&[]).exit, 2);
    assert_eq!(check(&named).exit, 2, "there is no such file");
    key(&folder, 0o640);
    let run = check(&named);
    assert!(run.exit == 2 && run.stderr.contains("others may read the key"), "{}", run.stderr);
    key(&folder, 0o600);
    assert_eq!(check(&named).exit, 1);
    folder.write("key", "too short");
    assert_eq!(check(&named).exit, 2);
}
