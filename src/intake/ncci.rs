//! The edits of NCCI: pairs of codes, most units, add-on codes.

use crate::intake::codes;
use crate::intake::dates;
use crate::intake::layout::Layout;
use crate::intake::table::Row;
use crate::reference::Kind;
use crate::reference::rows::{AddOnRow, LimitRow, PairRow};

/// Pairs of codes, with the column of the effective date; deletion date and indicator follow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pairs {
    effective: usize,
}

impl Pairs {
    /// The published layout: whether the edit is older than 1996 stands before the date.
    const PUBLISHED: Pairs = Pairs { effective: 3 };
    /// A layout in use that leaves that out.
    const SHORT: Pairs = Pairs { effective: 2 };

    /// How many of the two codes and the date a row seems to have.
    fn signs(self, row: &Row) -> usize {
        let has_date = row.cell(self.effective).starts_with(|c: char| c.is_ascii_digit());
        let codes = [0, 1].into_iter().filter(|at| codes::is_near_procedure(row.cell(*at)));
        codes.count() + usize::from(has_date)
    }

    /// The layout whose data row this is.
    pub fn of_row(row: &Row) -> Option<Pairs> {
        [Self::PUBLISHED, Self::SHORT].into_iter().find(|layout| {
            layout.fits(row)
                && row.first_day(layout.effective).is_ok_and(|day| day.is_some())
                && matches!(row.cell(layout.effective + 2), "0" | "1" | "9")
        })
    }
}

impl Layout for Pairs {
    type Taken = PairRow;

    fn fits(&self, row: &Row) -> bool {
        row.width() > self.effective + 2 && self.signs(row) == 3
    }

    /// A first row with one damaged cell is a data row still; a title or a header has no sign.
    fn begins(&self, row: &Row) -> bool {
        self.signs(row) >= 2
    }

    fn take(&self, row: &Row) -> Result<Option<PairRow>, String> {
        if row.width() <= self.effective + 2 {
            return Err("it has too few columns".to_owned());
        }
        let column = |at| codes::procedure(row.cell(at));
        let column_one = column(0).map_err(|_| "column 1 is no procedure code")?;
        let column_two = column(1).map_err(|_| "column 2 is no procedure code")?;
        let days = row.days(Some(self.effective), Some(self.effective + 1))?;
        if days.first.is_none() {
            return Err("there is no effective date".to_owned());
        }
        let indicator = match row.cell(self.effective + 2) {
            "0" => 0,
            "1" => 1,
            "9" => 9,
            _ => return Err("the modifier indicator is none of 0, 1 and 9".to_owned()),
        };
        Ok(Some(PairRow { column_one, column_two, days, indicator }))
    }
}

/// Medically unlikely edits, with their setting and where the columns are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For whom.
    pub kind: Kind,
    header: u64,
    code: usize,
    units: usize,
    indicator: usize,
}

impl Limits {
    /// The layout that a header with these plain names tells.
    pub fn of_header(names: &[String], header: u64) -> Option<Limits> {
        let units = names.iter().position(|name| name.contains("muevalue"))?;
        let name = names.get(units)?;
        let kind = match name {
            name if name.starts_with("practitioner") => Kind::MuePractitioner,
            name if name.starts_with("outpatient") => Kind::MueOutpatient,
            name if name.starts_with("dme") => Kind::MueDme,
            _ => return None,
        };
        let code = names.iter().position(|name| name.starts_with("hcpcscpt"))?;
        let indicator = names.iter().position(|name| name.contains("adjudicationindicator"))?;
        Some(Limits { kind, header, code, units, indicator })
    }
}

impl Layout for Limits {
    type Taken = LimitRow;

    fn fits(&self, row: &Row) -> bool {
        codes::procedure(row.cell(self.code)).is_ok()
    }

    fn header(&self) -> u64 {
        self.header
    }

    fn take(&self, row: &Row) -> Result<Option<LimitRow>, String> {
        let code = codes::procedure(row.cell(self.code))?;
        let units = row.cell(self.units);
        let is_plain = units.bytes().all(|byte| byte.is_ascii_digit());
        let units = units.parse().ok().filter(|_| is_plain);
        let units = units.ok_or("the most units are no whole number")?;
        // A digit, then what it means in words.
        let mut text = row.cell(self.indicator).bytes();
        let indicator = match (text.next(), text.next()) {
            (Some(digit @ b'1'..=b'3'), None | Some(b' ' | b'-' | b':')) => digit - b'0',
            _ => return Err("the adjudication indicator is none of 1, 2 and 3".to_owned()),
        };
        Ok(Some(LimitRow { code, units, indicator }))
    }
}

/// Add-on codes, with where the columns are: their order was not the same at all times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddOns {
    header: u64,
    add_on: usize,
    primary: usize,
    kind: usize,
    effective: usize,
    /// The edit's own deletion date, then those of the two codes: the first ends the edit.
    deletions: Vec<usize>,
}

impl AddOns {
    /// The layout that a header with these plain names tells.
    pub fn of_header(names: &[String], header: u64) -> Option<AddOns> {
        let at = |names: &[String], starts: &[&str]| {
            names.iter().position(|name| starts.iter().any(|start| name.starts_with(start)))
        };
        let is_deletion = |name: &String| name.contains("del");
        let primary = names.iter().position(|name| {
            name.starts_with("primarycode") && !is_deletion(name)
                || name.starts_with("primaryprocedurecode") && !is_deletion(name)
        })?;
        let add_on = names
            .iter()
            .position(|name| name.starts_with("addoncode") && !is_deletion(name))
            .or_else(|| names.iter().position(|name| name == "aoc" || name == "aoccode"))?;
        let deletions = (0..).zip(names).filter(|(_, name)| {
            let of_these =
                ["aoc", "addon", "edit", "primary"].iter().any(|start| name.starts_with(start));
            of_these && is_deletion(name)
        });
        Some(AddOns {
            header,
            add_on,
            primary,
            kind: at(names, &["aocedittype", "edittype", "addonedittype"])?,
            effective: at(names, &["aocediteff", "editeff", "addonediteff"])?,
            deletions: deletions.map(|(at, _)| at).collect(),
        })
    }
}

impl Layout for AddOns {
    type Taken = AddOnRow;

    fn fits(&self, row: &Row) -> bool {
        codes::procedure(row.cell(self.add_on)).is_ok() && !row.cell(self.kind).is_empty()
    }

    fn header(&self) -> u64 {
        self.header
    }

    fn take(&self, row: &Row) -> Result<Option<AddOnRow>, String> {
        let add_on = codes::procedure(row.cell(self.add_on))?;
        let kind = match row.cell(self.kind) {
            "1" => 1,
            "2" => 2,
            "3" => 3,
            _ => return Err("the edit type is none of 1, 2 and 3".to_owned()),
        };
        let primary = match row.cell(self.primary) {
            // A closed list has a code in each of its rows.
            "" if kind != 1 => None,
            text if text.eq_ignore_ascii_case("CCCCC") => None,
            text => {
                let code = codes::procedure(text);
                Some(code.map_err(|_| "the primary code is no procedure code")?)
            }
        };
        let first = row.first_day(self.effective)?;
        let mut last = None;
        for at in &self.deletions {
            let day = row.last_day(*at)?;
            last = [last, day].into_iter().flatten().min();
        }
        let days = dates::days(first, last)?;
        Ok(Some(AddOnRow { add_on, primary, kind, days }))
    }
}
