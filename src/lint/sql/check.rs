//! From what is written to what is meant: names and kinds of an expression are found out, and what
//! makes no sense is refused, with its place.

pub mod calls;
mod casts;
mod folds;
mod numbers;

use std::cell::Cell as Mutable;

use crate::lint::pool::GROUP_LINES_MAX;
use crate::lint::sql::kinds::{Kind, Number};
use crate::lint::sql::lexer::Wrong;
use crate::lint::sql::like::Like;
use crate::lint::sql::slots::Slot;
use crate::lint::sql::syntax::{Is, Part};
use crate::lint::sql::typed::{Node, Order, Typed};
use crate::lint::sql::{Names, Table};
use crate::model::cell::trim;
use crate::model::{Cell, Date, Field};

type Checked = Result<Typed, Wrong>;

/// Where an expression stands: what it may name and use.
#[derive(Debug)]
pub struct Checker<'n> {
    /// What may be named beside the fields.
    pub names: &'n Names,
    /// Whether it is about a group: columns stand in aggregates only.
    pub of_group: bool,
    /// Whether the part that is looked at stands in an aggregate.
    in_fold: Mutable<bool>,
    /// Parts that copies of others made: they are bounded.
    copies: Mutable<usize>,
}

/// Parts that an expression may have once `BETWEEN` and the like are written out.
const PARTS_MAX: usize = 20_000;

impl<'n> Checker<'n> {
    /// For expressions over a line, or over a group.
    pub fn new(names: &'n Names, of_group: bool) -> Checker<'n> {
        Checker { names, of_group, in_fold: Mutable::new(false), copies: Mutable::new(0) }
    }

    /// A boolean expression.
    ///
    /// # Errors
    /// What makes no sense, and where.
    pub fn flag(&self, part: &Part) -> Checked {
        let typed = self.typed(part)?;
        match typed.kind {
            Kind::Flag | Kind::Nothing => Ok(typed),
            kind => Err(Wrong::new(part.at, format!("this is {}, not true or false", kind.name()))
                .with_help("compare it with something: = <> < > BETWEEN IN LIKE IS NULL")),
        }
    }

    /// An expression of any kind.
    ///
    /// # Errors
    /// What makes no sense, and where.
    pub fn typed(&self, part: &Part) -> Checked {
        let at = part.at;
        let flag = |node| Ok(Typed { node, kind: Kind::Flag, at });
        match &part.is {
            Is::Name(name, quoted) => self.column(name, *quoted, at),
            Is::Path(path) => Err(self.path(path, at)),
            Is::Text(text) => Ok(text_of(text, at)),
            Is::Number(value, scale) => {
                let kind = Kind::Number(Number { scale: *scale, most: value.abs() });
                Ok(Typed { node: Node::Number(*value), kind, at })
            }
            Is::Flag(value) => flag(Node::Flag(*value)),
            Is::Null => Ok(Typed { node: Node::Null, kind: Kind::Nothing, at }),
            Is::Date(text) => date_of(text, at),
            Is::Interval(..) => Err(Wrong::new(at, "an INTERVAL alone")
                .with_help("add it to a date: service_date + INTERVAL '30' DAY")),
            Is::And(all) => flag(Node::And(self.flags(all)?)),
            Is::Or(all) => flag(Node::Or(self.flags(all)?)),
            Is::Not(of) => flag(Node::Not(Box::new(self.flag(of)?))),
            Is::Minus(of) => self.minus(of, at),
            Is::Signed(sign, one, other) => self.signed(sign, one, other, at),
            Is::Between(of, first, last) => {
                let of = self.typed(of)?;
                let (first, last) = (self.typed(first)?, self.typed(last)?);
                self.copied(&of, at)?;
                let least = self.compare(Order::Least, of.clone(), first, at)?;
                flag(Node::And(vec![least, self.compare(Order::Most, of, last, at)?]))
            }
            Is::InList(of, list) => self.in_list(of, list, at),
            Is::In(of, list) => self.is_in(of, list, at),
            Is::Like(of, pattern, ignores_case) => {
                let of = self.text(of, "LIKE")?;
                let pattern = calls::pattern(pattern, Like::CHARACTERS_MAX)?;
                flag(Node::Like(Box::new(of), Like::new(pattern, *ignores_case)))
            }
            Is::IsNull(of) => flag(Node::IsNull(Box::new(self.typed(of)?))),
            Is::IsFlag(of, value) => flag(Node::IsFlag(Box::new(self.flag(of)?), *value)),
            Is::IsDistinct(one, other) => {
                let (one, other) = self.alike(self.typed(one)?, self.typed(other)?, at)?;
                flag(Node::IsDistinct(Box::new(one), Box::new(other)))
            }
            Is::Case(cases, other) => self.case(cases, other.as_deref(), at),
            Is::TryCast(of, kind) => self.try_cast(of, kind, at),
            Is::Extract(what, of) => self.extract(what, of, at),
            Is::Call(call) => self.call(call, at),
        }
    }

    fn flags(&self, all: &[Part]) -> Result<Vec<Typed>, Wrong> {
        all.iter().map(|part| self.flag(part)).collect()
    }

    /// Copies of a part count against what an expression may come to.
    fn copied(&self, part: &Typed, at: usize) -> Result<(), Wrong> {
        let mut parts = 0;
        part.visit(&mut |_| {
            parts += 1;
            true
        });
        self.copies.set(self.copies.get() + parts);
        match self.copies.get() > PARTS_MAX {
            true => Err(Wrong::new(at, "an expression that is too large once written out")),
            false => Ok(()),
        }
    }

    fn column(&self, name: &str, quoted: bool, at: usize) -> Checked {
        let slot = Slot::named(name, quoted, at, self.names)?;
        if self.of_group && !self.in_fold.get() {
            return Err(Wrong::new(at, format!("{name} differs from line to line of a group"))
                .with_help(format!(
                    "put it in an aggregate, such as MIN({name}) or COUNT(*) FILTER (WHERE …); \
                     which lines are reported is said by lines-when"
                )));
        }
        Ok(Typed { node: Node::Slot(slot), kind: slot.kind(), at })
    }

    fn path(&self, path: &[String], at: usize) -> Wrong {
        match path.first().map(String::as_str) {
            Some("tables") => Wrong::new(at, "a table alone")
                .with_help("write x IN tables.NAME, or LOOKUP(tables.NAME.column, x)"),
            _ => Wrong::new(at, format!("`{}` means nothing here", path.join(".")))
                .with_help("columns are named alone, tables as tables.NAME"),
        }
    }

    /// A part that must be a text.
    fn text(&self, part: &Part, what_for: &str) -> Checked {
        let typed = self.typed(part)?;
        self.of_kind(typed, Kind::Text, what_for)
    }

    fn of_kind(&self, typed: Typed, kind: Kind, what_for: &str) -> Checked {
        if typed.kind.is_like(kind) {
            return Ok(typed);
        }
        match (typed.kind, kind, &typed.node) {
            (Kind::Nothing, ..) => Ok(Typed { kind, ..typed }),
            (Kind::Text, Kind::Date, Node::Text(text)) => {
                date_of(&String::from_utf8_lossy(text), typed.at)
            }
            _ => {
                let (has, wants) = (typed.kind.name(), kind.name());
                Err(Wrong::new(typed.at, format!("{what_for} takes {wants}; this is {has}")))
            }
        }
    }

    /// Two values that can be compared: texts beside dates are dates, and numbers have one scale.
    fn alike(&self, one: Typed, other: Typed, at: usize) -> Result<(Typed, Typed), Wrong> {
        match (one.kind, other.kind) {
            (Kind::Modifiers, _) | (_, Kind::Modifiers) => {
                Err(Wrong::new(at, "modifiers are a list")
                    .with_help("write '25' IN modifiers, or CARDINALITY(modifiers)"))
            }
            (Kind::Nothing, kind) => Ok((Typed { kind, ..one }, other)),
            (kind, Kind::Nothing) => Ok((one, Typed { kind, ..other })),
            (Kind::Date, Kind::Text) => {
                let other = self.of_kind(other, Kind::Date, "a comparison with a date")?;
                Ok((one, other))
            }
            (Kind::Text, Kind::Date) => {
                let one = self.of_kind(one, Kind::Date, "a comparison with a date")?;
                Ok((one, other))
            }
            (Kind::Number(a), Kind::Number(b)) => {
                let scale = a.scale.max(b.scale);
                Ok((numbers::scaled(one, scale)?, numbers::scaled(other, scale)?))
            }
            (a, b) if a.is_like(b) => Ok((one, other)),
            (a, b) => {
                let wrong = Wrong::new(at, format!("{} beside {}", a.name(), b.name()));
                let number = matches!(a, Kind::Number(_)) || matches!(b, Kind::Number(_));
                Err(match number && (a == Kind::Text || b == Kind::Text) {
                    true => wrong.with_help(
                        "texts stand in single quotes, numbers do not: place_of_service = '11', \
                         units > 4; TRY_CAST(x AS DECIMAL) reads a number out of a text",
                    ),
                    false => wrong,
                })
            }
        }
    }

    fn compare(&self, order: Order, one: Typed, other: Typed, at: usize) -> Checked {
        let (one, other) = self.alike(one, other, at)?;
        if one.kind == Kind::Flag && !matches!(order, Order::Is | Order::IsNot) {
            return Err(Wrong::new(at, "true and false have no order"));
        }
        let node = Node::Compare(order, Box::new(one), Box::new(other));
        Ok(Typed { node, kind: Kind::Flag, at })
    }

    /// `x IN (…)`: the texts, numbers and days of the list are one set; NULL in it is a value
    /// that may be equal.
    fn in_list(&self, of: &Part, list: &[Part], at: usize) -> Checked {
        let of = self.typed(of)?;
        let flag = |node| Typed { node, kind: Kind::Flag, at };
        let (mut texts, mut numbers, mut others) = (Vec::new(), Vec::new(), Vec::new());
        let scale = list.iter().map(|part| match part.is {
            Is::Number(_, scale) => scale,
            _ => 0,
        });
        let scale = scale.max().unwrap_or_default();
        let of = match of.kind {
            Kind::Number(number) => numbers::scaled(of, number.scale.max(scale))?,
            _ => of,
        };
        for part in list {
            let (_, value) = self.alike(of.clone(), self.typed(part)?, part.at)?;
            match (&value.node, value.kind) {
                (Node::Text(text), Kind::Text) => texts.push(text.clone()),
                (Node::Date(days), Kind::Date) => numbers.push(i128::from(*days)),
                (Node::Scaled(number, by), Kind::Number(_)) => match number.node {
                    Node::Number(number) => numbers.push(number * 10_i128.pow(*by)),
                    _ => others.push(value),
                },
                (Node::Number(number), Kind::Number(_)) => numbers.push(*number),
                (Node::Null, _) => others.push(Typed { kind: Kind::Nothing, ..value }),
                _ => others.push(value),
            }
        }
        let mut any = Vec::new();
        texts.sort_unstable();
        texts.dedup();
        numbers.sort_unstable();
        numbers.dedup();
        if !texts.is_empty() {
            any.push(flag(Node::InTexts(Box::new(of.clone()), texts)));
        }
        if !numbers.is_empty() {
            any.push(flag(Node::InNumbers(Box::new(of.clone()), numbers)));
        }
        for other in others {
            self.copied(&of, at)?;
            any.push(match other.kind {
                Kind::Nothing => flag(Node::Null),
                _ => self.compare(Order::Is, of.clone(), other, at)?,
            });
        }
        match any.len() {
            1 => Ok(any.pop().unwrap_or_else(|| flag(Node::Null))),
            _ => Ok(flag(Node::Or(any))),
        }
    }

    /// `x IN modifiers` and `x IN tables.NAME`.
    fn is_in(&self, of: &Part, list: &Part, at: usize) -> Checked {
        let of = self.text(of, "IN")?;
        let node = match &list.is {
            Is::Path(path) => {
                let (table, rest) = self.table(path, list.at)?;
                if !rest.is_empty() {
                    return Err(Wrong::new(
                        list.at,
                        "a column of a table, where a table should be",
                    )
                    .with_help("x IN tables.NAME looks in its key"));
                }
                let day = self.day_for(table, list.at)?;
                Node::InTable(table.clone(), Box::new(of), Box::new(day))
            }
            Is::Name(name, false) if name.eq_ignore_ascii_case("modifiers") => {
                self.column(name, false, list.at)?;
                Node::HasModifier(Box::new(of))
            }
            _ => {
                return Err(Wrong::new(
                    list.at,
                    "expected a list in brackets, modifiers or a table",
                )
                .with_help("write x IN ('a', 'b'), '25' IN modifiers or x IN tables.NAME"));
            }
        };
        Ok(Typed { node, kind: Kind::Flag, at })
    }

    /// The table that a path names, and what follows its name.
    fn table<'p>(
        &self,
        path: &'p [String],
        at: usize,
    ) -> Result<(&'n std::sync::Arc<Table>, &'p [String]), Wrong> {
        let (first, name, rest) = match path {
            [first, name, rest @ ..] => (first, name, rest),
            _ => return Err(self.path(path, at)),
        };
        if !first.eq_ignore_ascii_case("tables") {
            return Err(self.path(path, at));
        }
        let Some(table) = self.names.tables.get(name) else {
            let wrong = Wrong::new(at, format!("no table is called `{name}`"));
            let known = self.names.tables.keys().map(String::as_str);
            return Err(match crate::error::nearest(name, known) {
                Some(near) => wrong.with_help(format!("did you mean tables.{near}?")),
                None => wrong.with_help(format!("say where it is: [tables.{name}] file = \"…\"")),
            });
        };
        Ok((table, rest))
    }

    /// The day on which a table is asked, where none is given: the first day of service.
    fn day_for(&self, table: &Table, at: usize) -> Checked {
        match table.is_dated {
            true => self.column(Field::ServiceDate.name(), false, at),
            false => Ok(Typed { node: Node::Null, kind: Kind::Date, at }),
        }
    }

    fn case(&self, cases: &[(Part, Part)], other: Option<&Part>, at: usize) -> Checked {
        let mut checked = Vec::new();
        for (when, then) in cases {
            checked.push((self.flag(when)?, self.typed(then)?));
        }
        let other = match other {
            Some(other) => self.typed(other)?,
            None => Typed { node: Node::Null, kind: Kind::Nothing, at },
        };
        let values = checked.iter().map(|(_, then)| then.clone()).chain([other]).collect();
        let (mut values, kind) = self.of_one_kind(values, at)?;
        let other = values.pop().unwrap_or(Typed { node: Node::Null, kind, at });
        let cases = checked.into_iter().map(|(when, _)| when).zip(values).collect();
        Ok(Typed { node: Node::Case(cases, Box::new(other)), kind, at })
    }

    /// Values that stand for one another: of one kind, numbers of one scale.
    fn of_one_kind(&self, values: Vec<Typed>, at: usize) -> Result<(Vec<Typed>, Kind), Wrong> {
        let mut told = values.iter().map(|value| value.kind).filter(|kind| *kind != Kind::Nothing);
        let Some(mut kind) = told.next() else { return Ok((values, Kind::Nothing)) };
        let scales = values.iter().filter_map(|value| match value.kind {
            Kind::Number(number) => Some(number.scale),
            _ => None,
        });
        if let (Kind::Number(number), Some(scale)) = (&mut kind, scales.max()) {
            *number = Number { scale, most: 0 };
        }
        let mut all = Vec::new();
        let mut most = 0;
        for value in values {
            let (_, value) = self.alike(Typed { node: Node::Null, kind, at }, value, at)?;
            if let Kind::Number(number) = value.kind {
                most = most.max(number.most);
            }
            all.push(value);
        }
        if let Kind::Number(number) = &mut kind {
            number.most = most;
        }
        if kind == Kind::Modifiers {
            return Err(Wrong::new(at, "modifiers are a list, and no value"));
        }
        Ok((all, kind))
    }
}

/// The most lines of a group.
const LINES: i128 = GROUP_LINES_MAX as i128;

fn text_of(text: &str, at: usize) -> Typed {
    Typed { node: Node::Text(text.as_bytes().to_vec()), kind: Kind::Text, at }
}

fn date_of(text: &str, at: usize) -> Checked {
    let is_iso = text.len() == 10 && text.bytes().filter(|byte| *byte == b'-').count() == 2;
    match Date::parse(trim(text.as_bytes())) {
        Cell::Value(date) if is_iso => {
            Ok(Typed { node: Node::Date(date.days()), kind: Kind::Date, at })
        }
        _ => Err(Wrong::new(at, "a date that cannot be read").with_help("write '2025-01-31'")),
    }
}
