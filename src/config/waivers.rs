//! Waivers: findings that somebody excuses for a time; and the file of accepted findings.

use std::collections::BTreeSet;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::layers::Layer;
use crate::config::merge::Merger;
use crate::config::origin::Origin;
use crate::config::raw::OneOrMany;
use crate::config::settings::RuleSetting;
use crate::error::{Error, Result};
use crate::lint::registry::Registry;
use crate::lint::select::select;
use crate::model::{Cell, Date, Field, RuleId};

/// The days that a waiver may last: somebody has to look at it again each year.
pub const WAIVER_DAYS_MAX: i32 = 366;

/// Findings that somebody excuses for a time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawWaiver {
    /// The rules that are waived: codes, prefixes of codes, names, categories or `ALL`.
    pub rules: Option<Vec<String>>,
    /// Which lines the waiver is for; every key that is given must match.
    #[serde(rename = "match")]
    pub matching: Option<RawWaiverMatch>,
    /// Why: what was agreed, and where that can be read.
    pub reason: Option<String>,
    /// Who says so.
    pub approver: Option<String>,
    /// The first day on which it applies, such as `2026-03-01`.
    pub granted: Option<String>,
    /// The last day on which it applies, at most 366 days after `granted`, or after the day of the
    /// run where that is not given.
    pub expires: Option<String>,
}

/// Which lines a waiver is for: glob patterns, one of which must match.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawWaiverMatch {
    /// The input's name or path. A waiver that names nothing else is for what is found in whole
    /// inputs and in records without a claim as well.
    pub file: Option<OneOrMany>,
    /// The payer, compared without case.
    pub payer: Option<OneOrMany>,
    /// The rendering provider, or the billing provider where no other is named.
    pub rendering_npi: Option<OneOrMany>,
    /// The billing provider.
    pub billing_npi: Option<OneOrMany>,
    /// The procedure code.
    pub procedure_code: Option<OneOrMany>,
    /// Any of the modifiers.
    pub modifier: Option<OneOrMany>,
    /// The place of service.
    pub place_of_service: Option<OneOrMany>,
    /// The claim number, compared with case.
    pub claim_id: Option<OneOrMany>,
}

/// Findings that are accepted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawBaseline {
    /// The file of accepted findings, which `claimlint baseline create` writes. A relative path
    /// starts at the file that names it.
    pub file: Option<String>,
}

/// A waiver, complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// The rules that are waived.
    pub rules: BTreeSet<RuleId>,
    /// Patterns, one of which the input's name or path must match; empty for any input.
    pub files: Vec<String>,
    /// For each field, patterns of which one must match its value. The first modifier stands for
    /// all of them.
    pub fields: Vec<(Field, Vec<String>)>,
    /// Why.
    pub reason: String,
    /// Who says so.
    pub approver: String,
    /// The first day on which it applies, where that is said.
    pub granted: Option<Date>,
    /// The last day on which it applies.
    pub expires: Date,
    /// Where it was written.
    pub origin: Origin,
}

/// What a waiver is on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaiverState {
    /// It begins in so many days.
    NotYet(i32),
    /// It applies, today and for so many days more.
    InForce(i32),
    /// It ended so many days ago.
    Expired(i32),
}

impl Waiver {
    /// What it is on this day.
    ///
    /// # Errors
    /// It would last for more than [`WAIVER_DAYS_MAX`] days from then on.
    pub fn state(&self, on: Date) -> Result<WaiverState> {
        let left = self.expires.days() - on.days();
        if let Some(wait) = self.granted.map(|day| day.days() - on.days()).filter(|days| *days > 0)
        {
            return Ok(WaiverState::NotYet(wait));
        }
        if self.granted.is_none() && left > WAIVER_DAYS_MAX {
            return Err(self.too_long(&format!("{on}, the day of the run")));
        }
        Ok(if left < 0 { WaiverState::Expired(-left) } else { WaiverState::InForce(left) })
    }

    fn too_long(&self, first: &str) -> Error {
        let what = format!("expires: more than {WAIVER_DAYS_MAX} days after {first}");
        self.origin.error(what).with_help("have it granted again when that day comes")
    }

    /// The fields that it looks at.
    pub fn reads(&self) -> impl Iterator<Item = Field> {
        let all = self.fields.iter().flat_map(|(field, _)| match field {
            Field::Modifier1 => Field::MODIFIERS.to_vec(),
            Field::RenderingNpi => vec![Field::RenderingNpi, Field::BillingNpi],
            field => vec![*field],
        });
        all.collect::<Vec<_>>().into_iter()
    }
}

/// The waivers of every layer, the lowest first.
pub(in crate::config) fn waivers(
    merger: &mut Merger<'_>,
    registry: &Registry,
    settings: &[RuleSetting],
) -> Result<Vec<Waiver>> {
    let mut all = Vec::new();
    let runs = |id: &RuleId| settings.get(usize::from(id.0)).is_some_and(|rule| rule.enabled);
    for layer in merger.layers {
        for (at, written) in layer.raw.waivers.iter().flatten().enumerate() {
            let waiver = waiver(written, layer, &format!("waiver.{at}"), registry)?;
            if !waiver.rules.iter().any(runs) {
                let origin = &waiver.origin;
                merger.warnings.push(format!("{origin}: [[waiver]] is about no rule that runs"));
            }
            all.push(waiver);
        }
    }
    Ok(all)
}

/// The file of accepted findings, where one is named.
pub(in crate::config) fn baseline(merger: &mut Merger<'_>) -> Option<PathBuf> {
    let picked = merger
        .optional("baseline.file", |raw| raw.baseline.as_ref().and_then(|of| of.file.clone()))?;
    let layer = merger.layers.get(picked.layer)?;
    Some(layer.beside(&picked.value))
}

fn waiver(written: &RawWaiver, layer: &Layer, key: &str, registry: &Registry) -> Result<Waiver> {
    let origin = layer.origin(key);
    let mut rules = BTreeSet::new();
    for (at, selector) in written.rules.iter().flatten().enumerate() {
        let at = layer.origin(&format!("{key}.rules.{at}"));
        rules.extend(select(selector, registry).map_err(|error| at.blame(&error))?);
    }
    if rules.is_empty() {
        let error = origin.error("a waiver names no rule");
        return Err(error.with_help("write rules = [\"CII001\"]"));
    }
    let (files, fields) = matching(written.matching.as_ref(), &origin)?;
    let text = |text: &Option<String>, what: &str| match text.as_deref().map(str::trim) {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err(origin
            .error(format_args!("a waiver needs {what}"))
            .with_help("each has a reason, an approver and a last day: expires = \"2026-12-31\"")),
    };
    let day = |written: &Option<String>, of: &str| match written.as_deref() {
        None => Ok(None),
        Some(text) => match Date::parse(text.trim().as_bytes()) {
            Cell::Value(day) => Ok(Some(day)),
            Cell::Missing | Cell::Malformed => {
                let error = layer.origin(&format!("{key}.{of}"));
                let error = error.error(format_args!("{of}: expected a day"));
                Err(error.with_help("write it as \"2026-12-31\""))
            }
        },
    };
    let granted = day(&written.granted, "granted")?;
    text(&written.expires, "a day on which it expires")?;
    let waiver = Waiver {
        rules,
        files,
        fields,
        reason: text(&written.reason, "a reason")?,
        approver: text(&written.approver, "an approver")?,
        granted,
        expires: day(&written.expires, "expires")?.unwrap_or(Date::END),
        origin,
    };
    if let Some(granted) = granted {
        if waiver.expires < granted {
            return Err(waiver.origin.error("expires: before granted"));
        }
        if waiver.expires.days() - granted.days() > WAIVER_DAYS_MAX {
            return Err(waiver.too_long("granted"));
        }
    }
    Ok(waiver)
}

/// Patterns of input names, and those of each field.
type Matching = (Vec<String>, Vec<(Field, Vec<String>)>);

fn matching(written: Option<&RawWaiverMatch>, origin: &Origin) -> Result<Matching> {
    let written = written.cloned().unwrap_or_default();
    let fields = [
        (Field::Payer, &written.payer),
        (Field::RenderingNpi, &written.rendering_npi),
        (Field::BillingNpi, &written.billing_npi),
        (Field::ProcedureCode, &written.procedure_code),
        (Field::Modifier1, &written.modifier),
        (Field::PlaceOfService, &written.place_of_service),
        (Field::ClaimId, &written.claim_id),
    ];
    let fields = fields.into_iter().filter_map(|(field, texts)| Some((field, texts.as_ref()?)));
    let fields: Vec<_> = fields.map(|(field, texts)| (field, texts.list())).collect();
    let files = written.file.as_ref().map(OneOrMany::list);
    let lists = || fields.iter().map(|(_, list)| list).chain(&files);
    if lists().next().is_none() {
        let error = origin.error("a waiver needs a match");
        return Err(error.with_help("write match = { payer = \"ACME*\" }, or another key"));
    }
    if lists().any(|list| list.is_empty() || list.iter().any(|text| text.trim().is_empty())) {
        return Err(origin.error("match: a pattern is empty"));
    }
    Ok((files.unwrap_or_default(), fields))
}
