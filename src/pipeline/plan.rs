//! From settings to a plan: rules built, inputs found and their headers read, columns chosen.

use std::path::PathBuf;
use std::sync::Arc;

use crate::config::settings::Settings;
use crate::config::waivers::Waiver;
use crate::error::{Error, Result};
use crate::input::source::Origin;
use crate::input::{InputSettings, Layout, Source};
use crate::lint::checks::Checks;
use crate::lint::policy::{EXCEPTIONS_MAX, Policy};
use crate::lint::registry::{RULES_MAX, Registry};
use crate::lint::{Builder, GroupCheck, Options};
use crate::model::typed::Typed;
use crate::model::{Date, Field, FieldSet, Phi, RuleId, RuleInfo, Snippet};
use crate::pipeline::context;
use crate::pipeline::exceptions::{exception, patterns};
use crate::pipeline::excuses::Excuses;
use crate::pipeline::inputs::{self, Inputs};
use crate::pipeline::limits::Limits;
use crate::pipeline::pool_streams;
use crate::pipeline::split::{self, SplitPlan};
use crate::reference::Reference;

pub use crate::pipeline::pool_streams::PoolStream;

/// Everything that is decided before the first record is read.
pub struct Plan {
    /// All rules there are.
    pub registry: Registry,
    /// The enabled ones, ready to run.
    pub checks: Checks,
    /// The ways in which lines are grouped; the first is by claim id.
    pub streams: Vec<Stream>,
    /// The second grouping that lines of claims pass by, if a rule asks for one.
    pub detour: Option<DetourStream>,
    /// The ways in which lines are put together to be compared.
    pub pools: Vec<PoolStream>,
    /// The fields whose cells are read as values beforehand.
    pub values: FieldSet,
    /// The inputs.
    pub inputs: Vec<Origin>,
    /// How inputs are read.
    pub input: InputSettings,
    /// The fields that anything reads.
    pub read: FieldSet,
    /// Exceptions by input: for each, the patterns of input names, and where it was written.
    pub exceptions: Vec<(Vec<glob::Pattern>, String)>,
    /// What excuses findings: waivers and the baseline.
    pub excuses: Excuses,
    /// Whether a claim id means the same claim in every input.
    pub claims_span_inputs: bool,
    /// What reads like the end of a report.
    pub footers: Vec<String>,
    /// How many findings of each rule carry their line's key columns.
    pub snippets: u64,
    /// Whether findings carry whose line they are about and when.
    pub says_context: bool,
    /// What findings show of private cells.
    pub phi: Phi,
    /// What codes are looked up in.
    pub reference: Arc<Reference>,
    /// The day that the run is made for, where one is known.
    pub as_of: Option<Date>,
    /// How large things may get.
    pub limits: Limits,
    /// Where temporary data goes.
    pub temp_dir: PathBuf,
    /// How the claims of the inputs are split, if they are.
    pub split: Option<SplitPlan>,
    /// What a person should know of the plan.
    pub notes: Vec<String>,
    /// The words that cells are read with.
    pub vocabulary: Arc<crate::model::Vocabulary>,
}

/// One way of grouping lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    /// The fields of the key.
    pub key: Vec<Field>,
    /// The rules that judge its groups, by their place in [`Checks::groups`].
    pub checks: Vec<usize>,
}

impl Stream {
    /// Whether the groups are claims.
    pub fn is_by_claim(&self) -> bool {
        self.key.as_slice() == [Field::ClaimId]
    }
}

/// A second grouping that kept lines of claims pass by.
#[derive(Debug, Clone)]
pub struct DetourStream {
    /// Its key, and the rule that asks for it.
    pub stream: Stream,
    /// The rule's place in [`Checks::groups`].
    pub check: usize,
    /// Days by which lines may differ.
    pub window_days: u16,
}

/// Facts of a rule take four bits of a row's 64.
const GROUP_CHECKS_MAX: usize = 16;

impl Plan {
    /// Builds the enabled rules and finds the inputs.
    ///
    /// # Errors
    /// An option that makes no sense, an input that is not there.
    pub fn new(settings: Settings, named: &[String], registry: Registry) -> Result<Plan> {
        let Inputs { origins, notes } = inputs::find(named, &settings.input)?;
        let split = SplitPlan::new(&settings, &origins)?;
        inputs::refuse_overwriting(&origins, &split::written(&settings.output, split.as_ref()))?;
        let mut plan = Self::without_inputs(settings, registry)?;
        plan.split = split;
        plan.inputs = origins;
        plan.notes.extend(notes);
        Ok(plan)
    }

    /// The same without inputs, for those who bring their own.
    pub fn without_inputs(settings: Settings, registry: Registry) -> Result<Plan> {
        let checks = build(&settings, &registry)?;
        let (excuses, notes) = Excuses::new(&settings)?;
        let streams = streams(&checks);
        let samples = if settings.output.shows_lines() { settings.output.samples } else { 0 };
        let pools = pool_streams::of(&checks, &registry, samples > 0)?;
        let values = values(&checks, &registry, &pools);
        let detour = detour(&checks);
        let mut read = fields_read(&settings, &registry, &streams, &pools);
        let passed_by = detour.iter().flat_map(|detour| &detour.stream.key);
        passed_by.for_each(|field| read.insert(*field));
        let limits = Limits::new(settings.run.threads, settings.run.memory_limit);
        Ok(Plan {
            registry,
            streams,
            detour,
            pools,
            values,
            inputs: Vec::new(),
            read,
            exceptions: patterns(&settings.overrides)?,
            excuses,
            checks,
            claims_span_inputs: settings.claims_span_inputs,
            footers: settings.knowledge.footers.clone(),
            reference: Arc::clone(&settings.knowledge.reference),
            as_of: Some(settings.knowledge.as_of).filter(|day| *day != Date::END),
            vocabulary: settings.knowledge.vocabulary.clone(),
            snippets: samples,
            phi: settings.phi.clone(),
            says_context: settings.output.says_context(),
            limits,
            temp_dir: settings.run.temp_dir.clone(),
            input: settings.input,
            split: None,
            notes,
        })
    }

    /// Opens an input and reads its header.
    pub fn open(&self, origin: &Origin) -> Result<Source> {
        let source = split::open(self, origin)?;
        source.layout.require_for(self.read).map_err(|error| error.in_place(&source.name))?;
        for field in self.streams.iter().flat_map(|stream| &stream.key) {
            if !source.layout.columns.contains_key(field) {
                let what = format!("no column for {field}, which group-by of a rule names");
                let advice = source.layout.advice(*field);
                return Err(Error::input(what).in_place(&source.name).with_help(advice));
            }
        }
        Ok(source)
    }

    /// What each exchange of groups may hold in memory, in bytes.
    pub fn exchange_bytes(&self) -> usize {
        let detours = usize::from(self.detour.is_some());
        self.limits.exchange_bytes / (self.streams.len() + detours)
    }

    /// What each exchange of lines that are compared may hold in memory, in bytes. Comparing groups
    /// takes one more.
    pub fn pool_bytes(&self) -> usize {
        self.limits.pool_bytes / (self.pools.len() + 1)
    }

    /// The enabled rules.
    pub fn enabled(&self) -> impl Iterator<Item = RuleId> {
        let checks = &self.checks;
        let mut ids: Vec<RuleId> = checks.records.iter().map(|check| check.id).collect();
        ids.extend(checks.lines.iter().map(|check| check.id));
        ids.extend(checks.groups.iter().map(|check| check.id));
        ids.extend(checks.pools.iter().map(|check| check.id));
        ids.extend(checks.runs.iter().map(|check| check.id));
        ids.extend(checks.sql.iter().map(|check| check.id));
        ids.extend(checks.unready.iter().chain(&checks.idle).map(|(id, _)| *id));
        ids.sort_unstable();
        ids.into_iter()
    }
}

/// The fields without which a rule cannot run on this layout, by rule.
pub fn rules_that_cannot_run(
    layout: &Layout,
    registry: &Registry,
) -> Vec<(&'static RuleInfo, Vec<Field>)> {
    let lacking = registry.iter().map(|(_, rule)| {
        let needs = rule.info.needs.iter().copied();
        let missing = needs.filter(|field| !layout.columns.contains_key(field)).collect();
        (&rule.info, missing)
    });
    lacking.filter(|(_, missing): &(_, Vec<Field>)| !missing.is_empty()).collect()
}

fn build(settings: &Settings, registry: &Registry) -> Result<Checks> {
    let mut checks = Checks::default();
    if registry.len() > RULES_MAX {
        return Err(Error::settings(format!("more than {RULES_MAX} rules")));
    }
    for ((id, rule), setting) in registry.iter().zip(&settings.rules) {
        checks.policy.severities.push(setting.severity);
        if !setting.enabled {
            continue;
        }
        let mut options = Options::new(setting.options.clone());
        let mut builder = Builder { options: &mut options, knowledge: &settings.knowledge };
        let built = rule.build.check(&mut builder).and_then(|check| {
            options.finish()?;
            Ok(check)
        });
        let origin = if setting.origin.is_empty() { "" } else { setting.origin.as_str() };
        let place =
            format!("{origin}{}{}", if origin.is_empty() { "" } else { ": " }, rule.info.code);
        checks.add(id, rule.info.needs, built.map_err(|error| error.in_place(&place))?);
    }
    if !checks.sql.is_empty() {
        checks.knowledge = Some(Arc::new(settings.knowledge.clone()));
    }
    if settings.rules.iter().all(|setting| !setting.enabled) {
        return Err(Error::settings("no rule is selected: nothing would be checked")
            .with_help("`claimlint rules` shows what select, ignore and min-severity leave"));
    }
    if checks.groups.len() > GROUP_CHECKS_MAX || settings.overrides.len() > EXCEPTIONS_MAX {
        return Err(Error::settings(format!(
            "at most {GROUP_CHECKS_MAX} rules for claims and {EXCEPTIONS_MAX} overrides can be set"
        )));
    }
    checks.policy = Policy {
        exceptions: settings.overrides.iter().map(exception).collect(),
        least: settings.output.min_severity,
        ..checks.policy
    };
    Ok(checks)
}

fn streams(checks: &Checks) -> Vec<Stream> {
    // Claims are counted in any case, so the first stream is theirs.
    let mut streams = vec![Stream { key: vec![Field::ClaimId], checks: Vec::new() }];
    for (at, prepared) in checks.groups.iter().enumerate() {
        let key = GroupCheck::key(prepared.check.as_ref());
        match streams.iter_mut().find(|stream| stream.key == key) {
            Some(stream) => stream.checks.push(at),
            None => streams.push(Stream { key: key.to_vec(), checks: vec![at] }),
        }
    }
    streams
}

/// The second grouping of claims, for the first rule that asks for one.
fn detour(checks: &Checks) -> Option<DetourStream> {
    let mut groups = checks.groups.iter().enumerate();
    groups.find_map(|(at, prepared)| {
        let of_claims = GroupCheck::key(prepared.check.as_ref()) == [Field::ClaimId];
        let detour = prepared.check.detour().filter(|_| of_claims)?;
        let stream = Stream { key: detour.key, checks: vec![at] };
        Some(DetourStream { stream, check: at, window_days: detour.window_days })
    })
}

/// The fields that rules for lines, or those that compare lines, read as values of every line.
fn values(checks: &Checks, registry: &Registry, pools: &[PoolStream]) -> FieldSet {
    let own = checks.sql.iter().map(|prepared| prepared.id);
    let lines = checks.lines.iter().map(|prepared| prepared.id).chain(own);
    let lines = lines.filter_map(|id| registry.get(id));
    let mut read: FieldSet = lines.flat_map(|rule| rule.info.reads.iter().copied()).collect();
    for pool in pools {
        Typed::FIELDS.into_iter().filter(|field| pool.reads.contains(*field)).for_each(|field| {
            read.insert(field);
        });
        pool.key.iter().for_each(|field| read.insert(*field));
        // The charge of a line travels with it in any case.
        read.insert(Field::Charge);
    }
    // To find a text beforehand pays where several rules ask for it.
    let lines = checks.lines.iter().map(|prepared| prepared.id);
    let ids = lines.chain(checks.pools.iter().map(|prepared| prepared.id));
    let rules: Vec<_> = ids.filter_map(|id| registry.get(id)).collect();
    let readers = |field: Field| rules.iter().filter(move |rule| rule.info.reads.contains(&field));
    let texts = Typed::TEXTS.into_iter().filter(|field| readers(*field).count() > 2);
    Typed::FIELDS.into_iter().filter(|field| read.contains(*field)).chain(texts).collect()
}

fn fields_read(
    settings: &Settings,
    registry: &Registry,
    streams: &[Stream],
    pools: &[PoolStream],
) -> FieldSet {
    let enabled = registry.iter().zip(&settings.rules).filter(|(_, setting)| setting.enabled);
    let mut read: FieldSet =
        enabled.flat_map(|((_, rule), _)| rule.info.reads.iter().copied()).collect();
    // What every finding says of its line, and what claims are told apart by.
    let always = [Field::ClaimId, Field::ServiceLine, Field::ProcedureCode, Field::Charge];
    always.into_iter().for_each(|field| read.insert(field));
    // A line with a revenue code is no total, whatever its claim is called.
    read.insert(Field::RevenueCode);
    streams.iter().flat_map(|stream| &stream.key).for_each(|field| read.insert(*field));
    for field in pools.iter().flat_map(|pool| pool.key.iter().copied().chain(pool.reads.iter())) {
        read.insert(field);
        if field == Field::RenderingNpi {
            read.insert(Field::BillingNpi);
        }
    }
    if read.contains(Field::Modifier1) {
        Field::MODIFIERS.into_iter().for_each(|field| read.insert(field));
    }
    if settings.output.says_context() {
        context::FIELDS.into_iter().for_each(|field| read.insert(field));
    }
    if settings.output.shows_lines() {
        Snippet::FIELDS.into_iter().for_each(|field| read.insert(field));
        Field::MODIFIERS.into_iter().for_each(|field| read.insert(field));
    }
    if settings.overrides.iter().any(|written| !written.payers.is_empty()) {
        read.insert(Field::Payer);
    }
    settings.waivers.iter().flat_map(Waiver::reads).for_each(|field| read.insert(field));
    read
}
