//! The run directory: all reports of a run in one folder, which is there whole or not at all.

pub mod directory;
pub mod lock;
pub mod record;

pub use directory::{RunDirectory, Written};
pub use record::RunRecord;
