//! Tests of what is said of a bad configuration, and of what keys are said to mean.

use super::*;
use crate::error::ErrorKind;

#[test]
fn errors_name_file_line_column_and_the_nearest_name() {
    let cases = [
        ("a = 1", "1:1: unknown key `a`", "expected one of: preset"),
        (
            "\n[input]\ndelimeter = \",\"",
            "3:1: unknown key `delimeter`",
            "did you mean `delimiter`?",
        ),
        ("[inputs]", "1:2: unknown key `inputs`", "did you mean `input`?"),
        ("[input]\nquoting = 3", "2:11: invalid type: integer `3`, expected a boolean", ""),
        ("[input]\nencoding = \"utf8\"", "2:12: unknown value `utf8`", "did you mean `utf-8`?"),
        ("[input]\ndelimiter = \";;\"", "2:1: a delimiter is one", "write `,`"),
        ("[input]\nlimit-lines = 0", "2:1: limit-lines must be", ""),
        ("[run]\nthreads = -1", "2:11: invalid value: integer `-1`, expected u32", ""),
        ("[run]\nthreads = 5000", "2:1: threads must be at most", ""),
        ("[run]\nmemory-limit = \"8MiB\"", "2:1: the memory limit is below 16 MiB", ""),
        ("[run]\nmemory-limit = \"8Gb ram\"", "2:1: `8Gb ram` is no size", "write a whole"),
        ("[run]\nmemory-limit = true", "2:16: expected a size such as", ""),
        ("select = [", "1:11: ", ""),
        ("select = [\"ALL\", \"CIJ001\"]", "1:18: no rule is selected by `CIJ001`", "did you mean"),
        ("ignore = [\"missing-cod\"]", "1:11: no rule is", "did you mean `missing-code`?"),
        ("preset = \"strickt\"", "1:1: unknown preset `strickt`", "did you mean `strict`?"),
        ("min-severity = \"warn\"", "1:16: unknown value `warn`", "did you mean `warning`?"),
        (
            "[columns]\nclaim_no = \"A\"",
            "2:1: unknown field `claim_no`",
            "did you mean `claim_total`?",
        ),
        ("[columns]\nclaim_id = 3", "2:12: expected a text or a list of texts", ""),
        ("[columns]\nclaim_id = []", "2:1: claim_id: a column needs a name", ""),
        ("[rules.CII009]\nx = 1", "1:8: no rule is selected by `CII009`", "did you mean"),
        ("[rules.CII001]\nseverity = \"eror\"", "2:1: unknown severity", "did you mean `error`?"),
        ("[rules.CII001]\nseverity = 1", "2:1: severity: expected a text", "one of: info"),
        ("[rules.CII001]\nx = 1.5", "2:5: expected true or false, a whole number", ""),
        ("[vocabulary]\nextra-modifiers = [\"ABC\"]", "2:1: `ABC` is no modifier", "two letters"),
        ("[claims]\nscope = \"files\"", "2:9: unknown value `files`", "did you mean `file`?"),
        ("[output]\nreports = { cvs = \"a\" }", "2:1: unknown kind", "expected one of: json"),
        ("[output]\nreports = [\"csv\"]", "2:1: `csv` is no report", "write KIND=PATH"),
        ("[output]\nreports = [\"csv=a\", \"json=a\"]", "2:1: two reports go to a", ""),
        ("[[override]]\nignore = [\"CII\"]", "1:1: an override needs a match", "write match"),
        (
            "[[override]]\nmatch = { file = \"a\" }",
            "1:1: an override changes nothing",
            "write ignore",
        ),
        (
            "[[override]]\nmatch = { fil = \"a\" }",
            "2:11: unknown key `fil`",
            "did you mean `file`?",
        ),
        (
            "[[override]]\nmatch = { file = \"a\" }\nseverity = { X = \"info\" }",
            "3:14: no rule is selected by `X`",
            "",
        ),
        (
            "[[categories.category-1]]\nname = \"A\"\nranges = [\"2-1\"]",
            "1:1: the range `2-1` ends before it begins",
            "",
        ),
    ];
    for (text, want, help) in cases {
        let error = local(text).unwrap_err();
        let got = error.message();
        assert_eq!(error.kind(), ErrorKind::Settings);
        assert!(got.starts_with(&format!("claimlint.toml:{want}")), "{text}\n{got}");
        assert!(error.help().unwrap_or_default().contains(help), "{text}\n{:?}", error.help());
        assert!(!got.contains('\n'), "{got}");
    }
}

#[test]
fn a_bad_config_flag_says_which() {
    let bad = |config| World { configs: &[config], ..World::default() }.load().unwrap_err();
    assert_eq!(bad("output.sample=1").help(), Some("did you mean `samples`?"));
    let error = bad("output.format=json");
    assert!(error.message().starts_with("--config output.format=json: "), "{error}");
    assert!(error.help().unwrap().starts_with("a text needs quotes"));
    assert_eq!(bad("gone.toml").message(), "--config gone.toml: no such file");
}

#[test]
fn what_is_no_small_regular_file_is_refused() {
    let large = "#".repeat((1 << 20) + 1);
    assert_eq!(local(&large).unwrap_err().message(), "claimlint.toml: is larger than 1 MiB");
    let world = World { files: &[("claimlint.toml/x", "y")], ..World::default() };
    assert_eq!(world.load().unwrap_err().message(), "claimlint.toml: is not a regular file");
}

#[test]
fn keys_are_explained() {
    let said = explain::explain("input.delimiter").unwrap();
    assert!(said.contains("The character between cells") && said.contains("type: text"), "{said}");
    let said = explain::explain("input.encoding").unwrap();
    assert!(said.contains("`auto` or `utf-8` or"), "{said}");
    assert!(said.contains("default: \"auto\""), "{said}");
    assert!(explain::explain("columns.claim_id").unwrap().contains("claim number"));
    assert!(explain::explain("rules.CII001.severity").unwrap().contains("`warning`"));
    assert!(explain::explain("override.match.payer").unwrap().contains("text or list of text"));
    assert!(explain::explain("output").unwrap().contains("exit-zero"));
    let help = |key| explain::explain(key).unwrap_err().help().unwrap_or_default().to_owned();
    assert_eq!(help("inputs.delimiter"), "did you mean `input.delimiter`?");
    assert_eq!(help("delimiter"), "did you mean `input.delimiter`?");
    for key in explain::keys() {
        let said = explain::explain(&key).unwrap();
        assert!(said.lines().nth(2).is_some_and(|line| !line.is_empty()), "{said}");
    }
}
