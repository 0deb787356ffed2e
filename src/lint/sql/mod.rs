//! Rules that a user writes in SQL: an expression over the fields of a line, or over the lines of a
//! claim, compiled when the configuration is loaded and evaluated column by column.

pub mod check;
#[cfg(feature = "polars")]
pub mod eval;
#[cfg(feature = "polars")]
pub mod frame;
pub mod kinds;
pub mod lexer;
pub mod like;
pub mod names;
pub mod program;
#[cfg(feature = "polars")]
pub mod run;
pub mod slots;
pub mod syntax;
pub mod table;
pub mod typed;
pub mod values;
#[cfg(feature = "polars")]
pub mod vector;
pub mod written;

pub use names::Names;
pub use program::Program;
pub use table::Table;
pub use written::{Mistake, SqlScope, Written};
