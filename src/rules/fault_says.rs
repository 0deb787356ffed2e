//! What a fault says in words of the program, for the rules that repeat it.

use crate::model::{Fault, FaultDetail};

/// The words of a fault, or these others where it has none.
pub fn says(fault: &Fault, otherwise: &'static str) -> &'static str {
    match fault.detail {
        FaultDetail::Says(words) => words,
        _ => otherwise,
    }
}
