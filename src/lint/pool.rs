//! Rules that compare lines with one another: those of a claim, or of a patient's day.

use crate::model::{Batch, Field, Findings, Line, PooledLine, Why};

/// What a rule that compares lines says of one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// It has nothing to do with the line.
    No,
    /// It compares the line with the others.
    Yes,
    /// It is about the line and cannot judge it.
    LeftOut(Why),
}

/// Compares lines that share a key, wherever they lie in the inputs. It sees all of them at once,
/// so there is a bound: groups of more lines than [`GROUP_LINES_MAX`] are left out, and counted.
pub trait PoolCheck: Send + Sync {
    /// The fields whose values make up the key; a line without one of them joins no group. The
    /// rendering provider falls back to the billing provider.
    fn key(&self) -> &[Field];

    /// Whether the line is to be compared with others.
    fn want(&self, line: Line<'_>) -> Want;

    /// Appends what [`PoolCheck::want`] says of every line of the batch.
    fn want_batch(&self, batch: &Batch, out: &mut Vec<Want>) {
        out.extend(batch.lines().map(|line| self.want(line)));
    }

    /// Whether the rule compares what lines say, by [`PooledLine::service`].
    fn compares_services(&self) -> bool {
        false
    }

    /// Judges a group: all its lines that the rule wants, in the order of the inputs. `at` of a
    /// report is a place in `lines`.
    fn check(&self, lines: &[&PooledLine<'_>], out: &mut Findings);

    /// Judges a group that is too large to be seen at once by its first line and its number of
    /// lines; says whether that is enough. `at` of a report is 0.
    fn check_large(&self, _first: &PooledLine<'_>, _lines: u64, _out: &mut Findings) -> bool {
        false
    }

    /// Whether groups are compared with one another once they are known: see
    /// [`PoolCheck::group_key`].
    fn compares_groups(&self) -> bool {
        false
    }

    /// Writes the key that equal groups share; false where the group has no equals.
    fn group_key(&self, _lines: &[&PooledLine<'_>], _key: &mut Vec<u8>) -> bool {
        false
    }

    /// Judges groups that share a key, each by its first line, in the order of the inputs. `at` of
    /// a report is a place in `firsts`.
    fn check_groups(&self, _firsts: &[&PooledLine<'_>], _out: &mut Findings) {}
}

/// Lines of a group that are compared at once. A claim form holds at most 999, and nobody serves
/// more to a patient in a day; a group of more is the work of a placeholder in the key.
pub const GROUP_LINES_MAX: usize = 16_384;
