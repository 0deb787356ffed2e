//! One bit for each record: whether it is known to be rejected.

use std::io::Read;

use crate::error::{Error, Result};
use crate::exchange::spool::Spool;
use crate::input::portion::Portion;
use crate::input::{Chunk, Source};

/// The bits of the records of a chunk, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bits(pub Vec<u8>);

impl Bits {
    /// Whether the bit of a record is set.
    pub fn get(&self, at: usize) -> bool {
        self.0.get(at / 8).is_some_and(|byte| byte & (1 << (at % 8)) != 0)
    }

    /// Sets the bit of a record.
    pub fn set(&mut self, at: usize) {
        self.0.get_mut(at / 8).into_iter().for_each(|byte| *byte |= 1 << (at % 8));
    }
}

/// Gives the bits of chunks back in their order.
pub struct Reader<'r>(Option<Box<dyn Read + Send + 'r>>);

impl<'r> Reader<'r> {
    /// Of bits that were put chunk by chunk; without any, none is set.
    pub fn new(bits: Option<&'r Spool>) -> Result<Reader<'r>> {
        bits.map(Spool::read).transpose().map(Reader)
    }

    /// The next chunk of an input of delimited text, with its bits.
    pub fn with_next_chunk(&mut self, source: &mut Source) -> Result<Option<(Chunk, Bits)>> {
        match source.next_portion()? {
            Some(Portion::Text(chunk)) => {
                let bits = self.bits(chunk.records.len())?;
                Ok(Some((chunk, bits)))
            }
            _ => Ok(None),
        }
    }

    /// The next portion of an input of X12, with the bits of its claims.
    pub fn with_next_claims(&mut self, source: &mut Source) -> Result<Option<(Portion, Bits)>> {
        match source.next_portion()? {
            Some(Portion::X12(claims)) => {
                let bits = self.bits(claims.claims.len())?;
                Ok(Some((Portion::X12(claims), bits)))
            }
            _ => Ok(None),
        }
    }

    fn bits(&mut self, count: usize) -> Result<Bits> {
        let mut bits = Bits(vec![0; count.div_ceil(8)]);
        if let Some(reader) = &mut self.0 {
            let read = reader.read_exact(&mut bits.0);
            read.map_err(|error| Error::read("temporary data", &error))?;
        }
        Ok(bits)
    }
}
