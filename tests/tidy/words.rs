//! Words: what may not be written in `src/`, and what every file begins with.

use crate::none;
use crate::source::{Source, line_of, rust_files, word_positions};

/// Macros that have no place anywhere, with what to do instead.
const MACROS: [(&str, &str); 7] = [
    ("println", "write to the writer that the command line hands down"),
    ("print", "write to the writer that the command line hands down"),
    ("eprintln", "return an error, or put a note into the summary"),
    ("eprint", "return an error, or put a note into the summary"),
    ("dbg", "remove it"),
    ("todo", "write it, or leave it out"),
    ("unimplemented", "write it, or leave it out"),
];

/// Names that say nothing of what is inside.
const EMPTY_NAMES: [&str; 5] = ["util", "utils", "helpers", "common", "misc"];

/// Characters that are invisible or change the direction of the text around them.
fn is_hidden(c: char) -> bool {
    let control = c.is_control() && c != '\n';
    let width = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    control || width || matches!(c, '\u{202a}'..='\u{202e}')
}

/// What is wrong with the words of a file.
fn complaints(source: &Source) -> Vec<String> {
    let mut all = Vec::new();
    let path = &source.path;
    let mut complain = |line: usize, what: String| all.push(format!("{path}:{line}: {what}"));
    if !source.text.starts_with("//! ") {
        complain(1, "begin the file with `//! ` and a sentence on what it is for".to_owned());
    }
    for name in path.trim_end_matches(".rs").split('/').filter(|name| EMPTY_NAMES.contains(name)) {
        complain(1, format!("`{name}` says nothing; name the module for what is in it"));
    }
    for (line, text) in (1..).zip(source.text.lines()) {
        if text.contains(is_hidden) {
            complain(line, "an invisible character; write it as an escape".to_owned());
        }
    }
    for at in word_positions(&source.code, "unsafe") {
        if path != "src/input/masks.rs" {
            complain(line_of(&source.code, at), "no `unsafe` outside the door to it".to_owned());
        }
    }
    for (name, instead) in MACROS {
        for at in word_positions(&source.code, name) {
            if source.code[at + name.len()..].starts_with('!') {
                complain(line_of(&source.code, at), format!("`{name}!`: {instead}"));
            }
        }
    }
    for (line, code) in source.code_before_tests() {
        if code.contains(".unwrap()") || code.contains(".expect(") {
            complain(line, "return an error instead of `unwrap` and `expect`".to_owned());
        }
        let clock = code.contains("SystemTime::now");
        if clock && !path.starts_with("src/cli/") {
            complain(
                line,
                "only `cli` may read the clock; take the time as an argument".to_owned(),
            );
        }
    }
    all
}

#[test]
fn words_are_clean() {
    none(&rust_files(&["src"]).iter().flat_map(complaints).collect::<Vec<_>>());
}

#[test]
fn every_test_and_bench_says_what_it_is_for() {
    let files = rust_files(&["tests", "benches"]);
    let silent = files.iter().filter(|source| !source.text.starts_with("//! "));
    let silent =
        silent.map(|source| format!("{}: begin the file with `//! ` and a sentence", source.path));
    none(&silent.collect::<Vec<_>>());
}

#[test]
fn unclean_words_are_found() {
    let count = |path: &str, text: &str| complaints(&Source::new(path, text)).len();
    assert_eq!(count("src/a.rs", "//! A file.\n"), 0);
    assert_eq!(count("src/a.rs", "fn f() {}\n"), 1);
    for bad in [
        "println!(\"x\");",
        "eprint!(\"x\");",
        "dbg!(x);",
        "todo!()",
        "unimplemented!()",
        "x.unwrap()",
        "x.expect(\"y\")",
        "unsafe { x() }",
        "std::time::SystemTime::now()",
        "let zero_width = \"\u{200b}\";",
        "let bell = \"\u{7}\";",
        "\tlet tab = 1;",
    ] {
        assert_eq!(count("src/a.rs", &format!("//! A file.\n{bad}\n")), 1, "{bad}");
    }
    for good in [
        "// x.unwrap() would panic",
        "let text = \"todo!()\";",
        "x.unwrap_or(1); x.expected();",
        "#[cfg(test)]\nmod tests {\nfn f() { x.unwrap(); }\n}",
        "writeln!(out, \"x\")",
        "#![forbid(unsafe_code)]",
    ] {
        assert_eq!(count("src/a.rs", &format!("//! A file.\n{good}\n")), 0, "{good}");
    }
    assert_eq!(count("src/cli/a.rs", "//! A file.\nSystemTime::now()\n"), 0);
    assert_eq!(count("src/report/util.rs", "//! A file.\n"), 1);
    assert_eq!(count("src/helpers/mod.rs", "//! A file.\n"), 1);
}
