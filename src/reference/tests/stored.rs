//! What is written is read back; what was changed or cut is refused.

use std::fs;
use std::path::Path;

use super::*;
use crate::error::Result;
use crate::reference::table::Table;
use crate::reference::{EditionInfo, LimitSetting, Setting, compile, store};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_edition_comes_back(edition in any_edition(Kind::ALL.to_vec())) {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().join("a/b");
        let path = store::write(&directory, &edition).unwrap();
        prop_assert_eq!(&store::read_edition(&path).unwrap(), &tidied(&edition));
        let infos = store::list(&directory).unwrap();
        let loaded = Reference::load(&directory).unwrap();
        prop_assert_eq!(loaded.editions(), infos.as_slice());
        let [info] = infos.as_slice() else { panic!("one edition") };
        let entries = match &tidied(&edition).rows {
            Rows::Codes(rows) => (rows.len(), ended(rows.iter().map(|row| row.days))),
            Rows::Pairs(rows) => (rows.len(), ended(rows.iter().map(|row| row.days))),
            Rows::Limits(rows) => (rows.len(), 0),
            Rows::AddOns(rows) => (rows.len(), ended(rows.iter().map(|row| row.days))),
        };
        prop_assert_eq!((info.entries, info.ended), (entries.0 as u64, entries.1 as u64));
        prop_assert_eq!(info.rows, edition.sources.iter().map(|source| source.rows).sum::<u64>());
        prop_assert_eq!(&info.path, &path);
        prop_assert_eq!(loaded.coverage(edition.kind), vec![edition.covers]);
        prop_assert!(Kind::ALL.iter().all(|kind| loaded.has(*kind) == (*kind == edition.kind)));
    }

    /// The checksum finds every change of few bytes.
    #[test]
    fn changed_bytes_are_refused(
        edition in any_edition(Kind::ALL.to_vec()),
        flips in proptest::collection::vec((any::<prop::sample::Index>(), 1..=u8::MAX), 1..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let bytes = compile::compile(&edition).unwrap();
        let mut changed = bytes.clone();
        for (at, flip) in flips {
            changed[at.index(bytes.len())] ^= flip;
        }
        prop_assert!(changed == bytes || open(changed).is_err());
        prop_assert!(open(bytes[..cut.index(bytes.len())].to_vec()).is_err());
        let mut longer = bytes.clone();
        longer.push(0);
        prop_assert!(open(longer).is_err());
    }

    /// Even where someone made the checksum fit, nothing is followed that leads nowhere.
    #[test]
    fn forged_bytes_do_no_harm(
        edition in any_edition(Kind::ALL.to_vec()),
        flips in proptest::collection::vec((any::<prop::sample::Index>(), 1..=u8::MAX), 1..4),
    ) {
        let mut bytes = compile::compile(&edition).unwrap();
        let end = bytes.len() - 8;
        for (at, flip) in flips {
            bytes[at.index(end)] ^= flip;
        }
        let checksum = xxhash_rust::xxh3::xxh3_64(&bytes[..end]);
        bytes[end..].copy_from_slice(&checksum.to_le_bytes());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("forged.clref");
        fs::write(&path, bytes).unwrap();
        let _ = store::read_edition(&path);
        if let Ok(loaded) = Reference::load(folder.path()) {
            ask_everything(&loaded);
        }
    }
}

fn ended(days: impl Iterator<Item = Days>) -> usize {
    days.filter(|days| days.last.is_some()).count()
}

fn open(bytes: Vec<u8>) -> Result<(EditionInfo, Table)> {
    compile::open(bytes, Path::new("a file"))
}

fn ask_everything(loaded: &Reference) {
    let (one, two) = (code("00001"), code("A0001"));
    for on in (-1..=DAYS).map(day) {
        loaded.procedure(one.0, one.1, on);
        loaded.procedure(two.0, two.1, on);
        loaded.modifier(*b"Z1", on);
        loaded.place_of_service(*b"01", on);
        loaded.taxonomy(b"0123456789X", on);
        loaded.diagnosis(b"Z1", on);
        loaded.diagnosis(b"", on);
        for setting in Setting::ALL {
            loaded.pair(setting, one.0, two.0, on);
            loaded.pair(setting, two.0, one.0, on);
        }
        loaded.limit(LimitSetting::Dme, one.0, on);
        loaded.is_add_on(two.0, on);
        if let Some(add_on) = loaded.add_on(one.0, on).add_on() {
            add_on.has_primary(two.0);
            add_on.primaries().count();
        }
    }
}

fn codes() -> Rows {
    Rows::Codes(vec![code_row("A0001", Days::default())])
}

#[test]
fn a_directory_is_listed_by_kind_day_and_name() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path();
    assert_eq!(store::list(&directory.join("missing")).unwrap(), []);
    assert!(Reference::load(&directory.join("missing")).unwrap().editions().is_empty());
    for (kind, name, covers) in [
        (Kind::Taxonomy, "a", (0, 9)),
        (Kind::Hcpcs, "b", (5, 9)),
        (Kind::Hcpcs, "a", (5, 9)),
        (Kind::Hcpcs, "c", (0, 30)),
        (Kind::Hcpcs, "d", (32, 33)),
    ] {
        store::write(directory, &edition(kind, name, covers, codes())).unwrap();
    }
    fs::write(directory.join("notes.txt"), "not ours").unwrap();
    let names = |infos: &[EditionInfo]| -> Vec<String> {
        infos.iter().map(|info| format!("{}@{}", info.kind.name(), info.name)).collect()
    };
    let infos = store::list(directory).unwrap();
    assert_eq!(names(&infos), ["hcpcs@c", "hcpcs@a", "hcpcs@b", "hcpcs@d", "taxonomy@a"]);
    let loaded = Reference::load(directory).unwrap();
    assert_eq!(loaded.coverage(Kind::Hcpcs), [(day(0), day(30)), (day(32), day(33))]);
    assert_eq!(loaded.coverage(Kind::AddOn), []);

    // A newer one of the same name takes its place, and nothing else is left behind.
    store::write(directory, &edition(Kind::Hcpcs, "d", (31, 33), codes())).unwrap();
    let loaded = Reference::load(directory).unwrap();
    assert_eq!(loaded.coverage(Kind::Hcpcs), [(day(0), day(33))]);
    assert_eq!(fs::read_dir(directory).unwrap().count(), 6);
}

#[test]
fn a_bad_file_is_named_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = store::write(folder.path(), &edition(Kind::Hcpcs, "a", (0, 9), codes())).unwrap();
    let whole = fs::read(&path).unwrap();
    let mut newer = whole.clone();
    newer[8] = 9;
    for (bytes, message, help) in [
        (&whole[..whole.len() / 2], "damaged", "import the edition again"),
        (&newer, "format version 9", "update claimlint"),
        (b"PK", "no edition", "move the file"),
    ] {
        fs::write(&path, bytes).unwrap();
        let errors = [
            store::list(folder.path()).unwrap_err(),
            store::read_edition(&path).unwrap_err(),
            Reference::load(folder.path()).unwrap_err(),
        ];
        for error in errors {
            assert!(error.message().contains("hcpcs@a.clref: "), "{error}");
            assert!(error.message().contains(message), "{error}");
            assert!(error.help().unwrap().contains(help), "{error}");
        }
    }
}

#[test]
fn what_is_no_edition_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let good = edition(Kind::Hcpcs, "a", (0, 9), codes());
    let named = |name: &str| Edition { name: name.to_owned(), ..good.clone() };
    let with = |rows: Rows| Edition { rows, ..good.clone() };
    let coded = |code: &str| with(Rows::Codes(vec![code_row(code, Days::default())]));
    let wordy = CodeRow { attributes: vec![b'1'; 16], ..code_row("A0001", Days::default()) };
    let add_on = AddOnRow { add_on: *b"00001", primary: None, kind: 4, days: Days::default() };
    for bad in [
        named(""),
        named("../a"),
        named("a b"),
        named(&"a".repeat(101)),
        Edition { covers: (day(1), day(0)), ..good.clone() },
        Edition { kind: Kind::AddOn, ..good.clone() },
        with(Rows::Pairs(Vec::new())),
        with(Rows::Codes(vec![wordy])),
        Edition { kind: Kind::AddOn, ..with(Rows::AddOns(vec![add_on])) },
        coded(""),
        coded("a0001"),
        coded("A00000000001"),
        coded("A0.1"),
    ] {
        let error = store::write(folder.path(), &bad).unwrap_err();
        assert!(error.message().contains('@'), "{error}");
    }
    assert_eq!(store::list(folder.path()).unwrap(), []);
}
