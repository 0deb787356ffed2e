//! Splits inputs by the library, into memory.

use std::fs;
use std::io::Write;
use std::sync::{Arc, Mutex};

use claimlint::config::settings::Settings;
use claimlint::input::source::Origin;
use claimlint::model::Finding;
use claimlint::pipeline::split::{Pair, SplitPlan, Targets};
use claimlint::pipeline::{self, Counters, Plan};
use claimlint::report::{Out, Sink, Summary};

use super::{Shape, registry};

/// A place to write to that can be looked at later.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What a run made of some inputs.
pub struct Ended {
    /// What is clean.
    pub clean: Vec<u8>,
    /// What is rejected.
    pub rejected: Vec<u8>,
    /// The 999 and the 277CA, of X12 inputs.
    pub acks: [Vec<u8>; 2],
    /// Every finding.
    pub findings: Vec<Finding>,
    /// The summary.
    pub summary: Summary,
}

/// Keeps every finding.
struct Keep<'k>(&'k mut Vec<Finding>);

impl Sink for Keep<'_> {
    fn finding(&mut self, finding: &Finding, _: &Summary) -> claimlint::error::Result<()> {
        self.0.push(finding.clone());
        Ok(())
    }

    fn finish(&mut self, _: &Summary) -> claimlint::error::Result<()> {
        Ok(())
    }
}

/// The longest record that is read in these tests, in bytes.
pub const RECORD_BYTES_MAX: usize = 300;

/// Splits some inputs into one pair of parts.
pub fn split(settings: Settings, inputs: &[Vec<u8>], shape: Shape, reasons: bool) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    let mut plan = Plan::without_inputs(settings, registry()).unwrap();
    plan.limits = shape.limits(RECORD_BYTES_MAX);
    plan.split = Some(SplitPlan { reasons, pairs: vec![(None, None)], acks: [None, None] });
    for (at, bytes) in inputs.iter().enumerate() {
        let path = folder.path().join(format!("{at}.txt"));
        fs::write(&path, bytes).unwrap();
        plan.inputs.push(Origin::Path(path));
    }
    let [clean, rejected] = [Kept::default(), Kept::default()];
    let out = |kept: &Kept| Some(Out::new("part", kept.clone()));
    let pairs = vec![Pair { clean: out(&clean), rejected: out(&rejected) }];
    let [sets, claims] = [Kept::default(), Kept::default()];
    let mut targets = Targets { pairs, sets: out(&sets), claims: out(&claims) };
    let mut findings = Vec::new();
    let mut sinks: Vec<Box<dyn Sink + '_>> = vec![Box::new(Keep(&mut findings))];
    let seen = Counters::default();
    let summary = pipeline::run_split(&plan, &mut sinks, &mut targets, &seen).unwrap();
    drop((sinks, targets));
    let taken = |kept: Kept| std::mem::take(&mut *kept.0.lock().unwrap());
    let acks = [taken(sets), taken(claims)];
    Ended { clean: taken(clean), rejected: taken(rejected), acks, findings, summary }
}
