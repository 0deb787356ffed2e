//! Tests of the whole way from layers to settings, over a toy list of rules.

mod errors;
mod own;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::declare_rule;
use crate::error::Error;
use crate::lint::knowledge::{Section, Sections};
use crate::lint::{Builder, Check, OptionValue, Rule};
use crate::model::cell::MissingWords;
use crate::model::{Date, Field, Severity, Vocabulary};
use crate::report::Format;

fn no_check(_: &mut Builder<'_>) -> Result<Check> {
    Err(Error::settings("a toy"))
}

macro_rules! toy {
    ($ident:ident $code:literal $name:literal $category:ident $severity:ident) => {
        declare_rule! {
            /// A toy.
            pub static $ident = {
                code: $code, name: $name, title: "Toy",
                fix: "none", scope: Line, category: $category, severity: $severity, since: "0.1.0",
                reads: [ClaimId], needs: [ClaimId], build: no_check,
            }
        }
    };
}

toy!(CII001 "CII001" "two-without-one" CategoryTwo Error);
toy!(CII002 "CII002" "two-with-other" CategoryTwo Warning);
toy!(COD001 "COD001" "missing-code" CodeFormat Error);
toy!(COD002 "COD002" "malformed-code" CodeFormat Info);

static TOYS: [&Rule; 4] = [&CII001, &CII002, &COD001, &COD002];

fn registry() -> Registry {
    Registry::new(&TOYS)
}

fn preset(name: &str) -> Option<&'static str> {
    match name {
        "default" => Some(""),
        "strict" => Some("[rules.CII002]\nseverity = \"error\"\n"),
        _ => None,
    }
}

fn base() -> Knowledge {
    let section = |name: &str, range| Section { name: name.to_owned(), ranges: vec![range] };
    Knowledge {
        category_one: Sections(vec![section("Surgery", (10004, 69990))]),
        category_two: Sections(Vec::new()),
        vocabulary: Arc::new(Vocabulary {
            missing: MissingWords::new(["NULL"]),
            modifiers: BTreeSet::from([*b"25"]),
        }),
        footers: Vec::new(),
        reference: Arc::default(),
        as_of: Date::END,
    }
}

/// A working directory, a user's and a system's file, variables, `--config`s and flags.
#[derive(Default)]
struct World<'a> {
    local: &'a str,
    user: &'a str,
    system: &'a str,
    files: &'a [(&'a str, &'a str)],
    variables: &'a [(&'a str, &'a str)],
    configs: &'a [&'a str],
    rules: &'a [&'a str],
    flags: Option<Layer>,
    isolated: bool,
}

impl World<'_> {
    fn load(self) -> Result<Loaded> {
        let home = tempfile::tempdir().unwrap();
        let write = |path: &Path, text: &str| {
            if !text.is_empty() {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
        };
        let directory = home.path().join("work");
        fs::create_dir_all(&directory).unwrap();
        write(&directory.join("claimlint.toml"), self.local);
        write(&home.path().join(".config/claimlint/claimlint.toml"), self.user);
        write(&home.path().join("etc/claimlint.toml"), self.system);
        self.files.iter().for_each(|(name, text)| write(&directory.join(name), text));
        let environment = |name: &str| match name {
            "HOME" => Some(home.path().as_os_str().to_owned()),
            _ => {
                let mut all = self.variables.iter();
                all.find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
            }
        };
        let sources = Sources {
            flags: self.flags.unwrap_or_default(),
            configs: self.configs.iter().map(|text| (*text).to_owned()).collect(),
            rules: self.rules.iter().map(|text| (*text).to_owned()).collect(),
            isolated: self.isolated,
            system: home.path().join("etc/claimlint.toml"),
            directory,
            environment: &environment,
        };
        let stock = Stock { registry: &registry(), base: base(), presets: &preset, layouts: &[] };
        load(&sources, stock)
    }
}

fn local(text: &str) -> Result<Loaded> {
    World { local: text, ..World::default() }.load()
}

fn shown<'l>(loaded: &'l Loaded, key: &str) -> (&'l str, &'l str) {
    let shown = loaded.shown.iter().find(|shown| shown.key == key);
    shown.map_or(("", ""), |shown| (&shown.value, &shown.origin))
}

fn enabled(loaded: &Loaded) -> Vec<bool> {
    loaded.settings.rules.iter().map(|rule| rule.enabled).collect()
}

#[test]
fn the_higher_layer_wins_and_is_remembered() {
    let flags = || {
        let raw: Raw = toml::from_str("output.samples = 6").unwrap();
        Some(Layer::named(raw, [("output.samples", "--samples")]))
    };
    let world = |level: usize| World {
        system: "output.samples = 1",
        user: if level > 0 { "[output]\nsamples = 2" } else { "" },
        local: if level > 1 { "\n[output]\nsamples = 3" } else { "" },
        configs: if level > 2 { &["output.samples=4", "output.samples=5"] } else { &[] },
        flags: if level > 3 { flags() } else { None },
        ..World::default()
    };
    let got: Vec<(u64, String)> = (0..5)
        .map(|level| {
            let loaded = world(level).load().unwrap();
            (loaded.settings.output.samples, shown(&loaded, "output.samples").1.to_owned())
        })
        .collect();
    assert!(got[0].0 == 1 && got[0].1.ends_with("etc/claimlint.toml:1"), "{got:?}");
    assert!(got[1].0 == 2 && got[1].1.ends_with(".config/claimlint/claimlint.toml:2"), "{got:?}");
    assert_eq!(got[2], (3, "claimlint.toml:3".to_owned()));
    assert_eq!(got[3], (5, "--config output.samples=5".to_owned()));
    assert_eq!(got[4], (6, "--samples".to_owned()));
}

#[test]
fn nothing_set_gives_the_defaults_that_the_schema_states() {
    let loaded = local("").unwrap();
    assert_eq!(enabled(&loaded), [true; 4]);
    assert!(loaded.settings.run.threads >= 1);
    assert_eq!(loaded.settings.run.memory_limit, 1 << 30);
    assert_eq!(loaded.settings.gate.fail_on, Some(Severity::Error));
    assert!(loaded.settings.input.quoting && loaded.settings.claims_span_inputs);
    for shown in &loaded.shown {
        assert_eq!(shown.origin, "built in", "{}", shown.key);
        let said = explain::explain(&shown.key).unwrap();
        let want = shown.value.replace(' ', "");
        let stated = said.lines().find_map(|line| line.strip_prefix("default: "));
        assert_eq!(stated.unwrap_or_default().replace(' ', ""), want, "{said}");
    }
    // And nothing else states a default.
    let stated = explain::keys();
    let stated = stated.iter().filter(|key| explain::explain(key).unwrap().contains("\ndefault: "));
    assert_eq!(stated.count(), loaded.shown.len());
}

#[test]
fn environment_lies_between_flags_and_config() {
    let world = World {
        configs: &["output.format=\"json\"", "run.threads=2"],
        variables: &[("CLAIMLINT_OUTPUT_FORMAT", "csv"), ("CLAIMLINT_THREADS", "3")],
        ..World::default()
    };
    let loaded = world.load().unwrap();
    assert_eq!(loaded.settings.output.format, Format::Csv);
    assert_eq!(shown(&loaded, "run.threads"), ("3", "CLAIMLINT_THREADS"));
    let bad = |name, value| {
        let world = World { variables: &[(name, value)], ..World::default() };
        world.load().unwrap_err()
    };
    let error = bad("CLAIMLINT_OUTPUT_FORMAT", "jsn");
    assert_eq!(error.message(), "CLAIMLINT_OUTPUT_FORMAT: unknown value `jsn`");
    assert_eq!(error.help(), Some("did you mean `json`?"));
    assert!(bad("CLAIMLINT_THREADS", "two").message().starts_with("CLAIMLINT_THREADS: expected"));
    assert!(
        bad("CLAIMLINT_CONFIG", "gone.toml").message().starts_with("CLAIMLINT_CONFIG: no file")
    );
}

#[test]
fn a_named_file_stands_in_for_the_local_one() {
    let files = [("other.toml", "output.samples = 9")];
    let world = World {
        local: "output.samples = 1\nmin-severity = \"error\"",
        files: &files,
        variables: &[("CLAIMLINT_CONFIG", "other.toml")],
        ..World::default()
    };
    let loaded = world.load().unwrap();
    assert_eq!(loaded.settings.output.samples, 9);
    assert_eq!(loaded.settings.output.min_severity, Severity::Info);
    let world = World { files: &files, configs: &["other.toml"], ..World::default() };
    assert_eq!(shown(&world.load().unwrap(), "output.samples"), ("9", "other.toml:1"));
    // A relative XDG_CONFIG_HOME is no place to look, as its standard says.
    let world = World {
        user: "output.samples = 7",
        variables: &[("XDG_CONFIG_HOME", "elsewhere")],
        ..World::default()
    };
    assert_eq!(world.load().unwrap().settings.output.samples, 7);
}

#[test]
fn isolated_ignores_every_file() {
    let isolated = |configs| World {
        local: "nonsense = 1",
        user: "nonsense = 1",
        system: "nonsense = 1",
        files: &[("other.toml", "")],
        configs,
        variables: &[("CLAIMLINT_CONFIG", "gone.toml")],
        isolated: true,
        ..World::default()
    };
    let loaded = isolated(&["output.samples=4"]).load().unwrap();
    assert_eq!(loaded.settings.output.samples, 4);
    assert!(isolated(&["other.toml"]).load().unwrap_err().message().contains("--isolated"));
}

#[test]
fn selection_replaces_adds_and_takes_away_from_the_lowest_layer_up() {
    let world = World {
        user: "select = [\"CII\"]\nignore = [\"CII001\"]",
        local: "extend-select = [\"missing-code\", \"CII001\"]",
        ..World::default()
    };
    let loaded = world.load().unwrap();
    assert_eq!(enabled(&loaded), [true, true, true, false]);
    assert_eq!(loaded.rules[0].enabled, "claimlint.toml:1");
    let world = World {
        user: "select = [\"CII\"]",
        local: "select = [\"code-format\"]\nignore = [\"COD001\"]",
        ..World::default()
    };
    assert_eq!(enabled(&world.load().unwrap()), [false, false, false, true]);
    let loaded = local("min-severity = \"warning\"").unwrap();
    assert_eq!(enabled(&loaded), [true, true, true, false]);
    assert_eq!(loaded.rules[3].enabled, "claimlint.toml:1");
}

#[test]
fn the_more_specific_rule_table_wins_within_a_layer_and_the_layer_before_that() {
    let text = "[rules.CII001]\nseverity = \"info\"\n[rules.CII]\nseverity = \"warning\"\n\
                exempt-codes = [\"0001F\"]\n[rules.ALL]\nseverity = \"error\"\nx = true\n\
                [rules.category-two]\nx = 3\n[rules.C]\nx = \"t\"\n";
    let loaded = local(text).unwrap();
    let severities: Vec<Severity> = loaded.settings.rules.iter().map(|r| r.severity).collect();
    use Severity::{Error, Info, Warning};
    assert_eq!(severities, [Info, Warning, Error, Error]);
    let options = &loaded.settings.rules[1].options;
    assert_eq!(options["exempt-codes"], OptionValue::List(vec!["0001F".to_owned()]));
    assert_eq!(options["x"], OptionValue::Text("t".to_owned()));
    assert_eq!(loaded.rules[1].severity, "claimlint.toml:4");
    assert_eq!(loaded.settings.rules[1].origin, "claimlint.toml:3");
    let world = World { system: text, local: "rules.ALL.severity = \"info\"", ..World::default() };
    let loaded = world.load().unwrap();
    assert!(loaded.settings.rules.iter().all(|rule| rule.severity == Info));
}

#[test]
fn presets_lie_below_every_file() {
    let strict = local("preset = \"strict\"").unwrap();
    assert_eq!(strict.settings.rules[1].severity, Severity::Error);
    assert_eq!(strict.rules[1].severity, "preset strict");
    let loaded = local("preset = \"strict\"\nrules.CII002.severity = \"info\"").unwrap();
    assert_eq!(loaded.settings.rules[1].severity, Severity::Info);
}

#[test]
fn a_layout_lies_just_below_the_layer_that_names_it() {
    let layout = "[columns]\nclaim_id = \"A\"\ncharge = \"B\"\n[input]\nskip-rows = 2\n";
    let world = World {
        user: "[columns]\nclaim_id = \"U\"\nunits = \"N\"",
        local: "[input]\nlayout = \"layouts/x.toml\"\n[columns]\ncharge = [\"C\", \"D\"]",
        files: &[("layouts/x.toml", layout)],
        ..World::default()
    };
    let loaded = world.load().unwrap();
    let want =
        [(Field::ClaimId, vec!["A"]), (Field::Units, vec!["N"]), (Field::Charge, vec!["C", "D"])];
    let want = want.map(|(field, list)| (field, list.into_iter().map(String::from).collect()));
    assert_eq!(loaded.settings.input.columns, BTreeMap::from(want));
    assert_eq!(loaded.settings.input.skip_rows, 2);
    assert_eq!(shown(&loaded, "columns.claim_id"), ("\"A\"", "layouts/x.toml:2"));
    let bad = |text| {
        let files = [("l.toml", text)];
        let local = "[input]\nlayout = \"l.toml\"";
        World { local, files: &files, ..World::default() }.load().unwrap_err()
    };
    assert_eq!(bad("[rules]").message(), "l.toml:1:2: unknown key `rules`");
    assert_eq!(bad("[input]\nlayout=\"a\"").message(), "l.toml:2:1: a layout cannot name a layout");
    let gone = local("[input]\nlayout = \"gone.toml\"").unwrap_err();
    assert_eq!(gone.message(), "claimlint.toml:2:1: no such layout: gone.toml");
}

#[test]
fn of_format_and_delimiter_the_higher_layer_wins() {
    let delimiter = |user: &str, local: &str| {
        let world = World { user, local, ..World::default() };
        world.load().unwrap().settings.input.delimiter
    };
    assert_eq!(delimiter("", "input.format = \"psv\""), Some(b'|'));
    assert_eq!(delimiter("", "input = { format = \"csv\", delimiter = \";\" }"), Some(b';'));
    assert_eq!(delimiter("input.delimiter = \";\"", "input.format = \"tsv\""), Some(b'\t'));
    assert_eq!(delimiter("input.delimiter = \";\"", "input.format = \"auto\""), None);
    assert_eq!(delimiter("input.format = \"tsv\"", "input.delimiter = \"^\""), Some(b'^'));
}

#[test]
fn words_and_categories_are_laid_over_the_built_in_ones() {
    let world = World {
        user: "[vocabulary]\nextra-missing-words = [\"NIL\"]",
        local: "[vocabulary]\nextra-modifiers = [\"zz\"]\nextra-missing-words = [\"?\"]\n\
                [categories]\ncategory-1 = [{ name = \"Surgery\", ranges = [\"1-2\"] }]\n\
                category-2 = [{ name = \"Ours\", ranges = [\"9001-9007\", \"42\"] }]\n\
                [claims]\nscope = \"file\"",
        ..World::default()
    };
    let loaded = world.load().unwrap();
    let knowledge = &loaded.settings.knowledge;
    for word in ["null", "nil", "?"] {
        assert!(knowledge.vocabulary.missing.contains(word.as_bytes()), "{word}");
    }
    assert_eq!(knowledge.vocabulary.modifiers, BTreeSet::from([*b"25", *b"ZZ"]));
    assert_eq!(knowledge.category_one.0.len(), 1);
    assert_eq!(knowledge.category_one.0[0].ranges, [(1, 2)]);
    assert_eq!(knowledge.category_two.0[0].ranges, [(9001, 9007), (42, 42)]);
    assert!(!loaded.settings.claims_span_inputs);
    let loaded = local("vocabulary.missing-words = [\"-\"]").unwrap();
    assert!(!loaded.settings.knowledge.vocabulary.missing.contains(b"NULL"));
}

#[test]
fn overrides_of_every_layer_apply() {
    let world = World {
        user: "[[override]]\nmatch = { payer = [\"X\"] }\n\
               severity = { CII = \"info\", CII001 = \"error\" }",
        local: "[[override]]\nmatch.file = \"*.psv\"\nignore = [\"CII001\"]\n\
                severity.ALL = \"info\"",
        ..World::default()
    };
    let loaded = world.load().unwrap();
    let [first, second] = loaded.settings.overrides.as_slice() else { panic!("two") };
    let of =
        |exception: &settings::Override| exception.changes.values().copied().collect::<Vec<_>>();
    assert_eq!(of(first), [Some(Severity::Error), Some(Severity::Info)]);
    assert_eq!(first.payers, ["X"]);
    let info = Some(Severity::Info);
    assert_eq!(of(second), [None, info, info, info]);
    assert_eq!(second.files, ["*.psv"]);
    assert_eq!(second.origin, "claimlint.toml:1");
}

#[test]
fn settings_without_effect_are_told() {
    let text = "ignore = [\"CII\", \"CII001\"]\n[rules.CII001]\nx = 1\n\
                [[override]]\nmatch.file = \"a\"\nignore = [\"CII002\"]\n";
    let want = [
        "claimlint.toml:1: ignore `CII001` takes no rule away",
        "claimlint.toml:2: [rules.CII001] is about no rule that runs",
        "claimlint.toml:4: [[override]] is about no rule that runs",
    ];
    assert_eq!(local(text).unwrap().warnings, want);
    let strict = local("preset = \"strict\"\nignore = [\"CII002\"]").unwrap();
    assert_eq!(strict.warnings, Vec::<String>::new());
}
