//! How a report for people is drawn: colour and how many samples of each rule.

use crate::model::Severity;

/// The choices that shape a report for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether colours may be used.
    pub color: bool,
    /// How many findings of each rule are shown; all are counted.
    pub samples: u64,
}

/// What a colour is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// A severity, and what is at fault.
    Severity(Severity),
    /// What a reader's eye need not rest on.
    Dim,
}

impl Style {
    /// `text` in the colour for `ink`, where colours may be used.
    pub fn paint(self, ink: Ink, text: &str) -> String {
        if !self.color || text.is_empty() {
            return text.to_owned();
        }
        let code = match ink {
            Ink::Severity(Severity::Error) => "1;31",
            Ink::Severity(Severity::Warning) => "1;33",
            Ink::Severity(Severity::Info) => "1;34",
            Ink::Dim => "2",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_used_only_when_allowed() {
        let ink = Ink::Severity(Severity::Error);
        assert_eq!(Style { color: false, samples: 3 }.paint(ink, "error"), "error");
        assert_eq!(
            Style { color: true, samples: 3 }.paint(ink, "error"),
            "\u{1b}[1;31merror\u{1b}[0m"
        );
    }
}
