//! Rules of the user's own: `[[rule]]` and `[tables.NAME]` of every layer, checked and compiled.
//!
//! | file | what it does |
//! |---|---|
//! | [`raw`] | the keys as they are written |
//! | [`files`] | rule files, each a layer of its own |
//! | [`names`] | the columns that expressions name by their header |
//! | [`rule`] | what is checked of one rule, but for its SQL |
//! | [`tables`] | tables that rules look things up in |
//! | [`doc`] | what `claimlint rule` says of it |

pub mod doc;
pub mod files;
pub mod names;
pub mod raw;
pub mod rule;
pub mod tables;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::layers::Layer;
use crate::config::origin::Origin;
use crate::config::own::names::{Columns, quoted, quoted_in_message};
use crate::config::own::rule::{Checked, Known};
use crate::error::{Error, Result};
use crate::lint::registry::{RULES_MAX, Registry};
use crate::lint::sql::{Mistake, Names, Program};
use crate::lint::{Build, Rule};
use crate::model::{Field, RuleInfo};
use crate::report::run::directory::hexadecimal_of;

pub use rule::RuleTest;

/// Rules of the user's, beside those that come with the program.
#[derive(Debug)]
pub struct Own {
    /// All rules there are.
    pub registry: Registry,
    /// The columns that only rules of the user's read, by header name.
    pub others: Vec<(Field, String)>,
    /// The user's tables by name, each with the SHA-256 of its file.
    pub tables: Vec<(String, String)>,
    /// The tests of each rule of the user's that has any, by its code.
    pub tests: Vec<(&'static str, Vec<RuleTest>)>,
}

/// Checks and compiles the rules of every layer.
///
/// # Errors
/// What is wrong with a rule or a table, with the place in the file.
pub(in crate::config) fn own(layers: &[Layer], built_in: &Registry) -> Result<Own> {
    let mut rules = checked(layers, built_in)?;
    // What is made of rules must not depend on which file named which file.
    rules.sort_by(|a, b| a.code.cmp(&b.code));
    let (tables, digests) = read_tables(layers)?;
    let mut columns = Columns::default();
    for rule in &rules {
        note_columns(rule, &mut columns)?;
    }
    let names = Names { others: columns.fields, tables };
    let mut own =
        Own { registry: *built_in, others: columns.headers, tables: digests, tests: Vec::new() };
    let mut compiled: Vec<&'static Rule> = Vec::new();
    for rule in rules {
        let program = Program::compile(&rule.written, &names).map_err(|m| explain(&rule, m))?;
        let (made, tests) = make(rule, program, &own.others);
        compiled.push(made);
        own.tests.extend((!tests.is_empty()).then_some((made.info.code, tests)));
    }
    if !compiled.is_empty() {
        own.registry = built_in.with(compiled);
    }
    Ok(own)
}

/// The rules of every layer with all but their SQL checked.
fn checked<'l>(layers: &'l [Layer], built_in: &Registry) -> Result<Vec<Checked<'l>>> {
    let mut known = Known::new(built_in);
    let mut rules: Vec<Checked<'l>> = Vec::new();
    for layer in layers {
        for (at, written) in layer.raw.own_rules.iter().flatten().enumerate() {
            let key = format!("rule.{at}");
            if built_in.len() + rules.len() >= RULES_MAX {
                let most = RULES_MAX - built_in.len();
                let error = layer.origin(&key);
                return Err(error.error(format_args!("more than {most} rules of your own")));
            }
            rules.push(rule::check(layer, key, written, &mut known)?);
        }
    }
    Ok(rules)
}

/// Tables by name, and the digest of each.
type Tables = (BTreeMap<String, Arc<crate::lint::sql::Table>>, Vec<(String, String)>);

fn read_tables(layers: &[Layer]) -> Result<Tables> {
    let mut all: BTreeMap<String, (Arc<crate::lint::sql::Table>, String, Origin)> = BTreeMap::new();
    for layer in layers {
        for (name, written) in layer.raw.tables.iter().flatten() {
            let key = format!("tables.{name}");
            let origin = layer.origin(&key);
            refuse_table_name(name, &origin)?;
            if let Some((_, _, first)) = all.get(name) {
                let what = format_args!("a second table `{name}`, the first is at {first}");
                return Err(origin.error(what));
            }
            let Some(file) = written.file.as_deref().filter(|file| !file.trim().is_empty()) else {
                let error = origin.error("a table needs a file");
                return Err(error.with_help("write file = \"fees.csv\""));
            };
            let at = layer.origin(&format!("{key}.file"));
            let blame = |error: Error| at.blame(&error.in_place(file));
            let text = tables::read(&layer.beside(file)).map_err(blame)?;
            let table = tables::parse(&text, written).map_err(blame)?;
            let digest = hexadecimal_of(text.as_bytes());
            all.insert(name.clone(), (Arc::new(table), digest, origin));
        }
    }
    let digests = all.iter().map(|(name, (_, digest, _))| (name.clone(), digest.clone())).collect();
    let tables = all.into_iter().map(|(name, (table, _, _))| (name, table)).collect();
    Ok((tables, digests))
}

/// A table's name stands in expressions: `tables.fees`.
fn refuse_table_name(name: &str, origin: &Origin) -> Result<()> {
    const CHARACTERS_MAX: usize = 64;
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let begins = name.starts_with(|c: char| c.is_ascii_lowercase());
    if begins && name.chars().all(is_part) && name.len() <= CHARACTERS_MAX {
        return Ok(());
    }
    let error = origin.error(format_args!("`{name}` cannot be the name of a table"));
    Err(error.with_help("a name has lower-case letters, digits and _, and begins with a letter"))
}

/// Takes note of the columns that a rule names by their header.
fn note_columns(rule: &Checked<'_>, columns: &mut Columns) -> Result<()> {
    let written = &rule.written;
    let texts = [
        ("fails-when", Some(&written.fails_when), quoted as fn(&str) -> Vec<(usize, String)>),
        ("applies-when", written.applies_when.as_ref(), quoted),
        ("lines-when", written.lines_when.as_ref(), quoted),
        ("message", Some(&written.message), quoted_in_message),
    ];
    for (key, text, find) in texts {
        let Some(text) = text else { continue };
        for (at, name) in find(text) {
            columns.note(&name, &rule.within(key, text, at))?;
        }
    }
    Ok(())
}

/// A mistake as an error that names its place in the file.
fn explain(rule: &Checked<'_>, mistake: Mistake) -> Error {
    let written = &rule.written;
    let value = match mistake.key {
        "fails-when" => Some(&written.fails_when),
        "applies-when" => written.applies_when.as_ref(),
        "lines-when" => written.lines_when.as_ref(),
        "message" => Some(&written.message),
        _ => None,
    };
    let origin = match value {
        Some(value) => rule.within(mistake.key, value, mistake.at),
        None => rule.origin(mistake.key),
    };
    let error = origin.error(format_args!("{}: {}", mistake.key, mistake.message));
    match mistake.help {
        Some(help) => error.with_help(help),
        None => error,
    }
}

/// A rule as all others are. It is never given back: like those that are compiled in, it lives as
/// long as the program, which reads its configuration once.
fn make(
    rule: Checked<'_>,
    program: Program,
    others: &[(Field, String)],
) -> (&'static Rule, Vec<RuleTest>) {
    let program: &'static Program = Box::leak(Box::new(program));
    let own = others.iter().filter(|(field, _)| program.reads.contains(field));
    let own = own.map(|(field, name)| (*field, &*name.clone().leak())).collect::<Vec<_>>();
    let (info, tests) = rule.info(program, own.leak());
    let info: RuleInfo = info;
    (Box::leak(Box::new(Rule { info, build: Build::Sql(program) })), tests)
}
