//! What changed between two editions of a kind, row by row.
//!
//! The rows of one code (of a pair of codes, for pairs) are an entry. An entry is *open* in an
//! edition when it is in force for longer than the edition covers, which is what having no last day
//! means too. Both editions are walked once, side by side; nothing of them is copied.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::error::{Error, Result};
use crate::model::Date;
use crate::reference::rows::{AddOnRow, CodeRow, Days, LimitRow, PairRow, Rows};
use crate::reference::{Edition, Kind};

/// What changed from one edition to another: entries in the order of their codes.
#[derive(Debug, Default)]
pub struct Difference<'r> {
    /// Only in the later edition.
    pub added: Vec<Change<'r>>,
    /// Open in the earlier edition; ended or gone in the later.
    pub ended: Vec<Change<'r>>,
    /// In both, and not the same in them.
    pub changed: Vec<Change<'r>>,
    /// Gone from the later edition, and not open in the earlier: they had ended already.
    pub dropped: Vec<Change<'r>>,
}

/// An entry that is not the same in two editions.
#[derive(Debug, Clone, Copy)]
pub struct Change<'r> {
    kind: Kind,
    before: Group<'r>,
    after: Group<'r>,
}

/// The rows of an entry, sorted; none where the edition does not have it.
#[derive(Debug, Clone, Copy)]
enum Group<'r> {
    Codes(&'r [CodeRow]),
    Pairs(&'r [PairRow]),
    Limits(&'r [LimitRow]),
    AddOns(&'r [AddOnRow]),
}

/// What a row says beside the codes of its entry, by name; nothing where it leaves that open.
pub type Said = (&'static str, Option<String>);

/// What a row says, taken apart.
trait Row: Ord {
    /// The order of entries.
    fn order(&self, other: &Self) -> Ordering;
    /// When it is in force; rows without days are for as long as their edition is.
    fn days(&self) -> Days;
    /// As a group of the entry that it is of.
    fn group(rows: &[Self]) -> Group<'_>
    where
        Self: Sized;
}

impl Row for CodeRow {
    fn order(&self, other: &Self) -> Ordering {
        self.code.cmp(&other.code)
    }
    fn days(&self) -> Days {
        self.days
    }
    fn group(rows: &[Self]) -> Group<'_> {
        Group::Codes(rows)
    }
}

impl Row for PairRow {
    fn order(&self, other: &Self) -> Ordering {
        (self.column_one, self.column_two).cmp(&(other.column_one, other.column_two))
    }
    fn days(&self) -> Days {
        self.days
    }
    fn group(rows: &[Self]) -> Group<'_> {
        Group::Pairs(rows)
    }
}

impl Row for LimitRow {
    fn order(&self, other: &Self) -> Ordering {
        self.code.cmp(&other.code)
    }
    fn days(&self) -> Days {
        Days::default()
    }
    fn group(rows: &[Self]) -> Group<'_> {
        Group::Limits(rows)
    }
}

impl Row for AddOnRow {
    fn order(&self, other: &Self) -> Ordering {
        self.add_on.cmp(&other.add_on)
    }
    fn days(&self) -> Days {
        self.days
    }
    fn group(rows: &[Self]) -> Group<'_> {
        Group::AddOns(rows)
    }
}

/// Compares two editions of a kind whose rows are sorted, each once, as those are that
/// [`read_edition`](crate::reference::store::read_edition) gives.
///
/// # Errors
///
/// If the editions are of two kinds.
pub fn compare<'r>(before: &'r Edition, after: &'r Edition) -> Result<Difference<'r>> {
    if before.kind != after.kind {
        let (one, other) = (before.kind.name(), after.kind.name());
        return Err(Error::settings(format!("an edition of {one} and one of {other}"))
            .with_help("compare two editions of one kind"));
    }
    let walk = Walk { kind: before.kind, ends: (before.covers.1, after.covers.1) };
    match (&before.rows, &after.rows) {
        (Rows::Codes(before), Rows::Codes(after)) => Ok(walk.over(before, after)),
        (Rows::Pairs(before), Rows::Pairs(after)) => Ok(walk.over(before, after)),
        (Rows::Limits(before), Rows::Limits(after)) => Ok(walk.over(before, after)),
        (Rows::AddOns(before), Rows::AddOns(after)) => Ok(walk.over(before, after)),
        _ => Err(Error::settings("rows of two kinds cannot be compared")),
    }
}

/// The walk over two editions side by side.
struct Walk {
    kind: Kind,
    /// The last days that they cover.
    ends: (Date, Date),
}

impl Walk {
    fn over<'r, T: Row>(&self, mut before: &'r [T], mut after: &'r [T]) -> Difference<'r> {
        let mut difference = Difference::default();
        loop {
            let order = match (before.first(), after.first()) {
                (None, None) => return difference,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(one), Some(other)) => one.order(other),
            };
            let (mut one, mut other): (&'r [T], &'r [T]) = (&[], &[]);
            if order != Ordering::Greater {
                (one, before) = first_entry(before);
            }
            if order != Ordering::Less {
                (other, after) = first_entry(after);
            }
            if one == other {
                continue;
            }
            let change = Change { kind: self.kind, before: T::group(one), after: T::group(other) };
            let (was, is) = (is_open(one, self.ends.0), is_open(other, self.ends.1));
            let list = match order {
                Ordering::Greater => &mut difference.added,
                Ordering::Less if !was => &mut difference.dropped,
                _ if was && !is => &mut difference.ended,
                _ => &mut difference.changed,
            };
            list.push(change);
        }
    }
}

/// The rows of the first entry, and the rest.
fn first_entry<T: Row>(rows: &[T]) -> (&[T], &[T]) {
    let Some(first) = rows.first() else { return (rows, rows) };
    let length = rows.iter().take_while(|row| row.order(first) == Ordering::Equal).count();
    rows.split_at_checked(length).unwrap_or((rows, &[]))
}

/// Whether any of the rows is in force for longer than the last day that their edition covers.
fn is_open<T: Row>(rows: &[T], end: Date) -> bool {
    let mut days = rows.iter().map(Row::days).filter(Days::are_any);
    days.any(|days| days.last.is_none_or(|last| last > end))
}

impl Change<'_> {
    /// The code; for pairs both codes, for relative values the code and its modifier.
    pub fn codes(&self) -> Vec<String> {
        let entry = match self.before.is_empty() {
            true => self.after,
            false => self.before,
        };
        let of = |code: &[u8; 5]| String::from_utf8_lossy(code).into_owned();
        match entry {
            Group::Codes(rows) => match rows.first().map(|row| row.code.split_at_checked(5)) {
                Some(Some((code, modifier))) if self.kind == Kind::Pprrvu => {
                    let modifier = Some(modifier).filter(|modifier| !modifier.is_empty());
                    [Some(code), modifier].into_iter().flatten().map(str::to_owned).collect()
                }
                _ => rows.first().into_iter().map(|row| row.code.clone()).collect(),
            },
            Group::Pairs(rows) => {
                let both = rows.first().map(|row| [of(&row.column_one), of(&row.column_two)]);
                both.into_iter().flatten().collect()
            }
            Group::Limits(rows) => rows.first().into_iter().map(|row| of(&row.code)).collect(),
            Group::AddOns(rows) => rows.first().into_iter().map(|row| of(&row.add_on)).collect(),
        }
    }

    /// What the rows say that only the earlier edition has.
    pub fn before(&self) -> Vec<Vec<Said>> {
        self.before.said(self.kind, self.after)
    }

    /// What the rows say that only the later edition has.
    pub fn after(&self) -> Vec<Vec<Said>> {
        self.after.said(self.kind, self.before)
    }

    /// The names of what is not the same, for an entry that both editions have.
    pub fn changed(&self) -> Vec<&'static str> {
        let (before, after) = (self.before(), self.after());
        let mut names: Vec<&'static str> = Vec::new();
        for (name, _) in before.iter().chain(&after).flatten() {
            if !names.contains(name) {
                names.push(name);
            }
        }
        let values = |rows: &[Vec<Said>], name: &str| -> BTreeSet<Option<String>> {
            let all = rows.iter().flatten().filter(|(other, _)| *other == name);
            all.map(|(_, value)| value.clone()).collect()
        };
        let all = names.clone();
        names.retain(|name| values(&before, name) != values(&after, name));
        // The same values, joined otherwise.
        if names.is_empty() { all } else { names }
    }
}

impl Group<'_> {
    fn is_empty(&self) -> bool {
        match self {
            Group::Codes(rows) => rows.is_empty(),
            Group::Pairs(rows) => rows.is_empty(),
            Group::Limits(rows) => rows.is_empty(),
            Group::AddOns(rows) => rows.is_empty(),
        }
    }

    /// What those of the rows say that the other entry does not have.
    fn said(self, kind: Kind, other: Group<'_>) -> Vec<Vec<Said>> {
        fn apart<'r, T: Row>(rows: &'r [T], other: &'r [T]) -> impl Iterator<Item = &'r T> {
            rows.iter().filter(|row| other.binary_search(row).is_err())
        }
        match (self, other) {
            (Group::Codes(rows), Group::Codes(other)) => {
                apart(rows, other).map(|row| of_code(kind, row)).collect()
            }
            (Group::Pairs(rows), Group::Pairs(other)) => apart(rows, other)
                .map(|row| [indicator(row.indicator)].into_iter().chain(days(row.days)).collect())
                .collect(),
            (Group::Limits(rows), Group::Limits(other)) => apart(rows, other)
                .map(|row| vec![("units", Some(row.units.to_string())), indicator(row.indicator)])
                .collect(),
            (Group::AddOns(rows), Group::AddOns(other)) => {
                apart(rows, other).map(of_add_on).collect()
            }
            _ => Vec::new(),
        }
    }
}

fn days(days: Days) -> [Said; 2] {
    let text = |day: Option<Date>| day.map(|day| day.to_string());
    [("first", text(days.first)), ("last", text(days.last))]
}

fn indicator(number: u8) -> Said {
    ("indicator", Some(number.to_string()))
}

fn of_add_on(row: &AddOnRow) -> Vec<Said> {
    let primary = row.primary.map(|code| String::from_utf8_lossy(&code).into_owned());
    let said = [("type", Some(row.kind.to_string())), ("primary", primary)];
    said.into_iter().chain(days(row.days)).collect()
}

fn of_code(kind: Kind, row: &CodeRow) -> Vec<Said> {
    let attributes = String::from_utf8_lossy(&row.attributes).into_owned();
    let said = match (kind, row.attributes.as_slice()) {
        (_, []) => None,
        (Kind::Icd10cm, attribute) => {
            let is_header = attribute == b"0";
            Some(("use", Some(if is_header { "header" } else { "billable" }.to_owned())))
        }
        (Kind::Hcpcs, _) => Some(("pricing", Some(attributes))),
        _ => Some(("values", Some(attributes))),
    };
    said.into_iter().chain(days(row.days)).collect()
}
