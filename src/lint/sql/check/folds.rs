//! Aggregates: what is computed of the lines of a group.

use crate::lint::sql::check::{Checked, Checker, LINES};
use crate::lint::sql::kinds::{Kind, Number};
use crate::lint::sql::lexer::Wrong;
use crate::lint::sql::syntax::{Call, Is, Part};
use crate::lint::sql::typed::{Fold, Node, Typed};

impl Checker<'_> {
    pub(super) fn fold(&self, fold: Fold, call: &Call, at: usize) -> Checked {
        if !self.of_group {
            return Err(outside_group(&call.name, at));
        }
        if self.in_fold.replace(true) {
            return Err(Wrong::new(at, "an aggregate within an aggregate"));
        }
        let of = match (call.of_all, call.parts.as_slice()) {
            (true, _) if fold == Fold::Count && !call.is_distinct => {
                Ok(Typed { node: Node::Flag(true), kind: Kind::Flag, at })
            }
            (false, [of]) => self.typed(of),
            _ => Err(Wrong::new(at, format!("{} takes one value", call.name))),
        };
        let filter = call.filter.as_ref().map(|filter| self.flag(filter)).transpose();
        self.in_fold.set(false);
        let (of, filter) = (of?, filter?.map(Box::new));
        let fold = match (fold, call.is_distinct) {
            (Fold::Count, true) => Fold::CountDistinct,
            (fold, false) => fold,
            (Fold::Min | Fold::Max, true) => fold,
            _ => return Err(Wrong::new(at, "DISTINCT goes with COUNT, MIN and MAX")),
        };
        let (of, kind) = self.folded(fold, of, at)?;
        Ok(Typed { node: Node::Fold(fold, Box::new(of), filter), kind, at })
    }

    /// What an aggregate is of, and the kind of what it gives.
    fn folded(&self, fold: Fold, of: Typed, at: usize) -> Result<(Typed, Kind), Wrong> {
        let count = Kind::Number(Number::whole(LINES));
        let wrong = |what: &str| Wrong::new(of.at, format!("{what}; this is {}", of.kind.name()));
        let kind = match (fold, of.kind) {
            (_, Kind::Modifiers) => {
                return Err(wrong("an aggregate takes single values")
                    .with_help("SUM(CARDINALITY(modifiers)), ANY('25' IN modifiers)"));
            }
            (Fold::Count | Fold::CountDistinct, _) => count,
            (Fold::Sum, Kind::Number(known)) => Kind::Number(known.summed(LINES, at)?),
            (Fold::Sum, Kind::Nothing) => count,
            (Fold::Sum, _) => return Err(wrong("SUM takes numbers")),
            (Fold::Any | Fold::All, Kind::Flag | Kind::Nothing) => Kind::Flag,
            (Fold::Any | Fold::All, _) => return Err(wrong("ANY and EVERY take conditions")),
            (Fold::Min | Fold::Max, Kind::Flag) => {
                return Err(wrong("MIN and MAX take what has an order"));
            }
            (Fold::Min | Fold::Max, kind) => kind,
        };
        Ok((of, kind))
    }

    /// The average: the sum over the count.
    pub(super) fn average(&self, call: &Call, at: usize) -> Checked {
        if !self.of_group {
            return Err(outside_group("AVG", at));
        }
        let of = |name: &str| Call { name: name.to_owned(), ..call.clone() };
        if call.is_distinct {
            return Err(Wrong::new(at, "DISTINCT goes with COUNT, MIN and MAX"));
        }
        let sum = Part { is: Is::Call(of("SUM")), at };
        let count = Part { is: Is::Call(of("COUNT")), at };
        self.signed("/", &sum, &count, at)
    }
}

fn outside_group(name: &str, at: usize) -> Wrong {
    Wrong::new(at, format!("{name} of one line"))
        .with_help("aggregates need scope = \"claim\" or \"patient-day\"")
}

/// The aggregate with a name in capitals.
pub(super) fn named(name: &str) -> Option<Fold> {
    Some(match name {
        "COUNT" => Fold::Count,
        "SUM" => Fold::Sum,
        "MIN" => Fold::Min,
        "MAX" => Fold::Max,
        "ANY" | "BOOL_OR" | "SOME" => Fold::Any,
        "EVERY" | "BOOL_AND" => Fold::All,
        _ => return None,
    })
}
