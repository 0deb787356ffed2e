//! Packed bytes to plain bytes: gzip and zstd, told by how they begin and never by a file's name.
//!
//! Packed data is a row of *members* (zstd calls them frames). All of them are read, and nothing
//! but zeros may follow: damage is an error, never an end. A file that was cut off exactly between
//! two members cannot be told from a whole one; nothing in either format says how many there are.

use std::error::Error as StdError;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use flate2::bufread::GzDecoder;
use zstd::stream::read::Decoder as ZstdDecoder;

use crate::error::Error;

/// Bytes of packed data that are read at once.
const PACKED_BYTES: usize = 1 << 16;

/// How the bytes of an input are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// gzip, RFC 1952.
    Gzip,
    /// Zstandard, RFC 8878.
    Zstd,
}

impl Packing {
    /// The first bytes that tell a packing: as many as are needed.
    pub const MARK_BYTES: u64 = 4;

    /// The packing of data that begins like this.
    pub fn of(start: &[u8]) -> Option<Packing> {
        match start {
            [0x1F, 0x8B, ..] => Some(Packing::Gzip),
            [0x28, 0xB5, 0x2F, 0xFD, ..] => Some(Packing::Zstd),
            // A frame that decoders pass over may come first.
            [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] => Some(Packing::Zstd),
            _ => None,
        }
    }

    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Packing::Gzip => "gzip",
            Packing::Zstd => "zstd",
        }
    }
}

/// What is seen of an input's bytes as they lie there, by whoever asks.
#[derive(Debug, Default)]
pub struct Meter {
    bytes: AtomicU64,
    is_broken: AtomicBool,
    has_padding: AtomicBool,
}

impl Meter {
    /// Bytes read, ahead of what was unpacked of them.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Whether zeros followed the packed data.
    pub fn has_padding(&self) -> bool {
        self.has_padding.load(Ordering::Relaxed)
    }
}

/// A reader whose bytes are counted on their way.
pub struct Metered<R> {
    reader: R,
    meter: Arc<Meter>,
}

impl<R: Read> Metered<R> {
    /// Counts what `reader` gives.
    pub fn new(reader: R) -> Self {
        Self { reader, meter: Arc::default() }
    }

    /// Where it is counted.
    pub fn meter(&self) -> Arc<Meter> {
        Arc::clone(&self.meter)
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.reader.read(into) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.meter.is_broken.store(true, Ordering::Relaxed);
                    return Err(error);
                }
                Ok(got) => {
                    self.meter.bytes.fetch_add(got as u64, Ordering::Relaxed);
                    return Ok(got);
                }
            }
        }
    }
}

/// What is wrong with packed data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    what: String,
    help: String,
}

impl Damage {
    fn new(what: impl Into<String>) -> Self {
        let help = "copy it again from where it comes from; what was read is not all of it";
        Self { what: what.into(), help: help.to_owned() }
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl StdError for Damage {}

/// The error of a run whose input failed with `error` after so many records.
pub fn cannot_read_on(records: u64, error: &io::Error) -> Error {
    let records = match records {
        1 => "1 record".to_owned(),
        many => format!("{many} records"),
    };
    let said = Error::incomplete(format!("cannot read on after {records}: {error}"));
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Damage>()) {
        Some(damage) => said.with_help(&damage.help),
        None => said,
    }
}

/// Whether a read failed because packed data is damaged.
pub fn is_damage(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<Damage>())
}

/// Reads packed data as what was packed.
pub struct Unpack<R: Read> {
    packing: Packing,
    window_log_max: u32,
    meter: Arc<Meter>,
    at: At<BufReader<Metered<R>>>,
    members: u64,
}

/// Where reading stands.
enum At<R: BufRead> {
    /// Before a member, or what follows the last.
    Between(R),
    Gzip(Box<GzDecoder<R>>),
    Zstd(Box<ZstdDecoder<'static, R>>),
    Over,
    Failed,
}

impl<R: Read> Unpack<R> {
    /// Plain bytes of what `reader` gives. Zstd data may ask for a window of at most so many bytes,
    /// and at least 1 KiB.
    pub fn new(packing: Packing, reader: Metered<R>, window_bytes_max: u64) -> Self {
        Self {
            packing,
            window_log_max: window_bytes_max.max(1 << 10).ilog2().min(31),
            meter: reader.meter(),
            at: At::Between(BufReader::with_capacity(PACKED_BYTES, reader)),
            members: 0,
        }
    }

    /// What follows a member: another one, nothing, or what should not be there.
    fn next(&mut self, mut packed: BufReader<Metered<R>>) -> io::Result<At<BufReader<Metered<R>>>> {
        let first = packed.fill_buf()?.first().copied();
        let at = match (self.packing, first) {
            (_, None) => At::Over,
            (Packing::Gzip, Some(0x1F)) => At::Gzip(Box::new(GzDecoder::new(packed))),
            (Packing::Zstd, Some(0x28 | 0x50..=0x5F)) => {
                let mut decoder = ZstdDecoder::with_buffer(packed)?;
                decoder.window_log_max(self.window_log_max)?;
                At::Zstd(Box::new(decoder.single_frame()))
            }
            (_, Some(0)) if self.members > 0 => {
                self.pass_over_zeros(&mut packed)?;
                At::Over
            }
            _ => return Err(self.damaged(self.followed())),
        };
        self.members += 1;
        Ok(at)
    }

    /// Archives pad files with zeros to whole blocks.
    fn pass_over_zeros(&self, packed: &mut BufReader<Metered<R>>) -> io::Result<()> {
        loop {
            let ahead = packed.fill_buf()?;
            if ahead.iter().any(|byte| *byte != 0) {
                return Err(self.damaged(self.followed()));
            }
            let zeros = ahead.len();
            if zeros == 0 {
                self.meter.has_padding.store(true, Ordering::Relaxed);
                return Ok(());
            }
            packed.consume(zeros);
        }
    }

    fn followed(&self) -> Damage {
        let name = self.packing.name();
        Damage::new(format!("what follows the {name} data is no {name} data"))
    }

    fn damaged(&self, damage: Damage) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, damage)
    }

    /// What the decoder's error means; an error of the disk or the pipe stays what it is.
    fn explain(&self, error: io::Error) -> io::Error {
        if self.meter.is_broken.load(Ordering::Relaxed) || is_damage(&error) {
            return error;
        }
        let name = self.packing.name();
        let said = error.to_string();
        let damage = if error.kind() == io::ErrorKind::UnexpectedEof {
            Damage::new(format!("the {name} data ends too early: the file was cut off"))
        } else if said.contains("too much memory") {
            let log = self.window_log_max;
            let (size, unit) = if log >= 20 { (log - 20, "MiB") } else { (log - 10, "KiB") };
            let window = 1_u64 << size;
            Damage {
                what: format!("the zstd data asks for a window of more than {window} {unit}"),
                help: "unpack it first: zstd -dc --memory=2GiB FILE | claimlint check -".to_owned(),
            }
        } else if said.contains("checksum") {
            Damage::new(format!("the {name} data is damaged: its checksum or length is another"))
        } else if said.contains("invalid gzip header") || said.contains("frame descriptor") {
            self.followed()
        } else {
            Damage::new(format!("the {name} data is damaged: {said}"))
        };
        self.damaged(damage)
    }
}

impl<R: Read> Read for Unpack<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        loop {
            let got = match &mut self.at {
                At::Gzip(decoder) => decoder.read(into),
                At::Zstd(decoder) => decoder.read(into),
                At::Between(_) => Ok(0),
                At::Over => return Ok(0),
                At::Failed => return Err(io::Error::other("reading has failed before")),
            };
            let next = match (got, std::mem::replace(&mut self.at, At::Failed)) {
                (Ok(0), At::Gzip(decoder)) => Ok(At::Between(decoder.into_inner())),
                (Ok(0), At::Zstd(decoder)) => Ok(At::Between(decoder.finish())),
                (Ok(0), At::Between(packed)) => self.next(packed),
                (Ok(got), at) => {
                    self.at = at;
                    return Ok(got);
                }
                (Err(error), _) => Err(error),
            };
            self.at = next.map_err(|error| self.explain(error))?;
        }
    }
}
