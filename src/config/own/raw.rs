//! Rules and tables of the user's as written: nothing checked but the names and types of keys.

use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::config::raw::{OneOrMany, RawOption};
use crate::config::words::{ExpectWord, RuleScopeWord, SeverityWord};

/// A rule of the user's.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawRule {
    /// Its code: `ORG` or `X`, up to five further letters, and three digits, such as `ORG001`.
    pub code: Option<String>,
    /// The defect in kebab case: `telehealth-without-modifier`. Selectors take it too.
    pub name: Option<String>,
    /// The defect in a few words, as reports show it.
    pub title: Option<String>,
    /// What the rule looks at in one go: `line` unless set, `claim` or `patient-day`.
    pub scope: Option<RuleScopeWord>,
    /// How much a finding weighs: `warning` unless set.
    pub severity: Option<SeverityWord>,
    /// What the rule is about, as selectors name it: `policy` unless set.
    pub category: Option<String>,
    /// Where it finds something, in SQL: an expression over fields that is true or false.
    pub fails_when: Option<String>,
    /// Where it looks at all, in SQL; everywhere if not set.
    pub applies_when: Option<String>,
    /// Which lines of a failing claim or patient-day are reported, in SQL; the first if not set.
    pub lines_when: Option<String>,
    /// The fields that a finding points at, the most telling first.
    pub fields: Option<Vec<String>>,
    /// What is wrong, in lower case and without a full stop; `{procedure_code}` stands for a value.
    pub message: Option<String>,
    /// What to do about a finding, in one sentence.
    pub help: Option<String>,
    /// Where more is written of it: `https://…`.
    pub url: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The days of service on which it holds: `{ from = "2025-01-01", to = "2025-12-31" }`.
    pub effective: Option<RawEffective>,
    /// The payers whose lines it looks at, compared without case; all if not set.
    pub payer: Option<OneOrMany>,
    /// Lines that show what it finds and what it does not.
    #[serde(rename = "test")]
    pub tests: Option<Vec<RawRuleTest>>,
}

/// The days of service on which a rule holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawEffective {
    /// The first day, such as `2025-01-01`.
    pub from: Option<String>,
    /// The last day, such as `2025-12-31`.
    pub to: Option<String>,
}

/// Lines, and what a rule says of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawRuleTest {
    /// What it shows.
    pub name: Option<String>,
    /// The lines, each by field: `[{ place_of_service = "02", procedure_code = "99213" }]`.
    pub lines: Option<Vec<BTreeMap<String, RawCell>>>,
    /// What the rule says of them: `fail`, `pass` or `unknown`.
    pub expect: Option<ExpectWord>,
    /// With `fail`, the lines that it reports, counted from 1; any if not set.
    pub reports: Option<Vec<u64>>,
}

/// A cell of a test's line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected a text such as \"12.50\", or a whole number")]
#[schemars(inline)]
pub enum RawCell {
    /// A whole number.
    Number(i64),
    /// Text.
    Text(String),
}

/// A table that rules look things up in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawTable {
    /// The table as CSV, with a header. A relative path starts at the file that names it.
    pub file: Option<String>,
    /// The column by which rows are found; the first if not set.
    pub key: Option<String>,
    /// The column of the first day on which a row holds; `valid_from` if not set and there.
    pub valid_from: Option<String>,
    /// The column of the last day on which a row holds; `valid_to` if not set and there.
    pub valid_to: Option<String>,
}

/// A rule file: rules, and the tables that they look things up in.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawRuleFile {
    /// Rules of the user's.
    #[serde(rename = "rule")]
    pub own_rules: Option<Vec<RawRule>>,
    /// Tables that they look things up in.
    pub tables: Option<BTreeMap<String, RawTable>>,
}

/// The key `rules`: tables of settings, or rule files.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum RawRules {
    /// `[rules.CII001]`: settings, by selector.
    Tables(BTreeMap<String, BTreeMap<String, RawOption>>),
    /// `rules = ["rules/"]`: rule files.
    Files(Vec<String>),
}

impl RawRules {
    /// The settings of rules, by selector.
    pub fn tables(&self) -> Option<&BTreeMap<String, BTreeMap<String, RawOption>>> {
        match self {
            RawRules::Tables(tables) => Some(tables),
            RawRules::Files(_) => None,
        }
    }

    /// The rule files.
    pub fn files(&self) -> &[String] {
        match self {
            RawRules::Tables(_) => &[],
            RawRules::Files(files) => files,
        }
    }
}

impl<'de> Deserialize<'de> for RawRules {
    /// An untagged enum would hold the whole value before it looks at a part: an error in it would
    /// have no place.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = RawRules;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("tables such as [rules.CII001], or a list of rule files")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawRules, A::Error> {
                let tables = BTreeMap::deserialize(MapAccessDeserializer::new(map))?;
                Ok(RawRules::Tables(tables))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<RawRules, A::Error> {
                let mut files = Vec::new();
                while let Some(file) = items.next_element::<String>()? {
                    files.push(file);
                }
                Ok(RawRules::Files(files))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// A rule's table of settings, as the schema describes it: `severity` and the rule's own options.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "only its schema is used")]
struct RuleTable {
    /// How much a finding of the rule weighs.
    severity: Option<SeverityWord>,
    /// The rule's own options; `claimlint rule CODE` lists them.
    #[serde(flatten)]
    options: BTreeMap<String, RawOption>,
}

/// The schema of the key `rules`.
pub fn rules_schema(generator: &mut SchemaGenerator) -> Schema {
    let table = generator.subschema_for::<RuleTable>();
    schemars::json_schema!({
        "anyOf": [
            { "type": "object", "additionalProperties": table },
            { "type": "array", "items": { "type": "string" } },
            { "type": "null" },
        ],
    })
}
