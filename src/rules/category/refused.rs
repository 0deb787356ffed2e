//! What CAT003 refuses, and for which claims: its options.

use crate::error::{Error, Result, nearest};
use crate::lint::Options;
use crate::model::{Class, Code, Field, Line, Why};
use crate::rules::code_range::CodeRange;
use crate::rules::code_set::CodeSet;

/// The kinds of claim, and what exports call them.
const KINDS: [(&str, &[&str]); 3] = [
    ("professional", &["professional", "prof", "p", "837p", "cms-1500", "cms1500", "1500", "hcfa"]),
    ("institutional", &["institutional", "inst", "i", "837i", "ub-04", "ub04", "ub", "facility"]),
    ("dental", &["dental", "d", "837d", "ada"]),
];

/// Whether a rule is about a line.
pub enum Concern {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// It may be; the line does not say.
    Unsaid(Why),
}

/// The codes that are refused, and for which claims.
#[derive(Debug)]
pub struct Refused {
    /// Refused classes, in the order of [`Class::ALL`].
    classes: [bool; Class::ALL.len()],
    codes: CodeSet,
    /// The payers that refuse them; any if there is none.
    payers: Vec<String>,
    /// The kinds of claim on which they are refused; any if there is none.
    kinds: Vec<&'static str>,
}

impl Refused {
    /// Reads the options `refuse`, `payers` and `claim-types`. Nothing if nothing is refused.
    pub fn read(options: &mut Options) -> Result<Option<Refused>> {
        let listed = options.list("refuse", &[])?;
        let payers = options.list("payers", &[])?;
        let kinds = options.list("claim-types", &[])?;
        options.finish()?;
        let mut classes = [false; Class::ALL.len()];
        let mut ranges = Vec::new();
        for entry in listed.iter().map(|entry| entry.trim()) {
            let mut is_class = false;
            for (class, refused) in Class::ALL.into_iter().zip(&mut classes) {
                // `category-1` names its other kinds too.
                let all_kinds = entry == Class::CategoryOne.name() && class.is_category_one();
                let named = class.name() == entry || all_kinds;
                *refused |= named;
                is_class |= named;
            }
            if !is_class {
                ranges.push(CodeRange::parse(entry).map_err(|error| no_class(entry, &error))?);
            }
        }
        let kinds = kinds.iter().map(|name| kind(name)).collect::<Result<_>>()?;
        let payers = payers.iter().map(|payer| payer.trim().to_owned()).collect();
        let refused = Refused { classes, codes: CodeSet::of(ranges), payers, kinds };
        Ok((!listed.is_empty()).then_some(refused))
    }

    /// Whether the code is refused.
    #[inline]
    pub fn has(&self, code: Code, class: Class) -> bool {
        self.classes.get(class as usize).copied().unwrap_or(false)
            || self.codes.contains(code, class)
    }

    /// Whether the line is one for a payer and of a kind that the code is refused for.
    pub fn concerns(&self, line: Line<'_>) -> Concern {
        let mut unsaid = None;
        if !self.payers.is_empty() {
            match line.text(Field::Payer) {
                None => unsaid = Some(Why::Lacks(Field::Payer)),
                Some(payer) => {
                    let is = |known: &String| known.as_bytes().eq_ignore_ascii_case(payer);
                    if !self.payers.iter().any(is) {
                        return Concern::No;
                    }
                }
            }
        }
        if !self.kinds.is_empty() {
            match kind_of(line) {
                None => unsaid = unsaid.or(Some(Why::Lacks(Field::ClaimType))),
                Some(kind) if self.kinds.contains(&kind) => {}
                Some(_) => return Concern::No,
            }
        }
        unsaid.map_or(Concern::Yes, Concern::Unsaid)
    }
}

/// The kind of claim that a line says it belongs to. One with a revenue code is institutional.
fn kind_of(line: Line<'_>) -> Option<&'static str> {
    let Some(said) = line.text(Field::ClaimType) else {
        return line.is_institutional().then_some("institutional");
    };
    let is = |word: &&str| word.as_bytes().eq_ignore_ascii_case(said);
    KINDS.into_iter().find(|(_, words)| words.iter().any(is)).map(|(name, _)| name)
}

fn kind(name: &str) -> Result<&'static str> {
    let known = KINDS.into_iter().map(|(known, _)| known);
    known.clone().find(|known| *known == name.trim()).ok_or_else(|| {
        let error = Error::settings(format!("option claim-types: unknown kind `{name}`"));
        match nearest(name, known.clone()) {
            Some(name) => error.with_help(format!("did you mean `{name}`?")),
            None => error.with_help("the kinds are: professional, institutional, dental"),
        }
    })
}

fn no_class(entry: &str, error: &Error) -> Error {
    let message = format!("option refuse: {}, nor a class of codes", error.message());
    let names: Vec<&str> = Class::ALL.iter().map(|class| class.name()).collect();
    Error::settings(message).with_help(match nearest(entry, names.iter().copied()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("the classes are: {}", names.join(", ")),
    })
}
