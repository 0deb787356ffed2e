//! X12 837 split by claim: two files of valid interchanges.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]
#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

mod common;

use std::process::Command;

use claimlint::model::Severity;
use common::interchanges::{Billing, Claim, ENDS, Interchanges, written};
use common::program::Folder;
use common::split::{RECORD_BYTES_MAX, split};
use common::{SHAPES, check, code, settings};
use proptest::prelude::*;

/// Rules that judge a claim by itself, and those of the envelope.
const RULES: [&str; 4] = ["X12", "COD001", "COD002", "CLM001"];

fn interchanges() -> impl Strategy<Value = Interchanges> {
    use proptest::collection::vec;
    let claim = (1..1000_u32, 1..4_u32, proptest::bool::weighted(0.4));
    let person = || vec(claim.clone(), 1..3);
    let subscriber = prop_oneof![
        3 => vec(claim.clone(), 1..4).prop_map(|own| (own, Vec::new())),
        1 => vec(person(), 1..3).prop_map(|patients| (Vec::new(), patients)),
        1 => (person(), vec(person(), 1..3)),
    ];
    vec(vec(vec(vec(vec(subscriber, 1..4), 1..3), 1..3), 1..3), 1..3)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn each_part_is_what_would_have_been_written_of_its_claims(
        all in interchanges(),
        end in 0..ENDS.len(),
        element in prop_oneof![Just('*'), Just('|')],
        shape in 0..SHAPES.len(),
    ) {
        let write = |of: &dyn Fn(&Claim) -> bool| written(&all, of, ENDS[end], element);
        let whole = write(&|_| true).into_bytes();
        let ended = split(settings(&RULES), std::slice::from_ref(&whole), SHAPES[shape], false);
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        prop_assert_eq!(text(&ended.clean), write(&|(_, _, is_bad)| !is_bad));
        prop_assert_eq!(text(&ended.rejected), write(&|(_, _, is_bad)| *is_bad));

        let summary = ended.summary.split.unwrap();
        let bytes = summary.head_bytes + summary.clean.bytes + summary.rejected.bytes;
        prop_assert_eq!(bytes, whole.len() as u64);
        let lines = ended.summary.lines.checked;
        prop_assert_eq!(summary.clean.lines + summary.rejected.lines, lines);
        prop_assert_eq!(summary.clean.claims + summary.rejected.claims, ended.summary.claims);

        let mut again = settings(&RULES);
        again.input.allow_empty = true;
        for (part, is_clean) in [(ended.clean, true), (ended.rejected, false)] {
            let inputs = [("part.837", part.as_slice())];
            let (found, _) = check(&again, SHAPES[0], RECORD_BYTES_MAX, &inputs).unwrap();
            let wrong = |finding: &&claimlint::model::Finding| {
                let is_error = finding.severity == Severity::Error;
                code(finding).starts_with("X12") || (is_clean && is_error)
            };
            prop_assert_eq!(found.iter().find(wrong).map(code), None);
        }
    }
}

fn claims(is_bad: &[bool]) -> Billing {
    let subscriber = |(number, is_bad): (u32, &bool)| (vec![(number, 2, *is_bad)], Vec::new());
    (1..).zip(is_bad).map(subscriber).collect()
}

fn claims_in(part: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(part).into_owned();
    let claims = text.split('~').filter_map(|segment| segment.trim().strip_prefix("CLM*"));
    claims.map(|claim| claim.split('*').next().unwrap().to_owned()).collect()
}

#[test]
fn what_is_damaged_is_rejected_and_hides_nothing_else() {
    let set = || vec![claims(&[false, false, true])];
    let whole = written(&vec![vec![vec![set(), set()]]], |_| true, "\n", '*');
    for (from, to, clean) in [
        // Sound: two claims of each set are clean.
        ("", "", vec!["C1", "C2", "C1", "C2"]),
        // A wrong count, a wrong number, no trailer, a broken hierarchy: all of the set.
        ("SE*56*0001~", "SE*55*0001~", vec!["C1", "C2"]),
        ("SE*56*0001~", "SE*56*0007~", vec!["C1", "C2"]),
        ("SE*56*0001~\n", "", vec!["C1", "C2"]),
        ("HL*3*1*22*0~", "HL*3*9*22*0~", vec!["C1", "C2"]),
        ("HL*3*1*22*0~", "HL*3*1*25*0~", vec!["C1", "C2"]),
        // Something in a claim: the claim.
        (
            "CLM*C2*80***11:B:1*Y*A*Y*Y~\nHI",
            "CLM*C2*80***11:B:1*Y*A*Y*Y~\nHX",
            vec!["C1", "C1", "C2"],
        ),
        ("LX*1~\nSV1", "LX*4~\nSV1", vec!["C2", "C1", "C2"]),
        ("LX*1~\nSV1*HC:99213*40*UN*1***1~", "LX*1~\nREF*6R*1~", vec!["C2", "C1", "C2"]),
    ] {
        assert!(whole.contains(from), "{from} in {whole}");
        let damaged = whole.replacen(from, to, 1);
        for shape in SHAPES {
            let ended = split(settings(&RULES), &[damaged.clone().into_bytes()], shape, false);
            assert_eq!(claims_in(&ended.clean), clean, "{from} -> {to}, {shape:?}");
            let mut all = [claims_in(&ended.clean), claims_in(&ended.rejected)].concat();
            all.sort();
            assert_eq!(all, ["C1", "C1", "C2", "C2", "C3", "C3"], "{from} -> {to}");
        }
    }
}

#[test]
fn another_reader_takes_the_parts() {
    let python = std::env::var("CLAIMLINT_PYX12").unwrap_or_else(|_| "python3".to_owned());
    let known = Command::new(&python).args(["-c", "import pyx12"]).output();
    if !known.is_ok_and(|known| known.status.success()) {
        eprintln!("skipped: {python} has no pyx12; name one that has in CLAIMLINT_PYX12");
        return;
    }
    let patients = vec![(Vec::new(), vec![vec![(7, 1, true)], vec![(8, 1, false)]])];
    let all = vec![vec![vec![vec![claims(&[false, true]), patients], vec![claims(&[true])]]]];
    for end in ENDS {
        let whole = written(&all, |_| true, end, '*').into_bytes();
        let ended = split(settings(&RULES), std::slice::from_ref(&whole), SHAPES[0], false);
        let [sets, claims] = ended.acks;
        for part in [whole, ended.clean, ended.rejected, sets, claims] {
            let folder = Folder::new();
            folder.write("part.837", &part);
            let script = "import sys, pyx12.params, pyx12.x12n_document as d\n\
                          p = pyx12.params.params()\n\
                          ok = d.x12n_document(p, 'part.837', None, None, None)\n\
                          sys.exit(0 if ok else 1)";
            let mut command = Command::new(&python);
            command.current_dir(folder.path("")).args(["-c", script]);
            let ran = command.output().unwrap();
            let text = String::from_utf8_lossy(&part);
            assert!(ran.status.success(), "{}\n{text}", String::from_utf8_lossy(&ran.stderr));
        }
    }
}

/// The segments of an answer, but for those around all of it.
fn segments<'a>(answer: &'a [u8], names: &[&str]) -> Vec<&'a str> {
    let text = std::str::from_utf8(answer).unwrap();
    let segments = text.split("~\n");
    segments.filter(|segment| names.contains(&segment.split('*').next().unwrap())).collect()
}

#[test]
fn a_999_answers_each_transaction_set() {
    let set = || vec![claims(&[false, false, true])];
    let whole = written(&vec![vec![vec![set(), set()]]], |_| true, "\n", '*');
    let second = "AK2*837*0002*005010X222A1";
    for (from, to, want) in [
        ("", "", vec!["IK5*A", second, "IK5*A", "AK9*A*2*2*2"]),
        ("SE*56*0001~", "SE*55*0001~", vec!["IK5*R*4", second, "IK5*A", "AK9*P*2*2*1"]),
        ("SE*56*0001~", "SE*56*0007~", vec!["IK5*R*3", second, "IK5*A", "AK9*P*2*2*1"]),
        ("SE*56*0001~\n", "", vec!["IK5*R*2", second, "IK5*A", "AK9*P*2*2*1"]),
        (
            "HL*3*1*22*0~",
            "HL*3*9*22*0~",
            vec!["IK3*HL*26**8", "IK4*2*734*7", "IK5*R*5", second, "IK5*A", "AK9*P*2*2*1"],
        ),
        (
            "LX*1~\nSV1",
            "LX*4~\nSV1",
            vec![
                "IK3*LX*20**8",
                "IK4*1*554*7",
                "IK3*LX*23**8",
                "IK4*1*554*7",
                "IK5*E*5",
                second,
                "IK5*A",
                "AK9*E*2*2*2",
            ],
        ),
    ] {
        assert!(whole.contains(from), "{from} in {whole}");
        let damaged = whole.replacen(from, to, 1);
        for shape in SHAPES {
            let ended = split(settings(&RULES), &[damaged.clone().into_bytes()], shape, false);
            let [sets, _] = &ended.acks;
            let said = segments(sets, &["AK1", "AK2", "IK3", "IK4", "IK5", "AK9"]);
            let head = ["AK1*HC*1*005010X222A1", "AK2*837*0001*005010X222A1"];
            assert_eq!(said, [&head[..], &want].concat(), "{from} -> {to}, {shape:?}");
        }
    }
}

#[test]
fn a_277ca_answers_each_claim() {
    let patients = vec![(Vec::new(), vec![vec![(7, 1, true)], vec![(8, 1, false)]])];
    let all = vec![vec![vec![vec![claims(&[false, true]), patients]]]];
    let whole = written(&all, |_| true, "\n", '*');
    for shape in SHAPES {
        let ended = split(settings(&RULES), &[whole.clone().into_bytes()], shape, false);
        let [_, claims] = &ended.acks;
        let said = segments(claims, &["HL", "TRN", "STC", "QTY", "AMT"]);
        assert_eq!(
            said,
            [
                "HL*1**20*1",
                "TRN*1*244579",
                "HL*2*1*21*1",
                "TRN*2*244579",
                "STC*A1:19:PR*20261015*WQ*240.00",
                "QTY*90*2",
                "QTY*AA*2",
                "AMT*YU*120.00",
                "AMT*YY*120.00",
                "HL*3*2*19*1",
                "TRN*1*0",
                "STC*A1:19**WQ*160.00",
                "HL*4*3*PT",
                "TRN*2*C1",
                "STC*A2:20*20261015*WQ*80",
                "HL*5*3*PT",
                "TRN*2*C2",
                "STC*A3:21*20261015*U*80",
                "HL*6*2*19*1",
                "TRN*1*0",
                "STC*A1:19**WQ*80.00",
                "HL*7*6*PT",
                "TRN*2*C7",
                "STC*A3:21*20261015*U*40",
                "HL*8*6*PT",
                "TRN*2*C8",
                "STC*A2:20*20261015*WQ*40",
            ]
        );
    }
}

#[test]
fn answers_are_files_like_the_parts() {
    let folder = Folder::new();
    let all = vec![vec![vec![vec![claims(&[false, true])]]]];
    folder.write("a.837", written(&all, |_| true, "\n", '*'));
    folder.write("a.csv", "claim_id,cpt\nA,99213\n");
    let acks = ["--ack", "999=sets.x12", "--ack", "277ca=claims.x12", "-f", "none"];
    let ended = folder.check(&[&["a.837", "--as-of", "2026-10-31"], &acks[..]].concat());
    assert_eq!(ended.exit, 1, "{ended:?}");
    assert_eq!(folder.names(), ["a.837", "a.csv", "claims.x12", "sets.x12"]);
    let read = |name: &str| std::fs::read_to_string(folder.path(name)).unwrap();
    assert!(read("sets.x12").contains("\nAK9*A*1*1*1~\n"), "{}", read("sets.x12"));
    assert!(read("claims.x12").contains("\nSTC*A3:21*20261031*U*80~\n"), "{}", read("claims.x12"));

    for arguments in [
        &["a.csv", "--ack", "999=x.x12"][..],
        &["a.837", "--ack", "997=x.x12"],
        &["a.837", "--ack", "999=x.x12", "--ack", "999=y.x12"],
        &["a.837", "--ack", "999=x.x12", "--clean", "x.x12"],
        &["a.837", "--rejected", "x.837", "--reasons"],
        &["a.837", "a.csv", "--clean", "x.txt"],
    ] {
        let ended = folder.check(arguments);
        assert_eq!(ended.exit, 2, "{arguments:?}: {ended:?}");
        assert_eq!(folder.names(), ["a.837", "a.csv", "claims.x12", "sets.x12"]);
    }
}
