//! How CII001 tells a Category II line what else is on its claim.

use std::collections::BTreeMap;

use crate::model::{Code, Group, KeptLine};
use crate::rules::category::companions::{EXEMPT, UNREADABLE};

/// A message names at most this many codes of a claim.
const CODES_NAMED_MAX: usize = 6;

/// The codes of the kept lines of a group, and how many lines have each.
#[derive(Debug)]
pub struct OtherCodes(BTreeMap<Code, usize>);

impl OtherCodes {
    /// Counts the codes of the kept lines.
    pub fn of(kept: &[KeptLine]) -> OtherCodes {
        let mut counts = BTreeMap::new();
        kept.iter().for_each(|line| *counts.entry(line.code).or_insert(0) += 1);
        OtherCodes(counts)
    }

    /// What else there is beside a line with the code `own`, as a clause: the claim's other codes.
    pub fn tell(&self, own: Code, group: &Group<'_>, name: &str) -> String {
        if group.lines <= 1 {
            return format!("it is {name}'s only line");
        }
        let others = self.0.iter().filter(|(code, count)| **code != own || **count > 1);
        let named: Vec<&str> =
            others.take(CODES_NAMED_MAX).map(|(code, _)| code.as_str()).collect();
        let alone = usize::from(self.0.get(&own) == Some(&1));
        let more = self.0.len() - alone - named.len();
        let mut parts = Vec::new();
        if !named.is_empty() {
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            parts.push(format!("{name}'s other codes: {}{more}", named.join(", ")));
        }
        if group.has(EXEMPT) {
            parts.push(format!("{name} has an exempt code"));
        }
        if group.has(UNREADABLE) {
            parts.push(format!("a line of {name} has no readable code"));
        }
        parts.join("; ")
    }
}
