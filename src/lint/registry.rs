//! All rules under one roof. It is handed the list and does not know it.

use crate::lint::Rule;
use crate::model::RuleId;

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
