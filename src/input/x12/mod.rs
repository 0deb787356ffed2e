//! X12 837 claims: segments and their separators, what they stand in, and what they say.

pub mod columns;
pub mod decode;
pub mod ends;
pub mod envelope;
pub mod loops;
pub mod open;
pub mod portion;
pub mod reader;
pub mod says;
pub mod segments;
pub mod values;
pub mod walk;

pub use decode::X12Decoder;
pub use portion::Claims;
pub use reader::Reader;
pub use segments::Separators;
