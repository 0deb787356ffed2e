//! The account of a run that is kept while it goes: what was read, and what came of it.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::input::Source;
use crate::input::x12::open::first_other;
use crate::model::Field;
use crate::pipeline::lines::Checked;
use crate::pipeline::plan::Plan;
use crate::report::summary::{LineCounts, PackedSummary, SourceSummary};

/// What is counted beside the tallies of the rules.
pub struct Account {
    /// The inputs, in the order given.
    pub sources: Vec<SourceSummary>,
    header_lines: Vec<u64>,
    bytes: Option<u64>,
    /// Records that were set aside and may be service lines.
    pub unreadable: u64,
    /// Those of them that no finding names.
    pub unnamed: u64,
    /// Claims.
    pub claims: u64,
    /// Claims without a finding.
    pub clean: u64,
    /// Claims with a finding, by rule.
    pub groups_by_rule: Vec<u64>,
    /// Whether any input has a column for the charge.
    pub has_charges: bool,
}

impl Account {
    /// An account of nothing yet.
    pub fn new(plan: &Plan) -> Account {
        Account {
            sources: Vec::new(),
            header_lines: Vec::new(),
            bytes: Some(0),
            unreadable: 0,
            unnamed: 0,
            claims: 0,
            clean: 0,
            groups_by_rule: vec![0; plan.registry.len()],
            has_charges: false,
        }
    }

    /// Opens the account of the next input, whose header was read.
    pub fn open(&mut self, plan: &Plan, source: &Source) {
        // How a column was chosen matters where something reads it.
        let layout = &source.layout;
        let chosen = layout.notes.iter().filter(|(field, _)| plan.read.contains(*field));
        let dates = layout.dates.iter().filter(|column| plan.read.contains(column.field));
        let dates = dates.filter(|column| column.is_notable());
        let dates = dates.map(|column| format!("{} is read as {}", column.field, column.told()));
        let mut notes = layout.layout_notes();
        notes.extend(layout.key_note());
        notes.extend(chosen.map(|(_, note)| note.clone()));
        notes.extend(dates);
        notes.dedup();
        self.sources.push(SourceSummary {
            name: source.name.clone(),
            delimiter: source.format.delimiter_name(),
            encoding: source.format.encoding_name().into(),
            mapping: source.layout.mapping(),
            others: source.layout.others(),
            not_mapped: layout.known.iter().flat_map(|known| known.not_mapped.clone()).collect(),
            notes,
            ..SourceSummary::default()
        });
        self.header_lines.push(source.preamble + 1);
        self.bytes = self.bytes.zip(source.size()).map(|(sum, size)| sum + size);
        self.has_charges |= source.layout.columns.contains_key(&Field::Charge);
    }

    /// The bytes of all inputs, where every one is a file.
    pub fn bytes_expected(&self) -> Option<u64> {
        self.bytes
    }

    /// The name of an input.
    pub fn name(&self, source: usize) -> &str {
        self.sources.get(source).map_or("", |source| source.name.as_str())
    }

    /// The physical line of an input's header.
    pub fn header_line(&self, source: usize) -> u64 {
        self.header_lines.get(source).copied().unwrap_or_default()
    }

    /// Counts the records of a chunk.
    pub fn add(&mut self, source: u32, checked: &Checked) {
        self.unreadable += checked.unreadable;
        self.unnamed += checked.unnamed;
        if let Some(source) = self.sources.get_mut(source as usize) {
            source.lines.checked += checked.tally.lines - checked.further;
            source.lines.rejected += checked.rejected;
            source.lines.left_out += checked.left_out;
            source.lines.further += checked.further;
        }
    }

    /// Counts the groups of a share: how many, and how many without a finding.
    pub fn add_groups(&mut self, are_claims: bool, (all, clean): (u64, u64), by_rule: &[u64]) {
        if are_claims {
            self.claims += all;
            self.clean += clean;
            self.groups_by_rule.iter_mut().zip(by_rule).for_each(|(sum, more)| *sum += more);
        }
    }

    /// Closes the account of an input that was read to its end.
    ///
    /// # Errors
    /// The input changed, its lines do not add up, or it has no service lines.
    pub fn close(&mut self, at: u32, source: &mut Source, allow_empty: bool) -> Result<()> {
        source.verify_unchanged()?;
        let Some(summary) = self.sources.get_mut(at as usize) else { return Ok(()) };
        let (physical, header, blank, continuation) = source.line_counts();
        summary.bytes = source.bytes_read();
        summary.sha256 = source.sha256()?;
        summary.controls = Arc::new(source.take_controls());
        summary.packed = source.packed().map(|packed| PackedSummary {
            how: packed.packing.name(),
            // How far ahead of the last record it was read depends on the size of buffers.
            bytes: (!source.stopped_early()).then(|| packed.meter.bytes()),
        });
        summary.lines = LineCounts {
            physical,
            header,
            preamble: source.preamble,
            blank,
            continuation,
            ..summary.lines
        };
        let left_out = summary.lines.left_out;
        let records = summary.lines.checked + summary.lines.rejected + left_out;
        if source.stopped_early() {
            summary.notes.push(format!("stopped after {records} records, as --limit-lines says"));
        }
        summary.notes.extend(source.closing_notes());
        if !summary.lines.adds_up() {
            return Err(Error::incomplete(format!(
                "{}: internal fault: the lines do not add up: {:?}",
                source.name, summary.lines
            )));
        }
        if records > 0 && records == left_out && !allow_empty {
            let why = "no service lines: the layout leaves every row out";
            let error = Error::input(why).in_place(&source.name);
            return Err(error.with_help("see `claimlint inspect`; or use --allow-empty"));
        }
        if records == 0 && !allow_empty {
            return Err(Error::input(format!(
                "{}: no service lines: {}",
                source.name,
                source.instead_of_lines()
            ))
            .with_help(match source.x12().and_then(first_other) {
                Some(_) => "claims come as X12 837: name the file that holds them",
                None => {
                    "an empty export is not a clean one; use --allow-empty where it is expected"
                }
            }));
        }
        Ok(())
    }
}
