//! One input: opened, recognised, cut into chunks, and accounted for at the end.

use std::io::{self, Read};
use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::input::bytes::{Feed, Found};
use crate::input::chunk::Chunk;
use crate::input::chunks::{ChunkLimits, Chunks, Start};
use crate::input::header::{self, Dialect};
use crate::input::layout::Layout;
use crate::input::opened::{FileState, Opened, Packed, cannot_begin, changed};
use crate::input::pool::Pool;
use crate::input::portion::Portion;
use crate::input::settings::InputSettings;
use crate::input::swallowed::Shape;
use crate::model::visible::visible;

/// How large the pieces of an input may get; tests make them cruelly small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a chunk, about.
    pub chunk_bytes: usize,
    /// Lines of a batch.
    pub batch_lines_max: usize,
    /// Bytes of a record; a longer one is set aside.
    pub record_bytes_max: usize,
    /// Bytes of the window that zstd data may ask for.
    pub window_bytes_max: u64,
}

/// Where the bytes of an input come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Standard input.
    Stdin,
    /// A file.
    Path(PathBuf),
}

impl Origin {
    /// The name in reports: the path as the user gave it, or `stdin`.
    pub fn name(&self) -> String {
        match self {
            Origin::Stdin => "stdin".to_owned(),
            Origin::Path(path) => path.to_string_lossy().into_owned(),
        }
    }
}

/// An opened input whose header was read.
pub struct Source {
    /// The name in reports.
    pub name: String,
    /// What it is written in.
    pub format: Format,
    /// Which columns hold which fields.
    pub layout: Layout,
    /// Physical lines before the header.
    pub preamble: u64,
    /// Physical lines of the header.
    pub header_lines: u64,
    body: Body,
    opened: Opened,
}

/// What an input is written in.
#[derive(Debug, Clone)]
pub enum Format {
    /// Delimited text.
    Text(Dialect),
}

impl Format {
    /// What parts the cells, as reports call it.
    pub fn delimiter_name(&self) -> String {
        match self {
            Format::Text(dialect) => dialect.delimiter_name(),
        }
    }

    /// The encoding, as reports call it.
    pub fn encoding_name(&self) -> &'static str {
        match self {
            Format::Text(dialect) => dialect.found.name(),
        }
    }
}

/// What is read after the header.
enum Body {
    /// Delimited text.
    Text(Chunks),
}

impl Source {
    /// Opens an input and reads its header.
    ///
    /// # Errors
    /// An input that cannot be opened, is not delimited text, or whose header cannot serve.
    pub fn open(origin: &Origin, settings: &InputSettings, limits: Limits) -> Result<Source> {
        let name = origin.name();
        let named = |error: Error| rename(&name, error);
        let opened = Opened::open(origin, limits.window_bytes_max).map_err(named)?;
        Self::of(name.clone(), opened, settings, limits).map_err(named)
    }

    /// An input over bytes that are at hand.
    pub fn from_bytes(
        name: &str,
        bytes: Vec<u8>,
        settings: &InputSettings,
        limits: Limits,
    ) -> Result<Source> {
        Self::from_reader(name, Box::new(io::Cursor::new(bytes)), settings, limits)
    }

    /// An input over anything that can be read.
    pub fn from_reader(
        name: &str,
        reader: Box<dyn Read + Send>,
        settings: &InputSettings,
        limits: Limits,
    ) -> Result<Source> {
        Opened::of_reader(reader, limits.window_bytes_max)
            .and_then(|opened| Self::of(name.to_owned(), opened, settings, limits))
            .map_err(|error| rename(name, error))
    }

    fn of(
        name: String,
        mut opened: Opened,
        settings: &InputSettings,
        limits: Limits,
    ) -> Result<Source> {
        let mut reader = opened.take_reader();
        let mut start = Vec::new();
        let read = (&mut reader).take(4).read_to_end(&mut start);
        read.map_err(|error| cannot_begin(&error))?;
        let (found, mark) = Found::of(&start, settings.encoding);
        let mut feed = Feed::new(reader, found, &start, mark);
        let mut text = Vec::new();
        let header = header::read(&mut feed, &mut text, settings)?;
        let before = text.get(..header.end).unwrap_or_default();
        let begin = Start {
            byte: mark as u64 + found.length_in_input(before),
            line: header.preamble + header.lines + 1,
            rest: text.get(header.end..).unwrap_or_default().to_vec(),
        };
        let shape = Shape::of(&header.layout, header.marks);
        let limits = ChunkLimits {
            chunk_bytes: limits.chunk_bytes.max(1),
            batch_lines_max: limits.batch_lines_max.max(1),
            record_bytes_max: limits.record_bytes_max,
            records_max: settings.limit_lines.unwrap_or(u64::MAX),
        };
        let chunks = Chunks::new(feed, found, header.marks, shape, limits, begin);
        Ok(Source {
            name,
            format: Format::Text(Dialect { found, marks: header.marks }),
            layout: header.layout,
            preamble: header.preamble,
            header_lines: header.lines,
            body: Body::Text(chunks),
            opened,
        })
    }

    /// The next records; nothing at the end.
    ///
    /// # Errors
    /// A read that fails, with the number of records that were read until then.
    pub fn next_portion(&mut self) -> Result<Option<Portion>> {
        let (taken, records) = match &mut self.body {
            Body::Text(chunks) => (chunks.take(), chunks.records()),
        };
        let taken = taken.map_err(|error| self.opened.failed(&self.name, records, &error));
        Ok(taken?.map(Portion::Text))
    }

    /// Where the memory of chunks should be given back to.
    pub fn pool(&self) -> Pool<Chunk> {
        match &self.body {
            Body::Text(chunks) => chunks.pool.clone(),
        }
    }

    /// Bytes read so far.
    pub fn bytes_read(&self) -> u64 {
        match &self.body {
            Body::Text(chunks) => chunks.bytes_read(),
        }
    }

    /// The size of the file, where the input is one; if it is packed, as it lies there.
    pub fn size(&self) -> Option<u64> {
        self.opened.size()
    }

    /// The state that the file was in when it was opened, where the input is one.
    pub fn state(&self) -> Option<FileState> {
        self.opened.state()
    }

    /// How the input is packed, if it is.
    pub fn packed(&self) -> Option<&Packed> {
        self.opened.packed()
    }

    /// The counts of lines that only the reader knows: physical, blank, continuation.
    pub fn line_counts(&self) -> (u64, u64, u64) {
        match &self.body {
            Body::Text(chunks) => (chunks.physical_lines(), chunks.blank, chunks.continuation),
        }
    }

    /// What a person should know of how the input ended.
    pub fn closing_notes(&self) -> Vec<String> {
        let Body::Text(chunks) = &self.body;
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

    /// Whether reading stopped before the end, at the limit of records.
    pub fn stopped_early(&self) -> bool {
        match &self.body {
            Body::Text(chunks) => chunks.stopped_early(),
        }
    }

    /// Fails when the file is not what it was when it was opened.
    pub fn verify_unchanged(&self) -> Result<()> {
        let read_whole = (!self.stopped_early()).then(|| self.bytes_read());
        self.opened.verify_unchanged(&self.name, read_whole)
    }

    /// The error for a file that is not what it was when its header was read.
    pub fn changed(name: &str) -> Error {
        changed(name)
    }
}

fn rename(name: &str, error: Error) -> Error {
    error.in_place(&visible(name))
}
