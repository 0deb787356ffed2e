//! `claimlint inspect`: how an export is read, without checking it.

use std::fmt::Write as _;
use std::path::Path;

use crate::cli::args::InspectArgs;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::{amounts, flags, streams};
use crate::config::Layer;
use crate::error::{Error, Result};
use crate::input::layout::REQUIRED;
use crate::input::source::Origin;
use crate::input::x12::{self, Reader};
use crate::input::{Decoding, Format, InputSettings, Source};
use crate::lint::registry::Registry;
use crate::model::masking::shape;
use crate::model::{Batch, Field, FieldSet};
use crate::pipeline::Limits;
use crate::pipeline::plan::rules_that_cannot_run;
use crate::report::escape::visible;

/// Shows how an export is read.
pub fn inspect(args: &InspectArgs, context: &Context) -> Result<Exit> {
    let loaded = context.load(flags::input_layer(&args.flags)?)?;
    let settings = loaded.settings;
    let origin = match args.input.as_str() {
        "-" => Origin::Stdin,
        path => Origin::Path(path.into()),
    };
    let mut source = open(&origin, &settings.input)?;
    let batch = first_lines(&mut source, &settings)?;
    let mut text = String::new();
    // Writing into a String cannot fail.
    let _ = describe(&mut text, &source, &batch);
    let _ = cannot_run(&mut text, &source, &loaded.registry);
    streams::print(&text)?;
    Ok(Exit::Clean)
}

/// The columns of an export by field, guessed from its header. None where the header is that of a
/// layout: what that does with rows cannot be said by columns alone.
pub fn mapping(path: &Path, context: &Context) -> Result<Vec<(Field, Vec<String>)>> {
    let settings = context.load(Layer::default())?.settings;
    let source = open(&Origin::Path(path.to_owned()), &settings.input)?;
    Ok(if source.layout.known.is_some() { Vec::new() } else { source.layout.mapping() })
}

fn open(origin: &Origin, settings: &InputSettings) -> Result<Source> {
    if let Origin::Path(path) = origin
        && path.is_dir()
    {
        let error = Error::input(format!("{}: is a directory", path.display()));
        return Err(error.with_help("name one of the files in it"));
    }
    Source::open(origin, settings, Limits::new(1, 1 << 30).input, None)
}

/// The first service lines of an export, with every mapped field.
fn first_lines(source: &mut Source, settings: &crate::config::settings::Settings) -> Result<Batch> {
    let vocabulary = settings.knowledge.vocabulary.clone();
    let every: FieldSet = Field::ALL.iter().copied().collect();
    let footers = settings.knowledge.footers.clone();
    let decoding = Decoding::new(source, 0, every, vocabulary, footers);
    let mut batch = decoding.batch();
    if let Some(mut portion) = source.next_portion()? {
        decoding.decode(&mut portion, &mut batch)?;
    }
    Ok(batch)
}

/// More columns of a field than this are shown as a range.
const SHOWN_NAMES: usize = 4;

fn describe(text: &mut String, source: &Source, batch: &Batch) -> std::fmt::Result {
    let packed = source.packed().map(|packed| format!("packed with {}, ", packed.packing.name()));
    let packed = packed.unwrap_or_default();
    writeln!(text, "{}", visible(&source.name))?;
    match source.x12() {
        Some(reader) => describe_x12(text, source, &packed, reader)?,
        None => {
            let columns = amounts::counted(source.layout.names.len() as u64, "column");
            writeln!(text, "  {packed}{}, {columns}", form(source))?;
        }
    }
    if batch.is_empty() {
        writeln!(text, "  no service line can be read from its first lines")?;
    }
    writeln!(text, "\n  {:<20}{:<34}first cell, masked", "field", "column")?;
    for (field, names) in source.layout.mapping() {
        let names: Vec<_> = names.iter().map(|name| visible(name).into_owned()).collect();
        let shown = match names.as_slice() {
            [first, .., last] if names.len() > SHOWN_NAMES => {
                format!("{first} … {last} ({})", names.len())
            }
            names => names.join(", "),
        };
        writeln!(text, "  {:<20}{shown:<33} {}", field.name(), sample(batch, field))?;
    }
    for (_, name) in source.layout.others() {
        let name = visible(&name).into_owned();
        writeln!(text, "  {:<20}{name:<33} (private, never shown)", "for own rules")?;
    }
    let unread: Vec<String> = unread(source);
    if !unread.is_empty() {
        let count = amounts::counted(unread.len() as u64, "column");
        let names = match source.layout.is_surely_header() {
            true => unread.join(", "),
            false => "their names are not shown, because they may be data".to_owned(),
        };
        writeln!(text, "\n  {count} not read: {names}")?;
    }
    for note in source.layout.layout_notes().iter().chain(&source.layout.key_note()) {
        writeln!(text, "  note: {}", visible(note))?;
    }
    let dates = source.layout.dates.iter();
    let mut dates: Vec<String> =
        dates.map(|column| format!("{} is read as {}", column.field, column.told())).collect();
    dates.dedup();
    for note in dates {
        writeln!(text, "  note: {note}")?;
    }
    for (_, note) in &source.layout.notes {
        writeln!(text, "  note: {}", visible(note))?;
    }
    Ok(())
}

/// How the input is written.
fn form(source: &Source) -> String {
    match &source.format {
        Format::Text(_) => format!(
            "{}-delimited, {}, header on line {}",
            visible(&source.format.delimiter_name()),
            source.format.encoding_name(),
            source.preamble + 1,
        ),
        Format::X12(_, separators) => {
            format!("X12, {}: {}", source.format.encoding_name(), separators.names())
        }
        #[cfg(feature = "polars")]
        Format::Parquet(table) => {
            let groups = amounts::counted(table.row_groups as u64, "row group");
            format!("Parquet, {} in {groups}", amounts::counted(table.rows, "row"))
        }
    }
}

/// What an input of X12 is made of, as far as its first claims show it.
fn describe_x12(
    text: &mut String,
    source: &Source,
    packed: &str,
    reader: &Reader,
) -> std::fmt::Result {
    writeln!(text, "  {packed}{}", form(source))?;
    let envelope = reader.envelope();
    let sets = amounts::counted(envelope.sets, "transaction set");
    let versions: Vec<_> =
        envelope.versions.iter().map(|version| String::from_utf8_lossy(version)).collect();
    let versions = visible(&versions.join(", ")).into_owned();
    writeln!(text, "  up to its first claims: {sets} of 837 {versions}")?;
    if let Some(kind) = x12::open::first_other(reader) {
        writeln!(text, "  transaction sets that are no 837 are passed over, the first a {kind}")?;
    }
    Ok(())
}

/// The names of the columns that hold no known field.
fn unread(source: &Source) -> Vec<String> {
    let layout = &source.layout;
    let is_read = |at: &usize| layout.columns.values().any(|columns| columns.contains(at));
    let named = layout.names.iter().enumerate().filter(|(at, _)| !is_read(at));
    named.map(|(_, name)| visible(name).into_owned()).collect()
}

/// The first filled cell: codes as they are, private fields not at all, others by their shape.
fn sample(batch: &Batch, field: Field) -> String {
    const SHOWN_CHARS: usize = 30;
    const CODE_BYTES_MAX: usize = 9;
    let filled = batch.lines().find(|line| line.text(field).is_some());
    let Some(line) = filled.or_else(|| batch.lines().next()) else { return String::new() };
    if field.is_private() {
        return "(private, never shown)".to_owned();
    }
    let cell = String::from_utf8_lossy(&line.shown(field)).into_owned();
    let is_code = Field::MODIFIERS.contains(&field)
        || matches!(field, Field::ProcedureCode | Field::PlaceOfService | Field::RevenueCode);
    // A code shows whether the right column was found; anything longer is no code.
    let cell = if is_code && cell.len() <= CODE_BYTES_MAX { cell } else { shape(&cell) };
    let shown: String = cell.chars().take(SHOWN_CHARS).collect();
    visible(&shown).into_owned()
}

fn cannot_run(text: &mut String, source: &Source, registry: &Registry) -> std::fmt::Result {
    let known = source.layout.known.as_ref();
    if let Some(why) = known.and_then(|known| known.without_lines.as_ref()) {
        return writeln!(text, "\n  `claimlint check` refuses the input: {}", visible(why));
    }
    let lacking = rules_that_cannot_run(&source.layout, registry);
    if lacking.is_empty() {
        return writeln!(text, "\n  every rule has the columns that it needs");
    }
    let count = amounts::counted(lacking.len() as u64, "rule");
    writeln!(text, "\n  {count} cannot run for want of a column:")?;
    let mut by_fields: Vec<(String, Vec<&str>)> = Vec::new();
    for (rule, mut fields) in lacking {
        fields.sort_unstable();
        let names = fields.iter().map(|field| rule.name_of(*field)).collect::<Vec<_>>();
        let names = visible(&names.join(" and ")).into_owned();
        match by_fields.iter_mut().find(|(known, _)| *known == names) {
            Some((_, codes)) => codes.push(rule.code),
            None => by_fields.push((names, vec![rule.code])),
        }
    }
    let width = by_fields.iter().map(|(names, _)| names.len()).max().unwrap_or(0);
    for (names, codes) in by_fields {
        writeln!(text, "    {names:<width$}  {}", codes.join(", "))?;
    }
    for field in REQUIRED.into_iter().filter(|f| !source.layout.columns.contains_key(f)) {
        writeln!(text, "  `claimlint check` refuses the input: no column for {}", field.name())?;
        writeln!(text, "  help: {}", visible(&source.layout.advice(field)))?;
    }
    Ok(())
}
