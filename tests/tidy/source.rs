//! The project's files as text, and Rust text without what only looks like code.

use std::fs;
use std::path::{Path, PathBuf};

/// A Rust file.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its path from the root of the package, with `/` between the parts.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Its text with comments and the insides of literals blanked out, line by line.
    pub code: String,
    /// Whether the whole file is compiled for tests only.
    pub is_test: bool,
}

impl Source {
    /// A file with this path and text.
    pub fn new(path: &str, text: &str) -> Source {
        let is_test = path.ends_with("/tests.rs") || path.contains("/tests/");
        Source { path: path.to_owned(), text: text.to_owned(), code: code_only(text), is_test }
    }

    /// The number of lines before the tests at the end of the file.
    pub fn lines_before_tests(&self) -> usize {
        if self.is_test {
            return 0;
        }
        let lines: Vec<&str> = self.code.lines().collect();
        let inline = |pair: &[&str]| is_test_module(pair) && pair[1].contains('{');
        lines.windows(2).position(inline).unwrap_or(lines.len())
    }

    /// The paths of the modules in files of their own that are declared for tests only.
    fn test_modules(&self) -> Vec<String> {
        let folder = self.path.trim_end_matches("mod.rs").trim_end_matches("lib.rs");
        let folder =
            folder.strip_suffix(".rs").map_or(folder.to_owned(), |stem| format!("{stem}/"));
        let lines: Vec<&str> = self.code.lines().collect();
        let pairs = lines.windows(2).filter(|pair| is_test_module(pair));
        let names = pairs.filter_map(|pair| pair[1].split_once("mod ")?.1.strip_suffix(';'));
        names.map(|name| format!("{folder}{name}.rs")).collect()
    }

    /// The lines of code before the tests, numbered from 1.
    pub fn code_before_tests(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.code.lines()).take(self.lines_before_tests())
    }
}

/// Whether two lines declare a module for tests.
fn is_test_module(pair: &[&str]) -> bool {
    pair[0].trim_start().starts_with("#[cfg(test)]") && pair[1].contains("mod ")
}

/// The root of the package.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file under these folders of the package, sorted by path.
pub fn rust_files(folders: &[&str]) -> Vec<Source> {
    let mut files = Vec::new();
    for folder in folders {
        for path in files_under(folder).into_iter().filter(|path| path.ends_with(".rs")) {
            let text = fs::read_to_string(root().join(&path)).expect("source files are UTF-8");
            files.push(Source::new(&path, &text));
        }
    }
    let tests: Vec<String> = files.iter().flat_map(Source::test_modules).collect();
    files.iter_mut().for_each(|file| file.is_test |= tests.contains(&file.path));
    files
}

/// The paths of all files under a folder of the package, sorted; none where there is no folder.
pub fn files_under(folder: &str) -> Vec<String> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(folder), &mut found);
    let name = |path: &PathBuf| {
        let inside = path.strip_prefix(root()).expect("the walk began at the root");
        let parts: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
        parts.join("/")
    };
    let mut names: Vec<String> = found.iter().map(name).collect();
    names.sort_unstable();
    names
}

/// Rust text with comments, and what stands between the quotes of literals, turned to blanks.
pub fn code_only(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = opaque_end(&chars, at).unwrap_or(at);
        if end == at {
            code.push(chars[at]);
            at += 1;
            continue;
        }
        let blank = |c: &char| if *c == '\n' { '\n' } else { ' ' };
        code.extend(chars[at..end].iter().map(blank));
        at = end;
    }
    code
}

/// Where the comment or literal that starts at `at` ends, if one does.
fn opaque_end(chars: &[char], at: usize) -> Option<usize> {
    let rest = &chars[at..];
    let in_word = at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_');
    match rest {
        ['/', '/', ..] => Some(at + rest.iter().position(|c| *c == '\n').unwrap_or(rest.len())),
        ['/', '*', ..] => Some(at + block_comment_length(rest)),
        ['"', ..] => Some(at + quoted_length(rest, '"')),
        ['r', '"' | '#', ..] if !in_word => raw_length(&rest[1..]).map(|length| at + 1 + length),
        ['b', 'r', '"' | '#', ..] if !in_word => {
            raw_length(&rest[2..]).map(|length| at + 2 + length)
        }
        // A lifetime has no closing quote right after its first character.
        ['\'', '\\', ..] | ['\'', _, '\'', ..] => Some(at + quoted_length(rest, '\'')),
        _ => None,
    }
}

/// Block comments nest.
fn block_comment_length(rest: &[char]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        match &rest[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

fn quoted_length(rest: &[char], quote: char) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            '\\' => at += 2,
            c if c == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// The length of `"…"` or `#"…"#`; nothing for a raw identifier.
fn raw_length(rest: &[char]) -> Option<usize> {
    let hashes = rest.iter().take_while(|c| **c == '#').count();
    let inside = rest.get(hashes..)?.strip_prefix(&['"'])?;
    let closes = |at: &usize| {
        inside[*at] == '"' && inside[at + 1..].iter().take_while(|c| **c == '#').count() >= hashes
    };
    Some((0..inside.len()).find(closes).map_or(rest.len(), |at| at + 2 * hashes + 2))
}

/// Where `word` stands in `code`, not as a part of a longer word.
pub fn word_positions<'c>(code: &'c str, word: &'c str) -> impl Iterator<Item = usize> + 'c {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).map(|(at, _)| at).filter(move |at| {
        !code[..*at].ends_with(part) && !code[at + word.len()..].starts_with(part)
    })
}

/// The number of the line, from 1, that byte `at` lies on.
pub fn line_of(code: &str, at: usize) -> usize {
    1 + code[..at].matches('\n').count()
}

#[test]
fn comments_and_literals_are_no_code() {
    let text = r##"let a = "x\"// y"; // todo!()
/* one /* two */ unwrap() */ let b = 'c'; let s: &'static str = r#"dbg!("#; let q = '"'; b"panic"
let r#type = '\''; done"##;
    let code = code_only(text);
    for gone in ["//", "todo", "unwrap", "dbg", "panic", "two"] {
        assert!(!code.contains(gone), "{gone} in {code}");
    }
    for kept in ["let a =", "let b =", "&'static str", "let q =", "r#type", "done"] {
        assert!(code.contains(kept), "{kept} not in {code}");
    }
    assert_eq!(code.lines().count(), text.lines().count());
}

#[test]
fn tests_begin_at_the_test_module() {
    let source = Source::new(
        "src/a.rs",
        "//! A.\n#[cfg(test)]\nuse x;\nfn f() {}\n#[cfg(test)]\nmod tests {}\n",
    );
    assert_eq!(source.lines_before_tests(), 4);
    let elsewhere = Source::new("src/b.rs", "//! B.\n#[cfg(test)]\nmod tests;\nfn f() {}\n");
    assert_eq!(elsewhere.lines_before_tests(), 4);
    assert_eq!(elsewhere.test_modules(), ["src/b/tests.rs"]);
    let room = Source::new("src/c/mod.rs", "#[cfg(test)]\npub mod canned;\nmod plain;\n");
    assert_eq!(room.test_modules(), ["src/c/canned.rs"]);
    assert_eq!(Source::new("src/tests.rs", "fn f() {}\n").lines_before_tests(), 0);
}
