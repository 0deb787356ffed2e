//! What is evaluated value by value: arithmetic, days, and functions of texts.

use crate::lint::sql::kinds::Kind;
use crate::lint::sql::typed::{Arithmetic, DatePart, Function, Node, Rounding, Span, Typed};
use crate::lint::sql::values::{self, Value};
use crate::lint::sql::vector::View;
use crate::model::Date;
use crate::model::cell::trim;

/// Bytes of a text that is put together of others; a longer one is NULL. Without a bound, a few
/// `REPLACE` could make a text that fills the memory out of one letter.
const MADE_TEXT_MAX: usize = 4_096;

/// The value of a node of these parts. NULL of anything is NULL.
pub fn value(node: &Node, parts: &[View<'_>]) -> Value {
    if parts.contains(&View::Null) {
        return Value::Null;
    }
    let found = match (node, parts) {
        (Node::Arithmetic(how, ..), [View::Number(one), View::Number(other)]) => {
            arithmetic(*how, *one, *other).map(Value::Number)
        }
        (Node::Shift(_, _, span), [View::Date(days), View::Number(by)]) => {
            shifted(*days, *by, *span).map(Value::Date)
        }
        (Node::Days(..), [View::Date(one), View::Date(other)]) => {
            Some(Value::Number(i128::from(*one) - i128::from(*other)))
        }
        (Node::Concat(..), [View::Text(one), View::Text(other)]) => {
            let most = MADE_TEXT_MAX.max(one.len()).max(other.len());
            let fits = one.len() + other.len() <= most;
            fits.then(|| Value::Text([*one, *other].concat()))
        }
        (Node::Call(function, written_as), parts) => call(*function, written_as, parts),
        _ => None,
    };
    found.unwrap_or(Value::Null)
}

/// Kinds are such that no result has more than 37 digits.
fn arithmetic(how: Arithmetic, one: i128, other: i128) -> Option<i128> {
    match how {
        Arithmetic::Plus => one.checked_add(other),
        Arithmetic::Minus => one.checked_sub(other),
        Arithmetic::Times => one.checked_mul(other),
        Arithmetic::Rest => one.checked_rem(other),
        Arithmetic::Over(up, down) => {
            let numerator = one.checked_mul(10_i128.checked_pow(up)?)?;
            let denominator = other.checked_mul(10_i128.checked_pow(down)?)?;
            rounded_quotient(numerator, denominator)
        }
    }
}

/// The quotient, half away from zero; nothing of zero.
fn rounded_quotient(numerator: i128, denominator: i128) -> Option<i128> {
    let quotient = numerator.checked_div(denominator)?;
    let rest = numerator.checked_rem(denominator)?;
    let is_half = rest.unsigned_abs() >= denominator.unsigned_abs().div_ceil(2);
    let away = if (numerator < 0) == (denominator < 0) { 1 } else { -1 };
    Some(if rest != 0 && is_half { quotient + away } else { quotient })
}

fn shifted(days: i32, by: i128, span: Span) -> Option<i32> {
    let by = i32::try_from(by).ok()?;
    let date = match span {
        Span::Days => Date::from_days(days.checked_add(by)?)?,
        Span::Months => {
            let (year, month, day) = Date::from_days(days)?.ymd();
            let months = year.checked_mul(12)?.checked_add(month as i32 - 1)?.checked_add(by)?;
            let (year, month) = (months.div_euclid(12), months.rem_euclid(12) as u32 + 1);
            // A month that has no such day ends before it.
            (0..4).find_map(|less| Date::from_ymd(year, month, day.checked_sub(less)?))?
        }
    };
    Some(date.days())
}

fn call(function: Function, written_as: &[Typed], parts: &[View<'_>]) -> Option<Value> {
    let text = |text: Vec<u8>| Some(Value::Text(text));
    let flag = |flag| Some(Value::Flag(flag));
    match (function, parts) {
        (Function::Upper, [View::Text(of)]) => text(of.to_ascii_uppercase()),
        (Function::Lower, [View::Text(of)]) => text(of.to_ascii_lowercase()),
        (Function::Trim, [View::Text(of)]) => text(trim(of).to_vec()),
        (Function::Length, [View::Text(of)]) => Some(Value::Number(characters(of).len() as i128)),
        (Function::Left, [View::Text(of), View::Number(count)]) => text(cut(of, 1, Some(*count))),
        (Function::Right, [View::Text(of), View::Number(count)]) => {
            let length = characters(of).len() as i128;
            text(cut(of, length - (*count).max(0) + 1, None))
        }
        (Function::Substring, [View::Text(of), View::Number(from)]) => text(cut(of, *from, None)),
        (Function::Substring, [View::Text(of), View::Number(from), View::Number(count)]) => {
            text(cut(of, *from, Some(*count)))
        }
        (Function::StartsWith, [View::Text(of), View::Text(what)]) => flag(of.starts_with(what)),
        (Function::EndsWith, [View::Text(of), View::Text(what)]) => flag(of.ends_with(what)),
        (Function::Contains, [View::Text(of), View::Text(what)]) => {
            flag(what.is_empty() || of.windows(what.len()).any(|part| part == *what))
        }
        (Function::Replace, [View::Text(of), View::Text(what), View::Text(with)]) => {
            replaced(of, what, with).map(Value::Text)
        }
        (Function::Abs, [View::Number(of)]) => Some(Value::Number(of.abs())),
        (Function::Round(how, by), [View::Number(of)]) => {
            rounded(how, *of, 10_i128.checked_pow(by)?).map(Value::Number)
        }
        (Function::Extract(part), [View::Date(days)]) => {
            extract(part, *days).map(|value| Value::Number(value.into()))
        }
        (Function::YearsBetween, [View::Date(first), View::Date(last)]) => {
            years(*first, *last).map(|years| Value::Number(years.into()))
        }
        (Function::Cardinality, [View::Number(length)]) => Some(Value::Number(*length)),
        (Function::ToNumber, [View::Text(of)]) => values::number(trim(of)).map(Value::Number),
        (Function::ToDate, [View::Text(of)]) => values::day(trim(of)).map(Value::Date),
        (Function::ToText, [of]) => {
            let mut written = String::new();
            let kind = written_as.first().map_or(Kind::Text, |part| part.kind);
            of.to_value().put(kind, &mut written);
            text(written.into_bytes())
        }
        _ => None,
    }
}

/// Where each character begins.
fn characters(text: &[u8]) -> Vec<usize> {
    let begins = text.iter().enumerate().filter(|(_, byte)| **byte & 0xC0 != 0x80);
    begins.map(|(at, _)| at).collect()
}

/// So many characters from a place on, counted from one; all if nothing is said.
fn cut(text: &[u8], from: i128, count: Option<i128>) -> Vec<u8> {
    let begins = characters(text);
    let length = begins.len() as i128;
    let last = count.map_or(length + 1, |count| from.saturating_add(count.max(0)));
    let place = |at: i128| {
        let at = (at.clamp(1, length + 1) - 1) as usize;
        begins.get(at).copied().unwrap_or(text.len())
    };
    text.get(place(from)..place(last).max(place(from))).unwrap_or_default().to_vec()
}

/// The text with something else in the place of a part; nothing where that makes it too long.
fn replaced(text: &[u8], what: &[u8], with: &[u8]) -> Option<Vec<u8>> {
    let most = text.len().max(MADE_TEXT_MAX);
    let mut all = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.first() {
        match rest.strip_prefix(what).filter(|_| !what.is_empty()) {
            Some(after) => {
                if all.len() + with.len() + after.len() > most {
                    return None;
                }
                all.extend_from_slice(with);
                rest = after;
            }
            None => {
                all.push(*first);
                rest = rest.get(1..).unwrap_or_default();
            }
        }
    }
    Some(all)
}

fn rounded(how: Rounding, value: i128, factor: i128) -> Option<i128> {
    match how {
        Rounding::Nearest => rounded_quotient(value, factor),
        Rounding::Down => value.checked_div_euclid(factor),
        Rounding::Up => Some(-(-value).checked_div_euclid(factor)?),
    }
}

fn extract(part: DatePart, days: i32) -> Option<i32> {
    let (year, month, day) = Date::from_days(days)?.ymd();
    // 1970-01-01 was a Thursday.
    let weekday = (i64::from(days) + 4).rem_euclid(7) as i32;
    Some(match part {
        DatePart::Year => year,
        DatePart::Quarter => (month as i32 + 2) / 3,
        DatePart::Month => month as i32,
        DatePart::Day => day as i32,
        DatePart::Weekday => weekday,
        DatePart::IsoWeekday => (weekday + 6) % 7 + 1,
    })
}

/// Whole years from one day to another: somebody's age on the second who was born on the first.
fn years(first: i32, last: i32) -> Option<i32> {
    let (first, last) = (Date::from_days(first)?.ymd(), Date::from_days(last)?.ymd());
    let before_day = (last.1, last.2) < (first.1, first.2);
    Some(last.0 - first.0 - i32::from(before_day))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> i32 {
        values::day(text.as_bytes()).unwrap()
    }

    #[test]
    fn months_end_where_they_end() {
        let moved = |text, by| shifted(date(text), by, Span::Months).unwrap();
        assert_eq!(moved("2024-01-31", 1), date("2024-02-29"));
        assert_eq!(moved("2024-03-31", -13), date("2023-02-28"));
        assert_eq!(moved("2024-12-15", 12), date("2025-12-15"));
        assert_eq!(shifted(date("9999-12-31"), 1, Span::Days), None);
        assert_eq!(shifted(0, i128::MAX, Span::Days), None);
        assert_eq!(shifted(0, i32::MAX.into(), Span::Months), None);
    }

    #[test]
    fn quotients_are_rounded_half_away_from_zero() {
        let over = |one, other| arithmetic(Arithmetic::Over(6, 0), one, other);
        assert_eq!(over(1, 3), Some(333_333));
        assert_eq!(over(2, 3), Some(666_667));
        assert_eq!(over(-2, 3), Some(-666_667));
        assert_eq!(over(1, 0), None);
        assert_eq!(rounded_quotient(5, 2), Some(3));
        assert_eq!(rounded_quotient(-5, 2), Some(-3));
        assert_eq!(rounded_quotient(5, -2), Some(-3));
        assert_eq!(rounded_quotient(4, 3), Some(1));
        assert_eq!(rounded(Rounding::Down, -15, 10), Some(-2));
        assert_eq!(rounded(Rounding::Up, -15, 10), Some(-1));
        assert_eq!(rounded(Rounding::Up, 15, 10), Some(2));
    }

    #[test]
    fn texts_are_cut_at_characters() {
        let cut = |from, count| String::from_utf8(cut("aébc".as_bytes(), from, count)).unwrap();
        assert_eq!(cut(1, Some(2)), "aé");
        assert_eq!(cut(2, None), "ébc");
        assert_eq!(cut(0, Some(2)), "a");
        assert_eq!(cut(-5, Some(2)), "");
        assert_eq!(cut(4, Some(9)), "c");
        assert_eq!(cut(9, Some(9)), "");
        assert_eq!(cut(1, Some(i128::MAX)), "aébc");
        assert_eq!(replaced(b"a-b--", b"-", b"+").unwrap(), b"a+b++");
        assert_eq!(replaced(b"ab", b"", b"+").unwrap(), b"ab");
    }

    #[test]
    fn texts_that_are_put_together_do_not_grow_without_end() {
        let part = || Box::new(Typed { node: Node::Null, kind: Kind::Text, at: 0 });
        let concat = Node::Concat(part(), part());
        let long = vec![b'a'; 2 * MADE_TEXT_MAX];
        let half = long.get(..MADE_TEXT_MAX / 2).unwrap();
        let of = |one, other| value(&concat, &[View::Text(one), View::Text(other)]);
        assert_eq!(of(half, half), Value::Text(long[..MADE_TEXT_MAX].to_vec()));
        assert_eq!(of(&long[..MADE_TEXT_MAX], b"a"), Value::Null);
        assert_eq!(of(&long, b""), Value::Text(long.clone()));
        assert_eq!(replaced(half, b"a", b"bb").unwrap().len(), MADE_TEXT_MAX);
        assert_eq!(replaced(half, b"a", b"bbb"), None);
        assert_eq!(replaced(&long, b"aa", b"b").unwrap().len(), MADE_TEXT_MAX);
        assert_eq!(replaced(&long, b"a", b"bb"), None);
    }

    #[test]
    fn dates_have_parts() {
        let of = |part| extract(part, date("2025-03-16")).unwrap();
        assert_eq!((of(DatePart::Year), of(DatePart::Month), of(DatePart::Day)), (2025, 3, 16));
        assert_eq!((of(DatePart::Quarter), of(DatePart::Weekday)), (1, 0));
        assert_eq!(of(DatePart::IsoWeekday), 7);
        assert_eq!(years(date("2000-02-29"), date("2024-02-28")), Some(23));
        assert_eq!(years(date("2000-02-29"), date("2024-02-29")), Some(24));
    }
}
