//! Portions: what an input hands out one after the other, to be decoded in parallel.

use crate::input::chunk::Chunk;
use crate::input::x12::Claims;

/// Some whole records of an input, not yet decoded.
#[derive(Debug)]
pub enum Portion {
    /// Of delimited text.
    Text(Chunk),
    /// Of X12.
    X12(Claims),
}

impl Portion {
    /// Bytes that were read for it.
    pub fn bytes(&self) -> u64 {
        match self {
            Portion::Text(chunk) => chunk.text.len() as u64,
            Portion::X12(claims) => claims.bytes,
        }
    }
}
