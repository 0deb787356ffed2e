//! A compiled edition in memory: the bytes of its file as they were read, and what is where.
//!
//! The codes are sorted. Each has its entries, one after another; an entry has a term and, where
//! rows are of two codes, the place of the second code. Entries of a code are sorted by that place.
//! A sieve of bits tells most pairs that are not there from those that are.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::reference::keys::{Key, Keys, code_of};
use crate::reference::term::{TERM_BYTES, Term};

/// Bits of the sieve for each entry, at least: few of them are set for another pair.
const SIEVE_BITS: usize = 8;

/// The place that says that there is no second code.
const NO_SECOND: u16 = u16::MAX;

/// A row as a table holds it.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The code.
    pub key: Key,
    /// The second code.
    pub second: Option<Key>,
    /// The rest.
    pub term: Term,
}

/// How large the parts of a table are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// Bytes of a code.
    width: u8,
    /// Codes.
    keys: u32,
    /// Entries.
    pub entries: u32,
    /// Different terms.
    terms: u32,
    /// Whether entries have a second code.
    is_paired: bool,
}

impl Shape {
    /// Bytes of the number of a term.
    fn number_bytes(&self) -> usize {
        if self.terms <= 1 << 16 { 2 } else { 4 }
    }

    /// Bytes of the sieve of pairs: a power of two, so that a place is a few bits of a number.
    fn sieve_bytes(&self) -> Option<usize> {
        let bytes = (self.entries as usize).checked_mul(SIEVE_BITS)? / 8;
        if self.is_paired { bytes.max(8).checked_next_power_of_two() } else { Some(0) }
    }

    /// Where the parts are if the first begins at `begin`: codes, begins of entries, second codes,
    /// numbers of terms, terms, the sieve.
    fn parts(&self, begin: usize) -> Option<[Range<usize>; 6]> {
        let (keys, entries) = (self.keys as usize, self.entries as usize);
        let sizes = [
            (keys, usize::from(self.width)),
            (keys.checked_add(1)?, 4),
            (entries, if self.is_paired { 2 } else { 0 }),
            (entries, self.number_bytes()),
            (self.terms as usize, TERM_BYTES),
            (self.sieve_bytes()?, 1),
        ];
        let mut parts = [const { 0..0 }; 6];
        let mut end = begin;
        for (part, (count, size)) in parts.iter_mut().zip(sizes) {
            let begin = end;
            end = begin.checked_add(count.checked_mul(size)?)?;
            *part = begin..end;
        }
        Some(parts)
    }
}

/// The bytes of a table of these entries, sorted by their codes, and how large its parts are.
/// Paired entries have room for 65,535 codes.
pub fn compile(entries: &[Entry], is_paired: bool) -> Result<(Shape, Vec<u8>)> {
    let too_many =
        |what: &str| Error::settings(format!("more {what} than an edition has room for"));
    let mut keys: BTreeSet<Key> = entries.iter().filter_map(|entry| entry.second).collect();
    keys.extend(entries.iter().map(|entry| entry.key));
    let keys: Vec<Key> = keys.into_iter().collect();
    if is_paired && keys.len() > usize::from(NO_SECOND) {
        return Err(too_many("codes"));
    }
    let width = keys.iter().map(|key| code_of(key).len()).max().unwrap_or(1);
    let (mut seconds, mut numbers, mut terms) = (Vec::new(), Vec::new(), Vec::new());
    let mut number_of: HashMap<Term, u32> = HashMap::new();
    for entry in entries {
        if is_paired {
            let at = entry.second.and_then(|second| keys.binary_search(&second).ok());
            seconds.extend(at.map_or(NO_SECOND, |at| at as u16).to_le_bytes());
        }
        let number = *number_of.entry(entry.term).or_insert_with(|| {
            terms.extend(entry.term.encode());
            (terms.len() / TERM_BYTES - 1) as u32
        });
        numbers.push(number);
    }
    let shape = Shape {
        width: width as u8,
        keys: u32::try_from(keys.len()).map_err(|_| too_many("codes"))?,
        entries: u32::try_from(entries.len()).map_err(|_| too_many("rows"))?,
        terms: number_of.len() as u32,
        is_paired,
    };
    let mut bytes: Vec<u8> = keys.iter().flat_map(|key| key.iter().take(width)).copied().collect();
    let mut begin = 0;
    for key in &keys {
        bytes.extend((begin as u32).to_le_bytes());
        let rest = entries.get(begin..).unwrap_or_default();
        begin += rest.iter().take_while(|entry| entry.key == *key).count();
    }
    bytes.extend((begin as u32).to_le_bytes());
    bytes.append(&mut seconds);
    for number in numbers {
        bytes.extend(number.to_le_bytes().iter().take(shape.number_bytes()));
    }
    bytes.append(&mut terms);
    let sieve_bytes = shape.sieve_bytes().ok_or_else(|| too_many("rows"))?;
    bytes.extend(sieve(sieve_bytes, &keys, entries));
    Ok((shape, bytes))
}

/// The sieve of these entries, in so many bytes.
fn sieve(length: usize, keys: &[Key], entries: &[Entry]) -> Vec<u8> {
    let mut sieve = vec![0_u8; length];
    let place = |key: &Key| keys.binary_search(key).map_or(NO_SECOND, |at| at as u16);
    for entry in entries {
        let Some(second) = entry.second else { continue };
        let (at, bit) = sieve_place(length, place(&entry.key), place(&second));
        if let Some(byte) = sieve.get_mut(at) {
            *byte |= bit;
        }
    }
    sieve
}

/// The byte and the bit of a pair in a sieve of so many bytes.
#[inline]
fn sieve_place(length: usize, one: u16, two: u16) -> (usize, u8) {
    let pair = u64::from(one) << 16 | u64::from(two);
    let mixed = pair.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    let mask = length.wrapping_sub(1) as u64;
    ((mixed >> 3 & mask) as usize, 1 << (mixed & 7))
}

/// Whether the entries that a sieve was made of may have a pair, by the places of its codes. One
/// step in memory tells it of most pairs that they do not have.
#[inline]
pub fn may_have(sieve: &[u8], one: u16, two: u16) -> bool {
    let (at, bit) = sieve_place(sieve.len(), one, two);
    sieve.get(at).is_some_and(|byte| byte & bit != 0)
}

/// A compiled edition.
#[derive(Clone)]
pub struct Table {
    /// The whole file.
    bytes: Vec<u8>,
    keys: Keys,
    key_part: Range<usize>,
    begin_part: Range<usize>,
    second_part: Range<usize>,
    number_part: Range<usize>,
    sieve_part: Range<usize>,
    is_wide: bool,
    terms: Vec<Term>,
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

impl Table {
    /// The table in a file, which begins at `begin` and takes up the bytes to `end`. Nothing if
    /// they are no table: then no place in it would be safe to follow.
    pub fn open(bytes: Vec<u8>, place: Range<usize>, shape: &Shape) -> Option<Table> {
        let [key_part, begin_part, second_part, number_part, term_part, sieve_part] =
            shape.parts(place.start)?;
        if sieve_part.end != place.end {
            return None;
        }
        let terms = bytes.get(term_part)?.as_chunks().0.iter().map(Term::decode);
        let terms: Vec<Term> = terms.collect::<Option<_>>()?;
        let keys = Keys::new(bytes.get(key_part.clone())?, usize::from(shape.width))?;
        let is_wide = shape.number_bytes() == 4;
        let table = Table {
            bytes,
            keys,
            key_part,
            begin_part,
            second_part,
            number_part,
            sieve_part,
            is_wide,
            terms,
        };
        table.is_sound(shape).then_some(table)
    }

    /// Whether every place that the table names is there, and entries come in their order.
    fn is_sound(&self, shape: &Shape) -> bool {
        let begins = self.begins();
        let begin = |at: usize| begins.get(at).map(|begin| u32::from_le_bytes(*begin));
        let bounds = (begin(0), begin(begins.len().saturating_sub(1)));
        let mut begin_pairs = begins.windows(2).map(|pair| match pair {
            [one, two] => u32::from_le_bytes(*one) <= u32::from_le_bytes(*two),
            _ => false,
        });
        // Maxima instead of a test for each: the compiler takes many at a time.
        let second = |second: &[u8; 2]| u32::from(u16::from_le_bytes(*second).wrapping_add(1));
        let second = self.seconds().iter().map(second).max().unwrap_or(0);
        let number = if self.is_wide {
            let numbers = self.part(&self.number_part).as_chunks().0.iter();
            numbers.map(|number| u32::from_le_bytes(*number)).max()
        } else {
            let numbers = self.part(&self.number_part).as_chunks().0.iter();
            numbers.map(|number| u16::from_le_bytes(*number)).max().map(u32::from)
        };
        bounds == (Some(0), Some(shape.entries))
            && begin_pairs.all(|is_sound| is_sound)
            && second <= shape.keys
            && number.is_none_or(|number| number < shape.terms)
    }

    fn part(&self, part: &Range<usize>) -> &[u8] {
        self.bytes.get(part.clone()).unwrap_or_default()
    }

    /// Where the entries of each code begin, and after the last the end.
    pub fn begins(&self) -> &[[u8; 4]] {
        self.part(&self.begin_part).as_chunks().0
    }

    /// The places of the second codes of all entries.
    pub fn seconds(&self) -> &[[u8; 2]] {
        self.part(&self.second_part).as_chunks().0
    }

    /// The sieve of pairs: see [`may_have`].
    pub fn sieve(&self) -> &[u8] {
        self.part(&self.sieve_part)
    }

    /// How many codes there are.
    pub fn len(&self) -> usize {
        self.begins().len().saturating_sub(1)
    }

    /// Where a code is.
    #[inline]
    pub fn find(&self, code: &[u8]) -> Option<usize> {
        self.keys.find(code)
    }

    /// The code at a place.
    pub fn code(&self, at: usize) -> Option<&[u8]> {
        self.keys.at(self.part(&self.key_part), at).map(code_of)
    }

    /// Whether a code is there that begins with this one and goes on.
    pub fn has_longer(&self, code: &[u8]) -> bool {
        self.keys.has_longer(self.part(&self.key_part), code)
    }

    /// The entries of the code at a place.
    #[inline]
    pub fn entries(&self, at: usize) -> Range<usize> {
        match self.begins().get(at..at + 2) {
            Some([begin, end]) => {
                u32::from_le_bytes(*begin) as usize..u32::from_le_bytes(*end) as usize
            }
            _ => 0..0,
        }
    }

    /// The term of an entry.
    #[inline]
    pub fn term(&self, entry: usize) -> Option<&Term> {
        let numbers = self.part(&self.number_part);
        let number = if self.is_wide {
            u32::from_le_bytes(*numbers.as_chunks().0.get(entry)?) as usize
        } else {
            usize::from(u16::from_le_bytes(*numbers.as_chunks().0.get(entry)?))
        };
        self.terms.get(number)
    }

    /// The place of the second code of an entry.
    pub fn second_at(&self, entry: usize) -> Option<usize> {
        let at = u16::from_le_bytes(*self.seconds().get(entry)?);
        (at != NO_SECOND).then_some(usize::from(at))
    }

    /// The second code of an entry.
    pub fn second(&self, entry: usize) -> Option<&[u8]> {
        self.code(self.second_at(entry)?)
    }

    /// The terms of a code; none if it is not there.
    #[inline]
    pub fn terms_of(&self, code: &[u8]) -> impl Iterator<Item = &Term> {
        let entries = self.find(code).map_or(0..0, |at| self.entries(at));
        entries.filter_map(|entry| self.term(entry))
    }

    /// The terms of every code that begins with this one.
    pub fn terms_of_prefixed(&self, code: &[u8]) -> impl Iterator<Item = &Term> {
        let places = self.keys.prefixed(self.part(&self.key_part), code);
        places.flat_map(|at| self.entries(at)).filter_map(|entry| self.term(entry))
    }
}
