//! Buffers that go round: the memory of a chunk is used again for a later one.
//!
//! Fresh memory costs a page fault for every 4 KiB; on a large file that is a third of the time
//! that the kernel spends.

use std::sync::{Arc, Mutex, PoisonError};

/// Spare buffers of one kind, shared by the threads that fill and empty them.
#[derive(Debug)]
pub struct Pool<T>(Arc<Mutex<Vec<T>>>);

impl<T> Clone for Pool<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for Pool<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T: Default> Pool<T> {
    /// A spare buffer as it was given back, or a new one.
    pub fn take(&self) -> T {
        let mut spare = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        spare.pop().unwrap_or_default()
    }

    /// Gives a buffer back, emptied.
    pub fn give(&self, buffer: T) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
    }
}
