//! The key of a claim: its number, and what else tells it from other claims.
//!
//! In a batch, and wherever lines travel to their claim, a claim goes by its key. That is its
//! number alone, unless the input says that the number is not enough: then [`PART`] and a further
//! part follow, for each part.

/// Stands before each further part of a claim's key. No UTF-8 text contains it.
pub const PART: u8 = 0xFF;

/// The claim's number: its key without further parts.
pub fn number(key: &[u8]) -> &[u8] {
    key.split(|byte| *byte == PART).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_ends_where_further_parts_begin() {
        for (key, want) in [
            (&b"C1"[..], &b"C1"[..]),
            (b"C1\xFFA\xFFB", b"C1"),
            (b"C1\xFF", b"C1"),
            (b"\xFFA", b""),
            (b"", b""),
        ] {
            assert_eq!(number(key), want);
        }
    }
}
