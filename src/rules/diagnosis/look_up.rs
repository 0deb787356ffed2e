//! Looking the diagnoses of lines up in the editions of ICD-10-CM.

use std::sync::Arc;

use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::finding::Why;
use crate::model::{Batch, Date, Diagnosis, Field, Findings, Line};
use crate::reference::{DiagnosisAnswer, Kind, Reference};
use crate::rules::diagnosis::codes::{day, filled, is_of_ten};

/// What a rule has to say of an answer, after the name of the field.
pub type Tell = fn(DiagnosisAnswer, Date) -> Option<String>;

/// A rule that judges diagnoses by what the editions say of them. Lines of days before ICD-10-CM
/// are not its own, and neither are malformed codes. A line has one finding.
struct LookUp {
    reference: Arc<Reference>,
    tell: Tell,
}

/// Makes the check, if there is anything to look up in.
pub fn build(builder: &mut Builder<'_>, tell: Tell) -> Result<Check> {
    builder.options.finish()?;
    let reference = Arc::clone(&builder.knowledge.reference);
    if !reference.has(Kind::Icd10cm) {
        return Ok(Check::Unready(
            "no list of diagnosis codes is loaded: claimlint refdata import takes one in"
                .to_owned(),
        ));
    }
    Ok(Check::Line(Box::new(LookUp { reference, tell })))
}

impl LineCheck for LookUp {
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        self.look(line, &mut Recent::new(1), out);
    }

    fn check_batch(&self, batch: &Batch, out: &mut Findings) {
        let mut recent = Recent::new(1024);
        batch.lines().for_each(|line| self.look(line, &mut recent, out));
    }
}

impl LookUp {
    fn look(&self, line: Line<'_>, recent: &mut Recent, out: &mut Findings) {
        let mut cells = filled(line).peekable();
        if cells.peek().is_none() {
            return;
        }
        let Some(on) = day(line) else {
            return out.leave_out(line.row(), Why::Lacks(Field::ServiceDate));
        };
        if !is_of_ten(on) {
            return;
        }
        let (mut is_judged, mut is_uncovered) = (false, false);
        for (field, cell) in cells {
            let code = cell.value().filter(|code| code.fits_ten);
            let Some(code) = code else { continue };
            match recent.ask(&self.reference, &code, on) {
                DiagnosisAnswer::NotCovered => is_uncovered = true,
                answer => {
                    is_judged = true;
                    if let Some(told) = (self.tell)(answer, on) {
                        out.report(line.row(), Some(field), format_args!("{field} {told}"));
                        break;
                    }
                }
            }
        }
        if is_judged {
            out.judge();
        } else if is_uncovered {
            out.leave_out(line.row(), Why::NotCovered(Kind::Icd10cm as u8, on));
        }
    }
}

/// Recent answers, each in the one place that its question has.
struct Recent(Vec<(u64, Date, DiagnosisAnswer)>);

impl Recent {
    /// Room for so many answers, a power of two.
    fn new(room: usize) -> Recent {
        // No code has the key 0.
        Recent(vec![(0, Date::END, DiagnosisAnswer::NotCovered); room])
    }

    #[inline]
    fn ask(&mut self, reference: &Reference, code: &Diagnosis, on: Date) -> DiagnosisAnswer {
        let key = code.key();
        let mixed = (key ^ u64::from(on.days().unsigned_abs())).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let at = (mixed >> 32) as usize & (self.0.len() - 1);
        match self.0.get_mut(at) {
            Some(known) if known.0 == key && known.1 == on => known.2,
            free => {
                let answer = reference.diagnosis(code.as_bytes(), on);
                free.into_iter().for_each(|free| *free = (key, on, answer));
                answer
            }
        }
    }
}
