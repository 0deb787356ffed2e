//! `claimlint rule` and `claimlint rules`: what rules say of themselves, and which are in force.

use std::fmt::Write as _;

use serde_json::json;

use crate::cli::args::{RuleArgs, RuleFormat, RulesArgs};
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::{amounts, flags, streams};
use crate::config::Loaded;
use crate::error::{Error, Result, nearest};
use crate::lint::registry::Registry;
use crate::model::{Field, RuleInfo};

/// Explains one rule, or all.
pub fn rule(args: &RuleArgs, context: &Context) -> Result<Exit> {
    let chosen: Vec<&RuleInfo> = match &args.code {
        Some(code) => vec![find(code, &context.registry)?],
        None => context.registry.iter().map(|(_, rule)| &rule.info).collect(),
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

fn names(fields: &[Field]) -> String {
    let names: Vec<&str> = fields.iter().map(|field| field.name()).collect();
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

/// What stands above the documentation: one line for each fact.
fn facts(info: &RuleInfo) -> [(&'static str, String); 6] {
    [
        ("severity", info.severity.name().to_owned()),
        ("category", info.category.name().to_owned()),
        ("looks at", info.scope.name().to_owned()),
        ("needs", names(info.needs)),
        ("fix", info.fix.to_owned()),
        ("since", info.since.to_owned()),
    ]
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
    let names = |fields: &[Field]| fields.iter().map(|field| field.name()).collect::<Vec<_>>();
    json!({
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
    })
}

/// Lists the rules in force.
pub fn rules(args: &RulesArgs, context: &Context) -> Result<Exit> {
    let loaded = context.load(flags::rule_layer(&args.rules))?;
    streams::print(&table(&loaded, &context.registry))?;
    Ok(Exit::Clean)
}

/// The rules in force with where their severity comes from; then those that are not, and why.
fn table(loaded: &Loaded, registry: &Registry) -> String {
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
    format!("{text}{off}\n{} of {all} in force\n", amounts::count(running))
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
