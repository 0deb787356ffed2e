//! Columns whose values polars decodes, those of a slab at once.

use crate::input::parquet::arrays::{self, Pieces, Values};
use crate::input::parquet::delta;
use crate::input::parquet::lazy::Lazy;
use crate::input::parquet::schema::{Leaf, Meaning};
use crate::input::parquet::short::{SHORT_BYTES_MAX, UNWRITTEN, View, is_plain, short};
use crate::model::{FaultDetail, FaultKind};

/// A column of a slab.
#[derive(Debug)]
pub struct ValueColumn {
    leaf: Leaf,
    /// Whether any page is written as differences.
    is_delta: bool,
    rows: usize,
    lazy: Lazy<Pieces, Decoded>,
}

/// The values of a column, and which of them cannot stand in a line.
#[derive(Debug)]
pub struct Decoded {
    /// The values.
    pub values: Values,
    /// What they mean.
    pub meaning: Meaning,
    /// The rows whose text is none, and why, in their order.
    odd: Vec<(usize, FaultKind, FaultDetail)>,
    /// The views of the texts, where they are not those of the values.
    views: Option<Vec<View>>,
}

impl ValueColumn {
    /// So many rows of a column, and the pages that they are in.
    pub fn new(leaf: Leaf, is_delta: bool, pieces: Pieces, rows: usize) -> ValueColumn {
        ValueColumn { leaf, is_delta, rows, lazy: Lazy::new(pieces) }
    }

    /// Decodes it, unless a thread has begun to.
    pub fn prepare(&self, bytes_max: usize) {
        if self.lazy.begin() {
            self.decoded(bytes_max);
        }
    }

    /// The values of a column; nothing where they are damaged. Texts of more bytes than
    /// `bytes_max` are odd.
    pub fn decoded(&self, bytes_max: usize) -> Option<&Decoded> {
        self.lazy.get(|pieces| {
            if self.is_delta && !delta::is_sound(&pieces, &self.leaf) {
                return None;
            }
            let values = arrays::decode(pieces, &self.leaf, self.rows)?;
            Some(Decoded::of(values, self.leaf.meaning, bytes_max))
        })
    }
}

impl Decoded {
    fn of(values: Values, meaning: Meaning, bytes_max: usize) -> Decoded {
        let views = values.views(meaning);
        let mut decoded = Decoded { values, meaning, odd: Vec::new(), views };
        if meaning == Meaning::Text {
            decoded.odd = odd(&decoded, bytes_max);
        }
        decoded
    }

    /// The view of the text of each row; none where texts are written one by one.
    pub fn views(&self) -> &[View] {
        match (&self.views, self.meaning) {
            (Some(views), _) => views,
            (None, Meaning::Text) => self.values.own_views(),
            (None, _) => &[],
        }
    }

    /// The text of a row that has no short one, where it need not be written.
    #[inline]
    pub fn long(&self, view: Option<&View>) -> Option<&[u8]> {
        let view = view.filter(|view| view.length != UNWRITTEN.length)?;
        if self.meaning == Meaning::Text { self.values.long(view) } else { None }
    }

    /// Writes the text of a row; nothing where it has no value.
    pub fn put(&self, row: usize, text: &mut Vec<u8>) {
        self.values.write(row, self.meaning, text);
    }

    /// The rows among these whose text is none, and why, in their order.
    pub fn odd(&self, from: usize, count: usize) -> &[(usize, FaultKind, FaultDetail)] {
        let begin = self.odd.partition_point(|(row, ..)| *row < from);
        let end = self.odd.partition_point(|(row, ..)| *row < from + count);
        self.odd.get(begin..end).unwrap_or_default()
    }
}

/// The rows whose text cannot stand in a line.
fn odd(decoded: &Decoded, bytes_max: usize) -> Vec<(usize, FaultKind, FaultDetail)> {
    let values = &decoded.values;
    let views = decoded.views();
    let is_long_plain = values.is_plain();
    let fault = |row: usize| {
        match views.get(row).map(short) {
            Some(Some((length, text))) if is_plain(length, text) && length <= bytes_max => {
                return None;
            }
            _ => {}
        }
        let bytes = values.bytes(row)?;
        if bytes.len() > bytes_max {
            return Some((row, FaultKind::TooLong, FaultDetail::Limit(bytes_max as u64)));
        }
        if is_long_plain && bytes.len() > SHORT_BYTES_MAX {
            return None;
        }
        if bytes.contains(&0) {
            return Some((row, FaultKind::NulByte, FaultDetail::None));
        }
        let is_text = std::str::from_utf8(bytes).is_ok();
        (!is_text).then_some((row, FaultKind::InvalidEncoding, FaultDetail::None))
    };
    (0..values.rows()).filter_map(fault).collect()
}
