//! Numbers as the digits that a cell of text would have.

/// The decimal digits of a number, at the end of `into`.
pub fn digits(mut number: u64, into: &mut [u8; 20]) -> &[u8] {
    let mut start = into.len();
    for digit in into.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
        start -= 1;
        if number == 0 {
            break;
        }
    }
    into.get(start..).unwrap_or_default()
}
