//! Where each key of a TOML text stands, and where in the text the words of a value are.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use crate::config::origin::Place;

/// The places of a text's keys, by dotted path; items of lists by number.
#[derive(Debug, Clone, Default)]
pub(in crate::config) struct Places {
    keys: BTreeMap<String, Place>,
    /// The bytes of texts, with their quotes.
    values: BTreeMap<String, Range<usize>>,
    text: String,
    /// The byte at which each line begins: a large file is not counted through for each key.
    lines: Vec<usize>,
}

impl Places {
    /// The places of a text; none of one that is no TOML.
    pub fn of(text: &str) -> Places {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        let lines = [0].into_iter().chain(ends).collect();
        let mut places = Places { text: text.to_owned(), lines, ..Places::default() };
        if let Ok(table) = DeTable::parse(text) {
            places.note_table(table.get_ref(), "");
        }
        places
    }

    /// The place of a key.
    pub fn get(&self, key: &str) -> Option<Place> {
        self.keys.get(key).copied()
    }

    /// The place of a byte of a text's `value`: in the text where that stands there as it is, else
    /// where it begins.
    pub fn within(&self, key: &str, value: &str, at: usize) -> Option<Place> {
        let span = self.values.get(key)?;
        let written = self.text.get(span.clone())?;
        let begin = match plain_from(written, value) {
            Some(begin) => {
                let at = (0..=at.min(value.len())).rev().find(|at| value.is_char_boundary(*at));
                begin + at.unwrap_or(0)
            }
            None => 0,
        };
        Some(self.place(span.start + begin))
    }

    fn place(&self, byte: usize) -> Place {
        let line = self.lines.partition_point(|start| *start <= byte);
        let start = self.lines.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let before = self.text.get(start..byte).unwrap_or_default();
        Place { line, column: before.chars().count() + 1 }
    }

    fn note_table(&mut self, table: &DeTable<'_>, above: &str) {
        for (key, value) in table {
            let path = match above {
                "" => key.get_ref().to_string(),
                above => format!("{above}.{}", key.get_ref()),
            };
            self.keys.insert(path.clone(), self.place(key.span().start));
            self.note_value(value.get_ref(), value.span(), &path);
        }
    }

    fn note_value(&mut self, value: &DeValue<'_>, span: Range<usize>, path: &str) {
        match value {
            DeValue::Table(table) => self.note_table(table, path),
            DeValue::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    let path = format!("{path}.{at}");
                    self.keys.insert(path.clone(), self.place(item.span().start));
                    self.note_value(item.get_ref(), item.span(), &path);
                }
            }
            DeValue::String(_) => drop(self.values.insert(path.to_owned(), span)),
            _ => {}
        }
    }
}

/// The byte of a written text, quotes and all, at which its value begins; nothing where an escape
/// or another line end makes the two differ.
fn plain_from(written: &str, value: &str) -> Option<usize> {
    let quotes = ["'''", "\"\"\"", "'", "\""].into_iter().find(|quotes| {
        written.len() >= 2 * quotes.len()
            && written.starts_with(*quotes)
            && written.ends_with(*quotes)
    })?;
    let inside = written.get(quotes.len()..written.len() - quotes.len())?;
    let first = match quotes.len() {
        3 if inside.starts_with("\r\n") => 2,
        3 if inside.starts_with('\n') => 1,
        _ => 0,
    };
    (inside.get(first..) == Some(value)).then_some(quotes.len() + first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_a_value_is_found_where_it_is_written_as_it_is() {
        let text = "[[rule]]\na = 'x ä y'\nb = '''\nfirst\n  second'''\nc = \"t\\tab\"\n\
                    [rule.d]\ne = \"\"\"one\"\"\"\n";
        let places = Places::of(text);
        let within = |key: &str, value: &str, at| {
            let place = places.within(key, value, at).unwrap();
            (place.line, place.column)
        };
        assert_eq!(within("rule.0.a", "x ä y", 0), (2, 6));
        assert_eq!(within("rule.0.a", "x ä y", 5), (2, 10));
        // In the middle of a character, and beyond the end.
        assert_eq!(within("rule.0.a", "x ä y", 3), (2, 8));
        assert_eq!(within("rule.0.a", "x ä y", 99), (2, 11));
        assert_eq!(within("rule.0.b", "first\n  second", 8), (5, 3));
        assert_eq!(within("rule.0.c", "t\tab", 2), (6, 5));
        assert_eq!(within("rule.0.d.e", "one", 1), (8, 9));
        assert_eq!(places.within("rule.0.f", "", 0), None);
        assert_eq!(places.get("rule.0.d.e"), Some(Place { line: 8, column: 1 }));
        for (at, _) in text.char_indices() {
            assert_eq!(places.place(at), Place::of(at, text));
        }
    }
}
