//! Comparisons.

use polars_arrow::array::{Array, BinaryViewArray, PrimitiveArray, View as TextView};
use polars_arrow::bitmap::Bitmap;
use polars_compute::comparisons::{TotalEqKernel, TotalOrdKernel};

use crate::lint::sql::eval::{ordered, same};
use crate::lint::sql::typed::Order;
use crate::lint::sql::values::Value;
use crate::lint::sql::vector::{Datum, Flags, Vector, both_known};

/// Texts of this many bytes and less are compared as one number.
const SHORT_BYTES_MAX: usize = 12;

impl Order {
    /// The same with its sides exchanged.
    fn turned(self) -> Order {
        match self {
            Order::Less => Order::More,
            Order::Most => Order::Least,
            Order::More => Order::Less,
            Order::Least => Order::Most,
            same => same,
        }
    }
}

/// Compares two values of one kind.
pub fn compare(order: Order, one: Datum, other: Datum, lines: usize) -> Datum {
    let flags = |flags| Datum::Each(Vector::Flags(flags));
    match (one, other) {
        (Datum::One(one), Datum::One(other)) => {
            let told = ordered(order, one.view(), other.view());
            Datum::One(told.map_or(Value::Null, Value::Flag))
        }
        (Datum::One(Value::Null), _) | (_, Datum::One(Value::Null)) => Datum::One(Value::Null),
        (Datum::One(one), other @ Datum::Each(_)) => {
            compare(order.turned(), other, Datum::One(one), lines)
        }
        (Datum::Each(Vector::Texts(one)), Datum::One(Value::Text(other))) => {
            flags(each_with_one(order, &one, other.as_slice()))
        }
        (Datum::Each(Vector::Days(one)), Datum::One(Value::Date(other))) => {
            flags(each_with_one(order, &one, &other))
        }
        (Datum::Each(Vector::Numbers(one)), Datum::One(Value::Number(other))) => {
            flags(each_with_one(order, &one, &other))
        }
        (Datum::Each(Vector::Texts(one)), Datum::Each(Vector::Texts(other))) => {
            flags(each_with_each(order, &one, &other))
        }
        (Datum::Each(Vector::Days(one)), Datum::Each(Vector::Days(other))) => {
            flags(each_with_each(order, &one, &other))
        }
        (Datum::Each(Vector::Numbers(one)), Datum::Each(Vector::Numbers(other))) => {
            flags(each_with_each(order, &one, &other))
        }
        (one, other) => {
            let is = same(&one.into_flags(lines), &other.into_flags(lines));
            flags(if order == Order::IsNot { is.not() } else { is })
        }
    }
}

fn each_with_one<A>(order: Order, one: &A, other: &<A as TotalEqKernel>::Scalar) -> Flags
where
    A: TotalEqKernel + TotalOrdKernel<Scalar = <A as TotalEqKernel>::Scalar>,
{
    let yes = match order {
        Order::Is => one.tot_eq_kernel_broadcast(other),
        Order::IsNot => one.tot_ne_kernel_broadcast(other),
        Order::Less => one.tot_lt_kernel_broadcast(other),
        Order::Most => one.tot_le_kernel_broadcast(other),
        Order::More => one.tot_gt_kernel_broadcast(other),
        Order::Least => one.tot_ge_kernel_broadcast(other),
    };
    Flags::new(yes, one.validity().cloned())
}

fn each_with_each<A: TotalEqKernel + TotalOrdKernel>(order: Order, one: &A, other: &A) -> Flags {
    let yes = match order {
        Order::Is => one.tot_eq_kernel(other),
        Order::IsNot => one.tot_ne_kernel(other),
        Order::Less => one.tot_lt_kernel(other),
        Order::Most => one.tot_le_kernel(other),
        Order::More => one.tot_gt_kernel(other),
        Order::Least => one.tot_ge_kernel(other),
    };
    Flags::new(yes, both_known(one.validity(), other.validity()))
}

/// Whether each value is one of these texts, which are sorted.
pub fn in_texts(of: Datum, texts: &[Vec<u8>]) -> Datum {
    let is_one = |text: &[u8]| texts.binary_search_by(|known| known.as_slice().cmp(text)).is_ok();
    match of {
        Datum::Each(Vector::Texts(array)) => {
            let short: Vec<u128> = texts.iter().filter_map(|text| short(text)).collect();
            let has_long = short.len() < texts.len();
            let yes = if short.len() <= 8 && !has_long {
                among_few(&array, &short)
            } else {
                let mut sorted = short;
                sorted.sort_unstable();
                let views = array.views().iter().zip(array.values_iter());
                let is_in = |(view, text): (&TextView, &[u8])| match text.len() {
                    0..=SHORT_BYTES_MAX => sorted.binary_search(&view.as_u128()).is_ok(),
                    _ => has_long && is_one(text),
                };
                views.map(is_in).collect()
            };
            Datum::Each(Vector::Flags(Flags::new(yes, array.validity().cloned())))
        }
        Datum::One(Value::Text(text)) => Datum::One(Value::Flag(is_one(&text))),
        _ => Datum::One(Value::Null),
    }
}

fn among_few(array: &BinaryViewArray, short: &[u128]) -> Bitmap {
    array
        .views()
        .iter()
        .map(|view| {
            let view = view.as_u128();
            short.iter().fold(false, |any, known| any | (*known == view))
        })
        .collect()
}

/// A short text as Arrow keeps it: its length in the lowest four bytes, then its bytes.
fn short(text: &[u8]) -> Option<u128> {
    if text.len() > SHORT_BYTES_MAX {
        return None;
    }
    let mut bytes = [0; 16];
    let length = (text.len() as u32).to_le_bytes();
    bytes.iter_mut().zip(length.iter().chain(text)).for_each(|(to, from)| *to = *from);
    Some(u128::from_le_bytes(bytes))
}

/// Whether each value is one of these numbers or days, which are sorted.
pub fn in_numbers(of: Datum, numbers: &[i128]) -> Datum {
    let is_one = |value: i128| numbers.binary_search(&value).is_ok();
    let flags =
        |yes, known: Option<&Bitmap>| Datum::Each(Vector::Flags(Flags::new(yes, known.cloned())));
    let in_days = |array: &PrimitiveArray<i32>| {
        array.values().iter().map(|days| is_one(i128::from(*days))).collect()
    };
    match of {
        Datum::Each(Vector::Numbers(array)) => {
            flags(array.values().iter().map(|value| is_one(*value)).collect(), array.validity())
        }
        Datum::Each(Vector::Days(array)) => flags(in_days(&array), array.validity()),
        Datum::One(Value::Number(value)) => Datum::One(Value::Flag(is_one(value))),
        Datum::One(Value::Date(days)) => Datum::One(Value::Flag(is_one(i128::from(days)))),
        _ => Datum::One(Value::Null),
    }
}
