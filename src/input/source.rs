//! One input: opened, recognised, cut into chunks, and accounted for at the end.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::error::{Error, Result};
use crate::input::bytes::{Feed, Found};
use crate::input::chunk::Chunk;
use crate::input::chunks::{ChunkLimits, Chunks, Start};
use crate::input::header::{self, Dialect};
use crate::input::layout::Layout;
use crate::input::pool::Pool;
use crate::input::portion::Portion;
use crate::input::settings::InputSettings;
use crate::input::swallowed::Shape;
use crate::input::twice::Copied;
use crate::input::x12::{self, Claims, Reader, Separators};
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

/// What a file was when it was opened; a change while it is read must not go unseen.
pub(in crate::input) struct Opened {
    pub(in crate::input) file: File,
    length: u64,
    modified: Option<SystemTime>,
    inode: (u64, u64),
}

/// What tells one state of a file from another: length, date of change, device and inode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileState(u64, Option<SystemTime>, (u64, u64));

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
    body: Body,
    pub(in crate::input) opened: Option<Opened>,
    /// What was read of an input that cannot be read twice.
    pub(in crate::input) copy: Option<File>,
}

/// What an input is written in.
#[derive(Debug, Clone)]
pub enum Format {
    /// Delimited text.
    Text(Dialect),
    /// X12, in this encoding, parted as its first interchange says.
    X12(Found, Separators),
}

impl Format {
    /// What parts the cells, as reports call it.
    pub fn delimiter_name(&self) -> String {
        match self {
            Format::Text(dialect) => dialect.delimiter_name(),
            Format::X12(_, separators) => char::from(separators.element).to_string(),
        }
    }

    /// The encoding, as reports call it.
    pub fn encoding_name(&self) -> &'static str {
        match self {
            Format::Text(dialect) => dialect.found.name(),
            Format::X12(found, _) => found.name(),
        }
    }
}

/// What is read after the header.
enum Body {
    /// Delimited text.
    Text(Box<Chunks>),
    /// X12.
    X12(Box<Reader>),
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
        let (mut reader, opened): (Box<dyn Read + Send>, _) = match origin {
            Origin::Stdin => (Box::new(io::stdin()), None),
            Origin::Path(path) => {
                let (file, opened) = open_file(path).map_err(named)?;
                match opened {
                    // Only what the file held when it was opened: it may be growing.
                    Some(opened) => (Box::new(file.take(opened.length)), Some(opened)),
                    None => (Box::new(file), None),
                }
            }
        };
        let copy = copy.filter(|_| opened.is_none()).map(|copy| copy()).transpose()?;
        if let Some(copy) = &copy {
            reader = Copied::of(reader, copy).map_err(named)?;
        }
        let source = Self::of(name.clone(), reader, opened, settings, limits).map_err(named)?;
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
        Self::of(name.to_owned(), reader, None, settings, limits)
            .map_err(|error| rename(name, error))
    }

    fn of(
        name: String,
        mut reader: Box<dyn Read + Send>,
        opened: Option<Opened>,
        settings: &InputSettings,
        limits: Limits,
    ) -> Result<Source> {
        let mut start = Vec::new();
        let read = (&mut reader).take(4).read_to_end(&mut start);
        read.map_err(|error| Error::input(format!("cannot read: {error}")))?;
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
        let header = header::read(&mut feed, &mut text, settings)?;
        let before = text.get(..header.end).unwrap_or_default();
        let begin = Start {
            byte: mark as u64 + found.length_in_input(before),
            line: header.preamble + header.lines + 1,
            rest: text.get(header.end..).unwrap_or_default().to_vec(),
        };
        let data_start = begin.byte;
        let shape = Shape::of(&header.layout, header.marks);
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

    /// The next records; nothing at the end.
    ///
    /// # Errors
    /// A read that fails, with the number of records that were read until then.
    pub fn next_portion(&mut self) -> Result<Option<Portion>> {
        let (taken, records) = match &mut self.body {
            Body::Text(chunks) => (chunks.take().map(|c| c.map(Portion::Text)), chunks.records()),
            Body::X12(reader) => (reader.take().map(|c| c.map(Portion::X12)), reader.records()),
        };
        taken.map_err(|error| {
            Error::incomplete(format!(
                "{}: cannot read on after {records} records: {error}",
                self.name
            ))
        })
    }

    /// Where the memory of chunks should be given back to.
    pub fn pool(&self) -> Pool<Chunk> {
        match &self.body {
            Body::Text(chunks) => chunks.pool.clone(),
            Body::X12(_) => Pool::default(),
        }
    }

    /// Where the memory of portions of X12 should be given back to.
    pub fn claims_pool(&self) -> Pool<Claims> {
        match &self.body {
            Body::X12(reader) => reader.pool.clone(),
            Body::Text(_) => Pool::default(),
        }
    }

    /// The reader of X12, where the input is that.
    pub fn x12(&self) -> Option<&Reader> {
        match &self.body {
            Body::X12(reader) => Some(reader),
            Body::Text(_) => None,
        }
    }

    /// Which control numbers hold where in an input of X12; they can be taken once.
    pub fn take_controls(&mut self) -> Controls {
        match &mut self.body {
            Body::X12(reader) => reader.take_controls(),
            Body::Text(_) => Controls::default(),
        }
    }

    /// Bytes read so far.
    pub fn bytes_read(&self) -> u64 {
        match &self.body {
            Body::Text(chunks) => chunks.bytes_read(),
            Body::X12(reader) => reader.bytes_read(),
        }
    }

    /// The size of the file, where the input is one.
    pub fn size(&self) -> Option<u64> {
        self.opened.as_ref().map(|opened| opened.length)
    }

    /// The state that the file was in when it was opened, where the input is one.
    pub fn state(&self) -> Option<FileState> {
        self.opened.as_ref().map(|opened| FileState(opened.length, opened.modified, opened.inode))
    }

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
        let chunks = match &self.body {
            Body::Text(chunks) => chunks,
            Body::X12(reader) => return x12::open::closing_notes(reader),
        };
        let mut notes = Vec::new();
        if chunks.open_end() && !self.stopped_early() {
            notes.push("no line end after the last record; was the export cut off?".to_owned());
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
            Body::X12(reader) => reader.stopped_early(),
        }
    }

    /// Fails when the file is not what it was when it was opened.
    pub fn verify_unchanged(&self) -> Result<()> {
        let Some(opened) = &self.opened else { return Ok(()) };
        let now = opened.file.metadata().map_err(|error| Error::read(&self.name, &error))?;
        let read_all = self.stopped_early() || self.bytes_read() == opened.length;
        if now.len() == opened.length && now.modified().ok() == opened.modified && read_all {
            return Ok(());
        }
        Err(Self::changed(&self.name))
    }

    /// The error for a file that is not what it was when its header was read.
    pub fn changed(name: &str) -> Error {
        Error::incomplete(format!("{}: the input changed while it was read", visible(name)))
            .with_help("check the export again once it is fully written")
    }
}

fn rename(name: &str, error: Error) -> Error {
    error.in_place(&visible(name))
}

fn open_file(path: &Path) -> Result<(File, Option<Opened>)> {
    let cannot = |error: io::Error| Error::input(format!("cannot open: {error}"));
    let file = File::open(path).map_err(cannot)?;
    let metadata: Metadata = file.metadata().map_err(cannot)?;
    if metadata.is_dir() {
        return Err(Error::input("is a directory"));
    }
    if !metadata.is_file() {
        // A pipe or a device has neither a size nor a date to watch.
        return Ok((file, None));
    }
    let kept = file.try_clone().map_err(cannot)?;
    let modified = metadata.modified().ok();
    let inode = (metadata.dev(), metadata.ino());
    Ok((file, Some(Opened { file: kept, length: metadata.len(), modified, inode })))
}
