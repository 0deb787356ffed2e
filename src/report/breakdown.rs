//! What all findings of a run come to: by payer, by rendering provider, by week of service.

use crate::model::{Cents, Date};

/// Lines with findings that have something in common.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    /// Findings.
    pub findings: u64,
    /// Lines with a finding, each counted once.
    pub lines: u64,
    /// Their charges.
    pub at_risk: Cents,
    /// Those of them whose charge cannot be read.
    pub charges_unread: u64,
}

/// What all findings of a run come to. Alarms that speak of a whole input are not among them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Breakdown {
    /// By payer as written; nothing for lines that name none. Those that come first are kept, up
    /// to a bound.
    pub payers: Vec<(Option<String>, Share)>,
    /// By rendering provider, in the same way.
    pub providers: Vec<(Option<String>, Share)>,
    /// By the Monday of the week of service; nothing for lines without a readable day.
    pub weeks: Vec<(Option<Date>, Share)>,
    /// What is of payers, of providers and of weeks beyond the bound.
    pub beyond: [Share; 3],
}
