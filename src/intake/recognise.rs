//! Which layout a file has, told by what is in it.

use std::ops::ControlFlow;

use crate::error::{Error, Result};
use crate::intake::bytes::Content;
use crate::intake::fixed::{Cpt, HcpcsText, Icd10cm, is_of_order_file};
use crate::intake::layout::{Layout, NotTaken, collect};
use crate::intake::listed::{Listed, plain};
use crate::intake::ncci::{AddOns, Limits, Pairs};
use crate::intake::pprrvu::Pprrvu;
use crate::intake::table::{Form, Row, walk};
use crate::model::visible::visible;
use crate::reference::Kind;
use crate::reference::rows::Rows;

/// The rows, blank ones not counted, among which the first data row must be.
const SAMPLE: usize = 400;

/// A layout that a file was found to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reader {
    /// A list of codes with a header.
    Listed(Listed),
    /// The alpha-numeric file of HCPCS as text.
    HcpcsText,
    /// ICD-10-CM.
    Icd10cm(Icd10cm),
    /// A file of CPT.
    Cpt,
    /// Relative values.
    Pprrvu,
    /// Pairs of codes, of one of two kinds.
    Pairs(Pairs, Kind),
    /// Most units.
    Limits(Limits),
    /// Add-on codes.
    AddOns(AddOns),
}

impl Reader {
    /// What the file holds.
    pub fn kind(&self) -> Kind {
        match self {
            Reader::Listed(listed) => listed.kind,
            Reader::HcpcsText => Kind::Hcpcs,
            Reader::Icd10cm(_) => Kind::Icd10cm,
            Reader::Cpt => Kind::Procedures,
            Reader::Pprrvu => Kind::Pprrvu,
            Reader::Pairs(_, kind) => *kind,
            Reader::Limits(limits) => limits.kind,
            Reader::AddOns(_) => Kind::AddOn,
        }
    }

    /// Whether it is Addendum B, which is published for a quarter.
    pub fn is_addendum(&self) -> bool {
        matches!(self, Reader::Listed(listed) if listed.is_addendum)
    }

    /// Whether it is a list with columns for dates.
    pub fn is_dated(&self) -> bool {
        matches!(self, Reader::Listed(listed) if listed.is_dated)
    }

    /// Every row that could be taken in, and those that could not.
    pub fn collect(&self, content: &Content, form: Form) -> (Rows, Vec<NotTaken>) {
        fn all<L: Layout>(
            layout: &L,
            content: &Content,
            form: Form,
            rows: fn(Vec<L::Taken>) -> Rows,
        ) -> (Rows, Vec<NotTaken>) {
            let (taken, not_taken) = collect(content, form, layout);
            (rows(taken), not_taken)
        }
        match self {
            Reader::Listed(layout) => all(layout, content, form, Rows::Codes),
            Reader::HcpcsText => all(&HcpcsText, content, form, Rows::Codes),
            Reader::Icd10cm(layout) => all(layout, content, form, Rows::Codes),
            Reader::Cpt => all(&Cpt, content, form, Rows::Codes),
            Reader::Pprrvu => all(&Pprrvu, content, form, Rows::Codes),
            Reader::Pairs(layout, _) => all(layout, content, form, Rows::Pairs),
            Reader::Limits(layout) => all(layout, content, form, Rows::Limits),
            Reader::AddOns(layout) => all(layout, content, form, Rows::AddOns),
        }
    }

    fn fits(&self, row: &Row) -> bool {
        match self {
            Reader::Listed(layout) => layout.fits(row),
            Reader::HcpcsText => HcpcsText.fits(row),
            Reader::Icd10cm(layout) => layout.fits(row),
            Reader::Cpt => Cpt.fits(row),
            Reader::Pprrvu => Pprrvu.fits(row),
            Reader::Pairs(layout, _) => layout.fits(row),
            Reader::Limits(layout) => layout.fits(row),
            Reader::AddOns(layout) => layout.fits(row),
        }
    }
}

/// What may be told of a file before it is read as a whole.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The file's name.
    pub name: &'a str,
    /// The kind that was asked for.
    pub asked: Option<Kind>,
}

impl Known<'_> {
    fn may_be(&self, kinds: &[Kind]) -> bool {
        self.asked.is_none_or(|asked| kinds.contains(&asked))
    }

    /// Whose pairs they are: asked for, or else told by the name.
    fn pairs(&self) -> Result<Kind> {
        let name = self.name.to_ascii_lowercase();
        let has = |words: [&str; 2]| words.iter().any(|word| name.contains(word));
        match self.asked {
            Some(kind) => Ok(kind),
            None if has(["ccipra", "practitioner"]) => Ok(Kind::PtpPractitioner),
            None if has(["ccioph", "outpatient"]) => Ok(Kind::PtpOutpatient),
            None => Err(Error::input("has NCCI pairs, and its name does not tell whose")
                .with_help("give --kind ptp-practitioner or --kind ptp-outpatient")),
        }
    }
}

/// The layout of a file, and the form that its rows have.
pub fn recognise(content: &Content, known: Known) -> Result<(Form, Reader)> {
    let forms = match content {
        Content::Sheets(sheets) => (0..sheets.len()).map(Form::Sheet).collect(),
        Content::Text(_) => {
            if let Some(reader) = by_positions(content, known) {
                return Ok((Form::Lines, reader));
            }
            vec![Form::Quoted(b','), Form::Split(b'\t'), Form::Quoted(b';'), Form::Quoted(b'|')]
        }
    };
    let mut header_only = None;
    for form in forms {
        match in_form(content, form, known)? {
            (Some(reader), true) => return Ok((form, reader)),
            (Some(reader), false) => header_only = header_only.or(Some((form, reader))),
            (None, _) => {}
        }
    }
    if let Content::Text(_) = content
        && header_only.is_none()
        && cpt(content, known)?
    {
        return Ok((Form::Lines, Reader::Cpt));
    }
    header_only.ok_or_else(|| unknown(known.asked))
}

/// The sheets beside the one that is read which have data rows too: nothing is left out unsaid.
pub fn beside(content: &Content, read: Form, known: Known) -> Vec<NotTaken> {
    let Content::Sheets(sheets) = content else { return Vec::new() };
    let others = (0..).zip(sheets).filter(|(at, _)| Form::Sheet(*at) != read);
    let has_rows = |at| matches!(in_form(content, Form::Sheet(at), known), Ok((Some(_), true)));
    let others = others.filter(|(at, _)| has_rows(*at)).map(|(_, sheet)| NotTaken {
        row: sheet.first_row,
        reason: format!("the whole sheet `{}` is not read, but another one", visible(&sheet.name)),
    });
    others.collect()
}

fn unknown(asked: Option<Kind>) -> Error {
    let kinds = Kind::ALL.map(Kind::name).join(", ");
    match asked {
        Some(kind) => Error::input(format!("does not have the layout of kind {}", kind.name()))
            .with_help("leave --kind out to have the kind found"),
        None => Error::input("is of no kind that is known")
            .with_help(format!("the kinds are {kinds}; --kind names one")),
    }
}

/// A list or edits with a form of cells, and whether a data row was seen.
fn in_form(content: &Content, form: Form, known: Known) -> Result<(Option<Reader>, bool)> {
    let (mut candidate, mut seen, mut ended) = (None::<Reader>, 0, None);
    walk(content, form, &mut |row| {
        if row.is_blank() {
            return ControlFlow::Continue(());
        }
        seen += 1;
        // The header of PPRRVU has the names of a list of codes, so the shape of a row goes first.
        if let Some(reader) = by_shape(row, known).transpose() {
            ended = Some(reader.map(|reader| (Some(reader), true)));
        } else if candidate.as_ref().is_some_and(|reader| reader.fits(row)) {
            ended = candidate.take().map(|reader| Ok((Some(reader), true)));
        } else {
            let names: Vec<String> = row.cells().map(plain).collect();
            match of_claims(&names) {
                true => ended = Some(Err(claims())),
                false => candidate = by_header(&names, row.number, known).or(candidate.take()),
            }
        }
        match ended.is_none() && seen < SAMPLE {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    });
    ended.unwrap_or(Ok((candidate, false)))
}

fn by_shape(row: &Row, known: Known) -> Result<Option<Reader>> {
    if known.may_be(&[Kind::PtpPractitioner, Kind::PtpOutpatient])
        && let Some(pairs) = Pairs::of_row(row)
    {
        return known.pairs().map(|kind| Some(Reader::Pairs(pairs, kind)));
    }
    let is_pprrvu = known.may_be(&[Kind::Pprrvu]) && Pprrvu.fits(row);
    Ok(is_pprrvu.then_some(Reader::Pprrvu))
}

fn by_header(names: &[String], number: u64, known: Known) -> Option<Reader> {
    let limits = || {
        let limits = Limits::of_header(names, number)?;
        known.may_be(&[limits.kind]).then_some(Reader::Limits(limits))
    };
    let add_ons = || {
        let add_ons = AddOns::of_header(names, number)?;
        known.may_be(&[Kind::AddOn]).then_some(Reader::AddOns(add_ons))
    };
    let listed = || Listed::of_header(names, number, known.asked).map(Reader::Listed);
    limits().or_else(add_ons).or_else(listed)
}

/// Whether a header names a claim or a patient, and something of a service line.
fn of_claims(names: &[String]) -> bool {
    /// Longer cells are sentences.
    const NAME_MAX: usize = 30;
    const IDS: [&str; 11] = [
        "claim",
        "clm",
        "encounter",
        "patientid",
        "patientname",
        "patientaccount",
        "patientcontrol",
        "member",
        "subscriber",
        "bene",
        "desynpuf",
    ];
    const WHOLE_IDS: [&str; 5] = ["mrn", "patient", "subjectid", "hadmid", "personid"];
    const OF_LINES: [&str; 8] =
        ["line", "service", "dos", "date", "units", "charge", "cpt", "code"];
    let is_id = |name: &String| {
        IDS.iter().any(|start| name.starts_with(start)) || WHOLE_IDS.contains(&name.as_str())
    };
    let of_line = |name: &String| OF_LINES.iter().any(|part| name.contains(part));
    let mut short = names.iter().filter(|name| name.len() <= NAME_MAX);
    short.clone().any(is_id) && short.any(of_line)
}

fn claims() -> Error {
    Error::input("looks like an export of claims, which is not reference data")
        .with_help("`claimlint check` checks exports")
}

/// A layout by positions, that at least half of the first lines have.
fn by_positions(content: &Content, known: Known) -> Option<Reader> {
    let (mut lines, mut hcpcs, mut details, mut order, mut codes, mut odd) = (0, 0, 0, 0, 0, false);
    walk(content, Form::Lines, &mut |row| {
        if row.is_blank() {
            return ControlFlow::Continue(());
        }
        lines += 1;
        hcpcs += usize::from(HcpcsText::is_record(row.line));
        details += usize::from(HcpcsText.fits(row));
        order += usize::from(Icd10cm::Order.fits(row));
        if let Ok(Some(code)) = Icd10cm::Codes.take(row) {
            codes += 1;
            odd = odd || code.code.len() != 5;
        }
        if lines < SAMPLE { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    let most = |count: usize| count > 0 && count * 2 >= lines;
    // Codes of HCPCS have the shape of some ICD-10-CM codes, but always five characters.
    let is_icd = odd
        || known.asked == Some(Kind::Icd10cm)
        || known.name.to_ascii_lowercase().contains("icd10cm");
    let may_be_icd = known.may_be(&[Kind::Icd10cm]);
    if known.may_be(&[Kind::Hcpcs]) && most(hcpcs) && details > 0 {
        Some(Reader::HcpcsText)
    } else if may_be_icd && most(order) {
        Some(Reader::Icd10cm(Icd10cm::Order))
    } else if may_be_icd && most(codes) && is_icd {
        Some(Reader::Icd10cm(Icd10cm::Codes))
    } else {
        None
    }
}

/// Whether it is a file of CPT. Five digits may be many things, so something else must tell that
/// they are codes: the notice before them, the file's name, or `--kind`.
fn cpt(content: &Content, known: Known) -> Result<bool> {
    if !known.may_be(&[Kind::Procedures]) {
        return Ok(false);
    }
    let name = known.name.to_ascii_lowercase();
    let names = ["cpt", "longul", "longut", "longuf", "medu", "shortu"];
    let mut told = known.asked.is_some() || names.iter().any(|part| name.contains(part));
    let (mut rows, mut others, mut seen, mut figures) = (0, 0, 0, 0);
    let (mut ordered, mut dated) = (false, false);
    walk(content, Form::Lines, &mut |row| {
        if row.is_blank() {
            return ControlFlow::Continue(());
        }
        seen += 1;
        if Cpt.fits(row) {
            rows += 1;
            ordered = ordered || is_of_order_file(row.line);
            dated = dated || Cpt::has_date(row.line);
            figures += usize::from(Cpt::has_figures(row.line));
        } else if rows == 0 {
            let notice = ["CPT", "American Medical Association", "AMERICAN MEDICAL ASSOCIATION"];
            told = told || notice.iter().any(|word| row.line.contains(word));
        } else {
            others += 1;
        }
        if seen < SAMPLE { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    if rows == 0 || others > rows {
        return Ok(false);
    }
    if ordered {
        return Err(Error::input(
            "looks like an order file of ICD-10, whose first number is no code",
        )
        .with_help("of ICD-10, only ICD-10-CM is known: icd10cm_order and icd10cm_codes"));
    }
    if dated || figures * 2 > rows {
        return Err(Error::input("has dates or figures beside its codes, and no header for them")
            .with_help("give it a header such as code,valid_from,valid_to"));
    }
    if !told {
        return Err(Error::input(
            "begins its rows with five digits, and nothing says that it is CPT",
        )
        .with_help("if they are procedure codes, say so: --kind procedures"));
    }
    Ok(true)
}
