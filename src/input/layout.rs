//! A header into fields: which columns hold what the rules read.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::error::{Error, Result, nearest};
use crate::input::dates::DateColumns;
use crate::input::layouts::{Known, LeaveOut, Slot};
use crate::input::settings::InputSettings;
use crate::model::Field;
use crate::model::field::{Several, normalize};
use crate::model::visible::visible;

/// Which columns of an input hold which fields.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    /// The header's names, trimmed.
    pub names: Vec<String>,
    /// The columns of each mapped field, in order of preference.
    pub columns: BTreeMap<Field, Vec<usize>>,
    /// Whether the user named the column of the procedure code.
    pub code_is_named: bool,
    /// What a person should know of how the columns of a field were chosen.
    pub notes: Vec<(Field, String)>,
    /// The layout that the header was recognised as, or that the user named.
    pub known: Option<Arc<Known>>,
    /// The columns that are part of a claim's key beside its number.
    pub key_parts: Vec<usize>,
    /// Rows that are no service lines, by a column of theirs.
    pub leave_out: Vec<(usize, LeaveOut)>,
    /// The columns of each service line of a row, where a row holds several.
    pub slots: Vec<Slot>,
    /// How the dates of its columns are written.
    pub dates: DateColumns,
}

/// The fields without which no service line can be checked.
pub const REQUIRED: [Field; 2] = [Field::ClaimId, Field::ProcedureCode];

impl Layout {
    /// Finds the fields among the names of a header.
    pub fn of(names: Vec<String>, settings: &InputSettings) -> Result<Layout> {
        let normalized: Vec<String> = names.iter().map(|name| normalize(name)).collect();
        let code_is_named = settings.columns.contains_key(&Field::ProcedureCode);
        let known = settings.layouts.choose(&normalized)?;
        let mut layout = Layout { names, code_is_named, known, ..Layout::default() };
        layout.refuse_unnamed(settings)?;
        layout.refuse_repeated()?;
        for field in Field::ALL {
            let columns = match settings.columns.get(field) {
                Some(wanted) => layout.named_by_user(*field, wanted, &normalized)?,
                None => match layout.said_by_layout(*field, &normalized) {
                    Some(columns) => columns,
                    None => layout.found_by_alias(*field, &normalized, settings),
                },
            };
            if !columns.is_empty() {
                layout.columns.insert(*field, columns);
            }
        }
        for (field, name) in &settings.others {
            if let Some(at) = normalized.iter().position(|known| *known == normalize(name)) {
                layout.columns.insert(*field, vec![at]);
            }
        }
        layout.find_slots(settings, &normalized)?;
        layout.find_rows_to_leave_out(&normalized)?;
        layout.find_claim_key(settings, &normalized)?;
        Ok(layout)
    }

    /// Fails when a required field has no column, or columns for more codes of the same row.
    pub fn require(&self) -> Result<()> {
        if let Some(known) = &self.known
            && let Some(why) = &known.without_lines
        {
            let error = Error::input(format!("no service lines in layout {}", known.name));
            return Err(error.with_help(why.clone()));
        }
        self.refuse_further_codes()?;
        let missing: Vec<Field> =
            REQUIRED.into_iter().filter(|field| !self.columns.contains_key(field)).collect();
        let Some(first) = missing.first() else { return Ok(()) };
        let names: Vec<&str> = missing.iter().map(|field| field.name()).collect();
        let error = Error::input(format!("no column for {} in the header", names.join(" and ")));
        let advice = self.advice(*first);
        Err(error.with_help(format!("{advice}; the header has {}", self.shown_names())))
    }

    /// A column `cpt` beside columns `cpt2` and `cpt3` is the first of several codes of a row: the
    /// others would go unchecked. Whoever names the column is taken at their word.
    fn refuse_further_codes(&self) -> Result<()> {
        if self.code_is_named || self.known.is_some() {
            return Ok(());
        }
        let codes = self.columns.get(&Field::ProcedureCode).into_iter().flatten();
        let stems: Vec<String> =
            codes.filter_map(|at| self.names.get(*at)).map(|name| normalize(name)).collect();
        let is_further = |name: &&String| {
            let name = normalize(name);
            let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
            stem.len() < name.len() && stems.iter().any(|known| known == stem)
        };
        let further: Vec<&str> = self.names.iter().filter(is_further).map(String::as_str).collect();
        if further.is_empty() {
            return Ok(());
        }
        let names = visible(&further.join(", ")).into_owned();
        let error = Error::input(format!("columns {names} look like further codes of each row"));
        Err(error.with_help(
            "several service lines in one row are read where a layout says so: name one with \
             --layout (docs/LAYOUTS.md shows how to write it); to check one column alone, name it \
             with --map procedure_code=COLUMN",
        ))
    }

    /// What a user can do about a required field without a column.
    pub fn advice(&self, field: Field) -> String {
        if let Some(wide) = self.wide_rows() {
            return wide;
        }
        match self.nearest_name(field) {
            Some(name) => {
                let name = visible(name);
                format!("if it is column `{name}`, say so with --map {field}='{name}'")
            }
            None => format!("name it with --map {field}=COLUMN"),
        }
    }

    /// Fields that several columns stand for one after the other, as one cell for each service line
    /// of a claim: a layout that is not read line by line.
    pub fn wide_rows(&self) -> Option<String> {
        if self.columns.contains_key(&Field::ProcedureCode) {
            return None;
        }
        let codes = self.names.iter().filter(|name| {
            let name = normalize(name);
            let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
            stem.len() < name.len() && Field::ProcedureCode.aliases().contains(&stem)
        });
        let codes: Vec<&String> = codes.collect();
        let (first, last) = (codes.first()?, codes.last()?);
        (codes.len() > 1).then(|| {
            let count = codes.len();
            format!(
                "columns {first} to {last} look like {count} service lines in one row: say so in \
                 a layout file (docs/LAYOUTS.md) and name that with --layout FILE"
            )
        })
    }

    /// The mapped fields with the header names of their columns. Columns that only a rule of the
    /// user's reads are no fields: see [`Layout::others`].
    pub fn mapping(&self) -> Vec<(Field, Vec<String>)> {
        let named = |columns: &Vec<usize>| columns.iter().map(|at| self.name(*at)).collect();
        let fields = self.columns.iter().filter(|(field, _)| !Field::OTHERS.contains(field));
        fields.map(|(field, columns)| (*field, named(columns))).collect()
    }

    /// The columns that only rules of the user's read, with their header names.
    pub fn others(&self) -> Vec<(Field, String)> {
        let named = |field| Some((field, self.name(self.first_column(field)?)));
        Field::OTHERS.into_iter().filter_map(named).collect()
    }

    /// The header name of a column.
    pub fn name(&self, at: usize) -> String {
        self.names.get(at).cloned().unwrap_or_default()
    }

    /// The column that is read for a field first.
    pub fn first_column(&self, field: Field) -> Option<usize> {
        self.columns.get(&field)?.first().copied()
    }

    fn refuse_unnamed(&self, settings: &InputSettings) -> Result<()> {
        let unnamed = self.names.iter().position(String::is_empty);
        match unnamed {
            Some(at) if !settings.allow_unnamed_columns => Err(Error::input(format!(
                "column {} of the header has an empty column name",
                at + 1
            ))
            .with_help(
                "give the column a name in the export, or set \
                         input.allow-unnamed-columns = true to leave it unread",
            )),
            _ => Ok(()),
        }
    }

    fn refuse_repeated(&self) -> Result<()> {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for (at, name) in self.names.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
            if let Some(first) = seen.insert(name.to_lowercase(), at) {
                let shown = self.shown_name(at);
                return Err(Error::input(format!(
                    "columns {} and {} of the header have the same name ({shown})",
                    first + 1,
                    at + 1
                ))
                .with_help("rename one of them in the export: nothing says which one is meant"));
            }
        }
        Ok(())
    }

    /// The error for a column that is named and not in the header.
    pub(in crate::input) fn no_column(&self, name: &str, what_for: &str) -> Error {
        let near = nearest(name, self.known_names());
        let near = near.map(|n| format!("did you mean `{}`? ", visible(n))).unwrap_or_default();
        let error =
            Error::input(format!("no column `{}` in the header, {what_for}", visible(name)));
        error.with_help(format!("{near}the header has {}", self.shown_names()))
    }

    pub(in crate::input) fn named_by_user(
        &self,
        field: Field,
        wanted: &[String],
        normalized: &[String],
    ) -> Result<Vec<usize>> {
        let find = |name: &String| {
            let exact = self.names.iter().position(|known| known == name);
            let loose = || normalized.iter().position(|known| *known == normalize(name));
            exact
                .or_else(loose)
                .ok_or_else(|| self.no_column(name, &format!("to read {field} from")))
        };
        wanted.iter().map(find).collect()
    }

    fn found_by_alias(
        &mut self,
        field: Field,
        normalized: &[String],
        settings: &InputSettings,
    ) -> Vec<usize> {
        let taken: Vec<&String> = settings.columns.values().flatten().collect();
        let mut found: Vec<(usize, usize)> = normalized
            .iter()
            .enumerate()
            .filter(|(at, _)| self.names.get(*at).is_none_or(|name| !taken.contains(&name)))
            .filter_map(|(at, name)| {
                let rank = field.aliases().iter().position(|alias| alias == name)?;
                Some((rank, at))
            })
            .collect();
        found.sort_unstable();
        let mut columns: Vec<usize> = found.into_iter().map(|(_, at)| at).collect();
        if columns.len() > 1 {
            let names: Vec<&str> =
                columns.iter().filter_map(|at| self.names.get(*at)).map(String::as_str).collect();
            let (first, others) = (names.first().unwrap_or(&""), names.get(1..).unwrap_or(&[]));
            let note = match field.several() {
                Several::FirstFilled => format!(
                    "{field} is read from the first filled of the columns {}",
                    names.join(", ")
                ),
                Several::UseBest => format!(
                    "{field} is read from column {first}; {} could be it too and is not read",
                    others.join(", ")
                ),
            };
            let note = visible(&note).into_owned();
            self.notes.push((field, note));
            if field.several() == Several::UseBest {
                columns.truncate(1);
            }
        }
        columns
    }

    /// The header name that reads most like one of the field's, when any does.
    fn nearest_name(&self, field: Field) -> Option<&str> {
        let likeness = |name: &str| {
            let aliases = field.aliases().iter();
            let name = normalize(name);
            let likeness =
                aliases.map(|alias| strsim::normalized_damerau_levenshtein(&name, alias));
            likeness.fold(0.0, f64::max)
        };
        let free = |at: &usize| !self.columns.values().any(|columns| columns.contains(at));
        let names = self.known_names().enumerate().filter(|(at, _)| free(at));
        let rated = names.map(|(_, name)| (likeness(name), name));
        let best = rated.max_by(|a, b| a.0.total_cmp(&b.0));
        best.filter(|(likeness, _)| *likeness > 0.55).map(|(_, name)| name)
    }

    /// Whether this is a header at all: the first line of a file without one is a patient's.
    pub fn is_surely_header(&self) -> bool {
        let known = |name: &&String| {
            let name = normalize(name);
            Field::ALL.iter().any(|field| field.aliases().contains(&name.as_str()))
        };
        let is_as_laid_out = self.known.is_some() && self.columns.len() >= 2;
        is_as_laid_out || self.names.iter().filter(known).count() >= 2
    }

    fn known_names(&self) -> impl Iterator<Item = &str> {
        let show = self.is_surely_header();
        self.names.iter().filter(move |_| show).map(String::as_str)
    }

    fn shown_name(&self, at: usize) -> String {
        match self.names.get(at).filter(|_| self.is_surely_header()) {
            Some(name) => format!("`{}`", visible(name)),
            None => "its text is not shown: it may be data".to_owned(),
        }
    }

    fn shown_names(&self) -> String {
        const SHOWN: usize = 40;
        let count = self.names.len();
        if !self.is_surely_header() {
            return format!(
                "{count} columns, whose names are not shown because they may be data: \
                 is the first line a header? `claimlint inspect` shows how it is read"
            );
        }
        let names: Vec<&str> = self.names.iter().take(SHOWN).map(String::as_str).collect();
        let more =
            if count > SHOWN { format!(", and {} more", count - SHOWN) } else { String::new() };
        format!("these columns: {}{more}", visible(&names.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(header: &str) -> Result<Layout> {
        let names = header.split(',').map(|name| name.trim().to_owned()).collect();
        Layout::of(names, &InputSettings::default())
    }

    #[test]
    fn names_are_compared_without_case_spaces_and_punctuation() {
        let layout = layout("Claim No.,CPT Code,Mod 1,DOS,POS").unwrap();
        layout.require().unwrap();
        let fields: Vec<_> = layout.columns.iter().map(|(f, c)| (f.name(), c[0])).collect();
        assert_eq!(
            fields,
            [
                ("claim_id", 0),
                ("procedure_code", 1),
                ("modifier_1", 2),
                ("service_date", 3),
                ("place_of_service", 4)
            ]
        );
    }

    #[test]
    fn two_columns_for_a_field_are_resolved_and_said() {
        let layout = layout("encounter_id,claim_id,hcpcs,cpt").unwrap();
        assert_eq!(layout.columns[&Field::ClaimId], [1]);
        assert_eq!(layout.columns[&Field::ProcedureCode], [3, 2]);
        assert_eq!(layout.notes.len(), 2, "{:?}", layout.notes);
    }

    #[test]
    fn a_header_that_cannot_serve_is_refused_with_advice() {
        let error = layout("claim_id,charge,proc_codes").unwrap().require().unwrap_err();
        assert!(error.message().contains("procedure_code"));
        assert!(error.help().unwrap().contains("proc_codes"), "{:?}", error.help());
        let error = layout("claim_id,cpt, Claim_ID ").unwrap_err();
        assert!(error.message().contains("columns 1 and 3"), "{error}");
        let error = layout("claim_id,,cpt").unwrap_err();
        assert!(error.message().contains("empty column name"), "{error}");
        // A file without a header: the first patient's data must not reach the terminal.
        let error = layout("C1,Jane Roe,99213").unwrap().require().unwrap_err();
        assert!(!format!("{error}{:?}", error.help()).contains("Roe"));
    }

    #[test]
    fn wide_rows_are_named() {
        let layout = layout("CLM_ID,HCPCS_CD_1,HCPCS_CD_2,HCPCS_CD_3").unwrap();
        assert!(layout.require().unwrap_err().help().unwrap().contains("3 service lines"));
    }

    #[test]
    fn a_rule_may_name_any_column_by_its_header() {
        let [first, second, third, fourth] =
            [Field::Other1, Field::Other2, Field::Other3, Field::Other4];
        let named = [(first, "REFERRING-npi"), (second, "CPT"), (third, "gone"), (fourth, "claim")];
        let others = named.map(|(field, name)| (field, name.to_owned())).to_vec();
        let settings = InputSettings { others, ..InputSettings::default() };
        let names = ["claim_id", "cpt", "Referring NPI"].map(str::to_owned).to_vec();
        let layout = Layout::of(names, &settings).unwrap();
        layout.require().unwrap();
        // A name is never found by likeness, and what is not there is no error.
        let want = [(first, "Referring NPI".to_owned()), (second, "cpt".to_owned())];
        assert_eq!(layout.others(), want);
        assert_eq!(layout.columns[&first], [2]);
        // A column that holds a field may be named as well.
        assert_eq!(layout.columns[&second], layout.columns[&Field::ProcedureCode]);
        let fields: Vec<Field> = layout.mapping().into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, [Field::ClaimId, Field::ProcedureCode]);
    }
}
