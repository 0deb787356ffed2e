//! An expression whose names and kinds are known: what is evaluated.

use std::sync::Arc;

use regex::bytes::Regex;

use crate::lint::sql::Table;
use crate::lint::sql::kinds::Kind;
use crate::lint::sql::like::Like;
use crate::lint::sql::slots::Slot;

/// A part of an expression, with the kind of its values and the byte at which it was written.
#[derive(Debug, Clone)]
pub struct Typed {
    /// What it is.
    pub node: Node,
    /// The kind of its values.
    pub kind: Kind,
    /// Where it was written.
    pub at: usize,
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Equal.
    Is,
    /// Not equal.
    IsNot,
    /// Less.
    Less,
    /// Less or equal.
    Most,
    /// Greater.
    More,
    /// Greater or equal.
    Least,
}

/// What is done with two numbers of one scale, or for products and quotients of any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arithmetic {
    /// The sum.
    Plus,
    /// The difference.
    Minus,
    /// The product.
    Times,
    /// The quotient, rounded half away from zero: the numerator is multiplied by ten to the first
    /// number, the denominator by ten to the second. Of zero it is NULL.
    Over(u32, u32),
    /// The remainder, with the sign of the first. Of zero it is NULL.
    Rest,
}

/// Units of time that days are moved by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// Days.
    Days,
    /// Months; a day that the month has not is its last.
    Months,
}

/// A part of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatePart {
    /// The year.
    Year,
    /// The quarter, 1 to 4.
    Quarter,
    /// The month, 1 to 12.
    Month,
    /// The day of the month.
    Day,
    /// The day of the week, 0 for Sunday to 6.
    Weekday,
    /// The day of the week, 1 for Monday to 7.
    IsoWeekday,
}

/// A function of values that is evaluated value by value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the SQL function of its name")]
pub enum Function {
    Upper,
    Lower,
    Trim,
    Length,
    Substring,
    Left,
    Right,
    StartsWith,
    EndsWith,
    Contains,
    Replace,
    Abs,
    /// Rounds to a scale, from one: half away from zero, down or up.
    Round(Rounding, u32),
    Extract(DatePart),
    /// Whole years from one day to another.
    YearsBetween,
    /// How many modifiers there are.
    Cardinality,
    ToNumber,
    ToDate,
    ToText,
}

/// How a number is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// To the nearest, half away from zero.
    Nearest,
    /// To the next smaller one.
    Down,
    /// To the next larger one.
    Up,
}

/// What is computed of the lines of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fold {
    /// How many there are.
    Count,
    /// How many different ones there are.
    CountDistinct,
    /// Their sum.
    Sum,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// Whether any is true.
    Any,
    /// Whether all are true.
    All,
}

/// A list that says which codes are in force when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// Procedure codes.
    Procedures,
    /// Procedure modifiers.
    Modifiers,
    /// Places of service.
    Places,
    /// Diagnosis codes, which must be billable.
    Diagnoses,
}

/// What a part of an expression is.
#[derive(Debug, Clone)]
pub enum Node {
    /// NULL.
    Null,
    /// True or false.
    Flag(bool),
    /// A text.
    Text(Vec<u8>),
    /// A day, in days since 1970-01-01.
    Date(i32),
    /// A number, as a whole number of its scale.
    Number(i128),
    /// A column.
    Slot(Slot),
    /// A number, multiplied by ten to this.
    Scaled(Box<Typed>, u32),
    /// All must hold.
    And(Vec<Typed>),
    /// One must hold.
    Or(Vec<Typed>),
    /// The opposite.
    Not(Box<Typed>),
    /// Two values of one kind, compared.
    Compare(Order, Box<Typed>, Box<Typed>),
    /// Whether it is NULL.
    IsNull(Box<Typed>),
    /// Whether it is this, and not NULL.
    IsFlag(Box<Typed>, bool),
    /// Whether two values differ, where NULL is a value.
    IsDistinct(Box<Typed>, Box<Typed>),
    /// Whether it is one of these texts, which are sorted.
    InTexts(Box<Typed>, Vec<Vec<u8>>),
    /// Whether it is one of these numbers or days, which are sorted.
    InNumbers(Box<Typed>, Vec<i128>),
    /// Whether the line has the modifier.
    HasModifier(Box<Typed>),
    /// Whether it is like the pattern.
    Like(Box<Typed>, Like),
    /// Whether the pattern is found in it.
    Matches(Box<Typed>, Regex),
    /// Two numbers.
    Arithmetic(Arithmetic, Box<Typed>, Box<Typed>),
    /// A day, moved by a whole number of these.
    Shift(Box<Typed>, Box<Typed>, Span),
    /// Days from the second to the first.
    Days(Box<Typed>, Box<Typed>),
    /// Two texts, one after the other.
    Concat(Box<Typed>, Box<Typed>),
    /// The value of the first case that holds, or the other one.
    Case(Vec<(Typed, Typed)>, Box<Typed>),
    /// The first that is not NULL.
    Coalesce(Vec<Typed>),
    /// A function of values.
    Call(Function, Vec<Typed>),
    /// Whether a list has a code in force on a day.
    Active(List, Box<Typed>, Box<Typed>),
    /// Whether a table has a key, on a day if its rows have days.
    InTable(Arc<Table>, Box<Typed>, Box<Typed>),
    /// What a column of a table says of a key, on a day if its rows have days.
    Lookup(Arc<Table>, usize, Box<Typed>, Box<Typed>),
    /// What is computed of the lines of a group for which the condition holds.
    Fold(Fold, Box<Typed>, Option<Box<Typed>>),
}

impl Typed {
    /// The parts that this one is made of.
    pub fn parts(&self) -> Vec<&Typed> {
        match &self.node {
            Node::Null
            | Node::Flag(_)
            | Node::Text(_)
            | Node::Date(_)
            | Node::Number(_)
            | Node::Slot(_) => Vec::new(),
            Node::And(all) | Node::Or(all) | Node::Coalesce(all) | Node::Call(_, all) => {
                all.iter().collect()
            }
            Node::Scaled(of, _)
            | Node::Not(of)
            | Node::IsNull(of)
            | Node::IsFlag(of, _)
            | Node::InTexts(of, _)
            | Node::InNumbers(of, _)
            | Node::HasModifier(of)
            | Node::Like(of, _)
            | Node::Matches(of, _) => vec![of.as_ref()],
            Node::Compare(_, one, other)
            | Node::IsDistinct(one, other)
            | Node::Arithmetic(_, one, other)
            | Node::Shift(one, other, _)
            | Node::Days(one, other)
            | Node::Concat(one, other)
            | Node::Active(_, one, other)
            | Node::InTable(_, one, other)
            | Node::Lookup(_, _, one, other) => vec![one.as_ref(), other.as_ref()],
            Node::Case(cases, other) => {
                let cases = cases.iter().flat_map(|(when, then)| [when, then]);
                cases.chain([other.as_ref()]).collect()
            }
            Node::Fold(_, of, filter) => {
                [of.as_ref()].into_iter().chain(filter.as_deref()).collect()
            }
        }
    }

    /// Calls `visit` with this part and all that it is made of, until it says that a part's own
    /// need not be seen.
    pub fn visit<'t>(&'t self, visit: &mut dyn FnMut(&'t Typed) -> bool) {
        if visit(self) {
            self.parts().into_iter().for_each(|part| part.visit(visit));
        }
    }

    /// Whether any part is computed of the lines of a group.
    pub fn folds(&self) -> bool {
        matches!(self.node, Node::Fold(..)) || self.parts().into_iter().any(Typed::folds)
    }

    /// The columns that are read, each once, in order.
    pub fn slots(&self) -> Vec<Slot> {
        let mut slots = Vec::new();
        self.visit(&mut |part| {
            slots.extend(match &part.node {
                Node::Slot(slot) => Some(*slot),
                Node::HasModifier(_) => Some(Slot::Modifiers),
                _ => None,
            });
            true
        });
        slots.sort_unstable();
        slots.dedup();
        slots
    }
}
