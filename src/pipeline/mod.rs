//! The main path: read every input, check every line, then every claim, then the run, then report.

pub mod account;
pub mod again;
pub mod alarms;
pub mod around;
pub mod breakdown;
mod calm;
pub mod claims;
pub mod columns;
pub mod context;
pub mod counters;
pub mod drain;
pub mod exceptions;
pub mod excuses;
pub mod findings;
pub mod fold;
pub mod giants;
pub mod held;
pub mod hits;
pub mod inputs;
pub mod judged;
pub mod limits;
pub mod lines;
pub mod own;
pub mod plan;
pub mod pool_streams;
pub mod pooling;
pub mod pools;
pub mod render;
pub mod split;
pub mod summarize;
pub mod turns;
pub mod worklist;

use rayon::ThreadPool;

use crate::error::{Error, Result};
use crate::exchange::Exchange;
use crate::exchange::found::blocks::BlockReader;
use crate::exchange::found::slices::Slices;
use crate::exchange::order::Sorter;
use crate::exchange::spool::Spool;
use crate::input::opened::FileState;
use crate::input::source::Origin;
use crate::input::{Decoding, Source};
use crate::lint::Tally;
use crate::report::{Sink, Summary};

pub use counters::Counters;
pub use limits::Limits;
pub use plan::Plan;

use account::Account;
use counters::Far;
use drain::{Drain, Gather, PoolDrain};
use lines::Spare;
use split::{Again, Heads, Reasons, Rejected, Split, Targets};
use worklist::Claims;

/// Checks every line of every input, then every claim, then the run as a whole, and reports what
/// was found to the sinks, in order: input, record, rule.
///
/// # Errors
/// An input that cannot be read to its end or has no service lines, temporary data that cannot be
/// kept, a report that cannot be written. Then nothing that was written is complete.
pub fn run(plan: &Plan, sinks: &mut [Box<dyn Sink + '_>], seen: &Counters) -> Result<Summary> {
    run_split(plan, sinks, &mut Targets::default(), seen)
}

/// The same, and splits the inputs as the plan says: into the pairs of its outputs, in their order.
///
/// # Errors
/// As for [`run`], and where an input cannot be read again.
pub fn run_split(
    plan: &Plan,
    sinks: &mut [Box<dyn Sink + '_>],
    targets: &mut Targets<'_>,
    seen: &Counters,
) -> Result<Summary> {
    let mut account = Account::new(plan);
    let (mut inputs, mut again, mut heads) = (Vec::new(), Vec::new(), Heads::default());
    for origin in &plan.inputs {
        let source = plan.open(origin)?;
        account.open(plan, &source);
        if let Some(split) = &plan.split {
            heads.look(&source, targets.pairs.len() == 1, split)?;
            again.push(Again::of(origin, &source)?);
        }
        inputs.push(Input::held(origin, source, inputs.len()));
    }
    seen.set_total(account.bytes_expected());
    run_inputs(plan, inputs, account, (sinks, targets, &again), seen)
}

/// The same over inputs that are at hand.
pub fn run_sources(
    plan: &Plan,
    sources: Vec<Source>,
    sinks: &mut [Box<dyn Sink + '_>],
    seen: &Counters,
) -> Result<Summary> {
    let mut account = Account::new(plan);
    sources.iter().for_each(|source| account.open(plan, source));
    let inputs = sources.into_iter().map(|source| Input::Open(Box::new(source))).collect();
    run_inputs(plan, inputs, account, (sinks, &mut Targets::default(), &[]), seen)
}

/// The outputs of a run: its reports, the parts of a split, and the inputs that these are made of.
type Outputs<'a, 's, 'o> = (&'a mut [Box<dyn Sink + 's>], &'a mut Targets<'o>, &'a [Again]);

fn run_inputs(
    plan: &Plan,
    inputs: Vec<Input>,
    account: Account,
    (sinks, targets, again): Outputs<'_, '_, '_>,
    seen: &Counters,
) -> Result<Summary> {
    let pool = pool(plan.limits.threads)?;
    let needs_all = sinks.iter().any(|sink| sink.claims() > 0);
    let samples = sinks.iter().map(|sink| sink.samples()).max().unwrap_or(0);
    let samples = if needs_all { u64::MAX } else { samples };
    let reasons = plan.split.as_ref().is_some_and(|split| split.reasons);
    let breaks_down = sinks.iter().any(|sink| sink.wants_breakdown());
    let samples = if reasons || breaks_down { u64::MAX } else { samples };
    let mut run = Run::new(plan, account, inputs.len(), samples);
    for (input, at) in inputs.into_iter().zip(0..) {
        check_lines(plan, &pool, input.open(plan)?, at, &mut run, seen)?;
    }
    compare_lines(plan, &pool, &mut run)?;
    check_claims(plan, &pool, &mut run)?;
    let claims = run.claims.finish();
    render::add_charges(&claims, &mut run.tallies)?;
    let alarms = alarms::check(plan, &run.account, &mut run.tallies)?;
    let slices = |alarms| {
        let lines = BlockReader::new(run.lines.read()?)?;
        Slices::new(lines, claims.read()?, alarms, plan.limits.slice_bytes)
    };
    let split = if targets.pairs.is_empty() {
        None
    } else {
        let reasons = reasons.then(|| slices(Vec::new())).transpose()?;
        let reasons = reasons.map(|slices| Reasons::new(plan, slices));
        let (rejected, account) = (&run.rejected, &run.account);
        let split = Split { plan, pool: &pool, inputs: again, rejected, account };
        Some(split.write(targets, reasons)?)
    };
    let summary = summarize::summarize(plan, run.account, &run.tallies, &alarms)?;
    let summary = Summary { split, ..summary };
    let slices = slices(alarms.findings)?;
    render::render(Claims::of(plan), &pool, slices, &summary, sinks)?;
    Ok(summary)
}

/// An input whose header was read.
enum Input {
    /// Still open.
    Open(Box<Source>),
    /// To be opened again when it is its turn, in the state that it was in.
    Later(Origin, FileState),
}

/// How many inputs are held open at once: an export may come in thousands of files.
const INPUTS_OPEN_MAX: usize = 8;

impl Input {
    /// Holds the input open if it is one of the first, or can be read only once. Of those that are
    /// packed only the first is, since each may take a whole window.
    fn held(origin: &Origin, source: Source, at: usize) -> Input {
        let open_max = if source.packed().is_some() { 1 } else { INPUTS_OPEN_MAX };
        match source.state().filter(|_| at >= open_max) {
            Some(state) => Input::Later(origin.clone(), state),
            None => Input::Open(Box::new(source)),
        }
    }

    fn open(self, plan: &Plan) -> Result<Source> {
        match self {
            Input::Open(source) => Ok(*source),
            Input::Later(origin, state) => match plan.open(&origin) {
                Ok(source) if source.state() == Some(state) => Ok(source),
                _ => Err(Source::changed(&origin.name())),
            },
        }
    }
}

/// What a run has gathered so far.
struct Run {
    lines: Spool,
    /// How many findings of each rule and severity any report shows.
    samples: u64,
    claims: Sorter,
    exchanges: Vec<Exchange>,
    /// What passes by a second grouping.
    around: Exchange,
    pools: Vec<Exchange>,
    tallies: Vec<Tally>,
    account: Account,
    /// What a split rejects.
    rejected: Rejected,
}

impl Run {
    fn new(plan: &Plan, account: Account, inputs: usize, samples: u64) -> Run {
        let Limits { spool_bytes, sort_bytes, .. } = plan.limits;
        let exchange = || Exchange::new(plan.exchange_bytes(), &plan.temp_dir);
        let pool = || Exchange::new(plan.pool_bytes(), &plan.temp_dir);
        Run {
            lines: Spool::new(spool_bytes, &plan.temp_dir),
            samples,
            claims: Sorter::new(sort_bytes, &plan.temp_dir),
            exchanges: plan.streams.iter().map(|_| exchange()).collect(),
            around: exchange(),
            pools: plan.pools.iter().map(|_| pool()).collect(),
            tallies: vec![Tally::new(plan.registry.len()); inputs],
            account,
            rejected: Rejected::new(plan),
        }
    }
}

pub(crate) fn pool(threads: usize) -> Result<ThreadPool> {
    let built = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|at| format!("check-{at}"))
        .build();
    built.map_err(|error| {
        Error::incomplete(format!("cannot start {threads} threads: {error}"))
            .with_help("use fewer with --threads")
    })
}

fn check_lines(
    plan: &Plan,
    pool: &ThreadPool,
    mut source: Source,
    at: u32,
    run: &mut Run,
    seen: &Counters,
) -> Result<()> {
    let (words, footers) = (plan.vocabulary.clone(), plan.footers.clone());
    let decoding = Decoding::new(&source, at, plan.read, words, footers);
    let exceptions = plan.exceptions_of_input(&source.name);
    let lacking = columns::lacking(plan, &run.account.sources, at as usize);
    let spare = Spare::default();
    let Run { lines, samples, exchanges, around, pools, tallies, account, rejected, .. } = run;
    let samples = *samples;
    let mut far = Far::new(&source);
    turns::run(
        pool,
        plan.limits.threads * limits::CHUNKS_AHEAD_PER_THREAD,
        || source.next_portion(),
        |portion| lines::check(plan, &decoding, &spare, (exceptions, &lacking), samples, portion),
        |checked| {
            seen.add(
                far.step(checked.bytes),
                checked.tally.lines,
                checked.tally.severities.iter().sum(),
            );
            lines.put(&checked.findings)?;
            account.add(at, &checked);
            rejected.units.put(&checked.lone)?;
            tallies.get_mut(at as usize).into_iter().for_each(|tally| tally.merge(&checked.tally));
            exchanges.iter_mut().zip(checked.rows).try_for_each(|(to, rows)| to.put(rows))?;
            around.put(checked.around)?;
            pools.iter_mut().zip(checked.pools).try_for_each(|(to, rows)| to.put(rows))?;
            Ok(())
        },
    )?;
    account.close(at, &mut source, plan.input.allow_empty)
}

fn compare_lines(plan: &Plan, pool: &ThreadPool, run: &mut Run) -> Result<()> {
    let budget = plan.pool_bytes();
    for (stream, exchange) in plan.pools.iter().zip(std::mem::take(&mut run.pools)) {
        let Run { claims, tallies, account, exchanges, rejected, .. } = run;
        let claims_next = exchanges.first_mut();
        let gather = Gather { claims, tallies, account, rejected, claims_next, of_claims: false };
        PoolDrain { plan, pool, stream, gather }.drain(exchange, budget)?;
    }
    Ok(())
}

fn check_claims(plan: &Plan, pool: &ThreadPool, run: &mut Run) -> Result<()> {
    if let Some(detour) = &plan.detour {
        let around = Exchange::new(0, &plan.temp_dir);
        let around = std::mem::replace(&mut run.around, around);
        let Run { claims, tallies, account, exchanges, rejected, .. } = run;
        let claims_next = exchanges.first_mut();
        let gather = Gather { claims, tallies, account, rejected, claims_next, of_claims: false };
        Drain { plan, pool, stream: &detour.stream, gather }.drain(around)?;
    }
    let mut exchanges: Vec<Exchange> = std::mem::take(&mut run.exchanges);
    // Claims come last: findings of other groupings are passed on to them.
    for (at, stream) in plan.streams.iter().enumerate().rev() {
        let Some(exchange) = exchanges.pop() else { break };
        let Run { claims, tallies, account, rejected, .. } = run;
        let claims_next = exchanges.first_mut();
        let of_claims = at == 0;
        let gather = Gather { claims, tallies, account, rejected, claims_next, of_claims };
        Drain { plan, pool, stream, gather }.drain(exchange)?;
    }
    Ok(())
}
