//! `LIKE`: `%` stands for any text, `_` for any one character, and a backslash takes their meaning
//! away.

/// A pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Like {
    parts: Vec<LikePart>,
    ignores_case: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LikePart {
    /// This byte.
    Byte(u8),
    /// One character.
    One,
    /// Any text.
    Any,
}

impl Like {
    /// Characters of a pattern. The time that one takes grows with its length, line by line.
    pub const CHARACTERS_MAX: usize = 500;

    /// A pattern as it is written; ASCII letters are compared without case if that is ignored.
    pub fn new(pattern: &str, ignores_case: bool) -> Like {
        let mut parts = Vec::new();
        let mut bytes = pattern.bytes();
        while let Some(byte) = bytes.next() {
            let part = match byte {
                b'%' => LikePart::Any,
                b'_' => LikePart::One,
                b'\\' => LikePart::Byte(bytes.next().unwrap_or(b'\\')),
                byte => LikePart::Byte(byte),
            };
            if part != LikePart::Any || parts.last() != Some(&LikePart::Any) {
                parts.push(part);
            }
        }
        if ignores_case {
            for part in &mut parts {
                if let LikePart::Byte(byte) = part {
                    byte.make_ascii_lowercase();
                }
            }
        }
        Like { parts, ignores_case }
    }

    /// Whether a text is like the pattern. The time is at most the product of both lengths: only
    /// the last `%` is ever gone back to.
    pub fn matches(&self, text: &[u8]) -> bool {
        let (mut part, mut at) = (0, 0);
        let mut back: Option<(usize, usize)> = None;
        loop {
            let stepped = match (self.parts.get(part), text.get(at)) {
                (None, None) => return true,
                (Some(LikePart::Any), _) => {
                    back = Some((part + 1, at));
                    part += 1;
                    continue;
                }
                (Some(LikePart::One), Some(first)) => Some(width(*first)),
                (Some(LikePart::Byte(byte)), Some(found)) if self.is(*byte, *found) => Some(1),
                _ => None,
            };
            if let Some(step) = stepped {
                (part, at) = (part + 1, at + step);
            } else if let Some((after, from)) = back
                && let Some(first) = text.get(from)
            {
                let from = from + width(*first);
                back = Some((after, from));
                (part, at) = (after, from);
            } else {
                return false;
            }
        }
    }

    fn is(&self, byte: u8, found: u8) -> bool {
        byte == if self.ignores_case { found.to_ascii_lowercase() } else { found }
    }
}

/// The bytes of a character that begins with this one.
fn width(first: u8) -> usize {
    match first {
        0xF0.. => 4,
        0xE0.. => 3,
        0xC0.. => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What LIKE means, said by a regular expression.
    fn slow(pattern: &str, text: &str, ignores_case: bool) -> bool {
        let mut wanted = String::from(if ignores_case { "(?is)^(?:" } else { "(?s)^(?:" });
        let mut chars = pattern.chars();
        while let Some(c) = chars.next() {
            match c {
                '%' => wanted.push_str(".*"),
                '_' => wanted.push('.'),
                '\\' => wanted.push_str(&regex::escape(&chars.next().unwrap_or('\\').to_string())),
                c => wanted.push_str(&regex::escape(&c.to_string())),
            }
        }
        wanted.push_str(")$");
        regex::Regex::new(&wanted).unwrap().is_match(text)
    }

    proptest! {
        #[test]
        fn it_is_what_a_regular_expression_says(
            pattern in "[abA%_\\\\é]{0,8}", text in "[abAé%]{0,8}", ignores_case: bool,
        ) {
            let like = Like::new(&pattern, ignores_case);
            prop_assert_eq!(like.matches(text.as_bytes()), slow(&pattern, &text, ignores_case));
        }
    }

    #[test]
    fn a_pattern_of_many_signs_takes_no_time() {
        let like = Like::new(&"%a".repeat(2_000), false);
        assert!(!like.matches(&b"b".repeat(10_000)));
    }
}
