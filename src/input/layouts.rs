//! What is known of exports of one kind: how they are told from others, which columns hold which
//! fields, which rows are no service lines, and which rows hold several.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::model::date_format::DateFormat;
use crate::model::field::normalize;
use crate::model::{Field, claim};

/// A layout, as one file of `rules/layouts/` or of a user says it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// What it goes by: `synpuf-carrier`.
    pub name: String,
    /// What the exports are, in half a sentence.
    pub title: String,
    /// Column names that a header must have, normalized.
    pub all: Vec<String>,
    /// Column names that it must not have, normalized.
    pub none: Vec<String>,
    /// The columns of each field, in order of preference; what a header lacks is passed over.
    pub columns: Vec<(Field, Vec<String>)>,
    /// Whether fields that are not named here have no column, whatever the header's names are like.
    pub is_complete: bool,
    /// The columns that make a claim: its number, and what else tells it from others.
    pub claim_key: Vec<String>,
    /// Rows that are no service lines.
    pub leave_out: Vec<LeaveOut>,
    /// How a row holds several service lines.
    pub wide: Option<Wide>,
    /// How dates are written, where the dates themselves do not tell.
    pub dates: Vec<(Field, DateFormat)>,
    /// Fields that are not read, and why.
    pub not_mapped: Vec<(Field, String)>,
    /// Why there are no service lines in it at all.
    pub without_lines: Option<String>,
    /// What a person should know of such exports.
    pub notes: Vec<String>,
}

/// Rows that are no service lines, by what a cell of them says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeaveOut {
    /// The column.
    pub column: String,
    /// Which cells tell such a row.
    pub told_by: ToldBy,
    /// What such rows are: "payments and transfers".
    pub what: String,
    /// Whether an export may lack the column.
    pub optional: bool,
}

/// Which cells tell a row that is no service line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToldBy {
    /// Those that say one of these, compared without case.
    AnyOf(Vec<String>),
    /// Those that say none of these.
    NoneOf(Vec<String>),
    /// Those that are filled.
    Filled,
}

impl Default for ToldBy {
    fn default() -> Self {
        ToldBy::AnyOf(Vec::new())
    }
}

impl ToldBy {
    /// Whether a trimmed cell tells such a row; it is empty where it is missing.
    pub fn tells(&self, cell: &[u8]) -> bool {
        let is = |word: &String| word.as_bytes().eq_ignore_ascii_case(cell);
        match self {
            ToldBy::AnyOf(words) => words.iter().any(is),
            ToldBy::NoneOf(words) => !words.iter().any(is),
            ToldBy::Filled => !cell.is_empty(),
        }
    }
}

/// How a row holds several service lines: columns that differ in a number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wide {
    /// The names of the columns, with `{n}` for the number (`{nn}` for two digits).
    pub columns: Vec<(Field, String)>,
    /// A slot is a service line where one of these fields is filled in it.
    pub exists: Vec<Field>,
}

/// A row holds no more service lines than this.
pub const SLOTS_MAX: u32 = 100;

impl Wide {
    /// The name of a pattern's column in slot `number`.
    pub fn name(pattern: &str, number: u32) -> String {
        pattern.replace("{nn}", &format!("{number:02}")).replace("{n}", &number.to_string())
    }

    /// The columns of each slot that a header has, by slot.
    pub fn slots(&self, normalized: &[String]) -> Vec<Slot> {
        let column = |pattern: &str, number: u32| {
            let name = normalize(&Self::name(pattern, number));
            normalized.iter().position(|known| *known == name)
        };
        let slot = |number: u32| {
            let columns = self.columns.iter();
            let found =
                columns.filter_map(|(field, pattern)| Some((*field, column(pattern, number)?)));
            Slot { number, columns: found.collect() }
        };
        let exists =
            |slot: &Slot| slot.columns.iter().any(|(field, _)| self.exists.contains(field));
        // One slot more than may be shows that there are too many.
        (0..=SLOTS_MAX + 1).map(slot).filter(exists).collect()
    }
}

/// The columns of one service line of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Its number, as the header has it.
    pub number: u32,
    /// Its columns.
    pub columns: Vec<(Field, usize)>,
}

/// Which layouts an input may have.
#[derive(Debug, Clone, Default)]
pub enum Layouts {
    /// None: the names of columns decide alone.
    #[default]
    Unknown,
    /// The one whose header matches, if any does.
    Match(Arc<Vec<Arc<Known>>>),
    /// This one.
    Is(Arc<Known>),
}

impl Layouts {
    /// The layout of an input whose header has these names, normalized.
    ///
    /// # Errors
    /// Two layouts match equally well.
    pub fn choose(&self, normalized: &[String]) -> Result<Option<Arc<Known>>> {
        let known = match self {
            Layouts::Unknown => return Ok(None),
            Layouts::Is(known) => return Ok(Some(Arc::clone(known))),
            Layouts::Match(known) => known,
        };
        let mut matching: Vec<&Arc<Known>> =
            known.iter().filter(|known| known.matches(normalized)).collect();
        matching.sort_by_key(|known| std::cmp::Reverse(known.all.len()));
        match matching.as_slice() {
            [first, second, ..] if first.all.len() == second.all.len() => {
                let (first, second) = (&first.name, &second.name);
                let error =
                    Error::input(format!("the header is that of two layouts: {first}, {second}"));
                Err(error.with_help(format!("say which it is: --layout {first}")))
            }
            [first, ..] => Ok(Some(Arc::clone(first))),
            [] => Ok(None),
        }
    }
}

impl Known {
    /// Whether a header with these names, normalized, is one of the layout.
    pub fn matches(&self, normalized: &[String]) -> bool {
        let has = |name: &String| normalized.contains(name);
        !self.all.is_empty() && self.all.iter().all(has) && !self.none.iter().any(has)
    }

    /// Why a field is not read, where the layout says so.
    pub fn why_not(&self, field: Field) -> Option<&str> {
        let mut fields = self.not_mapped.iter();
        fields.find(|(known, _)| *known == field).map(|(_, why)| why.as_str())
    }
}

/// The key of a claim of several parts, after its number: see [`crate::model::claim`].
pub fn put_parts<'t>(parts: impl Iterator<Item = &'t [u8]>, into: &mut Vec<u8>) {
    for part in parts {
        into.push(claim::PART);
        into.extend_from_slice(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(name: &str, all: &[&str], none: &[&str]) -> Arc<Known> {
        let words = |words: &[&str]| words.iter().map(|word| normalize(word)).collect();
        Arc::new(Known {
            name: name.into(),
            all: words(all),
            none: words(none),
            ..Known::default()
        })
    }

    fn chosen(layouts: &[Arc<Known>], header: &str) -> Result<Option<String>> {
        let names: Vec<String> = header.split(',').map(normalize).collect();
        let layouts = Layouts::Match(Arc::new(layouts.to_vec()));
        Ok(layouts.choose(&names)?.map(|known| known.name.clone()))
    }

    #[test]
    fn the_layout_that_asks_for_most_is_taken_and_a_tie_is_refused() {
        let layouts = [
            known("short", &["a", "b"], &[]),
            known("long", &["A", "B", "C"], &[]),
            known("other", &["a", "c"], &["b"]),
            known("twin", &["c", "d"], &[]),
        ];
        assert_eq!(chosen(&layouts, "x,B,a").unwrap().as_deref(), Some("short"));
        assert_eq!(chosen(&layouts, "a,b,c").unwrap().as_deref(), Some("long"));
        assert_eq!(chosen(&layouts, "a_,C.").unwrap().as_deref(), Some("other"));
        assert_eq!(chosen(&layouts, "x,y").unwrap(), None);
        let error = chosen(&layouts, "a,c,d").unwrap_err();
        assert!(error.message().contains("other") && error.message().contains("twin"), "{error}");
        assert!(error.help().unwrap().contains("--layout"));
    }

    #[test]
    fn slots_are_those_that_the_header_has() {
        let wide = Wide {
            columns: vec![
                (Field::ProcedureCode, "CPT_{n}".into()),
                (Field::Charge, "CHG_{nn}".into()),
            ],
            exists: vec![Field::ProcedureCode],
        };
        let header: Vec<String> =
            ["cpt1", "cpt3", "chg01", "chg02", "cpt12"].map(str::to_owned).into();
        let slots = wide.slots(&header);
        let told: Vec<_> = slots.iter().map(|slot| (slot.number, slot.columns.len())).collect();
        assert_eq!(told, [(1, 2), (3, 1), (12, 1)]);
    }

    #[test]
    fn rows_are_told_by_a_cell() {
        let words = || vec!["CHARGE".to_owned(), "1".to_owned()];
        assert!(ToldBy::AnyOf(words()).tells(b"charge") && !ToldBy::AnyOf(words()).tells(b""));
        assert!(ToldBy::NoneOf(words()).tells(b"") && !ToldBy::NoneOf(words()).tells(b"1"));
        assert!(ToldBy::Filled.tells(b"x") && !ToldBy::Filled.tells(b""));
    }
}
