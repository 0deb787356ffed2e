//! `--clean` and `--rejected`: every byte of the inputs goes to one of two files, by claim.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use claimlint::config::settings::Settings;
use claimlint::input::Encoding;
use claimlint::model::{Finding, Severity};
use common::split::{RECORD_BYTES_MAX, split};
use common::{SHAPES, check, code, settings};
use proptest::prelude::*;

/// Rules that judge a claim by itself, so that what is clean stays clean when it stands alone.
const RULES: [&str; 9] =
    ["STR", "CII001", "CII002", "CII006", "COD001", "COD002", "COD003", "CLM001", "AMT"];

/// Settings with these rules, for an encoding.
fn reading(encoding: Encoding) -> Settings {
    let mut settings = settings(&RULES);
    settings.input.encoding = encoding;
    settings
}

/// How an export is written.
#[derive(Debug, Clone)]
struct Form {
    encoding: Encoding,
    mark: bool,
    big_endian: bool,
    preamble: bool,
    ends: Vec<&'static str>,
    last_end: bool,
}

/// Stands for something that the encoding cannot hold.
const BROKEN: char = '\u{E000}';

impl Form {
    fn bytes(&self, text: &str) -> Vec<u8> {
        let units = |char: char| match char {
            BROKEN => vec![0xD800],
            char => char.encode_utf16(&mut [0; 2]).to_vec(),
        };
        match self.encoding {
            Encoding::Utf16 if self.big_endian => {
                text.chars().flat_map(units).flat_map(u16::to_be_bytes).collect()
            }
            Encoding::Utf16 => text.chars().flat_map(units).flat_map(u16::to_le_bytes).collect(),
            Encoding::Windows1252 => {
                let byte = |char| if char == BROKEN { 0x81 } else { u8::try_from(char).unwrap() };
                text.chars().map(byte).collect()
            }
            Encoding::Auto | Encoding::Utf8 => {
                let bytes = |char: char| match char {
                    BROKEN => vec![0xFE],
                    char => char.to_string().into_bytes(),
                };
                text.chars().flat_map(bytes).collect()
            }
        }
    }

    /// The export as text, its records apart, each with the blank lines behind it.
    fn text(&self, records: &[(String, bool)]) -> (String, Vec<(String, String)>) {
        let mut ends = self.ends.iter().cycle();
        let mut end = || (*ends.next().unwrap()).to_owned();
        let mark = if self.mark { "\u{FEFF}" } else { "" };
        let preamble = if self.preamble { format!("sep=,{}", end()) } else { String::new() };
        let head = format!("{mark}{preamble}claim_id,cpt,charge,note{}", end());
        let mut parts: Vec<(String, String)> = Vec::new();
        for (record, blank) in records {
            let blank = if *blank { format!("  {}", end()) } else { String::new() };
            parts.push((record.clone(), format!("{}{blank}", end())));
        }
        if let Some((_, last)) = parts.last_mut().filter(|_| !self.last_end) {
            last.clear();
        }
        (head, parts)
    }
}

fn form() -> impl Strategy<Value = Form> {
    let ends = prop_oneof![
        Just(vec!["\n"]),
        Just(vec!["\r\n"]),
        Just(vec!["\r"]),
        Just(vec!["\n", "\n", "\r\n"])
    ];
    (0..5_u8, any::<bool>(), any::<bool>(), ends, any::<bool>()).prop_map(
        |(kind, big_endian, preamble, ends, last_end)| Form {
            encoding: match kind {
                0 | 1 => Encoding::Utf8,
                2 => Encoding::Windows1252,
                _ => Encoding::Utf16,
            },
            mark: matches!(kind, 1 | 4) || (kind == 3 && big_endian),
            big_endian: kind >= 3 && big_endian,
            preamble,
            ends,
            last_end,
        },
    )
}

/// Records of a few claims, some of them broken, in any order.
fn records() -> impl Strategy<Value = Vec<(String, bool)>> {
    let claim = prop_oneof![6 => "[A-F][0-9]", 1 => Just(String::new()), 1 => Just(" A1 ".into())];
    let cpt = prop_oneof![
        6 => Just("99213"), 2 => Just("3044F"), 1 => Just("1036F"), 1 => Just("9921"), 1 => Just("")
    ];
    let charge = prop_oneof![4 => Just("10.00"), 2 => Just("0.00"), 1 => Just("x")];
    let note = prop_oneof![
        4 => Just("é".to_owned()), 1 => Just("\"a \"\"b\"\" c\"".into()),
        1 => Just("\"up\nand, down\"".into()), 1 => Just("\"up\r\n \ndown\"".into()),
        1 => Just(format!("é{BROKEN}")),
    ];
    let line = (claim, cpt, charge, note)
        .prop_map(|(claim, cpt, charge, note)| format!("{claim},{cpt},{charge},{note}"));
    let record = prop_oneof![
        20 => line,
        1 => Just("A1,99213,10.00".to_owned()),
        1 => Just("A1,99213,a\"b,note".to_owned()),
        1 => Just("Total,,120.00,".to_owned()),
        1 => Just(",,,".to_owned()),
        1 => Just("claim_id,cpt,charge,note".to_owned()),
        1 => Just(format!("A2,99213,10.00,{}", "long ".repeat(100))),
    ];
    proptest::collection::vec((record, proptest::bool::weighted(0.1)), 1..60)
}

/// The slow twin: what a list of findings says of records whose text is known.
struct Twin {
    clean: String,
    rejected: String,
    with_reasons: String,
    claims: BTreeSet<String>,
}

fn twin(form: &Form, records: &[(String, bool)], findings: &[Finding]) -> Twin {
    let (head, parts) = form.text(records);
    let is_error = |finding: &&Finding| finding.severity == Severity::Error;
    let claims: BTreeSet<String> =
        findings.iter().filter(is_error).filter_map(|finding| finding.claim_id.clone()).collect();
    let mut codes: BTreeMap<u64, Vec<&str>> = BTreeMap::new();
    for finding in findings {
        if is_error(&finding) || code(finding).starts_with("STR") {
            let codes = codes.entry(finding.place.record).or_default();
            if !codes.contains(&code(finding)) {
                codes.push(code(finding));
            }
        }
    }
    let header = head.trim_end_matches(['\r', '\n']);
    let end = head.strip_prefix(header).unwrap();
    let mut twin = Twin {
        clean: head.clone(),
        rejected: head.clone(),
        with_reasons: format!("{header},claimlint_rules{end}"),
        claims,
    };
    for ((record, blank), number) in parts.iter().zip(1_u64..) {
        let line_end = if blank.is_empty() { end } else { blank.as_str() };
        let claim = record.split(',').next().unwrap().trim();
        let codes = codes.get(&number).map(|codes| codes.join(" "));
        // A record that was set aside has no claim, whatever it begins with.
        if codes.is_some() || (twin.claims.contains(claim) && !claim.is_empty()) {
            twin.rejected.push_str(&format!("{record}{line_end}"));
            let codes = codes.unwrap_or_default();
            twin.with_reasons.push_str(&format!("{record},{codes}{line_end}"));
        } else {
            twin.clean.push_str(&format!("{record}{line_end}"));
        }
    }
    twin
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn each_record_goes_where_its_claim_goes_byte_for_byte(
        form in form(),
        records in records(),
        shape in 0..SHAPES.len(),
    ) {
        let (head, parts) = form.text(&records);
        let whole: String =
            parts.iter().fold(head, |text, (record, end)| text + record + end);
        let bytes = form.bytes(&whole);
        let inputs = std::slice::from_ref(&bytes);
        let ended = split(reading(form.encoding), inputs, SHAPES[shape], false);
        let lines = &ended.summary.lines;
        prop_assert_eq!(lines.checked + lines.rejected, records.len() as u64);
        let twin = twin(&form, &records, &ended.findings);
        prop_assert_eq!(&ended.clean, &form.bytes(&twin.clean));
        prop_assert_eq!(&ended.rejected, &form.bytes(&twin.rejected));

        let split_summary = ended.summary.split.unwrap();
        prop_assert_eq!(split_summary.rejected.claims, twin.claims.len() as u64);
        prop_assert_eq!(
            split_summary.head_bytes + split_summary.clean.bytes + split_summary.rejected.bytes,
            bytes.len() as u64
        );
        let other = SHAPES[SHAPES.len() - 1 - shape];
        let reasons = split(reading(form.encoding), inputs, other, true);
        prop_assert_eq!(&reasons.clean, &ended.clean);
        prop_assert_eq!(&reasons.rejected, &form.bytes(&twin.with_reasons));

        // What is clean stays clean when it stands alone.
        let mut settings = settings(&RULES);
        settings.input.encoding = form.encoding;
        settings.input.allow_empty = true;
        let inputs = [("clean.csv", ended.clean.as_slice())];
        let (findings, _) = check(&settings, SHAPES[0], RECORD_BYTES_MAX, &inputs).unwrap();
        prop_assert!(findings.iter().all(|finding| finding.severity < Severity::Error));
    }

    #[test]
    fn a_claim_is_rejected_in_every_input(records in records(), cut in 0..60_usize) {
        let form = Form {
            encoding: Encoding::Utf8, mark: false, big_endian: false, preamble: false,
            ends: vec!["\n"], last_end: false,
        };
        let cut = cut % records.len();
        prop_assume!(cut > 0);
        let whole = |records: &[(String, bool)]| {
            let (head, parts) = form.text(records);
            form.bytes(&parts.iter().fold(head, |text, (record, end)| text + record + end))
        };
        let inputs = [whole(&records[..cut]), whole(&records[cut..])];
        let apart = split(reading(form.encoding), &inputs, SHAPES[5], false);
        let together = split(reading(form.encoding), &[whole(&records)], SHAPES[0], false);
        let plain = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace("  \n", "");
        prop_assert_eq!(plain(&apart.clean), plain(&together.clean));
        prop_assert_eq!(plain(&apart.rejected), plain(&together.rejected));
    }
}
