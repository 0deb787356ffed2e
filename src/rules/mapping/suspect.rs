//! What a mapping alarm looks at: a rule, or rules that one wrong column sets off in turn.

use crate::lint::Tally;
use crate::lint::tally::RuleTally;
use crate::model::{Field, RuleCategory, RuleId, RuleInfo, Scope};

/// Rules that are looked at together, and what they hit in an input.
pub struct Suspect {
    /// The rules that hit anything.
    pub rules: Vec<RuleId>,
    /// What they looked at and hit, together.
    pub counts: RuleTally,
    /// What they look at in one go.
    pub scope: Scope,
    /// The field whose column is to blame.
    pub needs: Option<Field>,
}

impl Suspect {
    /// The suspects of an input: the format rules as one, every other rule for itself.
    pub fn all(tally: &Tally, rules: &[&RuleInfo]) -> Vec<Suspect> {
        let mut suspects: Vec<Suspect> = Vec::new();
        let mut formats: Option<usize> = None;
        for (id, info) in (0_u16..).map(RuleId).zip(rules) {
            let counts = tally.rule(id);
            let is_format = info.category == RuleCategory::CodeFormat;
            match formats.filter(|_| is_format).and_then(|at| suspects.get_mut(at)) {
                Some(together) => together.add(id, counts),
                None => {
                    formats = if is_format { Some(suspects.len()) } else { formats };
                    let needs = info.needs.first().copied();
                    let mut alone = Suspect { rules: Vec::new(), scope: info.scope, needs, counts };
                    alone.rules.extend((counts.found > 0).then_some(id));
                    suspects.push(alone);
                }
            }
        }
        suspects
    }

    /// A line has at most one defect of format, so the hits add up.
    fn add(&mut self, id: RuleId, counts: RuleTally) {
        self.counts.judged = self.counts.judged.max(counts.judged);
        self.counts.found += counts.found;
        self.rules.extend((counts.found > 0).then_some(id));
    }
}
