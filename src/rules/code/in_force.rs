//! What COD010, COD011 and COD012 share: which lines they are about, and the look-up.

use std::sync::Arc;

use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::{Batch, Class, Code, Field, Findings, Line, Procedure, Why};
use crate::reference::{Answer, Kind, Reference};
use crate::rules::category::section_set::SectionSet;
use crate::rules::recent::{Memory, Recent};

/// There are as many questions as codes times days.
const MEMORY_BITS: u32 = 15;

/// Reports what reference data says of the code of a line, if that is what the rule is about.
pub type Report = fn(Line<'_>, Code, Answer, &mut Findings);

/// Looks the code of every line up, and hands on what is said of those that are not in force.
struct InForce {
    reference: Arc<Reference>,
    memory: Memory<Answer>,
    /// Whether a list has codes of the class, in the order of [`Class::ALL`].
    listed: [bool; Class::ALL.len()],
    /// The sections of Category I, and the ranges of Category II.
    one: SectionSet,
    two: SectionSet,
    report: Report,
}

/// The check of a rule that reports with `report`.
pub fn check(builder: &mut Builder<'_>, report: Report) -> Result<Check> {
    builder.options.finish()?;
    let knowledge = builder.knowledge;
    let reference = Arc::clone(&knowledge.reference);
    if !reference.has(Kind::Hcpcs) && !reference.has(Kind::Procedures) {
        let why = "no list of procedure codes is loaded: claimlint refdata import takes one in";
        return Ok(Check::Unready(why.to_owned()));
    }
    let listed = Class::ALL.map(|class| reference.covers_class(class));
    let one = SectionSet::new(&knowledge.category_one, "");
    let two = SectionSet::new(&knowledge.category_two, "F");
    let memory = Memory::new(MEMORY_BITS);
    Ok(Check::Line(Box::new(InForce { reference, memory, listed, one, two, report })))
}

impl InForce {
    /// Whether a list could have the code. One outside the ranges is left to the rules for those.
    #[inline]
    fn is_about(&self, code: Code, class: Class) -> bool {
        match class {
            Class::CategoryOne => self.one.contain(code),
            Class::CategoryTwo => self.two.contain(code),
            _ => true,
        }
    }

    #[inline]
    fn judge(&self, line: Line<'_>, recent: &mut Recent<Answer>, out: &mut Findings) {
        let Procedure::Coded(code, class) = line.procedure() else { return };
        if !self.is_about(code, class) {
            return;
        }
        let Some(on) = line.service_date().value() else {
            return out.leave_out(line.row(), Why::Lacks(Field::ServiceDate));
        };
        let listed = self.listed.get(class as usize).copied().unwrap_or(false);
        let ask = || match listed {
            true => self.reference.procedure(code, class, on),
            // A list of other classes says nothing of this one.
            false => Answer::NotCovered,
        };
        match recent.get(code.as_bytes(), on, ask) {
            Answer::Active => out.judge(),
            Answer::NotCovered => {
                let hcpcs = class == Class::Hcpcs && self.reference.has(Kind::Hcpcs);
                let kind = if hcpcs { Kind::Hcpcs } else { Kind::Procedures };
                out.leave_out(line.row(), Why::NotCovered(kind as u8, on));
            }
            answer => {
                out.judge();
                (self.report)(line, code, answer, out);
            }
        }
    }
}

impl LineCheck for InForce {
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        self.judge(line, &mut Recent::none(), out);
    }

    fn check_batch(&self, batch: &Batch, out: &mut Findings) {
        self.memory.lend(|recent| batch.lines().for_each(|line| self.judge(line, recent, out)));
    }
}
