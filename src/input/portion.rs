//! Portions: what an input hands out one after the other, to be decoded in parallel.

use crate::input::chunk::Chunk;

/// Some whole records of an input, not yet decoded.
#[derive(Debug)]
pub enum Portion {
    /// Of delimited text.
    Text(Chunk),
}

impl Portion {
    /// Bytes that were read for it.
    pub fn bytes(&self) -> u64 {
        match self {
            Portion::Text(chunk) => chunk.text.len() as u64,
        }
    }
}
