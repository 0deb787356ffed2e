//! Columns of values, as Arrow keeps them, and what can be known of each.

use std::sync::Arc;

use polars_arrow::array::{
    Array, BinaryViewArray, MutableBinaryViewArray, PrimitiveArray, StaticArray,
};
use polars_arrow::bitmap::{Bitmap, MutableBitmap, and_not};

use crate::lint::sql::kinds::Kind;
use crate::lint::sql::values::Value;
use crate::model::Modifiers;

/// Conditions of many lines, each true, false or unknown.
#[derive(Debug, Clone)]
pub struct Flags {
    /// Where the condition holds.
    pub yes: Bitmap,
    /// Where it is known to hold or not; everywhere if nothing is said.
    pub known: Option<Bitmap>,
}

impl Flags {
    /// The conditions whose answers are `yes`, where they are known.
    pub fn new(yes: Bitmap, known: Option<Bitmap>) -> Flags {
        match known.filter(|known| known.unset_bits() > 0) {
            Some(known) => Flags { yes: &yes & &known, known: Some(known) },
            None => Flags { yes, known: None },
        }
    }

    /// The same condition for so many lines.
    pub fn all(value: Option<bool>, lines: usize) -> Flags {
        let bits = |value| Bitmap::new_with_value(value, lines);
        Flags { yes: bits(value == Some(true)), known: value.is_none().then(|| bits(false)) }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.yes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.yes.is_empty()
    }

    /// Where the condition is known not to hold.
    pub fn no(&self) -> Bitmap {
        match &self.known {
            Some(known) => and_not(known, &self.yes),
            None => !&self.yes,
        }
    }

    /// Where the condition is unknown.
    pub fn unknown(&self) -> Bitmap {
        match &self.known {
            Some(known) => !known,
            None => Bitmap::new_with_value(false, self.len()),
        }
    }

    /// The condition of one line.
    pub fn get(&self, at: usize) -> Option<bool> {
        let is_known = self.known.as_ref().is_none_or(|known| known.get(at) == Some(true));
        if is_known { self.yes.get(at) } else { None }
    }

    /// Both: false where either is, whatever the other one.
    #[must_use]
    pub fn and(&self, other: &Flags) -> Flags {
        let yes = &self.yes & &other.yes;
        match (&self.known, &other.known) {
            (None, None) => Flags { yes, known: None },
            _ => {
                let no = &self.no() | &other.no();
                Flags::new(yes.clone(), Some(&yes | &no))
            }
        }
    }

    /// Either: true where one is, whatever the other one.
    #[must_use]
    pub fn or(&self, other: &Flags) -> Flags {
        let yes = &self.yes | &other.yes;
        match (&self.known, &other.known) {
            (None, None) => Flags { yes, known: None },
            _ => {
                let no = &self.no() & &other.no();
                Flags::new(yes.clone(), Some(&yes | &no))
            }
        }
    }

    /// The opposite; what is unknown stays so.
    #[must_use]
    pub fn not(&self) -> Flags {
        Flags { yes: self.no(), known: self.known.clone() }
    }
}

/// Where both of two values are known; everywhere if nothing is said.
pub fn both_known(one: Option<&Bitmap>, other: Option<&Bitmap>) -> Option<Bitmap> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one & other),
        (known, None) | (None, known) => known.cloned(),
    }
}

/// The values of a column.
#[derive(Debug, Clone)]
pub enum Vector {
    /// Conditions.
    Flags(Flags),
    /// Texts.
    Texts(BinaryViewArray),
    /// Days, counted from 1970-01-01.
    Days(PrimitiveArray<i32>),
    /// Numbers, as whole numbers of their scale.
    Numbers(PrimitiveArray<i128>),
    /// The modifiers of each line.
    Modifiers(Arc<[Modifiers]>),
}

/// A value where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the same as `Value`, where they are described")]
pub enum View<'v> {
    Null,
    Flag(bool),
    Text(&'v [u8]),
    Date(i32),
    Number(i128),
}

impl View<'_> {
    /// The same on its own.
    pub fn to_value(self) -> Value {
        match self {
            View::Null => Value::Null,
            View::Flag(flag) => Value::Flag(flag),
            View::Text(text) => Value::Text(text.to_vec()),
            View::Date(days) => Value::Date(days),
            View::Number(value) => Value::Number(value),
        }
    }
}

impl Value {
    /// The same where it lies.
    pub fn view(&self) -> View<'_> {
        match self {
            Value::Null => View::Null,
            Value::Flag(flag) => View::Flag(*flag),
            Value::Text(text) => View::Text(text),
            Value::Date(days) => View::Date(*days),
            Value::Number(value) => View::Number(*value),
        }
    }
}

impl Vector {
    /// Where values are known; everywhere if nothing is said.
    pub fn known(&self) -> Option<&Bitmap> {
        match self {
            Vector::Flags(flags) => flags.known.as_ref(),
            Vector::Texts(array) => array.validity(),
            Vector::Days(array) => array.validity(),
            Vector::Numbers(array) => array.validity(),
            Vector::Modifiers(_) => None,
        }
    }

    /// The value of a line; a list is none.
    pub fn get(&self, at: usize) -> View<'_> {
        match self {
            Vector::Flags(flags) => flags.get(at).map_or(View::Null, View::Flag),
            Vector::Texts(array) => array.get(at).map_or(View::Null, View::Text),
            Vector::Days(array) => array.get(at).map_or(View::Null, View::Date),
            Vector::Numbers(array) => array.get(at).map_or(View::Null, View::Number),
            Vector::Modifiers(_) => View::Null,
        }
    }
}

/// One value for all lines, or one for each.
#[derive(Debug, Clone)]
pub enum Datum {
    /// The same for all.
    One(Value),
    /// One for each.
    Each(Vector),
}

impl Datum {
    /// The value of a line.
    pub fn get(&self, at: usize) -> View<'_> {
        match self {
            Datum::One(value) => value.view(),
            Datum::Each(vector) => vector.get(at),
        }
    }

    /// As conditions of so many lines; what is none is unknown.
    pub fn into_flags(self, lines: usize) -> Flags {
        match self {
            Datum::Each(Vector::Flags(flags)) => flags,
            Datum::One(Value::Flag(value)) => Flags::all(Some(value), lines),
            Datum::One(_) | Datum::Each(_) => Flags::all(None, lines),
        }
    }
}

/// Puts a column together value by value.
pub enum Builder {
    /// Of conditions: which hold, and which are known.
    Flags(MutableBitmap, MutableBitmap),
    /// Of texts.
    Texts(MutableBinaryViewArray<[u8]>),
    /// Of days.
    Days(Vec<i32>, MutableBitmap),
    /// Of numbers.
    Numbers(Vec<i128>, MutableBitmap),
}

impl Builder {
    /// For so many values of a kind.
    pub fn new(kind: Kind, lines: usize) -> Builder {
        let bits = || MutableBitmap::with_capacity(lines);
        match kind {
            Kind::Flag | Kind::Nothing => Builder::Flags(bits(), bits()),
            Kind::Text | Kind::Modifiers => {
                Builder::Texts(MutableBinaryViewArray::with_capacity(lines))
            }
            Kind::Date => Builder::Days(Vec::with_capacity(lines), bits()),
            Kind::Number(_) => Builder::Numbers(Vec::with_capacity(lines), bits()),
        }
    }

    /// Adds a value; one of another kind is unknown.
    pub fn push(&mut self, value: View<'_>) {
        match (self, value) {
            (Builder::Flags(yes, known), value) => {
                yes.push(value == View::Flag(true));
                known.push(matches!(value, View::Flag(_)));
            }
            (Builder::Texts(texts), View::Text(text)) => texts.push_value(text),
            (Builder::Texts(texts), _) => texts.push_null(),
            (Builder::Days(days, known), value) => {
                let day = if let View::Date(day) = value { Some(day) } else { None };
                days.push(day.unwrap_or_default());
                known.push(day.is_some());
            }
            (Builder::Numbers(numbers, known), value) => {
                let number = if let View::Number(number) = value { Some(number) } else { None };
                numbers.push(number.unwrap_or_default());
                known.push(number.is_some());
            }
        }
    }

    /// The column.
    pub fn finish(self) -> Vector {
        let some = |known: MutableBitmap| Some(Bitmap::from(known)).filter(|k| k.unset_bits() > 0);
        match self {
            Builder::Flags(yes, known) => Vector::Flags(Flags::new(yes.into(), some(known))),
            Builder::Texts(texts) => Vector::Texts(texts.freeze()),
            Builder::Days(days, known) => {
                Vector::Days(PrimitiveArray::from_vec(days).with_validity(some(known)))
            }
            Builder::Numbers(numbers, known) => {
                Vector::Numbers(PrimitiveArray::from_vec(numbers).with_validity(some(known)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Option<bool>; 3] = [Some(true), Some(false), None];

    fn flags(values: &[Option<bool>]) -> Flags {
        let mut builder = Builder::new(Kind::Flag, values.len());
        for value in values {
            builder.push(value.map_or(View::Null, View::Flag));
        }
        match builder.finish() {
            Vector::Flags(flags) => flags,
            _ => unreachable!(),
        }
    }

    #[test]
    fn true_false_and_unknown_go_together_as_kleene_says() {
        for one in ALL {
            for other in ALL {
                let (a, b) = (flags(&[one, Some(true)]), flags(&[other, Some(true)]));
                let and = match (one, other) {
                    (Some(false), _) | (_, Some(false)) => Some(false),
                    (Some(true), Some(true)) => Some(true),
                    _ => None,
                };
                let or = match (one, other) {
                    (Some(true), _) | (_, Some(true)) => Some(true),
                    (Some(false), Some(false)) => Some(false),
                    _ => None,
                };
                assert_eq!(a.and(&b).get(0), and, "{one:?} AND {other:?}");
                assert_eq!(a.or(&b).get(0), or, "{one:?} OR {other:?}");
                assert_eq!((a.and(&b).get(1), a.or(&b).get(1)), (Some(true), Some(true)));
            }
            let a = flags(&[one]);
            assert_eq!(a.not().get(0), one.map(|value| !value));
            assert_eq!(a.unknown().get(0), Some(one.is_none()));
            assert_eq!(Flags::all(one, 3).get(2), one);
        }
    }
}
