//! A seeded generator of synthetic claim exports, for tests and benches.
//!
//! Every person, payer and text is invented. A line is a function of the seed, the number of its
//! claim and its place in the claim: so lines can be written in any order from an index of eight
//! bytes each, and the same recipe always gives the same bytes. `rows` writes by hand what
//! `format!` would write, because a benchmark must not wait for its data.

#![allow(dead_code, reason = "each target that includes this module uses a part of it")]
#![allow(clippy::indexing_slicing, reason = "all indices are drawn below the length they index")]

mod claims;
pub mod dice;
mod rows;
mod tables;
pub mod x12;

use std::io::{self, Write};

use claims::Claim;
use dice::Dice;
use rows::Rows;

/// Where the lines of a claim lie in the export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Side by side, claims in the order of their numbers.
    Grouped,
    /// As `Grouped`, with two lines in a hundred moved elsewhere.
    Scattered,
    /// Anywhere.
    Shuffled,
}

/// Which lines bear which claim id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claims {
    /// As a billing system writes them: one to twelve lines a claim.
    Usual,
    /// Every line has a claim id of its own: as many claims as lines.
    Single,
    /// Every line bears the same claim id, so that all of them are one claim. In all else they are
    /// the lines of `Usual`, numbers included.
    One,
}

/// What ends a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEnd {
    /// `\n`
    Lf,
    /// `\r\n`
    CrLf,
}

/// Everything that decides the bytes of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recipe {
    /// What chance starts from.
    pub seed: u64,
    /// Service lines, the header not counted.
    pub lines: u64,
    /// The share of lines with something wrong, in hundredths of a per cent. With 0, no rule fires.
    pub bad_percent_x100: u32,
    /// Where the lines of a claim lie.
    pub order: Order,
    /// Which lines bear which claim id.
    pub claims: Claims,
    /// The bytes between the quotes of a long description, which one line in 64 has: clauses with
    /// commas, doubled quotes and line breaks. With 0, no description is long.
    pub field_bytes: usize,
    /// Columns, at least 20; those past the twentieth have no meaning.
    pub width: usize,
    /// What separates cells.
    pub delimiter: u8,
    /// Whether every cell is quoted, or only those that must be.
    pub quoted: bool,
    /// What ends a line.
    pub line_end: LineEnd,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            seed: 1,
            lines: 1_000,
            bad_percent_x100: 500,
            order: Order::Grouped,
            claims: Claims::Usual,
            field_bytes: 0,
            width: tables::HEADER.len(),
            delimiter: b',',
            quoted: false,
            line_end: LineEnd::Lf,
        }
    }
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Service lines, the header not counted.
    pub lines: u64,
    /// Claims, those whose lines lost their claim id included.
    pub claims: u64,
}

/// Bytes gathered before they are handed on.
const BLOCK_BYTES: usize = 1 << 18;
/// A claim has fewer lines than `1 << LINE_BITS`.
const LINE_BITS: u32 = 4;

/// Writes the export that `recipe` describes: a header, then its lines.
pub fn write(recipe: &Recipe, out: &mut impl Write) -> io::Result<Written> {
    let mut rows = Rows::new(recipe);
    rows.header();
    let claims = match recipe.order {
        Order::Grouped => {
            let mut lines = 0;
            let mut number = 0;
            while lines < recipe.lines {
                number += 1;
                let claim = Claim::new(recipe, number);
                let count = claim.lines.min(recipe.lines - lines);
                (0..count).for_each(|line| rows.line(&claim, line));
                lines += count;
                pass_on(&mut rows.text, BLOCK_BYTES, out)?;
            }
            number
        }
        Order::Scattered | Order::Shuffled => {
            let (index, claims) = index(recipe);
            for entry in index {
                let claim = Claim::new(recipe, entry >> LINE_BITS);
                rows.line(&claim, entry & ((1 << LINE_BITS) - 1));
                pass_on(&mut rows.text, BLOCK_BYTES, out)?;
            }
            claims
        }
    };
    pass_on(&mut rows.text, 0, out)?;
    out.flush()?;
    let claims = if recipe.claims == Claims::One { claims.min(1) } else { claims };
    Ok(Written { lines: recipe.lines, claims })
}

/// Hands on what was gathered, once it is as long as `at_least`.
fn pass_on(text: &mut Vec<u8>, at_least: usize, out: &mut impl Write) -> io::Result<()> {
    if text.len() >= at_least {
        out.write_all(text)?;
        text.clear();
    }
    Ok(())
}

/// Claim number and line of every record in the order of the recipe, and the number of claims.
fn index(recipe: &Recipe) -> (Vec<u64>, u64) {
    let mut index: Vec<u64> = Vec::with_capacity(usize::try_from(recipe.lines).unwrap_or(0));
    let mut number = 0;
    while (index.len() as u64) < recipe.lines {
        number += 1;
        let lines = Claim::new(recipe, number).lines.min(recipe.lines - index.len() as u64);
        index.extend((0..lines).map(|line| number << LINE_BITS | line));
    }
    let mut dice = Dice::new(recipe.seed, u64::MAX);
    let total = index.len();
    if recipe.order == Order::Shuffled {
        for last in (1..total).rev() {
            index.swap(last, dice.below(last as u64 + 1) as usize);
        }
    } else {
        // An exchange moves two lines: one in a hundred makes two in a hundred.
        for _ in 0..total.div_ceil(100) {
            let (one, other) = (dice.below(total as u64), dice.below(total as u64));
            index.swap(one as usize, other as usize);
        }
    }
    (index, number)
}
