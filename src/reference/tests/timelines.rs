//! Codes by day, beside a slow twin that looks at every row of every edition for every day.

use super::*;
use crate::reference::{Answer, DiagnosisAnswer};

/// An edition of the twin, and whether it is built in.
type Given = (Edition, bool);

fn rows_of<'e>(edition: &'e Edition, code: &str) -> Vec<&'e CodeRow> {
    let Rows::Codes(rows) = &edition.rows else { return Vec::new() };
    let prefixed = |row: &&CodeRow| row.code.starts_with(code);
    let same = |row: &&CodeRow| row.code == code;
    let is_prefixed = edition.kind == Kind::Pprrvu;
    rows.iter().filter(|row| if is_prefixed { prefixed(row) } else { same(row) }).collect()
}

/// Every day on which rows say that a code is in force. Open ends reach beyond the days of the
/// tests, but not far.
fn in_force(rows: &[&CodeRow]) -> Vec<i32> {
    (-1..=DAYS).filter(|number| rows.iter().any(|row| row.days.include(day(*number)))).collect()
}

fn covers(edition: &Edition, on: i32) -> bool {
    edition.covers.0 <= day(on) && day(on) <= edition.covers.1
}

/// The slow twin of all answers about codes.
fn slow(
    given: &[Given],
    kinds: &[Kind],
    code: &str,
    on: i32,
    decides: &dyn Fn(&Edition) -> bool,
) -> Answer {
    let (mut in_charge, mut others, mut asked) = (Vec::new(), Vec::new(), Vec::new());
    for kind in kinds {
        let of_kind = || given.iter().filter(|(edition, _)| edition.kind == *kind);
        let is_given = of_kind().any(|(edition, built_in)| !built_in && covers(edition, on));
        let usable = of_kind().filter(|(_, built_in)| !(is_given && *built_in));
        let mut usable: Vec<&Edition> = usable.map(|(edition, _)| edition).collect();
        usable.sort_by_key(|edition| (edition.covers.1, edition.covers.0, &edition.name));
        let covering = || usable.iter().copied().filter(|edition| covers(edition, on));
        let decider = covering().rfind(|edition| edition.is_complete && decides(edition));
        asked.extend(covering().next_back());
        asked.extend(decider);
        in_charge.extend(decider);
        let complete = usable.iter().filter(|edition| edition.is_complete && decides(edition));
        others.extend(complete.map(|edition| (*edition, decider)));
    }
    let known = |edition: &&Edition| in_force(&rows_of(edition, code));
    if asked.iter().flat_map(known).any(|number| number == on) {
        return Answer::Active;
    }
    if in_charge.is_empty() {
        return Answer::NotCovered;
    }
    let timeline: Vec<i32> = in_charge.iter().flat_map(known).collect();
    if let Some(last) = timeline.iter().filter(|number| **number < on).max() {
        return Answer::Ended(day(*last));
    }
    if let Some(first) = timeline.iter().min() {
        return Answer::NotYet(day(*first));
    }
    let (mut later, mut earlier) = (Vec::new(), Vec::new());
    for (edition, decider) in others {
        for row in rows_of(edition, code) {
            // An edition speaks of the days that it covers, and of intervals that were over.
            let was_over = row.days.last.is_some_and(|last| last < edition.covers.0.min(day(on)));
            let mut of_row = in_force(&[row]);
            of_row.retain(|number| was_over || covers(edition, *number));
            if was_over {
                earlier.extend(of_row);
            } else if edition.covers.0 > day(on) {
                later.extend(of_row);
            } else {
                let until = decider.filter(|_| covers(edition, on));
                let until = until.map_or(day(on), |decider| decider.covers.0);
                earlier.extend(of_row.into_iter().filter(|number| day(*number) < until));
            }
        }
    }
    match (later.iter().min(), earlier.iter().max()) {
        (Some(first), _) => Answer::NotYet(day(*first)),
        (None, Some(last)) => Answer::Ended(day(*last)),
        (None, None) => Answer::Unknown,
    }
}

fn has(edition: &Edition, wanted: impl Fn(&str) -> bool) -> bool {
    matches!(&edition.rows, Rows::Codes(rows) if rows.iter().any(|row| wanted(&row.code)))
}

fn compare(given: &[Given]) {
    let part = |wanted: bool| -> Vec<Edition> {
        let part = given.iter().filter(|(_, built_in)| *built_in == wanted);
        part.map(|(edition, _)| edition.clone()).collect()
    };
    let loaded = Reference::of(&part(false)).unwrap().with(&part(true)).unwrap();
    for on in 0..DAYS {
        for text in ["00001", "00002", "A0001", "D0001", "V0001"] {
            let (code, class) = code(text);
            let kinds = [Kind::Hcpcs, Kind::Procedures, Kind::Pprrvu];
            let want = slow(given, &kinds, text, on, &|edition| {
                let of_class = |text: &str| {
                    Code::parse(text.as_bytes()).is_some_and(|(_, other)| other == class)
                };
                let may = edition.kind == Kind::Procedures
                    || (edition.kind == Kind::Hcpcs && class == Class::Hcpcs);
                may && has(edition, of_class)
            });
            assert_eq!(loaded.procedure(code, class, day(on)), want, "{text} on day {on}");
        }
        for text in ["Z1", "01", "Z2", "02"] {
            let kinds = [Kind::Hcpcs, Kind::Modifiers];
            let want = slow(given, &kinds, text, on, &|edition| {
                let cpt = text.starts_with('0') && edition.kind == Kind::Hcpcs;
                !cpt && has(edition, |text| text.len() == 2)
            });
            let bytes: [u8; 2] = text.as_bytes().try_into().unwrap();
            assert_eq!(loaded.modifier(bytes, day(on)), want, "{text} on day {on}");
            let want = slow(given, &[Kind::PlaceOfService], text, on, &|_| true);
            assert_eq!(loaded.place_of_service(bytes, day(on)), want, "{text} on day {on}");
            let want = slow(given, &[Kind::Taxonomy], text, on, &|_| true);
            assert_eq!(loaded.taxonomy(&bytes, day(on)), want, "{text} on day {on}");
        }
    }
}

const LISTS: [Kind; 6] = [
    Kind::Hcpcs,
    Kind::Procedures,
    Kind::Pprrvu,
    Kind::Modifiers,
    Kind::PlaceOfService,
    Kind::Taxonomy,
];

fn given(kinds: &[Kind], built_in: f64) -> impl Strategy<Value = Given> + use<> {
    (any_edition(kinds.to_vec()), prop::bool::weighted(built_in))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// One edition that covers every day: timelines of several intervals.
    #[test]
    fn timelines_are_told_as_day_by_day(kind in select(LISTS.to_vec()), rows in code_rows()) {
        compare(&[(edition(kind, "a", (0, DAYS - 1), rows), false)]);
    }

    #[test]
    fn editions_are_chosen_as_day_by_day(
        given in proptest::collection::vec(given(&LISTS, 0.3), 0..8),
    ) {
        compare(&given);
    }

    #[test]
    fn procedures_of_many_editions_are_told_as_day_by_day(
        given in proptest::collection::vec(given(&LISTS[..3], 0.1), 3..9),
    ) {
        compare(&given);
    }
}

#[test]
fn between_two_intervals_a_code_has_ended() {
    let rows = [("A0001", days(5, 9)), ("A0001", days(15, None)), ("A0002", days(9, 5))];
    let rows = rows.map(|(code, days)| code_row(code, days));
    let hcpcs = edition(Kind::Hcpcs, "a", (0, 30), Rows::Codes(rows.to_vec()));
    let loaded = Reference::of(&[hcpcs]).unwrap();
    let (a1, class) = code("A0001");
    let ask = |on| loaded.procedure(a1, class, day(on));
    assert_eq!(ask(4), Answer::NotYet(day(5)));
    assert_eq!([ask(5), ask(9), ask(15), ask(30)], [Answer::Active; 4]);
    assert_eq!([ask(10), ask(14)], [Answer::Ended(day(9)); 2]);
    assert_eq!([ask(-1), ask(31)], [Answer::NotCovered; 2]);
    assert_eq!(loaded.procedure(code("A0002").0, class, day(7)), Answer::Unknown);
    let (dental, cdt) = code("D0001");
    assert_eq!(loaded.procedure(dental, cdt, day(7)), Answer::NotCovered);
    assert!(loaded.covers_class(class) && !loaded.covers_class(cdt));
}

#[test]
fn a_code_comes_and_goes_with_the_editions() {
    let listed = |name, covers, code| {
        edition(Kind::Procedures, name, covers, Rows::Codes(vec![code_row(code, Days::default())]))
    };
    let loaded = Reference::of(&[
        listed("a", (0, 9), "00001"),
        listed("b", (8, 19), "00002"),
        listed("c", (20, 29), "00003"),
    ])
    .unwrap();
    let ask = |text, on| {
        let (code, class) = code(text);
        loaded.procedure(code, class, day(on))
    };
    // From day 8 on the second is in charge.
    assert_eq!(ask("00001", 8), Answer::Ended(day(7)));
    assert_eq!(ask("00001", 25), Answer::Ended(day(9)));
    assert_eq!(ask("00002", 7), Answer::NotYet(day(8)));
    assert_eq!(ask("00003", 7), Answer::NotYet(day(20)));
    assert_eq!(ask("00004", 7), Answer::Unknown);
}

#[test]
fn a_relative_value_speaks_for_a_code_but_never_against_one() {
    let rows = |codes: &[&str]| {
        Rows::Codes(codes.iter().map(|code| code_row(code, Days::default())).collect())
    };
    let list = edition(Kind::Procedures, "a", (0, 9), rows(&["00001"]));
    let mut values = edition(Kind::Pprrvu, "a", (0, 9), rows(&["0000226", "00002TC"]));
    values.is_complete = false;
    let loaded = Reference::of(&[list, values.clone()]).unwrap();
    let ask = |loaded: &Reference, text| {
        let (code, class) = code(text);
        loaded.procedure(code, class, day(5))
    };
    assert_eq!(ask(&loaded, "00002"), Answer::Active);
    assert_eq!(ask(&loaded, "00003"), Answer::Unknown);
    let loaded = Reference::of(&[values]).unwrap();
    assert_eq!(ask(&loaded, "00002"), Answer::Active);
    assert_eq!(ask(&loaded, "00003"), Answer::NotCovered);
}

#[test]
fn diagnoses_are_billable_headers_or_none() {
    use DiagnosisAnswer::{Billable, Ended, Header, NotCovered, NotYet, Unknown};
    let row = |code: &str, said: &[u8]| CodeRow {
        attributes: said.to_vec(),
        ..code_row(code, Days::default())
    };
    let codes_file = Rows::Codes(vec![row("Z9901", b"1"), row("Z98", b"1")]);
    let order_file = Rows::Codes(vec![row("Z97", b"0"), row("Z971", b"1"), row("Z98", b"0")]);
    let mut partial = edition(Kind::Icd10cm, "c", (20, 29), codes_file.clone());
    partial.is_complete = false;
    let loaded = Reference::of(&[
        edition(Kind::Icd10cm, "a", (0, 9), codes_file),
        edition(Kind::Icd10cm, "b", (10, 19), order_file),
        partial,
    ])
    .unwrap();
    let ask = |text: &str, on| loaded.diagnosis(text.as_bytes(), day(on));
    assert_eq!([ask("Z9901", 5), ask("Z98", 5)], [Billable; 2]);
    assert_eq!([ask("Z", 5), ask("Z99", 5), ask("Z990", 5), ask("Z98", 15)], [Header; 4]);
    assert_eq!([ask("Z971", 5), ask("Z97", 5)], [NotYet(day(10)); 2]);
    assert_eq!(ask("Z9901", 15), Ended(day(9)));
    assert_eq!([ask("Z9902", 5), ask("Y", 5), ask("", 5), ask("Z99010000000", 5)], [Unknown; 4]);
    assert_eq!([ask("Z9901", 25), ask("Z99", 25)], [Billable, NotCovered]);
    assert_eq!(ask("Z9901", 30), NotCovered);
}
