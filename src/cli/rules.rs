//! `claimlint rule` and `claimlint rules`: what rules say of themselves, and which are in force.

use std::fmt::Write as _;

use serde_json::json;

use crate::cli::args::{RuleArgs, RuleFormat, RulesArgs};
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::{amounts, flags, streams};
use crate::config::{Layer, Loaded};
use crate::error::{Error, Result, nearest};
use crate::lint::registry::Registry;
use crate::model::{Field, RuleInfo};

/// Explains one rule, or all.
pub fn rule(args: &RuleArgs, context: &Context) -> Result<Exit> {
    let built_in = args.code.as_deref().and_then(|code| context.registry.find(code));
    let chosen: Vec<&RuleInfo> = match (built_in, &args.code) {
        // Said even where the configuration has a mistake in it.
        (Some((_, rule)), _) => vec![&rule.info],
        (None, code) => {
            let registry = context.load(Layer::default())?.registry;
            match code {
                Some(code) => vec![find(code, &registry)?],
                None => registry.iter().map(|(_, rule)| &rule.info).collect(),
            }
        }
    };
    let text = match args.output_format {
        RuleFormat::Text => joined(&chosen, plain),
        RuleFormat::Markdown => joined(&chosen, markdown),
        RuleFormat::Json => {
            let all: Vec<serde_json::Value> = chosen.iter().map(|info| as_json(info)).collect();
            format!("{:#}\n", serde_json::Value::from(all))
        }
    };
    streams::print(&text)?;
    Ok(Exit::Clean)
}

fn find(code: &str, registry: &Registry) -> Result<&'static RuleInfo> {
    if let Some((_, rule)) = registry.find(code) {
        return Ok(&rule.info);
    }
    let error = Error::settings(format!("no rule is called `{code}`"));
    let names = registry.iter().flat_map(|(_, rule)| [rule.info.code, rule.info.name]);
    let near = nearest(&code.to_ascii_uppercase(), names.clone())
        .or_else(|| nearest(&code.to_ascii_lowercase(), names));
    Err(match near {
        Some(name) => error.with_help(format!("did you mean `{name}`?")),
        None => error.with_help("`claimlint rules` lists the rules"),
    })
}

fn joined(chosen: &[&RuleInfo], render: fn(&RuleInfo) -> String) -> String {
    let texts: Vec<String> = chosen.iter().map(|info| render(info)).collect();
    texts.join("\n")
}

/// The documentation without the blank that a doc comment begins each line with.
fn doc(info: &RuleInfo) -> String {
    let lines = info.doc.lines().map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end());
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

fn names(info: &RuleInfo, fields: &[Field]) -> String {
    let names: Vec<&str> = fields.iter().map(|field| info.name_of(*field)).collect();
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

/// What stands above the documentation: one line for each fact.
fn facts(info: &RuleInfo) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("severity", info.severity.name().to_owned()),
        ("category", info.category.name().to_owned()),
        ("looks at", info.scope.name().to_owned()),
        ("needs", names(info, info.needs)),
        ("fix", info.fix.to_owned()),
    ];
    if info.own.is_none() {
        facts.push(("since", info.since.to_owned()));
    }
    facts
}

fn markdown(info: &RuleInfo) -> String {
    let mut text = format!("# {} {}\n\n{}\n\n", info.code, info.name, info.title);
    for (name, fact) in facts(info) {
        // Writing into a String cannot fail, here and below.
        let _ = writeln!(text, "- {name}: {fact}");
    }
    let _ = write!(text, "\n{}\n", doc(info));
    text
}

/// Headings in capitals, fences left out, what they hold indented; the rest as it is.
fn plain(info: &RuleInfo) -> String {
    let mut text = format!("{} {}\n{}\n\n", info.code, info.name, info.title);
    for (name, fact) in facts(info) {
        let _ = writeln!(text, "  {name:9} {fact}");
    }
    text.push('\n');
    let mut fenced = false;
    for line in doc(info).lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if fenced {
            let _ = writeln!(text, "    {line}");
        } else if line.starts_with('#') {
            let _ = writeln!(text, "{}", line.trim_start_matches('#').trim().to_uppercase());
        } else {
            let _ = writeln!(text, "{line}");
        }
    }
    text
}

fn as_json(info: &RuleInfo) -> serde_json::Value {
    let name = |field: &Field| info.name_of(*field);
    let names = |fields: &[Field]| fields.iter().map(name).collect::<Vec<_>>();
    let mut document = json!({
        "code": info.code,
        "name": info.name,
        "title": info.title,
        "severity": info.severity.name(),
        "category": info.category.name(),
        "scope": info.scope.name(),
        "since": info.since,
        "reads": names(info.reads),
        "needs": names(info.needs),
        "fix": info.fix,
        "doc": doc(info),
    });
    if let (Some(own), Some(document)) = (&info.own, document.as_object_mut()) {
        document.remove("since");
        let own = json!({ "file": info.file, "owner": own.owner, "url": own.url });
        document.insert("own".to_owned(), own);
    }
    document
}

/// Lists the rules in force.
pub fn rules(args: &RulesArgs, context: &Context) -> Result<Exit> {
    let loaded = context.load(flags::rule_layer(&args.rules))?;
    streams::print(&table(&loaded))?;
    Ok(Exit::Clean)
}

/// The rules in force with where their severity comes from; then those that are not, and why.
fn table(loaded: &Loaded) -> String {
    let registry = &loaded.registry;
    let mut text = String::new();
    let width = registry.iter().map(|(_, rule)| rule.info.name.len()).max().unwrap_or(0);
    let mut running = 0;
    let mut off = String::new();
    for (((_, rule), setting), origin) in
        registry.iter().zip(&loaded.settings.rules).zip(&loaded.rules)
    {
        let (code, name) = (rule.info.code, rule.info.name);
        if !setting.enabled {
            let _ = writeln!(off, "{code:8} off       {name:width$}  {}", origin.enabled);
            continue;
        }
        running += 1;
        let mut from = vec![origin.severity.as_str()];
        if origin.enabled != origin.severity && origin.enabled != "built in" {
            from.push(&origin.enabled);
        }
        if !setting.options.is_empty() && !from.contains(&setting.origin.as_str()) {
            from.push(&setting.origin);
        }
        let severity = setting.severity.name();
        let _ = writeln!(text, "{code:8} {severity:8}  {name:width$}  {}", from.join(", "));
    }
    let all = amounts::counted(registry.len() as u64, "rule");
    let own = registry.iter().filter(|(_, rule)| rule.info.own.is_some()).count();
    let own = match own {
        0 => String::new(),
        own => format!("; {} of your own", amounts::counted(own as u64, "rule")),
    };
    format!("{text}{off}\n{} of {all} in force{own}\n", amounts::count(running))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{RuleCategory, Scope, Severity};

    static INFO: RuleInfo = RuleInfo {
        code: "CLM001",
        name: "missing-claim-id",
        title: "Missing claim id",
        fix: "ask for an export with claim ids",
        scope: Scope::Line,
        category: RuleCategory::Claim,
        severity: Severity::Error,
        since: "0.1.0",
        reads: &[Field::ClaimId],
        needs: &[],
        doc: " ## What it checks\n Lines.\n\n ```csv\n a,b\n ```\n",
        file: "x.rs",
        own: None,
    };

    #[test]
    fn a_rule_is_explained_in_three_forms() {
        let text = plain(&INFO);
        assert!(
            text.starts_with("CLM001 missing-claim-id\nMissing claim id\n\n  severity  error\n")
        );
        assert!(text.ends_with("\nWHAT IT CHECKS\nLines.\n\n    a,b\n"), "{text}");
        assert!(markdown(&INFO).ends_with("\n## What it checks\nLines.\n\n```csv\na,b\n```\n"));
        assert_eq!(as_json(&INFO)["reads"], json!(["claim_id"]));
    }
}
