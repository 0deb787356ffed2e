//! What every rule declares about itself, and its place in the list of rules.

use crate::model::Field;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Probably wrong, or wrong for some payers.
    Warning,
    /// Wrong: the claim would be rejected or denied, or could not be checked.
    Error,
}

impl Severity {
    /// Every severity, the lightest first.
    pub const ALL: [Severity; 3] = [Severity::Info, Severity::Warning, Severity::Error];

    /// The word in reports and configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }

    /// The severity with this name.
    pub fn from_name(name: &str) -> Option<Severity> {
        Self::ALL.into_iter().find(|severity| severity.name() == name)
    }
}

/// What a rule is about; rules can be selected by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleCategory {
    /// Records that cannot be read as service lines.
    Structure,
    /// Columns that do not hold what they are taken for.
    Mapping,
    /// The claim as a whole.
    Claim,
    /// The format of procedure codes.
    CodeFormat,
    /// Codes outside the ranges of their category.
    CategoryValidity,
    /// Category II codes and the services that they go with.
    CategoryTwo,
    /// Whether procedure codes are in force on the day of service.
    CodeValidity,
    /// Modifiers of procedure codes.
    Modifier,
    /// The edits of the National Correct Coding Initiative.
    Ncci,
    /// Dates.
    Date,
    /// Units and amounts.
    Amount,
    /// Places of service.
    Place,
    /// Numbers of providers.
    Provider,
    /// Diagnosis codes.
    Diagnosis,
    /// Lines and claims that are billed twice.
    Duplicate,
    /// The reference data that rules look things up in.
    Reference,
    /// What an organisation asks of its own claims.
    Policy,
}

impl RuleCategory {
    /// Every category.
    pub const ALL: [RuleCategory; 17] = [
        RuleCategory::Structure,
        RuleCategory::Mapping,
        RuleCategory::Claim,
        RuleCategory::CodeFormat,
        RuleCategory::CategoryValidity,
        RuleCategory::CategoryTwo,
        RuleCategory::CodeValidity,
        RuleCategory::Modifier,
        RuleCategory::Ncci,
        RuleCategory::Date,
        RuleCategory::Amount,
        RuleCategory::Place,
        RuleCategory::Provider,
        RuleCategory::Diagnosis,
        RuleCategory::Duplicate,
        RuleCategory::Reference,
        RuleCategory::Policy,
    ];

    /// The category with this name.
    pub fn from_name(name: &str) -> Option<RuleCategory> {
        Self::ALL.into_iter().find(|category| category.name() == name)
    }

    /// The name that selectors use.
    pub const fn name(self) -> &'static str {
        match self {
            RuleCategory::Structure => "structure",
            RuleCategory::Mapping => "mapping",
            RuleCategory::Claim => "claim",
            RuleCategory::CodeFormat => "code-format",
            RuleCategory::CategoryValidity => "category-validity",
            RuleCategory::CategoryTwo => "category-two",
            RuleCategory::CodeValidity => "code-validity",
            RuleCategory::Modifier => "modifier",
            RuleCategory::Ncci => "ncci",
            RuleCategory::Date => "date",
            RuleCategory::Amount => "amount",
            RuleCategory::Place => "place",
            RuleCategory::Provider => "provider",
            RuleCategory::Diagnosis => "diagnosis",
            RuleCategory::Duplicate => "duplicate",
            RuleCategory::Reference => "reference",
            RuleCategory::Policy => "policy",
        }
    }
}

/// What a rule looks at in one go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// A record as it was found in the bytes, before it is a service line.
    Record,
    /// One service line.
    Line,
    /// All lines that share a claim number (or the fields of `group-by`), wherever they lie.
    Claim,
    /// All lines of a patient on a day, or of a patient, a day and a rendering provider, wherever
    /// they lie.
    Day,
    /// The whole run, through its exact counts.
    Run,
}

impl Scope {
    /// The scope with this word.
    pub fn from_name(name: &str) -> Option<Scope> {
        use Scope::{Claim, Day, Line, Record, Run};
        [Record, Line, Claim, Day, Run].into_iter().find(|scope| scope.name() == name)
    }

    /// The word in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Scope::Record => "record",
            Scope::Line => "line",
            Scope::Claim => "claim",
            Scope::Day => "patient-day",
            Scope::Run => "run",
        }
    }
}

/// A rule's place in the sorted list of all rules; it orders findings of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub u16);

/// What only a rule of the user's says about itself.
#[derive(Debug, Clone, Copy)]
pub struct Own {
    /// Where more is written of it; empty where the user names no such place.
    pub url: &'static str,
    /// Who answers for it; empty where nobody is named.
    pub owner: &'static str,
    /// The header names of the columns that it reads and no field stands for.
    pub others: &'static [(Field, &'static str)],
}

/// What a rule says about itself. One `static` for each rule, made by `declare_rule!`; or made of
/// what the user wrote.
#[derive(Debug)]
pub struct RuleInfo {
    /// Letters and three digits: `CII001`.
    pub code: &'static str,
    /// The defect in kebab case: `category-two-without-category-one`.
    pub name: &'static str,
    /// The defect in a few words, as reports show it.
    pub title: &'static str,
    /// What to do about a finding, in one sentence.
    pub fix: &'static str,
    /// What the rule looks at.
    pub scope: Scope,
    /// What the rule is about.
    pub category: RuleCategory,
    /// How much a finding weighs unless configured otherwise.
    pub severity: Severity,
    /// The version that brought the rule; empty for a rule of the user's.
    pub since: &'static str,
    /// The fields that the rule reads.
    pub reads: &'static [Field],
    /// The fields without which the rule cannot run.
    pub needs: &'static [Field],
    /// The documentation of the rule, in Markdown with the fixed headings.
    pub doc: &'static str,
    /// The file that declares the rule.
    pub file: &'static str,
    /// What is known of a rule of the user's beside all that.
    pub own: Option<Own>,
}

impl RuleInfo {
    /// What a field is called where people read of the rule: by its name, or by the header's.
    pub fn name_of(&self, field: Field) -> &'static str {
        let others = self.own.as_ref().map(|own| own.others).unwrap_or_default();
        let other = others.iter().find(|(known, _)| *known == field);
        other.map_or(field.name(), |(_, name)| name)
    }
}
