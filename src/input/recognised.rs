//! A header whose layout is known: what that says of its columns and rows.

use crate::error::{Error, Result};
use crate::input::Layout;
use crate::input::layouts::{SLOTS_MAX, Slot};
use crate::input::settings::InputSettings;
use crate::model::field::normalize;
use crate::model::visible::visible;
use crate::model::{Field, FieldSet};

impl Layout {
    /// The columns of a field as the layout has them; nothing where it leaves that to the names.
    pub(in crate::input) fn said_by_layout(
        &self,
        field: Field,
        normalized: &[String],
    ) -> Option<Vec<usize>> {
        let known = self.known.as_ref()?;
        let said = known.columns.iter().find(|(of, _)| *of == field);
        match said {
            Some((_, names)) => {
                let columns = names.iter().filter_map(|name| position(normalized, name));
                Some(columns.collect())
            }
            None if known.is_complete || known.why_not(field).is_some() => Some(Vec::new()),
            None => None,
        }
    }

    /// Finds the columns of each service line of a row, where a row holds several. Whoever names
    /// the column of the code means that one alone.
    pub(in crate::input) fn find_slots(
        &mut self,
        settings: &InputSettings,
        normalized: &[String],
    ) -> Result<()> {
        let known = self.known.clone();
        let Some(wide) = known.as_ref().and_then(|known| known.wide.as_ref()) else {
            return Ok(());
        };
        if self.code_is_named {
            return Ok(());
        }
        self.slots = wide.slots(normalized);
        // A column that the user names is that of all lines of a row.
        for slot in &mut self.slots {
            slot.columns.retain(|(field, _)| !settings.columns.contains_key(field));
        }
        if self.slots.len() > SLOTS_MAX as usize {
            let error = Error::input(format!("more than {SLOTS_MAX} service lines in one row"));
            return Err(error.with_help("split the rows of the export"));
        }
        for (field, _) in &wide.columns {
            let of = |slot: &Slot| {
                let columns = slot.columns.iter().filter(|(known, _)| known == field);
                columns.map(|(_, at)| *at).collect::<Vec<_>>()
            };
            let columns: Vec<usize> = self.slots.iter().flat_map(of).collect();
            if !columns.is_empty() {
                self.notes.retain(|(known, _)| known != field);
                self.columns.insert(*field, columns);
            }
        }
        Ok(())
    }

    pub(in crate::input) fn find_rows_to_leave_out(&mut self, normalized: &[String]) -> Result<()> {
        let known = self.known.clone();
        for row in known.iter().flat_map(|known| &known.leave_out) {
            match position(normalized, &row.column) {
                Some(at) => self.leave_out.push((at, row.clone())),
                None if row.optional => {}
                None => return Err(self.no_column(&row.column, "to leave rows out by")),
            }
        }
        Ok(())
    }

    /// Finds the columns of the claim's key: the user's, which must all be there, or the layout's.
    pub(in crate::input) fn find_claim_key(
        &mut self,
        settings: &InputSettings,
        normalized: &[String],
    ) -> Result<()> {
        let of_layout = self.known.as_ref().map(|known| known.claim_key.clone());
        let Some(key) = settings.claim_key.clone().or(of_layout) else { return Ok(()) };
        let columns = self.named_by_user(Field::ClaimId, &key, normalized)?;
        let Some((number, parts)) = columns.split_first() else { return Ok(()) };
        if !settings.columns.contains_key(&Field::ClaimId) {
            self.columns.insert(Field::ClaimId, vec![*number]);
            self.notes.retain(|(field, _)| *field != Field::ClaimId);
        }
        self.key_parts = parts.to_vec();
        Ok(())
    }

    /// Whether each record is one service line, and its claim's number is the claim's key.
    pub fn is_plain(&self) -> bool {
        self.leave_out.is_empty() && self.key_parts.is_empty() && self.slots.is_empty()
    }

    /// Fails when lines cannot be read, or a date that is in `read` could be either way round.
    pub fn require_for(&self, read: FieldSet) -> Result<()> {
        self.require()?;
        self.dates.require(&self.names, read)
    }

    /// What a person should know of the layout that was recognised.
    pub fn layout_notes(&self) -> Vec<String> {
        let Some(known) = &self.known else { return Vec::new() };
        let said = match known.title.as_str() {
            "" => format!("layout {}", known.name),
            title => format!("layout {}: {title}", known.name),
        };
        let mut notes = vec![visible(&said).into_owned()];
        let name = |at: &usize| self.names.get(*at).cloned().unwrap_or_default();
        if !self.slots.is_empty() {
            notes.push(format!("a row holds up to {} service lines", self.slots.len()));
        }
        notes.extend(known.notes.iter().map(|note| visible(note).into_owned()));
        for (field, why) in &known.not_mapped {
            notes.push(visible(&format!("{field} is not read: {why}")).into_owned());
        }
        for (at, row) in &self.leave_out {
            let note = format!("rows left out by column {}: {}", name(at), row.what);
            notes.push(visible(&note).into_owned());
        }
        notes
    }

    /// What a person should know of the claim's key, where it has several columns.
    pub fn key_note(&self) -> Option<String> {
        let number = self.first_column(Field::ClaimId)?;
        let name = |at: &usize| self.names.get(*at).cloned().unwrap_or_default();
        let names: Vec<String> = [number].iter().chain(&self.key_parts).map(name).collect();
        let note = format!("a claim is told by its {}", names.join(" and "));
        (names.len() > 1).then(|| visible(&note).into_owned())
    }
}

fn position(normalized: &[String], name: &str) -> Option<usize> {
    let name = normalize(name);
    normalized.iter().position(|known| *known == name)
}
