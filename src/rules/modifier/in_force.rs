//! What MOD002 and MOD003 share: whether a modifier is known, and in force on the day of service.

use std::sync::Arc;

use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::{Batch, Date, Field, Findings, Line, Modifier, Vocabulary, Why};
use crate::reference::{Answer, Kind, Reference};
use crate::rules::recent::{Memory, Recent};

/// What an ambulance's modifier is made of: where it set out and where it went.
const AMBULANCE: &[u8] = b"DEGHIJNPRSX";

/// Reports on a line of whose modifiers some are wrong: their places and what is said of them.
pub type Report = fn(Line<'_>, &[(usize, Modifier, Answer)], &mut Findings);

/// Looks the modifiers of every line up.
struct InForce {
    reference: Arc<Reference>,
    memory: Memory<Answer>,
    vocabulary: Arc<Vocabulary>,
    /// Which answers the rule is about.
    is_wrong: fn(Answer) -> bool,
    report: Report,
}

/// The check of a rule that reports modifiers whose answers `is_wrong` picks.
pub fn check(
    builder: &mut Builder<'_>,
    is_wrong: fn(Answer) -> bool,
    report: Report,
) -> Result<Check> {
    builder.options.finish()?;
    let reference = Arc::clone(&builder.knowledge.reference);
    let memory = Memory::new(12);
    let vocabulary = Arc::clone(&builder.knowledge.vocabulary);
    Ok(Check::Line(Box::new(InForce { reference, memory, vocabulary, is_wrong, report })))
}

impl InForce {
    #[inline]
    fn judge(&self, line: Line<'_>, recent: &mut Recent<Answer>, out: &mut Findings) {
        let modifiers = line.modifiers();
        if modifiers.is_empty() {
            return;
        }
        let Some(on) = line.service_date().value() else {
            return out.leave_out(line.row(), Why::Lacks(Field::ServiceDate));
        };
        let mut is_covered = true;
        let mut any_wrong = false;
        for modifier in modifiers.as_slice() {
            let answer = recent.get(modifier, on, || self.ask(*modifier, on));
            is_covered &= answer != Answer::NotCovered;
            any_wrong |= (self.is_wrong)(answer) && !may_be_ambulance(line, modifier);
        }
        if any_wrong {
            self.tell(line, on, recent, out);
        } else if !is_covered {
            return out.leave_out(line.row(), Why::NotCovered(Kind::Modifiers as u8, on));
        }
        out.judge();
    }

    /// What is known of a modifier. Those that the configuration adds have no days.
    fn ask(&self, modifier: Modifier, on: Date) -> Answer {
        match self.reference.modifier(modifier, on) {
            Answer::Unknown if self.vocabulary.modifiers.contains(&modifier) => Answer::Active,
            answer => answer,
        }
    }

    #[cold]
    fn tell(&self, line: Line<'_>, on: Date, recent: &mut Recent<Answer>, out: &mut Findings) {
        let mut wrong: Vec<(usize, Modifier, Answer)> = Vec::new();
        for (at, modifier) in line.modifiers().as_slice().iter().enumerate() {
            let answer = recent.get(modifier, on, || self.ask(*modifier, on));
            let is_new = wrong.iter().all(|(_, known, _)| known != modifier);
            if is_new && (self.is_wrong)(answer) && !may_be_ambulance(line, modifier) {
                wrong.push((at, *modifier, answer));
            }
        }
        (self.report)(line, &wrong, out);
    }
}

/// Whether the modifier may say where an ambulance set out and where it went: the line has an
/// ambulance code, or none that can be read.
fn may_be_ambulance(line: Line<'_>, modifier: &Modifier) -> bool {
    modifier.iter().all(|letter| AMBULANCE.contains(letter))
        && line.procedure().code().is_none_or(|(code, _)| code.as_bytes().starts_with(b"A0"))
}

impl LineCheck for InForce {
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        self.judge(line, &mut Recent::none(), out);
    }

    fn check_batch(&self, batch: &Batch, out: &mut Findings) {
        self.memory.lend(|recent| batch.modified().for_each(|line| self.judge(line, recent, out)));
    }
}
