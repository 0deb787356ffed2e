//! Groups of lines, judged many at a time by rules in SQL.

use std::ops::Range;

use crate::error::Result;
use crate::lint::sql::frame::Frame;
use crate::lint::sql::run;
use crate::model::PooledLine;
use crate::pipeline::claims::tally;
use crate::pipeline::own::travel::Columns;
use crate::pipeline::pools::Judge;

/// Lines of a page, from which on it is judged: few enough to stay in the cache of a core, and many
/// enough that an expression costs little more than its values.
const PAGE_LINES: usize = 4_096;

/// Whole groups that are judged together.
#[derive(Default)]
pub struct Page<'b> {
    lines: Vec<PooledLine<'b>>,
    groups: Vec<Range<usize>>,
}

impl<'b> Page<'b> {
    /// Adds the lines of a group, taking them out of `lines`.
    pub fn add(&mut self, lines: &mut Vec<PooledLine<'b>>) {
        let first = self.lines.len();
        self.lines.append(lines);
        self.groups.push(first..self.lines.len());
    }

    /// Whether it is time to judge it.
    pub fn is_full(&self) -> bool {
        self.lines.len() >= PAGE_LINES
    }
}

/// Judges the groups of a page, and empties it.
pub fn judge(judge: &mut Judge<'_>, page: &mut Page<'_>) -> Result<()> {
    let slots = &judge.stream.slots;
    let Some(knowledge) = &judge.plan.checks.knowledge else { return Ok(()) };
    let mut columns = Columns::new(slots, page.lines.len());
    for line in &page.lines {
        columns.add(slots, line.cells.unwrap_or_default())?;
    }
    let (columns, malformed) = columns.finish(slots);
    let frame = Frame::of_columns(page.lines.len(), columns, knowledge);
    let all: Vec<&PooledLine<'_>> = page.lines.iter().collect();
    for (bit, at) in judge.stream.sql.iter().enumerate() {
        let Some(rule) = judge.plan.checks.sql.get(*at) else { continue };
        let wanted: Vec<bool> = all.iter().map(|line| line.keepers >> bit & 1 == 1).collect();
        if !wanted.contains(&true) {
            continue;
        }
        let own = |slot| rule.program.deciding.contains(slot);
        let read = slots.iter().enumerate().filter(|(_, slot)| own(*slot));
        let read = read.fold(0_u128, |read, (at, _)| read | 1 << at);
        let malformed: Vec<bool> = malformed.iter().map(|columns| columns & read != 0).collect();
        judge.out.clear();
        judge.out.begin(rule.id);
        let groups = &page.groups;
        let of = run::Page { frame: &frame, groups, wanted: &wanted, malformed: &malformed };
        let judged = run::groups(rule.program, &of, &mut judge.out);
        let lines = judged.into_iter().filter_map(|at| groups.get(at).cloned()).flatten();
        let lines = lines.filter(|line| wanted.get(*line) == Some(&true));
        // What is left out is taken away again where it is counted.
        for at in lines.chain(judge.out.left_out().iter().map(|left| left.at)) {
            let Some(line) = all.get(at) else { continue };
            let tally = tally(&mut judge.judged.tallies, line.place.source, judge.plan);
            tally.rule_mut(rule.id).judged += 1;
        }
        judge.write(&all);
        judge.leave_out(&all);
    }
    page.lines.clear();
    page.groups.clear();
    Ok(())
}
