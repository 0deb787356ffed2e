//! Whose line a finding is about and when, for the runs in which a report says it.

use crate::model::{Context, Field, Line};
use crate::pipeline::plan::Plan;

/// What it is read from.
pub const FIELDS: [Field; 4] =
    [Field::Payer, Field::RenderingNpi, Field::BillingNpi, Field::ServiceDate];

impl Plan {
    /// Whose line it is and when; empty where no report says it.
    pub fn context_of<'l>(&self, line: Line<'l>) -> Context<&'l [u8]> {
        if !self.says_context {
            return Context::default();
        }
        let (payer, day) = (line.text(Field::Payer), line.service_date().value());
        Context { payer, rendering: rendering(line), day }
    }
}

/// The rendering provider, or the billing provider where no other is named (X12 837: loop 2310B is
/// left out where the billing provider renders the service).
pub fn rendering(line: Line<'_>) -> Option<&[u8]> {
    line.text(Field::RenderingNpi).or_else(|| line.text(Field::BillingNpi))
}
