//! One rule of the user's: everything but its SQL.

use std::collections::BTreeMap;

use crate::config::layers::{Layer, suggest};
use crate::config::merge::severity;
use crate::config::origin::Origin;
use crate::config::own::doc;
use crate::config::raw::{OneOrMany, RawCell, RawRule, RawRuleTest, SeverityWord};
use crate::config::words::{ExpectWord, RuleScopeWord};
use crate::error::{Error, Result};
use crate::lint::registry::Registry;
use crate::lint::sql::{Program, SqlScope, Written};
use crate::model::rule::Own;
use crate::model::{Cell, Date, Field, RuleCategory, RuleInfo, Scope};

/// An expression is written by hand; what is larger is made by a program that goes astray.
const EXPRESSION_BYTES_MAX: usize = 16 << 10;
/// What reports show in a line.
const TITLE_CHARACTERS_MAX: usize = 120;
const TEXT_CHARACTERS_MAX: usize = 1000;
const NAME_CHARACTERS_MAX: usize = 64;
const PAYERS_MAX: usize = 1000;

/// A rule with all but its SQL checked.
pub struct Checked<'l> {
    layer: &'l Layer,
    key: String,
    /// Its code.
    pub code: String,
    name: String,
    title: String,
    raw: &'l RawRule,
    category: RuleCategory,
    /// What is compiled.
    pub written: Written,
    tests: Vec<RuleTest>,
}

/// A test of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleTest {
    /// What it shows; its number where it has no name.
    pub name: String,
    /// The cells of its lines, by the name of a field or of a column.
    pub lines: Vec<BTreeMap<String, String>>,
    /// What the rule says of them.
    pub expect: ExpectWord,
    /// The lines that it reports, counted from 1, where that is said.
    pub reports: Option<Vec<u64>>,
    /// Where it was written.
    pub origin: Origin,
}

/// The codes and names that are taken, each with where.
pub struct Known(BTreeMap<String, String>);

impl Known {
    /// Those of the rules that come with the program.
    pub fn new(built_in: &Registry) -> Known {
        let codes = built_in.iter().flat_map(|(_, rule)| [rule.info.code, rule.info.name]);
        let rules = codes.map(|name| (name, "it comes with claimlint"));
        let categories = RuleCategory::ALL.into_iter().map(|category| category.name());
        let categories = categories.map(|name| (name, "it is a category"));
        let all = rules.chain(categories).chain([("ALL", "it means all rules")]);
        Known(all.map(|(name, why)| (name.to_ascii_lowercase(), why.to_owned())).collect())
    }

    fn take(&mut self, key: &str, name: &str, origin: &Origin) -> Result<()> {
        let why = format!("a rule at {origin} has it");
        match self.0.insert(name.to_ascii_lowercase(), why) {
            Some(why) => Err(origin.error(format_args!("{key} `{name}` is taken: {why}"))),
            None => Ok(()),
        }
    }
}

/// Checks a rule of a layer.
pub fn check<'l>(
    layer: &'l Layer,
    key: String,
    raw: &'l RawRule,
    known: &mut Known,
) -> Result<Checked<'l>> {
    let at = |name: &str| layer.origin(&format!("{key}.{name}"));
    let needed = |name: &str, value: &Option<String>, most: usize| {
        one_line(name, value.as_deref(), most, &at(name))?.ok_or_else(|| {
            let error = layer.origin(&key).error(format_args!("a rule needs a {name}"));
            error.with_help("each has a code, a name, a title, fails-when and a message")
        })
    };
    let code = needed("code", &raw.code, NAME_CHARACTERS_MAX)?;
    refuse_code(&code, &at("code"))?;
    known.take("code", &code, &at("code"))?;
    let name = needed("name", &raw.name, NAME_CHARACTERS_MAX)?;
    refuse_name(&name, &at("name"))?;
    known.take("name", &name, &at("name"))?;
    let title = needed("title", &raw.title, TITLE_CHARACTERS_MAX)?;
    let message = needed("message", &raw.message, TEXT_CHARACTERS_MAX)?;
    for (name, value) in [("help", &raw.help), ("url", &raw.url), ("owner", &raw.owner)] {
        one_line(name, value.as_deref(), TEXT_CHARACTERS_MAX, &at(name))?;
    }
    refuse_url(raw.url.as_deref(), &at("url"))?;
    let scope = match raw.scope.unwrap_or(RuleScopeWord::Line) {
        RuleScopeWord::Line => SqlScope::Line,
        RuleScopeWord::Claim => SqlScope::Claim,
        RuleScopeWord::PatientDay => SqlScope::PatientDay,
    };
    if scope == SqlScope::Line && raw.lines_when.is_some() {
        let error = at("lines-when").error("lines-when: a rule for lines reports the line");
        return Err(error.with_help("leave it out, or set scope = \"claim\""));
    }
    let expression = |name: &str, value: &Option<String>| expression(name, value, &at(name));
    let written = Written {
        scope,
        fails_when: expression("fails-when", &raw.fails_when)?.ok_or_else(|| {
            let error = layer.origin(&key).error("a rule needs fails-when");
            error.with_help("write fails-when = \"charge > 10000\"")
        })?,
        applies_when: expression("applies-when", &raw.applies_when)?,
        lines_when: expression("lines-when", &raw.lines_when)?,
        message,
        fields: raw.fields.clone().unwrap_or_default(),
        effective: effective(raw, &at)?,
        payers: payers(raw, &at("payer"))?,
    };
    let category = category(raw, &at("category"))?;
    let tests = tests(raw, &at)?;
    Ok(Checked { layer, key, code, name, title, raw, category, written, tests })
}

impl<'l> Checked<'l> {
    /// Where a key of the rule was written.
    pub fn origin(&self, key: &str) -> Origin {
        self.layer.origin(&format!("{}.{key}", self.key))
    }

    /// Where a byte of a key's value was written.
    pub fn within(&self, key: &str, value: &str, at: usize) -> Origin {
        self.layer.origin_within(&format!("{}.{key}", self.key), value, at)
    }

    /// What the rule says of itself, and its tests.
    pub fn info(
        self,
        program: &'static Program,
        others: &'static [(Field, &'static str)],
    ) -> (RuleInfo, Vec<RuleTest>) {
        let text = |text: &Option<String>| -> &'static str {
            text.as_deref().unwrap_or_default().trim().to_owned().leak()
        };
        let file = self.layer.name();
        let doc = doc::of(self.raw, &self.title, &self.written, file);
        let fix = match text(&self.raw.help) {
            "" => format!("see what `claimlint rule {}` says of it", self.code).leak(),
            help => help,
        };
        let info = RuleInfo {
            code: self.code.leak(),
            name: self.name.leak(),
            title: self.title.leak(),
            fix,
            scope: match self.written.scope {
                SqlScope::Line => Scope::Line,
                SqlScope::Claim => Scope::Claim,
                SqlScope::PatientDay => Scope::Day,
            },
            category: self.category,
            severity: severity(self.raw.severity.unwrap_or(SeverityWord::Warning)),
            since: "",
            reads: &program.reads,
            needs: &program.needs,
            doc: doc.leak(),
            file: file.to_owned().leak(),
            own: Some(Own { url: text(&self.raw.url), owner: text(&self.raw.owner), others }),
        };
        (info, self.tests)
    }
}

/// A text without line breaks; nothing where it is not set.
fn one_line(
    name: &str,
    value: Option<&str>,
    characters_max: usize,
    origin: &Origin,
) -> Result<Option<String>> {
    let Some(value) = value.map(str::trim) else { return Ok(None) };
    let wrong = if value.is_empty() {
        "is empty".to_owned()
    } else if value.contains(char::is_control) {
        "has a line break or another control character".to_owned()
    } else if value.chars().count() > characters_max {
        format!("is longer than {characters_max} characters")
    } else {
        return Ok(Some(value.to_owned()));
    };
    Err(origin.error(format_args!("{name}: {wrong}")))
}

fn expression(name: &str, value: &Option<String>, origin: &Origin) -> Result<Option<String>> {
    let Some(value) = value else { return Ok(None) };
    let is_odd = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    let wrong = if value.trim().is_empty() {
        "is empty"
    } else if value.len() > EXPRESSION_BYTES_MAX {
        "is larger than 16 KiB"
    } else if value.contains(is_odd) {
        "has a control character"
    } else {
        return Ok(Some(value.clone()));
    };
    Err(origin.error(format_args!("{name}: {wrong}")))
}

/// `ORG` or `X`, up to five letters, three digits.
fn refuse_code(code: &str, origin: &Origin) -> Result<()> {
    let rest = code.strip_prefix("ORG").or_else(|| code.strip_prefix('X'));
    let (letters, digits) = rest
        .and_then(|rest| rest.split_at_checked(rest.len().saturating_sub(3)))
        .unwrap_or_default();
    let is_code = letters.len() <= 5
        && letters.bytes().all(|byte| byte.is_ascii_uppercase())
        && digits.len() == 3
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_code && !code.starts_with("X12") {
        return Ok(());
    }
    let error = origin.error(format_args!("`{code}` cannot be the code of a rule of your own"));
    Err(error.with_help(match is_code {
        true => "codes that begin with X12 are those of rules for X12",
        false => "write ORG or X, up to five further letters, and three digits: ORG001, XDENT001",
    }))
}

fn refuse_name(name: &str, origin: &Origin) -> Result<()> {
    let is_part = |part: &str| {
        let is_fine = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        !part.is_empty() && part.bytes().all(is_fine)
    };
    let begins = name.starts_with(|c: char| c.is_ascii_lowercase());
    if begins && name.split('-').all(is_part) {
        return Ok(());
    }
    let error = origin.error(format_args!("`{name}` cannot be the name of a rule"));
    Err(error.with_help("write lower-case words with hyphens: telehealth-without-modifier"))
}

/// The address becomes a link in reports.
fn refuse_url(url: Option<&str>, origin: &Origin) -> Result<()> {
    let Some(url) = url.map(str::trim) else { return Ok(()) };
    let is_link = ["https://", "http://"].iter().any(|begin| url.starts_with(begin));
    let is_plain = url.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'<' | b'>'));
    if is_link && is_plain {
        return Ok(());
    }
    let error = origin.error("url: is no address");
    Err(error.with_help("write it whole: https://example.org/policies/telehealth"))
}

fn category(raw: &RawRule, origin: &Origin) -> Result<RuleCategory> {
    let Some(name) = raw.category.as_deref() else { return Ok(RuleCategory::Policy) };
    RuleCategory::from_name(name).ok_or_else(|| {
        let known = RuleCategory::ALL.map(RuleCategory::name);
        suggest(origin.error(format_args!("unknown category `{name}`")), name, &known)
    })
}

/// The days on which the rule holds.
fn effective(raw: &RawRule, at: &dyn Fn(&str) -> Origin) -> Result<(Option<Date>, Option<Date>)> {
    let Some(effective) = &raw.effective else { return Ok((None, None)) };
    let day = |name: &str, written: &Option<String>| match written.as_deref() {
        None => Ok(None),
        Some(text) => match Date::parse(text.trim().as_bytes()) {
            Cell::Value(day) => Ok(Some(day)),
            Cell::Missing | Cell::Malformed => {
                let error = at(&format!("effective.{name}"));
                let error = error.error(format_args!("effective: {name}: expected a day"));
                Err(error.with_help("write it as \"2025-12-31\""))
            }
        },
    };
    let days = (day("from", &effective.from)?, day("to", &effective.to)?);
    match days {
        (None, None) => {
            let error = at("effective").error("effective: has neither from nor to");
            Err(error.with_help("write effective = { from = \"2025-01-01\" }"))
        }
        (Some(from), Some(to)) if to < from => {
            Err(at("effective").error("effective: to is before from"))
        }
        days => Ok(days),
    }
}

fn payers(raw: &RawRule, origin: &Origin) -> Result<Vec<String>> {
    let Some(payers) = raw.payer.as_ref().map(OneOrMany::list) else { return Ok(Vec::new()) };
    if payers.is_empty() || payers.iter().any(|payer| payer.trim().is_empty()) {
        return Err(origin.error("payer: a payer needs a name"));
    }
    if payers.len() > PAYERS_MAX {
        return Err(origin.error(format_args!("payer: more than {PAYERS_MAX} payers")));
    }
    Ok(payers.iter().map(|payer| payer.trim().to_owned()).collect())
}

fn tests(raw: &RawRule, at: &dyn Fn(&str) -> Origin) -> Result<Vec<RuleTest>> {
    let mut tests = Vec::new();
    for (number, written) in raw.tests.iter().flatten().enumerate() {
        let origin = at(&format!("test.{number}"));
        let lacks = |what: &str| -> Error {
            let error = origin.error(format_args!("a test needs {what}"));
            error.with_help("write lines = [{ units = \"2\" }] and expect = \"fail\"")
        };
        let lines = written.lines.as_deref().filter(|lines| !lines.is_empty());
        let lines = lines.ok_or_else(|| lacks("lines"))?.iter().map(|line| {
            let cells = line.iter().map(|(name, cell)| (name.clone(), cell.text()));
            cells.collect()
        });
        tests.push(RuleTest {
            name: written.name.clone().unwrap_or_else(|| format!("test {}", number + 1)),
            lines: lines.collect(),
            expect: written.expect.ok_or_else(|| lacks("expect"))?,
            reports: reports(written, &origin)?,
            origin,
        });
    }
    Ok(tests)
}

/// The lines that a test says are reported.
fn reports(written: &RawRuleTest, origin: &Origin) -> Result<Option<Vec<u64>>> {
    let Some(reports) = &written.reports else { return Ok(None) };
    let lines = written.lines.as_ref().map_or(0, Vec::len) as u64;
    if written.expect != Some(ExpectWord::Fail) || reports.is_empty() {
        let error = origin.error("reports: goes with expect = \"fail\" and names a line");
        return Err(error.with_help("write reports = [1] for the first line"));
    }
    match reports.iter().find(|line| !(1..=lines).contains(*line)) {
        Some(line) => Err(origin.error(format_args!("reports: the test has no line {line}"))),
        None => Ok(Some(reports.clone())),
    }
}

impl RawCell {
    /// The cell as an export has it.
    pub fn text(&self) -> String {
        match self {
            RawCell::Number(number) => number.to_string(),
            RawCell::Text(text) => text.clone(),
        }
    }
}
