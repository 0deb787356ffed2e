//! What `claimlint rule` and the reports say of a rule of the user's, in Markdown like that of the
//! others.

use std::fmt::Write as _;

use crate::config::raw::RawRule;
use crate::lint::sql::Written;
use crate::model::Date;

/// The documentation of a rule. Each line begins with a blank, as those of a doc comment do.
pub fn of(raw: &RawRule, title: &str, written: &Written, file: &str) -> String {
    let mut text = format!("## What it checks\n{}\n\n## When it fails\n", sentence(title));
    fenced(&mut text, "sql", &written.fails_when);
    let further = [
        ("It looks only where:", &written.applies_when),
        ("Of a failing group it reports the lines where:", &written.lines_when),
    ];
    for (said, expression) in further {
        if let Some(expression) = expression {
            // Writing into a String cannot fail, here and below.
            let _ = write!(text, "\n{said}\n\n");
            fenced(&mut text, "sql", expression);
        }
    }
    let _ = write!(text, "\n## What a finding says\n");
    fenced(&mut text, "text", &written.message);
    if !written.fields.is_empty() {
        let _ = write!(text, "\nIt points at {}.\n", written.fields.join(", "));
    }
    if let Some(days) = days(written.effective) {
        let _ = write!(text, "\n## When it holds\n{days}\n");
    }
    if !written.payers.is_empty() {
        let _ = write!(text, "\n## For whom\nPayers: {}.\n", written.payers.join(", "));
    }
    if let Some(help) = &raw.help {
        let _ = write!(text, "\n## How to fix\n{}\n", sentence(help));
    }
    let _ = write!(text, "\n## Source\nA rule of your own, in {file}.");
    if let Some(owner) = &raw.owner {
        let _ = write!(text, " Owner: {}.", owner.trim());
    }
    if let Some(url) = &raw.url {
        let _ = write!(text, "\n\n<{}>", url.trim());
    }
    text.lines().map(|line| format!(" {line}\n")).collect()
}

fn fenced(text: &mut String, language: &str, expression: &str) {
    // More backticks than the expression has in a row.
    let runs = expression.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(3.max(runs + 1));
    let _ = write!(text, "{fence}{language}\n{}\n{fence}\n", expression.trim());
}

/// With a capital letter and a full stop.
fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut characters = text.chars();
    let first: String = characters.next().into_iter().flat_map(char::to_uppercase).collect();
    let stop = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{stop}", characters.as_str())
}

fn days(effective: (Option<Date>, Option<Date>)) -> Option<String> {
    match effective {
        (None, None) => None,
        (Some(from), None) => Some(format!("For services from {from} on.")),
        (None, Some(to)) => Some(format!("For services up to {to}.")),
        (Some(from), Some(to)) => Some(format!("For services from {from} to {to}.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::sql::SqlScope;

    #[test]
    fn a_rule_is_documented_like_the_others() {
        let raw = RawRule {
            help: Some("add it".to_owned()),
            url: Some("https://example.org/p".to_owned()),
            owner: Some("Billing".to_owned()),
            ..RawRule::default()
        };
        let day = |text: &str| Date::parse(text.as_bytes()).value();
        let written = Written {
            scope: SqlScope::Claim,
            fails_when: "a = 1\n  OR b".to_owned(),
            applies_when: None,
            lines_when: Some("c = '````'".to_owned()),
            message: "{units} units".to_owned(),
            fields: vec!["units".to_owned()],
            effective: (day("2025-01-01"), day("2025-12-31")),
            payers: vec!["ACME".to_owned(), "B".to_owned()],
        };
        let want = [
            "## What it checks",
            "Too many.",
            "",
            "## When it fails",
            "```sql",
            "a = 1",
            "  OR b",
            "```",
            "",
            "Of a failing group it reports the lines where:",
            "",
            "`````sql",
            "c = '````'",
            "`````",
            "",
            "## What a finding says",
            "```text",
            "{units} units",
            "```",
            "",
            "It points at units.",
            "",
            "## When it holds",
            "For services from 2025-01-01 to 2025-12-31.",
            "",
            "## For whom",
            "Payers: ACME, B.",
            "",
            "## How to fix",
            "Add it.",
            "",
            "## Source",
            "A rule of your own, in r.toml. Owner: Billing.",
            "",
            "<https://example.org/p>",
        ];
        let want: String = want.iter().map(|line| format!(" {line}\n")).collect();
        assert_eq!(of(&raw, "too many", &written, "r.toml"), want);
    }
}
