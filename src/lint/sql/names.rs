//! What expressions may name beside the fields: columns of the user's exports and tables.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::lint::sql::Table;
use crate::model::Field;

/// What the expressions of a configuration may name beside the fields.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Columns of exports that no field stands for, by their header name as written; each has one
    /// of [`Field::OTHERS`].
    pub others: BTreeMap<String, Field>,
    /// The user's tables.
    pub tables: BTreeMap<String, Arc<Table>>,
}
