//! How CII001 tells a Category II line what else is on its claim.

use crate::model::{Code, Group};
use crate::rules::category::companions::{EXEMPT, UNREADABLE};

/// A message names at most this many codes of a claim.
const CODES_NAMED_MAX: usize = 6;

/// What else there is beside a line with the code `own`, as a clause: the claim's other codes.
/// `name` is what the group is called.
pub fn tell(own: Code, group: &Group<'_>, name: &str) -> String {
    if group.lines <= 1 {
        return format!("it is {name}'s only line");
    }
    let others = group.codes.iter().filter(|(code, count)| *code != own || *count > 1);
    let others: Vec<Code> = others.map(|(code, _)| code).take(CODES_NAMED_MAX).collect();
    let named: Vec<&str> = others.iter().map(Code::as_str).collect();
    let alone = usize::from(group.codes.of(own) == 1);
    let more = (group.codes.len() - alone).saturating_sub(named.len());
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
