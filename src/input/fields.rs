//! A record into cells: where each cell starts and ends, and what a quoted cell says.

#![allow(clippy::indexing_slicing, reason = "hot path; every index was found in the same slice")]

use memchr::memchr;

use crate::model::batch::Span;

/// Calls `cell` with the number and the bounds of each cell of a record without quotes, and
/// returns how many there are. Eight bytes at a time: cells of claim lines are short.
#[inline]
pub fn plain_cells(
    record: &[u8],
    delimiter: u8,
    mut cell: impl FnMut(usize, usize, usize),
) -> usize {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let pattern = u64::from_ne_bytes([delimiter; 8]);
    let (mut number, mut start) = (0, 0);
    let (words, tail) = record.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let differs = u64::from_le_bytes(*word) ^ pattern;
        // The high bit of each byte that equals the delimiter, exactly.
        let mut hits = !(((differs & LOW) + LOW) | differs | LOW);
        while hits != 0 {
            let at = index * 8 + hits.trailing_zeros() as usize / 8;
            cell(number, start, at);
            number += 1;
            start = at + 1;
            hits &= hits - 1;
        }
    }
    let tail_start = words.len() * 8;
    for (offset, byte) in tail.iter().enumerate() {
        if *byte == delimiter {
            let at = tail_start + offset;
            cell(number, start, at);
            number += 1;
            start = at + 1;
        }
    }
    cell(number, start, record.len());
    number + 1
}

/// The same for a record that may have quoted cells, which the splitter found to be well-formed.
/// The bounds of a quoted cell include its quotes.
pub fn quoted_cells(
    record: &[u8],
    delimiter: u8,
    mut cell: impl FnMut(usize, usize, usize),
) -> usize {
    let (mut number, mut start) = (0, 0);
    loop {
        let mut at = start;
        if record.get(at) == Some(&b'"') {
            at = after_quoted(record, at);
        }
        let end = memchr(delimiter, &record[at..]).map_or(record.len(), |offset| at + offset);
        cell(number, start, end);
        number += 1;
        if end == record.len() {
            return number;
        }
        start = end + 1;
    }
}

/// One past the quote that closes the cell which opens at `open`.
fn after_quoted(record: &[u8], open: usize) -> usize {
    let mut at = open + 1;
    while let Some(offset) = memchr(b'"', &record[at..]) {
        let quote = at + offset;
        if record.get(quote + 1) != Some(&b'"') {
            return quote + 1;
        }
        at = quote + 2;
    }
    record.len()
}

/// What a cell says: quotes around it dropped, doubled quotes inside made single. A cell that needs
/// rewriting is appended to `text`; the span always lies in `text`.
pub fn unquote(text: &mut Vec<u8>, start: usize, end: usize) -> Span {
    let span = |start: usize, end: usize| Span { start: start as u32, len: (end - start) as u32 };
    if start + 1 >= end || text[start] != b'"' {
        return span(start, end);
    }
    let (start, end) = (start + 1, end - 1);
    if memchr(b'"', &text[start..end]).is_none() {
        return span(start, end);
    }
    let rewritten = text.len();
    let mut at = start;
    while at < end {
        let byte = text[at];
        text.push(byte);
        at += if byte == b'"' { 2 } else { 1 };
    }
    span(rewritten, text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(
        record: &str,
        split: impl Fn(&[u8], &mut Vec<(usize, usize)>) -> usize,
    ) -> Vec<String> {
        let mut bounds = Vec::new();
        let width = split(record.as_bytes(), &mut bounds);
        assert_eq!(width, bounds.len());
        let mut text = record.as_bytes().to_vec();
        let spans: Vec<_> = bounds.iter().map(|(a, b)| unquote(&mut text, *a, *b)).collect();
        let cell = |span: &Span| text[span.start as usize..][..span.len as usize].to_vec();
        spans.iter().map(|span| String::from_utf8(cell(span)).unwrap()).collect()
    }

    proptest::proptest! {
        #[test]
        fn plain_cells_are_what_split_says(record in "[a,é\\x7f\\x2b-\\x2d]{0,40}") {
            let got = cells(&record, |r, out| plain_cells(r, b',', |_, a, b| out.push((a, b))));
            let want: Vec<_> = record.split(',').map(str::to_owned).collect();
            proptest::prop_assert_eq!(got, want);
        }

        #[test]
        fn quoted_cells_are_what_the_csv_crate_says(
            row in proptest::collection::vec("[a\",\n ]{0,6}", 1..8),
        ) {
            let mut writer = csv::WriterBuilder::new();
            let mut writer =
                writer.quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
            writer.write_record(&row).unwrap();
            let written = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let record = written.strip_suffix('\n').unwrap();
            let got = cells(record, |r, out| quoted_cells(r, b',', |_, a, b| out.push((a, b))));
            proptest::prop_assert_eq!(got, row);
        }
    }
}
