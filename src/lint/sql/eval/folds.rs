//! Aggregates over the lines of groups.

use std::collections::BTreeSet;
use std::ops::Range;

use polars_arrow::bitmap::{Bitmap, and};

use crate::lint::sql::eval::Evaluator;
use crate::lint::sql::kinds::Kind;
use crate::lint::sql::typed::{Fold, Typed};
use crate::lint::sql::values::Value;
use crate::lint::sql::vector::{Builder, Datum, View};

impl Evaluator<'_> {
    /// What is computed of the lines of each group for which the filter is true.
    pub(super) fn fold(&self, fold: Fold, of: &Typed, filter: Option<&Typed>, kind: Kind) -> Datum {
        let Some(groups) = self.groups else { return Datum::One(Value::Null) };
        let lines = Evaluator::of_lines(self.frame);
        let values = lines.datum(of);
        let filter = filter.map(|filter| lines.flags(filter).yes);
        let counted = match (filter, self.wanted) {
            (Some(filter), Some(wanted)) => Some(and(&filter, wanted)),
            (Some(filter), None) => Some(filter),
            (None, wanted) => wanted.cloned(),
        };
        let mut builder = Builder::new(kind, groups.len());
        for group in groups {
            builder.push(folded(fold, &values, counted_in(group, counted.as_ref())));
        }
        Datum::Each(builder.finish())
    }
}

/// The lines of a group that count.
fn counted_in<'c>(
    group: &Range<usize>,
    counted: Option<&'c Bitmap>,
) -> impl Iterator<Item = usize> + use<'c> {
    let counts = move |at: &usize| counted.is_none_or(|counted| counted.get(*at) == Some(true));
    group.clone().filter(counts)
}

/// What SQL says of values: NULL is passed over, and the sum of none is NULL. Whether any or every
/// condition holds is unknown where those that are known do not settle it.
fn folded(fold: Fold, values: &Datum, lines: impl Iterator<Item = usize>) -> View<'_> {
    let views = lines.map(|at| values.get(at));
    if let Fold::Any | Fold::All = fold {
        return told(views, fold == Fold::Any);
    }
    let known = views.filter(|view| *view != View::Null);
    match fold {
        Fold::Count => View::Number(known.count() as i128),
        Fold::CountDistinct => View::Number(known.collect::<BTreeSet<_>>().len() as i128),
        Fold::Sum => {
            let mut sum = None;
            for view in known {
                if let View::Number(value) = view {
                    sum = Some(sum.unwrap_or(0_i128).saturating_add(value));
                }
            }
            sum.map_or(View::Null, View::Number)
        }
        Fold::Min => known.min().unwrap_or(View::Null),
        Fold::Max => known.max().unwrap_or(View::Null),
        Fold::Any | Fold::All => View::Null,
    }
}

/// Whether any of the conditions is `settles`, else the opposite, where all are known.
fn told<'v>(views: impl Iterator<Item = View<'v>>, settles: bool) -> View<'v> {
    let mut is_known = true;
    for view in views {
        match view {
            View::Flag(value) if value == settles => return View::Flag(settles),
            View::Flag(_) => {}
            _ => is_known = false,
        }
    }
    if is_known { View::Flag(!settles) } else { View::Null }
}
