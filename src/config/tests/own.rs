//! Tests of rules of the user's: where they are found, what is made of them, and what is said of
//! one that is wrong.

use super::*;
use crate::error::ErrorKind;
use crate::lint::Build;
use crate::model::{RuleCategory, Scope};

/// A whole rule with this code, and with `more` in it.
fn rule(code: &str, more: &str) -> String {
    let name = format!("named-{}", code.to_lowercase());
    format!(
        "[[rule]]\ncode = \"{code}\"\nname = \"{name}\"\ntitle = \"A title\"\n\
         fails-when = \"charge > 5\"\nmessage = \"too much\"\n{more}\n"
    )
}

fn codes(loaded: &Loaded) -> Vec<&'static str> {
    loaded.registry.iter().map(|(_, rule)| rule.info.code).collect()
}

#[test]
fn rules_of_every_layer_are_added_in_the_order_of_their_codes() {
    let (mine, ours) = (rule("XB001", ""), rule("ORG002", "severity = \"error\""));
    let one = "category = \"modifier\"\nscope = \"claim\"\nowner = \" Billing \"";
    let one = rule("ORG001", one).replace("charge", "SUM(charge)");
    let world = World {
        user: &ours,
        local: &format!("rules = [\"more\", \"one.toml\"]\nignore = [\"XB\"]\n{mine}"),
        files: &[
            ("more/b.toml", &rule("XA001", "")),
            ("more/a.toml", &rule("XA002", "")),
            ("more/.c.toml", "nonsense"),
            ("more/d.txt", "nonsense"),
            ("more/deeper/e.toml", "nonsense"),
            ("one.toml", &one),
            ("two.toml", &rule("XC001", "")),
        ],
        // Named twice, it counts once.
        rules: &["one.toml", "two.toml", "more/a.toml"],
        ..World::default()
    };
    let loaded = world.load().unwrap();
    let want = ["CII001", "CII002", "COD001", "COD002", "ORG001", "ORG002"];
    assert_eq!(codes(&loaded)[..6], want);
    assert_eq!(codes(&loaded)[6..], ["XA001", "XA002", "XB001", "XC001"]);
    let settings = &loaded.settings.rules;
    assert_eq!(settings.len(), 10);
    assert!(settings[7].enabled && !settings[8].enabled);
    assert_eq!(settings[5].severity, Severity::Error);
    assert_eq!(loaded.rules[4].severity, "one.toml");
    let (_, rule) = loaded.registry.find("org001").unwrap();
    let info = &rule.info;
    assert!(matches!(rule.build, Build::Sql(_)));
    assert_eq!((info.category, info.scope), (RuleCategory::Modifier, Scope::Claim));
    assert_eq!((info.severity, info.since), (Severity::Warning, ""));
    assert_eq!(info.own.unwrap().owner, "Billing");
    assert!(info.doc.contains("SUM(charge) > 5") && info.doc.contains("one.toml"));
    assert_eq!(shown(&loaded, "rule-files").1, "claimlint.toml:1");
    let (_, built_in) = registry().find("CII001").unwrap();
    assert!(std::ptr::eq(loaded.registry.find("CII001").unwrap().1, built_in));
}

#[test]
fn rule_files_stand_beside_tables_of_settings() {
    let text = "rule-files = [\"r.toml\"]\n[rules.ORG001]\nseverity = \"info\"\n";
    let files = [("r.toml", &*rule("ORG001", ""))];
    let world = || World { local: text, files: &files, ..World::default() };
    let loaded = world().load().unwrap();
    assert_eq!(loaded.settings.rules[4].severity, Severity::Info);
    // What is named is there, whatever else is ignored.
    let world = World { isolated: true, rules: &["r.toml"], ..world() };
    assert_eq!(world.load().unwrap().settings.rules[4].severity, Severity::Warning);
    let inline = World { configs: &["rules=[\"r.toml\"]"], files: &files, ..World::default() };
    assert_eq!(inline.load().unwrap().registry.len(), 5);
    assert_eq!(local("").unwrap().registry.len(), 4);
}

#[test]
fn columns_are_named_by_their_header() {
    let first = "applies-when = '''\"Referring NPI\" = 'a \"b\"' AND \"units\" > 1'''";
    let second = "payer = \"ACME\"\nhelp = \"x\"";
    let second = rule("ORG001", second)
        .replace("charge > 5", "\\\"Batch No\\\" = '1'")
        .replace("too much", "{units} is \\\"no\\\"");
    let loaded = local(&format!("{}{second}", rule("ORG002", first))).unwrap();
    let want = [(Field::Other1, "Batch No"), (Field::Other2, "Referring NPI")];
    let want = want.map(|(field, name)| (field, name.to_owned()));
    assert_eq!(loaded.settings.input.others, want);
    let many: String = (0..17).map(|at| format!("\"c{at}\" = '' OR ")).collect();
    let error = local(&rule("ORG003", &format!("applies-when = '{many}1'").replace("''", "units")));
    let error = error.unwrap_err();
    assert!(error.message().starts_with("claimlint.toml:7:"), "{error}");
    assert!(error.message().ends_with("more than 16 columns by their header"), "{error}");
}

#[test]
fn tables_are_read_beside_the_file_that_names_them() {
    let table = "[tables.fees]\nfile = \"fees.csv\"\nkey = \"code\"\n";
    let fees = "code,fee\n99213,10\n";
    let files = [("r/rules.toml", table), ("r/fees.csv", fees)];
    let world = || World { files: &files, rules: &["r"], ..World::default() };
    let loaded = world().load().unwrap();
    assert_eq!(loaded.tables.len(), 1);
    assert!(loaded.tables[0].0 == "fees" && loaded.tables[0].1.len() == 64);
    let twice = World { local: "[tables.fees]\nfile = \"r/fees.csv\"", ..world() };
    let error = twice.load().unwrap_err();
    assert_eq!(
        error.message(),
        "r/rules.toml:1:9: a second table `fees`, the first is at claimlint.toml:1"
    );
    let bad = |text: &str| {
        let files = [("t.csv", "code,fee\nSECRET,1,2\n")];
        World { local: text, files: &files, ..World::default() }.load().unwrap_err()
    };
    let cases = [
        ("[tables.Fees]", "1:9: `Fees` cannot be the name of a table"),
        ("[tables.fees]", "1:9: a table needs a file"),
        ("[tables.fees]\nfile = \"t.csv\"", "2:1: t.csv: line 2: 3 cells, the header has 2"),
        ("[tables.fees]\nfile = \"gone.csv\"", "2:1: gone.csv: cannot be read: No such file"),
        ("[tables.fees]\nfile = \".\"", "2:1: .: is not a regular file"),
        ("[tables.fees]\nfil = \"t.csv\"", "2:1: unknown key `fil`"),
    ];
    for (text, want) in cases {
        let error = bad(text);
        assert!(error.message().starts_with(&format!("claimlint.toml:{want}")), "{text}\n{error}");
    }
}

#[test]
fn a_wrong_rule_is_told_with_its_place() {
    let with = |more: &str| rule("ORG001", more);
    let without = |line: &str| with("").replace(line, "");
    let long = "x".repeat(16 << 10);
    let cases = [
        (without("code = \"ORG001\"\n"), "1:1: a rule needs a code", "each has a code"),
        (without("message = \"too much\"\n"), "1:1: a rule needs a message", ""),
        (without("fails-when = \"charge > 5\"\n"), "1:1: a rule needs fails-when", "write"),
        (with("").replace("ORG001", "ABC001"), "2:1: `ABC001` cannot be the code", "ORG001"),
        (with("").replace("ORG001", "X12001"), "2:1: `X12001` cannot be the code", ""),
        (with("").replace("ORG001", "X120"), "2:1: `X120` cannot be the code", "X12"),
        (
            with("").replace("named-org001", "Too Much"),
            "3:1: `Too Much` cannot be the name",
            "hyphens",
        ),
        (
            with("").replace("named-org001", "policy"),
            "3:1: name `policy` is taken: it is a cat",
            "",
        ),
        (with("").replace("named-org001", "missing-code"), "3:1: name `missing-code` is taken", ""),
        (with("") + &with(""), "9:1: code `ORG001` is taken: a rule at claimlint.toml:2", ""),
        (with("").replace("A title", " "), "4:1: title: is empty", ""),
        (with("").replace("A title", "a\\tb"), "4:1: title: has a line break or another", ""),
        (with("").replace("too much", "a\\nb"), "6:1: message: has a line break", ""),
        (with("").replace("charge", "\\u0007"), "5:1: fails-when: has a control", ""),
        (with("").replace("charge", &long), "5:1: fails-when: is larger than 16 KiB", ""),
        (with("lines-when = \"a\""), "7:1: lines-when: a rule for lines", "scope"),
        (with("scope = \"lines\""), "7:9: unknown value `lines`", "did you mean `line`?"),
        (with("severity = 1"), "7:12: ", ""),
        (with("fail-when = \"a\""), "7:1: unknown key `fail-when`", "did you mean `fails-when`?"),
        (with("category = \"polcy\""), "7:1: unknown category `polcy`", "did you mean `policy`?"),
        (with("fields = [\"unit\"]"), "7:1: fields: no field is", "did you mean `units`?"),
        (with("url = \"javascript:x\""), "7:1: url: is no address", ""),
        (with("payer = []"), "7:1: payer: a payer needs a name", ""),
        (with("effective = { from = \"2025-13-01\" }"), "7:15: effective: from: expected", ""),
        (with("effective = {}"), "7:1: effective: has neither", ""),
        (
            with("effective = { from = \"2025-02-01\", to = \"2025-01-01\" }"),
            "7:1: effective: to is before from",
            "",
        ),
        (with("[[rule.test]]\nlines = [{ units = \"1\" }]"), "7:1: a test needs expect", "write"),
        (with("[[rule.test]]\nlines = []"), "7:1: a test needs lines", ""),
        (with("[[rule.test]]\nlines = [{ units = 1.5 }]"), "8:20: expected a text such", ""),
        (with("[[rule.test]]\nexpect = \"fails\""), "8:10: unknown value", "`fail`"),
        (with("").replace("charge", "units / chrge"), "5:23: fails-when: no column", "`charge`"),
        (with("").replace("charge", "units > 1 AND"), "5:29: fails-when: ", ""),
        (with("").replace("too much", "{chrge}"), "6:13: message: no column", "`charge`"),
        (with("").replace("too much", "{patient_id}"), "6:13: message: ", ""),
        (with("applies-when = \"\"\"\n  units >\n  'a'\n\"\"\""), "8:3: applies-when: ", ""),
        ("rules = 3".to_owned(), "1:9: invalid type: integer `3`, expected tables such as", ""),
        ("rules = [\"gone\"]".to_owned(), "1:10: no such file or folder: gone", ""),
        ("rule-files = [\"gone\"]".to_owned(), "1:15: no such file or folder: gone", ""),
        ("rules = [3]".to_owned(), "1:10: invalid type", ""),
    ];
    for (text, want, help) in cases {
        let error = local(&text).unwrap_err();
        let got = error.message();
        assert_eq!(error.kind(), ErrorKind::Settings);
        assert!(got.starts_with(&format!("claimlint.toml:{want}")), "{text}\n{got}");
        assert!(error.help().unwrap_or_default().contains(help), "{text}\n{:?}", error.help());
        assert!(!got.contains('\n'), "{got}");
    }
}

#[test]
fn there_are_no_more_rules_than_lines_remember() {
    let all: String = (0..122).map(|at| rule(&format!("ORG{at:03}"), "")).collect();
    let loaded = local(&all).unwrap();
    assert_eq!(loaded.registry.len(), 126);
    let error = local(&(all + &rule("XA001", ""))).unwrap_err();
    assert!(error.message().ends_with(": more than 122 rules of your own"), "{error}");
}

#[test]
fn a_rule_file_holds_rules_and_tables_only() {
    let bad = |text: &str, rules| {
        World { files: &[("r/r.toml", text)], rules, ..World::default() }.load().unwrap_err()
    };
    let error = bad("select = [\"ALL\"]", &["r"]);
    assert_eq!(error.message(), "r/r.toml:1:1: unknown key `select`");
    let error = bad("", &["s"]);
    assert_eq!(error.message(), "--rules: no such file or folder: s");
    let world = World { files: &[("r/x", "y")], rules: &["r"], ..World::default() };
    assert_eq!(world.load().unwrap_err().message(), "--rules: r: a folder without a rule file");
}

#[test]
fn tests_are_kept_beside_their_rule() {
    let test = "[[rule.test]]\nlines = [{ units = 2, charge = \"1.50\" }, {}]\nexpect = \"fail\"\n\
                [[rule.test]]\nname = \"no units\"\nlines = [{ units = \"\" }]\n\
                expect = \"unknown\"";
    let loaded = local(&(rule("ORG001", test) + &rule("ORG002", ""))).unwrap();
    let [("ORG001", tests)] = loaded.tests.as_slice() else { panic!("one") };
    let [first, second] = tests.as_slice() else { panic!("two") };
    assert_eq!((first.name.as_str(), second.name.as_str()), ("test 1", "no units"));
    assert_eq!(first.lines[0]["units"], "2");
    assert!(first.lines[0]["charge"] == "1.50" && first.lines[1].is_empty());
    assert_eq!(second.origin.to_string(), "claimlint.toml:10");
}
