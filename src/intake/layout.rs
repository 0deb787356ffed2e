//! What a layout is: how its rows begin, what one says, and how all of them are taken in.

use std::ops::ControlFlow;

use crate::intake::bytes::Content;
use crate::intake::table::{Form, Row, walk};

/// A row that was not taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotTaken {
    /// The number of its physical line, or of its row in the sheet; from 1.
    pub row: u64,
    /// Why, without what is written there.
    pub reason: String,
}

/// How a kind of file is laid out.
pub trait Layout {
    /// What a data row is turned into.
    type Taken;

    /// Whether a row has the shape of a data row. Damage may leave it without.
    fn fits(&self, row: &Row) -> bool;

    /// The number of the header's row; 0 where the layout has no header to go by.
    fn header(&self) -> u64 {
        0
    }

    /// Whether this is the first data row, of those after the header: the rows before it are
    /// titles. Below a header, it is the next one.
    fn begins(&self, row: &Row) -> bool {
        self.header() > 0 || self.fits(row)
    }

    /// What a row says; nothing where it only continues another. The error is why it cannot be
    /// taken in, without what is written there.
    fn take(&self, row: &Row) -> Result<Option<Self::Taken>, String>;
}

/// Takes in every row from the first data row on, and says which it could not.
pub fn collect<L: Layout>(
    content: &Content,
    form: Form,
    layout: &L,
) -> (Vec<L::Taken>, Vec<NotTaken>) {
    let (mut taken, mut not_taken, mut begun) = (Vec::new(), Vec::new(), false);
    walk(content, form, &mut |row| {
        if row.number <= layout.header() {
            return ControlFlow::Continue(());
        }
        let swallowed = swallowed(row, layout);
        begun = begun || swallowed.is_some() || layout.begins(row);
        if !begun || row.is_blank() {
            return ControlFlow::Continue(());
        }
        // A stray quote makes one row of many; none of them is known then.
        let said = match swallowed {
            Some(last) => Err(format!("a quoted cell has whole rows inside, up to line {last}")),
            None => layout.take(row),
        };
        match said {
            Ok(row) => taken.extend(row),
            Err(reason) => not_taken.push(NotTaken { row: row.number, reason }),
        }
        ControlFlow::Continue(())
    });
    (taken, not_taken)
}

/// The last line inside a row that has the shape of a data row itself.
fn swallowed<L: Layout>(row: &Row, layout: &L) -> Option<u64> {
    if !matches!(row.form, Form::Quoted(_)) {
        return None;
    }
    row.inner().filter(|inner| layout.fits(inner)).map(|inner| inner.number).last()
}
