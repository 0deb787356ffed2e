//! How far a run has come, for whoever shows it. Workers add; nobody waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::input::Source;
use crate::input::unpack::Meter;

/// What was done so far. Every number may lag behind a little.
#[derive(Debug, Default)]
pub struct Counters {
    /// Bytes read; of packed inputs, as they lie there.
    pub bytes: AtomicU64,
    /// Service lines checked.
    pub lines: AtomicU64,
    /// Findings.
    pub findings: AtomicU64,
    /// Bytes that there are to read; 0 while that is not known.
    pub total_bytes: AtomicU64,
}

impl Counters {
    /// Says how many bytes there are to read, where that is known.
    pub fn set_total(&self, bytes: Option<u64>) {
        self.total_bytes.store(bytes.unwrap_or(0), Ordering::Relaxed);
    }

    /// Adds the work of one batch.
    pub fn add(&self, bytes: u64, lines: u64, findings: u64) {
        // Nothing is decided by these numbers: no order among them is needed.
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.lines.fetch_add(lines, Ordering::Relaxed);
        self.findings.fetch_add(findings, Ordering::Relaxed);
    }
}

/// How far an input has been read, in the bytes that its size is said in.
pub struct Far {
    packed: Option<Arc<Meter>>,
    told: u64,
}

impl Far {
    /// The beginning of an input.
    pub fn new(source: &Source) -> Far {
        Far { packed: source.packed().map(|packed| Arc::clone(&packed.meter)), told: 0 }
    }

    /// What the next `plain` bytes were as they lie there, about: unpacking is ahead.
    pub fn step(&mut self, plain: u64) -> u64 {
        let Some(meter) = &self.packed else { return plain };
        let before = std::mem::replace(&mut self.told, meter.bytes());
        self.told.saturating_sub(before)
    }
}
