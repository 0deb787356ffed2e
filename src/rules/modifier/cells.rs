//! What the rules for modifiers share: the cells that modifiers stand in, and their names.

use crate::model::modifiers::text;
use crate::model::{Field, Findings, Line, Modifier, Modifiers};

/// The modifiers that say why a measure was not met: reasons for an exclusion, and 8P for none.
pub const PERFORMANCE: [Modifier; 4] = [*b"1P", *b"2P", *b"3P", *b"8P"];

/// The cell in which the modifier at `index` of the line's modifiers stands.
#[cold]
pub fn cell_of(line: Line<'_>, index: usize) -> Field {
    let malformed = line.modifiers().malformed;
    let mut before = 0;
    for (at, field) in Field::MODIFIERS.into_iter().enumerate() {
        let Some(cell) = line.text(field).filter(|_| malformed & (1 << at) == 0) else { continue };
        let mut own = Modifiers::default();
        // The cell was read already: its pairs are modifiers.
        own.read(0, cell, |_| true);
        before += own.as_slice().len();
        if index < before {
            return field;
        }
    }
    Field::Modifier1
}

/// The cell of the last modifier that `is` picks.
#[cold]
pub fn cell_of_last(line: Line<'_>, is: impl Fn(&Modifier) -> bool) -> Field {
    let last = line.modifiers().as_slice().iter().rposition(is);
    cell_of(line, last.unwrap_or_default())
}

/// `25`, `25 and 59`, `25, 59 and LT`: those modifiers that `is` picks, each once.
#[cold]
pub fn names(modifiers: &Modifiers, is: impl Fn(&Modifier) -> bool) -> String {
    let all = modifiers.as_slice();
    let first = |at: usize, one: &Modifier| !all.iter().take(at).any(|before| before == one);
    let picked = all.iter().enumerate().filter(|(at, one)| is(one) && first(*at, one));
    listed(&picked.map(|(_, one)| text(one).to_owned()).collect::<Vec<_>>())
}

/// Judges a line with modifiers. Where it has `one` and any of `others`, gives back the cell of the
/// last of those, and their names.
#[inline]
pub fn beside(
    line: Line<'_>,
    one: &Modifier,
    others: &[Modifier],
    out: &mut Findings,
) -> Option<(Field, String)> {
    let modifiers = line.modifiers();
    if modifiers.is_empty() {
        return None;
    }
    out.judge();
    let is_beside = modifiers.has(one) && modifiers.has_any(others);
    let is = |modifier: &Modifier| others.contains(modifier);
    is_beside.then(|| (cell_of_last(line, is), names(&modifiers, is)))
}

/// Texts as a sentence lists them.
pub fn listed(texts: &[String]) -> String {
    match texts {
        [] => String::new(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}

/// `modifier` or `modifiers`, to stand before what [`listed`] or [`names`] gives.
pub fn noun(listed: &str) -> &'static str {
    if listed.contains(" and ") { "modifiers" } else { "modifier" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modifiers_are_named_once_as_a_sentence_has_them() {
        let mut modifiers = Modifiers::default();
        modifiers.read(0, b"25,59,25,LT", |_| true);
        assert_eq!(names(&modifiers, |_| true), "25, 59 and LT");
        assert_eq!(names(&modifiers, |one| one == b"25"), "25");
        assert_eq!(names(&modifiers, |one| one != b"25"), "59 and LT");
        assert_eq!(names(&modifiers, |_| false), "");
    }
}
