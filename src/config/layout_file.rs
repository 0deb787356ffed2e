//! Layout files: what exports of one kind are like, built in or written by a user.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use crate::config::layers::suggest;
use crate::config::raw::{OneOrMany, RawInput};
use crate::error::{Error, Result};
use crate::input::layouts::{Known, Layouts, LeaveOut, ToldBy, Wide};
use crate::model::Field;
use crate::model::date_format::DateFormat;
use crate::model::field::normalize;

/// A layout file: the columns of exports of one kind, and how they are read.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawLayout {
    /// What the exports are, in half a sentence.
    pub title: Option<String>,
    /// Where the facts were taken from.
    pub source: Option<String>,
    /// How a built-in layout is recognised; one that the user names needs no such thing.
    pub recognise: Option<RawRecognise>,
    /// Which column holds which field.
    pub columns: Option<BTreeMap<String, OneOrMany>>,
    /// Whether fields that are not named have no column.
    pub complete: Option<bool>,
    /// The columns that make a claim, its number first.
    pub claim_key: Option<Vec<String>>,
    /// Rows that are no service lines.
    pub leave_out: Option<Vec<RawLeaveOut>>,
    /// How a row holds several service lines.
    pub wide: Option<RawWide>,
    /// How dates are written, where they do not tell themselves.
    pub dates: Option<BTreeMap<String, String>>,
    /// Fields that are not read, and why.
    pub not_read: Option<BTreeMap<String, String>>,
    /// Why there are no service lines at all.
    pub without_lines: Option<String>,
    /// What a person should know of such exports.
    pub notes: Option<Vec<String>>,
    /// How inputs are read.
    pub input: Option<RawInput>,
}

/// The header of a layout.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawRecognise {
    /// Columns that it has.
    pub all: Vec<String>,
    /// Columns that it does not have.
    pub none: Option<Vec<String>>,
}

/// Rows that are no service lines, by one of their cells.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawLeaveOut {
    /// The column.
    pub column: String,
    /// What such rows are.
    pub what: String,
    /// The cells of rows that are left out.
    pub any_of: Option<Vec<String>>,
    /// The cells of rows that are not.
    pub none_of: Option<Vec<String>>,
    /// Whether rows with a filled cell are left out.
    pub filled: Option<bool>,
    /// Whether exports of the kind may lack the column.
    pub optional: Option<bool>,
}

/// Columns that differ in a number.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawWide {
    /// The names of the columns by field, with `{n}` for the number.
    pub columns: BTreeMap<String, String>,
    /// The fields of which one is filled where there is a line.
    pub exists: Option<Vec<String>>,
}

impl RawLayout {
    /// Parses the text of a built-in layout, or of a user's.
    pub fn parse(text: &str, name: &str) -> Result<RawLayout> {
        crate::config::layers::parse(text, name, true)
    }

    /// Whether it says more than which columns are read, and how.
    pub fn says_more(&self) -> bool {
        let only = RawLayout {
            columns: self.columns.clone(),
            input: self.input.clone(),
            ..RawLayout::default()
        };
        *self != only
    }

    /// The layout as inputs are read by it. `with_columns`: the columns are the layout's own, and
    /// not those of a layer of the configuration.
    pub fn known(&self, name: &str, with_columns: bool) -> Result<Known> {
        let place = |error: Error| error.in_place(name);
        let names = |list: &Vec<String>| list.iter().map(|name| normalize(name)).collect();
        let recognise = self.recognise.as_ref();
        let mut columns = Vec::new();
        for (field, written) in self.columns.iter().flatten().filter(|_| with_columns) {
            columns.push((field_of(field).map_err(place)?, written.list()));
        }
        let mut not_mapped = Vec::new();
        for (field, why) in self.not_read.iter().flatten() {
            not_mapped.push((field_of(field).map_err(place)?, why.clone()));
        }
        let wide_fields = self.wide.iter().flat_map(|wide| wide.columns.keys());
        let own = self.columns.as_ref();
        if let Some(field) =
            wide_fields.clone().find(|field| own.is_some_and(|own| own.contains_key(*field)))
        {
            let error = Error::settings(format!("{field} is in [columns] and in [wide.columns]"));
            return Err(place(error.with_help("it belongs to the claim or to its lines")));
        }
        let leave_out = self.leave_out.iter().flatten().map(leave_out);
        Ok(Known {
            name: name.to_owned(),
            title: self.title.clone().unwrap_or_default(),
            all: recognise.map(|of| names(&of.all)).unwrap_or_default(),
            none: recognise.and_then(|of| of.none.as_ref()).map(names).unwrap_or_default(),
            columns,
            is_complete: self.complete.unwrap_or(false),
            claim_key: self.claim_key.clone().unwrap_or_default(),
            leave_out: leave_out.collect::<Result<_>>().map_err(place)?,
            wide: self.wide.as_ref().map(wide).transpose().map_err(place)?,
            dates: date_formats(self.dates.iter().flatten()).map_err(place)?.into_iter().collect(),
            not_mapped,
            without_lines: self.without_lines.clone(),
            notes: self.notes.clone().unwrap_or_default(),
        })
    }
}

/// The built-in layouts, by name, each as text.
pub type BuiltIn<'a> = &'a [(&'a str, &'a str)];

/// The layouts of which one is taken where a header matches.
pub fn recognised(built_in: BuiltIn<'_>) -> Result<Layouts> {
    let known = built_in.iter().map(|(name, text)| built(name, text).map(Arc::new));
    Ok(Layouts::Match(Arc::new(known.collect::<Result<_>>()?)))
}

/// A built-in layout.
pub fn built(name: &str, text: &str) -> Result<Known> {
    RawLayout::parse(text, name)?.known(name, true)
}

/// How dates are written, by field.
pub fn date_formats<'a>(
    written: impl Iterator<Item = (&'a String, &'a String)>,
) -> Result<BTreeMap<Field, DateFormat>> {
    let one = |(field, word): (&String, &String)| {
        let field = field_of(field)?;
        if !Field::DATES.contains(&field) {
            let dates = Field::DATES.map(Field::name).join(", ");
            let error = Error::settings(format!("{field} holds no dates"));
            return Err(error.with_help(format!("expected one of: {dates}")));
        }
        let format = DateFormat::from_word(word).ok_or_else(|| {
            let words = DateFormat::NAMED.map(|(word, _)| word);
            suggest(Error::settings(format!("unknown date format `{word}`")), word, &words)
        });
        Ok((field, format?))
    };
    written.map(one).collect()
}

fn field_of(name: &str) -> Result<Field> {
    Field::from_name(name).ok_or_else(|| {
        let known: Vec<&str> = Field::ALL.iter().map(|field| field.name()).collect();
        suggest(Error::settings(format!("unknown field `{name}`")), name, &known)
    })
}

fn leave_out(raw: &RawLeaveOut) -> Result<LeaveOut> {
    let told_by = match (&raw.any_of, &raw.none_of, raw.filled) {
        (Some(words), None, None) => ToldBy::AnyOf(words.clone()),
        (None, Some(words), None) => ToldBy::NoneOf(words.clone()),
        (None, None, Some(true)) => ToldBy::Filled,
        _ => {
            let error = Error::settings(format!("leave-out by column {}", raw.column));
            return Err(error.with_help("say one of any-of, none-of and filled = true"));
        }
    };
    let optional = raw.optional.unwrap_or(false);
    Ok(LeaveOut { column: raw.column.clone(), told_by, what: raw.what.clone(), optional })
}

fn wide(raw: &RawWide) -> Result<Wide> {
    let mut columns = Vec::new();
    for (field, pattern) in &raw.columns {
        if !pattern.contains("{n}") && !pattern.contains("{nn}") {
            let error = Error::settings(format!("wide column `{pattern}` has no number"));
            return Err(error.with_help("write {n} where the number stands: HCPCS_CD_{n}"));
        }
        columns.push((field_of(field)?, pattern.clone()));
    }
    let exists = raw.exists.iter().flatten().map(|field| field_of(field));
    let mut exists = exists.collect::<Result<Vec<Field>>>()?;
    if exists.is_empty() {
        exists.push(Field::ProcedureCode);
    }
    let of = |field: &Field| columns.iter().any(|(known, _)| known == field);
    if !of(&Field::ProcedureCode) || !exists.iter().all(of) {
        let error = Error::settings("wide rows need a column for the procedure code of each line");
        return Err(error.with_help("name it, and every field of exists, in [wide.columns]"));
    }
    Ok(Wide { columns, exists })
}
