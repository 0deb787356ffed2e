//! The page for a browser as the program writes it: hostile data changes nothing but text, and a
//! real browser finds nothing to complain of (where `CLAIMLINT_CHROMIUM` names one).

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::indexing_slicing, clippy::string_slice, reason = "a test fails by panicking")]
#![allow(clippy::print_stderr, reason = "says what was skipped")]

#[path = "common/program.rs"]
mod program;

use std::path::{Path, PathBuf};
use std::process::Command;

use program::{Folder, command_in, ended};

/// What somebody might put into a cell. None has a blank at an end, which would be dropped.
const PAYLOADS: [&str; 24] = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</style><style>*{display:none}</style>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "\" autofocus onfocus=\"alert(1)",
    "javascript:alert(1)",
    "https://example.invalid/?a=1&b=2",
    "data:text/html,<script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;b&#62;&amp;&nbsp;&NotEqualTilde;",
    "]]><![CDATA[<b>x</b>]]>",
    "<!-- --><!doctype html><base href=//example.invalid>",
    "-->--!><b>",
    "</title></textarea></noscript><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}${7*7}#{7}",
    "\u{202e}txet desrever\u{202c}",
    "\u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{645}\u{631}\u{62d}\u{628}\u{627}",
    "\u{1}\u{1b}[31m\u{7f}\u{9b}31m",
    "%00&#0;\\0\\u0000",
    "a\u{200b}b\u{feff}c\u{2028}d",
    "\u{fffd}\u{10ffff}\u{e0041}",
    "=HYPERLINK(\"http://example.invalid\")",
    "</details></table></main><h1>clean</h1>",
];

/// An export in which every cell that a report may show holds a text of `texts`, and nothing that
/// is checked differs between one list of texts and another.
fn export(texts: &[String], header: &str) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let columns = ["claim_id", "line", header, "rendering_npi", "cpt", "dos", "charge"];
    let mut rows = vec![columns.map(quoted).join(",")];
    for (at, text) in texts.iter().enumerate() {
        let cell = quoted(text);
        let charge = format!("{}.00", 1000 - at);
        let row = [&cell, &cell, &cell, &cell, "\"?!\"", "2026-10-05", &charge];
        rows.push(row.join(","));
        rows.push([&cell, &cell, &cell, &cell, "1036F", "2026-10-05", "0.00"].join(","));
    }
    rows.join("\n") + "\n"
}

/// Checks an export and returns the path of its page.
fn page(folder: &Folder, name: &str, export: &str, header: &str, to: &str) -> PathBuf {
    folder.write(name, export);
    let (map, report) = (format!("payer={header}"), format!("html={to}"));
    let arguments = ["check", "--isolated", name, "--as-of", "2026-10-31", "-f", "none"];
    let run = folder.run(&[&arguments[..], &["--map", &map, "--report", &report]].concat());
    assert_eq!(run.exit, 1, "{}", run.stderr);
    folder.path(to)
}

/// A page of hostile texts, one of plain words and one with much on it.
fn pages(folder: &Folder) -> [PathBuf; 3] {
    let hostile: Vec<String> = PAYLOADS.iter().map(|&text| text.to_owned()).collect();
    let words: Vec<String> = (0..PAYLOADS.len()).map(|at| format!("word{at:02}")).collect();
    let header = "</script><img src=x onerror=alert(2)>";
    let name = "<svg onload=alert(3)>&quot;'\".csv";
    let one = page(folder, name, &export(&hostile, header), header, "hostile.html");
    let other = page(folder, "plain.csv", &export(&words, "column"), "column", "plain.html");
    let mut rows = String::from("claim_id,line,payer,rendering_npi,cpt,dos,charge,units\n");
    for at in 0..400 {
        let code = ["99213", "1036F", "9921", "", "99O13", "0001F", "3044F"][at % 7];
        let (payer, day) = (at % 17, at % 28 + 1);
        rows.push_str(&format!(
            "C{},{},Payer {payer},199900000{},{code},2026-{:02}-{day:02},{}.50,1\n",
            at / 3,
            at % 3,
            at % 10,
            at % 12 + 1,
            at * 7
        ));
    }
    let many = page(folder, "many.csv", &rows, "payer", "many.html");
    [one, other, many]
}

/// The tags of a page with their attributes, in order. Text, style and script are left out.
fn tags(page: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(page).unwrap();
    let (mut tags, mut rest) = (Vec::new(), text.as_str());
    while let Some((_, after)) = rest.split_once('<') {
        let (tag, after) = after.split_once('>').expect("a tag ends");
        tags.push(tag.to_owned());
        rest = match tag {
            "style" | "script" => after.split_once(&format!("</{tag}")).expect("it ends").1,
            _ => after,
        };
    }
    tags
}

#[test]
fn hostile_cells_headers_and_names_change_nothing_but_text() {
    let folder = Folder::new();
    let [hostile, plain, many] = pages(&folder);
    assert_eq!(tags(&hostile), tags(&plain));
    assert!(std::fs::read_to_string(&hostile).unwrap().contains("&#60;script&#62;alert(1)"));
    assert!(tags(&many).len() > 1000);
}

#[test]
fn the_example_of_the_documentation_runs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/REPORTS.md")).unwrap();
    let mut lines = page.lines().filter(|line| line.starts_with("$ claimlint "));
    let line = lines.find(|line| line.contains("-r html=")).unwrap();
    let folder = Folder::new();
    let to = format!("html={}", folder.path("report.html").display());
    let words = line.strip_prefix("$ claimlint ").unwrap().split(' ');
    let words: Vec<&str> =
        words.map(|word| if word == "html=report.html" { &to } else { word }).collect();
    let run = ended(command_in(root, &words));
    assert_eq!(run.exit, 0, "{}", run.stderr);
    assert!(tags(&folder.path("report.html")).len() > 100);
}

#[test]
fn a_browser_has_nothing_to_complain_of() {
    let named = std::env::var_os("CLAIMLINT_CHROMIUM").filter(|path| !path.is_empty());
    let Some(chromium) = named else {
        eprintln!("skipped: CLAIMLINT_CHROMIUM names no browser");
        return;
    };
    let python = std::env::var("CLAIMLINT_PLAYWRIGHT").unwrap_or_else(|_| "python3".to_owned());
    let folder = Folder::new();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/page.py");
    let run = Command::new(&python).arg(script).arg(chromium).args(pages(&folder)).output();
    let run = run.expect("CLAIMLINT_PLAYWRIGHT names a Python with playwright");
    let said = [run.stdout, run.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(run.status.success(), "{}", said.concat());
}
