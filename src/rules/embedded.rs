//! The data files of `rules/`, compiled into the program.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::lint::Knowledge;
use crate::lint::knowledge::{Section, Sections};
use crate::model::cell::MissingWords;
use crate::model::{Cell, Date, Vocabulary};
use crate::reference::rows::{CodeRow, Days, Rows};
use crate::reference::{Edition, Kind, Reference};
use crate::rules::code_set::CodeSets;

const CATEGORIES: &str = include_str!("../../rules/categories.toml");
const CODE_SETS: &str = include_str!("../../rules/code_sets.toml");
const MODIFIERS: &str = include_str!("../../rules/modifiers.csv");
const PLACES: &str = include_str!("../../rules/places_of_service.csv");
const WORDS: &str = include_str!("../../rules/words.toml");

/// The presets by name, the default first. A preset is a configuration that others are laid over.
const PRESETS: [(&str, &str); 3] = [
    ("default", include_str!("../../rules/presets/default.toml")),
    ("practical", include_str!("../../rules/presets/practical.toml")),
    ("strict", include_str!("../../rules/presets/strict.toml")),
];

/// The layouts of exports that are recognised by their header, by name.
pub const LAYOUTS: [(&str, &str); 20] = [
    ("cclf-part-a", include_str!("../../rules/layouts/cclf-part-a.toml")),
    ("cclf-part-a-diagnoses", include_str!("../../rules/layouts/cclf-part-a-diagnoses.toml")),
    ("cclf-part-a-header", include_str!("../../rules/layouts/cclf-part-a-header.toml")),
    ("cclf-part-a-procedures", include_str!("../../rules/layouts/cclf-part-a-procedures.toml")),
    ("cclf-part-b", include_str!("../../rules/layouts/cclf-part-b.toml")),
    ("cclf-part-b-dme", include_str!("../../rules/layouts/cclf-part-b-dme.toml")),
    ("cms-1500", include_str!("../../rules/layouts/cms-1500.toml")),
    ("epic-clarity-arpb", include_str!("../../rules/layouts/epic-clarity-arpb.toml")),
    ("epic-clarity-tdl", include_str!("../../rules/layouts/epic-clarity-tdl.toml")),
    ("kareo-charges", include_str!("../../rules/layouts/kareo-charges.toml")),
    ("mimic-hcpcsevents", include_str!("../../rules/layouts/mimic-hcpcsevents.toml")),
    (
        "omop-procedure-occurrence",
        include_str!("../../rules/layouts/omop-procedure-occurrence.toml"),
    ),
    ("rif-carrier", include_str!("../../rules/layouts/rif-carrier.toml")),
    ("rif-outpatient", include_str!("../../rules/layouts/rif-outpatient.toml")),
    ("synpuf-carrier", include_str!("../../rules/layouts/synpuf-carrier.toml")),
    ("synpuf-outpatient", include_str!("../../rules/layouts/synpuf-outpatient.toml")),
    (
        "synthea-claims-transactions",
        include_str!("../../rules/layouts/synthea-claims-transactions.toml"),
    ),
    ("synthea-procedures", include_str!("../../rules/layouts/synthea-procedures.toml")),
    ("tuva-medical-claim", include_str!("../../rules/layouts/tuva-medical-claim.toml")),
    ("ub-04", include_str!("../../rules/layouts/ub-04.toml")),
];

/// The last year that the built-in tables answer for: they change by a code or two in some years.
const BUILT_IN_UNTIL: i32 = 2026;

/// What the data files say, before any configuration is laid over it.
pub fn knowledge() -> Result<Knowledge> {
    let categories: RawCategories =
        toml::from_str(CATEGORIES).map_err(|error| broken("categories.toml", &error))?;
    let words: RawWords = toml::from_str(WORDS).map_err(|error| broken("words.toml", &error))?;
    let tables = tables()?;
    let [_, known] = &tables;
    let vocabulary =
        Vocabulary { missing: MissingWords::new(&words.missing), modifiers: modifiers(known) };
    Ok(Knowledge {
        category_one: sections(&categories.category_one)?,
        category_two: sections(&categories.category_two)?,
        vocabulary: Arc::new(vocabulary),
        footers: words.footers.iter().map(|footer| footer.to_lowercase()).collect(),
        reference: Arc::new(Reference::default().with(&tables)?),
        as_of: Date::END,
    })
}

/// The sets of codes that single rules go by.
pub fn code_sets() -> Result<CodeSets> {
    toml::from_str(CODE_SETS).map_err(|error| broken("code_sets.toml", &error))
}

/// The text of the preset `name`, a configuration in TOML.
pub fn preset(name: &str) -> Option<&'static str> {
    PRESETS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// The names of the presets, the default first.
pub fn preset_names() -> impl Iterator<Item = &'static str> {
    PRESETS.iter().map(|(name, _)| *name)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCategories {
    #[serde(rename = "category-1")]
    category_one: Vec<RawSection>,
    #[serde(rename = "category-2")]
    category_two: Vec<RawSection>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSection {
    name: String,
    ranges: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWords {
    missing: Vec<String>,
    footers: Vec<String>,
}

fn sections(raw: &[RawSection]) -> Result<Sections> {
    let section = |raw: &RawSection| {
        let ranges = raw.ranges.iter().map(|text| range(text)).collect::<Result<_>>()?;
        Ok(Section { name: raw.name.clone(), ranges })
    };
    raw.iter().map(section).collect::<Result<_>>().map(Sections)
}

/// `10004-69990`: the first and the last code number.
fn range(text: &str) -> Result<(u32, u32)> {
    let ends = text.split_once('-').and_then(|(first, last)| {
        let (first, last) = (first.parse().ok()?, last.parse().ok()?);
        (first <= last && last <= 99_999).then_some((first, last))
    });
    ends.ok_or_else(|| broken("categories.toml", &format!("`{text}` is no range of code numbers")))
}

/// The built-in table of a kind: codes of two characters with their days.
fn table(kind: Kind, file: &str, text: &str) -> Result<Edition> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| broken(file, &error))?.clone();
    let column = |name: &str| header.iter().position(|column| column == name);
    let (from, to) = (column("valid_from"), column("valid_to"));
    let rows = reader.records().map(|record| {
        let record = record.map_err(|error| broken(file, &error))?;
        let code = record.get(0).unwrap_or_default();
        let day = |column: Option<usize>| match column.and_then(|at| record.get(at)) {
            None | Some("") => Ok(None),
            Some(text) => match Date::parse(text.as_bytes()) {
                Cell::Value(day) => Ok(Some(day)),
                _ => Err(broken(file, &format!("`{text}` is no day"))),
            },
        };
        if code.len() != 2 {
            return Err(broken(file, &format!("`{code}` does not have two characters")));
        }
        let days = Days { first: day(from)?, last: day(to)? };
        Ok(CodeRow { code: code.to_owned(), days, attributes: Vec::new() })
    });
    let rows = Rows::Codes(rows.collect::<Result<Vec<CodeRow>>>()?);
    let first = Date::from_ymd(1900, 1, 1);
    let (Some(first), Some(last)) = (first, Date::from_ymd(BUILT_IN_UNTIL, 12, 31)) else {
        return Err(broken(file, &"no days"));
    };
    let (name, covers) = ("built-in".to_owned(), (first, last));
    Ok(Edition { kind, name, covers, is_complete: true, sources: Vec::new(), rows })
}

/// The built-in tables: places of service and modifiers.
pub fn tables() -> Result<[Edition; 2]> {
    Ok([
        table(Kind::PlaceOfService, "places_of_service.csv", PLACES)?,
        table(Kind::Modifiers, "modifiers.csv", MODIFIERS)?,
    ])
}

fn modifiers(table: &Edition) -> BTreeSet<[u8; 2]> {
    let Rows::Codes(rows) = &table.rows else { return BTreeSet::new() };
    rows.iter().filter_map(|row| row.code.as_bytes().try_into().ok()).collect()
}

/// A built-in file is wrong. A test reads them all, so no user should ever meet this.
fn broken(file: &str, error: &dyn std::fmt::Display) -> Error {
    Error::settings(format!("built-in rules/{file}: {error}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::lint::{Builder, OptionValue, Options};
    use crate::rules::ALL;

    #[test]
    fn the_ranges_are_those_of_the_rules() {
        let knowledge = knowledge().unwrap();
        let ranges = |sections: &Sections| {
            let mut ranges: Vec<_> =
                sections.0.iter().flat_map(|section| section.ranges.clone()).collect();
            ranges.sort_unstable();
            ranges
        };
        let one = [
            (100, 1999),
            (10004, 69990),
            (70010, 79999),
            (80047, 89398),
            (90281, 99199),
            (98000, 98016),
            (99100, 99140),
            (99201, 99499),
            (99500, 99607),
        ];
        let two = [
            (1, 15),
            (500, 584),
            (1000, 1505),
            (2000, 2060),
            (3006, 3776),
            (4000, 4563),
            (5005, 5250),
            (6005, 6150),
            (7010, 7025),
            (9001, 9007),
        ];
        assert_eq!(ranges(&knowledge.category_one), one);
        assert_eq!(ranges(&knowledge.category_two), two);
        let section = |text: &[u8]| {
            let (code, _) = crate::model::Code::parse(text).unwrap();
            knowledge.category_one.of(code).unwrap_or("none").to_owned()
        };
        assert_eq!(section(b"99213"), "Evaluation and Management");
        assert_eq!(section(b"98016"), "Evaluation and Management");
        assert_eq!(section(b"98017"), "Medicine");
        assert_eq!(section(b"99100"), "Anesthesia");
        assert_eq!(section(b"99999"), "none");
    }

    #[test]
    fn words_and_modifiers_are_read() {
        let knowledge = knowledge().unwrap();
        let words = &knowledge.vocabulary;
        for word in ["", "null", "N/A", "na", "NaN", "None", "\\N", "-"] {
            assert!(words.missing.contains(word.as_bytes()), "{word}");
        }
        assert!(!words.missing.contains(b"0"));
        assert_eq!(words.modifiers.len(), 426);
        for known in ["25", "59", "1P", "8P", "LT", "E4", "CN", "KX", "JZ", "X5", "P6", "TW"] {
            assert!(words.modifiers.contains(known.as_bytes()), "{known}");
        }
        for unknown in ["21", "TI", "TO", "SI", "UI", "GI", "QI", "XX", "RH", "4P"] {
            assert!(!words.modifiers.contains(unknown.as_bytes()), "{unknown}");
        }
        assert!(knowledge.footers.iter().all(|footer| *footer == footer.to_lowercase()));
    }

    /// What a preset sets for rules: the option values as a rule reads them.
    fn options(table: &toml::Table) -> BTreeMap<String, OptionValue> {
        let lists = table.iter().filter_map(|(key, value)| {
            let list = value.as_array()?.iter();
            let list = list.map(|item| item.as_str().unwrap().to_owned()).collect();
            Some((key.clone(), OptionValue::List(list)))
        });
        lists.collect()
    }

    #[test]
    fn every_preset_sets_options_that_its_rules_take() {
        let knowledge = knowledge().unwrap();
        for name in preset_names() {
            let table: toml::Table = toml::from_str(preset(name).unwrap()).unwrap();
            let Some(rules) = table.get("rules") else { continue };
            for (prefix, set) in rules.as_table().unwrap() {
                let chosen: Vec<_> =
                    ALL.iter().filter(|rule| rule.info.code.starts_with(prefix.as_str())).collect();
                assert!(!chosen.is_empty(), "{name}: no rule {prefix}");
                for rule in chosen {
                    let mut options = Options::new(options(set.as_table().unwrap()));
                    let built = rule
                        .build
                        .check(&mut Builder { options: &mut options, knowledge: &knowledge });
                    assert!(built.is_ok(), "{name}: {:?}", built.err());
                }
            }
        }
        assert_eq!(preset("strictest"), None);
    }
}
