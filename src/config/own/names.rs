//! Columns that rules name by their header: which there are, before anything is compiled.

use std::collections::BTreeMap;

use crate::config::origin::Origin;
use crate::error::Result;
use crate::lint::sql::slots::Slot;
use crate::model::Field;
use crate::model::field::normalize;

/// The columns that rules name by their header, in the order of their first appearance.
#[derive(Debug, Default)]
pub struct Columns {
    /// Each name as it is written somewhere. Two that differ in case or punctuation only are one
    /// column.
    pub fields: BTreeMap<String, Field>,
    /// Each column by the name that came first.
    pub headers: Vec<(Field, String)>,
}

impl Columns {
    /// Takes note of a name. That of a field, or of what is derived from fields, is theirs, quoted
    /// or not.
    ///
    /// # Errors
    /// A name that no header can have, or one too many.
    pub fn note(&mut self, name: &str, origin: &Origin) -> Result<()> {
        let is_derived = Slot::derived().any(|(derived, _)| derived == name);
        if is_derived || Field::from_name(name).is_some() || self.fields.contains_key(name) {
            return Ok(());
        }
        let wanted = normalize(name);
        if wanted.is_empty() {
            return Err(origin
                .error(format_args!("a column is called \"{name}\", which no header is"))
                .with_help("double quotes name a column by its header; a text has single ones"));
        }
        let known = self.headers.iter().find(|(_, header)| normalize(header) == wanted);
        let field = match (known, Field::OTHERS.get(self.headers.len())) {
            (Some((field, _)), _) => *field,
            (None, Some(field)) => {
                self.headers.push((*field, name.to_owned()));
                *field
            }
            (None, None) => {
                let most = Field::OTHERS.len();
                return Err(origin
                    .error(format_args!("rules name more than {most} columns by their header"))
                    .with_help("name columns that a field stands for by the field's name"));
            }
        };
        self.fields.insert(name.to_owned(), field);
        Ok(())
    }
}

/// The quoted names in an expression with the byte of each: `"Referring NPI"`, and not what stands
/// in a text or a comment.
pub fn quoted(expression: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    walk(expression, 0, false, &mut found);
    found
}

/// The same for a message, where expressions stand in braces.
pub fn quoted_in_message(message: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = message.get(at..).and_then(|rest| rest.find('{')).map(|open| at + open) {
        at = match message.get(open + 1..) {
            // A doubled brace is one that is meant.
            Some(rest) if rest.starts_with('{') => open + 2,
            _ => walk(message, open + 1, true, &mut found),
        };
    }
    found
}

/// Walks over an expression from a byte on, to its end or to its closing brace. Returns where it
/// stopped.
fn walk(text: &str, from: usize, in_braces: bool, found: &mut Vec<(usize, String)>) -> usize {
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(byte) = bytes.get(at) {
        match (byte, bytes.get(at + 1)) {
            (b'}', _) if in_braces => return at + 1,
            (b'\'' | b'"', _) => {
                // One that is never closed ends with the text: compiling says what is wrong.
                let Some(end) = closing_quote(bytes, at) else { return text.len() };
                if let (b'"', Some(name)) = (byte, text.get(at + 1..end)) {
                    found.push((at, name.replace("\"\"", "\"")));
                }
                at = end + 1;
            }
            (b'-', Some(b'-')) => {
                let rest = bytes.get(at..).unwrap_or_default();
                at += rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
            }
            _ => at += 1,
        }
    }
    text.len()
}

/// The quote that closes the one at `at`; a doubled quote is one that is meant.
fn closing_quote(bytes: &[u8], at: usize) -> Option<usize> {
    let quote = bytes.get(at)?;
    let mut next = at + 1;
    while let Some(byte) = bytes.get(next) {
        match byte == quote {
            true if bytes.get(next + 1) == Some(quote) => next += 2,
            true => return Some(next),
            false => next += 1,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names(expression: &str) -> Vec<String> {
        quoted(expression).into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn quoted_names_are_found_outside_texts_and_comments() {
        assert_eq!(quoted("a = 'x' AND \"Ref NPI\" = ''"), [(12, "Ref NPI".to_owned())]);
        assert_eq!(names("x = 'it''s \"no\"' OR \"a \"\"b\"\"\" = 1"), ["a \"b\""]);
        assert_eq!(names("-- \"no\" '\n\"yes\" = \"Über\""), ["yes", "Über"]);
        assert_eq!(names("a - \"b\" / \"c\""), ["b", "c"]);
        assert_eq!(names("units = 1"), [""; 0]);
        // What is never closed is for the compiler to say; nothing runs away.
        for text in ["'", "\"", "\"a", "-- \"c\"", "''", "'\"", "é\""] {
            assert_eq!(names(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn in_a_message_expressions_stand_in_braces() {
        let message = "says \"so\" of {\"A B\"} and {{\"C\"}} but {'}' || \"D\"} \"E\" {";
        let names: Vec<String> =
            quoted_in_message(message).into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["A B", "D"]);
    }

    #[test]
    fn columns_are_numbered_as_they_appear() {
        let mut columns = Columns::default();
        let origin = Origin::named("x");
        for name in ["Referring NPI", "units", "class", "REFERRING_NPI", "Batch"] {
            columns.note(name, &origin).unwrap();
        }
        let fields: Vec<(&str, Field)> =
            columns.fields.iter().map(|(name, field)| (name.as_str(), *field)).collect();
        let [first, second] = [Field::Other1, Field::Other2];
        assert_eq!(fields, [("Batch", second), ("REFERRING_NPI", first), ("Referring NPI", first)]);
        assert_eq!(columns.headers.len(), 2);
        assert!(columns.note(" - ", &origin).is_err());
        for at in 2..16 {
            columns.note(&format!("c{at}"), &origin).unwrap();
        }
        let error = columns.note("c16", &origin).unwrap_err();
        assert_eq!(error.message(), "x: rules name more than 16 columns by their header");
    }

    proptest! {
        #[test]
        fn any_text_is_walked_to_its_end(text in "[\"'{}a\n\u{e4} -]{0,40}") {
            for (at, name) in quoted(&text).into_iter().chain(quoted_in_message(&text)) {
                let rest = text.get(at..).unwrap();
                prop_assert!(rest.starts_with('"'));
                prop_assert!(rest.contains(&name.replace('"', "\"\"")));
            }
        }
    }
}
