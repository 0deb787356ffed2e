//! A compiled rule.

use crate::lint::sql::check::Checker;
use crate::lint::sql::kinds::Kind;
use crate::lint::sql::lexer::Wrong;
use crate::lint::sql::slots::Slot;
use crate::lint::sql::syntax::parse;
use crate::lint::sql::typed::{Function, Node, Order, Typed};
use crate::lint::sql::{Mistake, Names, SqlScope, Written};
use crate::model::{Date, Field};

/// A rule in SQL, compiled.
#[derive(Debug)]
pub struct Program {
    /// What it looks at.
    pub scope: SqlScope,
    /// The fields that it reads.
    pub reads: Vec<Field>,
    /// The fields without which it cannot look at anything.
    pub needs: Vec<Field>,
    /// The lines that it looks at, over a line: their days and payers.
    pub wanted: Option<Typed>,
    /// Where it applies, over its scope.
    pub applies: Option<Typed>,
    /// Where it finds something, over its scope.
    pub fails: Typed,
    /// The lines of a failing group that are reported, over a line.
    pub lines: Option<Typed>,
    /// What is wrong.
    pub message: Vec<Piece>,
    /// The field that is at fault.
    pub field: Option<Field>,
    /// The columns that any of its expressions reads, in order.
    pub slots: Vec<Slot>,
    /// Those of them that decide whether it finds something; what a message says besides does not.
    pub deciding: Vec<Slot>,
}

/// A piece of a message.
#[derive(Debug, Clone)]
pub enum Piece {
    /// This.
    Text(String),
    /// What an expression says, over the scope of the rule.
    OfScope(Typed),
    /// What an expression says, over the reported line.
    OfLine(Typed),
}

impl SqlScope {
    /// The fields whose values make up the key of a group; none for single lines.
    pub fn key(self) -> &'static [Field] {
        match self {
            SqlScope::Line => &[],
            SqlScope::Claim => &[Field::ClaimId],
            SqlScope::PatientDay => &[Field::PatientId, Field::ServiceDate],
        }
    }
}

impl Program {
    /// Compiles a rule.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn compile(written: &Written, names: &Names) -> Result<Program, Mistake> {
        let is_group = written.scope != SqlScope::Line;
        let flag = |key, text: &str, of_group| {
            let checked = parse(text).and_then(|part| Checker::new(names, of_group).flag(&part));
            checked.map_err(|wrong| mistake(key, 0, wrong))
        };
        let fails = flag("fails-when", &written.fails_when, is_group)?;
        let applies = written.applies_when.as_deref();
        let applies = applies.map(|text| flag("applies-when", text, is_group)).transpose()?;
        let lines = match &written.lines_when {
            Some(_) if !is_group => {
                let wrong = Wrong::new(0, "lines-when of a rule for single lines");
                return Err(mistake("lines-when", 0, wrong.with_help("leave it out")));
            }
            Some(text) => Some(flag("lines-when", text, false)?),
            None => None,
        };
        let message = message(&written.message, names, is_group)?;
        let field = fields(&written.fields)?;
        let mut program = Program {
            scope: written.scope,
            reads: Vec::new(),
            needs: Vec::new(),
            wanted: wanted(written),
            applies,
            fails,
            lines,
            message,
            field,
            slots: Vec::new(),
            deciding: Vec::new(),
        };
        program.look_for_columns();
        Ok(program)
    }

    /// Notes what is read, and what must be there.
    fn look_for_columns(&mut self) {
        let mut needs = self.scope.key().to_vec();
        let conditions = [&self.wanted, &self.applies, &self.lines].into_iter().flatten();
        for typed in conditions.chain([&self.fails]) {
            typed.visit(&mut |part| {
                match &part.node {
                    Node::Slot(slot) => needs.push(slot.field()),
                    Node::HasModifier(_) => needs.push(Slot::Modifiers.field()),
                    // What has a stand-in may lack its column.
                    Node::Coalesce(_) => return false,
                    _ => {}
                }
                true
            });
        }
        let deciding = [&self.wanted, &self.applies].into_iter().flatten().chain([&self.fails]);
        let deciding = sorted(deciding.flat_map(Typed::slots).collect());
        let slots = sorted(self.expressions().into_iter().flat_map(Typed::slots).collect());
        let mut reads: Vec<Field> = slots.iter().flat_map(|slot| slot.fields()).collect();
        reads.extend(self.scope.key().iter().chain(&self.field));
        (self.slots, self.deciding) = (slots, deciding);
        (self.reads, self.needs) = (sorted(reads), sorted(needs));
    }

    /// Every expression of the rule.
    fn expressions(&self) -> Vec<&Typed> {
        let holes = self.message.iter().filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::OfScope(typed) | Piece::OfLine(typed) => Some(typed),
        });
        let some = [&self.wanted, &self.applies, &self.lines].into_iter().flatten();
        some.chain([&self.fails]).chain(holes).collect()
    }
}

/// Each once, in order.
fn sorted<T: Ord>(mut all: Vec<T>) -> Vec<T> {
    all.sort_unstable();
    all.dedup();
    all
}

fn mistake(key: &'static str, from: usize, wrong: Wrong) -> Mistake {
    Mistake { key, at: from + wrong.at, message: wrong.message, help: wrong.help }
}

/// The lines that a rule looks at: those of its days and of its payers.
fn wanted(written: &Written) -> Option<Typed> {
    let flag = |node| Typed { node, kind: Kind::Flag, at: 0 };
    let column = |slot: Slot| Typed { node: Node::Slot(slot), kind: slot.kind(), at: 0 };
    let bound = |order, day: Date| {
        let day = Typed { node: Node::Date(day.days()), kind: Kind::Date, at: 0 };
        let on = column(Slot::Date(Field::ServiceDate));
        flag(Node::Compare(order, Box::new(on), Box::new(day)))
    };
    let (from, to) = written.effective;
    let mut all = Vec::new();
    all.extend(from.map(|day| bound(Order::Least, day)));
    all.extend(to.map(|day| bound(Order::Most, day)));
    if !written.payers.is_empty() {
        let payer = vec![column(Slot::Text(Field::Payer))];
        let lower = Typed { node: Node::Call(Function::Lower, payer), kind: Kind::Text, at: 0 };
        let payers = written.payers.iter().map(|payer| payer.trim().to_ascii_lowercase());
        let mut payers: Vec<Vec<u8>> = payers.map(String::into_bytes).collect();
        payers.sort_unstable();
        all.push(flag(Node::InTexts(Box::new(lower), payers)));
    }
    if all.is_empty() { None } else { Some(flag(Node::And(all))) }
}

/// The first of the fields to point at; all must be fields.
fn fields(names: &[String]) -> Result<Option<Field>, Mistake> {
    let mut first = None;
    for name in names {
        let field = match name.as_str() {
            "modifiers" => Some(Field::Modifier1),
            "class" | "section" | "well_formed" | "repaired_code" => Some(Field::ProcedureCode),
            name => Field::from_name(name),
        };
        let Some(field) = field else {
            let known = Field::ALL.iter().map(|field| field.name());
            let wrong = Wrong::new(0, format!("no field is called `{name}`"));
            let wrong = match crate::error::nearest(name, known) {
                Some(near) => wrong.with_help(format!("did you mean `{near}`?")),
                None => wrong.with_help("findings point at fields: `claimlint inspect` names them"),
            };
            return Err(mistake("fields", 0, wrong));
        };
        first = first.or(Some(field));
    }
    Ok(first)
}

/// The pieces of a message: `{expression}` is what the expression says, `{{` a brace.
fn message(text: &str, names: &Names, is_group: bool) -> Result<Vec<Piece>, Mistake> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let at = text.len() - rest.len();
        if rest.starts_with("{{") || rest.starts_with("}}") {
            plain.push(first);
            rest = rest.get(2..).unwrap_or_default();
        } else if first == '{' {
            let inner = rest.get(1..).unwrap_or_default();
            let Some(end) = end_of_hole(inner) else {
                let wrong = Wrong::new(at, "a { that is not closed").with_help("{{ is a brace");
                return Err(mistake("message", 0, wrong));
            };
            pieces.push(Piece::Text(std::mem::take(&mut plain)));
            let hole = hole(inner.get(..end).unwrap_or_default(), names, is_group);
            pieces.push(hole.map_err(|wrong| mistake("message", at + 1, wrong))?);
            rest = inner.get(end + 1..).unwrap_or_default();
        } else if first == '}' {
            let wrong = Wrong::new(at, "a } without a {").with_help("}} is a brace");
            return Err(mistake("message", 0, wrong));
        } else {
            plain.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
    }
    pieces.push(Piece::Text(plain));
    pieces.retain(|piece| !matches!(piece, Piece::Text(text) if text.is_empty()));
    Ok(pieces)
}

/// Where the expression in braces ends: at the first closing one outside quotes.
fn end_of_hole(text: &str) -> Option<usize> {
    let mut quote = None;
    text.char_indices().find_map(|(at, c)| {
        match quote {
            Some(open) if open == c => quote = None,
            Some(_) => {}
            None if c == '\'' || c == '"' => quote = Some(c),
            None if c == '}' => return Some(at),
            None => {}
        }
        None
    })
}

fn hole(text: &str, names: &Names, is_group: bool) -> Result<Piece, Wrong> {
    let part = parse(text)?;
    // What names no aggregate speaks of the line that is reported.
    let of_line = Checker::new(names, false).typed(&part);
    let (typed, of_line) = match (of_line, is_group) {
        (Ok(typed), _) => (typed, true),
        (Err(wrong), false) => return Err(wrong),
        (Err(of_line), true) => match Checker::new(names, true).typed(&part) {
            Ok(typed) => (typed, false),
            Err(of_group) => return Err(if of_line.at > of_group.at { of_line } else { of_group }),
        },
    };
    if typed.kind == Kind::Modifiers {
        return Err(Wrong::new(0, "a list in a message").with_help("name modifier_1 to modifier_4"));
    }
    if let Some(private) = typed.slots().into_iter().find(|slot| slot.is_private()) {
        let what = format!("a message would show {}, which may tell of a patient", private.name());
        return Err(Wrong::new(0, what).with_help("leave it out: the finding says where it stands"));
    }
    Ok(if of_line || !is_group { Piece::OfLine(typed) } else { Piece::OfScope(typed) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_message_names_decides_nothing() {
        let written = Written {
            scope: SqlScope::Claim,
            fails_when: "COUNT(*) FILTER (WHERE class = 'cdt') > 0".to_owned(),
            applies_when: None,
            lines_when: Some("units > 1".to_owned()),
            message: "{payer} pays no {procedure_code} of {COUNT(charge)}".to_owned(),
            fields: Vec::new(),
            effective: (None, None),
            payers: Vec::new(),
        };
        let program = Program::compile(&written, &Names::default()).unwrap();
        assert_eq!(program.deciding, [Slot::Class]);
        assert_eq!(program.needs, [Field::ClaimId, Field::ProcedureCode, Field::Units]);
        for field in [Field::Payer, Field::Charge, Field::Units] {
            assert!(program.reads.contains(&field), "{field}");
        }
    }
}
