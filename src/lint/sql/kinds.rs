//! The kinds of values that expressions have.

use crate::lint::sql::lexer::Wrong;

/// The kind of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// True or false.
    Flag,
    /// A text.
    Text,
    /// A day.
    Date,
    /// An exact number.
    Number(Number),
    /// The modifiers of a line.
    Modifiers,
    /// `NULL` alone, which is of any kind.
    Nothing,
}

impl Kind {
    /// What a user calls it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Flag => "true or false",
            Kind::Text => "a text",
            Kind::Date => "a date",
            Kind::Number(_) => "a number",
            Kind::Modifiers => "a list",
            Kind::Nothing => "NULL",
        }
    }

    /// Whether values of both can be compared, once numbers have the same scale.
    pub fn is_like(self, other: Kind) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
    }
}

/// What is known of a number before it is: how many digits stand after its point, and how large it
/// can be. So no sum and no product can overflow while a run is at it: what could is refused when
/// the rule is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number {
    /// Digits after the point: a value is kept as a whole number of `10^-scale`.
    pub scale: u8,
    /// The largest value, and the smallest with its sign turned, in the same.
    pub most: i128,
}

/// The largest value that is computed with: 37 digits.
const MOST: i128 = 10_i128.pow(37);

/// Digits after the point of a quotient.
pub const QUOTIENT_SCALE: u8 = 6;

impl Number {
    /// A whole number up to this.
    pub const fn whole(most: i128) -> Number {
        Number { scale: 0, most }
    }

    /// The same number with more digits after its point.
    pub fn scaled(self, scale: u8, at: usize) -> Result<Number, Wrong> {
        let more = u32::from(scale.saturating_sub(self.scale));
        let most = 10_i128.checked_pow(more).and_then(|factor| self.most.checked_mul(factor));
        Number::bounded(scale, most, at)
    }

    /// The sum of two numbers of the same scale, or their difference.
    pub fn plus(self, other: Number, at: usize) -> Result<Number, Wrong> {
        Number::bounded(self.scale, self.most.checked_add(other.most), at)
    }

    /// The product of two numbers.
    pub fn times(self, other: Number, at: usize) -> Result<Number, Wrong> {
        let scale = self.scale.saturating_add(other.scale);
        Number::bounded(scale, self.most.checked_mul(other.most), at)
    }

    /// The sum of so many of them.
    pub fn summed(self, count: i128, at: usize) -> Result<Number, Wrong> {
        Number::bounded(self.scale, self.most.checked_mul(count), at)
    }

    fn bounded(scale: u8, most: Option<i128>, at: usize) -> Result<Number, Wrong> {
        match most.filter(|most| *most <= MOST && scale <= 18) {
            Some(most) => Ok(Number { scale, most }),
            None => Err(Wrong::new(at, "this could be a number of more than 37 digits")
                .with_help("compute with fewer factors, or divide first")),
        }
    }
}
