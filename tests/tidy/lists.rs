//! Lists: what is generated from the rules is current, and each rule has a file of its own.
//!
//! A stale file is rewritten, and the test fails once to say so; with `CI` set it only fails.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::{env, fs};

use claimlint::model::RuleInfo;

use crate::none;
use crate::source::{Source, files_under, root, rust_files};

/// What the rules say of themselves, in the order of their codes.
fn infos() -> Vec<&'static RuleInfo> {
    let mut infos: Vec<_> = claimlint::rules::ALL.iter().map(|rule| &rule.info).collect();
    infos.sort_unstable_by_key(|info| info.code);
    infos
}

/// Complains if the file does not hold `text`, and makes it so unless this is a CI run.
fn keep_current(path: &str, text: &str) -> Option<String> {
    if fs::read_to_string(root().join(path)).is_ok_and(|now| now == text) {
        return None;
    }
    if env::var_os("CI").is_some() {
        return Some(format!(
            "{path} is stale; run `cargo test --test tidy` and commit what it wrote"
        ));
    }
    let file = root().join(path);
    fs::create_dir_all(file.parent().expect("a file lies in a folder")).expect("can make a folder");
    fs::write(file, text).expect("can write a generated file");
    Some(format!("{path} was stale and has been rewritten; look at it and run the tests again"))
}

/// As [`keep_current`], for the part of a file between two markers.
fn keep_part_current(path: &str, markers: [&str; 2], part: &str) -> Option<String> {
    let Ok(now) = fs::read_to_string(root().join(path)) else {
        return Some(format!("{path} is missing"));
    };
    match replace_between(&now, markers, part) {
        Some(text) => keep_current(path, &text),
        None => {
            Some(format!("{path}: put the lines `{}` and `{}` into it", markers[0], markers[1]))
        }
    }
}

/// The text with the lines between two marker lines replaced, each indented like the first marker.
fn replace_between(text: &str, [first, last]: [&str; 2], part: &str) -> Option<String> {
    let mut result = String::new();
    let mut lines = text.lines();
    let marker = lines.by_ref().find(|line| {
        let _ = writeln!(result, "{line}");
        line.trim() == first
    })?;
    let indent = &marker[..marker.len() - marker.trim_start().len()];
    for line in part.lines() {
        let _ = writeln!(result, "{}", format!("{indent}{line}").trim_end());
    }
    let mut rest = lines.skip_while(|line| line.trim() != last).peekable();
    rest.peek()?;
    for line in rest {
        let _ = writeln!(result, "{line}");
    }
    Some(result)
}

/// The modules of each family, which is a folder of `src/rules/`.
fn families(files: &[Source]) -> BTreeMap<&str, Vec<&str>> {
    let mut families: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for source in files {
        let inside = source.path.strip_prefix("src/rules/").unwrap_or_default();
        let module = inside.strip_suffix(".rs").and_then(|inside| inside.split_once('/'));
        if let Some((family, module)) = module {
            families.entry(family).or_default().push(module);
        }
    }
    families
}

/// The path of every declared rule within `rules`, by code, and what is wrong with its file.
fn declared(files: &[Source]) -> (BTreeMap<String, String>, Vec<String>) {
    let mut paths: BTreeMap<String, String> = BTreeMap::new();
    let mut complaints = Vec::new();
    for source in files {
        let rules = source.code.matches("declare_rule! {").count();
        if rules > 1 {
            complaints.push(format!("{}: one rule a file, please; move the others", source.path));
        }
        if rules != 1 {
            continue;
        }
        let inside = source.path.trim_start_matches("src/rules/").trim_end_matches(".rs");
        let stem = inside.rsplit('/').next().unwrap_or(inside);
        let (code, name) = (text_after(source, "code: \""), text_after(source, "name: \""));
        if stem != name.replace('-', "_") {
            complaints.push(format!("{}: name the file after its rule `{name}`", source.path));
        }
        if !source.code.contains("pub static RULE = {") {
            complaints.push(format!("{}: call the static of a rule `RULE`", source.path));
        }
        if let Some(other) = paths.insert(code.clone(), inside.replace('/', "::")) {
            complaints.push(format!("{}: {code} is the code of {other} already", source.path));
        }
    }
    (paths, complaints)
}

/// The text between `before` and the next quote.
fn text_after(source: &Source, before: &str) -> String {
    let rest = source.text.split_once(before).map_or("", |(_, rest)| rest);
    rest.split('"').next().unwrap_or_default().to_owned()
}

/// The modules and the list of rules, as `src/rules/mod.rs` has them between its markers.
fn list(files: &[Source]) -> String {
    let mut list = String::new();
    for (family, modules) in families(files) {
        let _ = writeln!(list, "pub mod {family} {{\n    //! The rules of `src/rules/{family}`.");
        for module in modules {
            let _ = writeln!(list, "    pub mod {module};");
        }
        list.push_str("}\n");
    }
    list.push_str("\n/// Every rule, in the order of the codes.\npub static ALL: &[&Rule] = &[\n");
    for path in declared(files).0.values() {
        let _ = writeln!(list, "    &{path}::RULE,");
    }
    list.push_str("];\n");
    list
}

/// The page on one rule.
fn page(info: &RuleInfo) -> String {
    let reads: Vec<String> = info.reads.iter().map(|field| format!("`{field}`")).collect();
    let reads =
        if reads.is_empty() { "the bytes of a record".to_owned() } else { reads.join(", ") };
    format!(
        "# {} {}\n\n<!-- generated from {} by tests/tidy; do not edit -->\n\n{}.\n\n\
         | severity | scope | category | reads | since |\n|---|---|---|---|---|\n\
         | {} | {} | {} | {} | {} |\n\n{}\n",
        info.code,
        info.name,
        info.file.replace('\\', "/"),
        info.title,
        info.severity.name(),
        info.scope.name(),
        info.category.name(),
        reads,
        info.since,
        plain_doc(info.doc)
    )
}

/// Doc comment text without the blank that follows the slashes.
fn plain_doc(doc: &str) -> String {
    let lines: Vec<&str> =
        doc.lines().map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end()).collect();
    lines.join("\n").trim().to_owned()
}

/// The README's table of rules.
fn table(infos: &[&RuleInfo]) -> String {
    let mut table =
        "| code | name | severity | scope | finds |\n|---|---|---|---|---|\n".to_owned();
    for info in infos {
        let (code, name, severity, scope) =
            (info.code, info.name, info.severity.name(), info.scope.name());
        let _ = writeln!(
            table,
            "| [{code}](docs/rules/{code}.md) | {name} | {severity} | {scope} | {} |",
            info.title
        );
    }
    table
}

/// What is wrong with a rule's code or name.
fn naming_complaints(info: &RuleInfo) -> Vec<String> {
    let mut complaints = Vec::new();
    let (letters, digits) = info.code.split_at_checked(3).unwrap_or_default();
    let well_coded = (letters == "X12" || letters.chars().all(|c| c.is_ascii_uppercase()))
        && digits.len() == 3
        && digits.chars().all(|c| c.is_ascii_digit());
    if !well_coded {
        complaints.push(format!("{}: a code is three capitals and three digits", info.code));
    }
    let words: Vec<&str> = info.name.split('-').collect();
    let kebab = words.iter().all(|word| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    });
    if !kebab || ["no", "check"].contains(&words[0]) {
        complaints.push(format!("{}: name the defect in kebab case: `{}`", info.code, info.name));
    }
    if info.title.ends_with('.') || !info.title.starts_with(|c: char| c.is_uppercase()) {
        complaints
            .push(format!("{}: a title starts with a capital and has no full stop", info.code));
    }
    for heading in ["What it checks", "Why it matters", "Example", "How to fix", "Source"] {
        if !info.doc.lines().any(|line| line.trim() == format!("## {heading}")) {
            complaints.push(format!("{}: its doc comment lacks `## {heading}`", info.code));
        }
    }
    complaints
}

#[test]
fn each_rule_has_a_file_and_a_place_in_the_list() {
    let files = rust_files(&["src/rules"]);
    let (paths, mut complaints) = declared(&files);
    let markers = ["// <rules>", "// </rules>"];
    complaints.extend(keep_part_current("src/rules/mod.rs", markers, &list(&files)));
    none(&complaints);
    let listed: Vec<&str> = claimlint::rules::ALL.iter().map(|rule| rule.info.code).collect();
    assert_eq!(listed, paths.keys().collect::<Vec<_>>(), "the list of rules is sorted by code");
}

#[test]
fn rules_are_named_after_their_defects() {
    none(&infos().into_iter().flat_map(naming_complaints).collect::<Vec<_>>());
    let mut names: Vec<&str> = infos().iter().map(|info| info.name).collect();
    names.sort_unstable();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all, "two rules have the same name");
}

#[test]
fn each_rule_has_a_current_page() {
    let infos = infos();
    let pages = infos.iter().map(|info| (format!("docs/rules/{}.md", info.code), page(info)));
    let pages: BTreeMap<String, String> = pages.collect();
    let mut complaints: Vec<String> =
        pages.iter().filter_map(|(path, text)| keep_current(path, text)).collect();
    let orphans = files_under("docs/rules").into_iter().filter(|path| !pages.contains_key(path));
    complaints.extend(orphans.map(|path| format!("{path} belongs to no rule; remove it")));
    none(&complaints);
}

#[test]
fn the_readme_lists_the_rules() {
    let markers = ["<!-- rules -->", "<!-- /rules -->"];
    let complaint = keep_part_current("README.md", markers, &table(&infos()));
    none(&complaint.into_iter().collect::<Vec<_>>());
}

#[test]
fn parts_are_replaced_with_their_indent() {
    let markers = ["// <a>", "// </a>"];
    let text = "x\n    // <a>\n    old\n    older\n    // </a>\ny\n";
    let want = "x\n    // <a>\n    1\n\n    2\n    // </a>\ny\n";
    assert_eq!(replace_between(text, markers, "1\n\n2\n").as_deref(), Some(want));
    assert_eq!(replace_between(want, markers, "1\n\n2").as_deref(), Some(want));
    assert_eq!(replace_between("x\n// <a>\n", markers, ""), None);
    assert_eq!(replace_between("x\n// </a>\n", markers, ""), None);
}

/// A file that declares one rule.
fn rule_file(path: &str, name: &str, code: &str) -> Source {
    let fields = format!("code: \"{code}\", name: \"{name}\",");
    let text = format!("declare_rule! {{\n/// D.\npub static RULE = {{\n{fields}\n}}}}\n");
    Source::new(&format!("src/rules/{path}"), &text)
}

#[test]
fn declarations_are_found_one_a_file() {
    let good = rule_file("claim/missing_id.rs", "missing-id", "CLM001");
    let plain = Source::new("src/rules/claim/totals.rs", "pub fn total() {}\n");
    let (paths, complaints) = declared(&[good.clone(), plain]);
    assert_eq!(complaints, [""; 0]);
    assert_eq!(paths["CLM001"], "claim::missing_id");
    let misnamed = rule_file("claim/b.rs", "missing-b", "CLM002");
    assert_eq!(declared(&[misnamed]).1.len(), 1);
    let two = Source::new("src/rules/claim/a.rs", &good.text.repeat(2));
    assert_eq!(declared(&[two]).1.len(), 1);
    let doubled = rule_file("claim/c.rs", "c", "CLM001");
    assert_eq!(declared(&[good.clone(), doubled]).1.len(), 1);
    let other = Source::new("src/rules/claim/missing_id.rs", &good.text.replace("RULE", "ID"));
    assert_eq!(declared(&[other]).1.len(), 1);
}

#[test]
fn the_list_has_modules_by_family_and_rules_by_code() {
    let files = [
        Source::new("src/rules/embedded.rs", ""),
        rule_file("claim/late.rs", "late", "CLM002"),
        rule_file("code/odd.rs", "odd", "CDE001"),
        Source::new("src/rules/code/shapes.rs", ""),
    ];
    let list = list(&files);
    let modules = list.lines().filter(|line| line.contains("pub mod ")).map(str::trim);
    let want = ["claim {", "late;", "code {", "odd;", "shapes;"].map(|m| format!("pub mod {m}"));
    assert_eq!(modules.collect::<Vec<_>>(), want);
    assert!(list.ends_with("= &[\n    &code::odd::RULE,\n    &claim::late::RULE,\n];\n"), "{list}");
}

#[test]
fn doc_comments_lose_one_blank() {
    assert_eq!(plain_doc(" ## A\n\n     code\n text \n\n"), "## A\n\n    code\ntext");
}
