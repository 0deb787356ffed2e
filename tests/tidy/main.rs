//! The rules of style that a test can hold. Each failure says what to do about it.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test may fail by panicking"
)]

mod fixtures;
mod floors;
mod lists;
mod sizes;
mod source;
mod words;

/// Fails with all complaints at once: who has broken a rule thrice wants to know it in one run.
#[track_caller]
fn none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n\n{}\n", complaints.join("\n"));
}
