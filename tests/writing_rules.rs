//! What `docs/WRITING_RULES.md` shows is what the program does, and what it lists is all there is.
//!
//! | block | what is done with it |
//! |---|---|
//! | `toml FILE`, `csv FILE` | written into a folder, in the order of the page |
//! | `console rules` | each `$ …` is run there; what is shown must be said |
//! | `sql line`, `sql claim` | each line is the condition of a rule of that scope, and loads |
//! | `sql refused line`, … | each line is refused, with what stands behind `--` |

#![cfg(feature = "polars")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::indexing_slicing, clippy::string_slice, reason = "a test fails by panicking")]

#[path = "common/program.rs"]
mod program;
#[path = "common/shown.rs"]
mod shown;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use claimlint::lint::registry::RULES_MAX;
use claimlint::lint::sql::check::calls::FUNCTIONS;
use claimlint::lint::sql::slots::Slot;
use claimlint::model::Field;
use claimlint::pipeline::pool_streams::POOL_CHECKS_MAX;
use program::Folder;
use shown::{blocks_of, compare, shown};

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/WRITING_RULES.md")
}

#[test]
fn files_and_commands_do_what_is_shown() {
    let folder = Folder::new();
    let programs = Path::new(env!("CARGO_BIN_EXE_claimlint")).parent().unwrap().display();
    let path = format!("{programs}:/usr/bin:/bin");
    let (mut files, mut commands) = (0, 0);
    for block in blocks_of("WRITING_RULES.md", &fs::read_to_string(page()).unwrap()) {
        match block.language.split(' ').collect::<Vec<_>>().as_slice() {
            ["toml" | "csv", name] => {
                folder.write(name, block.lines.join("\n") + "\n");
                files += 1;
            }
            ["console", "rules"] => {
                for shown in shown(&block) {
                    compare(&block.place, &shown, &folder.path(""), &path);
                    commands += 1;
                }
            }
            ["sql", ..] => {}
            other => panic!("{}: nothing is done with a block in {other:?}", block.place),
        }
    }
    assert!(files > 5 && commands > 5, "{files} files, {commands} commands");
}

/// A rule with this condition.
fn rule(scope: &str, condition: &str) -> String {
    format!(
        "[[rule]]\ncode = \"ORG001\"\nname = \"shown\"\ntitle = \"Shown\"\nmessage = \"shown\"\n\
         scope = \"{scope}\"\nfails-when = '''{condition} '''\n"
    )
}

#[test]
fn conditions_load_or_are_refused_as_shown() {
    let folder = Folder::new();
    let (mut loaded, mut refused) = (0, 0);
    for block in blocks_of("WRITING_RULES.md", &fs::read_to_string(page()).unwrap()) {
        let words: Vec<&str> = block.language.split(' ').collect();
        for line in &block.lines {
            match words.as_slice() {
                ["sql", "refused", scope] => {
                    let (condition, said) = line.split_once(" -- ").expect(line);
                    folder.write("r.toml", rule(scope, condition));
                    let ended = folder.run(&["rules", "--isolated", "--rules", "r.toml"]);
                    let told = format!(": fails-when: {said}");
                    assert!(ended.exit == 2 && ended.stderr.contains(&told), "{line}\n{ended:?}");
                    refused += 1;
                }
                ["sql", scope] => {
                    folder.write("r.toml", rule(scope, line));
                    let ended = folder.run(&["rules", "--isolated", "--rules", "r.toml"]);
                    assert_eq!(ended.exit, 0, "{line}\n{ended:?}");
                    loaded += 1;
                }
                _ => {}
            }
        }
    }
    assert!(loaded > 10 && refused > 10, "{loaded} load, {refused} are refused");
}

/// The table of fields, as the page has it.
fn fields() -> String {
    let mut text = "| field | kind | what it says |\n|---|---|---|\n".to_owned();
    for field in Field::ALL {
        let kind = Slot::of(*field).kind().name();
        let kind = kind.strip_prefix("a ").unwrap_or(kind);
        let private = if field.is_private() { " (private)" } else { "" };
        writeln!(text, "| `{}` | {kind} | {}{private} |", field.name(), field.meaning()).unwrap();
    }
    text
}

/// The table of columns that are derived, as the page has it.
fn derived() -> String {
    let mut text = "| column | what it says |\n|---|---|\n".to_owned();
    for (name, meaning) in Slot::derived() {
        writeln!(text, "| `{name}` | {meaning} |").unwrap();
    }
    text
}

/// The page with a text between two marks.
fn with(page: &str, mark: &str, text: &str) -> String {
    let (open, close) = (format!("<!-- {mark} -->\n"), format!("<!-- /{mark} -->"));
    let (before, rest) = page.split_once(&open).expect(mark);
    let (_, after) = rest.split_once(&close).expect(mark);
    format!("{before}{open}{text}{close}{after}")
}

#[test]
fn the_page_lists_every_column() {
    let old = fs::read_to_string(page()).unwrap();
    let new = with(&with(&old, "fields", &fields()), "derived", &derived());
    if old != new {
        if std::env::var_os("CI").is_none() {
            fs::write(page(), new).unwrap();
        }
        panic!("docs/WRITING_RULES.md is not current; it is now, unless this is a build machine");
    }
}

#[test]
fn the_page_knows_the_limits() {
    let page = fs::read_to_string(page()).unwrap();
    let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
    let rules = RULES_MAX - claimlint::rules::ALL.len();
    let (groups, columns) = (POOL_CHECKS_MAX, Field::OTHERS.len());
    for limit in [
        format!("at most {rules} rules of your own"),
        format!("{groups} of them about claims and {groups} about days"),
        format!("{columns} columns named by their header"),
    ] {
        assert!(page.contains(&limit), "docs/WRITING_RULES.md does not say: {limit}");
    }
}

#[test]
fn the_page_lists_every_function() {
    let page = fs::read_to_string(page()).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let first = rows.filter_map(|row| row.split(" | ").next());
    let mut listed = BTreeSet::new();
    for (at, _) in first.clone().flat_map(|cell| cell.match_indices('(').map(move |_| (cell, 0))) {
        let words = at.split('(').map(|before| before.rsplit(['`', ' ', ',']).next().unwrap_or(""));
        listed.extend(words.filter(|word| !word.is_empty()).map(str::to_owned));
    }
    listed.extend(page.contains("`BOOL_OR` is `ANY`").then(|| "BOOL_OR".to_owned()));
    let missing: Vec<&str> = FUNCTIONS.into_iter().filter(|name| !listed.contains(*name)).collect();
    assert!(missing.is_empty(), "docs/WRITING_RULES.md has no row for {missing:?}");
}
