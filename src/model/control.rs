//! Control numbers: in which interchange and transaction set of an X12 input a segment stands.

/// The control numbers that hold from a segment on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct From {
    record: u64,
    interchange: [u8; Controls::BYTES_MAX],
    set: [u8; Controls::BYTES_MAX],
}

/// Which control numbers hold where in an input: one entry of some forty bytes for each transaction
/// set, in the order of the input. Empty for inputs that are not X12.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Controls(Vec<From>);

impl Controls {
    /// Characters of a control number that are kept; X12 has nine.
    const BYTES_MAX: usize = 15;

    /// From this record on, these are the control numbers (ISA13 and ST02).
    pub fn push(&mut self, record: u64, interchange: &[u8], set: &[u8]) {
        let kept = |text: &[u8]| {
            let mut kept = [0; Self::BYTES_MAX];
            // Whatever is no control number may be anything, a name even.
            let is_number = text.iter().all(|byte| byte.is_ascii_alphanumeric());
            if is_number && text.len() <= Self::BYTES_MAX {
                kept.iter_mut().zip(text).for_each(|(to, byte)| *to = *byte);
            }
            kept
        };
        self.0.push(From { record, interchange: kept(interchange), set: kept(set) });
    }

    /// Whether there are none, as in an input that is not X12.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The control numbers of the interchange (ISA13) and the transaction set (ST02) that a record
    /// stands in, as far as it stands in one.
    pub fn at(&self, record: u64) -> (Option<&str>, Option<&str>) {
        let after = self.0.partition_point(|from| from.record <= record);
        let Some(from) = after.checked_sub(1).and_then(|at| self.0.get(at)) else {
            return (None, None);
        };
        (text(&from.interchange), text(&from.set))
    }
}

fn text(kept: &[u8]) -> Option<&str> {
    let end = kept.iter().position(|byte| *byte == 0).unwrap_or(kept.len());
    let text = std::str::from_utf8(kept.get(..end)?).ok()?;
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_last_header_before() {
        let mut controls = Controls::default();
        assert!(controls.is_empty());
        controls.push(1, b"000000007", b"");
        controls.push(3, b"000000007", b"0001");
        controls.push(9, b"000000007", b"");
        controls.push(10, b"Roe, Jane", b"0002");
        assert_eq!(controls.at(0), (None, None));
        assert_eq!(controls.at(2), (Some("000000007"), None));
        assert_eq!(controls.at(3), (Some("000000007"), Some("0001")));
        assert_eq!(controls.at(8), (Some("000000007"), Some("0001")));
        assert_eq!(controls.at(9), (Some("000000007"), None));
        assert_eq!(controls.at(99), (None, Some("0002")));
    }
}
