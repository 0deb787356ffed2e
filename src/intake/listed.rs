//! Lists of codes with a header: HCPCS, procedure codes, ICD-10-CM, places, modifiers, taxonomy.

use crate::intake::codes;
use crate::intake::layout::Layout;
use crate::intake::table::Row;
use crate::reference::Kind;
use crate::reference::rows::CodeRow;

/// The names of the column with the code, as [`plain`] writes them.
const CODES: [(Kind, &[&str]); 6] = [
    (Kind::Hcpcs, &["hcpc", "hcpcs"]),
    (Kind::Taxonomy, &["code", "taxonomycode"]),
    (Kind::PlaceOfService, &["placeofservicecode", "placeofservice", "poscode", "pos"]),
    (Kind::Modifiers, &["modifiercode", "modifier", "modifiers", "mod"]),
    (Kind::Icd10cm, &["icd10cm", "icd10cmcode"]),
    (Kind::Procedures, &["hcpcscode", "cptcode", "procedurecode", "hcpcs", "hcpc", "cpt", "code"]),
];

const FIRST_DAYS: [&str; 11] = [
    "validfrom",
    "effective",
    "effectivedate",
    "effdate",
    "dateeffective",
    "from",
    "fromdate",
    "startdate",
    "start",
    "addeddate",
    "adddt",
];

const LAST_DAYS: [&str; 16] = [
    "validto",
    "termination",
    "terminationdate",
    "termdate",
    "termdt",
    "to",
    "todate",
    "end",
    "enddate",
    "expirationdate",
    "deleted",
    "deleteddate",
    "deletion",
    "deletiondate",
    "deactivation",
    "deactivationdate",
];

/// A list of codes, with where its columns are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// What it lists.
    pub kind: Kind,
    /// The number of the header's row.
    pub header: u64,
    /// Whether it is Addendum B, which is published for a quarter.
    pub is_addendum: bool,
    /// Whether it has a column of dates.
    pub is_dated: bool,
    code: usize,
    first: Option<usize>,
    last: Option<usize>,
    /// HCPCS: the record id. Continuations have no row of their own.
    record: Option<usize>,
    attribute: Option<usize>,
}

/// A column's name in lower case, letters and digits only.
pub fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

impl Listed {
    /// The list that a header with these plain names, in row `header`, stands above. `asked` is
    /// the kind that was asked for: its codes may then be in a column `code`.
    pub fn of_header(names: &[String], header: u64, asked: Option<Kind>) -> Option<Listed> {
        let wanted = CODES.iter().filter(|(kind, _)| asked.is_none_or(|asked| asked == *kind));
        wanted.filter_map(|(kind, codes)| Self::of_kind(*kind, codes, names, header, asked)).next()
    }

    fn of_kind(
        kind: Kind,
        codes: &[&str],
        names: &[String],
        header: u64,
        asked: Option<Kind>,
    ) -> Option<Listed> {
        let at = |name: &str| names.iter().position(|other| other == name);
        let any = |among: &[&str]| among.iter().find_map(|name| at(name));
        let has = |all: &[&str]| all.iter().all(|name| at(name).is_some());
        let code = any(codes).or_else(|| at("code").filter(|_| asked == Some(kind)));
        let told = match kind {
            Kind::Hcpcs => has(&["recid", "adddt", "termdt"]),
            Kind::Taxonomy => has(&["grouping", "classification"]) || asked.is_some(),
            // A table of procedures may say which modifiers go with them.
            Kind::Modifiers => any(&["hcpcs", "hcpcscode", "cpt", "cptcode", "column1"]).is_none(),
            _ => true,
        };
        let listing = ["code", "general", "definition"];
        let code = match kind {
            // The list of modifiers in the bundle of CPT.
            Kind::Modifiers if has(&listing) && has(&["levelone", "leveltwo"]) => at("code"),
            Kind::Procedures if has(&listing) && has(&["levelone", "leveltwo"]) => None,
            _ => code.filter(|_| told),
        }?;
        let is_hcpcs = kind == Kind::Hcpcs;
        let first = if is_hcpcs { at("adddt") } else { any(&FIRST_DAYS) };
        let last = if is_hcpcs { at("termdt") } else { any(&LAST_DAYS) };
        Some(Listed {
            kind,
            header,
            is_addendum: kind == Kind::Procedures && has(&["hcpcscode", "shortdescriptor"]),
            is_dated: first.is_some() || last.is_some(),
            code,
            first,
            last,
            record: at("recid").filter(|_| is_hcpcs),
            attribute: match kind {
                Kind::Hcpcs => at("price1"),
                Kind::Icd10cm => at("headerflag"),
                _ => None,
            },
        })
    }

    fn code(&self, row: &Row) -> Result<Option<String>, String> {
        let text = row.cell(self.code);
        let code = match self.kind {
            Kind::Hcpcs => match self.record.map(|at| row.cell(at)) {
                Some("3") | None => codes::procedure_text(text)?,
                Some("7") => codes::modifier(text)?,
                Some("4" | "8") => return Ok(None),
                Some(_) => return Err("the record id is none of 3, 4, 7 and 8".to_owned()),
            },
            Kind::Taxonomy => codes::taxonomy(text)?,
            Kind::PlaceOfService => codes::place(text)?,
            Kind::Modifiers => codes::modifier(text)?,
            Kind::Icd10cm => codes::icd10cm(text)?,
            _ => codes::procedure_text(text)?,
        };
        Ok(Some(code))
    }

    fn attributes(&self, row: &Row) -> Result<Vec<u8>, String> {
        let cell = self.attribute.map_or("", |at| row.cell(at));
        match self.kind {
            Kind::Hcpcs if cell.len() <= 2 => Ok(format!("{cell:<2}").into_bytes()),
            Kind::Hcpcs => Err("the pricing indicator has more than two characters".to_owned()),
            Kind::Icd10cm if self.attribute.is_none() => Ok(b"1".to_vec()),
            Kind::Icd10cm if matches!(cell, "0" | "1") => Ok(cell.as_bytes().to_vec()),
            Kind::Icd10cm => Err("the header flag is neither 0 nor 1".to_owned()),
            _ => Ok(Vec::new()),
        }
    }
}

impl Layout for Listed {
    type Taken = CodeRow;

    fn fits(&self, row: &Row) -> bool {
        self.code(row).is_ok_and(|code| code.is_some())
    }

    fn header(&self) -> u64 {
        self.header
    }

    fn take(&self, row: &Row) -> Result<Option<CodeRow>, String> {
        let Some(code) = self.code(row)? else { return Ok(None) };
        let days = row.days(self.first, self.last)?;
        Ok(Some(CodeRow { code, days, attributes: self.attributes(row)? }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(header: &str, asked: Option<Kind>) -> Option<Listed> {
        let names: Vec<String> = header.split(',').map(plain).collect();
        Listed::of_header(&names, 1, asked)
    }

    #[test]
    fn a_header_tells_what_is_listed() {
        let cases = [
            ("HCPC,SEQNUM,RECID,PRICE1,ADD DT,ACT EFF DT,TERM DT", Some(Kind::Hcpcs)),
            ("Code,Grouping,Classification", Some(Kind::Taxonomy)),
            ("place_of_service_code,description", Some(Kind::PlaceOfService)),
            ("Modifier,Description", Some(Kind::Modifiers)),
            (
                "Code,General,PhysicalStatus,LevelOne,LevelTwo,HCPCS,Definition",
                Some(Kind::Modifiers),
            ),
            ("icd_10_cm,header_flag,short_description", Some(Kind::Icd10cm)),
            ("code,valid_from,valid_to", Some(Kind::Procedures)),
            ("HCPCS Code,Short Descriptor,CI,SI,APC", Some(Kind::Procedures)),
            ("CPT Code,Modifier,Price", Some(Kind::Procedures)),
            ("Column 1,Column 2,Modifier", Some(Kind::Modifiers)),
            ("name,city", None),
        ];
        for (header, kind) in cases {
            let kind = kind.filter(|_| !header.starts_with("Column"));
            assert_eq!(of(header, None).map(|listed| listed.kind), kind, "{header}");
        }
        let asked = of("Code,Name", Some(Kind::PlaceOfService)).unwrap();
        assert_eq!((asked.kind, asked.is_dated), (Kind::PlaceOfService, false));
        assert!(of("Code,Name,Effective", None).unwrap().is_dated);
    }
}
