//! What a run rejects, as it comes to be known.

use crate::error::Result;
use crate::exchange::units::Units;
use crate::pipeline::judged::{Judged, Rejects};
use crate::pipeline::plan::Plan;

/// Rejected claims, and rejected records that belong to none.
pub struct Rejected {
    /// All of them, in any order.
    pub units: Units,
    /// How many claims.
    pub claims: u64,
    /// Lines of these claims.
    pub lines: u64,
}

impl Rejected {
    /// Nothing yet.
    pub fn new(plan: &Plan) -> Self {
        let units = Units::new(plan.limits.sort_bytes, &plan.temp_dir);
        Self { units, claims: 0, lines: 0 }
    }

    /// Takes what some groups left behind.
    pub fn put(&mut self, judged: &mut Judged) -> Result<()> {
        let Rejects { units, claims, lines } = std::mem::take(&mut *judged.rejected);
        self.claims += claims;
        self.lines += lines;
        self.units.put(&units)
    }
}
