//! What excuses findings: waivers of the configuration, and the baseline of accepted findings.
//!
//! What is excused is no finding: it is in no report, no count of findings and no exit code. It is
//! counted apart, by rule, and its claim counts neither as clean nor as found. Waivers that apply
//! to a line travel with it as bits, above those of overrides.

use std::sync::Arc;

use glob::{MatchOptions, Pattern};

use crate::config::settings::Settings;
use crate::config::waivers::{Waiver, WaiverState};
use crate::error::{Error, Result};
use crate::exchange::found::FindingParts;
use crate::lint::Tally;
use crate::lint::policy::EXCEPTIONS_MAX;
use crate::model::cell::trim;
use crate::model::{Date, Field, Line, RuleId};
use crate::pipeline::context::rendering;
use crate::pipeline::exceptions::is_of_input;
use crate::pipeline::plan::Plan;
use crate::report::baseline::Baseline;
use crate::report::fingerprint;

/// More waivers in force than this have no bit to be remembered by.
pub const WAIVERS_MAX: usize = 32;

/// Why something is no finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excuse {
    /// Waivers, one bit each.
    Waived(u64),
    /// The baseline.
    Accepted,
}

impl Excuse {
    /// Counts it for the rule.
    pub fn count(self, rule: RuleId, tally: &mut Tally) {
        match self {
            Excuse::Waived(bits) => {
                tally.waivers |= bits;
                tally.rule_mut(rule).waived += 1;
            }
            Excuse::Accepted => tally.rule_mut(rule).accepted += 1,
        }
    }
}

/// What excuses findings of a run.
#[derive(Default)]
pub struct Excuses {
    waivers: Vec<InForce>,
    baseline: Option<Arc<Baseline>>,
}

/// A waiver that applies on the day of the run.
struct InForce {
    waiver: Waiver,
    files: Vec<Pattern>,
    fields: Vec<(Field, Vec<Pattern>)>,
}

impl Excuses {
    /// What the settings excuse, and what is to be said of waivers that do not apply.
    ///
    /// # Errors
    /// A waiver that lasts too long or is no pattern, a baseline that cannot be read.
    pub fn new(settings: &Settings) -> Result<(Excuses, Vec<String>)> {
        let (mut waivers, mut notes) = (Vec::new(), Vec::new());
        let day = settings.knowledge.as_of;
        for waiver in &settings.waivers {
            let Waiver { origin, granted, expires, .. } = waiver;
            let state = match day {
                Date::END => WaiverState::Expired(0),
                day => waiver.state(day)?,
            };
            let applies = match state {
                WaiverState::InForce(_) => true,
                WaiverState::NotYet(_) => {
                    let day = granted.map(|day| day.to_string()).unwrap_or_default();
                    notes.push(format!("{origin}: this waiver applies from {day} on, and not yet"));
                    false
                }
                WaiverState::Expired(_) => {
                    notes.push(format!("{origin}: this waiver expired after {expires}"));
                    false
                }
            };
            // What does not apply yet must be well-formed as well.
            let waiver = InForce::new(waiver)?;
            waivers.extend(applies.then_some(waiver));
        }
        if waivers.len() > WAIVERS_MAX {
            let most = format!("at most {WAIVERS_MAX} waivers can be in force at once");
            return Err(Error::settings(most)
                .with_help("join those of one reason: every key of match takes a list"));
        }
        let baseline = settings.baseline.as_ref().map(|path| Baseline::read(path)).transpose()?;
        Ok((Excuses { waivers, baseline: baseline.map(Arc::new) }, notes))
    }

    /// Each waiver with its bit.
    fn each(&self) -> impl Iterator<Item = (u64, &InForce)> {
        self.waivers.iter().enumerate().map(|(at, waiver)| (1 << (EXCEPTIONS_MAX + at), waiver))
    }

    /// The waivers that may apply in an input.
    pub fn of_input(&self, name: &str) -> u64 {
        let of = self.each().filter(|(_, waiver)| is_of_input(&waiver.files, name));
        of.fold(0, |all, (bit, _)| all | bit)
    }

    /// The waivers that apply to a line, of those that may apply in its input.
    #[inline]
    pub fn of_line(&self, line: Line<'_>, of_input: u64) -> u64 {
        if self.waivers.is_empty() {
            return 0;
        }
        let of = self.each().filter(|(bit, waiver)| of_input & bit != 0 && waiver.is_for(line));
        of.fold(0, |all, (bit, _)| all | bit)
    }

    /// The waivers, of these, that are about a rule.
    fn about(&self, rule: RuleId, bits: u64) -> u64 {
        let of = self.each().filter(|(bit, of)| bits & bit != 0 && of.waiver.rules.contains(&rule));
        of.fold(0, |all, (bit, _)| all | bit)
    }

    /// What excuses a finding of a line, if anything does: a waiver among `bits`, or the baseline,
    /// which is asked by `fingerprint`.
    #[inline]
    pub fn find(
        &self,
        rule: RuleId,
        bits: u64,
        fingerprint: impl FnOnce() -> Option<u128>,
    ) -> Option<Excuse> {
        let waived = if self.waivers.is_empty() { 0 } else { self.about(rule, bits) };
        if waived != 0 {
            return Some(Excuse::Waived(waived));
        }
        let baseline = self.baseline.as_ref()?;
        fingerprint().filter(|of| baseline.contains(*of)).map(|_| Excuse::Accepted)
    }

    /// What excuses a finding that is not about a line: a waiver that names nothing but inputs. The
    /// baseline accepts none: see [`fingerprint::number`].
    pub fn without_line(&self, rule: RuleId, of_input: u64) -> Option<Excuse> {
        let of = self.each().filter(|(_, waiver)| waiver.fields.is_empty());
        let bits = of.fold(0, |all, (bit, _)| all | bit) & of_input;
        let waived = self.about(rule, bits);
        (waived != 0).then_some(Excuse::Waived(waived))
    }

    /// What is to be said of the waivers that excused nothing.
    pub fn unused(&self, used: u64) -> Vec<String> {
        let unused = self.each().filter(|(bit, _)| used & bit == 0);
        let said = |of: &InForce| format!("{}: this waiver excused nothing", of.waiver.origin);
        unused.map(|(_, waiver)| said(waiver)).collect()
    }
}

impl Plan {
    /// What excuses a finding of a line to which these waivers apply, if anything does.
    pub fn excuse(&self, finding: &FindingParts<'_>, bits: u64) -> Option<Excuse> {
        self.excuses.find(finding.rule, bits, || {
            let FindingParts { claim_id, service_line, field, value, .. } = *finding;
            let code = self.registry.get(finding.rule)?.info.code;
            fingerprint::number(code, claim_id, service_line, field, value)
        })
    }
}

impl InForce {
    fn new(waiver: &Waiver) -> Result<InForce> {
        let pattern = |text: &String| {
            Pattern::new(text.trim()).map_err(|error| {
                waiver.origin.error(format_args!("match: not a glob: {}", error.msg))
            })
        };
        let patterns =
            |texts: &Vec<String>| texts.iter().map(pattern).collect::<Result<Vec<Pattern>>>();
        let fields = waiver.fields.iter().map(|(field, texts)| Ok((*field, patterns(texts)?)));
        Ok(InForce {
            files: patterns(&waiver.files)?,
            fields: fields.collect::<Result<_>>()?,
            waiver: waiver.clone(),
        })
    }

    /// Whether every field that it names is as it says.
    fn is_for(&self, line: Line<'_>) -> bool {
        self.fields.iter().all(|(field, patterns)| {
            let matches = |text: &[u8]| {
                let case_sensitive = *field == Field::ClaimId;
                let options = MatchOptions { case_sensitive, ..MatchOptions::default() };
                let text = std::str::from_utf8(text).unwrap_or_default();
                patterns.iter().any(|pattern| pattern.matches_with(text, options))
            };
            match field {
                Field::ClaimId => line.claim_id().is_some_and(matches),
                Field::RenderingNpi => rendering(line).is_some_and(matches),
                Field::ProcedureCode => match line.procedure().code() {
                    Some((code, _)) => matches(code.as_bytes()),
                    None => matches(trim(line.raw(Field::ProcedureCode))),
                },
                Field::Modifier1 => {
                    line.modifiers().as_slice().iter().any(|modifier| matches(modifier))
                }
                field => line.text(*field).is_some_and(matches),
            }
        })
    }
}
