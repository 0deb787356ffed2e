//! What POS001 and POS002 share: which lines they are about, and the look-up.

use std::sync::Arc;

use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::{Batch, Date, Field, Findings, Line, Why};
use crate::reference::{Answer, Kind, Reference};
use crate::rules::recent::{Memory, Recent};

/// A place of service: two digits.
pub type Place = [u8; 2];

/// What the cell of a line holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said<'b> {
    /// No two digits.
    Malformed(&'b [u8]),
    /// A place, and what is known of it on the day of service.
    Place(Place, Answer),
}

/// Reports what the cell holds, if that is what the rule is about.
pub type Report = fn(Line<'_>, Said<'_>, &mut Findings);

/// Looks the place of service of every professional line up.
struct InForce {
    reference: Arc<Reference>,
    memory: Memory<Answer>,
    report: Report,
    /// Whether the rule is about cells without a place too, which need no look-up.
    takes_malformed: bool,
}

/// The check of a rule that reports with `report`.
pub fn check(builder: &mut Builder<'_>, takes_malformed: bool, report: Report) -> Result<Check> {
    builder.options.finish()?;
    let reference = Arc::clone(&builder.knowledge.reference);
    let memory = Memory::new(12);
    Ok(Check::Line(Box::new(InForce { reference, memory, report, takes_malformed })))
}

/// The place that a cell holds, if it holds one.
#[inline]
pub fn place(cell: &[u8]) -> Option<Place> {
    let place: Place = cell.try_into().ok()?;
    place.iter().all(u8::is_ascii_digit).then_some(place)
}

/// What the lines that were judged last said, if no more came of it than that they were judged.
#[derive(Default)]
struct Usual(Option<(Place, Date)>);

impl InForce {
    /// The same as [`InForce::judge`]. Neighbours are mostly of one place and day.
    #[inline]
    fn judge_after(
        &self,
        line: Line<'_>,
        usual: &mut Usual,
        recent: &mut Recent<Answer>,
        out: &mut Findings,
    ) {
        let cell = line.text(Field::PlaceOfService);
        let said = cell.and_then(place).zip(line.service_date().value());
        if said.is_some() && said == usual.0 {
            if !line.is_institutional() {
                out.judge();
            }
            return;
        }
        self.judge(line, recent, out);
        let is_active = |(place, on): &(Place, Date)| {
            let answer = recent.get(place, *on, || self.reference.place_of_service(*place, *on));
            answer == Answer::Active
        };
        usual.0 = said.filter(is_active);
    }

    #[inline]
    fn judge(&self, line: Line<'_>, recent: &mut Recent<Answer>, out: &mut Findings) {
        let Some(cell) = line.text(Field::PlaceOfService) else { return };
        if line.is_institutional() {
            return;
        }
        let Some(place) = place(cell) else {
            if self.takes_malformed {
                out.judge();
                (self.report)(line, Said::Malformed(cell), out);
            }
            return;
        };
        let Some(on) = line.service_date().value() else {
            return out.leave_out(line.row(), Why::Lacks(Field::ServiceDate));
        };
        match recent.get(&place, on, || self.reference.place_of_service(place, on)) {
            Answer::Active => out.judge(),
            Answer::NotCovered => {
                let kind = Kind::PlaceOfService as u8;
                out.leave_out(line.row(), Why::NotCovered(kind, on));
            }
            answer => {
                out.judge();
                (self.report)(line, Said::Place(place, answer), out);
            }
        }
    }
}

impl LineCheck for InForce {
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        self.judge(line, &mut Recent::none(), out);
    }

    fn check_batch(&self, batch: &Batch, out: &mut Findings) {
        let mut usual = Usual::default();
        self.memory.lend(|recent| {
            batch.lines().for_each(|line| self.judge_after(line, &mut usual, recent, out));
        });
    }
}
