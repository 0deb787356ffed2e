//! Where the lines of a batch lie in their input.

use crate::model::Batch;
use crate::model::batch::Place;

/// Where the lines of a batch lie in their input.
#[derive(Debug)]
pub(in crate::model) enum Places {
    /// One record after the other, one physical line each, one byte of text for each of the input.
    InARow(Place),
    /// One record after the other, of an input whose records do not lie in bytes side by side.
    Numbered(Place),
    /// Each for itself.
    Each(Vec<Place>),
}

impl Batch {
    /// Whether the lines so far lie one after the other.
    pub fn is_in_a_row(&self) -> bool {
        !matches!(self.places, Places::Each(_))
    }

    /// Gives every line a place of its own from here on: the next is not where it would be.
    pub fn break_row(&mut self) {
        if self.is_in_a_row() {
            let places = (0..self.len()).map(|row| self.place(row)).collect();
            self.places = Places::Each(places);
        }
    }

    /// Says where the next line lies, unless the lines lie one after the other.
    pub fn put_place(&mut self, place: Place) {
        if let Places::Each(places) = &mut self.places {
            places.push(place);
        }
    }

    /// Where line `row` lies in its input.
    #[inline]
    pub fn place(&self, row: usize) -> Place {
        let nowhere = Place { source: self.source, record: 0, line: 0, byte: 0 };
        match &self.places {
            Places::Each(places) => places.get(row).copied().unwrap_or(nowhere),
            Places::Numbered(Place { record, line, .. }) => {
                Place { record: record + row as u64, line: line + row as u64, ..nowhere }
            }
            Places::InARow(first) => {
                let start = self.starts.get(row).copied().unwrap_or_default();
                Place {
                    source: first.source,
                    record: first.record + row as u64,
                    line: first.line + row as u64,
                    byte: first.byte + u64::from(start),
                }
            }
        }
    }
}
