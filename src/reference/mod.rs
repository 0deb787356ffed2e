//! What is known of codes by date: editions of reference data, loaded once and then never changed.

pub mod kind;
pub mod rows;

use crate::model::Date;

pub use kind::Kind;
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

/// Everything that is known of codes by date.
#[derive(Debug, Default)]
pub struct Reference {}
