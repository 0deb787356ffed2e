//! Portions into batches, whatever the input is written in.

use std::sync::Arc;

use crate::input::chunk::Chunk;
use crate::input::decode::Decoder;
use crate::input::pool::Pool;
use crate::input::portion::Portion;
use crate::input::source::{Format, Source};
use crate::input::x12::{Claims, X12Decoder};
use crate::model::{Batch, FieldSet, Vocabulary};

/// Turns the portions of one input into batches; the same for all threads.
pub enum Decoding {
    /// Of delimited text; and where the memory of chunks is given back to.
    Text(Box<Decoder>, Pool<Chunk>),
    /// Of X12; and where the memory of portions is given back to.
    X12(Box<X12Decoder>, Pool<Claims>),
}

impl Decoding {
    /// For the input with this number, and rules that read the fields in `read`.
    pub fn new(
        source: &Source,
        at: u32,
        read: FieldSet,
        vocabulary: Arc<Vocabulary>,
        footers: Vec<String>,
    ) -> Decoding {
        match &source.format {
            Format::Text(dialect) => {
                let marks = dialect.marks;
                let decoder = Decoder::new(at, marks, &source.layout, read, vocabulary, footers);
                Decoding::Text(Box::new(decoder), source.pool())
            }
            Format::X12(..) => {
                let decoder = X12Decoder::new(at, read, vocabulary);
                Decoding::X12(Box::new(decoder), source.claims_pool())
            }
        }
    }

    /// A batch to decode into.
    pub fn batch(&self) -> Batch {
        match self {
            Decoding::Text(decoder, _) => decoder.batch(),
            Decoding::X12(decoder, _) => decoder.batch(),
        }
    }

    /// Puts the service lines of a portion, and the records that are none, into a batch of this
    /// decoding, in place of what it held.
    pub fn decode(&self, portion: &mut Portion, batch: &mut Batch) {
        match (self, portion) {
            (Decoding::Text(decoder, _), Portion::Text(chunk)) => decoder.decode(chunk, batch),
            (Decoding::X12(decoder, _), Portion::X12(claims)) => decoder.decode(claims, batch),
            _ => debug_assert!(false, "a portion of another input"),
        }
    }

    /// Gives back the memory of a portion that was decoded into `batch`, whose text is gone
    /// afterwards.
    pub fn give_back(&self, portion: Portion, batch: &mut Batch) {
        match (self, portion) {
            (Decoding::Text(_, chunks), Portion::Text(mut chunk)) => {
                std::mem::swap(&mut batch.text, &mut chunk.text);
                chunk.clear();
                chunks.give(chunk);
            }
            (Decoding::X12(_, spare), Portion::X12(mut claims)) => {
                claims.clear();
                spare.give(claims);
            }
            _ => debug_assert!(false, "a portion of another input"),
        }
    }
}
