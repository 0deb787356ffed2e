//! Rows: what leaves a batch of a run of adjacent lines with one key, and how rows merge.
//!
//! A run is folded where its lines were read, so little travels: a hash, the key, and a few bits.
//! Only the lines that a rule wants to judge travel as lines, each as a row of its own.
//!
//! Every row begins with the hash of its key (8 bytes), the length of the key, the number of lines
//! and the facts (a byte each), and the key. Nearly all rows end there. Where a byte is too small,
//! or there is more to say, the number of lines is `MORE` and a tail follows, its length first.

use xxhash_rust::xxh3::xxh3_64;

use crate::error::Result;
use crate::exchange::found::{
    put_context, put_place, put_snippet, take_context, take_place, take_snippet,
};
use crate::exchange::wire::{Put, Take, broken};
use crate::model::group::Witness;
use crate::model::{Cents, Code, KeptLine};

/// What is known of some lines that share a key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// How many lines.
    pub lines: u64,
    /// Facts, four bits for each rule for claims.
    pub facts: u64,
    /// Rules with a finding on any of the lines, one bit each.
    pub hits: u128,
    /// For each rule for claims that has one: its number and its first witness.
    pub witnesses: Vec<(u8, Witness)>,
}

/// Adds a witness of the rule for claims `check`, keeping the first of each rule.
pub fn add_witness(witnesses: &mut Vec<(u8, Witness)>, check: u8, witness: Witness) {
    match witnesses.iter_mut().find(|(known, _)| *known == check) {
        Some((_, known)) if known.place <= witness.place => {}
        Some((_, known)) => *known = witness,
        None => witnesses.push((check, witness)),
    }
}

/// The hash of a key; the same on every machine and in every run.
#[inline]
pub fn hash_key(key: &[u8]) -> u64 {
    xxh3_64(key)
}

/// Stands for the number of lines where a row has a tail.
const MORE: u8 = u8::MAX;
/// Stands for the length of a key that is longer than this.
const LONG: u8 = u8::MAX;
/// Hash, length of the key, lines, facts.
const HEAD_BYTES: usize = 11;

/// Appends what every row begins with, and the key.
#[inline]
fn put_head(hash: u64, key: &[u8], lines: u8, facts: u8, into: &mut Vec<u8>) {
    let [a, b, c, d, e, f, g, h] = hash.to_le_bytes();
    let length = u8::try_from(key.len()).unwrap_or(LONG);
    into.extend_from_slice(&[a, b, c, d, e, f, g, h, length, lines, facts]);
    if length == LONG {
        into.extend_from_slice(&(key.len() as u32).to_le_bytes());
    }
    into.extend_from_slice(key);
}

/// Appends a tail, with its length before it.
fn put_tail(into: &mut Vec<u8>, put: impl FnOnce(&mut Vec<u8>)) {
    let start = into.len();
    into.extend_from_slice(&[0; 4]);
    put(into);
    let length = (into.len() - start - 4) as u32;
    if let Some(to) = into.get_mut(start..start + 4) {
        to.copy_from_slice(&length.to_le_bytes());
    }
}

/// Appends a row under its key.
#[inline]
pub fn encode(hash: u64, key: &[u8], row: &Row, into: &mut Vec<u8>) {
    let fits = row.lines < u64::from(MORE) && row.facts <= u64::from(u8::MAX);
    if fits && row.hits == 0 && row.witnesses.is_empty() {
        put_head(hash, key, row.lines as u8, row.facts as u8, into);
        return;
    }
    put_head(hash, key, MORE, 0, into);
    put_tail(into, |into| {
        into.put_number(u128::from(row.lines));
        into.put_number(u128::from(row.facts));
        into.put_number(row.hits);
        into.put_number(row.witnesses.len() as u128);
        for (check, witness) in &row.witnesses {
            into.push(*check);
            put_witness(witness, into);
        }
    });
}

/// Appends a kept line under its key.
pub fn encode_kept(hash: u64, key: &[u8], line: &KeptLine<'_>, into: &mut Vec<u8>) {
    put_head(hash, key, MORE, 0, into);
    put_tail(into, |into| {
        into.extend_from_slice(line.code.as_bytes());
        let marks = u128::from(line.already_found) | u128::from(line.elsewhere.is_some()) << 1;
        into.put_number(u128::from(line.keepers) << MARK_BITS | marks);
        put_place(&line.place, into);
        into.put_number(u128::from(line.overrides));
        into.put_bytes(line.value);
        into.put_optional(line.claim_key);
        into.put_optional(line.service_line);
        into.put_signed(line.amount.map(|amount| amount.0));
        if let Some(witness) = &line.elsewhere {
            put_witness(witness, into);
        }
        put_context(&line.context, into);
        put_snippet(line.snippet.as_ref(), into);
    });
}

/// Appends a row under its key whose tail was encoded elsewhere.
pub fn encode_tail(hash: u64, key: &[u8], tail: &[u8], into: &mut Vec<u8>) {
    put_head(hash, key, MORE, 0, into);
    put_tail(into, |into| into.extend_from_slice(tail));
}

/// A row of which only the beginning was decoded.
#[derive(Debug, Clone, Copy)]
pub struct Encoded<'b> {
    /// The hash of the key.
    pub hash: u64,
    /// The key.
    pub key: &'b [u8],
    /// How many lines, unless there is a tail.
    pub lines: u8,
    /// Their facts, unless there is a tail.
    pub facts: u8,
    /// The rest, where there is one.
    pub tail: Option<&'b [u8]>,
    /// All bytes of the row.
    pub whole: &'b [u8],
}

/// The rows at the front of some bytes, up to the first that is not whole.
#[derive(Debug, Clone, Copy)]
pub struct EncodedRows<'b>(pub &'b [u8]);

impl<'b> Iterator for EncodedRows<'b> {
    type Item = Encoded<'b>;

    #[inline]
    fn next(&mut self) -> Option<Encoded<'b>> {
        let (head, mut rest) = self.0.split_first_chunk::<HEAD_BYTES>()?;
        let [a, b, c, d, e, f, g, h, length, lines, facts] = *head;
        let mut length = usize::from(length);
        if length == usize::from(LONG) {
            let (long, after) = rest.split_first_chunk()?;
            (length, rest) = (u32::from_le_bytes(*long) as usize, after);
        }
        let (key, mut rest) = rest.split_at_checked(length)?;
        let mut tail = None;
        if lines == MORE {
            let (length, after) = rest.split_first_chunk()?;
            let (more, after) = after.split_at_checked(u32::from_le_bytes(*length) as usize)?;
            (tail, rest) = (Some(more), after);
        }
        let whole = self.0.get(..self.0.len() - rest.len())?;
        self.0 = rest;
        let hash = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
        Some(Encoded { hash, key, lines, facts, tail, whole })
    }
}

impl Encoded<'_> {
    /// The row, of what is known of lines.
    pub fn row(&self) -> Result<Row> {
        let Some(tail) = self.tail else {
            let (lines, facts) = (self.lines.into(), self.facts.into());
            return Ok(Row { lines, facts, ..Row::default() });
        };
        let mut take = Take(tail);
        let (lines, facts, hits) = (take.small()?, take.small()?, take.number()?);
        let mut witnesses = Vec::new();
        for _ in 0..take.small()? {
            let check = *take.exactly(1)?.first().ok_or_else(broken)?;
            witnesses.push((check, take_witness(&mut take)?));
        }
        Ok(Row { lines, facts, hits, witnesses })
    }
}

impl<'b> Encoded<'b> {
    /// The code of a kept line, and which rules for claims keep it, one bit each.
    pub fn kept_code(&self) -> Result<(Code, u32)> {
        let mut take = Take(self.tail.ok_or_else(broken)?);
        let code = take_code(&mut take)?;
        Ok((code, (take.small()? >> MARK_BITS) as u32))
    }

    /// The kept line.
    pub fn kept(&self) -> Result<KeptLine<'b>> {
        let mut take = Take(self.tail.ok_or_else(broken)?);
        let code = take_code(&mut take)?;
        let marks = take.small()?;
        Ok(KeptLine {
            keepers: (marks >> MARK_BITS) as u32,
            already_found: marks & 1 == 1,
            place: take_place(&mut take)?,
            overrides: take.small()?,
            code,
            value: take.bytes()?,
            claim_key: take.optional()?,
            service_line: take.optional()?,
            amount: take.signed()?.map(Cents),
            elsewhere: if marks & 2 != 0 { Some(take_witness(&mut take)?) } else { None },
            context: take_context(&mut take)?,
            snippet: take_snippet(&mut take)?,
        })
    }
}

/// Bits below those of the rules that keep a line.
const MARK_BITS: u32 = 2;

fn put_witness(witness: &Witness, into: &mut Vec<u8>) {
    put_place(&witness.place, into);
    into.extend_from_slice(witness.code.as_bytes());
}

fn take_witness(take: &mut Take<'_>) -> Result<Witness> {
    let place = take_place(take)?;
    Ok(Witness { place, code: take_code(take)? })
}

fn take_code(take: &mut Take<'_>) -> Result<Code> {
    Code::parse(take.exactly(5)?).map(|(code, _)| code).ok_or_else(broken)
}
