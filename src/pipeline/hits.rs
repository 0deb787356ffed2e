//! The bits in which a line, and then its claim, remembers what was found in it: one for each rule,
//! and the last two for what is not a rule's.

use crate::lint::registry::RULES_MAX;
use crate::model::{RuleId, Severity};
use crate::pipeline::plan::Plan;

/// Rules have the bits below this one and [`NOT_CLEAN`].
///
/// A finding among them is an error, so the claim is rejected. Noted only where claims are split.
pub const REJECTED: u128 = 1 << RULES_MAX;

/// A rule wanted to judge a line and could not, for want of a key or in a group too large; or what
/// it found there is waived or accepted. The claim counts neither as clean nor as found.
pub const NOT_CLEAN: u128 = 1 << 127;

/// The bits of a finding.
pub fn of(plan: &Plan, rule: RuleId, severity: Severity) -> u128 {
    let rejects = plan.split.is_some() && severity == Severity::Error;
    1 << rule.0 | if rejects { REJECTED } else { 0 }
}
