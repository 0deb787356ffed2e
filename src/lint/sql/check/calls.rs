//! Functions and aggregates: which there are, and what they take.

use std::sync::Arc;

use regex::bytes::RegexBuilder;

use crate::error::nearest;
use crate::lint::sql::Table;
use crate::lint::sql::check::casts::read_number;
use crate::lint::sql::check::folds::named;
use crate::lint::sql::check::numbers::number;
use crate::lint::sql::check::{Checked, Checker};
use crate::lint::sql::kinds::{Kind, Number};
use crate::lint::sql::lexer::Wrong;
use crate::lint::sql::syntax::{Call, Is, Part};
use crate::lint::sql::typed::{Function, List, Node, Order, Rounding, Typed};

/// The functions there are, as help shows them. Aggregates come first.
pub const FUNCTIONS: [&str; 38] = [
    "COUNT",
    "SUM",
    "MIN",
    "MAX",
    "AVG",
    "ANY",
    "EVERY",
    "UPPER",
    "LOWER",
    "TRIM",
    "LENGTH",
    "CHAR_LENGTH",
    "SUBSTRING",
    "SUBSTR",
    "LEFT",
    "RIGHT",
    "STARTS_WITH",
    "ENDS_WITH",
    "CONTAINS",
    "REPLACE",
    "CONCAT",
    "COALESCE",
    "NULLIF",
    "GREATEST",
    "LEAST",
    "ABS",
    "ROUND",
    "FLOOR",
    "CEIL",
    "MOD",
    "REGEXP_LIKE",
    "YEARS_BETWEEN",
    "CARDINALITY",
    "ACTIVE",
    "LOOKUP",
    "TRY_CAST",
    "EXTRACT",
    "BOOL_OR",
];

/// What other dialects of SQL have, and what to write for it here.
const ELSEWHERE: [(&[&str], &str); 9] = [
    (&["NVL", "IFNULL", "ISNULL"], "COALESCE(x, y) or x IS NULL"),
    (&["IF", "IIF", "DECODE"], "CASE WHEN a THEN b ELSE c END"),
    (&["CHARINDEX", "INSTR", "POSITION", "STRPOS"], "CONTAINS(text, part)"),
    (&["DATEDIFF", "DATE_DIFF", "AGE"], "service_end - service_date, or YEARS_BETWEEN(a, b)"),
    (&["DATEADD", "DATE_ADD"], "service_date + INTERVAL '30' DAY"),
    (&["YEAR", "MONTH", "DAY", "DATEPART", "DATE_PART"], "EXTRACT(YEAR FROM service_date)"),
    (&["CONVERT", "TRY_CONVERT", "TO_NUMBER", "TO_DATE"], "TRY_CAST(x AS DECIMAL)"),
    (&["LISTAGG", "STRING_AGG", "ARRAY_AGG"], "MIN(x), MAX(x) or COUNT(DISTINCT x)"),
    (
        &["NOW", "GETDATE", "TODAY", "SYSDATE"],
        "a day, such as DATE '2025-01-31': the same input must give the same findings tomorrow",
    ),
];

/// Bytes that a pattern may take once it is compiled.
const PATTERN_BYTES_MAX: usize = 1 << 20;
/// Characters of a text that a number is made of.
const TEXT_MAX: i128 = 1 << 31;

impl Checker<'_> {
    pub(super) fn call(&self, call: &Call, at: usize) -> Checked {
        if let Some(fold) = named(&call.name) {
            return self.fold(fold, call, at);
        }
        if call.name == "AVG" {
            return self.average(call, at);
        }
        if call.is_distinct || call.of_all || call.filter.is_some() {
            return Err(Wrong::new(at, format!("{} is no aggregate", call.name)).with_help(
                "DISTINCT, * and FILTER go with COUNT, SUM, MIN, MAX, AVG, ANY, EVERY",
            ));
        }
        let parts = call.parts.as_slice();
        match (call.name.as_str(), parts) {
            ("UPPER", [of]) => self.of_text(Function::Upper, of, Kind::Text, at),
            ("LOWER", [of]) => self.of_text(Function::Lower, of, Kind::Text, at),
            ("TRIM", [of]) => self.of_text(Function::Trim, of, Kind::Text, at),
            ("LENGTH" | "CHAR_LENGTH", [of]) => {
                self.of_text(Function::Length, of, Kind::Number(Number::whole(TEXT_MAX)), at)
            }
            ("SUBSTRING" | "SUBSTR", [_, _] | [_, _, _]) => {
                self.cut(Function::Substring, parts, at)
            }
            ("LEFT", [_, _]) => self.cut(Function::Left, parts, at),
            ("RIGHT", [_, _]) => self.cut(Function::Right, parts, at),
            ("STARTS_WITH", [_, _]) => self.texts(Function::StartsWith, parts, Kind::Flag, at),
            ("ENDS_WITH", [_, _]) => self.texts(Function::EndsWith, parts, Kind::Flag, at),
            ("CONTAINS", [_, _]) => self.texts(Function::Contains, parts, Kind::Flag, at),
            ("REPLACE", [_, _, _]) => self.texts(Function::Replace, parts, Kind::Text, at),
            ("CONCAT", [_, _, ..]) => self.concat(parts, at),
            ("COALESCE", [_, _, ..]) => self.coalesce(parts, at),
            ("NULLIF", [one, other]) => self.null_if(one, other, at),
            ("GREATEST" | "LEAST", [_, _, ..]) => self.extreme(call, at),
            ("ABS", [of]) => self.absolute(of, at),
            ("ROUND", [of]) => self.round(Rounding::Nearest, of, 0, at),
            ("ROUND", [of, digits]) => match digits.is {
                Is::Number(digits @ 0..=6, 0) => {
                    self.round(Rounding::Nearest, of, digits as u8, at)
                }
                _ => Err(Wrong::new(digits.at, "ROUND takes from 0 to 6 digits")),
            },
            ("FLOOR", [of]) => self.round(Rounding::Down, of, 0, at),
            ("CEIL" | "CEILING", [of]) => self.round(Rounding::Up, of, 0, at),
            ("MOD", [one, other]) => self.signed("%", one, other, at),
            ("REGEXP_LIKE", [of, pattern]) => self.matches(of, pattern, at),
            ("YEARS_BETWEEN", [first, last]) => self.years(first, last, at),
            ("CARDINALITY" | "ARRAY_LENGTH", [list]) => self.cardinality(list, at),
            ("ACTIVE", [list, code, day]) => self.active(list, code, day, at),
            ("LOOKUP", [path, key, rest @ ..]) if rest.len() < 2 => {
                self.lookup(path, key, rest.first(), at)
            }
            _ => Err(unknown(call, at)),
        }
    }

    fn of_text(&self, function: Function, of: &Part, kind: Kind, at: usize) -> Checked {
        let of = self.text(of, "this function")?;
        Ok(Typed { node: Node::Call(function, vec![of]), kind, at })
    }

    fn texts(&self, function: Function, parts: &[Part], kind: Kind, at: usize) -> Checked {
        let texts: Result<_, Wrong> =
            parts.iter().map(|of| self.text(of, "this function")).collect();
        Ok(Typed { node: Node::Call(function, texts?), kind, at })
    }

    /// A text and the whole numbers that say what is cut out of it.
    fn cut(&self, function: Function, parts: &[Part], at: usize) -> Checked {
        let mut all = Vec::new();
        for (place, part) in parts.iter().enumerate() {
            let typed = self.typed(part)?;
            let typed =
                if place == 0 { self.of_kind(typed, Kind::Text, "this function")? } else { typed };
            if place > 0 && number(&typed, "this place")?.scale > 0 {
                return Err(Wrong::new(typed.at, "this takes a whole number"));
            }
            all.push(typed);
        }
        Ok(Typed { node: Node::Call(function, all), kind: Kind::Text, at })
    }

    fn concat(&self, parts: &[Part], at: usize) -> Checked {
        // Halves of halves: one after the other would be a tree as deep as it has parts.
        match parts.split_at(parts.len() / 2) {
            ([], [of]) => self.text(of, "CONCAT"),
            (first, rest) => {
                let halves = (self.concat(first, at)?, self.concat(rest, at)?);
                let node = Node::Concat(Box::new(halves.0), Box::new(halves.1));
                Ok(Typed { node, kind: Kind::Text, at })
            }
        }
    }

    fn coalesce(&self, parts: &[Part], at: usize) -> Checked {
        let all: Result<Vec<Typed>, Wrong> = parts.iter().map(|part| self.typed(part)).collect();
        let (all, kind) = self.of_one_kind(all?, at)?;
        Ok(Typed { node: Node::Coalesce(all), kind, at })
    }

    fn null_if(&self, one: &Part, other: &Part, at: usize) -> Checked {
        let (one, other) = (self.typed(one)?, self.typed(other)?);
        self.copied(&one, at)?;
        let is = self.compare(Order::Is, one.clone(), other, at)?;
        let kind = one.kind;
        let null = Typed { node: Node::Null, kind, at };
        Ok(Typed { node: Node::Case(vec![(is, null)], Box::new(one)), kind, at })
    }

    /// The largest or smallest of several values; NULL where any is.
    fn extreme(&self, call: &Call, at: usize) -> Checked {
        let all: Result<Vec<Typed>, Wrong> =
            call.parts.iter().map(|part| self.typed(part)).collect();
        let (all, kind) = self.of_one_kind(all?, at)?;
        let order = if call.name == "GREATEST" { Order::Least } else { Order::Most };
        let mut all = all.into_iter();
        let first = all.next().ok_or_else(|| Wrong::new(at, "nothing to compare"))?;
        all.try_fold(first, |best, next| {
            self.copied(&best, at)?;
            self.copied(&next, at)?;
            let keeps = self.compare(order, best.clone(), next.clone(), at)?;
            let turns = Typed { node: Node::Not(Box::new(keeps.clone())), kind: Kind::Flag, at };
            // Where they cannot be compared, neither case holds.
            let null = Typed { node: Node::Null, kind, at };
            let node = Node::Case(vec![(keeps, best), (turns, next)], Box::new(null));
            Ok(Typed { node, kind, at })
        })
    }

    fn absolute(&self, of: &Part, at: usize) -> Checked {
        let of = self.typed(of)?;
        let kind = Kind::Number(number(&of, "ABS")?);
        Ok(Typed { node: Node::Call(Function::Abs, vec![of]), kind, at })
    }

    fn round(&self, how: Rounding, of: &Part, digits: u8, at: usize) -> Checked {
        let of = self.typed(of)?;
        let known = number(&of, "rounding")?;
        if known.scale <= digits {
            return Ok(of);
        }
        let by = u32::from(known.scale - digits);
        let most = known.most / 10_i128.pow(by) + 1;
        let kind = Kind::Number(Number { scale: digits, most });
        Ok(Typed { node: Node::Call(Function::Round(how, by), vec![of]), kind, at })
    }

    fn matches(&self, of: &Part, pattern: &Part, at: usize) -> Checked {
        let of = self.text(of, "REGEXP_LIKE")?;
        let built = RegexBuilder::new(self::pattern(pattern, usize::MAX)?)
            .unicode(true)
            .size_limit(PATTERN_BYTES_MAX)
            .dfa_size_limit(PATTERN_BYTES_MAX)
            .nest_limit(50)
            .build();
        let built = built.map_err(|error| {
            let why = match error {
                regex::Error::CompiledTooBig(_) => {
                    "a pattern that takes too much memory".to_owned()
                }
                error => {
                    let text = error.to_string();
                    let last = text.lines().last().unwrap_or_default().trim();
                    format!("a pattern that cannot be read: {}", last.trim_start_matches("error: "))
                }
            };
            Wrong::new(pattern.at, why)
        })?;
        Ok(Typed { node: Node::Matches(Box::new(of), built), kind: Kind::Flag, at })
    }

    fn years(&self, first: &Part, last: &Part, at: usize) -> Checked {
        let first = self.of_kind(self.typed(first)?, Kind::Date, "YEARS_BETWEEN")?;
        let last = self.of_kind(self.typed(last)?, Kind::Date, "YEARS_BETWEEN")?;
        let kind = Kind::Number(Number::whole(10_000));
        Ok(Typed { node: Node::Call(Function::YearsBetween, vec![first, last]), kind, at })
    }

    fn cardinality(&self, list: &Part, at: usize) -> Checked {
        let list = self.typed(list)?;
        if list.kind != Kind::Modifiers {
            return Err(
                Wrong::new(list.at, "CARDINALITY takes a list").with_help("modifiers is one")
            );
        }
        let kind = Kind::Number(Number::whole(100));
        Ok(Typed { node: Node::Call(Function::Cardinality, vec![list]), kind, at })
    }

    fn active(&self, list: &Part, code: &Part, day: &Part, at: usize) -> Checked {
        let Is::Text(name) = &list.is else {
            return Err(Wrong::new(list.at, "expected the name of a list in quotes"));
        };
        let list = match name.as_str() {
            "hcpcs" | "cpt" | "procedures" => List::Procedures,
            "modifiers" => List::Modifiers,
            "places-of-service" => List::Places,
            "diagnoses" | "icd-10-cm" => List::Diagnoses,
            _ => {
                return Err(Wrong::new(list.at, format!("no list is called `{name}`"))
                    .with_help("'hcpcs', 'modifiers', 'places-of-service' or 'icd-10-cm'"));
            }
        };
        let code = Box::new(self.text(code, "ACTIVE")?);
        let day = Box::new(self.of_kind(self.typed(day)?, Kind::Date, "ACTIVE")?);
        Ok(Typed { node: Node::Active(list, code, day), kind: Kind::Flag, at })
    }

    /// `LOOKUP(tables.NAME.column, key)`, with a day if it is not the first day of service.
    fn lookup(&self, path: &Part, key: &Part, day: Option<&Part>, at: usize) -> Checked {
        let Is::Path(names) = &path.is else {
            return Err(Wrong::new(path.at, "expected a column of a table")
                .with_help("write LOOKUP(tables.NAME.column, x)"));
        };
        let (table, rest) = self.table(names, path.at)?;
        let [column] = rest else {
            return Err(Wrong::new(path.at, "expected one column of a table")
                .with_help(format!("its columns: {}", table.columns.join(", "))));
        };
        let Some(place) = table.columns.iter().position(|known| known == column) else {
            let known = table.columns.iter().map(String::as_str);
            let wrong = Wrong::new(path.at, format!("the table has no column `{column}`"));
            return Err(match nearest(column, known) {
                Some(near) => wrong.with_help(format!("did you mean `{near}`?")),
                None => wrong.with_help(format!("its columns: {}", table.columns.join(", "))),
            });
        };
        let key = Box::new(self.text(key, "LOOKUP")?);
        let day = match day {
            Some(day) => self.of_kind(self.typed(day)?, Kind::Date, "LOOKUP")?,
            None => self.day_for(table, at)?,
        };
        let node = Node::Lookup(Arc::clone(table), place, key, Box::new(day));
        let text = Typed { node, kind: Kind::Text, at };
        Ok(if is_of_numbers(table, place) { read_number(text, at) } else { text })
    }
}

/// The text of a pattern of at most so many characters.
pub(super) fn pattern(part: &Part, most: usize) -> Result<&str, Wrong> {
    match &part.is {
        Is::Text(text) if text.chars().nth(most).is_none() => Ok(text),
        Is::Text(_) => {
            Err(Wrong::new(part.at, format!("a pattern of more than {most} characters")))
        }
        _ => Err(Wrong::new(part.at, "a pattern that is not a text in quotes")),
    }
}

fn unknown(call: &Call, at: usize) -> Wrong {
    if FUNCTIONS.contains(&call.name.as_str()) {
        let what = format!("{} does not take {} values", call.name, call.parts.len());
        return Wrong::new(at, what)
            .with_help("docs/WRITING_RULES.md says what each function takes");
    }
    let wrong = Wrong::new(at, format!("no function is called {}", call.name));
    if let Some((_, instead)) = ELSEWHERE.iter().find(|(names, _)| names.contains(&&*call.name)) {
        return wrong.with_help(format!("write {instead}"));
    }
    match nearest(&call.name, FUNCTIONS) {
        Some(near) => wrong.with_help(format!("did you mean {near}?")),
        None => wrong.with_help("docs/WRITING_RULES.md lists the functions"),
    }
}

/// Whether every cell of a column of a table that says anything says a number.
fn is_of_numbers(table: &Table, column: usize) -> bool {
    let rows = table.rows.values().flatten();
    let mut cells = rows.filter_map(|row| row.cells.get(column)).filter(|cell| !cell.is_empty());
    let mut any = false;
    let all = cells.all(|cell| {
        any = true;
        crate::lint::sql::values::number(cell.as_bytes()).is_some()
    });
    any && all
}
