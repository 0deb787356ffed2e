//! All rules under one roof. It is handed the list and does not know it.

use crate::lint::Rule;
use crate::model::RuleId;

/// How many rules there may be: a line remembers in one bit each what was found in it.
pub const RULES_MAX: usize = 126;

/// The rules there are, sorted by code; a [`RuleId`] is a place in this list.
#[derive(Debug, Clone, Copy)]
pub struct Registry {
    rules: &'static [&'static Rule],
}

impl Registry {
    /// A registry over a list that is sorted by code, each code once.
    pub fn new(rules: &'static [&'static Rule]) -> Self {
        debug_assert!(rules.is_sorted_by(|a, b| a.info.code < b.info.code));
        Self { rules }
    }

    /// The same rules, and `further` ones. The list is never given back: rules live as long as the
    /// program.
    #[must_use]
    pub fn with(&self, further: Vec<&'static Rule>) -> Self {
        let mut rules = self.rules.to_vec();
        rules.extend(further);
        rules.sort_by_key(|rule| rule.info.code);
        Self::new(rules.leak())
    }

    /// Every rule with its id, in the order of the codes.
    pub fn iter(&self) -> impl Iterator<Item = (RuleId, &'static Rule)> + Clone + use<> {
        (0_u16..).map(RuleId).zip(self.rules.iter().copied())
    }

    /// How many rules there are.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The rule with this id.
    pub fn get(&self, id: RuleId) -> Option<&'static Rule> {
        self.rules.get(usize::from(id.0)).copied()
    }

    /// The rule with this code or name, compared without case.
    pub fn find(&self, code_or_name: &str) -> Option<(RuleId, &'static Rule)> {
        self.iter().find(|(_, rule)| {
            rule.info.code.eq_ignore_ascii_case(code_or_name)
                || rule.info.name.eq_ignore_ascii_case(code_or_name)
        })
    }
}
