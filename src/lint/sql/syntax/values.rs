//! The values of an expression: what stands between its operators.

use crate::lint::sql::lexer::{Word, Wrong};
use crate::lint::sql::syntax::{Call, Is, Parser, Part, Read, VALUES_MAX};

/// Names with points between them: `tables.NAME.column`.
const PATH_MAX: usize = 3;

impl Parser {
    pub(super) fn primary(&mut self) -> Read {
        let at = self.at();
        self.count_values(1, at)?;
        let word = self.peek().clone();
        self.next += 1;
        let is = match word {
            Word::Text(text) => Is::Text(text),
            Word::Number(value, scale) => Is::Number(value, scale),
            Word::Quoted(name) => Is::Name(name, true),
            Word::Sign("(") => {
                let part = self.or()?;
                self.expect_sign(")")?;
                return Ok(part);
            }
            Word::Name(name) => return self.named(name, at),
            Word::Sign(_) | Word::End => {
                self.next -= 1;
                return Err(self.unexpected("a value"));
            }
        };
        Ok(Part { is, at })
    }

    /// Takes note of values. A `CASE` within the first part of a `CASE` is copied with all its own
    /// copies, so they are counted before they are made.
    fn count_values(&mut self, count: usize, at: usize) -> Result<(), Wrong> {
        self.values += count;
        match self.values > VALUES_MAX {
            true => Err(Wrong::new(at, "an expression that is too large once written out")
                .with_help("write CASE WHEN x = 1 THEN …, or look the value up in a table")),
            false => Ok(()),
        }
    }

    /// What begins with a name.
    fn named(&mut self, name: String, at: usize) -> Read {
        let is = match name.to_ascii_uppercase().as_str() {
            "TRUE" => Is::Flag(true),
            "FALSE" => Is::Flag(false),
            "NULL" => Is::Null,
            "CASE" => self.case()?,
            "DATE" if matches!(self.peek(), Word::Text(_)) => Is::Date(self.text()?),
            "INTERVAL" => {
                let count = match *self.peek() {
                    Word::Number(value, 0) => {
                        self.next += 1;
                        value.to_string()
                    }
                    _ => self.text()?,
                };
                Is::Interval(count, self.name("DAY, WEEK, MONTH or YEAR")?.to_ascii_uppercase())
            }
            "AND" | "OR" | "IN" | "LIKE" | "ILIKE" | "BETWEEN" | "IS" | "WHEN" | "THEN"
            | "ELSE" | "END" | "FROM" | "WHERE" => {
                self.next -= 1;
                return Err(self.unexpected("a value"));
            }
            "SELECT" | "EXISTS" => {
                return Err(Wrong::new(at, "a query within an expression")
                    .with_help("a rule is one expression over the fields of its scope"));
            }
            _ if self.is_sign("(") => self.call(&name, at)?,
            _ if self.is_sign(".") => {
                let mut path = vec![name];
                while self.sign(".") {
                    if path.len() == PATH_MAX {
                        return Err(Wrong::new(at, "a name with too many points"));
                    }
                    path.push(match self.peek().clone() {
                        Word::Quoted(name) => {
                            self.next += 1;
                            name
                        }
                        _ => self.name("a name")?,
                    });
                }
                Is::Path(path)
            }
            _ => Is::Name(name, false),
        };
        Ok(Part { is, at })
    }

    fn text(&mut self) -> Result<String, Wrong> {
        let Word::Text(text) = self.peek().clone() else {
            return Err(self.unexpected("a text in single quotes"));
        };
        self.next += 1;
        Ok(text)
    }

    fn name(&mut self, wanted: &str) -> Result<String, Wrong> {
        let Word::Name(name) = self.peek().clone() else { return Err(self.unexpected(wanted)) };
        self.next += 1;
        Ok(name)
    }

    fn case(&mut self) -> Result<Is, Wrong> {
        let mut cases = Vec::new();
        let before = self.values;
        let of = if Self::is_keyword(self.peek(), "WHEN") { None } else { Some(self.or()?) };
        let copied = self.values - before;
        while self.keyword("WHEN") {
            let at = self.at();
            let mut when = self.or()?;
            if let Some(of) = &of {
                self.count_values(copied, at)?;
                let both = (Box::new(of.clone()), Box::new(when));
                when = Part { is: Is::Signed("=", both.0, both.1), at };
            }
            self.expect_keyword("THEN")?;
            cases.push((when, self.or()?));
        }
        if cases.is_empty() {
            return Err(self.unexpected("WHEN"));
        }
        let other = if self.keyword("ELSE") { Some(Box::new(self.or()?)) } else { None };
        self.expect_keyword("END")?;
        Ok(Is::Case(cases, other))
    }

    /// A function, from its opening bracket on.
    fn call(&mut self, name: &str, at: usize) -> Result<Is, Wrong> {
        self.expect_sign("(")?;
        let name = name.to_ascii_uppercase();
        match name.as_str() {
            "CAST" => {
                return Err(Wrong::new(
                    at,
                    "CAST would end the run at the first value that does not fit",
                )
                .with_help("write TRY_CAST(x AS kind): what cannot be read is NULL"));
            }
            "TRY_CAST" => {
                let part = Box::new(self.or()?);
                self.expect_keyword("AS")?;
                let kind = self.name("a kind: TEXT, DECIMAL, INTEGER or DATE")?;
                self.expect_sign(")")?;
                return Ok(Is::TryCast(part, kind.to_ascii_uppercase()));
            }
            "EXTRACT" => {
                let what = self.name("YEAR, MONTH, DAY, DOW or QUARTER")?;
                self.expect_keyword("FROM")?;
                let part = Box::new(self.or()?);
                self.expect_sign(")")?;
                return Ok(Is::Extract(what.to_ascii_uppercase(), part));
            }
            _ => {}
        }
        let is_distinct = self.keyword("DISTINCT");
        let of_all = self.sign("*");
        let parts = if of_all {
            self.expect_sign(")")?;
            Vec::new()
        } else if self.sign(")") {
            Vec::new()
        } else {
            self.list()?
        };
        let mut filter = None;
        if self.keyword("FILTER") {
            self.expect_sign("(")?;
            self.expect_keyword("WHERE")?;
            filter = Some(Box::new(self.or()?));
            self.expect_sign(")")?;
        }
        if Self::is_keyword(self.peek(), "OVER") {
            return Err(self.unexpected("AND, OR or the end"));
        }
        Ok(Is::Call(Call { name, parts, is_distinct, of_all, filter }))
    }
}
