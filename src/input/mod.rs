//! Bytes into service lines: first exact record ends, one after the other; then cells, in parallel.
//!
//! Where a record ends is never guessed. [`scan`] finds it by looking at every byte once, and
//! leaves what is not plain to [`split`]; [`chunks`] cuts the stream at such ends; everything after
//! ([`decode`]) can happen anywhere, in any order.

pub mod account;
pub mod bytes;
pub mod chunk;
pub mod chunks;
pub mod count;
pub mod cut;
pub mod dates;
pub mod decode;
pub mod decoding;
pub mod digits;
pub mod fields;
pub mod format;
pub mod hashed;
pub mod header;
pub mod layout;
pub mod layouts;
pub mod masks;
pub mod opened;
pub mod packed;
#[cfg(feature = "polars")]
pub mod parquet;
pub mod pool;
pub mod portion;
pub mod recognised;
pub mod records;
pub mod reshape;
pub mod rows;
pub mod scan;
pub mod settings;
pub mod source;
pub mod split;
pub mod swallowed;
pub mod twice;
pub mod unpack;
pub mod x12;

pub use chunk::Chunk;
pub use chunks::Chunks;
pub use decoding::Decoding;
pub use header::Dialect;
pub use layout::Layout;
pub use portion::Portion;
pub use settings::{Encoding, InputSettings};
pub use source::{Format, Limits, Source};
