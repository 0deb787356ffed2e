//! An input's bytes, plain whatever they were packed with, and a watch over its file.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use crate::error::{Error, Result};
use crate::input::hashed::{self, Digest, Hashed};
use crate::input::source::Origin;
use crate::input::twice::Copied;
use crate::input::unpack::{Meter, Metered, Packing, Unpack, cannot_read_on, is_damage};
use crate::model::visible::visible;

/// What tells one state of a file from another: length, date of change, device and inode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileState {
    length: u64,
    modified: Option<SystemTime>,
    inode: (u64, u64),
}

impl FileState {
    fn of(metadata: &Metadata) -> FileState {
        FileState {
            length: metadata.len(),
            modified: metadata.modified().ok(),
            inode: (metadata.dev(), metadata.ino()),
        }
    }
}

/// A file as it was when it was opened; a change while it is read must not go unseen.
struct Watched {
    file: File,
    path: PathBuf,
    state: FileState,
}

/// An opened input: where its plain bytes come from is [`Opened::take_reader`].
pub struct Opened {
    reader: Box<dyn Read + Send>,
    packed: Option<Packed>,
    watched: Option<Watched>,
    digest: Option<Digest>,
}

/// How an input is packed, and where its bytes are counted as they lie there.
#[derive(Clone)]
pub struct Packed {
    /// How it is packed.
    pub packing: Packing,
    /// Where its bytes are counted.
    pub meter: Arc<Meter>,
}

impl Opened {
    /// Opens an input. Zstd data may ask for a window of at most so many bytes. Its SHA-256 is
    /// made where `hash` says so.
    ///
    /// # Errors
    /// An input that cannot be opened or read, or that is packed twice.
    pub fn open(origin: &Origin, window_bytes_max: u64, hash: bool) -> Result<Opened> {
        let digest = hash.then(Digest::default);
        let hashed = |reader: Box<dyn Read + Send>| match &digest {
            Some(digest) => Box::new(Hashed::new(reader, digest.clone())),
            None => reader,
        };
        let opened = Self::plainly(origin, window_bytes_max, hashed)?;
        Ok(Opened { digest, ..opened })
    }

    fn plainly(
        origin: &Origin,
        window_bytes_max: u64,
        hashed: impl Fn(Box<dyn Read + Send>) -> Box<dyn Read + Send>,
    ) -> Result<Opened> {
        let Origin::Path(path) = origin else {
            return Self::over(hashed(Box::new(io::stdin())), None, window_bytes_max);
        };
        let cannot = |error: io::Error| Error::input(format!("cannot open: {error}"));
        let file = File::open(path).map_err(cannot)?;
        let metadata = file.metadata().map_err(cannot)?;
        if metadata.is_dir() {
            return Err(Error::input("is a directory"));
        }
        if !metadata.is_file() {
            // A pipe or a device has neither a size nor a date to watch.
            return Self::over(hashed(Box::new(file)), None, window_bytes_max);
        }
        let state = FileState::of(&metadata);
        let kept = file.try_clone().map_err(cannot)?;
        let watched = Watched { file: kept, path: path.clone(), state };
        // Only what the file held when it was opened: it may be growing.
        Self::over(hashed(Box::new(file.take(state.length))), Some(watched), window_bytes_max)
    }

    /// The same over anything that can be read.
    ///
    /// # Errors
    /// As for [`Opened::open`].
    pub fn of_reader(reader: Box<dyn Read + Send>, window_bytes_max: u64) -> Result<Opened> {
        Self::over(reader, None, window_bytes_max)
    }

    fn over(
        reader: Box<dyn Read + Send>,
        watched: Option<Watched>,
        window_bytes_max: u64,
    ) -> Result<Opened> {
        let (start, reader) = peek(reader)?;
        let Some(packing) = Packing::of(&start) else {
            let reader = Box::new(reader);
            return Ok(Opened { reader, packed: None, watched, digest: None });
        };
        let reader = Metered::new(reader);
        let packed = Packed { packing, meter: reader.meter() };
        let plain = Unpack::new(packing, reader, window_bytes_max);
        let (start, plain) = peek(plain)?;
        if let Some(inner) = Packing::of(&start) {
            let (outer, inner) = (packing.name(), inner.name());
            let what = format!("is packed twice: after {outer} is unpacked it is still {inner}");
            return Err(Error::input(what).with_help("unpack it once, and check what comes out"));
        }
        Ok(Opened { reader: Box::new(plain), packed: Some(packed), watched, digest: None })
    }

    /// The reader of the plain bytes, which can be taken once.
    pub fn take_reader(&mut self) -> Box<dyn Read + Send> {
        std::mem::replace(&mut self.reader, Box::new(io::empty()))
    }

    /// The file and its length, where the input is one that is not packed, for formats that are
    /// read here and there.
    ///
    /// # Errors
    /// A file that cannot be opened a second time.
    pub fn file(&self) -> Result<Option<(File, u64)>> {
        let Some(watched) = self.watched.as_ref().filter(|_| self.packed.is_none()) else {
            return Ok(None);
        };
        let file = watched.file.try_clone();
        let file = file.map_err(|error| Error::input(format!("cannot open: {error}")))?;
        Ok(Some((file, watched.state.length)))
    }

    /// The file in which the plain bytes stand at their offsets, where there is one.
    pub fn plain(&self) -> Option<&File> {
        self.watched.as_ref().filter(|_| self.packed.is_none()).map(|watched| &watched.file)
    }

    /// Writes the plain bytes to a file as well while they are read.
    ///
    /// # Errors
    /// No further file can be opened.
    pub fn copy_to(&mut self, copy: &File) -> Result<()> {
        let reader = self.take_reader();
        self.reader = Copied::of(reader, copy)?;
        Ok(())
    }

    /// The SHA-256 of the bytes as they lie there, if it is wanted: of what was read in turn, or
    /// of the whole file where that is read here and there.
    ///
    /// # Errors
    /// A file that cannot be read again.
    pub fn sha256(&self, in_turn: bool) -> io::Result<Option<String>> {
        match (&self.digest, &self.watched) {
            (Some(_), Some(Watched { file, state, .. })) if !in_turn => {
                hashed::of_file(file, state.length).map(Some)
            }
            (digest, _) => Ok(digest.as_ref().map(Digest::hexadecimal)),
        }
    }

    /// How the input is packed, if it is.
    pub fn packed(&self) -> Option<&Packed> {
        self.packed.as_ref()
    }

    /// The size of the file, where the input is one.
    pub fn size(&self) -> Option<u64> {
        self.watched.as_ref().map(|watched| watched.state.length)
    }

    /// The state that the file was in when it was opened, where the input is one.
    pub fn state(&self) -> Option<FileState> {
        self.watched.as_ref().map(|watched| watched.state)
    }

    /// The error for a read that failed after so many records: a file that changes is not damaged.
    pub fn failed(&self, name: &str, records: u64, error: &io::Error) -> Error {
        match &self.watched {
            Some(watched) if watched.has_changed().unwrap_or(false) => changed(name),
            _ => cannot_read_on(records, error).in_place(&visible(name)),
        }
    }

    /// Fails when the file is not what it was when it was opened. An input that was read to its end
    /// had so many plain bytes, and nothing of its file may be left.
    pub fn verify_unchanged(&self, name: &str, read_whole: Option<u64>) -> Result<()> {
        let Some(watched) = &self.watched else { return Ok(()) };
        let has_changed = watched.has_changed().map_err(|error| Error::read(name, &error))?;
        let taken = |plain| self.packed.as_ref().map_or(plain, |packed| packed.meter.bytes());
        let is_short = read_whole.is_some_and(|plain| taken(plain) != watched.state.length);
        if has_changed || is_short { Err(changed(name)) } else { Ok(()) }
    }
}

impl Watched {
    /// Whether the file was written to, or another file has taken its place.
    fn has_changed(&self) -> io::Result<bool> {
        if FileState::of(&self.file.metadata()?) != self.state {
            return Ok(true);
        }
        // A file that was moved away when it was opened is still what it was.
        let there = std::fs::metadata(&self.path);
        Ok(there.is_ok_and(|there| FileState::of(&there).inode != self.state.inode))
    }
}

/// The error for a file that is not what it was when its header was read.
pub fn changed(name: &str) -> Error {
    Error::incomplete(format!("{}: the input changed while it was read", visible(name)))
        .with_help("check the export again once it is fully written")
}

/// The error for an input whose first bytes or header cannot be read.
pub fn cannot_begin(error: &io::Error) -> Error {
    match is_damage(error) {
        true => cannot_read_on(0, error),
        false => Error::input(format!("cannot read: {error}")),
    }
}

/// A reader with bytes before it that were read already.
type Before<R> = io::Chain<io::Cursor<Vec<u8>>, R>;

/// The first bytes of a reader, and the reader as if they had not been read.
fn peek<R: Read>(mut reader: R) -> Result<(Vec<u8>, Before<R>)> {
    let mut start = Vec::new();
    let read = (&mut reader).take(Packing::MARK_BYTES).read_to_end(&mut start);
    read.map_err(|error| cannot_begin(&error))?;
    Ok((start.clone(), io::Cursor::new(start).chain(reader)))
}
