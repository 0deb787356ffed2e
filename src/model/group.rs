//! A group: what the rules for claims know of the lines that share a key, wherever they lay.
//!
//! Only what a rule asked for travels this far: facts about any line as bits, and the lines that a
//! rule wants to judge as [`KeptLine`]s.

use crate::model::batch::Place;
use crate::model::{Cents, Code, Snippet};

/// A line that a rule for claims asked to keep until its whole claim is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptLine {
    /// Where the line lies.
    pub place: Place,
    /// Which of the rules for claims asked for it, one bit each.
    pub keepers: u32,
    /// Whether a rule for lines already found something here: its charge is counted once.
    pub already_found: bool,
    /// Which overrides of the configuration apply to it, one bit each.
    pub overrides: u32,
    /// The line's code, as written or as repaired.
    pub code: Code,
    /// The procedure-code cell as it stands in the input.
    pub value: Vec<u8>,
    /// The claim number.
    pub claim_id: Option<Vec<u8>>,
    /// The number of the service line.
    pub service_line: Option<Vec<u8>>,
    /// The amount billed, where it can be read.
    pub amount: Option<Cents>,
    /// The line's key columns, for a report that shows them.
    pub snippet: Option<Snippet>,
}

/// A line that a rule for claims wants to name without judging it: the first of its group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Witness {
    /// Where the line lies.
    pub place: Place,
    /// Its code, as written or as repaired.
    pub code: Code,
}

/// What is known of all the lines that share a key.
#[derive(Debug, Clone, Copy)]
pub struct Group<'g> {
    /// How many lines there are.
    pub lines: u64,
    /// The facts that the asking rule noted of any of the lines, one bit each.
    pub facts: u8,
    /// The first line that the asking rule noted as a witness.
    pub witness: Option<Witness>,
    /// The lines that the asking rule kept, in the order of the inputs.
    pub kept: &'g [KeptLine],
}

impl Group<'_> {
    /// Whether any line has this fact.
    pub fn has(&self, fact: u8) -> bool {
        self.facts & fact != 0
    }
}
