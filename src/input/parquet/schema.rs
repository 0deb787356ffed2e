//! The schema of a Parquet file: which columns there are, how their values are stored, and what
//! they mean.

use crate::input::parquet::thrift::{Kind, Reader};

/// Columns that a file may have, at any depth.
const COLUMNS_MAX: usize = 1 << 16;

/// How the values of a column are stored, before any encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// One bit.
    Boolean,
    /// 32 bits, with a sign.
    Int32,
    /// 64 bits, with a sign.
    Int64,
    /// Nanoseconds of a day, and the number of the day: how timestamps were written long ago.
    Int96,
    /// Four bytes of floating point.
    Float,
    /// Eight bytes of floating point.
    Double,
    /// Any number of bytes.
    Bytes,
    /// This many bytes.
    Fixed(usize),
}

impl Stored {
    /// The bytes that a value takes at least in a dictionary, where one is written plain.
    pub fn width(self) -> usize {
        match self {
            Stored::Boolean => 1,
            Stored::Int32 | Stored::Float | Stored::Bytes => 4,
            Stored::Int64 | Stored::Double => 8,
            Stored::Int96 => 12,
            Stored::Fixed(width) => width,
        }
    }
}

/// What the values of a column mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// Text, or bytes that should be.
    Text,
    /// A truth value.
    Boolean,
    /// A whole number; whether it has a sign.
    Whole(bool),
    /// A floating-point number.
    Float,
    /// A whole number, with a point before so many of its last digits.
    Decimal(u32),
    /// Days since 1970-01-01.
    Date,
    /// A point in time, as so many of these a second since 1970-01-01.
    Timestamp(i64),
    /// Sixteen bytes that are written as hexadecimal digits.
    Uuid,
    /// Something that no field of a claim is.
    Other(&'static str),
}

/// A column at the top of the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Which of the column chunks of a row group is its, if it is no group of columns.
    pub leaf: Option<Leaf>,
}

/// A column that is no group of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaf {
    /// Its column chunk in each row group.
    pub at: usize,
    /// How its values are stored.
    pub stored: Stored,
    /// What they mean.
    pub meaning: Meaning,
    /// Whether a value may be missing.
    pub optional: bool,
    /// Whether it is a point in time that was moved to UTC.
    pub is_utc: bool,
}

/// An element of the schema, which is a tree written down from its root.
#[derive(Debug, Clone, Default)]
pub struct Element {
    name: String,
    physical: Option<i32>,
    length: Option<i32>,
    repetition: i32,
    children: usize,
    converted: Option<i32>,
    scale: i32,
    logical: Option<Logical>,
}

/// A logical type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Logical {
    Text,
    Decimal(i32),
    Date,
    Timestamp { per_second: i64, is_utc: bool },
    Integer { signed: bool },
    Uuid,
    Other(&'static str),
}

/// The elements of a schema, as they are written down.
pub fn elements(reader: &mut Reader<'_>) -> Option<Vec<Element>> {
    let (count, kind) = reader.list()?;
    if kind != Kind::Struct || count > COLUMNS_MAX {
        return None;
    }
    let mut elements = Vec::new();
    for _ in 0..count {
        let mut element = Element::default();
        reader.structure(|reader, field| {
            match (field.id, field.kind) {
                (1, Kind::Whole) => element.physical = Some(reader.int()?),
                (2, Kind::Whole) => element.length = Some(reader.int()?),
                (3, Kind::Whole) => element.repetition = reader.int()?,
                (4, Kind::Binary) => {
                    element.name = std::str::from_utf8(reader.binary()?).ok()?.to_owned();
                }
                (5, Kind::Whole) => element.children = usize::try_from(reader.int()?).ok()?,
                (6, Kind::Whole) => element.converted = Some(reader.int()?),
                (7, Kind::Whole) => element.scale = reader.int()?,
                (10, Kind::Struct) => element.logical = logical(reader)?,
                _ => reader.skip(field.kind)?,
            }
            Some(())
        })?;
        elements.push(element);
    }
    Some(elements)
}

fn logical(reader: &mut Reader<'_>) -> Option<Option<Logical>> {
    let mut logical = None;
    reader.structure(|reader, field| {
        logical = Some(match field.id {
            1 | 4 | 12 => {
                reader.skip(field.kind)?;
                Logical::Text
            }
            5 => decimal(reader)?,
            6 => {
                reader.skip(field.kind)?;
                Logical::Date
            }
            8 => timestamp(reader)?,
            10 => integer(reader)?,
            14 => {
                reader.skip(field.kind)?;
                Logical::Uuid
            }
            11 => {
                // A column of nothing but missing values.
                reader.skip(field.kind)?;
                return Some(());
            }
            id => {
                reader.skip(field.kind)?;
                Logical::Other(match id {
                    7 => "a time of day",
                    13 => "BSON",
                    15 => "a floating-point number of 16 bits",
                    _ => "a type that is not read",
                })
            }
        });
        Some(())
    })?;
    Some(logical)
}

fn decimal(reader: &mut Reader<'_>) -> Option<Logical> {
    let mut scale = 0;
    reader.structure(|reader, field| match (field.id, field.kind) {
        (1, Kind::Whole) => {
            scale = reader.int()?;
            Some(())
        }
        _ => reader.skip(field.kind),
    })?;
    Some(Logical::Decimal(scale))
}

fn integer(reader: &mut Reader<'_>) -> Option<Logical> {
    let mut signed = true;
    reader.structure(|reader, field| {
        if field.id == 2 {
            signed = field.kind != Kind::False;
        }
        reader.skip(field.kind)
    })?;
    Some(Logical::Integer { signed })
}

fn timestamp(reader: &mut Reader<'_>) -> Option<Logical> {
    let (mut is_utc, mut per_second) = (false, 0);
    reader.structure(|reader, field| match (field.id, field.kind) {
        (1, kind) => {
            is_utc = kind == Kind::True;
            reader.skip(kind)
        }
        (2, Kind::Struct) => reader.structure(|reader, unit| {
            per_second = match unit.id {
                1 => 1_000,
                2 => 1_000_000,
                3 => 1_000_000_000,
                _ => return None,
            };
            reader.skip(unit.kind)
        }),
        (_, kind) => reader.skip(kind),
    })?;
    (per_second > 0).then_some(Logical::Timestamp { per_second, is_utc })
}

/// The columns at the top of the tree, and how many leaves there are in all.
pub fn columns(elements: &[Element]) -> Option<(Vec<Column>, usize)> {
    let (root, mut rest) = elements.split_first()?;
    let mut leaves = 0;
    let mut columns = Vec::new();
    for _ in 0..root.children {
        let (top, _) = rest.split_first()?;
        let before = leaves;
        // Elements that are still to come below this one, itself included.
        let mut open = 1_usize;
        while open > 0 {
            let (element, after) = rest.split_first()?;
            rest = after;
            open = open.checked_sub(1)?.checked_add(element.children)?;
            leaves += usize::from(element.children == 0);
        }
        let is_leaf = top.children == 0 && matches!(top.repetition, 0 | 1);
        let leaf = if is_leaf { Some(leaf(top, before)?) } else { None };
        columns.push(Column { name: top.name.trim().to_owned(), leaf });
    }
    rest.is_empty().then_some((columns, leaves))
}

fn leaf(element: &Element, at: usize) -> Option<Leaf> {
    let stored = match (element.physical?, element.length) {
        (0, _) => Stored::Boolean,
        (1, _) => Stored::Int32,
        (2, _) => Stored::Int64,
        (3, _) => Stored::Int96,
        (4, _) => Stored::Float,
        (5, _) => Stored::Double,
        (6, _) => Stored::Bytes,
        (7, Some(length)) => Stored::Fixed(usize::try_from(length).ok().filter(|n| *n > 0)?),
        _ => return None,
    };
    let logical = element.logical.or_else(|| converted(element));
    let is_utc = matches!(logical, Some(Logical::Timestamp { is_utc: true, .. }));
    let meaning = meaning(stored, logical);
    Some(Leaf { at, stored, meaning, optional: element.repetition == 1, is_utc })
}

/// The older way to say what a logical type says.
fn converted(element: &Element) -> Option<Logical> {
    let timestamp = |per_second| Logical::Timestamp { per_second, is_utc: true };
    Some(match element.converted? {
        0 | 4 | 19 => Logical::Text,
        5 => Logical::Decimal(element.scale),
        6 => Logical::Date,
        7 | 8 => Logical::Other("a time of day"),
        9 => timestamp(1_000),
        10 => timestamp(1_000_000),
        11..=14 => Logical::Integer { signed: false },
        15..=18 => Logical::Integer { signed: true },
        20 => Logical::Other("BSON"),
        21 => Logical::Other("an interval"),
        _ => return None,
    })
}

fn meaning(stored: Stored, logical: Option<Logical>) -> Meaning {
    const ODD: Meaning = Meaning::Other("a type that does not fit how it is stored");
    let whole = matches!(stored, Stored::Int32 | Stored::Int64);
    let bytes = matches!(stored, Stored::Bytes | Stored::Fixed(_));
    match logical {
        None => match stored {
            Stored::Boolean => Meaning::Boolean,
            Stored::Int32 | Stored::Int64 => Meaning::Whole(true),
            Stored::Int96 => Meaning::Timestamp(1),
            Stored::Float | Stored::Double => Meaning::Float,
            Stored::Bytes | Stored::Fixed(_) => Meaning::Text,
        },
        Some(Logical::Text) if bytes => Meaning::Text,
        Some(Logical::Decimal(scale)) if whole || bytes => match u32::try_from(scale) {
            Ok(scale) if scale <= 1000 => Meaning::Decimal(scale),
            _ => ODD,
        },
        Some(Logical::Date) if stored == Stored::Int32 => Meaning::Date,
        Some(Logical::Timestamp { per_second, .. }) if stored == Stored::Int64 => {
            Meaning::Timestamp(per_second)
        }
        Some(Logical::Integer { signed }) if whole => Meaning::Whole(signed),
        Some(Logical::Uuid) if stored == Stored::Fixed(16) => Meaning::Uuid,
        Some(Logical::Other(what)) => Meaning::Other(what),
        Some(_) => ODD,
    }
}
