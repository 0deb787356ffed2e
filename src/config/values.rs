//! The written forms of single values: delimiters, sizes, ranges of codes, reports.

use std::path::PathBuf;
use std::time::Duration;

use crate::config::raw::RawReports;
use crate::error::{Error, Result, nearest};
use crate::report::Format;

/// The least memory that a run can work in.
const MEMORY_BYTES_MIN: u64 = 16 << 20;

/// The delimiter that a text stands for: a word, `\t`, or the character itself.
pub fn delimiter(text: &str) -> Result<u8> {
    let byte = match text {
        "comma" => b',',
        "semicolon" => b';',
        "pipe" => b'|',
        "tab" | "\\t" => b'\t',
        _ => match text.as_bytes() {
            [byte] => *byte,
            _ => return Err(bad_delimiter()),
        },
    };
    match byte {
        b'"' | b'\r' | b'\n' | 0 => Err(bad_delimiter()),
        byte => Ok(byte),
    }
}

fn bad_delimiter() -> Error {
    let error = Error::settings("a delimiter is one ASCII character, not a quote or a line break");
    error.with_help("write `,` `;` `|` `\\t`, or comma, semicolon, pipe, tab")
}

/// The number of bytes that a text such as `1GiB`, `256MB`, `512K` or `1048576` stands for.
pub fn bytes(text: &str) -> Result<u64> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits).unwrap_or((text, ""));
    let factor: Option<u64> = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => Some(1),
        "k" | "kib" => Some(1 << 10),
        "m" | "mib" => Some(1 << 20),
        "g" | "gib" => Some(1 << 30),
        "t" | "tib" => Some(1 << 40),
        "kb" => Some(1000),
        "mb" => Some(1000_u64.pow(2)),
        "gb" => Some(1000_u64.pow(3)),
        "tb" => Some(1000_u64.pow(4)),
        _ => None,
    };
    let size = factor.and_then(|factor| number.parse::<u64>().ok()?.checked_mul(factor));
    size.ok_or_else(|| {
        Error::settings(format!("`{text}` is no size"))
            .with_help("write a whole number with a unit, such as 512MiB or 1GiB")
    })
}

/// The time that a text such as `90s`, `5m`, `2h` or `1d` stands for.
pub fn duration(text: &str) -> Result<Duration> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits).unwrap_or((text, ""));
    let seconds: Option<u64> = match unit.trim() {
        "s" => Some(1),
        "m" | "min" => Some(60),
        "h" => Some(3600),
        "d" => Some(86_400),
        _ => None,
    };
    let all = seconds.and_then(|seconds| number.parse::<u64>().ok()?.checked_mul(seconds));
    all.map(Duration::from_secs).ok_or_else(|| {
        Error::settings(format!("`{text}` is no length of time"))
            .with_help("write a whole number with a unit: 90s, 5m, 2h or 1d")
    })
}

/// A memory limit: a size that a run can work in.
pub fn memory_limit(bytes: u64) -> Result<u64> {
    if bytes >= MEMORY_BYTES_MIN {
        return Ok(bytes);
    }
    Err(Error::settings("the memory limit is below 16 MiB, the least that a run can work in"))
}

/// A range of code numbers: `10004-69990`, or one number. Both ends are included.
pub fn range(text: &str) -> Result<(u32, u32)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let number = |digits: &str| {
        let digits = digits.trim();
        let plain = (1..=5).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if plain { digits.parse::<u32>().ok() } else { None }
    };
    match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => Ok((first, last)),
        (Some(_), Some(_)) => {
            Err(Error::settings(format!("the range `{text}` ends before it begins")))
        }
        _ => Err(Error::settings(format!("`{text}` is no range of code numbers"))
            .with_help("write the digits only: \"10004-69990\"")),
    }
}

/// A kind of report file and its path, from `KIND=PATH`.
pub fn report(text: &str) -> Result<(String, String)> {
    match text.split_once('=') {
        Some((kind, path)) => Ok((kind.trim().to_owned(), path.to_owned())),
        None => Err(Error::settings(format!("`{text}` is no report"))
            .with_help("write KIND=PATH, such as ndjson=findings.ndjson")),
    }
}

/// The kind of report that holds the numbers of the run and no finding. Unlike every other, it is
/// written however a run ends.
pub const METRICS: &str = "prom";

/// The form of a report file of this kind, none for [`METRICS`], and its path.
pub fn report_file(kind: &str, path: &str) -> Result<(Option<Format>, PathBuf)> {
    let mut known = Format::FILES.into_iter().filter(|(name, _)| *name == kind);
    let format = known.next().map(|(_, format)| format);
    if format.is_none() && kind != METRICS {
        let error = Error::settings(format!("unknown kind of report `{kind}`"));
        let kinds = Format::FILES.iter().map(|(name, _)| *name).chain([METRICS]);
        let kinds: Vec<&str> = kinds.collect();
        return Err(match nearest(kind, kinds.iter().copied()) {
            Some(name) => error.with_help(format!("did you mean `{name}`?")),
            None => error.with_help(format!("expected one of: {}", kinds.join(", "))),
        });
    }
    if path.is_empty() {
        return Err(Error::settings(format!("the {kind} report has no path")));
    }
    Ok((format, PathBuf::from(path)))
}

/// The report files, each path once; and the file for the numbers of the run.
pub fn report_files(written: &RawReports) -> Result<ReportFiles> {
    let pairs: Vec<(String, String)> = match written {
        RawReports::Table(table) => table.clone().into_iter().collect(),
        RawReports::List(list) => list.iter().map(|text| report(text)).collect::<Result<_>>()?,
    };
    let mut files: Vec<(Format, PathBuf)> = Vec::new();
    let mut metrics: Option<PathBuf> = None;
    for (kind, path) in &pairs {
        let (format, path) = report_file(kind, path)?;
        if files.iter().map(|(_, other)| other).chain(&metrics).any(|other| *other == path) {
            return Err(Error::settings(format!("two reports go to {}", path.display())));
        }
        match format {
            Some(format) => files.push((format, path)),
            None if metrics.is_some() => {
                return Err(Error::settings(format!("two reports of the kind {kind}")));
            }
            None => metrics = Some(path),
        }
    }
    Ok((files, metrics))
}

/// Reports in files, and where the numbers of the run go.
pub type ReportFiles = (Vec<(Format, PathBuf)>, Option<PathBuf>);

/// A procedure modifier: two ASCII letters or digits, upper-cased.
pub fn modifier(text: &str) -> Result<[u8; 2]> {
    match text.trim().as_bytes() {
        [first, second] if first.is_ascii_alphanumeric() && second.is_ascii_alphanumeric() => {
            Ok([first.to_ascii_uppercase(), second.to_ascii_uppercase()])
        }
        _ => Err(Error::settings(format!("`{text}` is no modifier"))
            .with_help("a modifier is two letters or digits, such as 25 or LT")),
    }
}

/// A text as TOML writes it.
pub fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// The paths of the 999 and of the 277CA, of a list of `KIND=PATH`.
pub fn acks(written: &[String]) -> Result<[Option<PathBuf>; 2]> {
    let mut acks = [None, None];
    for text in written {
        let (kind, path) = text.split_once('=').unwrap_or((text, ""));
        let at = match kind.to_ascii_lowercase().as_str() {
            "999" => acks.first_mut(),
            "277ca" => acks.last_mut(),
            _ => None,
        };
        match at {
            Some(at @ None) if !path.is_empty() => *at = Some(PathBuf::from(path)),
            _ => {
                let error = Error::settings(format!("{text}: not an answer, or one given twice"));
                return Err(error.with_help("write 999=PATH or 277ca=PATH, each once"));
            }
        }
    }
    Ok(acks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delimiters_are_words_or_one_character() {
        let good = [
            (",", b','),
            (";", b';'),
            ("|", b'|'),
            ("\\t", b'\t'),
            ("\t", b'\t'),
            ("tab", b'\t'),
            ("comma", b','),
            ("pipe", b'|'),
            ("semicolon", b';'),
            ("^", b'^'),
            ("\u{1f}", 0x1f),
        ];
        for (text, want) in good {
            assert_eq!(delimiter(text).unwrap(), want, "{text:?}");
        }
        for text in ["", "\"", "\r", "\n", "\0", "||", "¦", "kommma"] {
            assert!(delimiter(text).unwrap_err().help().is_some(), "{text:?}");
        }
    }

    #[test]
    fn sizes_have_binary_and_decimal_units() {
        let good = [
            ("16MiB", 16 << 20),
            ("1GiB", 1 << 30),
            ("256MB", 256_000_000),
            ("512K", 512 << 10),
            ("1 gib", 1 << 30),
            ("16777216", 16 << 20),
        ];
        for (text, want) in good {
            assert_eq!(bytes(text).unwrap(), want, "{text}");
        }
        for text in ["", "GiB", "1.5GiB", "-1", "1XB", "99999999999TiB", "1é"] {
            assert!(bytes(text).is_err(), "{text}");
        }
        assert!(memory_limit((16 << 20) - 1).is_err());
        assert!(memory_limit(16 << 20).is_ok());
    }

    #[test]
    fn times_have_a_unit() {
        let seconds = |text| duration(text).map(|time| time.as_secs());
        for (text, want) in [("0s", 0), ("90s", 90), ("5m", 300), ("5 min", 300), ("2h", 7200)] {
            assert_eq!(seconds(text).unwrap(), want, "{text}");
        }
        assert_eq!(seconds("1d").unwrap(), 86_400);
        for text in ["", "5", "m", "-5m", "1.5m", "5M", "99999999999999999d", "1é"] {
            assert!(duration(text).unwrap_err().help().is_some(), "{text}");
        }
    }

    #[test]
    fn ranges_reports_and_modifiers() {
        assert_eq!(range("10004-69990").unwrap(), (10004, 69990));
        assert_eq!(range("0001 - 0015").unwrap(), (1, 15));
        assert_eq!(range("99").unwrap(), (99, 99));
        for text in ["", "2-1", "a-b", "1-2-3", "0001F-0015F", "100000"] {
            assert!(range(text).is_err(), "{text}");
        }
        assert!(report("ndjson").is_err());
        assert_eq!(report("csv=a=b").unwrap(), ("csv".to_owned(), "a=b".to_owned()));
        let unknown = report_file("ndjsn", "x").unwrap_err();
        assert_eq!(unknown.help(), Some("did you mean `ndjson`?"));
        assert!(report_file("csv", "").is_err());
        assert_eq!(modifier(" zz").unwrap(), *b"ZZ");
        assert!(modifier("ABC").is_err());
    }
}
