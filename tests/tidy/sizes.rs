//! Sizes: files, functions and lines that can be taken in at a glance.

use crate::none;
use crate::source::{Source, line_of, rust_files, word_positions};

const FILE_LINES_MAX: usize = 400;
const RULE_FILE_LINES_MAX: usize = 150;
const FUNCTION_LINES_MAX: usize = 70;
const LINE_COLUMNS_MAX: usize = 100;

/// What may be larger: the path, the thing as the complaint names it, and why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[];

/// Something that is too large.
#[derive(Debug, PartialEq, Eq)]
struct TooLarge {
    path: String,
    /// `file`, `line 12`, or `fn name`: what an exception names.
    thing: String,
    size: usize,
    limit: usize,
}

fn too_large(source: &Source) -> Vec<TooLarge> {
    let mut all = Vec::new();
    let mut measure = |thing: String, size: usize, limit: usize| {
        if size > limit {
            all.push(TooLarge { path: source.path.clone(), thing, size, limit });
        }
    };
    let is_rule = source.path.starts_with("src/rules/") && source.code.contains("declare_rule! {");
    let file_limit = if is_rule { RULE_FILE_LINES_MAX } else { FILE_LINES_MAX };
    measure("file".to_owned(), source.lines_before_tests(), file_limit);
    for (number, line) in (1..).zip(source.text.lines()) {
        measure(format!("line {number}"), line.chars().count(), LINE_COLUMNS_MAX);
    }
    for (name, lines) in functions(&source.code) {
        measure(format!("fn {name}"), lines, FUNCTION_LINES_MAX);
    }
    all
}

/// The names of the functions with a body, and their lines from `fn` to the closing brace.
fn functions(code: &str) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for at in word_positions(code, "fn") {
        let rest = &code[at + 2..];
        let name = rest.trim_start();
        let name: String = name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if name.is_empty() || !rest.starts_with(' ') {
            continue; // the type of a function
        }
        if let Some(length) = body_end(rest) {
            found.push((name, 1 + line_of(code, at + 2 + length) - line_of(code, at)));
        }
    }
    found
}

/// Where the body of a function ends; nothing for a declaration without one.
fn body_end(rest: &str) -> Option<usize> {
    let (mut braces, mut others) = (0, 0);
    for (at, c) in rest.char_indices() {
        match c {
            '(' | '[' => others += 1,
            ')' | ']' => others -= 1,
            ';' if braces == 0 && others == 0 => return None,
            '{' => braces += 1,
            '}' if braces == 1 => return Some(at),
            '}' => braces -= 1,
            _ => {}
        }
    }
    None
}

/// Complaints about what is too large and about exceptions that nothing needs.
fn complaints(large: &[TooLarge], exceptions: &[(&str, &str, &str)]) -> Vec<String> {
    let named = |large: &TooLarge, (path, thing, _): &(&str, &str, &str)| {
        large.path == *path && large.thing == *thing
    };
    let mut complaints = Vec::new();
    for large in large {
        if !exceptions.iter().any(|exception| named(large, exception)) {
            complaints.push(format!(
                "{}: {} has {} of {}; split it, or list it with a reason in EXCEPTIONS of \
                 tests/tidy/sizes.rs",
                large.path, large.thing, large.size, large.limit
            ));
        }
    }
    for exception in exceptions {
        let (path, thing, reason) = exception;
        if !large.iter().any(|large| named(large, exception)) {
            complaints.push(format!("{path}: {thing} needs no exception any more; drop it"));
        }
        if reason.len() < 10 {
            complaints.push(format!("{path}: {thing}: say why it may be larger"));
        }
    }
    complaints
}

#[test]
fn files_functions_and_lines_are_small() {
    let files = rust_files(&["src", "tests", "benches"]);
    let large: Vec<TooLarge> = files.iter().flat_map(too_large).collect();
    none(&complaints(&large, EXCEPTIONS));
}

#[test]
fn large_things_are_found() {
    let things = |path: &str, text: &str| -> Vec<String> {
        too_large(&Source::new(path, text)).into_iter().map(|large| large.thing).collect()
    };
    let lines = |count| "x\n".repeat(count);
    assert_eq!(things("src/a.rs", &lines(400)), [""; 0]);
    assert_eq!(things("src/a.rs", &lines(401)), ["file"]);
    assert_eq!(
        things("src/a.rs", &format!("{}#[cfg(test)]\nmod tests {{}}\n{}", lines(400), lines(9))),
        [""; 0]
    );
    assert_eq!(things("src/rules/a.rs", &format!("declare_rule! {{\n{}", lines(150))), ["file"]);
    assert_eq!(things("src/a.rs", &format!("\n{}", "é".repeat(101))), ["line 2"]);
    assert_eq!(things("src/a.rs", &"é".repeat(100)), [""; 0]);
    let function =
        |inside| format!("fn long(a: [u8; 2], f: fn(u8) -> u8) {{\n{}}}\n", lines(inside));
    assert_eq!(things("src/a.rs", &function(68)), [""; 0]);
    assert_eq!(things("src/a.rs", &function(69)), ["fn long"]);
    assert_eq!(
        things("src/a.rs", &format!("trait T {{ fn short(&self);\n{} }}", lines(90))),
        [""; 0]
    );
}

#[test]
fn exceptions_are_named_needed_and_have_reasons() {
    let large = || TooLarge {
        path: "src/a.rs".to_owned(),
        thing: "file".to_owned(),
        size: 401,
        limit: 400,
    };
    assert_eq!(complaints(&[large()], &[]).len(), 1);
    assert_eq!(
        complaints(&[large()], &[("src/a.rs", "file", "one table, read top down")]).len(),
        0
    );
    assert_eq!(complaints(&[large()], &[("src/a.rs", "file", "")]).len(), 1);
    assert_eq!(complaints(&[], &[("src/a.rs", "file", "one table, read top down")]).len(), 1);
}
