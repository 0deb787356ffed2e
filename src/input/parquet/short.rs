//! The short texts of a column, each as the view of sixteen bytes that Arrow keeps of it: its
//! length and, of up to twelve bytes, the text itself. Nearly all cells of an export are short.

pub use polars_arrow::array::View;

/// The bytes of a text that its view holds.
pub const SHORT_BYTES_MAX: usize = 12;

/// The view of a value whose text is to be written when it is asked for.
pub const UNWRITTEN: View = View { length: u32::MAX, prefix: 0, buffer_idx: 0, offset: 0 };

const LOW: u128 = u128::from_ne_bytes([0x01; 16]);
const HIGH: u128 = u128::from_ne_bytes([0x80; 16]);

/// The length of a short text, and the text in the lowest bytes of a number; what stands above it
/// is zero. Nothing where the text is longer.
#[inline]
pub fn short(view: &View) -> Option<(usize, u128)> {
    let length = view.length as usize;
    if length > SHORT_BYTES_MAX {
        return None;
    }
    let part = |part: u32, at: u32| u128::from(part.to_le()) << at;
    let text = part(view.prefix, 0) | part(view.buffer_idx, 32) | part(view.offset, 64);
    Some((length, text & !beyond(length)))
}

/// The bits above a text of this length, which is below sixteen.
#[inline]
fn beyond(length: usize) -> u128 {
    u128::MAX << (8 * length)
}

/// Whether a short text is ASCII without a NUL.
#[inline]
pub fn is_plain(length: usize, text: u128) -> bool {
    // A byte that is zero borrows; what stands above the text is none.
    let filled = text | beyond(length);
    text & HIGH == 0 && filled.wrapping_sub(LOW) & !filled & HIGH == 0
}

/// The view of a text, as far as it is short.
pub fn view_of(text: &[u8]) -> View {
    if text.len() > SHORT_BYTES_MAX {
        return UNWRITTEN;
    }
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(text).for_each(|(to, byte)| *to = *byte);
    let number = u128::from_le_bytes(bytes);
    let part = |at: u32| (number >> at) as u32;
    View {
        length: text.len() as u32,
        prefix: part(0).to_le(),
        buffer_idx: part(32).to_le(),
        offset: part(64).to_le(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn a_short_text_is_in_its_view(
            picks in proptest::collection::vec(0_usize..7, 0..16),
            noise: u32,
        ) {
            let text: Vec<u8> = picks.iter().map(|pick| b"a9 \x7f\x80\xff\0"[*pick]).collect();
            let view = view_of(&text);
            let Some((length, number)) = short(&view) else {
                proptest::prop_assert!(text.len() > SHORT_BYTES_MAX);
                return Ok(());
            };
            proptest::prop_assert_eq!(&number.to_le_bytes()[..length], text.as_slice());
            proptest::prop_assert_eq!(beyond(length) & number, 0);
            let plain = text.iter().all(|byte| byte.is_ascii() && *byte != 0);
            proptest::prop_assert_eq!(is_plain(length, number), plain);
            // What stands behind the text means nothing.
            if length <= 8 {
                let noisy = View { offset: noise, ..view };
                proptest::prop_assert_eq!(short(&noisy), Some((length, number)));
            }
            // It is what Arrow makes of the text.
            let arrow = View::new_inline(&text);
            proptest::prop_assert_eq!(short(&arrow), Some((length, number)));
        }
    }
}
