//! What is known of codes by date: editions of reference data, loaded once and then never changed.
//!
//! An edition is compiled by [`store::write`], and a [`Reference`] is what a run knows. It chooses
//! the edition for each question by the date of service: of those that cover the day the newest.

mod compile;
mod container;
pub mod difference;
pub mod edits;
pub mod info;
mod keys;
pub mod kind;
pub mod loaded;
pub mod pairs;
pub mod rows;
pub mod store;
mod table;
mod term;
#[cfg(test)]
mod tests;
mod timeline;

use crate::model::Date;

pub use edits::{AddOn, AddOnAnswer, LimitAnswer, LimitSetting};
pub use info::EditionInfo;
pub use kind::Kind;
pub use loaded::Reference;
pub use pairs::{PairAnswer, PairsOn, Setting};
pub use rows::Edition;

/// What reference data says of a code on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The code is in force.
    Active,
    /// The code comes into force on a later day.
    NotYet(Date),
    /// The code was in force, and this was its last day.
    Ended(Date),
    /// No list that covers the code's class and the day has the code.
    Unknown,
    /// No list covers the code's class and the day: nobody is accused.
    NotCovered,
}

/// What reference data says of a diagnosis code on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiagnosisAnswer {
    /// The code is in force and may be billed.
    Billable,
    /// The code is a header: codes with more characters say what it leaves open.
    Header,
    /// The code comes into force on a later day.
    NotYet(Date),
    /// The code was in force, and this was its last day.
    Ended(Date),
    /// No list that covers the day has the code.
    Unknown,
    /// No list covers the day: nobody is accused.
    NotCovered,
}
