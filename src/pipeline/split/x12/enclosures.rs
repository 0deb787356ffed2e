//! What is open in a part: interchanges, groups, transaction sets.

use crate::error::Result;
use crate::pipeline::split::targets::Pair;

/// The parts, by number: clean and rejected.
pub const PARTS: [bool; 2] = [false, true];

/// An interchange for a part into which no claim went: a header, and a trailer that counts nothing.
#[derive(Debug, Clone, Default)]
pub struct Empty(pub [Option<Vec<u8>>; 2]);

impl Empty {
    /// Writes it to those parts that are empty.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(self, pair: &mut Pair<'_>) -> Result<()> {
        for (part, bytes) in PARTS.into_iter().zip(self.0) {
            if let (Some(out), Some(bytes)) = (pair.part(part), bytes) {
                out.bytes(&bytes)?;
            }
        }
        Ok(())
    }
}

/// Something that is opened by a header and closed by a trailer.
#[derive(Debug, Clone, Default)]
pub struct Enclosure {
    /// The header, until something in it is written.
    pub header: Vec<u8>,
    /// Whether the header is written.
    pub is_written: bool,
    /// What the trailer repeats.
    pub control: Vec<u8>,
    /// What stands in it.
    pub count: u64,
}

/// What is open in a part.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// The interchange.
    pub interchange: Option<Enclosure>,
    /// The group.
    pub group: Option<Enclosure>,
    /// The transaction set.
    pub set: Option<Enclosure>,
    /// The last HL01, and those of the open billing provider and subscriber.
    pub level: u64,
    /// See `level`.
    pub parents: [u64; 2],
}
