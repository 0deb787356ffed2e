//! What the rules CII001 to CII006 share: their options, and which lines go with Category II ones.

use crate::error::{Error, Result, nearest};
use crate::lint::{Look, Options};
use crate::model::{Class, Code, Field, Line, Procedure};
use crate::rules::code_range::CodeRange;
use crate::rules::quality_codes::is_quality_code;

/// A line whose code goes with a Category II line.
pub const COMPANION: u8 = 1;
/// A line with another code, that of a service all the same.
pub const OTHER_SERVICE: u8 = 1 << 1;
/// A line whose code is missing or malformed.
pub const UNREADABLE: u8 = 1 << 2;
/// A Category II line that is not judged.
pub const EXEMPT: u8 = 1 << 3;

/// The configured border between Category II codes and what they go with.
#[derive(Debug)]
pub struct Companions {
    /// What a line is by the class of its code alone, in the order of [`Class::ALL`].
    classes: [Look; Class::ALL.len()],
    /// Companions beside those of the classes.
    ranges: Vec<CodeRange>,
    exempt: Vec<CodeRange>,
    group_by: Vec<Field>,
    /// What a companion is called: `Category I` unless the option says otherwise.
    wanted: &'static str,
    /// What the group is called: the claim, or the fields that its lines share.
    group_name: String,
    fallback: Vec<Field>,
    window_days: u16,
    /// Upper-cased payers whose Category II lines are not judged.
    exempt_payers: Vec<Vec<u8>>,
    /// Whether quality codes of HCPCS Level II count as Category II codes.
    quality_codes: bool,
    /// Whether the class of a code alone says what a line is.
    by_class: bool,
}

/// How many days a window may reach to either side.
const WINDOW_DAYS_MAX: i64 = 31;

impl Companions {
    /// Reads the options that the rules share. It must be the last to read options.
    pub fn read(options: &mut Options) -> Result<Companions> {
        let listed = options.list("companions", &["category-1"])?;
        let wanted = if listed == ["category-1"] { "Category I" } else { "companion" };
        let mut classes = [false; Class::ALL.len()];
        let mut ranges = Vec::new();
        for entry in &listed {
            if !add_class(entry, &mut classes) {
                ranges.push(companion_range(entry)?);
            }
        }
        let exempt = options.list("exempt-codes", &[])?;
        let exempt = exempt.iter().map(|entry| exempt_range(entry)).collect::<Result<_>>()?;
        let group_by = options.list("group-by", &["claim_id"])?;
        let group_by = group_by.iter().map(|name| field(name)).collect::<Result<Vec<_>>>()?;
        if group_by.is_empty() {
            return Err(Error::settings("option group-by: expected at least one field"));
        }
        let fallback = options.list("fallback", &["patient_id", "service_date"])?;
        let fallback = fallback.iter().map(|name| field(name)).collect::<Result<Vec<_>>>()?;
        let window_days = options.number_within("window-days", 0, 0..=WINDOW_DAYS_MAX)? as u16;
        let payers = options.list("exempt-payers", &[])?;
        let exempt_payers: Vec<Vec<u8>> =
            payers.iter().map(|payer| payer.trim().to_uppercase().into_bytes()).collect();
        let quality_codes = options.flag("quality-codes", false)?;
        options.finish()?;
        let exempt: Vec<CodeRange> = exempt;
        let by_class =
            ranges.is_empty() && exempt.is_empty() && exempt_payers.is_empty() && !quality_codes;
        let group_name = group_name(&group_by);
        let classes = Class::ALL.map(|class| match classes.get(class as usize) {
            _ if class == Class::CategoryTwo => Look::default().keep(),
            Some(true) => Look::new(COMPANION),
            _ => Look::new(OTHER_SERVICE),
        });
        Ok(Companions {
            classes,
            ranges,
            exempt,
            group_by,
            wanted,
            group_name,
            fallback,
            window_days,
            exempt_payers,
            quality_codes,
            by_class,
        })
    }

    /// The fields by which a companion is looked for beyond the claim.
    pub fn fallback(&self) -> &[Field] {
        &self.fallback
    }

    /// How many days a companion may lie from a Category II line.
    pub fn window_days(&self) -> u16 {
        self.window_days
    }

    /// The fields whose values make up a group.
    pub fn group_by(&self) -> &[Field] {
        &self.group_by
    }

    /// What the line is to the Category II lines of its group.
    #[inline]
    pub fn look(&self, line: Line<'_>) -> Look {
        match line.procedure() {
            Procedure::Coded(code, class) | Procedure::Damaged(code, class, _) => {
                match self.by_class {
                    true => self.classes.get(class as usize).copied().unwrap_or_default(),
                    false => self.look_closer(line, code, class),
                }
            }
            // A service all the same, though nobody here knows which.
            Procedure::Foreign => Look::new(OTHER_SERVICE),
            Procedure::Malformed | Procedure::Missing => Look::new(UNREADABLE),
        }
    }

    fn look_closer(&self, line: Line<'_>, code: Code, class: Class) -> Look {
        let look = self.look_at_code(code, class);
        let is_exempt = |payer: &[u8]| {
            self.exempt_payers.iter().any(|exempt| exempt.eq_ignore_ascii_case(payer))
        };
        match look.keeps() && line.text(Field::Payer).is_some_and(is_exempt) {
            true => Look::new(EXEMPT),
            false => look,
        }
    }

    /// The same by the code alone: whose payer it is, is another matter.
    pub fn look_at_code(&self, code: Code, class: Class) -> Look {
        let holds = |ranges: &[CodeRange]| ranges.iter().any(|range| range.contains(code, class));
        let is_quality = self.quality_codes && is_quality_code(code, class);
        if class == Class::CategoryTwo && holds(&self.exempt) {
            return Look::new(EXEMPT);
        }
        if class != Class::CategoryTwo && holds(&self.ranges) {
            return Look::new(COMPANION);
        }
        if is_quality {
            return Look::default().keep();
        }
        self.classes.get(class as usize).copied().unwrap_or_default()
    }

    /// `Category I`, or `companion` where the option names more.
    pub fn wanted(&self) -> &'static str {
        self.wanted
    }

    /// What the group is called in a message: the claim, or the fields that its lines share.
    pub fn group_name(&self) -> &str {
        &self.group_name
    }
}

fn group_name(group_by: &[Field]) -> String {
    if group_by == [Field::ClaimId] {
        return "the claim".to_owned();
    }
    let names: Vec<&str> = group_by.iter().map(|field| field.name()).collect();
    format!("the group by {}", names.join(" and "))
}

/// Adds the class that `entry` names; `category-1` names all four kinds of Category I.
fn add_class(entry: &str, classes: &mut [bool; Class::ALL.len()]) -> bool {
    let name = entry.trim();
    let mut named = false;
    for (class, on) in Class::ALL.into_iter().zip(classes) {
        let all_kinds = name == Class::CategoryOne.name() && class.is_category_one();
        if class != Class::CategoryTwo && (class.name() == name || all_kinds) {
            *on = true;
            named = true;
        }
    }
    named
}

fn companion_range(entry: &str) -> Result<CodeRange> {
    let is_category_two = entry.trim() == Class::CategoryTwo.name();
    match CodeRange::parse(entry) {
        Ok(range) if range.class != Class::CategoryTwo => return Ok(range),
        Err(error) if !is_category_two => {
            let names = Class::ALL.iter().map(|class| class.name());
            let names: Vec<&str> = names.filter(|name| *name != "category-2").collect();
            let message = format!("option companions: {error}, nor a class of codes");
            return Err(Error::settings(message).with_help(match nearest(entry, names.clone()) {
                Some(name) => format!("did you mean `{name}`?"),
                None => format!("the classes are: {}", names.join(", ")),
            }));
        }
        _ => {}
    }
    let message = format!("option companions: `{entry}`: no Category II code goes with another");
    Err(Error::settings(message))
}

fn exempt_range(entry: &str) -> Result<CodeRange> {
    let range = CodeRange::parse(entry);
    let range = range.map_err(|error| Error::settings(format!("option exempt-codes: {error}")))?;
    if range.class != Class::CategoryTwo {
        let message = format!("option exempt-codes: `{entry}` is not a Category II code");
        return Err(Error::settings(message));
    }
    Ok(range)
}

fn field(name: &str) -> Result<Field> {
    Field::from_name(name).ok_or_else(|| {
        let error = Error::settings(format!("option group-by: unknown field `{name}`"));
        match nearest(name, Field::ALL.iter().map(|field| field.name())) {
            Some(name) => error.with_help(format!("did you mean `{name}`?")),
            None => error,
        }
    })
}
