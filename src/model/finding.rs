//! A finding, complete as the reports get it, and the collector that rules report into.

use std::fmt::{self, Write as _};

use crate::model::batch::Place;
use crate::model::cell::trim;
use crate::model::{Cents, Code, Date, Field, Line, RuleId, Severity};

/// Another line that a finding speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// Where it lies.
    pub place: Place,
    /// The value there that matters; never one of a private field.
    pub value: String,
}

/// The cells of a line's key columns, in the order of [`Snippet::FIELDS`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Snippet(pub [String; Snippet::FIELDS.len()]);

impl Snippet {
    /// The columns that a report shows of a line. None of them is private.
    pub const FIELDS: [Field; 7] = [
        Field::ClaimId,
        Field::ServiceLine,
        Field::ServiceDate,
        Field::ProcedureCode,
        Field::Modifier1,
        Field::Units,
        Field::Charge,
    ];

    /// The key columns of a line; the modifiers are joined into one cell.
    pub fn of(line: Line<'_>) -> Snippet {
        Snippet(Self::FIELDS.map(|field| match field {
            Field::Modifier1 => {
                let filled = Field::MODIFIERS.into_iter().filter(|f| line.text(*f).is_some());
                let shown = filled.map(|field| line.shown(field));
                let all: Vec<String> =
                    shown.map(|cell| String::from_utf8_lossy(trim(&cell)).into_owned()).collect();
                all.join(" ")
            }
            field => String::from_utf8_lossy(&line.shown(field)).into_owned(),
        }))
    }
}

/// Whose line it is and when: what a report may count findings by. `T` is a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Context<T> {
    /// The payer as written.
    pub payer: Option<T>,
    /// The rendering provider as written, or the billing provider where no other is named.
    pub rendering: Option<T>,
    /// The first day of service.
    pub day: Option<Date>,
}

impl<T> Context<T> {
    /// The same with other texts.
    pub fn map<U>(self, mut text: impl FnMut(T) -> U) -> Context<U> {
        let Context { payer, rendering, day } = self;
        Context { payer: payer.map(&mut text), rendering: rendering.map(&mut text), day }
    }
}

impl Context<String> {
    /// The same, with the texts where they are.
    pub fn as_view(&self) -> Context<&str> {
        let Context { payer, rendering, day } = self;
        Context { payer: payer.as_deref(), rendering: rendering.as_deref(), day: *day }
    }
}

/// One finding, with everything that a report may say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule that found it.
    pub rule: RuleId,
    /// How much it weighs here.
    pub severity: Severity,
    /// Where it is. The record is 0 for a finding about a whole input.
    pub place: Place,
    /// The claim number, where there is one.
    pub claim_id: Option<String>,
    /// The number of the service line, where there is one.
    pub service_line: Option<String>,
    /// The field that is at fault.
    pub field: Option<Field>,
    /// The cell as it stands in the input; never one of a private field.
    pub value: Option<String>,
    /// What is wrong, in one clause.
    pub message: String,
    /// The value that should stand there, when exactly one can be meant.
    pub suggestion: Option<String>,
    /// Other lines that the finding speaks of.
    pub related: Vec<Related>,
    /// The amount billed for the line, where it can be read.
    pub amount: Option<Cents>,
    /// Whose line it is and when; empty where no report asks.
    pub context: Context<String>,
    /// The line's key columns, for findings that a report may show in full.
    pub snippet: Option<Snippet>,
}

/// Another line that a finding speaks of, its value still where it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RelatedView<'a> {
    /// Where it lies.
    pub place: Place,
    /// The value there that matters; never one of a private field.
    pub value: &'a str,
}

/// A finding whose texts are still where they were found: what a run has millions of. The fields
/// are those of [`Finding`], without the key columns.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "each field is that of `Finding`, where it is described")]
pub struct FindingView<'a> {
    pub rule: RuleId,
    pub severity: Severity,
    pub place: Place,
    pub claim_id: Option<&'a str>,
    pub service_line: Option<&'a str>,
    pub field: Option<Field>,
    pub value: Option<&'a str>,
    pub message: &'a str,
    pub suggestion: Option<&'a str>,
    pub related: Vec<RelatedView<'a>>,
    pub amount: Option<Cents>,
    pub context: Context<&'a str>,
}

impl FindingView<'_> {
    /// The finding on its own, without the key columns.
    pub fn to_finding(&self) -> Finding {
        let related = self.related.iter();
        Finding {
            rule: self.rule,
            severity: self.severity,
            place: self.place,
            claim_id: self.claim_id.map(str::to_owned),
            service_line: self.service_line.map(str::to_owned),
            field: self.field,
            value: self.value.map(str::to_owned),
            message: self.message.to_owned(),
            suggestion: self.suggestion.map(str::to_owned),
            related: related
                .map(|other| Related { place: other.place, value: other.value.to_owned() })
                .collect(),
            amount: self.amount,
            context: self.context.map(str::to_owned),
            snippet: None,
        }
    }
}

impl Finding {
    /// The finding as it is seen by what renders many.
    pub fn view(&self) -> FindingView<'_> {
        let related = self.related.iter();
        FindingView {
            rule: self.rule,
            severity: self.severity,
            place: self.place,
            claim_id: self.claim_id.as_deref(),
            service_line: self.service_line.as_deref(),
            field: self.field,
            value: self.value.as_deref(),
            message: &self.message,
            suggestion: self.suggestion.as_deref(),
            related: related
                .map(|other| RelatedView { place: other.place, value: &other.value })
                .collect(),
            amount: self.amount,
            context: self.context.as_view(),
        }
    }
}

/// A finding as a rule reports it: what is wrong, at which of the things it was shown.
#[derive(Debug, Clone)]
pub struct Reported {
    /// The rule.
    pub rule: RuleId,
    /// The line of the batch, the kept line of the group, the fault, or the input.
    pub at: usize,
    /// The field that is at fault.
    pub field: Option<Field>,
    /// The value that should stand there.
    pub suggestion: Option<Code>,
    /// Other lines that the finding speaks of.
    pub related: Vec<Related>,
    message: (usize, usize),
}

/// Why a rule that is about a line could not judge it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// The cell of this field is missing or malformed.
    Lacks(Field),
    /// No reference data of this kind (its place in the list of kinds) covers the day.
    NotCovered(u8, Date),
}

/// A line that a rule is about and could not judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// The line of the batch.
    pub at: usize,
    /// Why.
    pub why: Why,
    /// The rule.
    pub rule: RuleId,
}

/// Collects what rules report. One for each batch or partition; messages share one buffer.
#[derive(Debug, Default)]
pub struct Findings {
    rule: Option<RuleId>,
    reported: Vec<Reported>,
    messages: String,
    judged: u64,
    left_out: Vec<LeftOut>,
}

impl Findings {
    /// From here on, findings and judgements are those of `rule`. Returns the number of lines
    /// judged since the last call.
    pub fn begin(&mut self, rule: RuleId) -> u64 {
        self.rule = Some(rule);
        std::mem::take(&mut self.judged)
    }

    /// Counts one line as looked at by the rule; the share of hits is of these.
    #[inline]
    pub fn judge(&mut self) {
        self.judged += 1;
    }

    /// Counts lines that were looked at together.
    pub fn judge_many(&mut self, lines: u64) {
        self.judged += lines;
    }

    /// Says that the rule is about item `at` of what it was shown and cannot judge it.
    #[inline]
    pub fn leave_out(&mut self, at: usize, why: Why) {
        let rule = self.rule.unwrap_or(RuleId(u16::MAX));
        self.left_out.push(LeftOut { at, why, rule });
    }

    /// What was left out so far, in the order of the rules.
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// The number of lines judged since [`Findings::begin`].
    pub fn judged(&self) -> u64 {
        self.judged
    }

    /// Reports a finding at item `at` of what the rule was shown.
    pub fn report(
        &mut self,
        at: usize,
        field: Option<Field>,
        message: fmt::Arguments<'_>,
    ) -> &mut Reported {
        let start = self.messages.len();
        match message.as_str() {
            Some(text) => self.messages.push_str(text),
            // Writing into a String cannot fail.
            None => drop(self.messages.write_fmt(message)),
        }
        let message = (start, self.messages.len());
        let rule = self.rule.unwrap_or(RuleId(u16::MAX));
        let reported = Reported { rule, at, field, suggestion: None, related: Vec::new(), message };
        // `push` and `last_mut` in one: the new entry is returned for its optional parts.
        self.reported.push(reported);
        let last = self.reported.len() - 1;
        #[allow(clippy::indexing_slicing, reason = "the entry was pushed one line above")]
        &mut self.reported[last]
    }

    /// What was reported so far, in the order of reporting.
    pub fn reported(&self) -> &[Reported] {
        &self.reported
    }

    /// The message of a report of this collector.
    pub fn message(&self, reported: &Reported) -> &str {
        self.messages.get(reported.message.0..reported.message.1).unwrap_or_default()
    }

    /// Forgets everything, keeping the memory.
    pub fn clear(&mut self) {
        self.reported.clear();
        self.messages.clear();
        self.left_out.clear();
        self.judged = 0;
    }

    /// Puts the reports into the order of the things they are about, then of the rules.
    pub fn sort(&mut self) {
        self.reported.sort_by_key(|reported| (reported.at, reported.rule));
    }
}
