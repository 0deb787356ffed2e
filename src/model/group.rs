//! A group: what the rules for claims know of the lines that share a key, wherever they lay.
//!
//! Only what a rule asked for travels this far: facts about any line as bits, and the lines that a
//! rule wants to judge as [`KeptLine`]s. A group may have any number of those, so a rule is shown
//! them in slices, and what it wants to know of all of them stands in the [`Group`].

use crate::model::batch::Place;
use crate::model::{Cents, Code, Context, Snippet};

/// A line that a rule for claims asked to keep until its whole claim is known. Its texts are still
/// where they were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptLine<'t> {
    /// Where the line lies.
    pub place: Place,
    /// Which of the rules for claims asked for it, one bit each.
    pub keepers: u32,
    /// Whether a rule for lines already found something here: its charge is counted once.
    pub already_found: bool,
    /// Which overrides and waivers of the configuration apply to it, one bit each.
    pub overrides: u64,
    /// The line's code, as written or as repaired.
    pub code: Code,
    /// The procedure-code cell as it stands in the input.
    pub value: &'t [u8],
    /// The key of the claim: see [`crate::model::claim`].
    pub claim_key: Option<&'t [u8]>,
    /// The number of the service line.
    pub service_line: Option<&'t [u8]>,
    /// The amount billed, where it can be read.
    pub amount: Option<Cents>,
    /// A line of another group that settles this one: a companion on another claim.
    pub elsewhere: Option<Witness>,
    /// Whose line it is and when, for a report that says it.
    pub context: Context<&'t [u8]>,
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

/// How many lines have which code, in the order of the codes. There are only so many codes, so this
/// stays small however many lines are counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodeCounts(Vec<(Code, u64)>);

impl CodeCounts {
    /// Counts a line with this code.
    pub fn add(&mut self, code: Code) {
        match self.0.binary_search_by_key(&code, |(known, _)| *known) {
            Ok(at) => self.0.get_mut(at).into_iter().for_each(|(_, count)| *count += 1),
            Err(at) => self.0.insert(at, (code, 1)),
        }
    }

    /// How many lines have the code.
    pub fn of(&self, code: Code) -> u64 {
        let at = self.0.binary_search_by_key(&code, |(known, _)| *known);
        at.ok().and_then(|at| self.0.get(at)).map_or(0, |(_, count)| *count)
    }

    /// How many codes there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each code and how many lines have it, in the order of the codes.
    pub fn iter(&self) -> impl Iterator<Item = (Code, u64)> {
        self.0.iter().copied()
    }
}

/// What is known of all the lines that share a key, and some of the lines that are to be judged.
#[derive(Debug, Clone, Copy)]
pub struct Group<'g> {
    /// How many lines there are.
    pub lines: u64,
    /// The facts that the asking rule noted of any of the lines, one bit each.
    pub facts: u8,
    /// The first line that the asking rule noted as a witness.
    pub witness: Option<Witness>,
    /// The codes of all lines that the asking rule kept, be they in `kept` or not.
    pub codes: &'g CodeCounts,
    /// Some of the lines that the asking rule kept, in any order; every one of them is shown once.
    pub kept: &'g [KeptLine<'g>],
}

impl Group<'_> {
    /// Whether any line has this fact.
    pub fn has(&self, fact: u8) -> bool {
        self.facts & fact != 0
    }
}
