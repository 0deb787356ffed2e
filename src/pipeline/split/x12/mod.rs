//! X12 837 split by claim: two files of interchanges whose envelopes and hierarchies are their own.
//!
//! First the input is read to decide: which claims are rejected, and so which levels of the
//! hierarchy and which transaction sets each part needs. Then it is read to be written.

mod answers;
mod closing;
mod enclosures;
mod planner;
mod segments;
mod verdicts;
mod writer;

pub use enclosures::Empty;
pub use planner::Planner;
pub use verdicts::Verdicts;
pub use writer::Writer;
