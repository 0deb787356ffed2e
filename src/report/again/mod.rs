//! A run directory read back: its summary and its findings, for rendering them again.

pub mod findings;
pub mod rules;
pub mod summary;

pub use findings::Findings;
pub use rules::Rules;
pub use summary::read;

use crate::model::Cents;

/// An amount as reports write it: `-5.00`. A sum may have more digits than any cell that is read.
fn cents(text: &str) -> Option<Cents> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.')?;
    let all = || whole.bytes().chain(fraction.bytes());
    if whole.is_empty() || fraction.len() != 2 || !all().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let cents = format!("{whole}{fraction}").parse::<i128>().ok()?;
    Some(Cents(if digits.len() < text.len() { -cents } else { cents }))
}
