//! The exact counts of a run: what was read, what was checked, what was found and what was not.
//!
//! A summary is complete before the first finding is rendered, so that a report may say "3 of
//! 12,408" at the third. It contains no time and no machine: the same input gives the same bytes.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Serialize;

use crate::model::damage::Tidied;
use crate::model::{Cents, Class, Controls, Date, Field, RuleId, RuleInfo, Severity};
use crate::reference::Kind;

/// Where the physical lines of one input went. The identity that [`LineCounts::adds_up`] states is
/// asserted on every run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LineCounts {
    /// Physical lines, counted apart from everything else.
    pub physical: u64,
    /// Lines of the header record.
    pub header: u64,
    /// Lines before the header: `sep=`, lines skipped at the user's word, blank lines up there.
    pub preamble: u64,
    /// Records that were checked.
    pub checked: u64,
    /// Records that were set aside.
    pub rejected: u64,
    /// Records that hold no service line, as the layout says.
    pub left_out: u64,
    /// Service lines beyond the first of their record, where a record holds several. They are no
    /// physical lines.
    pub further: u64,
    /// Further lines of records, from line breaks inside quoted cells.
    pub continuation: u64,
    /// Blank lines.
    pub blank: u64,
}

impl LineCounts {
    /// Whether every physical line is accounted for.
    pub fn adds_up(&self) -> bool {
        let parts = [
            self.header,
            self.preamble,
            self.checked,
            self.rejected,
            self.left_out,
            self.continuation,
            self.blank,
        ];
        parts.iter().sum::<u64>() == self.physical
    }

    /// Service lines that were checked: as many as records, unless records hold several.
    pub fn services(&self) -> u64 {
        self.checked + self.further
    }

    /// Adds the counts of another input.
    pub fn merge(&mut self, other: &LineCounts) {
        self.physical += other.physical;
        self.header += other.header;
        self.preamble += other.preamble;
        self.checked += other.checked;
        self.rejected += other.rejected;
        self.left_out += other.left_out;
        self.further += other.further;
        self.continuation += other.continuation;
        self.blank += other.blank;
    }
}

/// What is to be said of one input.
#[derive(Debug, Clone, Default)]
pub struct SourceSummary {
    /// The name as the user gave it; `stdin` for standard input.
    pub name: String,
    /// Bytes read; of a packed input, as unpacked.
    pub bytes: u64,
    /// How it is packed, if it is.
    pub packed: Option<PackedSummary>,
    /// The SHA-256 of its bytes as they lie there, where it is wanted and they were all read.
    pub sha256: Option<String>,
    /// The delimiter: `comma`, `tab`, `pipe`, `semicolon` or the character; empty where there is
    /// none.
    pub delimiter: String,
    /// The encoding: `utf-8`, `windows-1252`, `utf-16le`, `utf-16be`.
    pub encoding: Cow<'static, str>,
    /// Where the physical lines went; in an input of X12, the segments.
    pub lines: LineCounts,
    /// In an input of X12, which control numbers hold where.
    pub controls: Arc<Controls>,
    /// The header names that each mapped field is read from, in order of preference.
    pub mapping: Vec<(Field, Vec<String>)>,
    /// Columns that only rules of the user's read, with their header names.
    pub others: Vec<(Field, String)>,
    /// Fields that are not read, and why, as the layout says.
    pub not_mapped: Vec<(Field, String)>,
    /// What a person should know of how the input was read, each in one sentence.
    pub notes: Vec<String>,
}

impl SourceSummary {
    /// Whether the input has a column for the field, or for what stands in for it.
    pub fn maps(&self, field: Field) -> bool {
        let mapped = |field| self.mapping.iter().any(|(known, _)| *known == field);
        mapped(field)
            || self.others.iter().any(|(known, _)| *known == field)
            || (field == Field::RenderingNpi && mapped(Field::BillingNpi))
    }
}

/// What is to be said of how an input is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackedSummary {
    /// `gzip` or `zstd`.
    pub how: &'static str,
    /// Its bytes as they lie there; not known where reading stopped before the end.
    pub bytes: Option<u64>,
}

/// How the reason begins for which a rule is not applicable to inputs without a column that it
/// needs; the fields follow.
pub const NO_COLUMN: &str = "no column mapped to ";

/// How a rule ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It looked at everything it is about and found nothing.
    Passed,
    /// It found something.
    Failed,
    /// All that it found is waived or accepted: how much.
    Excused(String),
    /// It had nothing to look at: why.
    NotApplicable(String),
    /// It could not look: why.
    NotChecked(String),
}

impl Outcome {
    /// The word in reports.
    pub fn name(&self) -> &'static str {
        match self {
            Outcome::Passed => "passed",
            Outcome::Failed => "failed",
            Outcome::Excused(_) => "excused",
            Outcome::NotApplicable(_) => "not-applicable",
            Outcome::NotChecked(_) => "not-checked",
        }
    }
}

/// What one rule did in the run.
#[derive(Debug, Clone)]
pub struct RuleSummary {
    /// The rule's place in the list of all rules.
    pub id: RuleId,
    /// What the rule says of itself.
    pub info: &'static RuleInfo,
    /// How much its findings weigh, overrides apart.
    pub severity: Severity,
    /// Findings, exactly.
    pub found: u64,
    /// Findings by severity: info, warning, error, with overrides applied.
    pub severities: [u64; 3],
    /// Claims with at least one of them.
    pub claims: u64,
    /// Lines or records that it looked at.
    pub judged: u64,
    /// The sum of the charges of the lines it found.
    pub at_risk: Cents,
    /// Findings on lines whose charge cannot be read.
    pub charges_unread: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// The inputs, by index, in which a mapping alarm stands for its findings.
    pub alarmed: Vec<u32>,
    /// Its findings by input, in the order of the inputs.
    pub by_input: Vec<u64>,
    /// What waivers excuse and what the baseline accepts of what it found: no findings.
    pub excused: Excused,
}

/// What was found and is no finding, since somebody said so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Excused {
    /// Excused by a waiver of the configuration.
    pub waived: u64,
    /// Accepted by the baseline.
    pub accepted: u64,
}

impl Excused {
    /// Both.
    pub fn all(&self) -> u64 {
        self.waived + self.accepted
    }
}

impl RuleSummary {
    /// Whether all of its findings have the severity of the rule.
    pub fn is_of_one_severity(&self) -> bool {
        self.severities == Self::at(self.severity, self.found)
    }

    /// So many findings, all of one severity, by severity.
    pub fn at(severity: Severity, found: u64) -> [u64; 3] {
        Severity::ALL.map(|of| if of == severity { found } else { 0 })
    }
}

/// What went to one part of a split.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct SplitPart {
    /// Claims.
    pub claims: u64,
    /// Records: lines, and what was set aside.
    pub lines: u64,
    /// Bytes of the inputs, headers apart.
    pub bytes: u64,
}

/// How the inputs were split. Claims, records and bytes of the two parts, and the bytes of the
/// headers, add up to those of the inputs; that is asserted on every run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct SplitSummary {
    /// Bytes before the first record of each input.
    pub head_bytes: u64,
    /// Claims without an error.
    pub clean: SplitPart,
    /// Claims with an error, and records that were set aside.
    pub rejected: SplitPart,
}

/// The counts of a whole run.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// The inputs, in the order given.
    pub sources: Vec<SourceSummary>,
    /// The enabled rules, in the order of their codes.
    pub rules: Vec<RuleSummary>,
    /// Where the physical lines of all inputs went.
    pub lines: LineCounts,
    /// Claims: distinct claim ids among the checked lines.
    pub claims: u64,
    /// Claims without a finding.
    pub clean_claims: u64,
    /// Checked lines without a claim id.
    pub lines_without_claim: u64,
    /// Records that cannot be read and may be service lines.
    pub unreadable: u64,
    /// Records that cannot be read and that no finding names, because their rule does not run.
    pub unnamed: u64,
    /// The charges of all lines with a finding, each line counted once.
    pub at_risk: Cents,
    /// Lines with a finding whose charge cannot be read.
    pub charges_unread: u64,
    /// Whether any input has a column for the charge.
    pub has_charges: bool,
    /// Findings by severity: info, warning, error, with overrides applied.
    pub severities: [u64; 3],
    /// What waivers excuse and what the baseline accepts: no findings.
    pub excused: Excused,
    /// Lines by class of code.
    pub classes: Vec<(Class, u64)>,
    /// Lines whose code is damaged, malformed, missing.
    pub unclassed: [u64; 3],
    /// How often procedure codes were tidied.
    pub tidied: Tidied,
    /// What a person should know of the run, each in one sentence.
    pub notes: Vec<String>,
    /// How the inputs were split, where they were.
    pub split: Option<SplitSummary>,
    /// The day that the run was made for, where one is known.
    pub as_of: Option<Date>,
    /// What findings show of private cells: `mask`, `hash` or `show`; empty for `mask`.
    pub phi: &'static str,
    /// What tells the key of hashes apart.
    pub phi_key: Option<String>,
    /// The editions that codes were looked up in, built-in tables apart.
    pub editions: Vec<EditionUsed>,
}

/// An edition of reference data that a run looked codes up in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditionUsed {
    /// What it holds.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// The service dates that it answers for.
    pub covers: (Date, Date),
    /// The SHA-256 of each file that it was made of.
    pub sha256: Vec<String>,
}

impl Summary {
    /// The bytes of all inputs as checked; and as they lie there, if any is packed and all are
    /// known.
    pub fn bytes(&self) -> (u64, Option<u64>) {
        let sum = |bytes: u64, more: u64| bytes.saturating_add(more);
        let plain = self.sources.iter().map(|source| source.bytes).fold(0, sum);
        let lying = self.sources.iter().map(|source| match source.packed {
            Some(packed) => packed.bytes,
            None => Some(source.bytes),
        });
        let lying = lying.collect::<Option<Vec<u64>>>();
        let is_packed = self.sources.iter().any(|source| source.packed.is_some());
        let lying = lying.filter(|_| is_packed).map(|all| all.into_iter().fold(0, sum));
        (plain, lying)
    }

    /// All findings.
    pub fn found(&self) -> u64 {
        self.severities.iter().sum()
    }

    /// What the run has on one enabled rule.
    pub fn rule(&self, id: RuleId) -> Option<&RuleSummary> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// Whether a mapping alarm stands for the findings of the rule in the input.
    pub fn is_alarmed(&self, rule: RuleId, source: u32) -> bool {
        self.rule(rule).is_some_and(|rule| rule.alarmed.contains(&source))
    }

    /// The name of an input.
    pub fn source_name(&self, source: u32) -> &str {
        self.sources.get(source as usize).map_or("", |source| source.name.as_str())
    }
}
