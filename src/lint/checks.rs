//! The enabled rules, prepared, and how they are run over a batch.

use std::sync::Arc;

use crate::lint::policy::Policy;
use crate::lint::sql::Program;
use crate::lint::tally::Tally;
use crate::lint::{Check, GroupCheck, Knowledge, LineCheck, PoolCheck, RecordCheck, RunCheck};
use crate::model::{Batch, Field, Findings, Procedure, RuleId};

/// A rule that is ready to run.
pub struct Prepared<C: ?Sized> {
    /// Its place in the list of rules.
    pub id: RuleId,
    /// The fields without which it looks at nothing.
    pub needs: &'static [Field],
    /// The rule.
    pub check: Box<C>,
}

/// A rule of the user's that is ready to run.
#[derive(Debug)]
pub struct PreparedSql {
    /// Its place in the list of rules.
    pub id: RuleId,
    /// The fields without which it looks at nothing.
    pub needs: &'static [Field],
    /// What it evaluates.
    pub program: &'static Program,
}

/// The enabled rules, by what they look at, each kind in the order of the codes.
#[derive(Default)]
pub struct Checks {
    /// Rules for records that were set aside.
    pub records: Vec<Prepared<dyn RecordCheck>>,
    /// Rules for lines.
    pub lines: Vec<Prepared<dyn LineCheck>>,
    /// Rules for claims and other groups.
    pub groups: Vec<Prepared<dyn GroupCheck>>,
    /// Rules that compare lines.
    pub pools: Vec<Prepared<dyn PoolCheck>>,
    /// Rules for the run.
    pub runs: Vec<Prepared<dyn RunCheck>>,
    /// Rules of the user's.
    pub sql: Vec<PreparedSql>,
    /// What these know beside the data, where there are any.
    pub knowledge: Option<Arc<Knowledge>>,
    /// Rules that cannot look at anything, and why.
    pub unready: Vec<(RuleId, String)>,
    /// Rules that have nothing to look for, and why.
    pub idle: Vec<(RuleId, String)>,
    /// How much a finding weighs where.
    pub policy: Policy,
}

impl Checks {
    /// Adds an enabled rule.
    pub fn add(&mut self, id: RuleId, needs: &'static [Field], check: Check) {
        match check {
            Check::Record(check) => self.records.push(Prepared { id, needs, check }),
            Check::Line(check) => self.lines.push(Prepared { id, needs, check }),
            Check::Group(check) => self.groups.push(Prepared { id, needs, check }),
            Check::Pool(check) => self.pools.push(Prepared { id, needs, check }),
            Check::Run(check) => self.runs.push(Prepared { id, needs, check }),
            Check::Sql(program) => self.sql.push(PreparedSql { id, needs, program }),
            Check::Unready(why) => self.unready.push((id, why)),
            Check::Idle(why) => self.idle.push((id, why)),
        }
    }

    /// Runs every rule for lines over the batch; the findings come in the order of the lines. A
    /// rule that needs a column which the input does not have looks at nothing.
    pub fn lines(&self, batch: &Batch, out: &mut Findings, tally: &mut Tally) {
        for Prepared { id, needs, check } in &self.lines {
            out.begin(*id);
            if needs.iter().all(|field| batch.has(*field)) {
                check.check_batch(batch, out);
            }
            tally.rule_mut(*id).judged += out.judged();
        }
        #[cfg(feature = "polars")]
        if let Some(knowledge) = &self.knowledge {
            crate::lint::sql::run::lines(&self.sql, knowledge, batch, out, tally);
        }
        out.sort();
    }

    /// Runs every rule for set-aside records over the batch's, in their order.
    pub fn records(&self, batch: &Batch, out: &mut Findings, tally: &mut Tally) {
        let seen = (batch.len() + batch.faults.len()) as u64;
        for Prepared { id, check, .. } in &self.records {
            out.begin(*id);
            tally.rule_mut(*id).judged += seen;
            for (at, fault) in batch.faults.iter().enumerate() {
                if fault.kind == check.kind() {
                    check.check(at, fault, out);
                }
            }
        }
        out.sort();
    }
}

/// Counts the lines of a batch by what their codes are.
pub fn count_classes(batch: &Batch, tally: &mut Tally) {
    tally.lines += batch.len() as u64;
    tally.tidied.merge(&batch.tidied);
    for procedure in batch.procedures() {
        let at = match procedure {
            Procedure::Coded(_, class) => Tally::class_index(*class),
            Procedure::Damaged(..) => Tally::DAMAGED,
            Procedure::Malformed => Tally::MALFORMED,
            Procedure::Missing => Tally::MISSING,
            Procedure::Foreign => continue,
        };
        if let Some(count) = tally.classes.get_mut(at) {
            *count += 1;
        }
    }
}
