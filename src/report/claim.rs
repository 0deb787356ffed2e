//! What was found in one claim: a row of a worklist.

use crate::model::batch::Place;
use crate::model::{Cents, Context, Date, RuleId, Severity};

/// What was found in one claim, or in one record that belongs to none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimFindings {
    /// The claim number; nothing for a record that belongs to no claim.
    pub claim_id: Option<String>,
    /// The first record with a finding.
    pub place: Place,
    /// Lines with a finding.
    pub lines: u64,
    /// Findings, exactly.
    pub findings: u64,
    /// The charges of the lines with a finding, each line counted once.
    pub at_risk: Cents,
    /// Lines with a finding whose charge cannot be read.
    pub charges_unread: u64,
    /// The gravest of its findings.
    pub severity: Severity,
    /// The rules that found something, in the order of their codes, each with how often.
    pub rules: Vec<(RuleId, u64)>,
    /// Payer and rendering provider of the first line with a finding that has them.
    pub context: Context<String>,
    /// The first and the last day of service among the lines with a finding.
    pub days: Option<(Date, Date)>,
}
