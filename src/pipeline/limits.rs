//! Every bound of the program, with its unit. The memory limit sets most of them.

use crate::input;

/// Bytes of a record; a longer one is set aside.
pub const RECORD_BYTES_MAX: usize = 2 << 20;

/// Bytes of the window that zstd data may ask for, if the memory limit is not lower: as much as
/// `zstd` itself unpacks without being asked.
pub const WINDOW_BYTES_MAX: u64 = 128 << 20;

/// Service lines of a batch: enough that a virtual call for each rule and batch costs nothing.
pub const BATCH_LINES_MAX: usize = 16_384;

/// Chunks between being read and being done with, for each thread.
pub const CHUNKS_AHEAD_PER_THREAD: usize = 4;

/// Slices of findings that are rendered together, for each thread.
pub const WAVE_SLICES_PER_THREAD: usize = 2;

/// How large things may get in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The pieces of an input.
    pub input: input::Limits,
    /// Worker threads.
    pub threads: usize,
    /// Rows of claims held in memory, in bytes; past it they go to a temporary file.
    pub exchange_bytes: usize,
    /// Lines that are compared, held in memory, in bytes; past it they go to a temporary file.
    pub pool_bytes: usize,
    /// What is known at once of the groups of a partition, in bytes; past it they are split. Past
    /// it, kept lines are judged where their findings can be put away at once.
    pub partition_bytes: u64,
    /// Findings of lines held in memory, in bytes; past it they go to a temporary file.
    pub spool_bytes: usize,
    /// Findings of claims held in memory, in bytes; past it they are sorted in runs on disk.
    pub sort_bytes: usize,
    /// Rejected claims that are looked up at once when inputs are split, in bytes; past it the
    /// inputs are read once more for each so many.
    pub split_bytes: usize,
    /// Encoded findings that are rendered at once, in bytes; as text they are about ten times
    /// as many.
    pub slice_bytes: usize,
}

impl Limits {
    /// Bounds for a number of threads that together keep to a limit of memory in bytes, apart
    /// from a constant for each thread.
    pub fn new(threads: usize, memory_limit: u64) -> Limits {
        let threads = threads.max(1);
        let memory = usize::try_from(memory_limit).unwrap_or(usize::MAX);
        // A chunk in work has its cells beside it, and what was found in it waits for its turn.
        let chunks = threads * CHUNKS_AHEAD_PER_THREAD * 4;
        Limits {
            input: input::Limits {
                chunk_bytes: (memory / 2 / chunks).clamp(1 << 14, 1 << 18),
                batch_lines_max: BATCH_LINES_MAX,
                record_bytes_max: RECORD_BYTES_MAX,
                window_bytes_max: WINDOW_BYTES_MAX.min(memory_limit),
            },
            threads,
            exchange_bytes: memory / 10,
            pool_bytes: memory / 4,
            // Each thread has a partition in hand while what it made of the last one is taken.
            partition_bytes: (memory / 64 / threads).max(1 << 16) as u64,
            spool_bytes: (memory / 16).min(16 << 20),
            sort_bytes: memory / 16,
            split_bytes: memory / 4,
            slice_bytes: (memory / 256 / threads).clamp(1 << 10, 1 << 16),
        }
    }
}
