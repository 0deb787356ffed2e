//! Acknowledgements of X12 claims, as X12: 999 for each transaction set, 277CA for each claim.

pub mod claims;
pub mod sets;
pub mod writer;

pub use claims::ClaimAcks;
pub use sets::SetAcks;
pub use writer::{Acknowledgement, Group, Interchange};
