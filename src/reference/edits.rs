//! Medically unlikely edits and add-on codes.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::model::{Code, Date};
use crate::reference::table::Table;
use crate::reference::{Kind, Reference};

/// Whose limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitSetting {
    /// Those of practitioners.
    Practitioner,
    /// Those of outpatient hospitals.
    Outpatient,
    /// Those of suppliers of durable medical equipment.
    Dme,
}

impl LimitSetting {
    /// The kind of edition that has the limits.
    pub const fn kind(self) -> Kind {
        match self {
            LimitSetting::Practitioner => Kind::MuePractitioner,
            LimitSetting::Outpatient => Kind::MueOutpatient,
            LimitSetting::Dme => Kind::MueDme,
        }
    }
}

/// How many units of a code are likely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitAnswer {
    /// No more than these. Of several limits in one edition the greatest.
    Limit {
        /// The most units; 0 is a limit too.
        units: u32,
        /// The adjudication indicator: 1 by line, 2 by day (policy), 3 by day (clinical).
        indicator: u8,
    },
    /// The edition has no limit for the code.
    None,
    /// No edition covers the day.
    NotCovered,
}

/// Whether a code is an add-on code.
#[derive(Debug, Clone, Copy)]
pub enum AddOnAnswer<'r> {
    /// It is, on the day.
    AddOn(AddOn<'r>),
    /// It is not.
    None,
    /// No edition covers the day.
    NotCovered,
}

impl<'r> AddOnAnswer<'r> {
    /// The add-on code, if it is one.
    pub fn add_on(self) -> Option<AddOn<'r>> {
        match self {
            AddOnAnswer::AddOn(add_on) => Some(add_on),
            AddOnAnswer::None | AddOnAnswer::NotCovered => None,
        }
    }
}

/// An add-on code on a day, with its primary codes.
#[derive(Debug, Clone, Copy)]
pub struct AddOn<'r> {
    /// 1: the list of primaries is closed. 2: there is none. 3: it is open. Where edits of several
    /// kinds are in force, the one that allows most: 2, then 3, then 1.
    pub kind: u8,
    table: &'r Table,
    at: usize,
    on: Date,
}

impl<'r> AddOn<'r> {
    /// The entries in force, whatever their kind.
    fn entries(self) -> impl Iterator<Item = usize> + 'r {
        entries_on(self.table, self.table.entries(self.at), self.on)
    }

    /// Whether a code is one of the primary codes on the day.
    pub fn has_primary(&self, code: Code) -> bool {
        let Some(place) = self.table.find(code.as_bytes()) else { return false };
        self.entries().any(|entry| self.table.second_at(entry) == Some(place))
    }

    /// The primary codes on the day, each once, in order.
    pub fn primaries(&self) -> impl Iterator<Item = Code> + use<> {
        let codes = self.entries().filter_map(|entry| self.table.second(entry));
        let codes = codes.filter_map(Code::parse).map(|(code, _)| code);
        codes.collect::<BTreeSet<Code>>().into_iter()
    }

    /// Whether contractors define primary codes beside those that are listed.
    pub fn is_left_to_contractors(&self) -> bool {
        self.entries().any(|entry| self.table.second_at(entry).is_none())
    }
}

/// Those of the entries that are in force on a day.
fn entries_on(table: &Table, entries: Range<usize>, on: Date) -> impl Iterator<Item = usize> {
    entries.filter(move |entry| table.term(*entry).is_some_and(|term| term.days.include(on)))
}

impl Reference {
    /// The limit of a code on a day.
    pub fn limit(&self, setting: LimitSetting, code: Code, on: Date) -> LimitAnswer {
        let Some(edition) = self.newest(setting.kind(), on) else { return LimitAnswer::NotCovered };
        let terms = edition.table.terms_of(code.as_bytes());
        match terms.map(|term| term.limit()).max() {
            Some((units, indicator)) => LimitAnswer::Limit { units, indicator },
            None => LimitAnswer::None,
        }
    }

    /// Whether a code is an add-on code on a day, and of which kind.
    pub fn add_on(&self, code: Code, on: Date) -> AddOnAnswer<'_> {
        let Some(edition) = self.newest(Kind::AddOn, on) else { return AddOnAnswer::NotCovered };
        let table = &edition.table;
        let Some(at) = table.find(code.as_bytes()) else { return AddOnAnswer::None };
        let in_force = entries_on(table, table.entries(at), on);
        let kinds = in_force.filter_map(|entry| table.term(entry)).map(|term| term.byte());
        match kinds.max_by_key(|kind| allows(*kind)) {
            Some(kind) => AddOnAnswer::AddOn(AddOn { kind, table, at, on }),
            None => AddOnAnswer::None,
        }
    }

    /// Whether a code is an add-on code on a day. Not where no edition covers it.
    pub fn is_add_on(&self, code: Code, on: Date) -> bool {
        let edition = self.newest(Kind::AddOn, on);
        edition.is_some_and(|edition| {
            edition.table.terms_of(code.as_bytes()).any(|term| term.days.include(on))
        })
    }
}

/// How much a kind of add-on code allows beside the others.
fn allows(kind: u8) -> u8 {
    match kind {
        2 => 2,
        3 => 1,
        _ => 0,
    }
}
