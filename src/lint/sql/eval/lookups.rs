//! What lists and the user's own tables say.

use std::sync::Arc;

use crate::lint::sql::Table;
use crate::lint::sql::eval::Evaluator;
use crate::lint::sql::kinds::Kind;
use crate::lint::sql::table::TableRow;
use crate::lint::sql::typed::{List, Typed};
use crate::lint::sql::vector::{Builder, Datum, View};
use crate::model::{Code, Date};
use crate::reference::{Answer, DiagnosisAnswer, Reference};

impl Evaluator<'_> {
    /// Whether a list has each code in force; unknown where no list covers the day.
    pub(super) fn active(&self, list: List, code: &Typed, day: &Typed) -> Datum {
        let reference = &self.frame.knowledge.reference;
        self.looked_up(code, day, Kind::Flag, |code, day| {
            let day = Date::from_days(day?)?;
            is_active(reference, list, code, day).map(View::Flag)
        })
    }

    /// Whether a table has each key on its day.
    pub(super) fn in_table(&self, table: &Arc<Table>, key: &Typed, day: &Typed) -> Datum {
        self.looked_up(key, day, Kind::Flag, |key, day| match row(table, key, day) {
            Found::Row(_) => Some(View::Flag(true)),
            Found::None => Some(View::Flag(false)),
            Found::Unknown => None,
        })
    }

    /// What a column of a table says of each key on its day.
    pub(super) fn lookup(
        &self,
        table: &Arc<Table>,
        column: usize,
        key: &Typed,
        day: &Typed,
    ) -> Datum {
        self.looked_up(key, day, Kind::Text, |key, day| match row(table, key, day) {
            Found::Row(row) => {
                let cell = row.cells.get(column).filter(|cell| !cell.is_empty())?;
                Some(View::Text(cell.as_bytes()))
            }
            Found::None | Found::Unknown => None,
        })
    }

    /// Asks of each text and day. Neighbours mostly say the same, and are not asked of again.
    fn looked_up<'a>(
        &self,
        text: &Typed,
        day: &Typed,
        kind: Kind,
        ask: impl Fn(&[u8], Option<i32>) -> Option<View<'a>>,
    ) -> Datum {
        let (texts, days) = (self.datum(text), self.datum(day));
        let mut builder = Builder::new(kind, self.len());
        let mut last: Option<(View<'_>, View<'_>, View<'a>)> = None;
        for at in 0..self.len() {
            let (text, day) = (texts.get(at), days.get(at));
            let answer = match last {
                Some((known, on, answer)) if known == text && on == day => answer,
                _ => match text {
                    View::Text(text) => {
                        let day = if let View::Date(day) = day { Some(day) } else { None };
                        ask(text, day).unwrap_or(View::Null)
                    }
                    _ => View::Null,
                },
            };
            last = Some((text, day, answer));
            builder.push(answer);
        }
        Datum::Each(builder.finish())
    }
}

fn is_active(reference: &Reference, list: List, code: &[u8], day: Date) -> Option<bool> {
    let pair = || -> Option<[u8; 2]> { code.to_ascii_uppercase().try_into().ok() };
    let answer = match list {
        List::Procedures => {
            let (code, class) = Code::parse(&code.to_ascii_uppercase())?;
            if !reference.covers_class(class) {
                return None;
            }
            reference.procedure(code, class, day)
        }
        List::Modifiers => reference.modifier(pair()?, day),
        List::Places => reference.place_of_service(pair()?, day),
        List::Diagnoses => {
            let code: Vec<u8> = code.iter().filter(|byte| **byte != b'.').copied().collect();
            return match reference.diagnosis(&code.to_ascii_uppercase(), day) {
                DiagnosisAnswer::Billable => Some(true),
                DiagnosisAnswer::NotCovered => None,
                _ => Some(false),
            };
        }
    };
    match answer {
        Answer::Active => Some(true),
        Answer::NotCovered => None,
        Answer::NotYet(_) | Answer::Ended(_) | Answer::Unknown => Some(false),
    }
}

/// What a table has of a key.
enum Found<'t> {
    /// A row.
    Row(&'t TableRow),
    /// No row on this day.
    None,
    /// It depends on the day, which is unknown.
    Unknown,
}

fn row<'t>(table: &'t Table, key: &[u8], day: Option<i32>) -> Found<'t> {
    let rows = std::str::from_utf8(key).ok().and_then(|key| table.rows.get(key));
    let Some(rows) = rows.filter(|rows| !rows.is_empty()) else { return Found::None };
    if !table.is_dated {
        return rows.first().map_or(Found::None, Found::Row);
    }
    let Some(day) = day else { return Found::Unknown };
    let holds = |row: &&TableRow| {
        row.days.0.is_none_or(|from| from.days() <= day)
            && row.days.1.is_none_or(|to| day <= to.days())
    };
    rows.iter().find(holds).map_or(Found::None, Found::Row)
}
