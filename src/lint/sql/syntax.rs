//! An expression as it is written: words put together to a tree, nothing known of names or kinds.

mod values;

use crate::lint::sql::lexer::{Word, Wrong, words};

/// How deep an expression may be nested.
const DEPTH_MAX: usize = 50;
/// Signs of one kind in a row, as in `a + b - c`.
const CHAIN_MAX: usize = 100;
/// All signs that follow another in such rows: each is a level of the tree, whatever the brackets.
const LEVELS_MAX: usize = 200;
/// Words of an expression.
const WORDS_MAX: usize = 4_000;
/// Values in an expression, once what `CASE x WHEN` compares is written out for each `WHEN`.
const VALUES_MAX: usize = 4_000;

/// A part of an expression, and the byte at which it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub is: Is,
    /// Where it begins.
    pub at: usize,
}

/// What a part of an expression is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Is {
    /// A name, and whether it is in quotes.
    Name(String, bool),
    /// Names with points between them: `tables.fees.price`.
    Path(Vec<String>),
    /// A text.
    Text(String),
    /// A number and how many digits stand after its point.
    Number(i128, u8),
    /// `TRUE` or `FALSE`.
    Flag(bool),
    /// `NULL`.
    Null,
    /// `DATE '2025-01-01'`.
    Date(String),
    /// `INTERVAL '30' DAY`: so many, and of what.
    Interval(String, String),
    /// Parts of which all must hold.
    And(Vec<Part>),
    /// Parts of which one must hold.
    Or(Vec<Part>),
    /// The opposite.
    Not(Box<Part>),
    /// `-x`.
    Minus(Box<Part>),
    /// A sign between two parts.
    Signed(&'static str, Box<Part>, Box<Part>),
    /// `x BETWEEN a AND b`.
    Between(Box<Part>, Box<Part>, Box<Part>),
    /// `x IN (a, b)`.
    InList(Box<Part>, Vec<Part>),
    /// `x IN modifiers`, `x IN tables.fees`.
    In(Box<Part>, Box<Part>),
    /// `x LIKE 'a%'`, and whether case is ignored.
    Like(Box<Part>, Box<Part>, bool),
    /// `x IS NULL`.
    IsNull(Box<Part>),
    /// `x IS TRUE`, `x IS FALSE`.
    IsFlag(Box<Part>, bool),
    /// `x IS DISTINCT FROM y`.
    IsDistinct(Box<Part>, Box<Part>),
    /// `CASE WHEN a THEN b ELSE c END`.
    Case(Vec<(Part, Part)>, Option<Box<Part>>),
    /// `TRY_CAST(x AS kind)`.
    TryCast(Box<Part>, String),
    /// `EXTRACT(YEAR FROM x)`.
    Extract(String, Box<Part>),
    /// A function of parts.
    Call(Call),
}

/// A function of parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Its name, in capitals.
    pub name: String,
    /// What it is of; `*` is none, with [`Call::of_all`].
    pub parts: Vec<Part>,
    /// Whether `DISTINCT` stands before them.
    pub is_distinct: bool,
    /// Whether it is of `*`.
    pub of_all: bool,
    /// `FILTER (WHERE x)`.
    pub filter: Option<Box<Part>>,
}

/// Reads an expression.
///
/// # Errors
/// What cannot be read, and where.
pub fn parse(text: &str) -> Result<Part, Wrong> {
    let words = words(text)?;
    if words.len() > WORDS_MAX {
        return Err(Wrong::new(0, format!("an expression of more than {WORDS_MAX} words"))
            .with_help("long lists belong in a table: x IN tables.NAME"));
    }
    let mut parser = Parser { words, next: 0, depth: 0, levels: 0, values: 0 };
    let part = parser.or()?;
    match parser.peek() {
        Word::End => Ok(part),
        _ => Err(parser.unexpected("AND, OR or the end")),
    }
}

struct Parser {
    words: Vec<(Word, usize)>,
    next: usize,
    depth: usize,
    /// Signs so far that follow another in a row.
    levels: usize,
    /// Values so far, with the copies that are made of some.
    values: usize,
}

type Read = Result<Part, Wrong>;

impl Parser {
    fn peek(&self) -> &Word {
        self.words.get(self.next).map_or(&Word::End, |(word, _)| word)
    }

    fn peek_second(&self) -> &Word {
        self.words.get(self.next + 1).map_or(&Word::End, |(word, _)| word)
    }

    fn at(&self) -> usize {
        let last = self.words.last().map_or(0, |(_, at)| *at);
        self.words.get(self.next).map_or(last, |(_, at)| *at)
    }

    fn unexpected(&self, wanted: &str) -> Wrong {
        let found = match self.peek() {
            Word::Name(name) => format!("`{name}`"),
            Word::Quoted(name) => format!("\"{name}\""),
            Word::Text(_) => "a text".to_owned(),
            Word::Number(..) => "a number".to_owned(),
            Word::Sign(sign) => format!("`{sign}`"),
            Word::End => "the end".to_owned(),
        };
        let wrong = Wrong::new(self.at(), format!("expected {wanted}, found {found}"));
        match self.peek() {
            Word::Sign("::") => wrong.with_help(
                "write TRY_CAST(x AS kind): what cannot be read is NULL, and ends no run",
            ),
            Word::Name(name) if name.eq_ignore_ascii_case("over") => wrong.with_help(
                "OVER would depend on which lines are read together; use scope = \"claim\" and an \
                 aggregate",
            ),
            Word::Sign("==") => wrong.with_help("SQL compares with one ="),
            _ => wrong,
        }
    }

    fn is_sign(&self, sign: &str) -> bool {
        matches!(self.peek(), Word::Sign(found) if *found == sign)
    }

    fn sign(&mut self, sign: &'static str) -> bool {
        let is = self.is_sign(sign);
        self.next += usize::from(is);
        is
    }

    fn expect_sign(&mut self, sign: &'static str) -> Result<(), Wrong> {
        if self.sign(sign) { Ok(()) } else { Err(self.unexpected(&format!("`{sign}`"))) }
    }

    fn is_keyword(word: &Word, keyword: &str) -> bool {
        matches!(word, Word::Name(name) if name.eq_ignore_ascii_case(keyword))
    }

    fn keyword(&mut self, keyword: &str) -> bool {
        let is = Self::is_keyword(self.peek(), keyword);
        self.next += usize::from(is);
        is
    }

    fn expect_keyword(&mut self, keyword: &str) -> Result<(), Wrong> {
        if self.keyword(keyword) { Ok(()) } else { Err(self.unexpected(keyword)) }
    }

    fn or(&mut self) -> Read {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(Wrong::new(self.at(), "an expression that is nested too deep"));
        }
        let at = self.at();
        let mut parts = vec![self.and()?];
        while self.keyword("OR") {
            parts.push(self.and()?);
        }
        self.depth -= 1;
        Ok(only(parts).unwrap_or_else(|parts| Part { is: Is::Or(parts), at }))
    }

    fn and(&mut self) -> Read {
        let at = self.at();
        let mut parts = vec![self.not()?];
        while self.keyword("AND") {
            parts.push(self.not()?);
        }
        Ok(only(parts).unwrap_or_else(|parts| Part { is: Is::And(parts), at }))
    }

    fn not(&mut self) -> Read {
        let at = self.at();
        let mut negated = 0;
        while self.keyword("NOT") {
            negated += 1;
        }
        let part = self.comparison()?;
        Ok(if negated % 2 == 1 { Part { is: Is::Not(Box::new(part)), at } } else { part })
    }

    fn comparison(&mut self) -> Read {
        let at = self.at();
        let mut left = self.sum()?;
        for before in 0.. {
            if let Word::Sign(sign @ ("=" | "<>" | "!=" | "<" | "<=" | ">" | ">=")) = *self.peek() {
                self.next += 1;
                self.chained(before, at)?;
                let right = self.sum()?;
                left = Part { is: Is::Signed(sign, Box::new(left), Box::new(right)), at };
                continue;
            }
            if self.keyword("IS") {
                self.chained(before, at)?;
                left = self.is(left, at)?;
                continue;
            }
            let negated = Self::is_keyword(self.peek(), "NOT");
            let second = if negated { self.peek_second() } else { self.peek() };
            let follows = ["BETWEEN", "IN", "LIKE", "ILIKE"];
            if !follows.iter().any(|keyword| Self::is_keyword(second, keyword)) {
                return Ok(left);
            }
            self.next += usize::from(negated);
            self.chained(before, at)?;
            let part = self.predicate(left, at)?;
            left = if negated { Part { is: Is::Not(Box::new(part)), at } } else { part };
        }
        Ok(left)
    }

    /// Takes note of a sign that so many stand before in a row.
    fn chained(&mut self, before: usize, at: usize) -> Result<(), Wrong> {
        self.levels += usize::from(before > 0);
        if before >= CHAIN_MAX {
            return Err(Wrong::new(at, format!("more than {CHAIN_MAX} operators in a row")));
        }
        if self.levels > LEVELS_MAX {
            let what = format!("more than {LEVELS_MAX} operators that follow others in a row");
            return Err(Wrong::new(at, what));
        }
        Ok(())
    }

    fn is(&mut self, left: Part, at: usize) -> Read {
        let negated = self.keyword("NOT");
        let left = Box::new(left);
        let is = if self.keyword("NULL") || self.keyword("UNKNOWN") {
            Is::IsNull(left)
        } else if self.keyword("TRUE") {
            Is::IsFlag(left, true)
        } else if self.keyword("FALSE") {
            Is::IsFlag(left, false)
        } else if self.keyword("DISTINCT") {
            self.expect_keyword("FROM")?;
            Is::IsDistinct(left, Box::new(self.sum()?))
        } else {
            return Err(self.unexpected("NULL, TRUE, FALSE or DISTINCT FROM"));
        };
        let part = Part { is, at };
        Ok(if negated { Part { is: Is::Not(Box::new(part)), at } } else { part })
    }

    fn predicate(&mut self, left: Part, at: usize) -> Read {
        let left = Box::new(left);
        let is = if self.keyword("BETWEEN") {
            let first = self.sum()?;
            self.expect_keyword("AND")?;
            Is::Between(left, Box::new(first), Box::new(self.sum()?))
        } else if self.keyword("LIKE") {
            Is::Like(left, Box::new(self.sum()?), false)
        } else if self.keyword("ILIKE") {
            Is::Like(left, Box::new(self.sum()?), true)
        } else {
            self.expect_keyword("IN")?;
            if self.sign("(") {
                Is::InList(left, self.list()?)
            } else {
                Is::In(left, Box::new(self.primary()?))
            }
        };
        Ok(Part { is, at })
    }

    /// Parts up to a closing bracket.
    fn list(&mut self) -> Result<Vec<Part>, Wrong> {
        if Self::is_keyword(self.peek(), "SELECT") {
            return Err(Wrong::new(self.at(), "a query within an expression")
                .with_help("for a list of your own, write x IN tables.NAME"));
        }
        let mut parts = vec![self.or()?];
        while self.sign(",") {
            parts.push(self.or()?);
        }
        self.expect_sign(")")?;
        Ok(parts)
    }

    fn sum(&mut self) -> Read {
        let at = self.at();
        let mut left = self.term()?;
        for before in 0.. {
            let Word::Sign(sign @ ("+" | "-" | "||")) = *self.peek() else { break };
            self.next += 1;
            self.chained(before, at)?;
            let right = self.term()?;
            left = Part { is: Is::Signed(sign, Box::new(left), Box::new(right)), at };
        }
        Ok(left)
    }

    fn term(&mut self) -> Read {
        let at = self.at();
        let mut left = self.unary()?;
        for before in 0.. {
            let Word::Sign(sign @ ("*" | "/" | "%")) = *self.peek() else { break };
            self.next += 1;
            self.chained(before, at)?;
            let right = self.unary()?;
            left = Part { is: Is::Signed(sign, Box::new(left), Box::new(right)), at };
        }
        Ok(left)
    }

    fn unary(&mut self) -> Read {
        let at = self.at();
        let mut negated = 0;
        while self.is_sign("-") || self.is_sign("+") {
            negated += usize::from(self.is_sign("-"));
            self.next += 1;
        }
        let part = self.primary()?;
        Ok(if negated % 2 == 1 { Part { is: Is::Minus(Box::new(part)), at } } else { part })
    }
}

/// The only part, or all of them.
fn only(mut parts: Vec<Part>) -> Result<Part, Vec<Part>> {
    match (parts.len(), parts.pop()) {
        (1, Some(part)) => Ok(part),
        (_, last) => {
            parts.extend(last);
            Err(parts)
        }
    }
}
