//! The columns that an expression may name: fields of a line, and what is derived from them.

use crate::error::nearest;
use crate::lint::sql::Names;
use crate::lint::sql::kinds::{Kind, Number};
use crate::lint::sql::lexer::Wrong;
use crate::model::Field;

/// A column that expressions are evaluated over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// The trimmed text of a field.
    Text(Field),
    /// The day that a field says.
    Date(Field),
    /// The amount that a field says, in cents.
    Cents(Field),
    /// The units, in millionths.
    Units,
    /// The modifiers.
    Modifiers,
    /// The well-formed procedure code.
    Code,
    /// The code; of a damaged one what it can only have been.
    Repaired,
    /// The class of the code; of a damaged one that of its repair.
    Class,
    /// The section of Category I or II that the code lies in.
    Section,
    /// Whether the code is well-formed.
    WellFormed,
}

/// The columns beside the fields, with what they mean.
const DERIVED: [(&str, Slot, &str); 5] = [
    ("modifiers", Slot::Modifiers, "the modifiers of all modifier cells: 'x' IN modifiers"),
    (
        "class",
        Slot::Class,
        "category-1, category-2, …, hcpcs or cdt; of a damaged code its repair's",
    ),
    ("section", Slot::Section, "the section of CPT Category I or II that the code lies in"),
    ("well_formed", Slot::WellFormed, "whether the procedure code is well-formed"),
    ("repaired_code", Slot::Repaired, "the code; of a damaged one what it can only have been"),
];

/// The largest amount that takes part in expressions, in cents: ten trillion dollars.
pub const CENTS_MAX: i128 = 1_000_000_000_000_000;
/// The most units that take part in expressions, in millionths: a billion.
pub const UNITS_MAX: i128 = 1_000_000_000_000_000;

impl Slot {
    /// The column of a field.
    pub fn of(field: Field) -> Slot {
        match field {
            Field::ProcedureCode => Slot::Code,
            Field::Charge | Field::ClaimTotal => Slot::Cents(field),
            Field::Units => Slot::Units,
            field if Field::DATES.contains(&field) => Slot::Date(field),
            field => Slot::Text(field),
        }
    }

    /// The column with a name.
    ///
    /// # Errors
    /// No column has the name; which is the nearest.
    pub fn named(name: &str, quoted: bool, at: usize, names: &Names) -> Result<Slot, Wrong> {
        let lower = if quoted { name.to_owned() } else { name.to_ascii_lowercase() };
        if let Some(field) = Field::from_name(&lower) {
            return Ok(Slot::of(field));
        }
        if let Some((_, slot, _)) = DERIVED.iter().find(|(known, ..)| *known == lower) {
            return Ok(*slot);
        }
        if let Some(other) = names.others.get(name).filter(|_| quoted) {
            return Ok(Slot::Text(*other));
        }
        let known = Field::ALL.iter().map(|field| field.name());
        let known = known.chain(DERIVED.iter().map(|(name, ..)| *name));
        let wrong = Wrong::new(at, format!("no column is called `{name}`"));
        Err(match nearest(&lower, known) {
            Some(near) => wrong.with_help(format!("did you mean `{near}`?")),
            None => wrong.with_help(format!(
                "fields are listed in docs/WRITING_RULES.md; a column of your export goes in \
                 double quotes: \"{name}\"; a text in single ones: '{name}'"
            )),
        })
    }

    /// The columns beside the fields, with what they mean.
    pub fn derived() -> impl Iterator<Item = (&'static str, &'static str)> {
        DERIVED.iter().map(|(name, _, meaning)| (*name, *meaning))
    }

    /// The kind of its values.
    pub fn kind(self) -> Kind {
        match self {
            Slot::Text(_) | Slot::Code | Slot::Repaired | Slot::Class | Slot::Section => Kind::Text,
            Slot::Date(_) => Kind::Date,
            Slot::Cents(_) => Kind::Number(Number { scale: 2, most: CENTS_MAX }),
            Slot::Units => Kind::Number(Number { scale: 6, most: UNITS_MAX }),
            Slot::Modifiers => Kind::Modifiers,
            Slot::WellFormed => Kind::Flag,
        }
    }

    /// The fields that it is read from.
    pub fn fields(self) -> Vec<Field> {
        match self {
            Slot::Text(field) | Slot::Date(field) | Slot::Cents(field) => vec![field],
            Slot::Units => vec![Field::Units],
            Slot::Modifiers => Field::MODIFIERS.to_vec(),
            _ => vec![Field::ProcedureCode],
        }
    }

    /// The field without which it says nothing.
    pub fn field(self) -> Field {
        self.fields().first().copied().unwrap_or(Field::ProcedureCode)
    }

    /// What expressions call it, or its field.
    pub fn name(self) -> &'static str {
        let derived = DERIVED.iter().find(|(_, slot, _)| *slot == self);
        match self {
            Slot::Text(field) if Field::OTHERS.contains(&field) => "a column of the export",
            _ => derived.map_or_else(|| self.field().name(), |(name, ..)| name),
        }
    }

    /// Whether it may say something of a patient.
    pub fn is_private(self) -> bool {
        self.fields().iter().any(|field| field.is_private())
    }
}
