//! Compiled rules, run over the lines of a batch or over groups of lines.

use std::ops::Range;

use polars_arrow::bitmap::Bitmap;

use crate::lint::checks::PreparedSql;
use crate::lint::sql::eval::Evaluator;
use crate::lint::sql::frame::Frame;
use crate::lint::sql::kinds::Kind;
use crate::lint::sql::program::Piece;
use crate::lint::sql::slots::Slot;
use crate::lint::sql::typed::Typed;
use crate::lint::sql::vector::{Datum, Flags, View};
use crate::lint::sql::{Program, SqlScope};
use crate::lint::{Knowledge, Tally};
use crate::model::{Batch, Field, Findings, Why, masking};

/// Runs every rule for single lines over a batch. A rule that needs a column which the input does
/// not have looks at nothing; what a rule cannot tell of a line is left out, and counted.
pub fn lines(
    rules: &[PreparedSql],
    knowledge: &Knowledge,
    batch: &Batch,
    out: &mut Findings,
    tally: &mut Tally,
) {
    let frame = Frame::of_batch(batch, knowledge);
    let evaluator = Evaluator::of_lines(&frame);
    for PreparedSql { id, needs, program } in rules {
        if program.scope != SqlScope::Line {
            continue;
        }
        out.begin(*id);
        if needs.iter().all(|field| batch.has(*field)) {
            run_lines(program, &evaluator, out);
        }
        tally.rule_mut(*id).judged += out.judged();
    }
}

fn run_lines(program: &Program, evaluator: &Evaluator<'_>, out: &mut Findings) {
    let lines = evaluator.frame.lines;
    let mut asked = Flags::all(Some(true), lines);
    for condition in [&program.wanted, &program.applies].into_iter().flatten() {
        asked = asked.and(&evaluator.flags(condition));
    }
    if asked.known.is_none() && asked.yes.set_bits() == 0 {
        return;
    }
    let found = asked.and(&evaluator.flags(&program.fails));
    let unknown = found.unknown();
    out.judge_many((asked.yes.set_bits() - asked.yes.num_intersections_with(&unknown)) as u64);
    for at in unknown.true_idx_iter() {
        out.leave_out(at, program.why());
    }
    if found.yes.set_bits() == 0 {
        return;
    }
    let said = Said::of(program, evaluator, evaluator);
    for at in found.yes.true_idx_iter() {
        said.report(program, (at, at), out);
    }
}

impl Program {
    /// Why the rule cannot tell something of a line: its first column is missing or malformed.
    pub fn why(&self) -> Why {
        Why::Lacks(self.needs.last().or(self.reads.last()).copied().unwrap_or(Field::ProcedureCode))
    }
}

/// What a rule says of each line that it finds.
struct Said {
    pieces: Vec<SaidPiece>,
}

enum SaidPiece {
    Text(String),
    /// What an expression says, and whether it may be a name that slipped into its column.
    OfLine(Datum, Kind, bool),
    OfScope(Datum, Kind, bool),
}

impl Said {
    fn of(program: &Program, of_lines: &Evaluator<'_>, of_scope: &Evaluator<'_>) -> Said {
        let pieces = program.message.iter().map(|piece| match piece {
            Piece::Text(text) => SaidPiece::Text(text.clone()),
            Piece::OfLine(typed) => {
                SaidPiece::OfLine(of_lines.datum(typed), typed.kind, is_of_cells(typed))
            }
            Piece::OfScope(typed) => {
                SaidPiece::OfScope(of_scope.datum(typed), typed.kind, is_of_cells(typed))
            }
        });
        Said { pieces: pieces.collect() }
    }

    /// Reports a line, and the group that it is of.
    fn report(&self, program: &Program, (line, group): (usize, usize), out: &mut Findings) {
        let mut message = String::new();
        for piece in &self.pieces {
            match piece {
                SaidPiece::Text(text) => message.push_str(text),
                SaidPiece::OfLine(datum, kind, masks) => {
                    put_shown(datum.get(line), *kind, *masks, &mut message);
                }
                SaidPiece::OfScope(datum, kind, masks) => {
                    put_shown(datum.get(group), *kind, *masks, &mut message);
                }
            }
        }
        out.report(line, program.field, format_args!("{message}"));
    }
}

/// Whether a text is made of cells that hold codes: what reads like words in them slipped in.
fn is_of_cells(typed: &Typed) -> bool {
    let holds_codes = |slot: &Slot| match slot {
        Slot::Text(field) => {
            !matches!(field, Field::ClaimId | Field::ServiceLine | Field::Payer | Field::ClaimType)
        }
        _ => false,
    };
    typed.kind == Kind::Text && typed.slots().iter().any(holds_codes)
}

/// Writes a value as a message shows it: of what may be a name, only its shape.
fn put_shown(view: View<'_>, kind: Kind, masks: bool, message: &mut String) {
    match view {
        View::Text(text) if masks => {
            message.push_str(&String::from_utf8_lossy(&masking::shown(text)));
        }
        view => view.to_value().put(kind, message),
    }
}

/// Groups of lines that are judged together.
pub struct Page<'p> {
    /// The lines.
    pub frame: &'p Frame<'p>,
    /// The lines of each group.
    pub groups: &'p [Range<usize>],
    /// The lines that the rule looks at.
    pub wanted: &'p [bool],
    /// The lines of which it cannot read a cell.
    pub malformed: &'p [bool],
}

/// Runs a rule over groups; gives back the groups that it judged. A group that a rule finds nothing
/// in, and of which it cannot read a cell, is unknown: its lines are left out.
pub fn groups(program: &Program, page: &Page<'_>, out: &mut Findings) -> Vec<usize> {
    let wanted: Bitmap = page.wanted.iter().copied().collect();
    let of_lines = Evaluator::of_lines(page.frame);
    let some = Some(&wanted).filter(|wanted| wanted.unset_bits() > 0);
    let of_groups = Evaluator { frame: page.frame, groups: Some(page.groups), wanted: some };
    let asked = program.applies.as_ref().map(|applies| of_groups.flags(applies));
    let asked = asked.unwrap_or_else(|| Flags::all(Some(true), page.groups.len()));
    let found = asked.and(&of_groups.flags(&program.fails));
    let said = Said::of(program, &of_lines, &of_groups);
    let reported = program.lines.as_ref().map(|lines| of_lines.flags(lines).yes);
    let mut judged = Vec::new();
    for (at, group) in page.groups.iter().enumerate() {
        let is_wanted = |line: &usize| page.wanted.get(*line) == Some(&true);
        let mut lines = group.clone().filter(is_wanted);
        let Some(first) = lines.clone().next() else { continue };
        let is_malformed = |line: usize| page.malformed.get(line) == Some(&true);
        match found.get(at) {
            Some(true) => {
                judged.push(at);
                let is_meant = |line: &usize| {
                    reported.as_ref().is_some_and(|lines| lines.get(*line) == Some(true))
                };
                let mut meant = lines.filter(is_meant).peekable();
                if meant.peek().is_none() {
                    said.report(program, (first, at), out);
                }
                meant.for_each(|line| said.report(program, (line, at), out));
            }
            Some(false) if asked.get(at) == Some(false) => {
                // It does not apply, unless what cannot be read would have it apply.
                if lines.clone().any(is_malformed) {
                    lines.for_each(|line| out.leave_out(line, program.why()));
                }
            }
            Some(false) if !lines.any(is_malformed) => judged.push(at),
            _ => {
                let lines = group.clone().filter(is_wanted);
                lines.for_each(|line| out.leave_out(line, program.why()));
            }
        }
    }
    judged
}

/// Which lines a rule looks at: all, where nothing is said; unknown where a day or payer is.
pub fn wanted(program: &Program, frame: &Frame<'_>) -> Option<Vec<Option<bool>>> {
    let flags = Evaluator::of_lines(frame).flags(program.wanted.as_ref()?);
    Some((0..frame.lines).map(|at| flags.get(at)).collect())
}
