//! One input: opened, recognised, cut into chunks, and accounted for at the end.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
#[cfg(feature = "polars")]
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::input::bytes::{Feed, Found};
use crate::input::chunk::Chunk;
use crate::input::chunks::{ChunkLimits, Chunks, Start};
use crate::input::dates;
pub use crate::input::format::Format;
use crate::input::format::is_parquet;
use crate::input::header::{self, Dialect};
use crate::input::layout::Layout;
use crate::input::opened::{FileState, Opened, Packed, cannot_begin, changed};
#[cfg(feature = "polars")]
use crate::input::parquet::Parquet;
use crate::input::pool::Pool;
use crate::input::portion::Portion;
use crate::input::settings::{InputFormat, InputSettings};
use crate::input::swallowed::Shape;
use crate::input::x12::{self, Claims, Reader};
use crate::model::Controls;
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
    /// Offset of the first byte after the header.
    pub data_start: u64,
    pub(in crate::input) body: Body,
    pub(in crate::input) opened: Opened,
    /// What was read of an input that cannot be read twice as it lies there.
    pub(in crate::input) copy: Option<File>,
}

/// What is read after the header.
pub(in crate::input) enum Body {
    /// Delimited text.
    Text(Box<Chunks>),
    /// X12.
    X12(Box<Reader>),
    /// Parquet.
    #[cfg(feature = "polars")]
    Parquet(Box<Parquet>),
}

impl Source {
    /// Opens an input and reads its header. An input that cannot be read twice, such as a pipe,
    /// goes to the file that `copy` makes as it is read, if there is to be one.
    ///
    /// # Errors
    /// An input that cannot be opened, is not delimited text, or whose header cannot serve.
    pub fn open(
        origin: &Origin,
        settings: &InputSettings,
        limits: Limits,
        copy: Option<&dyn Fn() -> Result<File>>,
    ) -> Result<Source> {
        let name = origin.name();
        let named = |error: Error| rename(&name, error);
        let mut opened =
            Opened::open(origin, limits.window_bytes_max, settings.hash).map_err(named)?;
        if let Some((file, length)) = opened.file().map_err(named)?
            && is_parquet(&file, settings).map_err(named)?
        {
            let file = (file, length);
            return Self::of_parquet(name.clone(), file, opened, settings, limits).map_err(named);
        }
        let lies_plain = opened.file().map_err(named)?.is_some();
        let copy = copy.filter(|_| !lies_plain).map(|copy| copy()).transpose()?;
        if let Some(copy) = &copy {
            opened.copy_to(copy).map_err(named)?;
        }
        let source = Self::of(name.clone(), opened, settings, limits).map_err(named)?;
        Ok(Source { copy, ..source })
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
        if settings.format == InputFormat::Parquet {
            return Err(Error::input("not a Parquet file, as --format says it is")
                .with_help("a Parquet file must be named as a file: it is not read from a pipe"));
        }
        let mut reader = opened.take_reader();
        let mut start = Vec::new();
        let read = (&mut reader).take(4).read_to_end(&mut start);
        read.map_err(|error| cannot_begin(&error))?;
        let (found, mark) = Found::of(&start, settings.encoding);
        let mut feed = Feed::new(reader, found, &start, mark);
        let mut text = Vec::new();
        let chunk_limits = ChunkLimits {
            chunk_bytes: limits.chunk_bytes.max(1),
            batch_lines_max: limits.batch_lines_max.max(1),
            record_bytes_max: limits.record_bytes_max,
            records_max: settings.limit_lines.unwrap_or(u64::MAX),
        };
        if let Some((blanks, separators)) = x12::open::recognise(&mut feed, &mut text, settings)? {
            let byte = mark as u64 + found.length_in_input(text.get(..blanks).unwrap_or_default());
            let rest = text.split_off(blanks);
            let reader = Reader::new(feed, found, separators, chunk_limits, rest, byte);
            return Ok(Source {
                name,
                format: Format::X12(found, separators),
                layout: x12::columns::layout(),
                preamble: 0,
                header_lines: 0,
                data_start: byte,
                body: Body::X12(Box::new(reader)),
                opened,
                copy: None,
            });
        }
        let mut header = header::read(&mut feed, &mut text, settings)?;
        let end = header.end;
        dates::find(&mut header.layout, header.marks, &mut feed, (&mut text, end), settings)?;
        let before = text.get(..header.end).unwrap_or_default();
        let begin = Start {
            byte: mark as u64 + found.length_in_input(before),
            line: header.preamble + header.lines + 1,
            rest: text.get(header.end..).unwrap_or_default().to_vec(),
        };
        let data_start = begin.byte;
        let shape = Shape::of(&header.layout, header.marks);
        // A row that holds several lines has the cells of its claim for each of them.
        let chunk_bytes = (limits.chunk_bytes / (1 + header.layout.slots.len() / 8)).max(1);
        let chunk_limits = ChunkLimits { chunk_bytes, ..chunk_limits };
        let chunks = Chunks::new(feed, found, header.marks, shape, chunk_limits, begin);
        Ok(Source {
            name,
            format: Format::Text(Dialect { found, marks: header.marks }),
            layout: header.layout,
            preamble: header.preamble,
            header_lines: header.lines,
            data_start,
            body: Body::Text(Box::new(chunks)),
            opened,
            copy: None,
        })
    }

    #[cfg(feature = "polars")]
    fn of_parquet(
        name: String,
        (file, length): (File, u64),
        opened: Opened,
        settings: &InputSettings,
        limits: Limits,
    ) -> Result<Source> {
        let (parquet, layout) = Parquet::open(file, length, settings, limits)?;
        Ok(Source {
            name,
            format: Format::Parquet(Arc::clone(&parquet.table)),
            layout,
            preamble: 0,
            header_lines: 0,
            data_start: 0,
            body: Body::Parquet(Box::new(parquet)),
            opened,
            copy: None,
        })
    }

    #[cfg(not(feature = "polars"))]
    fn of_parquet(
        _: String,
        _: (File, u64),
        _: Opened,
        _: &InputSettings,
        _: Limits,
    ) -> Result<Source> {
        Err(Error::input("a Parquet file, which this build of claimlint does not read")
            .with_help("build it with its feature `polars`, or export the file as CSV"))
    }

    /// The next records; nothing at the end.
    ///
    /// # Errors
    /// A read that fails, with the number of records that were read until then.
    pub fn next_portion(&mut self) -> Result<Option<Portion>> {
        let (taken, records) = match &mut self.body {
            Body::Text(chunks) => (chunks.take().map(|c| c.map(Portion::Text)), chunks.records()),
            Body::X12(reader) => (reader.take().map(|c| c.map(Portion::X12)), reader.records()),
            #[cfg(feature = "polars")]
            Body::Parquet(parquet) => {
                let rows = parquet.take().map_err(|error| rename(&self.name, error))?;
                return Ok(rows.map(Portion::Parquet));
            }
        };
        taken.map_err(|error| self.opened.failed(&self.name, records, &error))
    }

    /// Where the memory of chunks should be given back to.
    pub fn pool(&self) -> Pool<Chunk> {
        match &self.body {
            Body::Text(chunks) => chunks.pool.clone(),
            _ => Pool::default(),
        }
    }

    /// Where the memory of portions of X12 should be given back to.
    pub fn claims_pool(&self) -> Pool<Claims> {
        match &self.body {
            Body::X12(reader) => reader.pool.clone(),
            _ => Pool::default(),
        }
    }

    /// The reader of X12, where the input is that.
    pub fn x12(&self) -> Option<&Reader> {
        match &self.body {
            Body::X12(reader) => Some(reader),
            _ => None,
        }
    }

    /// Which control numbers hold where in an input of X12; they can be taken once.
    pub fn take_controls(&mut self) -> Controls {
        match &mut self.body {
            Body::X12(reader) => reader.take_controls(),
            _ => Controls::default(),
        }
    }

    /// Bytes read so far.
    pub fn bytes_read(&self) -> u64 {
        match &self.body {
            Body::Text(chunks) => chunks.bytes_read(),
            Body::X12(reader) => reader.bytes_read(),
            #[cfg(feature = "polars")]
            Body::Parquet(parquet) => parquet.bytes_read(),
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

    /// Whether reading stopped before the end, at the limit of records.
    pub fn stopped_early(&self) -> bool {
        match &self.body {
            Body::Text(chunks) => chunks.stopped_early(),
            Body::X12(reader) => reader.stopped_early(),
            #[cfg(feature = "polars")]
            Body::Parquet(parquet) => parquet.stopped_early(),
        }
    }

    /// The SHA-256 of the input as it lies there, if it is wanted and was read to its end.
    ///
    /// # Errors
    /// A file that cannot be read again.
    pub fn sha256(&self) -> Result<Option<String>> {
        if self.stopped_early() {
            return Ok(None);
        }
        let in_turn = matches!(self.format, Format::Text(_) | Format::X12(..));
        self.opened.sha256(in_turn).map_err(|error| Error::read(&visible(&self.name), &error))
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
