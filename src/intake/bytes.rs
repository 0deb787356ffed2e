//! A published file as it lies on the disk: its digest, and what it holds as text or as sheets.

use std::fs;
use std::io::{Cursor, Read as _};
use std::path::Path;

use calamine::{Data, Range, Reader as _, Xlsx};
use encoding_rs::{Encoding, WINDOWS_1252};
use flate2::read::MultiGzDecoder;
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};
use crate::model::hexadecimal;

/// The most bytes of a file, packed or not: ten times the largest that is published.
const BYTES_MAX: u64 = 2 << 30;

/// A file that was read whole.
#[derive(Debug)]
pub struct File {
    /// Its name, without its folder.
    pub name: String,
    /// The SHA-256 of its bytes as they lie on the disk, in hexadecimal.
    pub sha256: String,
    /// What it holds.
    pub content: Content,
}

/// What a file holds, unpacked and decoded.
#[derive(Debug)]
pub enum Content {
    /// Text whose lines end with LF or CR LF.
    Text(String),
    /// The sheets of a workbook.
    Sheets(Vec<Sheet>),
}

/// A sheet of a workbook.
#[derive(Debug)]
pub struct Sheet {
    /// Its name.
    pub name: String,
    /// The number of its first row, as the workbook counts.
    pub first_row: u64,
    /// Its cells by row, dates as `2024-03-01`.
    pub rows: Vec<Vec<String>>,
}

/// Reads a file whole. An error names the file.
pub fn load(path: &Path) -> Result<File> {
    let place = path.display().to_string();
    let bytes = read(path).map_err(|error| error.in_place(&place))?;
    let sha256 = hexadecimal(&Sha256::digest(&bytes));
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let content = unpack(bytes).map_err(|error| error.in_place(&place))?;
    Ok(File { name, sha256, content })
}

fn read(path: &Path) -> Result<Vec<u8>> {
    let failed = |error: std::io::Error| Error::input(format!("cannot be read: {error}"));
    let file = fs::File::open(path).map_err(failed)?;
    if file.metadata().map_err(failed)?.is_dir() {
        return Err(Error::input("is a directory").with_help("name the files in it"));
    }
    bounded(file).map_err(failed)?.ok_or_else(too_large)
}

/// Everything that a reader gives, or nothing if that is too much.
fn bounded(reader: impl std::io::Read) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    reader.take(BYTES_MAX + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= BYTES_MAX).then_some(bytes))
}

fn too_large() -> Error {
    Error::input("is larger than 2 GiB, and no published file is")
}

/// What the bytes hold, told by how they begin and never by the file's name.
fn unpack(mut bytes: Vec<u8>) -> Result<Content> {
    if bytes.starts_with(&[0x1F, 0x8B]) {
        let unpacked = bounded(MultiGzDecoder::new(bytes.as_slice()));
        let broken = |error| Error::input(format!("is a broken gzip file: {error}"));
        bytes = unpacked.map_err(broken)?.ok_or_else(too_large)?;
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return sheets(bytes).map(Content::Sheets);
    }
    if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        let error = Error::input("is a workbook of the form before 2007 (.xls)");
        return Err(error.with_help("save it as .xlsx or .csv"));
    }
    let text = decode(bytes);
    if text.contains('\0') {
        return Err(Error::input("is neither text nor a workbook (.xlsx)"));
    }
    Ok(Content::Text(with_line_feeds(text)))
}

/// UTF-8, or what a byte order mark says, or else Windows-1252, which every byte is text in.
fn decode(bytes: Vec<u8>) -> String {
    if let Some((encoding, _)) = Encoding::for_bom(&bytes) {
        return encoding.decode(&bytes).0.into_owned();
    }
    String::from_utf8(bytes)
        .unwrap_or_else(|error| WINDOWS_1252.decode(error.as_bytes()).0.into_owned())
}

/// Without a lone CR as a line end, nor the end-of-file mark of DOS.
fn with_line_feeds(text: String) -> String {
    let bytes = text.as_bytes();
    let lone = bytes.iter().zip(bytes.iter().skip(1).chain([&0])).any(|pair| match pair {
        (b'\r', next) => *next != b'\n',
        _ => false,
    });
    let mut text = if lone { text.replace("\r\n", "\n").replace('\r', "\n") } else { text };
    if text.ends_with('\u{1a}') {
        text.pop();
    }
    text
}

fn sheets(bytes: Vec<u8>) -> Result<Vec<Sheet>> {
    let broken = |error: calamine::XlsxError| {
        Error::input(format!("is a zip file, but no workbook that can be read: {error}"))
            .with_help("unpack an archive first, and name the files that were in it")
    };
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let names = book.sheet_names();
    let mut sheets = Vec::with_capacity(names.len());
    for name in names {
        let range = book.worksheet_range(&name).map_err(broken)?;
        sheets.push(sheet(name, &range));
    }
    Ok(sheets)
}

fn sheet(name: String, range: &Range<Data>) -> Sheet {
    let first_row = range.start().map_or(1, |(row, _)| u64::from(row) + 1);
    let left = range.start().map_or(0, |(_, column)| column as usize);
    let rows = range.rows().map(|row| {
        // Columns are counted from the sheet's edge, so that positions mean what they say.
        std::iter::repeat_n(String::new(), left).chain(row.iter().map(cell)).collect()
    });
    Sheet { name, first_row, rows: rows.collect() }
}

fn cell(data: &Data) -> String {
    match data {
        Data::DateTime(date) if date.is_datetime() => {
            let (year, month, day, ..) = date.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        Data::Empty => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn text(bytes: &[u8]) -> String {
        match unpack(bytes.to_vec()).unwrap() {
            Content::Text(text) => text,
            Content::Sheets(_) => panic!("no workbook"),
        }
    }

    #[test]
    fn text_comes_in_any_encoding_with_any_line_end_packed_or_not() {
        assert_eq!(text("\u{feff}é,1\r\n".as_bytes()), "é,1\r\n");
        assert_eq!(text(b"\xE9,1\rb,2\r"), "é,1\nb,2\n");
        assert_eq!(text(b"a\r\nb\rc\n\x1a"), "a\nb\nc\n");
        assert_eq!(text(&[0xFF, 0xFE, b'a', 0, b'\n', 0]), "a\n");
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(b"a,b\n").unwrap();
        assert_eq!(text(&packed.finish().unwrap()), "a,b\n");
    }

    #[test]
    fn what_is_neither_text_nor_a_workbook_is_refused() {
        for (bytes, said) in [
            (&b"\xD0\xCF\x11\xE0\0\0"[..], ".xls"),
            (b"a\0b", "neither text"),
            (b"PK\x03\x04rest", "no workbook"),
            (b"\x1f\x8b\x08rest", "broken gzip"),
        ] {
            let error = unpack(bytes.to_vec()).unwrap_err();
            assert!(error.message().contains(said), "{error}");
        }
    }

    #[test]
    fn numbers_of_a_sheet_are_written_as_they_look() {
        assert_eq!(cell(&Data::Float(99213.0)), "99213");
        assert_eq!(cell(&Data::String("00100".to_owned())), "00100");
        let kind = calamine::ExcelDateTimeType::DateTime;
        let date = calamine::ExcelDateTime::new(45292.0, kind, false);
        assert_eq!(cell(&Data::DateTime(date)), "2024-01-01");
    }
}
