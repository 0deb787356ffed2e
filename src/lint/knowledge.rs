//! The data that rules share: code ranges by section, and the words that cells are read with.

use std::sync::Arc;

use crate::model::{Code, Date, Vocabulary};
use crate::reference::Reference;

/// A named part of a code category, as ranges of code numbers, both ends inclusive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What the part is called.
    pub name: String,
    /// Its ranges.
    pub ranges: Vec<(u32, u32)>,
}

/// The sections of one code category. A code in several belongs to the narrowest range.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sections(pub Vec<Section>);

impl Sections {
    /// The section that `code` lies in.
    pub fn of(&self, code: Code) -> Option<&str> {
        let number = code.number();
        let holding = self.0.iter().flat_map(|section| {
            let ranges =
                section.ranges.iter().filter(|(first, last)| (*first..=*last).contains(&number));
            ranges.map(move |(first, last)| (last - first, section.name.as_str()))
        });
        holding.min_by_key(|(width, _)| *width).map(|(_, name)| name)
    }

    /// Whether `code` lies in any section.
    #[inline]
    pub fn contain(&self, code: Code) -> bool {
        let number = code.number();
        let mut ranges = self.0.iter().flat_map(|section| &section.ranges);
        ranges.any(|(first, last)| (*first..=*last).contains(&number))
    }
}

/// What rules know beside the data they check: read from `rules/`, overlaid by the configuration.
#[derive(Debug, Clone)]
pub struct Knowledge {
    /// The sections of CPT Category I.
    pub category_one: Sections,
    /// The sections of CPT Category II.
    pub category_two: Sections,
    /// Words for "no value" and known modifiers.
    pub vocabulary: Arc<Vocabulary>,
    /// Lower-case beginnings of lines that are totals or page marks.
    pub footers: Vec<String>,
    /// What is known of codes by date.
    pub reference: Arc<Reference>,
    /// The day that the run is made for: a service on a later day is in the future.
    pub as_of: Date,
}
