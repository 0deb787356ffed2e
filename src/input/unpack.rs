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
                help: "unpack it first: zstd -dc --long=31 FILE | claimlint check -".to_owned(),
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

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::bufread::MultiGzDecoder;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;

    use super::*;

    /// Gives at most so many bytes at a time, and is interrupted in between.
    struct Drops<'b>(&'b [u8], usize, bool);

    impl Read for Drops<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.2 = !self.2;
            if self.2 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let size = self.1.min(into.len());
            self.0.read(into.get_mut(..size).unwrap())
        }
    }

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(plain).unwrap();
        packed.finish().unwrap()
    }

    fn zstd(plain: &[u8], has_checksum: bool) -> Vec<u8> {
        let mut packed = zstd::Encoder::new(Vec::new(), 3).unwrap();
        packed.include_checksum(has_checksum).unwrap();
        packed.write_all(plain).unwrap();
        packed.finish().unwrap()
    }

    fn skippable(content: &[u8]) -> Vec<u8> {
        [&[0x53, 0x2A, 0x4D, 0x18], &(content.len() as u32).to_le_bytes()[..], content].concat()
    }

    /// What comes out before the end or the first error, in reads of `step` bytes of drops of
    /// `drop` bytes, and the error.
    fn unpack(packed: &[u8], drop: usize, step: usize) -> (Vec<u8>, Option<io::Error>) {
        let packing = Packing::of(packed).expect("is packed");
        let reader = Metered::new(Drops(packed, drop, false));
        let meter = reader.meter();
        let mut unpack = Unpack::new(packing, reader, 128 << 20);
        let mut plain = Vec::new();
        let mut buffer = vec![0; step];
        loop {
            match unpack.read(&mut buffer) {
                Ok(0) => {
                    assert_eq!(meter.bytes(), packed.len() as u64, "something is left");
                    return (plain, None);
                }
                Ok(got) => plain.extend_from_slice(&buffer[..got]),
                Err(error) => {
                    assert!(unpack.read(&mut buffer).is_err(), "an error is not an end");
                    return (plain, Some(error));
                }
            }
        }
    }

    fn damage(packed: &[u8]) -> String {
        let (_, error) = unpack(packed, 100, 100);
        let error = error.expect("it should fail");
        assert!(is_damage(&error), "{error}");
        error.to_string()
    }

    /// Lines as an export has them: some alike, so that there is something to pack.
    fn lines() -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec("[A-D],[0-9]{5},x{0,9}\n", 0..60).prop_map(|l| l.concat().into())
    }

    proptest! {
        #[test]
        fn members_unpack_to_what_the_crates_make_of_the_whole(
            parts in prop::collection::vec(lines(), 1..5),
            drop in 1_usize..40,
            step in 1_usize..40,
            zeros in 0_usize..30,
        ) {
            let plain = parts.concat();
            let all: Vec<u8> = parts.iter().flat_map(|part| gzip(part)).collect();
            let mut twin = Vec::new();
            MultiGzDecoder::new(all.as_slice()).read_to_end(&mut twin).unwrap();
            prop_assert_eq!(&twin, &plain);
            let (got, error) = unpack(&[all, vec![0; zeros]].concat(), drop, step);
            prop_assert!(error.is_none() && got == plain, "gzip: {:?}", error);
            let frame = |(part, sum): (&Vec<u8>, bool)| [zstd(part, sum), skippable(part)].concat();
            let sums = [true, false].into_iter().cycle();
            let all: Vec<u8> = parts.iter().zip(sums).flat_map(frame).collect();
            prop_assert_eq!(&zstd::decode_all(all.as_slice()).unwrap(), &plain);
            let (got, error) = unpack(&[all, vec![0; zeros]].concat(), drop, step);
            prop_assert!(error.is_none() && got == plain, "zstd: {:?}", error);
        }
    }

    #[test]
    fn every_truncation_and_every_damaged_byte_is_seen() {
        let plain = b"claim_id,cpt\nA,99213\nA,3044F\nB,99213\nB,99214\n".repeat(3);
        for packed in [gzip(&plain), zstd(&plain, true)] {
            for end in 4..packed.len() {
                let (got, error) = unpack(&packed[..end], 7, 9);
                assert!(error.is_some_and(|error| is_damage(&error)), "cut off at {end}");
                assert!(plain.starts_with(&got), "cut off at {end}");
            }
            for at in 4..packed.len() {
                for bit in 0..8 {
                    let mut damaged = packed.clone();
                    damaged[at] ^= 1 << bit;
                    let (got, error) = unpack(&damaged, 7, 9);
                    // Names and dates in a header are not what was packed.
                    assert!(error.is_some() || got == plain, "byte {at}, bit {bit}");
                }
            }
        }
        // Without a checksum a truncation is still seen; a changed byte may not be.
        let packed = zstd(&plain, false);
        for end in 4..packed.len() {
            assert!(unpack(&packed[..end], 7, 9).1.is_some(), "cut off at {end}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let (gz, zst) = (gzip(b"a,b\n1,2\n"), zstd(b"a,b\n1,2\n", true));
        let cut = |packed: &[u8]| packed[..packed.len() - 1].to_vec();
        assert_eq!(damage(&cut(&gz)), "the gzip data ends too early: the file was cut off");
        assert_eq!(damage(&cut(&zst)), "the zstd data ends too early: the file was cut off");
        for packed in [&gz, &zst] {
            let garbage = [packed, &b"more"[..]].concat();
            assert!(damage(&garbage).starts_with("what follows the "), "{}", damage(&garbage));
            let late = [packed, &[0, 0, 7][..]].concat();
            assert!(damage(&late).starts_with("what follows the "), "{}", damage(&late));
            let mut sum = packed.clone();
            *sum.last_mut().unwrap() ^= 1;
            assert!(damage(&sum).contains("checksum"), "{}", damage(&sum));
        }
        assert!(damage(&[gz.clone(), zst.clone()].concat()).starts_with("what follows the gzip"));
        assert!(damage(&[zst, gz].concat()).starts_with("what follows the zstd"));
        assert!(damage(&[&[0x1F, 0x8B, 9][..], &[0; 20]].concat()).contains("gzip data"));
    }

    #[test]
    fn a_window_that_is_too_large_is_refused_before_it_is_made() {
        let mut packed = zstd::Encoder::new(Vec::new(), 1).unwrap();
        packed.window_log(21).unwrap();
        packed.write_all(&[7; 1 << 17]).unwrap();
        let packed = packed.finish().unwrap();
        let read = |window| {
            let reader = Metered::new(packed.as_slice());
            io::copy(&mut Unpack::new(Packing::Zstd, reader, window), &mut io::sink())
        };
        assert_eq!(read(1 << 21).unwrap(), 1 << 17);
        let error = read((1 << 21) - 1).unwrap_err();
        assert_eq!(error.to_string(), "the zstd data asks for a window of more than 1 MiB");
        let error = cannot_read_on(0, &error);
        assert!(error.help().is_some_and(|help| help.contains("zstd -dc")), "{error}");
    }

    #[test]
    fn an_error_of_the_disk_is_no_damage() {
        struct Fails;
        impl Read for Fails {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::from_raw_os_error(5))
            }
        }
        for packed in [gzip(&[7; 99_999]), zstd(&[7; 99_999], true)] {
            let packing = Packing::of(&packed).unwrap();
            let reader = Metered::new(packed[..12].chain(Fails));
            let error = Unpack::new(packing, reader, 1 << 27).read_to_end(&mut Vec::new());
            let error = error.unwrap_err();
            assert_eq!((error.raw_os_error(), is_damage(&error)), (Some(5), false));
            assert!(cannot_read_on(1, &error).message().contains("after 1 record: "));
        }
    }

    #[test]
    fn plain_text_is_not_packed() {
        for text in [&b""[..], b"\x1F", b"(\xB5/", b"claim_id", b"\xFF\xFEa", b"P*M", b"PK\x03\x04"]
        {
            assert_eq!(Packing::of(text), None);
        }
    }
}
