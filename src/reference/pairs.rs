//! Pairs of procedure codes of which one is not paid beside the other.

use crate::model::{Code, Date};
use crate::reference::table::{self, Table};
use crate::reference::{Kind, Reference};

/// Whose pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// Those of practitioners.
    Practitioner,
    /// Those of outpatient hospitals.
    Outpatient,
}

impl Setting {
    pub(super) const ALL: [Setting; 2] = [Setting::Practitioner, Setting::Outpatient];

    /// The kind of edition that has the pairs.
    pub const fn kind(self) -> Kind {
        match self {
            Setting::Practitioner => Kind::PtpPractitioner,
            Setting::Outpatient => Kind::PtpOutpatient,
        }
    }
}

/// The indicator of an edit that is not applicable: it was taken back.
const NOT_APPLICABLE: u8 = 9;

/// What the edits say of an ordered pair of codes on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PairAnswer {
    /// An edit is in force. Of several the one that allows most, then the one that began first.
    Active {
        /// 0: never both. 1: both with an NCCI modifier.
        indicator: u8,
        /// The first day of the edit, where it is known.
        since: Option<Date>,
    },
    /// No edit is in force.
    None,
    /// No edition covers the day.
    NotCovered,
}

/// The pairs that are asked for on one day.
///
/// A group of k lines has k * (k - 1) ordered pairs. So the place of each code is looked up once,
/// with [`PairsOn::index_of`], and a pair is then one step in memory where there is no such pair,
/// and a search of the few hundred second codes of the first where there may be one.
#[derive(Debug, Clone, Copy)]
pub struct PairsOn<'r> {
    table: &'r Table,
    begins: &'r [[u8; 4]],
    seconds: &'r [[u8; 2]],
    sieve: &'r [u8],
    on: Date,
}

impl PairsOn<'_> {
    /// The place of a code among those of the edition; nothing if no pair names it. Good for this
    /// handle only, and those of the same setting and day.
    #[inline]
    pub fn index_of(&self, code: Code) -> Option<u16> {
        // An edition of pairs has room for no more codes.
        self.table.find(code.as_bytes()).map(|at| at as u16)
    }

    /// What the edits say of a pair, by the places of its codes; the first is that of column one.
    /// Never [`PairAnswer::NotCovered`].
    #[inline]
    pub fn find(&self, one: u16, two: u16) -> PairAnswer {
        if !table::may_have(self.sieve, one, two) {
            return PairAnswer::None;
        }
        let one = usize::from(one);
        let Some([begin, end]) = self.begins.get(one..one + 2) else { return PairAnswer::None };
        let (begin, end) = (u32::from_le_bytes(*begin) as usize, u32::from_le_bytes(*end) as usize);
        let row = self.seconds.get(begin..end).unwrap_or_default();
        let at = row.partition_point(|second| u16::from_le_bytes(*second) < two);
        let windows = row.get(at..).unwrap_or_default();
        let windows = windows.iter().take_while(|second| u16::from_le_bytes(**second) == two);
        let mut answer = PairAnswer::None;
        for (offset, _) in windows.enumerate() {
            self.see(begin + at + offset, &mut answer);
        }
        answer
    }

    /// Takes in a window of a pair. They come by their first days.
    fn see(&self, entry: usize, answer: &mut PairAnswer) {
        let Some(term) = self.table.term(entry) else { return };
        let indicator = term.byte();
        if indicator == NOT_APPLICABLE || !term.days.include(self.on) {
            return;
        }
        if let PairAnswer::Active { indicator: known, .. } = answer
            && indicator <= *known
        {
            return;
        }
        *answer = PairAnswer::Active { indicator, since: term.days.first };
    }
}

impl Reference {
    /// The pairs of a day; nothing if no edition covers it. Cheap enough for each claim.
    pub fn pairs(&self, setting: Setting, on: Date) -> Option<PairsOn<'_>> {
        let table = &self.newest(setting.kind(), on)?.table;
        let (begins, seconds, sieve) = (table.begins(), table.seconds(), table.sieve());
        Some(PairsOn { table, begins, seconds, sieve, on })
    }

    /// What the edits say of an ordered pair: `one` is the code of column one, which is paid.
    pub fn pair(&self, setting: Setting, one: Code, two: Code, on: Date) -> PairAnswer {
        let Some(pairs) = self.pairs(setting, on) else { return PairAnswer::NotCovered };
        match (pairs.index_of(one), pairs.index_of(two)) {
            (Some(one), Some(two)) => pairs.find(one, two),
            _ => PairAnswer::None,
        }
    }
}

/// A set of procedure codes: a bit for each that there may be.
#[derive(Debug, Default)]
pub(super) struct CodeSet(Vec<u64>);

/// Five digits, or a letter before or after four.
const CODES: usize = 100_000 + 2 * 26 * 10_000;

impl CodeSet {
    /// Adds the codes of a table.
    pub(super) fn add(&mut self, table: &Table) {
        self.0.resize(CODES.div_ceil(64), 0);
        for code in (0..table.len()).filter_map(|at| table.code(at)) {
            let Some((code, _)) = Code::parse(code) else { continue };
            let (word, bit) = place(code);
            if let Some(word) = self.0.get_mut(word) {
                *word |= bit;
            }
        }
    }

    /// Whether a code is there.
    #[inline]
    pub(super) fn has(&self, code: Code) -> bool {
        let (word, bit) = place(code);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }
}

/// The word and the bit of a code.
#[inline]
fn place(code: Code) -> (usize, u64) {
    let [first, .., last] = *code.as_bytes();
    let letters = match (first.is_ascii_digit(), last.is_ascii_digit()) {
        (true, true) => 0,
        (true, false) => 100_000 + usize::from(last.wrapping_sub(b'A')) * 10_000,
        _ => 360_000 + usize::from(first.wrapping_sub(b'A')) * 10_000,
    };
    let at = letters + code.number() as usize;
    (at / 64, 1 << (at % 64))
}
