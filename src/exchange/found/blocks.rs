//! Blocks: some hundred findings of one input, in order, that say what they share only once.

use std::io::Read;

use xxhash_rust::xxh3::xxh3_64;

use crate::error::{Error, Result};
use crate::exchange::found::{Before, FindingParts, Found, Order, Said, put};
use crate::exchange::wire::{Take, broken};

/// About how many bytes a block has. Small enough that blocks can be put together to slices of
/// any size, large enough that each message is there for many findings.
const BLOCK_BYTES: usize = 8 << 10;

/// How many messages are looked for; a power of two. A message that was pushed out by another is
/// written once more.
const MESSAGES: usize = 256;

/// The bytes of [`Bounds`] before each block.
const HEADER_BYTES: usize = 44;

/// What stands before a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Its bytes.
    bytes: u32,
    /// The order of its first finding.
    pub first: Order,
    /// The order of its last finding.
    pub last: Order,
}

impl Bounds {
    fn to_bytes(self) -> [u8; HEADER_BYTES] {
        let mut header = [0; HEADER_BYTES];
        let ((source, record, byte, rule), last) = (self.first, self.last);
        let bytes = self.bytes.to_le_bytes().into_iter().chain(source.to_le_bytes());
        let bytes = bytes.chain(record.to_le_bytes()).chain(byte.to_le_bytes());
        let bytes = bytes.chain(rule.to_le_bytes()).chain(last.1.to_le_bytes());
        let bytes = bytes.chain(last.2.to_le_bytes()).chain(last.3.to_le_bytes());
        header.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
        header
    }

    fn take(take: &mut Take<'_>) -> Result<Bounds> {
        let bytes = u32::from_le_bytes(array(take)?);
        let source = u32::from_le_bytes(array(take)?);
        let mut order = || -> Result<Order> {
            let (record, byte) =
                (u64::from_le_bytes(array(take)?), u64::from_le_bytes(array(take)?));
            Ok((source, record, byte, u16::from_le_bytes(array(take)?)))
        };
        Ok(Bounds { bytes, first: order()?, last: order()? })
    }
}

fn array<const N: usize>(take: &mut Take<'_>) -> Result<[u8; N]> {
    take.exactly(N)?.try_into().map_err(|_| broken())
}

/// A message of the block that is being written.
#[derive(Debug, Clone, Copy, Default)]
struct Message {
    hash: u64,
    /// Its number in the block.
    number: u64,
    /// Where it ends in the bytes, and its length. Zero in a slot that was not used yet.
    end: usize,
    length: usize,
}

/// Writes findings of one input, in order, into blocks.
#[derive(Debug)]
pub struct BlockWriter {
    bytes: Vec<u8>,
    /// Where the open block begins, its header included, and its orders so far.
    open: Option<(usize, Bounds)>,
    before: Before,
    messages: Vec<Message>,
    numbered: u64,
}

impl Default for BlockWriter {
    fn default() -> Self {
        let before = Before::in_source(0);
        Self { bytes: Vec::new(), open: None, before, messages: Vec::new(), numbered: 0 }
    }
}

impl BlockWriter {
    /// Appends a finding; it comes after all that were put before.
    pub fn put(&mut self, finding: &FindingParts<'_>) {
        let place = finding.place;
        let order = (place.source, place.record, place.byte, finding.rule.0);
        match &mut self.open {
            Some((_, bounds)) => bounds.last = order,
            None => {
                self.open =
                    Some((self.bytes.len(), Bounds { bytes: 0, first: order, last: order }));
                self.bytes.extend_from_slice(&[0; HEADER_BYTES]);
                self.before = Before::in_source(order.0);
                self.messages.clear();
                self.messages.resize(MESSAGES, Message::default());
                self.numbered = 0;
            }
        }
        let hash = xxh3_64(finding.message.as_bytes());
        let known = self.known(hash, finding.message);
        let end = put(finding, known, &mut self.before, &mut self.bytes);
        if known.is_none() {
            let message =
                Message { hash, number: self.numbered, end, length: finding.message.len() };
            let slot = self.messages.get_mut(hash as usize % MESSAGES);
            slot.into_iter().for_each(|slot| *slot = message);
            self.numbered += 1;
        }
        let start = self.open.map_or(0, |(start, _)| start);
        if self.bytes.len() - start >= BLOCK_BYTES {
            self.close();
        }
    }

    /// The number of a message that the block has already.
    fn known(&self, hash: u64, message: &str) -> Option<u64> {
        let slot = self.messages.get(hash as usize % MESSAGES)?;
        let is_it = slot.hash == hash && slot.end > 0;
        let written = self.bytes.get(slot.end.saturating_sub(slot.length)..slot.end);
        (is_it && written == Some(message.as_bytes())).then_some(slot.number)
    }

    fn close(&mut self) {
        let Some((start, mut bounds)) = self.open.take() else { return };
        bounds.bytes = (self.bytes.len() - start - HEADER_BYTES) as u32;
        if let Some(header) = self.bytes.get_mut(start..start + HEADER_BYTES) {
            header.copy_from_slice(&bounds.to_bytes());
        }
    }

    /// The blocks, one after the other.
    pub fn finish(mut self) -> Vec<u8> {
        self.close();
        self.bytes
    }
}

/// Reads blocks back as they were put, whole.
pub struct BlockReader<'r> {
    reader: Box<dyn Read + Send + 'r>,
    next: Option<Bounds>,
}

impl<'r> BlockReader<'r> {
    /// A reader of what [`BlockWriter::finish`] gave, one after the other.
    pub fn new(reader: Box<dyn Read + Send + 'r>) -> Result<Self> {
        let mut blocks = Self { reader, next: None };
        blocks.next = blocks.bounds()?;
        Ok(blocks)
    }

    /// The bounds of the next block; nothing at the end.
    pub fn peek(&self) -> Option<Bounds> {
        self.next
    }

    /// Appends the next block, if there is one.
    pub fn take(&mut self, into: &mut Vec<u8>) -> Result<()> {
        let Some(bounds) = self.next.take() else { return Ok(()) };
        into.extend_from_slice(&bounds.to_bytes());
        let read = (&mut self.reader).take(u64::from(bounds.bytes)).read_to_end(into);
        match read {
            Ok(got) if got == bounds.bytes as usize => {}
            Ok(_) => return Err(broken()),
            Err(error) => return Err(Error::read("temporary data", &error)),
        }
        self.next = self.bounds()?;
        Ok(())
    }

    fn bounds(&mut self) -> Result<Option<Bounds>> {
        let mut header = Vec::with_capacity(HEADER_BYTES);
        let read = (&mut self.reader).take(HEADER_BYTES as u64).read_to_end(&mut header);
        match read {
            Ok(0) => Ok(None),
            Ok(_) => Bounds::take(&mut Take(&header)).map(Some),
            Err(error) => Err(Error::read("temporary data", &error)),
        }
    }
}

/// The findings of blocks that stand one after the other.
pub struct InBlocks<'b> {
    rest: Take<'b>,
    block: Take<'b>,
    said: Said<'b>,
}

impl<'b> InBlocks<'b> {
    /// From the first finding on.
    pub fn new(blocks: &'b [u8]) -> Self {
        Self { rest: Take(blocks), block: Take(&[]), said: Said::nothing() }
    }

    /// The next finding; nothing at the end.
    pub fn take(&mut self) -> Result<Option<Found<'b>>> {
        if self.block.0.is_empty() {
            if self.rest.0.is_empty() {
                return Ok(None);
            }
            let bounds = Bounds::take(&mut self.rest)?;
            self.block = Take(self.rest.exactly(bounds.bytes as usize)?);
            self.said.forget(bounds.first.0);
        }
        self.said.take(&mut self.block).map(Some)
    }
}
