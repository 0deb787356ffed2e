//! A table of the user's: a key, columns, and the days on which each row holds.

use std::collections::BTreeMap;

use crate::model::Date;

/// The rows of a table by their key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// The names of the columns beside the key and the days, in their order.
    pub columns: Vec<String>,
    /// Whether rows have days.
    pub is_dated: bool,
    /// The rows of each key (trimmed, as written), in the order of their days.
    pub rows: BTreeMap<String, Vec<TableRow>>,
}

/// A row of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableRow {
    /// The first and the last day on which it holds; nothing for an open end.
    pub days: (Option<Date>, Option<Date>),
    /// Its cells, by column; an empty one is missing.
    pub cells: Vec<String>,
}
