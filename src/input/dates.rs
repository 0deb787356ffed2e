//! How the dates of an input are written: found out from its first records, column by column, and
//! stuck to.
//!
//! What could be read in two ways is never guessed: of `03/04/2024` nobody can tell the month. It
//! is settled by a date beyond the twelfth in the same column, or in another column written the
//! same way; by the layout; or by the user.

use crate::error::{Error, Result};
use crate::input::bytes::Feed;
use crate::input::fields::{plain_cells, quoted_cells, unquote};
use crate::input::layout::Layout;
use crate::input::settings::InputSettings;
use crate::input::split::{Marks, Step, step};
use crate::model::cell::trim;
use crate::model::date_format::{DateFormat, DateFormats, DateShape};
use crate::model::visible::visible;
use crate::model::{Field, FieldSet};

/// So many bytes after the header are looked at for the order of day and month.
const SAMPLE_BYTES_MAX: usize = 1 << 20;

/// Where one order has so many times the evidence of the other, the other is a slip.
const CLEARLY: u64 = 10;
/// One date in so many must show the order: more rarely, it may be a slip.
const ENOUGH: u64 = 50;

/// How the dates of an input are written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DateColumns(Vec<DateColumn>);

/// How the dates of a column are written, or of the like columns of all lines of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateColumn {
    /// What it holds.
    pub field: Field,
    /// The columns.
    pub columns: Vec<usize>,
    /// How its dates are written.
    pub format: DateFormat,
    /// By what that is known.
    pub known_by: KnownBy,
}

/// By what it is known how dates are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownBy {
    /// By the dates themselves.
    Dates,
    /// By those of another column.
    OtherColumn,
    /// By the layout.
    Layout,
    /// By the user.
    User,
    /// By nothing: there were no dates in the first records.
    NoDates,
    /// By nothing: day and month of all of them could be either way round.
    Ambiguous,
}

/// What a column held in the first records.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    filled: u64,
    plain: [u64; 3],
    numbers: u64,
    /// First, second number beyond twelve.
    beyond: [u64; 2],
}

const PLAIN: [DateFormat; 3] = [DateFormat::Iso, DateFormat::Compact, DateFormat::Named];

impl Seen {
    fn add(&mut self, text: &[u8]) {
        self.filled += 1;
        match DateShape::of(text) {
            Some(DateShape::Plain(format)) => {
                let counts = self.plain.iter_mut().zip(PLAIN);
                counts.filter(|(_, plain)| *plain == format).for_each(|(count, _)| *count += 1);
            }
            Some(DateShape::Numbers(first, second)) => {
                self.numbers += 1;
                let [one, two] = &mut self.beyond;
                *one += u64::from((13..=31).contains(&first) && second <= 12);
                *two += u64::from((13..=31).contains(&second) && first <= 12);
            }
            None => {}
        }
    }

    fn merge(&mut self, other: &Seen) {
        self.filled += other.filled;
        self.numbers += other.numbers;
        self.plain.iter_mut().zip(other.plain).for_each(|(sum, more)| *sum += more);
        self.beyond.iter_mut().zip(other.beyond).for_each(|(sum, more)| *sum += more);
    }

    /// How most of its dates are written.
    fn format(&self) -> Told {
        let most = self.plain.iter().copied().max().unwrap_or(0);
        if most == 0 && self.numbers == 0 {
            return Told::Nothing;
        }
        if self.numbers > most {
            return Told::Numbers;
        }
        let plain = self.plain.iter().zip(PLAIN).find(|(count, _)| **count == most);
        plain.map_or(Told::Nothing, |(_, format)| Told::Format(format))
    }

    /// The order of day and month, where it is clear: one slip among many dates shows nothing.
    fn order(&self) -> Option<DateFormat> {
        let [first, second] = self.beyond;
        let (format, most, least) = match first > second {
            true => (DateFormat::DayFirst, first, second),
            false => (DateFormat::MonthFirst, second, first),
        };
        let is_clear = most > 0 && most >= least * CLEARLY && most * ENOUGH >= self.numbers;
        is_clear.then_some(format)
    }

    /// Whether the dates can be read in an order that is known otherwise: few of them speak
    /// against it, or as many for it.
    fn allows(&self, order: DateFormat) -> bool {
        let [first, second] = self.beyond;
        let (with, against) = match order {
            DateFormat::DayFirst => (first, second),
            _ => (second, first),
        };
        with >= against || against * CLEARLY <= self.numbers
    }

    /// Whether it is a column of dates written in numbers.
    fn is_numbers_only(&self) -> bool {
        self.filled > 0 && self.numbers == self.filled
    }
}

/// What the dates of a column tell.
enum Told {
    Nothing,
    Numbers,
    Format(DateFormat),
}

/// Finds out how the dates of an input are written, whose header ends at `end` of `text`. Reads on,
/// within bounds, where its first records do not tell.
pub fn find(
    layout: &mut Layout,
    marks: Marks,
    feed: &mut Feed,
    (text, end): (&mut Vec<u8>, usize),
    settings: &InputSettings,
) -> Result<()> {
    if wanted(layout).is_empty() {
        return Ok(());
    }
    loop {
        let sample = text.get(end..).unwrap_or_default();
        let seen = look(sample, marks, layout.names.len(), feed.ended);
        let columns = seen.decide(layout, settings);
        let is_all = feed.ended || feed.is_failing() || sample.len() >= SAMPLE_BYTES_MAX;
        if !columns.are_open() || is_all {
            layout.dates = columns;
            return Ok(());
        }
        let more = sample.len().max(1 << 16);
        feed.fill(text, more).map_err(|error| Error::input(format!("cannot read: {error}")))?;
    }
}

/// The columns of dates of a layout, with their fields; those that are written alike together.
pub fn wanted(layout: &Layout) -> Vec<(Field, Vec<usize>)> {
    let mut wanted = Vec::new();
    for field in Field::DATES {
        let Some(columns) = layout.columns.get(&field) else { continue };
        // The like columns of all lines of a row are written alike.
        let is_wide = layout.slots.iter().any(|slot| slot.columns.iter().any(|(f, _)| *f == field));
        match is_wide {
            true => wanted.push((field, columns.clone())),
            false => wanted.extend(columns.iter().map(|column| (field, vec![*column]))),
        }
    }
    wanted
}

/// What the columns of an input held in its first records.
pub struct Sample(Vec<Seen>);

impl Sample {
    /// Nothing yet of so many columns.
    pub fn new(columns: usize) -> Sample {
        Sample(vec![Seen::default(); columns])
    }

    /// Takes the cell of a column.
    pub fn add(&mut self, column: usize, cell: &[u8]) {
        let cell = trim(cell);
        // No date is shorter; what is may be a word for none.
        if cell.len() >= 8 {
            self.0.get_mut(column).into_iter().for_each(|seen| seen.add(cell));
        }
    }

    /// How the columns of dates are written, as far as that tells.
    pub fn decide(&self, layout: &Layout, settings: &InputSettings) -> DateColumns {
        let columns = wanted(layout).into_iter();
        DateColumns(
            columns
                .map(|(field, columns)| decide(field, &columns, &self.0, layout, settings))
                .collect(),
        )
    }
}

/// What each column holds in the whole records of a sample.
fn look(sample: &[u8], marks: Marks, width: usize, ended: bool) -> Sample {
    let mut seen = Sample::new(width);
    let (mut pos, mut cells) = (0, Vec::new());
    let mut record = Vec::new();
    while pos < sample.len() {
        match step(marks, sample, pos, ended, SAMPLE_BYTES_MAX) {
            // A quote that does not close: what stands after its line may still tell.
            Step::More => {
                let rest = sample.get(pos..).unwrap_or_default();
                match memchr::memchr(b'\n', rest) {
                    Some(end) => pos += end + 1,
                    None => return seen,
                }
            }
            Step::Record { end, next, quoted, .. } => {
                record.clear();
                record.extend_from_slice(sample.get(pos..end).unwrap_or_default());
                cells.clear();
                let note = |_, from: usize, to: usize| cells.push((from, to));
                let found = match quoted {
                    true => quoted_cells(&record, marks.delimiter, note),
                    false => plain_cells(&record, marks.delimiter, note),
                };
                if found == width {
                    for (column, (from, to)) in cells.iter().enumerate() {
                        seen.add(column, unquoted(&mut record, (*from, *to), marks));
                    }
                }
                pos = next;
            }
            Step::Blank { next } | Step::Fault { first_line: Some((_, next)), .. } => pos = next,
            Step::Fault { first_line: None, .. } => return seen,
        }
    }
    seen
}

fn unquoted(record: &mut Vec<u8>, (from, to): (usize, usize), marks: Marks) -> &[u8] {
    let (start, len) = match marks.quoting {
        true => {
            let span = unquote(record, from, to);
            (span.start as usize, span.len as usize)
        }
        false => (from, to - from),
    };
    record.get(start..start + len).unwrap_or_default()
}

/// How the dates of a field's columns are written, from what all columns held.
fn decide(
    field: Field,
    columns: &[usize],
    seen: &[Seen],
    layout: &Layout,
    settings: &InputSettings,
) -> DateColumn {
    let decided =
        |format, known_by| DateColumn { field, columns: columns.to_vec(), format, known_by };
    if let Some(format) = settings.date_formats.get(&field) {
        return decided(*format, KnownBy::User);
    }
    let mut own = Seen::default();
    columns.iter().filter_map(|at| seen.get(*at)).for_each(|seen| own.merge(seen));
    let said = layout.known.iter().flat_map(|known| &known.dates);
    let said = said.clone().find(|(known, _)| *known == field).map(|(_, format)| *format);
    let is_order =
        |format: &DateFormat| matches!(format, DateFormat::MonthFirst | DateFormat::DayFirst);
    let others = || {
        let orders = seen.iter().filter(|seen| seen.is_numbers_only()).filter_map(Seen::order);
        let orders: Vec<DateFormat> = orders.collect();
        let first = orders.first().copied()?;
        orders.iter().all(|order| *order == first).then_some(first)
    };
    match own.format() {
        Told::Format(format) => decided(format, KnownBy::Dates),
        Told::Nothing => match said.or_else(others) {
            Some(format) if said.is_some() => decided(format, KnownBy::Layout),
            Some(format) => decided(format, KnownBy::OtherColumn),
            None => decided(DateFormat::Unmistakable, KnownBy::NoDates),
        },
        Told::Numbers => {
            let said = said.filter(is_order);
            match (own.order(), said, said.or_else(others)) {
                (Some(format), None, _) => decided(format, KnownBy::Dates),
                (Some(format), Some(said), _) if format == said => decided(said, KnownBy::Dates),
                (_, Some(said), _) if own.allows(said) => decided(said, KnownBy::Layout),
                (None, None, Some(other)) if own.allows(other) => {
                    decided(other, KnownBy::OtherColumn)
                }
                _ => decided(DateFormat::Unmistakable, KnownBy::Ambiguous),
            }
        }
    }
}

impl DateColumns {
    /// Whether day and month of a column could be either way round.
    pub fn are_open(&self) -> bool {
        self.0.iter().any(|column| column.known_by == KnownBy::Ambiguous)
    }

    /// Says of these columns that they are written as ISO 8601 has it, whatever else was said.
    pub fn set_iso(&mut self, is: impl Fn(usize) -> bool) {
        for column in self.0.iter_mut().filter(|column| column.columns.iter().all(|at| is(*at))) {
            (column.format, column.known_by) = (DateFormat::Iso, KnownBy::Dates);
        }
    }

    /// The columns.
    pub fn iter(&self) -> impl Iterator<Item = &DateColumn> {
        self.0.iter()
    }

    /// The formats by field, for lines whose cells have the number that `at` gives.
    pub fn formats(&self, at: impl Fn(Field, usize) -> u32) -> DateFormats {
        let mut formats = DateFormats::default();
        for field in Field::DATES {
            let of = self.0.iter().filter(|column| column.field == field);
            let columns: Vec<(u32, DateFormat)> = of
                .flat_map(|of| of.columns.iter().map(|column| (at(field, *column), of.format)))
                .collect();
            if !columns.is_empty() {
                formats.set(field, columns);
            }
        }
        formats
    }

    /// Fails when day and month of a column that is read could be either way round.
    pub fn require(&self, names: &[String], read: FieldSet) -> Result<()> {
        let mut open = self.0.iter().filter(|column| column.known_by == KnownBy::Ambiguous);
        let Some(column) = open.find(|column| read.contains(column.field)) else { return Ok(()) };
        let field = column.field;
        let name = column.columns.first().and_then(|at| names.get(*at));
        let name = name.map(String::as_str).unwrap_or_default();
        let error = Error::input(format!(
            "column {} ({field}) holds dates that could be month first or day first",
            visible(name)
        ));
        Err(error.with_help(format!(
            "say which with --date-format {field}=mdy (03/04 is March 4) or --date-format \
             {field}=dmy (03/04 is 3 April); nothing in the first records tells"
        )))
    }
}

impl DateColumn {
    /// How the dates are written and how that is known, in words.
    pub fn told(&self) -> String {
        let format = self.format;
        match self.known_by {
            KnownBy::Dates => format.to_string(),
            KnownBy::OtherColumn => format!("{format} (as another column shows)"),
            KnownBy::Layout => format!("{format} (as the layout says)"),
            KnownBy::User => format!("{format} (as --date-format says)"),
            KnownBy::NoDates => format!("{format} (no date in the first records)"),
            KnownBy::Ambiguous => format!(
                "nothing yet: day and month could be either way round; say --date-format {0}=mdy \
                 or --date-format {0}=dmy",
                self.field
            ),
        }
    }

    /// Whether a summary should say it: where the order of day and month was at stake.
    pub fn is_notable(&self) -> bool {
        matches!(self.format, DateFormat::MonthFirst | DateFormat::DayFirst)
    }
}
