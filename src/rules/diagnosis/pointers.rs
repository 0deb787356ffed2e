//! Diagnosis pointers: which of a claim's diagnoses a line is about.

/// A line points to at most this many diagnoses.
pub const POINTERS_MAX: usize = 4;

/// There are at most this many diagnoses to point to.
const DIAGNOSES_MAX: usize = 12;

/// The diagnoses that a line points to, counted from 1, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pointers {
    list: [u8; DIAGNOSES_MAX],
    len: usize,
}

impl Pointers {
    /// Reads a trimmed text: letters `A` to `L` (`A`, `AB`, `A,B`) or numbers 1 to 12 (`1`, `1:2`,
    /// `12`), not both. Digits without anything between them point to one diagnosis each, but 10
    /// and 11 are numbers, and so is 12 where the line `has_twelve` diagnoses.
    pub fn parse(text: &[u8], has_twelve: bool) -> Option<Pointers> {
        let mut pointers = Pointers::default();
        let is_between = |byte: &u8| b" ,:;/|^-".contains(byte);
        let is_letters = text.first()?.is_ascii_alphabetic();
        let mut parts = text.split(is_between).filter(|part| !part.is_empty()).peekable();
        let is_alone = text.iter().all(u8::is_ascii_digit);
        parts.peek()?;
        for part in parts {
            let is_one = match part {
                b"10" | b"11" => true,
                b"12" => !is_alone || has_twelve,
                part => !is_alone || part.len() == 1,
            };
            let is_read = match is_letters {
                true => part.iter().all(|byte| pointers.push(letter(*byte))),
                false if is_one => pointers.push(number(part)),
                false => part.iter().all(|byte| pointers.push(number(&[*byte]))),
            };
            if !is_read {
                return None;
            }
        }
        Some(pointers)
    }

    fn push(&mut self, diagnosis: Option<u8>) -> bool {
        let (Some(free), Some(diagnosis)) = (self.list.get_mut(self.len), diagnosis) else {
            return false;
        };
        *free = diagnosis;
        self.len += 1;
        true
    }

    /// The diagnoses.
    pub fn as_slice(&self) -> &[u8] {
        self.list.get(..self.len).unwrap_or_default()
    }

    /// Whether any diagnosis is pointed to twice.
    pub fn repeat(&self) -> bool {
        let all = self.as_slice();
        all.iter().enumerate().any(|(at, one)| all.iter().take(at).any(|before| before == one))
    }
}

fn letter(byte: u8) -> Option<u8> {
    let byte = byte.to_ascii_uppercase();
    (b'A'..=b'L').contains(&byte).then(|| byte - b'A' + 1)
}

fn number(text: &[u8]) -> Option<u8> {
    let text = match text {
        [b'0', digit] => std::slice::from_ref(digit),
        text => text,
    };
    let is_short = matches!(text.len(), 1 | 2) && text.iter().all(u8::is_ascii_digit);
    let value = text.iter().fold(0_u8, |value, byte| {
        value.saturating_mul(10).saturating_add(byte.saturating_sub(b'0'))
    });
    (is_short && (1..=DIAGNOSES_MAX as u8).contains(&value)).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_numbers_are_read_in_every_writing() {
        let table: [(&str, bool, &[u8]); 18] = [
            ("A", false, &[1]),
            ("l", false, &[12]),
            ("AB", false, &[1, 2]),
            ("A,B", false, &[1, 2]),
            ("a b c d", false, &[1, 2, 3, 4]),
            ("1", false, &[1]),
            ("1:2", false, &[1, 2]),
            ("1, 2", false, &[1, 2]),
            ("1/2", false, &[1, 2]),
            ("12", false, &[1, 2]),
            ("12", true, &[12]),
            ("1,12", false, &[1, 12]),
            ("01,02", false, &[1, 2]),
            ("1234", true, &[1, 2, 3, 4]),
            ("21", false, &[2, 1]),
            ("10", false, &[10]),
            ("11", false, &[11]),
            ("ABCDE", false, &[1, 2, 3, 4, 5]),
        ];
        for (text, has_twelve, want) in table {
            let pointers = Pointers::parse(text.as_bytes(), has_twelve);
            assert_eq!(pointers.unwrap_or_default().as_slice(), want, "{text}");
        }
    }

    #[test]
    fn what_points_nowhere_is_none() {
        for text in
            ["", ",", "M", "0", "13", "1,13", "2-Jan", "1-Dec", "A1", "1A", "1.0", "120", "é"]
        {
            let pointers = Pointers::parse(text.as_bytes(), false);
            let is_thirteen = text == "13";
            assert_eq!(pointers.is_some(), is_thirteen, "{text}");
        }
    }

    #[test]
    fn repeats_are_noticed() {
        let repeats = |text: &[u8]| Pointers::parse(text, false).is_some_and(|all| all.repeat());
        assert!(repeats(b"A,A") && repeats(b"1:2:1"));
        assert!(!repeats(b"A,B") && !repeats(b"11") && !repeats(b"1,11"));
    }
}
