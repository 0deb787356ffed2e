//! How a report for people is drawn: colour and how many samples of each rule.

/// The choices that shape a report for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether colours may be used.
    pub color: bool,
    /// How many findings of each rule are shown; all are counted.
    pub samples: u64,
}
