//! What an input says of itself once it was read: counts, and what a person should know.

use crate::input::chunks::Chunks;
use crate::input::source::{Body, Source};
use crate::input::x12;

impl Source {
    /// The counts of lines that only the reader knows: physical, header, blank, continuation. Of
    /// X12, these are segments: all, those around claims, none, and those of claims that are no
    /// service.
    pub fn line_counts(&self) -> (u64, u64, u64, u64) {
        match &self.body {
            Body::Text(chunks) => {
                let physical = chunks.physical_lines();
                (physical, self.header_lines, chunks.blank, chunks.continuation)
            }
            Body::X12(reader) => {
                let (segments, around, within) = reader.segment_counts();
                (segments, around, 0, within)
            }
            #[cfg(feature = "polars")]
            Body::Parquet(parquet) => (parquet.rows_read(), 0, 0, 0),
        }
    }

    /// What an input without service lines has instead.
    pub fn instead_of_lines(&self) -> String {
        let other = self.x12().and_then(x12::open::first_other);
        match (other, self.x12()) {
            (Some(kind), _) => format!("its X12 is a {kind} and no 837"),
            (None, Some(_)) => "there is no claim in the interchange".to_owned(),
            (None, None) => "there is nothing after the header".to_owned(),
        }
    }

    /// What a person should know of how the input ended.
    pub fn closing_notes(&self) -> Vec<String> {
        match &self.body {
            Body::Text(chunks) => self.notes_of_text(chunks),
            Body::X12(reader) => x12::open::closing_notes(reader),
            #[cfg(feature = "polars")]
            Body::Parquet(_) => Vec::new(),
        }
    }

    fn notes_of_text(&self, chunks: &Chunks) -> Vec<String> {
        let mut notes = Vec::new();
        if chunks.open_end() && !self.stopped_early() {
            notes.push("no line end after the last record; was the export cut off?".to_owned());
        }
        if self.packed().is_some_and(|packed| packed.meter.has_padding()) {
            notes.push("zeros after the packed data were passed over".to_owned());
        }
        let [feeds, pairs, returns] = chunks.line_end_kinds();
        if [feeds, pairs, returns].iter().filter(|count| **count > 0).count() > 1 {
            notes.push(format!("line ends are mixed: {feeds} LF, {pairs} CR LF, {returns} CR"));
        }
        notes
    }
}
