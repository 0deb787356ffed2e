//! Buffers that go round: a chunk's memory is used again for a later chunk.
//!
//! Fresh memory costs a page fault for every 4 KiB; on a large file that is a third of the time
//! that the kernel spends.

use std::sync::{Arc, Mutex, PoisonError};

/// Spare buffers of one input, shared by its reader and the threads that check.
#[derive(Debug, Clone, Default)]
pub struct Pool(Arc<Mutex<Vec<Vec<u8>>>>);

impl Pool {
    /// An empty buffer, with memory if there is one to spare.
    pub fn take(&self) -> Vec<u8> {
        let mut spare = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        spare.pop().unwrap_or_default()
    }

    /// Gives a buffer back.
    pub fn give(&self, mut buffer: Vec<u8>) {
        buffer.clear();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
    }
}
