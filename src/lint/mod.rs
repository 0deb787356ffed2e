//! What a rule is, and how rules are run. Which rules there are is not known here.

pub mod checks;
pub mod declare;
pub mod knowledge;
pub mod options;
pub mod policy;
pub mod pool;
pub mod registry;
pub mod select;
pub mod sql;
pub mod tally;

use crate::error::{Error, Result};
use crate::lint::sql::Program;
use crate::model::{Batch, Fault, FaultKind, Field, Findings, Group, Line, RuleId, RuleInfo};

pub use knowledge::Knowledge;
pub use options::{OptionValue, Options};
pub use pool::{PoolCheck, Run, Want, Wants};
pub use tally::Tally;

/// A rule as it is declared: what it says of itself, and how a configured check is made of it.
#[derive(Debug)]
pub struct Rule {
    /// What the rule says of itself.
    pub info: RuleInfo,
    /// Makes the check from options and data.
    pub build: Build,
}

/// How the check of a rule is made.
#[derive(Debug)]
pub enum Build {
    /// By a function, which fails on an option that makes no sense.
    Native(fn(&mut Builder<'_>) -> Result<Check>),
    /// It is there: a rule of the user's, compiled when the configuration was loaded.
    Sql(&'static Program),
}

impl Build {
    /// Makes the check.
    ///
    /// # Errors
    /// An option that makes no sense.
    pub fn check(&self, builder: &mut Builder<'_>) -> Result<Check> {
        match self {
            Build::Native(build) => build(builder),
            Build::Sql(program) if cfg!(feature = "polars") => Ok(Check::Sql(program)),
            Build::Sql(_) => Err(Error::settings("this claimlint was built without polars")
                .with_help("rules in SQL need it: build it with its default features")),
        }
    }
}

/// What a rule is built from.
#[derive(Debug)]
pub struct Builder<'a> {
    /// The options that the configuration sets for the rule.
    pub options: &'a mut Options,
    /// The data that rules share.
    pub knowledge: &'a Knowledge,
}

/// A prepared, configured rule.
pub enum Check {
    /// Looks at records that were set aside.
    Record(Box<dyn RecordCheck>),
    /// Looks at one line at a time.
    Line(Box<dyn LineCheck>),
    /// Looks at all lines that share a key.
    Group(Box<dyn GroupCheck>),
    /// Compares lines that share a key.
    Pool(Box<dyn PoolCheck>),
    /// Looks at the counts of the whole run.
    Run(Box<dyn RunCheck>),
    /// Is a rule of the user's.
    Sql(&'static Program),
    /// Cannot look at anything, for want of reference data: why.
    Unready(String),
    /// Has nothing to look for, as it is configured: why.
    Idle(String),
}

/// Reports one kind of fault.
pub trait RecordCheck: Send + Sync {
    /// The kind of fault that the rule is about.
    fn kind(&self) -> FaultKind;

    /// Says what is wrong with the record. `at` is the fault's position in its batch.
    fn check(&self, at: usize, fault: &Fault, out: &mut Findings);
}

/// Looks at one service line at a time.
pub trait LineCheck: Send + Sync {
    /// Reports what is wrong with the line. Calls [`Findings::judge`] when the line has what the
    /// rule looks at.
    fn check(&self, line: Line<'_>, out: &mut Findings);

    /// The same findings as [`LineCheck::check`] on every line of the batch. Compiled once for each
    /// rule with `check` inlined, so that a rule costs one virtual call for each batch.
    fn check_batch(&self, batch: &Batch, out: &mut Findings) {
        for line in batch.lines() {
            self.check(line, out);
        }
    }
}

/// What a rule for claims notes of one line, or of several.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Look(u8);

impl Look {
    const FACTS: u8 = 0xF;
    const KEEP: u8 = 1 << 4;
    const WITNESS: u8 = 1 << 5;

    /// Facts to remember of the group, one bit each; there are four.
    pub const fn new(facts: u8) -> Look {
        Look(facts & Self::FACTS)
    }

    /// The rule wants to judge the line once its whole group is known.
    #[must_use]
    pub const fn keep(self) -> Look {
        Look(self.0 | Self::KEEP)
    }

    /// The rule may want to name the line.
    #[must_use]
    pub const fn witness(self) -> Look {
        Look(self.0 | Self::WITNESS)
    }

    /// The facts, one bit each.
    #[inline]
    pub const fn facts(self) -> u8 {
        self.0 & Self::FACTS
    }

    /// Whether the rule wants to judge the line.
    #[inline]
    pub const fn keeps(self) -> bool {
        self.0 & Self::KEEP != 0
    }

    /// Whether the rule may want to name the line.
    #[inline]
    pub const fn is_witness(self) -> bool {
        self.0 & Self::WITNESS != 0
    }

    /// What is noted of several lines together.
    #[inline]
    pub fn of_all(looks: &[Look]) -> Look {
        Look(looks.iter().fold(0, |all, look| all | look.0))
    }
}

/// A second grouping that kept lines pass by before their own groups are judged. A line with the
/// rule's first fact, of any group, settles the kept lines of the same key there: they arrive with
/// [`crate::model::KeptLine::elsewhere`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detour {
    /// The fields of the key.
    pub key: Vec<Field>,
    /// Where the key has the day of service: days by which the two lines may differ.
    pub window_days: u16,
}

impl Detour {
    /// The fact that settles kept lines of other groups.
    pub const FACT: u8 = 1;
}

/// Looks at all lines that share a key, wherever they lie in the inputs.
pub trait GroupCheck: Send + Sync {
    /// The fields whose values make up the key; a line without one of them joins no group.
    fn key(&self) -> &[Field];

    /// What to remember of the line until its group is complete.
    fn look(&self, line: Line<'_>) -> Look;

    /// Appends what [`GroupCheck::look`] says of every line of the batch. Compiled once for each
    /// rule with `look` inlined, so that a rule costs one virtual call for each batch.
    fn look_batch(&self, batch: &Batch, out: &mut Vec<Look>) {
        out.extend(batch.lines().map(|line| self.look(line)));
    }

    /// Facts of which any one settles that [`GroupCheck::check`] finds nothing in the group. Lines
    /// that are to be judged then need not be kept: they are only counted.
    fn settled_by(&self) -> u8 {
        0
    }

    /// Where else what settles a kept line may lie, if that is looked for: see [`Detour`].
    fn detour(&self) -> Option<Detour> {
        None
    }

    /// Judges kept lines of a group, some at a time: what is found in a line must not depend on the
    /// other lines of the slice, only on what is known of the whole group.
    fn check(&self, group: &Group<'_>, out: &mut Findings);
}

/// Looks at the counts of the whole run.
pub trait RunCheck: Send + Sync {
    /// Reports what the counts show; `at` of a report is the input that it is about.
    fn check(&self, tallies: &[Tally], rules: &[&RuleInfo], out: &mut Findings);

    /// The inputs and the rules whose findings a report of [`RunCheck::check`] stands for.
    fn alarmed(&self, tallies: &[Tally], rules: &[&RuleInfo]) -> Vec<(usize, RuleId)>;
}
