//! Thrift's compact protocol, as far as the metadata of a Parquet file needs it.
//!
//! The bytes are not trusted: nothing is allocated for what they say is there, no nesting goes
//! deeper than `DEPTH_MAX`, and every step takes at least one byte, so that walking them ends.

/// Structures in structures; those of Parquet go no deeper than six.
const DEPTH_MAX: usize = 16;

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// True; in a field's head it is the value itself.
    True,
    /// False; the same.
    False,
    /// One byte.
    Byte,
    /// A whole number of 16, 32 or 64 bits.
    Whole,
    /// A floating-point number of eight bytes.
    Double,
    /// Bytes after their length.
    Binary,
    /// Values of one kind after their number.
    List,
    /// Pairs after their number.
    Map,
    /// Fields.
    Struct,
    /// Sixteen bytes.
    Uuid,
}

impl Kind {
    fn of(nibble: u8) -> Option<Kind> {
        Some(match nibble {
            1 => Kind::True,
            2 => Kind::False,
            3 => Kind::Byte,
            4..=6 => Kind::Whole,
            7 => Kind::Double,
            8 => Kind::Binary,
            9 | 10 => Kind::List,
            11 => Kind::Map,
            12 => Kind::Struct,
            13 => Kind::Uuid,
            _ => return None,
        })
    }
}

/// A field of a structure: its number and the kind of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its number in the definition.
    pub id: i16,
    /// What its value is.
    pub kind: Kind,
}

/// Reads values one after the other. Nothing is returned where the bytes end too early or mean
/// nothing.
#[derive(Debug, Clone)]
pub struct Reader<'b> {
    bytes: &'b [u8],
    depth: usize,
}

impl<'b> Reader<'b> {
    /// Reads `bytes` from their start.
    pub fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, depth: 0 }
    }

    /// What was not read yet.
    pub fn rest(&self) -> &'b [u8] {
        self.bytes
    }

    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(count)?;
        self.bytes = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(*first)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// A whole number of any width.
    pub fn whole(&mut self) -> Option<i64> {
        let zigzag = self.varint()?;
        Some((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64))
    }

    /// A whole number of 32 bits.
    pub fn int(&mut self) -> Option<i32> {
        i32::try_from(self.whole()?).ok()
    }

    /// Bytes after their length.
    pub fn binary(&mut self) -> Option<&'b [u8]> {
        let length = usize::try_from(self.varint()?).ok()?;
        self.take(length)
    }

    /// The head of a list: how many elements follow, and of what kind. Every element takes at
    /// least a byte, so a number beyond what is left is no list.
    pub fn list(&mut self) -> Option<(usize, Kind)> {
        let head = self.byte()?;
        let count = match head >> 4 {
            // Some writers do not say what a list is empty of.
            0 => return Some((0, Kind::of(head & 0x0f).unwrap_or(Kind::Struct))),
            15 => usize::try_from(self.varint()?).ok()?,
            count => usize::from(count),
        };
        let kind = Kind::of(head & 0x0f)?;
        (count <= self.bytes.len()).then_some((count, kind))
    }

    /// Reads a structure: calls `read` with each of its fields, whose value it must take, by
    /// [`Reader::skip`] if it knows nothing better.
    pub fn structure(
        &mut self,
        mut read: impl FnMut(&mut Self, Field) -> Option<()>,
    ) -> Option<()> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return None;
        }
        let mut id = 0_i16;
        loop {
            let head = self.byte()?;
            if head == 0 {
                break;
            }
            let kind = Kind::of(head & 0x0f)?;
            id = match head >> 4 {
                0 => i16::try_from(self.whole()?).ok()?,
                step => id.checked_add(i16::from(step))?,
            };
            read(self, Field { id, kind })?;
        }
        self.depth -= 1;
        Some(())
    }

    /// Passes over the value of a field.
    pub fn skip(&mut self, kind: Kind) -> Option<()> {
        match kind {
            // In the head of a field; an element of a list has a byte, see `skip_element`.
            Kind::True | Kind::False => Some(()),
            Kind::Byte => self.byte().map(drop),
            Kind::Whole => self.varint().map(drop),
            Kind::Double => self.take(8).map(drop),
            Kind::Uuid => self.take(16).map(drop),
            Kind::Binary => self.binary().map(drop),
            Kind::Struct => self.structure(|reader, field| reader.skip(field.kind)),
            Kind::List => {
                let (count, kind) = self.list()?;
                self.skip_elements(count, kind)
            }
            Kind::Map => self.skip_map(),
        }
    }

    fn skip_elements(&mut self, count: usize, kind: Kind) -> Option<()> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return None;
        }
        for _ in 0..count {
            self.skip_element(kind)?;
        }
        self.depth -= 1;
        Some(())
    }

    fn skip_element(&mut self, kind: Kind) -> Option<()> {
        match kind {
            Kind::True | Kind::False => self.byte().map(drop),
            kind => self.skip(kind),
        }
    }

    fn skip_map(&mut self) -> Option<()> {
        let count = usize::try_from(self.varint()?).ok()?;
        if count == 0 {
            return Some(());
        }
        if count > self.bytes.len() {
            return None;
        }
        let kinds = self.byte()?;
        let (key, value) = (Kind::of(kinds >> 4)?, Kind::of(kinds & 0x0f)?);
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return None;
        }
        for _ in 0..count {
            self.skip_element(key)?;
            self.skip_element(value)?;
        }
        self.depth -= 1;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Field 1 = 5, field 2 = "ab", field 20 = [true, false], field 21 = {1: 2.0}, end.
    const SAMPLE: [u8; 26] = [
        0x15, 10, 0x18, 2, b'a', b'b', 0x09, 40, 0x21, 1, 2, 0x1b, 1, 0x37, 1, 0, 0, 0, 0, 0, 0, 0,
        64, 0x11, 0, 99,
    ];

    #[test]
    fn fields_are_read_and_passed_over() {
        let mut reader = Reader::new(&SAMPLE);
        let (mut number, mut text, mut ids) = (0, b"".as_slice(), Vec::new());
        let read = reader.structure(|reader, field| {
            ids.push(field.id);
            match field.id {
                1 => number = reader.int()?,
                2 => text = reader.binary()?,
                _ => reader.skip(field.kind)?,
            }
            Some(())
        });
        assert_eq!((read, number, text), (Some(()), 5, b"ab".as_slice()));
        assert_eq!(ids, [1, 2, 20, 21, 22]);
        assert_eq!(reader.rest(), [99]);
    }

    #[test]
    fn no_bytes_make_it_panic_or_run_on() {
        for cut in 0..SAMPLE.len() - 2 {
            let mut reader = Reader::new(&SAMPLE[..cut]);
            let read = reader.structure(|reader, field| reader.skip(field.kind));
            assert_eq!(read, None, "{cut}");
        }
        // A list of lists of lists…: each level takes a byte and would take a stack frame.
        let deep = vec![0x19; 1 << 20];
        assert_eq!(Reader::new(&deep).skip(Kind::List), None);
        // A list that says it has 2^60 elements.
        let long = [0xf3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f];
        assert_eq!(Reader::new(&long).list(), None);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_walked_in_their_own_length(
            bytes in proptest::collection::vec(0_u8.., 0..200),
        ) {
            let mut reader = Reader::new(&bytes);
            let _ = reader.structure(|reader, field| reader.skip(field.kind));
            proptest::prop_assert!(reader.rest().len() <= bytes.len());
        }
    }
}
