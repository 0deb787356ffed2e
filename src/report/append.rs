//! Numbers and texts appended to bytes, for reports that list every finding.
//!
//! A run may have tens of millions of findings, and each has a dozen cells: what is written here
//! is what general formatting gives, which the tests hold, without its cost.

use crate::model::Cents;

/// The two digits of each number below 100.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let mut number = 0;
    while number < pairs.len() {
        #[allow(clippy::indexing_slicing, reason = "the loop ends at the length")]
        {
            pairs[number] = [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
        }
        number += 1;
    }
    pairs
};

/// Appends a number in decimal.
#[inline]
pub fn number(mut number: u64, into: &mut Vec<u8>) {
    // The longest number has twenty digits: ten pairs.
    let mut digits = [0_u8; 20];
    let mut start = digits.len();
    for place in digits.as_chunks_mut::<2>().0.iter_mut().rev() {
        start -= 2;
        *place = PAIRS.get((number % 100) as usize).copied().unwrap_or_default();
        number /= 100;
        if number == 0 {
            break;
        }
    }
    start += usize::from(digits.get(start) == Some(&b'0') && start + 1 < digits.len());
    into.extend_from_slice(digits.get(start..).unwrap_or_default());
}

/// Appends an amount as a decimal with two places: `-5.00`.
#[inline]
pub fn money(amount: Cents, into: &mut Vec<u8>) {
    let Ok(cents) = i64::try_from(amount.0) else {
        into.extend_from_slice(amount.to_string().as_bytes());
        return;
    };
    if cents < 0 {
        into.push(b'-');
    }
    let cents = cents.unsigned_abs();
    number(cents / 100, into);
    into.push(b'.');
    into.extend_from_slice(&PAIRS.get((cents % 100) as usize).copied().unwrap_or_default());
}

/// Appends 128 bits as 32 hexadecimal digits.
#[inline]
pub fn hexadecimal(bits: u128, into: &mut Vec<u8>) {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble & 15)).copied().unwrap_or_default();
    let mut text = [0; 32];
    for (pair, byte) in text.as_chunks_mut::<2>().0.iter_mut().zip(bits.to_be_bytes()) {
        *pair = [digit(byte >> 4), digit(byte)];
    }
    into.extend_from_slice(&text);
}

/// Where the first byte is that is special; most texts have none.
#[inline]
fn find(text: &[u8], is_special: impl Fn(u8) -> bool) -> Option<usize> {
    // Looking at whole pieces without a way out in between compiles to vector instructions.
    let (pieces, _) = text.as_chunks::<16>();
    let plain = |piece: &&[u8; 16]| !piece.iter().fold(false, |any, byte| any | is_special(*byte));
    let at = pieces.iter().take_while(plain).count() * 16;
    let rest = text.get(at..).unwrap_or_default();
    rest.iter().position(|byte| is_special(*byte)).map(|found| at + found)
}

/// Appends a text as a JSON string.
#[inline]
pub fn json(text: &str, into: &mut Vec<u8>) {
    into.push(b'"');
    let mut rest = text.as_bytes();
    while let Some(at) = find(rest, |byte| byte < b' ' || byte == b'"' || byte == b'\\') {
        let (plain, special) = rest.split_at(at);
        into.extend_from_slice(plain);
        let Some((byte, after)) = special.split_first() else { break };
        escape(*byte, into);
        rest = after;
    }
    into.extend_from_slice(rest);
    into.push(b'"');
}

#[cold]
fn escape(byte: u8, into: &mut Vec<u8>) {
    let short = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        0x0c => b'f',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        _ => {
            into.extend_from_slice(format!("\\u{byte:04x}").as_bytes());
            return;
        }
    };
    into.extend_from_slice(&[b'\\', short]);
}

/// Appends a CSV cell, in quotes where it needs them. `guard` comes before the text in the cell.
#[inline]
pub fn csv(guard: &str, text: &str, into: &mut Vec<u8>) {
    let needs_quotes = |byte: u8| matches!(byte, b',' | b'"' | b'\n' | b'\r');
    if find(text.as_bytes(), needs_quotes).is_none() {
        into.extend_from_slice(guard.as_bytes());
        into.extend_from_slice(text.as_bytes());
        return;
    }
    into.push(b'"');
    into.extend_from_slice(guard.as_bytes());
    for (at, part) in text.split('"').enumerate() {
        into.extend_from_slice(if at > 0 { b"\"\"" } else { b"" });
        into.extend_from_slice(part.as_bytes());
    }
    into.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn appended(append: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut bytes = b"before".to_vec();
        append(&mut bytes);
        String::from_utf8(bytes).unwrap().strip_prefix("before").unwrap().to_owned()
    }

    proptest::proptest! {
        #[test]
        fn all_is_written_as_general_formatting_writes_it(
            wide in proptest::num::u64::ANY,
            shift in 0..64_u32,
            cents in -(1_i128 << 70)..1 << 70,
            cents_shift in 0..71_u32,
            bits in proptest::num::u128::ANY,
            text in "(\\PC|[\"\\\\,a\u{0}-\u{20}\u{7f}\u{2028}é]){0,40}",
        ) {
            let narrow = wide >> shift;
            proptest::prop_assert_eq!(appended(|b| number(narrow, b)), narrow.to_string());
            let cents = Cents(cents >> cents_shift);
            proptest::prop_assert_eq!(appended(|b| money(cents, b)), cents.to_string());
            proptest::prop_assert_eq!(appended(|b| hexadecimal(bits, b)), format!("{bits:032x}"));
            let slow = serde_json::to_string(&text).unwrap();
            proptest::prop_assert_eq!(appended(|b| json(&text, b)), slow);
            let mut slow = ::csv::Writer::from_writer(Vec::new());
            slow.write_record(["", &text, &format!("'{text}")]).unwrap();
            let slow = String::from_utf8(slow.into_inner().unwrap()).unwrap();
            let fast = appended(|bytes| {
                bytes.push(b',');
                csv("", &text, bytes);
                bytes.push(b',');
                csv("'", &text, bytes);
                bytes.push(b'\n');
            });
            proptest::prop_assert_eq!(fast, slow);
        }
    }

    #[test]
    fn numbers_of_every_length_are_written() {
        for power in 0..20 {
            let ten = 10_u64.pow(power);
            for number in [ten - 1, ten, ten + 1, u64::MAX] {
                assert_eq!(appended(|bytes| super::number(number, bytes)), number.to_string());
            }
        }
    }
}
