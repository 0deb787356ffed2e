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

/// What the rules of one key say of every line of a batch.
#[derive(Debug, Default)]
pub struct Wants {
    /// Which rules compare each line with others, one bit each.
    pub keepers: Vec<u32>,
    /// What rules are about and cannot judge: the line, the rule's bit, and why.
    pub left_out: Vec<(usize, usize, Why)>,
    bit: usize,
}

impl Wants {
    /// Of so many lines, nothing yet.
    pub fn new(lines: usize) -> Wants {
        Wants { keepers: vec![0; lines], ..Wants::default() }
    }

    /// From here on, what the rule with this bit says.
    pub fn ask(&mut self, bit: usize) {
        self.bit = bit;
    }

    /// Notes what the rule says of a line.
    #[inline]
    pub fn put(&mut self, row: usize, want: Want) {
        match want {
            Want::No => {}
            Want::Yes => {
                let keepers = self.keepers.get_mut(row);
                keepers.into_iter().for_each(|keepers| *keepers |= 1 << self.bit);
            }
            Want::LeftOut(why) => self.left_out.push((row, self.bit, why)),
        }
    }

    /// Notes that the rule compares every line.
    pub fn put_all(&mut self) {
        let bit = 1 << self.bit;
        self.keepers.iter_mut().for_each(|keepers| *keepers |= bit);
    }
}

/// Adjacent lines that share a key, as one rule sees them.
#[derive(Debug, Clone, Copy)]
pub struct Run<'r, 't> {
    lines: &'r [PooledLine<'t>],
    bit: usize,
}

impl<'r, 't> Run<'r, 't> {
    /// Of these lines, those that the rule with this bit wants.
    pub fn new(lines: &'r [PooledLine<'t>], bit: usize) -> Self {
        Run { lines, bit }
    }

    /// The lines that the rule wants.
    #[inline]
    pub fn lines(self) -> impl Iterator<Item = &'r PooledLine<'t>> + Clone {
        self.lines.iter().filter(move |line| line.keepers & (1 << self.bit) != 0)
    }
}

/// Compares lines that share a key, wherever they lie in the inputs. It sees all of them at once,
/// so there is a bound: groups of more lines than [`GROUP_LINES_MAX`] are left out, and counted.
pub trait PoolCheck: Send + Sync {
    /// The fields whose values make up the key; a line without one of them joins no group. The
    /// rendering provider falls back to the billing provider.
    fn key(&self) -> &[Field];

    /// Whether the line is to be compared with others.
    fn want(&self, line: Line<'_>) -> Want;

    /// Notes what [`PoolCheck::want`] says of every line of the batch.
    fn want_batch(&self, batch: &Batch, out: &mut Wants) {
        batch.lines().for_each(|line| out.put(line.row(), self.want(line)));
    }

    /// Whether [`PoolCheck::check`] certainly reports nothing and leaves nothing out where these
    /// lines are all of their group. Asked of each run of lines where it is read, so it is to be
    /// quick: it may say no where a closer look finds nothing, and never yes where it does not.
    fn is_calm(&self, _run: Run<'_, '_>) -> bool {
        false
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

    /// Judges groups that share a key, two at least, each by its first line, in the order of the
    /// inputs. `at` of a report is a place in `firsts`.
    fn check_groups(&self, _firsts: &[&PooledLine<'_>], _out: &mut Findings) {}
}

/// Lines of a group that are compared at once. A claim form holds at most 999, and nobody serves
/// more to a patient in a day; a group of more is the work of a placeholder in the key.
pub const GROUP_LINES_MAX: usize = 16_384;
