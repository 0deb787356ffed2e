//! The bytes of an input as UTF-8, with the offset that each had in the input.
//!
//! UTF-8 passes through unchecked here; [`super::decode`] checks it record by record. Other
//! encodings are decoded. What cannot be decoded becomes one byte that UTF-8 never has, so that the
//! record it stands in is set aside; nothing is replaced silently.

use std::io::{self, Read};

use encoding_rs::{DecoderResult, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::input::count::LineCounter;
use crate::input::settings::Encoding;

/// Stands for what could not be decoded; no UTF-8 text contains it.
const UNDECODABLE: u8 = 0xFF;

/// The encoding that an input turned out to have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Found {
    /// UTF-8, with or without a byte order mark.
    #[default]
    Utf8,
    /// Windows code page 1252.
    Windows1252,
    /// UTF-16, little-endian.
    Utf16Le,
    /// UTF-16, big-endian.
    Utf16Be,
}

impl Found {
    /// The encoding of an input that begins with `start`, and the length of its byte order mark.
    pub fn of(start: &[u8], wanted: Encoding) -> (Found, usize) {
        let utf16 = match start {
            [0xFF, 0xFE, ..] => Some((Found::Utf16Le, 2)),
            [0xFE, 0xFF, ..] => Some((Found::Utf16Be, 2)),
            _ => None,
        };
        let utf8 = || (Found::Utf8, if start.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 });
        match wanted {
            Encoding::Auto => utf16.unwrap_or_else(utf8),
            Encoding::Utf8 => utf8(),
            Encoding::Windows1252 => (Found::Windows1252, 0),
            Encoding::Utf16 => utf16.unwrap_or((Found::Utf16Le, 0)),
        }
    }

    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Found::Utf8 => "utf-8",
            Found::Windows1252 => "windows-1252",
            Found::Utf16Le => "utf-16le",
            Found::Utf16Be => "utf-16be",
        }
    }

    /// How many bytes of the input the decoded `text` was.
    pub fn length_in_input(self, text: &[u8]) -> u64 {
        let starts = || text.iter().filter(|byte| (**byte & 0xC0) != 0x80);
        match self {
            Found::Utf8 => text.len() as u64,
            Found::Windows1252 => starts().count() as u64,
            Found::Utf16Le | Found::Utf16Be => {
                // Characters of four UTF-8 bytes are two units of UTF-16.
                let unit = |byte: &u8| if (0xF0..UNDECODABLE).contains(byte) { 4 } else { 2 };
                starts().map(unit).sum()
            }
        }
    }
}

/// Offsets in the input of positions in a chunk, asked for in rising order.
pub struct Offsets {
    found: Found,
    at: usize,
    byte: u64,
}

impl Offsets {
    /// Offsets in a chunk that starts at `byte`.
    pub fn new(found: Found, byte: u64) -> Self {
        Offsets { found, at: 0, byte }
    }

    /// The offset of a position in the chunk's text.
    pub fn of(&mut self, position: usize, text: &[u8]) -> u64 {
        let passed = text.get(self.at..position).unwrap_or_default();
        self.byte += self.found.length_in_input(passed);
        self.at = position;
        self.byte
    }
}

/// Reads an input piece by piece into UTF-8, counting bytes and physical lines.
pub struct Feed {
    reader: Box<dyn Read + Send>,
    decoder: Option<encoding_rs::Decoder>,
    staged: Vec<u8>,
    failed: Option<io::Error>,
    /// Bytes of the input read so far.
    pub bytes_read: u64,
    /// Physical lines so far.
    pub lines: LineCounter,
    /// Whether the input has ended.
    pub ended: bool,
}

impl Feed {
    /// A feed over what `reader` gives; nothing of it may have been consumed but `start`, the
    /// first bytes after a byte order mark of `mark` bytes.
    pub fn new(reader: Box<dyn Read + Send>, found: Found, start: &[u8], mark: usize) -> Self {
        let decoder = match found {
            Found::Utf8 => None,
            Found::Windows1252 => Some(WINDOWS_1252.new_decoder_without_bom_handling()),
            Found::Utf16Le => Some(UTF_16LE.new_decoder_without_bom_handling()),
            Found::Utf16Be => Some(UTF_16BE.new_decoder_without_bom_handling()),
        };
        let start = start.get(mark..).unwrap_or_default().to_vec();
        Self {
            reader: Box::new(io::Cursor::new(start).chain(reader)),
            decoder,
            staged: Vec::new(),
            failed: None,
            bytes_read: mark as u64,
            lines: LineCounter::default(),
            ended: false,
        }
    }

    /// Whether the next call of [`Feed::fill`] is known to fail.
    pub fn is_failing(&self) -> bool {
        self.failed.is_some()
    }

    /// Appends about `wanted` more bytes to `text`; fewer at the end of the input, and before the
    /// place where it cannot be read on, which is an error of the next call: what stands before it
    /// was read.
    pub fn fill(&mut self, text: &mut Vec<u8>, wanted: usize) -> io::Result<()> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let before = text.len();
        let (got, failed) = match &mut self.decoder {
            None => read_up_to(&mut self.reader, text, wanted),
            Some(decoder) => {
                self.staged.clear();
                let (got, failed) = read_up_to(&mut self.reader, &mut self.staged, wanted);
                decode(decoder, &self.staged, text, got < wanted && failed.is_none());
                (got, failed)
            }
        };
        self.bytes_read += got as u64;
        self.ended = got < wanted && failed.is_none();
        self.lines.feed(text.get(before..).unwrap_or_default());
        match failed {
            Some(error) if got == 0 => Err(error),
            failed => {
                self.failed = failed;
                Ok(())
            }
        }
    }
}

/// Appends up to `wanted` bytes: how many they are, and why there are no more if that is an error.
fn read_up_to(
    reader: &mut dyn Read,
    into: &mut Vec<u8>,
    wanted: usize,
) -> (usize, Option<io::Error>) {
    into.reserve(wanted);
    let before = into.len();
    let failed = reader.take(wanted as u64).read_to_end(into).err();
    (into.len() - before, failed)
}

fn decode(decoder: &mut encoding_rs::Decoder, mut bytes: &[u8], into: &mut Vec<u8>, last: bool) {
    let mut buffer = [0_u8; 8192];
    loop {
        let (result, read, written) =
            decoder.decode_to_utf8_without_replacement(bytes, &mut buffer, last);
        into.extend_from_slice(buffer.get(..written).unwrap_or_default());
        bytes = bytes.get(read..).unwrap_or_default();
        match result {
            DecoderResult::InputEmpty => return,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(_, _) => into.push(UNDECODABLE),
        }
        // After the end was passed on, an empty rest means that nothing is held back.
        if bytes.is_empty() && last && matches!(result, DecoderResult::Malformed(_, _)) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(bytes: &[u8], wanted: Encoding, step: usize) -> (Vec<u8>, Found) {
        let (found, mark) = Found::of(bytes, wanted);
        let mut feed = Feed::new(Box::new(io::empty()), found, bytes, mark);
        let mut text = Vec::new();
        while !feed.ended {
            feed.fill(&mut text, step).unwrap();
        }
        assert_eq!(feed.bytes_read, bytes.len() as u64);
        (text, found)
    }

    #[test]
    fn utf16_and_windows_1252_decode_at_any_cut() {
        let text = "a,é😀\nb\r\n";
        let le: Vec<u8> =
            [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> =
            [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
        for step in 1..10 {
            let (got, found) = read_all(&le, Encoding::Auto, step);
            assert_eq!((got.as_slice(), found), (text.as_bytes(), Found::Utf16Le));
            assert_eq!(found.length_in_input(&got), le.len() as u64 - 2);
            let (got, found) = read_all(&be, Encoding::Utf16, step);
            assert_eq!((got.as_slice(), found), (text.as_bytes(), Found::Utf16Be));
            let (got, found) = read_all(b"O\x92Brien\xe9", Encoding::Windows1252, step);
            assert_eq!(got, "O\u{2019}Brien\u{e9}".as_bytes());
            assert_eq!(found.length_in_input(&got), 8);
        }
    }

    #[test]
    fn what_stands_before_a_failure_is_read() {
        struct Fails;
        impl Read for Fails {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("no more"))
            }
        }
        for (found, bytes, want) in
            [(Found::Utf8, &b"a,b\nc"[..], &b"a,b\nc"[..]), (Found::Utf16Le, b"a\0b\0c", b"ab")]
        {
            let mut feed = Feed::new(Box::new(bytes.chain(Fails)), found, &[], 0);
            let mut text = Vec::new();
            feed.fill(&mut text, 100).unwrap();
            assert!(!feed.ended && feed.is_failing() && text == want);
            assert_eq!(feed.fill(&mut text, 100).unwrap_err().to_string(), "no more");
            assert!(feed.fill(&mut text, 100).is_err() && !feed.ended && text == want);
        }
    }

    #[test]
    fn what_cannot_be_decoded_is_marked() {
        let lone = [b'a', 0, 0x00, 0xD8, b'b', 0, b'c'];
        let (got, _) = read_all(&lone, Encoding::Utf16, 3);
        assert_eq!(got, b"a\xFFb\xFF");
    }
}
