//! What a run was made from, for a page: inputs, how they were read, and reference data.

use crate::report::Summary;
use crate::report::escape::{counted, cut, digits, size};
use crate::report::html::examples::{CELL_COLUMNS, NAME_COLUMNS};
use crate::report::summary::{EditionUsed, SourceSummary};

/// How many inputs are shown with all there is to say of them, and how many by name and size.
const INPUTS_MAX: usize = 12;
const NAMES_MAX: usize = 200;

/// How many columns of a field, editions, and files of an edition are shown.
const COLUMNS_MAX: usize = 4;
const EDITIONS_MAX: usize = 60;
const FILES_MAX: usize = 8;

/// What a run was made from.
pub struct Provenance {
    pub inputs: Vec<Input>,
    pub names: Vec<InputName>,
    pub names_beyond: usize,
    pub editions: Vec<Edition>,
    pub editions_beyond: usize,
    pub as_of: Option<String>,
}

/// An input.
pub struct Input {
    pub name: String,
    pub facts: Vec<Fact>,
    pub mapping: Vec<Fact>,
}

/// An input of which there is no more room to tell.
pub struct InputName {
    pub name: String,
    pub bytes: String,
    pub lines: String,
}

/// Something and what it is.
pub struct Fact {
    pub name: &'static str,
    pub value: String,
}

/// An edition of reference data.
pub struct Edition {
    pub kind: &'static str,
    pub name: String,
    pub covers: String,
    pub files: Vec<String>,
    pub files_beyond: usize,
}

impl Provenance {
    /// What a run was made from.
    pub fn of(summary: &Summary) -> Self {
        let sources = &summary.sources;
        let named = sources.iter().skip(INPUTS_MAX).take(NAMES_MAX);
        Self {
            inputs: sources.iter().take(INPUTS_MAX).map(input).collect(),
            names: named.map(name).collect(),
            names_beyond: sources.len().saturating_sub(INPUTS_MAX + NAMES_MAX),
            editions: summary.editions.iter().take(EDITIONS_MAX).map(edition).collect(),
            editions_beyond: summary.editions.len().saturating_sub(EDITIONS_MAX),
            as_of: summary.as_of.map(|day| day.to_string()),
        }
    }
}

fn input(source: &SourceSummary) -> Input {
    let fact = |name, value| Fact { name, value };
    let bytes = format!("{} ({})", size(source.bytes), counted(source.bytes, "byte"));
    let mut facts = vec![fact("size", bytes)];
    if let Some(packed) = source.packed {
        let lying =
            packed.bytes.map_or_else(String::new, |bytes| format!(", {} packed", size(bytes)));
        facts.push(fact("packed", format!("{}{lying}", packed.how)));
    }
    let form = match source.delimiter.as_str() {
        _ if !source.controls.is_empty() => "X12".to_owned(),
        "" => String::new(),
        delimiter => format!("{}-delimited", cut(delimiter, CELL_COLUMNS)),
    };
    if !form.is_empty() {
        facts.push(fact("form", form));
    }
    facts.push(fact("encoding", source.encoding.to_string()));
    facts.push(fact("lines", lines(source)));
    facts.extend(source.sha256.as_ref().map(|sum| fact("SHA-256", cut(sum, 64))));
    let columns = |names: &[String]| {
        let shown: Vec<_> = names.iter().take(COLUMNS_MAX).map(|n| cut(n, CELL_COLUMNS)).collect();
        let more = names.len().saturating_sub(COLUMNS_MAX);
        let more =
            if more > 0 { format!(" and {} more", digits(more as u64)) } else { String::new() };
        format!("{}{more}", shown.join(", "))
    };
    let mapping = source.mapping.iter().map(|(field, names)| fact(field.name(), columns(names)));
    Input { name: cut(&source.name, NAME_COLUMNS), facts, mapping: mapping.collect() }
}

fn lines(source: &SourceSummary) -> String {
    let mut said = format!("{} checked", digits(source.lines.services()));
    if source.lines.rejected > 0 {
        said.push_str(&format!(", {} set aside", digits(source.lines.rejected)));
    }
    said
}

fn name(source: &SourceSummary) -> InputName {
    InputName {
        name: cut(&source.name, NAME_COLUMNS),
        bytes: size(source.bytes),
        lines: lines(source),
    }
}

fn edition(edition: &EditionUsed) -> Edition {
    let (from, to) = edition.covers;
    Edition {
        kind: edition.kind.name(),
        name: cut(&edition.name, NAME_COLUMNS),
        covers: format!("{from} to {to}"),
        files: edition.sha256.iter().take(FILES_MAX).map(|sum| cut(sum, 64)).collect(),
        files_beyond: edition.sha256.len().saturating_sub(FILES_MAX),
    }
}
