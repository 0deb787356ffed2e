//! Expressions evaluated column by column, by the kernels of polars.

mod compare;
mod folds;
mod lookups;
pub mod scalar;

use std::ops::Range;

use polars_arrow::array::{Array, PrimitiveArray};
use polars_arrow::bitmap::{Bitmap, xor};

use crate::lint::sql::frame::Frame;
use crate::lint::sql::kinds::{Kind, Number};
use crate::lint::sql::slots::Slot;
use crate::lint::sql::typed::{Node, Order, Typed};
use crate::lint::sql::values::Value;
use crate::lint::sql::vector::{Builder, Datum, Flags, Vector, View, both_known};

/// Evaluates expressions over the lines of a frame, or over groups of them.
pub struct Evaluator<'f> {
    /// The lines.
    pub frame: &'f Frame<'f>,
    /// The lines of each group, if expressions are over groups.
    pub groups: Option<&'f [Range<usize>]>,
    /// The lines that count in aggregates, if not all do.
    pub wanted: Option<&'f Bitmap>,
}

impl<'f> Evaluator<'f> {
    /// Over the lines of a frame.
    pub fn of_lines(frame: &'f Frame<'f>) -> Evaluator<'f> {
        Evaluator { frame, groups: None, wanted: None }
    }

    /// How many values an expression has.
    fn len(&self) -> usize {
        self.groups.map_or(self.frame.lines, <[_]>::len)
    }

    /// The values of a condition.
    pub fn flags(&self, typed: &Typed) -> Flags {
        self.datum(typed).into_flags(self.len())
    }

    /// The values of an expression.
    pub fn datum(&self, typed: &Typed) -> Datum {
        let flags = |flags| Datum::Each(Vector::Flags(flags));
        match &typed.node {
            Node::Null => Datum::One(Value::Null),
            Node::Flag(value) => Datum::One(Value::Flag(*value)),
            Node::Text(text) => Datum::One(Value::Text(text.clone())),
            Node::Date(days) => Datum::One(Value::Date(*days)),
            Node::Number(value) => Datum::One(Value::Number(*value)),
            Node::Slot(slot) => self.frame.get(*slot),
            Node::Scaled(of, by) => self.scaled(of, *by),
            Node::And(all) => flags(self.all(all)),
            Node::Or(all) => flags(self.any(all)),
            Node::Not(of) => flags(self.flags(of).not()),
            Node::Compare(order, one, other) => {
                compare::compare(*order, self.datum(one), self.datum(other), self.len())
            }
            Node::IsNull(of) => self.is_null(of),
            Node::IsFlag(of, value) => {
                let of = self.flags(of);
                flags(Flags { yes: if *value { of.yes } else { of.no() }, known: None })
            }
            Node::IsDistinct(one, other) => self.is_distinct(one, other),
            Node::InTexts(of, texts) => compare::in_texts(self.datum(of), texts),
            Node::InNumbers(of, numbers) => compare::in_numbers(self.datum(of), numbers),
            Node::HasModifier(of) => self.has_modifier(of),
            Node::Like(of, like) => self.text_is(of, |text| like.matches(text)),
            Node::Matches(of, pattern) => self.text_is(of, |text| pattern.is_match(text)),
            Node::Active(list, code, day) => self.active(*list, code, day),
            Node::InTable(table, key, day) => self.in_table(table, key, day),
            Node::Lookup(table, column, key, day) => self.lookup(table, *column, key, day),
            Node::Fold(fold, of, filter) => self.fold(*fold, of, filter.as_deref(), typed.kind),
            Node::Case(cases, other) => self.case(cases, other, typed.kind),
            Node::Coalesce(all) => self.coalesce(all, typed.kind),
            Node::Call(..)
            | Node::Arithmetic(..)
            | Node::Shift(..)
            | Node::Days(..)
            | Node::Concat(..) => self.each(typed),
        }
    }

    /// Whether all conditions hold. What is settled needs no further look.
    fn all(&self, all: &[Typed]) -> Flags {
        let mut sum = Flags::all(Some(true), self.len());
        for condition in all {
            sum = sum.and(&self.flags(condition));
            if sum.known.is_none() && sum.yes.set_bits() == 0 {
                break;
            }
        }
        sum
    }

    /// Whether any condition holds.
    fn any(&self, all: &[Typed]) -> Flags {
        let mut sum = Flags::all(Some(false), self.len());
        for condition in all {
            sum = sum.or(&self.flags(condition));
        }
        sum
    }

    fn is_null(&self, of: &Typed) -> Datum {
        match self.datum(of) {
            Datum::One(value) => Datum::One(Value::Flag(value == Value::Null)),
            Datum::Each(vector) => {
                let none = || Bitmap::new_with_value(false, self.len());
                let yes = vector.known().map_or_else(none, |known| !known);
                Datum::Each(Vector::Flags(Flags { yes, known: None }))
            }
        }
    }

    fn is_distinct(&self, one: &Typed, other: &Typed) -> Datum {
        let (one, other) = (self.datum(one), self.datum(other));
        let differ = (0..self.len()).map(|at| one.get(at) != other.get(at));
        Datum::Each(Vector::Flags(Flags { yes: differ.collect(), known: None }))
    }

    /// A number, multiplied: no value is so large that it could not be.
    fn scaled(&self, of: &Typed, by: u32) -> Datum {
        let factor = 10_i128.pow(by);
        match self.datum(of) {
            Datum::Each(Vector::Numbers(array)) => {
                let values = array.values().iter().map(|value| value * factor).collect();
                let known = array.validity().cloned();
                let array = PrimitiveArray::from_vec(values).with_validity(known);
                Datum::Each(Vector::Numbers(array))
            }
            Datum::One(Value::Number(value)) => Datum::One(Value::Number(value * factor)),
            datum => datum,
        }
    }

    /// Whether a line has a modifier. Where it has not, and a cell of it cannot be read, nobody
    /// knows.
    fn has_modifier(&self, of: &Typed) -> Datum {
        let Datum::Each(Vector::Modifiers(all)) = self.frame.get(Slot::Modifiers) else {
            return Datum::One(Value::Null);
        };
        let wanted = self.datum(of);
        let mut builder = Builder::new(Kind::Flag, all.len());
        for (at, modifiers) in all.iter().enumerate() {
            builder.push(match wanted.get(at) {
                View::Text(text) => {
                    let has = modifiers
                        .as_slice()
                        .iter()
                        .any(|own| text.len() == 2 && own.as_slice().eq_ignore_ascii_case(text));
                    if has || modifiers.malformed == 0 { View::Flag(has) } else { View::Null }
                }
                _ => View::Null,
            });
        }
        Datum::Each(builder.finish())
    }

    fn text_is(&self, of: &Typed, is: impl Fn(&[u8]) -> bool) -> Datum {
        match self.datum(of) {
            Datum::Each(Vector::Texts(array)) => {
                let yes = array.values_iter().map(&is).collect();
                Datum::Each(Vector::Flags(Flags::new(yes, array.validity().cloned())))
            }
            Datum::One(Value::Text(text)) => Datum::One(Value::Flag(is(&text))),
            _ => Datum::One(Value::Null),
        }
    }

    /// The value of the first case that holds.
    fn case(&self, cases: &[(Typed, Typed)], other: &Typed, kind: Kind) -> Datum {
        let conditions: Vec<Flags> = cases.iter().map(|(when, _)| self.flags(when)).collect();
        let values: Vec<Datum> = cases.iter().map(|(_, then)| self.datum(then)).collect();
        let other = self.datum(other);
        let mut builder = Builder::new(kind, self.len());
        for at in 0..self.len() {
            let mut holding = conditions.iter().zip(&values);
            let found = holding.find(|(when, _)| when.yes.get(at) == Some(true));
            builder.push(found.map_or(&other, |(_, value)| value).get(at));
        }
        Datum::Each(builder.finish())
    }

    fn coalesce(&self, all: &[Typed], kind: Kind) -> Datum {
        let values: Vec<Datum> = all.iter().map(|value| self.datum(value)).collect();
        let mut builder = Builder::new(kind, self.len());
        for at in 0..self.len() {
            let mut known = values.iter().map(|value| value.get(at));
            builder.push(known.find(|value| *value != View::Null).unwrap_or(View::Null));
        }
        Datum::Each(builder.finish())
    }

    /// What is evaluated value by value.
    fn each(&self, typed: &Typed) -> Datum {
        let parts: Vec<Datum> = typed.parts().into_iter().map(|part| self.part(part)).collect();
        let is_one = parts.iter().all(|part| matches!(part, Datum::One(_)));
        let mut views = Vec::with_capacity(parts.len());
        let mut value = |at: usize| {
            views.clear();
            views.extend(parts.iter().map(|part| part.get(at)));
            scalar::value(&typed.node, &views)
        };
        if is_one {
            return Datum::One(value(0));
        }
        let mut builder = Builder::new(typed.kind, self.len());
        for at in 0..self.len() {
            // The closure lends views for one call only.
            let value = value(at);
            builder.push(value.view());
        }
        Datum::Each(builder.finish())
    }

    /// A part of what is evaluated value by value: a list says how long it is.
    fn part(&self, part: &Typed) -> Datum {
        match self.datum(part) {
            Datum::Each(Vector::Modifiers(all)) => {
                let mut builder = Builder::new(Kind::Number(Number::whole(0)), all.len());
                for modifiers in all.iter() {
                    let length = modifiers.as_slice().len() as i128;
                    let is_known = modifiers.malformed == 0;
                    builder.push(if is_known { View::Number(length) } else { View::Null });
                }
                Datum::Each(builder.finish())
            }
            datum => datum,
        }
    }
}

/// Conditions of which `one` holds where `other` does.
fn same(one: &Flags, other: &Flags) -> Flags {
    let yes = !&xor(&one.yes, &other.yes);
    Flags::new(yes, both_known(one.known.as_ref(), other.known.as_ref()))
}

/// The order of two values as it is asked for; nothing where one is unknown.
pub fn ordered(order: Order, one: View<'_>, other: View<'_>) -> Option<bool> {
    if one == View::Null || other == View::Null {
        return None;
    }
    let told = one.cmp(&other);
    Some(match order {
        Order::Is => told.is_eq(),
        Order::IsNot => told.is_ne(),
        Order::Less => told.is_lt(),
        Order::Most => told.is_le(),
        Order::More => told.is_gt(),
        Order::Least => told.is_ge(),
    })
}

#[cfg(test)]
mod tests;
