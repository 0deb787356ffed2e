//! Rows: what leaves a batch of a run of adjacent lines with one key, and how rows merge.
//!
//! A run is folded where its lines were read, so little travels: a hash, the key, and a few bits.
//! Only the lines that a rule wants to judge travel as lines.

use xxhash_rust::xxh3::xxh3_64;

use crate::error::Result;
use crate::exchange::found::{put_place, put_snippet, take_place, take_snippet};
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
    /// The lines that rules want to judge.
    pub kept: Vec<KeptLine>,
}

impl Row {
    /// Adds what is known of other lines with the same key. Order does not matter.
    pub fn merge(&mut self, other: Row) {
        self.lines += other.lines;
        self.facts |= other.facts;
        self.hits |= other.hits;
        self.kept.extend(other.kept);
        for (check, witness) in other.witnesses {
            self.add_witness(check, witness);
        }
    }

    /// Notes a witness, keeping the first of each rule.
    pub fn add_witness(&mut self, check: u8, witness: Witness) {
        match self.witnesses.iter_mut().find(|(known, _)| *known == check) {
            Some((_, known)) if known.place <= witness.place => {}
            Some((_, known)) => *known = witness,
            None => self.witnesses.push((check, witness)),
        }
    }

    /// Puts lists into an order that does not depend on how the row came about.
    pub fn sort(&mut self) {
        self.kept.sort_by_key(|line| line.place);
        self.witnesses.sort_by_key(|(check, _)| *check);
    }
}

/// The hash of a key; the same on every machine and in every run.
#[inline]
pub fn hash_key(key: &[u8]) -> u64 {
    xxh3_64(key)
}

const HAS_HITS: u128 = 1;
const HAS_WITNESSES: u128 = 2;
const HAS_KEPT: u128 = 4;

/// Appends a row under its key.
pub fn encode(hash: u64, key: &[u8], row: &Row, into: &mut Vec<u8>) {
    into.extend_from_slice(&hash.to_le_bytes());
    into.put_bytes(key);
    let mut flags = 0;
    flags |= if row.hits != 0 { HAS_HITS } else { 0 };
    flags |= if row.witnesses.is_empty() { 0 } else { HAS_WITNESSES };
    flags |= if row.kept.is_empty() { 0 } else { HAS_KEPT };
    into.put_number(flags | u128::from(row.lines) << 3);
    into.put_number(u128::from(row.facts));
    if row.hits != 0 {
        into.put_number(row.hits);
    }
    if !row.witnesses.is_empty() {
        into.put_number(row.witnesses.len() as u128);
        for (check, witness) in &row.witnesses {
            into.push(*check);
            put_place(&witness.place, into);
            into.extend_from_slice(witness.code.as_bytes());
        }
    }
    if !row.kept.is_empty() {
        into.put_number(row.kept.len() as u128);
        row.kept.iter().for_each(|line| put_kept(line, into));
    }
}

fn put_kept(line: &KeptLine, into: &mut Vec<u8>) {
    put_place(&line.place, into);
    into.put_number(u128::from(line.keepers) << 1 | u128::from(line.already_found));
    into.put_number(u128::from(line.overrides));
    into.extend_from_slice(line.code.as_bytes());
    into.put_bytes(&line.value);
    into.put_optional(line.claim_id.as_deref());
    into.put_optional(line.service_line.as_deref());
    into.put_signed(line.amount.map(|amount| amount.0));
    put_snippet(line.snippet.as_ref(), into);
}

/// The hash and key of the row at the front of `take`, and the row itself still encoded.
#[inline]
pub fn take_encoded<'b>(take: &mut Take<'b>) -> Result<Encoded<'b>> {
    let start = take.0;
    let hash = u64::from_le_bytes(take.exactly(8)?.try_into().map_err(|_| broken())?);
    let key = take.bytes()?;
    let body = take.0;
    let flags = take.number()?;
    take.number()?;
    if flags & HAS_HITS != 0 {
        take.number()?;
    }
    if flags & HAS_WITNESSES != 0 {
        for _ in 0..take.small()? {
            take.exactly(1)?;
            take_place(take)?;
            take.exactly(5)?;
        }
    }
    if flags & HAS_KEPT != 0 {
        for _ in 0..take.small()? {
            skip_kept(take)?;
        }
    }
    let whole = start.get(..start.len() - take.0.len()).ok_or_else(broken)?;
    Ok(Encoded { hash, key, body, whole })
}

/// A row that was not decoded yet.
#[derive(Debug, Clone, Copy)]
pub struct Encoded<'b> {
    /// The hash of the key.
    pub hash: u64,
    /// The key.
    pub key: &'b [u8],
    /// From the row on; other rows follow.
    pub body: &'b [u8],
    /// All bytes of this row.
    pub whole: &'b [u8],
}

fn skip_kept(take: &mut Take<'_>) -> Result<()> {
    take_place(take)?;
    take.number()?;
    take.number()?;
    take.exactly(5)?;
    take.bytes()?;
    take.optional()?;
    take.optional()?;
    take.signed()?;
    if take.number()? != 0 {
        for _ in 0..crate::model::Snippet::FIELDS.len() {
            take.bytes()?;
        }
    }
    Ok(())
}

/// The row at the front of `body`.
pub fn decode(body: &[u8]) -> Result<Row> {
    let mut take = Take(body);
    let flags = take.number()?;
    let facts = take.small()?;
    let mut row = Row { lines: (flags >> 3) as u64, facts, ..Row::default() };
    if flags & HAS_HITS != 0 {
        row.hits = take.number()?;
    }
    if flags & HAS_WITNESSES != 0 {
        for _ in 0..take.small()? {
            let check = *take.exactly(1)?.first().ok_or_else(broken)?;
            let place = take_place(&mut take)?;
            row.witnesses.push((check, Witness { place, code: take_code(&mut take)? }));
        }
    }
    if flags & HAS_KEPT != 0 {
        for _ in 0..take.small()? {
            row.kept.push(take_kept(&mut take)?);
        }
    }
    Ok(row)
}

fn take_code(take: &mut Take<'_>) -> Result<Code> {
    Code::parse(take.exactly(5)?).map(|(code, _)| code).ok_or_else(broken)
}

fn take_kept(take: &mut Take<'_>) -> Result<KeptLine> {
    let place = take_place(take)?;
    let marks = take.small()?;
    Ok(KeptLine {
        place,
        keepers: (marks >> 1) as u32,
        already_found: marks & 1 == 1,
        overrides: take.small()? as u32,
        code: take_code(take)?,
        value: take.bytes()?.to_vec(),
        claim_id: take.optional()?.map(<[u8]>::to_vec),
        service_line: take.optional()?.map(<[u8]>::to_vec),
        amount: take.signed()?.map(Cents),
        snippet: take_snippet(take)?,
    })
}
