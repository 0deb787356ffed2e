//! Editions to compiled files, and back.

use std::collections::BTreeSet;
use std::path::Path;

use crate::error::{Error, Result};
use crate::model::{Cell, Date};
use crate::reference::Kind;
use crate::reference::container::{self, Header, SourceHeader};
use crate::reference::info::EditionInfo;
use crate::reference::keys;
use crate::reference::rows::{
    AddOnRow, CodeRow, Days, Edition, LimitRow, PairRow, Rows, SourceFile,
};
use crate::reference::table::{self, Entry, Table};
use crate::reference::term::{EXTRA_MAX, Term};

/// The longest name of an edition: it becomes a part of the name of a file.
const NAME_MAX: usize = 100;

/// The bytes of the file of an edition.
///
/// # Errors
///
/// If the edition is none: a name that no file can have, days that end before they begin, rows of
/// another kind, or a row that is not as [`Rows`] says.
pub fn compile(edition: &Edition) -> Result<Vec<u8>> {
    let named = |error: Error| error.in_place(&format!("{}@{}", edition.kind.name(), edition.name));
    check(edition).map_err(named)?;
    let entries = entries(&edition.rows).map_err(named)?;
    let is_paired = matches!(edition.rows, Rows::Pairs(_) | Rows::AddOns(_));
    let (table, bytes) = table::compile(&entries, is_paired).map_err(named)?;
    let source = |source: &SourceFile| SourceHeader {
        name: source.name.clone(),
        sha256: source.sha256.clone(),
        rows: source.rows,
    };
    let header = Header {
        kind: edition.kind.name().to_owned(),
        name: edition.name.clone(),
        covers: [edition.covers.0.to_string(), edition.covers.1.to_string()],
        is_complete: edition.is_complete,
        sources: edition.sources.iter().map(source).collect(),
        ended: entries.iter().filter(|entry| entry.term.days.last.is_some()).count() as u64,
        table,
    };
    container::seal(&header, &bytes)
}

/// Whether rows of this kind are of pairs, limits, add-ons or codes.
fn fits(kind: Kind, rows: &Rows) -> bool {
    use Kind::{AddOn, MueDme, MueOutpatient, MuePractitioner, PtpOutpatient, PtpPractitioner};
    match kind {
        PtpPractitioner | PtpOutpatient => matches!(rows, Rows::Pairs(_)),
        MuePractitioner | MueOutpatient | MueDme => matches!(rows, Rows::Limits(_)),
        AddOn => matches!(rows, Rows::AddOns(_)),
        _ => matches!(rows, Rows::Codes(_)),
    }
}

fn check(edition: &Edition) -> Result<()> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let length = edition.name.len();
    if !(1..=NAME_MAX).contains(&length) || !edition.name.bytes().all(is_plain) {
        return Err(Error::settings("is no name for an edition").with_help(format!(
            "use 1 to {NAME_MAX} letters, digits, `-`, `_` and `.`, such as 2026-Q3"
        )));
    }
    if edition.covers.0 > edition.covers.1 {
        return Err(Error::settings("the days that it covers end before they begin"));
    }
    if !fits(edition.kind, &edition.rows) {
        return Err(Error::settings("its rows are of another kind"));
    }
    Ok(())
}

/// The rows as a table takes them: sorted, equal ones once.
fn entries(rows: &Rows) -> Result<Vec<Entry>> {
    let entry = |key: &[u8], second: Option<&[u8]>, days: Days, said: &[u8]| {
        let wrong = || Error::settings("a code that is not 1 to 10 upper-case letters or digits");
        let long = || Error::settings(format!("a row says more than {EXTRA_MAX} bytes of a code"));
        let second = second.map(|second| keys::key(second).ok_or_else(wrong)).transpose()?;
        let term = Term::new(days, said).ok_or_else(long)?;
        Ok(Entry { key: keys::key(key).ok_or_else(wrong)?, second, term })
    };
    match rows {
        Rows::Codes(rows) => {
            let rows: BTreeSet<&CodeRow> = rows.iter().collect();
            let rows = rows.into_iter();
            rows.map(|row| entry(row.code.as_bytes(), None, row.days, &row.attributes)).collect()
        }
        Rows::Pairs(rows) => {
            let row = |row: &PairRow| {
                entry(&row.column_one, Some(&row.column_two), row.days, &[row.indicator])
            };
            sorted(rows).iter().map(row).collect()
        }
        Rows::Limits(rows) => {
            let row = |row: &LimitRow| {
                let [a, b, c, d] = row.units.to_le_bytes();
                entry(&row.code, None, Days::default(), &[a, b, c, d, row.indicator])
            };
            sorted(rows).iter().map(row).collect()
        }
        Rows::AddOns(rows) => {
            let row = |row: &AddOnRow| {
                let primary = row.primary.as_ref().map(<[u8; 5]>::as_slice);
                entry(&row.add_on, primary, row.days, &[row.kind])
            };
            if rows.iter().any(|row| !(1..=3).contains(&row.kind)) {
                return Err(Error::settings("an add-on code of a type other than 1, 2 and 3"));
            }
            sorted(rows).iter().map(row).collect()
        }
    }
}

/// The rows in order, equal ones once.
fn sorted<T: Ord + Copy>(rows: &[T]) -> Vec<T> {
    let mut rows = rows.to_vec();
    rows.sort_unstable();
    rows.dedup();
    rows
}

/// What a file says of its edition, and the compiled edition. `path` is where it was read from.
///
/// # Errors
///
/// If the file is damaged or of another version. The error names the file.
pub fn open(bytes: Vec<u8>, path: &Path) -> Result<(EditionInfo, Table)> {
    let in_file = |error: Error| error.in_place(&path.display().to_string());
    let (header, place) = container::open(&bytes).map_err(in_file)?;
    let date = |text: &String| match Date::parse(text.as_bytes()) {
        Cell::Value(date) => Ok(date),
        _ => Err(in_file(container::damaged())),
    };
    let [first, last] = &header.covers;
    let kind = Kind::from_name(&header.kind).ok_or_else(|| in_file(container::damaged()))?;
    let info = EditionInfo {
        kind,
        covers: (date(first)?, date(last)?),
        is_complete: header.is_complete,
        rows: header.sources.iter().fold(0, |sum, source| source.rows.saturating_add(sum)),
        sources: header.sources.into_iter().map(source_file).collect(),
        entries: u64::from(header.table.entries),
        ended: header.ended,
        name: header.name,
        path: path.to_owned(),
    };
    let table = Table::open(bytes, place, &header.table);
    Ok((info, table.ok_or_else(|| in_file(container::damaged()))?))
}

fn source_file(source: SourceHeader) -> SourceFile {
    SourceFile { name: source.name, sha256: source.sha256, rows: source.rows }
}

/// A code, a second code and the rest of an entry; nothing where the table has none.
type Read<'t> = Option<(&'t [u8], Option<&'t [u8]>, &'t Term)>;

/// The rows of a compiled edition, sorted, equal ones once. Nothing if they are not as its kind
/// says, which a file that was written here cannot be.
pub fn rows(kind: Kind, table: &Table) -> Option<Rows> {
    let entries = (0..table.len()).flat_map(|at| {
        table.entries(at).map(move |entry| (table.code(at), table.second(entry), table.term(entry)))
    });
    let entries = entries.map(|(code, second, term)| Some((code?, second, term?)));
    let codes = |entry: Read<'_>| {
        let (code, _, term) = entry?;
        let code = String::from_utf8(code.to_vec()).ok()?;
        Some(CodeRow { code, days: term.days, attributes: term.extra().to_vec() })
    };
    let pairs = |entry: Read<'_>| {
        let (one, two, term) = entry?;
        let (column_one, column_two) = (one.try_into().ok()?, two?.try_into().ok()?);
        Some(PairRow { column_one, column_two, days: term.days, indicator: term.byte() })
    };
    let limits = |entry: Read<'_>| {
        let (code, _, term) = entry?;
        let (units, indicator) = term.limit();
        Some(LimitRow { code: code.try_into().ok()?, units, indicator })
    };
    let add_ons = |entry: Read<'_>| {
        let (add_on, primary, term) = entry?;
        let primary = primary.map(<[u8; 5]>::try_from).transpose().ok()?;
        let (add_on, kind, days) = (add_on.try_into().ok()?, term.byte(), term.days);
        Some(AddOnRow { add_on, primary, kind, days })
    };
    let shapes = [
        Rows::Codes(Vec::new()),
        Rows::Pairs(Vec::new()),
        Rows::Limits(Vec::new()),
        Rows::AddOns(Vec::new()),
    ];
    let mut rows = shapes.into_iter().find(|rows| fits(kind, rows))?;
    match &mut rows {
        Rows::Codes(rows) => *rows = entries.map(codes).collect::<Option<_>>()?,
        Rows::Pairs(rows) => *rows = entries.map(pairs).collect::<Option<_>>()?,
        Rows::Limits(rows) => *rows = in_order(entries.map(limits).collect::<Option<_>>()?),
        Rows::AddOns(rows) => *rows = in_order(entries.map(add_ons).collect::<Option<_>>()?),
    }
    Some(rows)
}

fn in_order<T: Ord>(mut rows: Vec<T>) -> Vec<T> {
    rows.sort_unstable();
    rows
}
