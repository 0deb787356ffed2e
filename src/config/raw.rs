//! The configuration file as written: keys optional, nothing checked but names and types.
//!
//! The doc comments are what `claimlint config explain` and the JSON Schema say of a key, and the
//! `default` beside a key is held against the merged settings by a test.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use crate::model::Field;

pub use crate::config::own::raw::{
    RawCell, RawRule, RawRuleFile, RawRuleTest, RawRules, RawTable, rules_schema,
};
pub use crate::config::waivers::{RawBaseline, RawWaiver, RawWaiverMatch};
pub use crate::config::words::{
    EncodingWord, FailOnWord, InputFormatWord, OutputFormatWord, PhiWord, ScopeWord, SeverityWord,
};

/// claimlint.toml: how claim exports are read, which rules run and what is reported.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(title = "claimlint.toml")]
pub struct Raw {
    /// The set of defaults that everything else is laid over: `default`, `strict` or `practical`.
    #[schemars(extend("default" = "default"))]
    pub preset: Option<String>,
    /// The rules that run: codes (`CII001`), prefixes of codes (`CII`), names, categories or `ALL`.
    /// Replaces what lower layers selected.
    #[schemars(extend("default" = ["ALL"]))]
    pub select: Option<Vec<String>>,
    /// Rules that run beside the selected ones.
    pub extend_select: Option<Vec<String>>,
    /// Rules that do not run. Takes away from what this layer and lower ones selected.
    pub ignore: Option<Vec<String>>,
    /// Rules whose severity is below this one do not run.
    #[schemars(extend("default" = "info"))]
    pub min_severity: Option<SeverityWord>,
    /// How inputs are read.
    pub input: Option<RawInput>,
    /// Which column holds which field: `claim_id = "Claim No"`, or a list in order of preference.
    #[schemars(schema_with = "columns_schema")]
    pub columns: Option<BTreeMap<String, OneOrMany>>,
    /// What makes service lines one claim.
    pub claims: Option<RawClaims>,
    /// The words that cells are read with.
    pub vocabulary: Option<RawVocabulary>,
    /// Code ranges laid over the built-in ones.
    pub categories: Option<RawCategories>,
    /// Severity and options of rules, by code, prefix of codes, name, category or `ALL`. The more
    /// specific table wins within a file; a higher layer wins over a lower one. Or a list of rule
    /// files, as `rule-files` has it.
    #[schemars(schema_with = "rules_schema")]
    pub rules: Option<RawRules>,
    /// Files with rules of your own, and folders of them: every `*.toml` in one, in the order of
    /// their names. A relative path starts at the file that names it. Those of every layer count.
    pub rule_files: Option<Vec<String>>,
    /// Rules of your own, in SQL. Those of every layer count.
    #[serde(rename = "rule")]
    pub own_rules: Option<Vec<RawRule>>,
    /// Tables that your own rules look things up in, by name: `tables.fees`.
    pub tables: Option<BTreeMap<String, RawTable>>,
    /// Exceptions for some inputs or payers. Those of every layer apply, higher layers last.
    #[serde(rename = "override")]
    pub overrides: Option<Vec<RawOverride>>,
    /// Findings that somebody excuses for a time. Those of every layer apply.
    #[serde(rename = "waiver")]
    pub waivers: Option<Vec<RawWaiver>>,
    /// Findings that are accepted.
    pub baseline: Option<RawBaseline>,
    /// What is written where, and what makes the exit code 1.
    pub output: Option<RawOutput>,
    /// How much is let pass before the exit code says so.
    pub gate: Option<RawGate>,
    /// Threads, memory and temporary files.
    pub run: Option<RawRun>,
    /// What codes are looked up in, and the day that the run is made for.
    pub reference: Option<RawReference>,
}

/// How inputs are read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawInput {
    /// The form of the inputs; names the delimiter.
    #[schemars(extend("default" = "auto"))]
    pub format: Option<InputFormatWord>,
    /// The character between cells: `,` `;` `|` `\t`, `comma`, `semicolon`, `pipe`, `tab`, or any
    /// one ASCII character but a quote or a line break. Found out if not set.
    pub delimiter: Option<String>,
    /// The encoding of the inputs.
    #[schemars(extend("default" = "auto"))]
    pub encoding: Option<EncodingWord>,
    /// Whether `"` quotes cells. `false`: it is an ordinary character.
    #[schemars(extend("default" = true))]
    pub quoting: Option<bool>,
    /// Lines to skip before the header.
    #[schemars(extend("default" = 0))]
    pub skip_rows: Option<u64>,
    /// The layout of the inputs: the name of a built-in one, a TOML file that says what exports of
    /// one kind are like (a relative path starts at the file that names it), or `none`. Recognised
    /// by the header if not set.
    pub layout: Option<String>,
    /// The columns that make a claim, where its number is not enough: the column of the number
    /// first, then those that tell claims of one number apart.
    pub claim_key: Option<Vec<String>>,
    /// How the dates of a field are written, where the dates themselves do not tell: `iso`,
    /// `yyyymmdd`, `dd-mon-yyyy`, `mdy` or `dmy`, by field: `{ service_date = "mdy" }`.
    pub date_formats: Option<BTreeMap<String, String>>,
    /// Whether an input without service lines is accepted.
    #[schemars(extend("default" = false))]
    pub allow_empty: Option<bool>,
    /// Whether columns without a name are accepted; they are never mapped.
    #[schemars(extend("default" = false))]
    pub allow_unnamed_columns: Option<bool>,
    /// Stop after this many records of each input.
    pub limit_lines: Option<u64>,
    /// Files that were changed less than this ago are passed over, and listed: they may still be
    /// written. A whole number of seconds, minutes, hours or days: `90s`, `5m`, `2h`, `1d`.
    #[schemars(extend("default" = "0s"))]
    pub min_age: Option<String>,
}

/// What makes service lines one claim.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawClaims {
    /// `run`: the same claim id means the same claim in every input. `file`: in one input only.
    #[schemars(extend("default" = "run"))]
    pub scope: Option<ScopeWord>,
}

/// The words that cells are read with.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawVocabulary {
    /// Whole cells that mean "no value", in place of the built-in list. The empty cell always does.
    pub missing_words: Option<Vec<String>>,
    /// Whole cells that mean "no value", beside the list.
    pub extra_missing_words: Option<Vec<String>>,
    /// Two-character procedure modifiers, beside the built-in ones.
    pub extra_modifiers: Option<Vec<String>>,
}

/// Code ranges laid over the built-in ones.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawCategories {
    /// Sections of CPT Category I. A section of the same name is replaced, others are added.
    pub category_1: Option<Vec<RawSection>>,
    /// Sections of CPT Category II. A section of the same name is replaced, others are added.
    pub category_2: Option<Vec<RawSection>>,
}

/// A named part of a code category.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawSection {
    /// What the part is called.
    pub name: String,
    /// Ranges of code numbers, both ends included: `"10004-69990"`, or one number.
    pub ranges: Vec<String>,
}

/// An exception for some inputs or payers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawOverride {
    /// Which lines the exception is for; every key that is given must match.
    #[serde(rename = "match")]
    pub matching: Option<RawMatch>,
    /// Rules that report nothing there.
    pub ignore: Option<Vec<String>>,
    /// Severities there, by code, prefix of codes, name, category or `ALL`.
    pub severity: Option<BTreeMap<String, SeverityWord>>,
}

/// Which lines an exception is for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawMatch {
    /// Glob patterns for the input's name or path; one must match.
    pub file: Option<OneOrMany>,
    /// Payers, compared without case; the line must name one.
    pub payer: Option<OneOrMany>,
}

/// What is written where, and what makes the exit code 1.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawOutput {
    /// The form of standard output.
    #[schemars(extend("default" = "full"))]
    pub format: Option<OutputFormatWord>,
    /// How many findings of each rule a report for people shows; all are counted.
    #[schemars(extend("default" = 3))]
    pub samples: Option<u64>,
    /// Reports in files: `{ ndjson = "findings.ndjson" }` or `["ndjson=findings.ndjson"]`. The
    /// kinds are `json`, `ndjson`, `csv`, `sarif`, `junit`, `md`, and `prom` for the numbers of the
    /// run. Replaces the reports of lower layers.
    pub reports: Option<RawReports>,
    /// A directory for all reports of the run and a record of it, which appears whole or not at
    /// all.
    pub directory: Option<String>,
    /// A file for the lines of claims without an error, byte for byte; or a folder, for a file
    /// for each input.
    pub clean: Option<String>,
    /// A file, or a folder, for the lines of claims with an error and for what was set aside.
    pub rejected: Option<String>,
    /// Answers to X12 inputs: `["999=sets.x12", "277ca=claims.x12"]`.
    pub acks: Option<Vec<String>>,
    /// Whether rejected lines get a column `claimlint_rules` with the codes of their errors.
    #[schemars(extend("default" = false))]
    pub reasons: Option<bool>,
    /// What findings show of cells that identify or describe a patient: nothing (`mask`), a keyed
    /// hash (`hash`) or the cell (`show`).
    #[schemars(extend("default" = "mask"))]
    pub phi: Option<PhiWord>,
    /// The file with the key of these hashes, at least 16 bytes that only their owner may read.
    pub phi_key_file: Option<String>,
    /// The lightest finding that makes the exit code 1.
    #[schemars(extend("default" = "error"))]
    pub fail_on: Option<FailOnWord>,
    /// Whether findings leave the exit code at 0.
    #[schemars(extend("default" = false))]
    pub exit_zero: Option<bool>,
}

/// How much is let pass before the exit code says so.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawGate {
    /// How many findings of the severity of `output.fail-on` and above leave the exit code at 0: a
    /// number, or a share of the lines such as `"0.5%"`. Those of rules with a threshold of their
    /// own are not among them.
    #[schemars(extend("default" = 0))]
    pub max_findings: Option<RawThreshold>,
    /// How many records that cannot be read are put up with: a number, or a share of the records.
    /// More of them make the exit code 3. Any number if not set.
    pub max_rejects: Option<RawThreshold>,
    /// How many findings of a rule leave the exit code at 0, whatever their severity: a number, or
    /// a share of the lines that the rule judged. By code, prefix of codes, name, category or
    /// `ALL`: each rule is counted by itself.
    pub rules: Option<BTreeMap<String, RawThreshold>>,
}

/// Threads, memory and temporary files.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawRun {
    /// Worker threads; 0 for as many as the machine runs at once.
    #[schemars(extend("default" = 0))]
    pub threads: Option<u32>,
    /// What the run may hold in memory: `1GiB`, `512MB`, or bytes; at least 16 MiB.
    #[schemars(extend("default" = "1GiB"))]
    pub memory_limit: Option<RawSize>,
    /// Where temporary files go; the system's place for them if not set.
    pub temp_dir: Option<String>,
    /// How long another run that writes to the same run directory is waited for, such as `10m`.
    #[schemars(extend("default" = "0s"))]
    pub lock_wait: Option<String>,
}

/// What codes are looked up in, and the day that the run is made for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawReference {
    /// The folder of compiled editions, which `claimlint refdata import` fills. If not set: that of
    /// `CLAIMLINT_REFDATA`, or `claimlint/refdata` in the user's folder for data.
    pub directory: Option<String>,
    /// The day that the run is made for, such as `2026-10-31`: a service on a later day is in the
    /// future. Today if not set.
    pub as_of: Option<String>,
}

/// One text or a list of texts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected a text or a list of texts")]
#[schemars(inline)]
pub enum OneOrMany {
    /// One text.
    One(String),
    /// A list of texts.
    Many(Vec<String>),
}

impl OneOrMany {
    /// The texts as a list.
    pub fn list(&self) -> Vec<String> {
        match self {
            OneOrMany::One(text) => vec![text.clone()],
            OneOrMany::Many(list) => list.clone(),
        }
    }
}

/// The reports in files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected { KIND = \"PATH\" } or [\"KIND=PATH\"]")]
#[schemars(inline)]
pub enum RawReports {
    /// A path for each kind.
    Table(BTreeMap<String, String>),
    /// `KIND=PATH`.
    List(Vec<String>),
}

/// An amount of memory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected a size such as \"1GiB\", or bytes")]
#[schemars(inline)]
pub enum RawSize {
    /// Bytes.
    Bytes(u64),
    /// A number with a unit.
    Text(String),
}

/// How much is let pass.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected a number, or a share such as \"0.5%\"")]
#[schemars(inline)]
pub enum RawThreshold {
    /// So many.
    Count(u64),
    /// A share, or a number as text.
    Text(String),
}

/// The value of a rule's option.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected true or false, a whole number, a text or a list of texts")]
#[schemars(inline)]
pub enum RawOption {
    /// `true` or `false`.
    Flag(bool),
    /// A whole number.
    Number(i64),
    /// Text.
    Text(String),
    /// A list of texts.
    List(Vec<String>),
}

/// `[columns]`, with one key for each field.
fn columns_schema(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = schemars::json_schema!({
        "description": "Which column holds which field: `claim_id = \"Claim No\"`, or a list of \
                        columns in order of preference.",
        "type": ["object", "null"],
        "additionalProperties": false,
    });
    let column = generator.subschema_for::<OneOrMany>();
    let described = Field::ALL.iter().map(|field| {
        let mut property = column.clone();
        let meaning = format!("The column that holds {}.", field.meaning());
        property.insert("description".to_owned(), meaning.into());
        (field.name().to_owned(), property.to_value())
    });
    let properties: serde_json::Map<_, _> = described.collect();
    schema.insert("properties".to_owned(), properties.into());
    schema
}
