//! Signs between values: comparisons, sums and products, days.

use crate::lint::sql::check::{Checked, Checker};
use crate::lint::sql::kinds::{Kind, Number, QUOTIENT_SCALE};
use crate::lint::sql::lexer::Wrong;
use crate::lint::sql::syntax::{Is, Part};
use crate::lint::sql::typed::{Arithmetic, Node, Order, Span, Typed};

/// Days in any direction that a date may be moved by: the calendar has fewer.
pub const DAYS_MAX: i128 = 4_000_000;

/// A number with this many digits after its point; anything else as it is.
pub fn scaled(typed: Typed, scale: u8) -> Result<Typed, Wrong> {
    let Kind::Number(number) = typed.kind else { return Ok(typed) };
    if number.scale >= scale {
        return Ok(typed);
    }
    let at = typed.at;
    let kind = Kind::Number(number.scaled(scale, at)?);
    let by = u32::from(scale - number.scale);
    Ok(Typed { node: Node::Scaled(Box::new(typed), by), kind, at })
}

/// What is known of a value that must be a number.
pub fn number(typed: &Typed, what_for: &str) -> Result<Number, Wrong> {
    match typed.kind {
        Kind::Number(number) => Ok(number),
        Kind::Nothing => Ok(Number::whole(0)),
        kind => {
            let what = format!("{what_for} takes a number; this is {}", kind.name());
            let wrong = Wrong::new(typed.at, what);
            Err(match kind {
                Kind::Text => wrong.with_help("TRY_CAST(x AS DECIMAL) reads one out of a text"),
                _ => wrong,
            })
        }
    }
}

impl Checker<'_> {
    pub(super) fn minus(&self, of: &Part, at: usize) -> Checked {
        let of = self.typed(of)?;
        let known = number(&of, "-")?;
        if let Node::Number(value) = of.node {
            return Ok(Typed { node: Node::Number(-value), kind: Kind::Number(known), at });
        }
        let zero = Typed { node: Node::Number(0), kind: Kind::Number(known), at };
        let node = Node::Arithmetic(Arithmetic::Minus, Box::new(zero), Box::new(of));
        Ok(Typed { node, kind: Kind::Number(known), at })
    }

    pub(super) fn signed(&self, sign: &str, one: &Part, other: &Part, at: usize) -> Checked {
        let order = match sign {
            "=" => Some(Order::Is),
            "<>" | "!=" => Some(Order::IsNot),
            "<" => Some(Order::Less),
            "<=" => Some(Order::Most),
            ">" => Some(Order::More),
            ">=" => Some(Order::Least),
            _ => None,
        };
        if let Some(order) = order {
            return self.compare(order, self.typed(one)?, self.typed(other)?, at);
        }
        if sign == "||" {
            let (one, other) = (self.text(one, "||")?, self.text(other, "||")?);
            let node = Node::Concat(Box::new(one), Box::new(other));
            return Ok(Typed { node, kind: Kind::Text, at });
        }
        if let Is::Interval(count, unit) = &other.is {
            return self.moved(sign, self.typed(one)?, (count, unit), (other.at, at));
        }
        let (one, other) = (self.typed(one)?, self.typed(other)?);
        if one.kind == Kind::Date || other.kind == Kind::Date {
            return self.days(sign, one, other, at);
        }
        self.computed(sign, one, other, at)
    }

    fn computed(&self, sign: &str, one: Typed, other: Typed, at: usize) -> Checked {
        let (a, b) = (number(&one, sign)?, number(&other, sign)?);
        let scale = a.scale.max(b.scale);
        let (how, one, other, known) = match sign {
            "*" => (Arithmetic::Times, one, other, a.times(b, at)?),
            "/" => {
                // The quotient is a whole number of millionths.
                let wanted = i32::from(QUOTIENT_SCALE) + i32::from(b.scale) - i32::from(a.scale);
                let up = u32::try_from(wanted).unwrap_or(0);
                let down = u32::try_from(-wanted).unwrap_or(0);
                let raised = a.scaled(a.scale.saturating_add(up as u8), at)?;
                b.scaled(b.scale.saturating_add(down as u8), at)?;
                let known = Number { scale: QUOTIENT_SCALE, most: raised.most };
                (Arithmetic::Over(up, down), one, other, known)
            }
            _ => {
                let (one, other) = (scaled(one, scale)?, scaled(other, scale)?);
                let (a, b) = (number(&one, sign)?, number(&other, sign)?);
                let (a, b) = (Number { scale, ..a }, Number { scale, ..b });
                let how = match sign {
                    "+" => Arithmetic::Plus,
                    "-" => Arithmetic::Minus,
                    _ => Arithmetic::Rest,
                };
                let known = if how == Arithmetic::Rest { a } else { a.plus(b, at)? };
                (how, one, other, known)
            }
        };
        let node = Node::Arithmetic(how, Box::new(one), Box::new(other));
        Ok(Typed { node, kind: Kind::Number(known), at })
    }

    /// The days between two dates, or a date moved by days.
    fn days(&self, sign: &str, one: Typed, other: Typed, at: usize) -> Checked {
        let date = |node| Ok(Typed { node, kind: Kind::Date, at });
        match (sign, one.kind, other.kind) {
            ("-", Kind::Date, Kind::Date | Kind::Text) | ("-", Kind::Text, Kind::Date) => {
                let one = self.of_kind(one, Kind::Date, "-")?;
                let other = self.of_kind(other, Kind::Date, "-")?;
                let kind = Kind::Number(Number::whole(DAYS_MAX));
                Ok(Typed { node: Node::Days(Box::new(one), Box::new(other)), kind, at })
            }
            ("+", Kind::Date, Kind::Number(Number { scale: 0, .. })) => {
                date(Node::Shift(Box::new(one), Box::new(other), Span::Days))
            }
            ("-", Kind::Date, Kind::Number(Number { scale: 0, most })) => {
                let zero = Typed { node: Node::Number(0), kind: other.kind, at };
                let node = Node::Arithmetic(Arithmetic::Minus, Box::new(zero), Box::new(other));
                let kind = Kind::Number(Number::whole(most));
                date(Node::Shift(Box::new(one), Box::new(Typed { node, kind, at }), Span::Days))
            }
            _ => Err(Wrong::new(at, format!("{} {sign} {}", one.kind.name(), other.kind.name()))
                .with_help("dates take whole days: service_date + 30, service_end - service_date")),
        }
    }

    /// A date moved by an interval.
    fn moved(
        &self,
        sign: &str,
        date: Typed,
        (count, unit): (&str, &str),
        (of, at): (usize, usize),
    ) -> Checked {
        let date = self.of_kind(date, Kind::Date, "INTERVAL")?;
        let count: i32 = match count.trim().parse() {
            Ok(count) if (0..=100_000).contains(&count) => count,
            _ => return Err(Wrong::new(of, "an interval takes a whole number up to 100000")),
        };
        let (count, span) = match unit.trim_end_matches('S') {
            "DAY" => (count, Span::Days),
            "WEEK" => (count * 7, Span::Days),
            "MONTH" => (count, Span::Months),
            "YEAR" => (count * 12, Span::Months),
            _ => {
                return Err(Wrong::new(of, format!("`{unit}` is no unit of an interval"))
                    .with_help("write DAY, WEEK, MONTH or YEAR"));
            }
        };
        let count = match sign {
            "+" => count,
            "-" => -count,
            _ => return Err(Wrong::new(at, "an interval is added to a date or taken away")),
        };
        let kind = Kind::Number(Number::whole(i128::from(count).abs()));
        let count = Typed { node: Node::Number(i128::from(count)), kind, at: of };
        let node = Node::Shift(Box::new(date), Box::new(count), span);
        Ok(Typed { node, kind: Kind::Date, at })
    }
}
