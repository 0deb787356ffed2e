//! Floors: a room of the crate uses only lower floors, and foreign crates only where they belong.

use crate::none;
use crate::source::{Source, line_of, root, rust_files, word_positions};

/// The rooms with their floors. A room on floor 3 may use floors 0 to 2, and nothing else on 3.
const ROOMS: [(&str, u8); 12] = [
    ("error", 0),
    ("model", 1),
    ("reference", 2),
    ("intake", 3),
    ("lint", 3),
    ("input", 3),
    ("exchange", 3),
    ("report", 3),
    ("rules", 4),
    ("config", 4),
    ("pipeline", 5),
    ("cli", 6),
];

/// Names at the root of the crate that are not rooms, and the room they belong to.
const AT_THE_ROOT: [(&str, &str); 1] = [("declare_rule", "lint")];

/// `main.rs` and `lib.rs` name every room; that is what they are for.
const EXEMPT: [&str; 2] = ["src/main.rs", "src/lib.rs"];

/// Foreign crates and where they may be used: a room, a folder of one, or a file.
const FOREIGN: [(&str, &[&str]); 29] = [
    ("askama", &["report"]),
    ("calamine", &["intake"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("csv", &["rules", "intake", "config/own/tables.rs"]),
    ("encoding_rs", &["input", "intake"]),
    ("flate2", &["input", "intake"]),
    ("glob", &["pipeline", "cli"]),
    ("hmac", &["model/private.rs"]),
    ("indicatif", &["cli"]),
    ("memchr", &["input"]),
    (
        "polars_arrow",
        &["input/parquet/arrays.rs", "input/parquet/short.rs", "report/parquet.rs", "lint/sql/"],
    ),
    ("polars_compute", &["lint/sql/eval/compare.rs"]),
    ("polars_parquet", &["input/parquet/arrays.rs", "input/parquet/delta.rs", "report/parquet.rs"]),
    ("rayon", &["pipeline"]),
    ("regex", &["lint/sql/"]),
    ("rust_xlsxwriter", &["report/xlsx/book.rs"]),
    ("rustix", &["report/run/directory.rs"]),
    ("schemars", &["config", "rules/embedded.rs"]),
    ("serde", &["config", "reference", "report", "rules", "cli"]),
    ("serde_json", &["reference", "report", "config", "cli"]),
    ("sha2", &["intake", "input/hashed.rs", "model/private.rs", "report"]),
    ("signal_hook", &["cli"]),
    ("strsim", &["error", "input"]),
    ("tempfile", &["exchange", "reference", "report"]),
    ("toml", &["config", "rules/embedded.rs"]),
    ("xxhash_rust", &["exchange", "reference", "report", "input"]),
    ("zstd", &["input"]),
];

/// The room that a file of `src/` belongs to.
fn room(path: &str) -> &str {
    let inside = path.strip_prefix("src/").unwrap_or(path);
    let first = inside.split('/').next().unwrap_or(inside);
    first.strip_suffix(".rs").unwrap_or(first)
}

fn floor(room: &str) -> Option<u8> {
    ROOMS.iter().find(|(name, _)| *name == room).map(|(_, floor)| *floor)
}

/// What is wrong with the rooms that a file uses.
fn room_complaints(source: &Source) -> Vec<String> {
    if EXEMPT.contains(&source.path.as_str()) {
        return Vec::new();
    }
    let own = room(&source.path);
    let Some(own_floor) = floor(own) else {
        return vec![format!(
            "{}: the room `{own}` has no floor; give it one in ROOMS of tests/tidy/floors.rs",
            source.path
        )];
    };
    let mut complaints = Vec::new();
    for (line, used) in used_rooms(&source.code) {
        let place = format!("{}:{line}", source.path);
        let owner = AT_THE_ROOT.iter().find(|(name, _)| *name == used).map(|(_, owner)| *owner);
        match floor(owner.unwrap_or(&used)) {
            None => complaints.push(format!(
                "{place}: `crate::{used}` is no room; name the room that it lives in"
            )),
            Some(_) if owner.unwrap_or(&used) == own => {}
            Some(floor) if floor < own_floor => {}
            Some(floor) => complaints.push(format!(
                "{place}: `{own}` is on floor {own_floor} and may not use `{used}` on floor \
                 {floor}; move what is shared to a lower floor"
            )),
        }
    }
    for at in source.code.match_indices("super::super").map(|(at, _)| at) {
        complaints.push(format!(
            "{}:{}: write `crate::…` instead of `super::super`, so that the floor can be seen",
            source.path,
            line_of(&source.code, at)
        ));
    }
    complaints
}

/// The names after `crate::` with their lines, groups in braces taken apart.
fn used_rooms(code: &str) -> Vec<(usize, String)> {
    let mut used = Vec::new();
    for at in word_positions(code, "crate") {
        let Some(rest) = code[at + "crate".len()..].strip_prefix("::") else { continue };
        let names = match rest.strip_prefix('{') {
            Some(group) => group_heads(group),
            None => vec![head(rest)],
        };
        used.extend(names.into_iter().map(|name| (line_of(code, at), name)));
    }
    used
}

/// The first name of a path.
fn head(path: &str) -> String {
    path.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// The first names of the paths in a group, up to its closing brace.
fn group_heads(group: &str) -> Vec<String> {
    let (mut depth, mut start, mut heads) = (0, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                heads.push(head(&group[start..at]));
                start = at + 1;
            }
            _ => {}
        }
        if c == '}' && depth == 0 && start == at + 1 {
            break;
        }
    }
    heads.retain(|head| !head.is_empty());
    heads
}

/// What is wrong with the foreign crates that a file uses. Its tests may use any: a slow twin
/// often comes from elsewhere.
fn foreign_complaints(source: &Source) -> Vec<String> {
    if EXEMPT.contains(&source.path.as_str()) {
        return Vec::new();
    }
    let inside = source.path.strip_prefix("src/").unwrap_or(&source.path);
    let mut complaints = Vec::new();
    for (name, places) in FOREIGN {
        let may = |place: &&str| match place.ends_with('/') {
            true => inside.starts_with(*place),
            false => *place == inside || *place == room(&source.path),
        };
        if places.iter().any(may) {
            continue;
        }
        let before_tests = source.lines_before_tests();
        let uses = foreign_uses(&source.code, name).into_iter();
        for at in uses.filter(|at| line_of(&source.code, *at) <= before_tests) {
            complaints.push(format!(
                "{}:{}: the crate `{name}` may be used only in {}; call what wraps it there",
                source.path,
                line_of(&source.code, at),
                places.join(", ")
            ));
        }
    }
    complaints
}

/// Where a foreign crate is named. A module of the same name that the file declares is not it.
fn foreign_uses(code: &str, name: &str) -> Vec<usize> {
    let declares = word_positions(code, name).any(|at| code[..at].ends_with("mod "));
    let mut uses = Vec::new();
    for at in word_positions(code, name) {
        let (before, after) = (&code[..at], &code[at + name.len()..]);
        let from_outside = before.ends_with("::") && !ends_with_root(before);
        let path = after.starts_with("::");
        let import = before.ends_with("use ") || before.ends_with("extern crate ");
        let absolute = ends_with_root(before);
        if absolute || (!declares && !from_outside && (path || import)) {
            uses.push(at);
        }
    }
    uses
}

/// Whether the text ends with a `::` that starts a path.
fn ends_with_root(before: &str) -> bool {
    let Some(before) = before.strip_suffix("::") else { return false };
    !before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '>' || c == '}')
}

/// The dependencies that a manifest lists, as crate names.
fn dependencies(manifest: &str) -> Vec<String> {
    let lines = manifest.lines().skip_while(|line| line.trim() != "[dependencies]").skip(1);
    let lines = lines.take_while(|line| !line.starts_with('['));
    let names = lines.filter_map(|line| line.split_once('=')).map(|(name, _)| name.trim());
    names.filter(|name| !name.starts_with('#')).map(|name| name.replace('-', "_")).collect()
}

#[test]
fn rooms_use_only_lower_floors() {
    none(&rust_files(&["src"]).iter().flat_map(room_complaints).collect::<Vec<_>>());
}

#[test]
fn foreign_crates_stay_where_they_belong() {
    none(&rust_files(&["src"]).iter().flat_map(foreign_complaints).collect::<Vec<_>>());
}

#[test]
fn every_dependency_has_its_rooms() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let dependencies = dependencies(&manifest);
    let mut complaints = Vec::new();
    for name in &dependencies {
        if !FOREIGN.iter().any(|(known, _)| known == name) {
            complaints.push(format!(
                "Cargo.toml: say in FOREIGN of tests/tidy/floors.rs where `{name}` may be used"
            ));
        }
    }
    for (name, _) in FOREIGN {
        if !dependencies.iter().any(|known| known == name) {
            complaints.push(format!("tests/tidy/floors.rs: `{name}` is no dependency; drop it"));
        }
    }
    none(&complaints);
}

#[test]
fn upward_and_sideways_paths_are_found() {
    let complaints = |path: &str, text: &str| room_complaints(&Source::new(path, text)).len();
    assert_eq!(complaints("src/model/a.rs", "use crate::lint::Rule;"), 1);
    assert_eq!(complaints("src/lint/a.rs", "use crate::{error::{Error, Result}, model::Code};"), 0);
    assert_eq!(
        complaints("src/lint/a.rs", "use crate::{model::{Code, Line}, report, rules::x};"),
        2
    );
    assert_eq!(complaints("src/report/a.rs", "let a = crate::input::b();"), 1);
    assert_eq!(
        complaints("src/report/a.rs", "// crate::input is elsewhere\npub(crate) fn f() {}"),
        0
    );
    assert_eq!(complaints("src/rules/a.rs", "use crate::declare_rule;"), 0);
    assert_eq!(complaints("src/model/a.rs", "use crate::declare_rule;"), 1);
    assert_eq!(complaints("src/model/a.rs", "pub(in crate::model) fn f() { $crate::cli::f() }"), 1);
    assert_eq!(complaints("src/attic/a.rs", ""), 1);
    assert_eq!(complaints("src/model/a.rs", "use crate::Thing;"), 1);
    assert_eq!(complaints("src/model/a.rs", "use super::super::lint;"), 1);
    assert_eq!(complaints("src/main.rs", "use crate::cli;"), 0);
    assert_eq!(complaints("src/error.rs", "use crate::model::Code;"), 1);
}

#[test]
fn misplaced_crates_are_found() {
    let complaints = |path: &str, text: &str| foreign_complaints(&Source::new(path, text)).len();
    assert_eq!(complaints("src/model/a.rs", "use serde::Serialize;"), 1);
    assert_eq!(complaints("src/input/a.rs", "let r = csv::Reader::new();"), 1);
    assert_eq!(complaints("src/input/mod.rs", "mod csv;\nuse csv::Lines;"), 0);
    assert_eq!(complaints("src/input/mod.rs", "mod csv;\nuse ::csv::Reader;"), 1);
    assert_eq!(complaints("src/input/a.rs", "use super::csv::Lines;"), 0);
    assert_eq!(complaints("src/rules/embedded.rs", "use toml::Table;"), 0);
    assert_eq!(complaints("src/lint/sql/check/calls.rs", "use regex::bytes::Regex;"), 0);
    assert_eq!(complaints("src/lint/sqlite.rs", "use regex::bytes::Regex;"), 1);
    assert_eq!(complaints("src/rules/mod.rs", "use toml::Table;"), 1);
    assert_eq!(complaints("src/cli/a.rs", "use clap::Parser;"), 0);
    assert_eq!(complaints("src/pipeline/a.rs", "fn f() { rayon::join(a, b); clap::x() }"), 1);
    assert_eq!(complaints("src/model/a.rs", "// serde::x\nlet glob = 1;"), 0);
    let test = "#[cfg(test)]\nmod tests {\nuse csv::Reader;\n}\n";
    assert_eq!(complaints("src/input/a.rs", test), 0);
}

#[test]
fn a_manifest_lists_its_dependencies() {
    let manifest =
        "[package]\nname = \"a\"\n[dependencies]\nsignal-hook = \"1\"\n# x = 1\n[lints]\nb = 1\n";
    assert_eq!(dependencies(manifest), ["signal_hook"]);
}
