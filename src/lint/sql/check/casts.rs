//! Kinds read as other kinds, and parts of dates.

use crate::lint::sql::check::{Checked, Checker};
use crate::lint::sql::kinds::{Kind, Number};
use crate::lint::sql::lexer::Wrong;
use crate::lint::sql::syntax::Part;
use crate::lint::sql::typed::{DatePart, Function, Node, Rounding, Typed};

/// The largest number that is read out of a text, in millionths: a quadrillion.
const READ_MAX: i128 = 1_000_000_000_000_000_000_000;

impl Checker<'_> {
    pub(super) fn try_cast(&self, of: &Part, kind: &str, at: usize) -> Checked {
        let of = self.typed(of)?;
        match (kind, of.kind) {
            ("DECIMAL" | "NUMERIC" | "DOUBLE" | "FLOAT" | "REAL", Kind::Text) => {
                Ok(read_number(of, at))
            }
            ("INTEGER" | "INT" | "BIGINT", Kind::Text) => {
                let read = read_number(of, at);
                let by = 6;
                let kind = Kind::Number(Number::whole(READ_MAX / 1_000_000 + 1));
                let node = Node::Call(Function::Round(Rounding::Nearest, by), vec![read]);
                Ok(Typed { node, kind, at })
            }
            ("DATE", Kind::Text) => {
                Ok(Typed { node: Node::Call(Function::ToDate, vec![of]), kind: Kind::Date, at })
            }
            ("DATE", Kind::Date) | ("TEXT" | "VARCHAR" | "STRING", Kind::Text) => Ok(of),
            ("DECIMAL" | "NUMERIC" | "DOUBLE" | "FLOAT" | "REAL", Kind::Number(_)) => Ok(of),
            ("TEXT" | "VARCHAR" | "STRING", Kind::Number(_) | Kind::Date | Kind::Flag) => {
                Ok(Typed { node: Node::Call(Function::ToText, vec![of]), kind: Kind::Text, at })
            }
            ("INTEGER" | "INT" | "BIGINT", Kind::Number(known)) => {
                let by = u32::from(known.scale);
                let kind = Kind::Number(Number::whole(known.most / 10_i128.pow(by) + 1));
                let node = Node::Call(Function::Round(Rounding::Nearest, by), vec![of]);
                Ok(Typed { node, kind, at })
            }
            (_, Kind::Nothing) => Ok(of),
            _ => Err(Wrong::new(at, format!("{} cannot be read as {kind}", of.kind.name()))
                .with_help("TRY_CAST reads a text as TEXT, DECIMAL, INTEGER or DATE")),
        }
    }

    pub(super) fn extract(&self, what: &str, of: &Part, at: usize) -> Checked {
        let (part, most) = match what {
            "YEAR" => (DatePart::Year, 9_999),
            "QUARTER" => (DatePart::Quarter, 4),
            "MONTH" => (DatePart::Month, 12),
            "DAY" => (DatePart::Day, 31),
            "DOW" => (DatePart::Weekday, 6),
            "ISODOW" => (DatePart::IsoWeekday, 7),
            _ => {
                return Err(Wrong::new(at, format!("a date has no {what}"))
                    .with_help("YEAR, QUARTER, MONTH, DAY, DOW (0 is Sunday) or ISODOW (7 is)"));
            }
        };
        let of = self.of_kind(self.typed(of)?, Kind::Date, "EXTRACT")?;
        let kind = Kind::Number(Number::whole(most));
        Ok(Typed { node: Node::Call(Function::Extract(part), vec![of]), kind, at })
    }
}

/// The number that a text says.
pub(super) fn read_number(of: Typed, at: usize) -> Typed {
    let kind = Kind::Number(Number { scale: 6, most: READ_MAX });
    Typed { node: Node::Call(Function::ToNumber, vec![of]), kind, at }
}
