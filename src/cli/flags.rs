//! Flags as the highest layer of the configuration.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::cli::args::{
    InputFlags, LimitFlags, OutputFlags, ReportArgs, RuleFlags, RunFlags, SuppressFlags,
};
use crate::config::raw::{
    EncodingWord, FailOnWord, InputFormatWord, OneOrMany, OutputFormatWord, PhiWord, RawBaseline,
    RawGate, RawInput, RawOutput, RawReference, RawReports, RawRun, RawSize, RawThreshold,
    SeverityWord,
};
use crate::config::{Layer, Raw, Settings, values};
use crate::error::{Error, Result};

/// The flag of each key, for messages and for `config show`.
const NAMES: [(&str, &str); 37] = [
    ("preset", "--preset"),
    ("select", "--select"),
    ("extend-select", "--extend-select"),
    ("ignore", "--ignore"),
    ("min-severity", "--min-severity"),
    ("input.format", "--format"),
    ("input.delimiter", "--delimiter"),
    ("input.encoding", "--encoding"),
    ("input.quoting", "--no-quoting"),
    ("input.skip-rows", "--skip-rows"),
    ("input.layout", "--layout"),
    ("input.claim-key", "--claim-key"),
    ("input.date-formats", "--date-format"),
    ("input.allow-empty", "--allow-empty"),
    ("input.limit-lines", "--limit-lines"),
    ("input.min-age", "--min-age"),
    ("columns", "--map"),
    ("baseline.file", "--baseline"),
    ("output.format", "--output-format"),
    ("output.reports", "--report"),
    ("output.directory", "--out-dir"),
    ("output.samples", "--samples"),
    ("output.clean", "--clean"),
    ("output.rejected", "--rejected"),
    ("output.reasons", "--reasons"),
    ("output.phi", "--phi"),
    ("output.acks", "--ack"),
    ("output.fail-on", "--fail-on"),
    ("output.exit-zero", "--exit-zero"),
    ("gate.max-findings", "--max-findings"),
    ("gate.max-rejects", "--max-rejects"),
    ("run.threads", "--threads"),
    ("run.memory-limit", "--memory-limit"),
    ("run.temp-dir", "--temp-dir"),
    ("run.lock-wait", "--lock-wait"),
    ("reference.directory", "--refdata"),
    ("reference.as-of", "--as-of"),
];

/// The layer that the flags make.
pub fn layer(flags: &RunFlags) -> Result<Layer> {
    let RunFlags { input, rules, suppress, output, limits } = flags;
    let raw = Raw {
        columns: columns(&input.map)?,
        input: Some(raw_input(input)?),
        baseline: Some(RawBaseline { file: suppress.baseline.clone() }),
        output: Some(raw_output(output)),
        gate: Some(raw_gate(output)),
        run: Some(raw_run(limits)),
        ..raw_rules(rules)
    };
    Ok(Layer::named(raw, NAMES))
}

/// Takes away what the flags leave unexcused.
pub fn suppress(flags: &SuppressFlags, settings: &mut Settings) {
    if flags.no_baseline {
        settings.baseline = None;
    }
    if flags.ignore_waivers {
        settings.waivers.clear();
    }
}

/// The layer that the flags for inputs make.
pub fn input_layer(flags: &InputFlags) -> Result<Layer> {
    let (columns, input) = (columns(&flags.map)?, Some(raw_input(flags)?));
    Ok(Layer::named(Raw { columns, input, ..Raw::default() }, NAMES))
}

/// The layer that the flags for rendering again make.
pub fn report_layer(flags: &ReportArgs) -> Layer {
    let reports = (!flags.report.is_empty()).then(|| RawReports::List(flags.report.clone()));
    let format = flags.output_format.as_deref().and_then(OutputFormatWord::from_word);
    // Nothing that a configuration says of reports was meant for these.
    let reports = reports.or(Some(RawReports::List(Vec::new())));
    let output = RawOutput { format, samples: flags.samples, reports, ..RawOutput::default() };
    Layer::named(Raw { output: Some(output), ..Raw::default() }, NAMES)
}

/// The layer that the flags for rules make.
pub fn rule_layer(flags: &RuleFlags) -> Layer {
    Layer::named(raw_rules(flags), NAMES)
}

fn raw_input(flags: &InputFlags) -> Result<RawInput> {
    Ok(RawInput {
        format: flags.format.as_deref().and_then(InputFormatWord::from_word),
        delimiter: flags.delimiter.clone(),
        encoding: flags.encoding.as_deref().and_then(EncodingWord::from_word),
        quoting: flags.no_quoting.then_some(false),
        skip_rows: flags.skip_rows,
        layout: flags.layout.clone(),
        claim_key: (!flags.claim_key.is_empty()).then(|| flags.claim_key.clone()),
        date_formats: date_formats(&flags.date_format)?,
        allow_empty: flags.allow_empty.then_some(true),
        allow_unnamed_columns: None,
        limit_lines: flags.limit_lines,
        min_age: flags.min_age.clone(),
    })
}

/// `FIELD=FORMAT`s by field; one that is given again counts last.
fn date_formats(written: &[String]) -> Result<Option<BTreeMap<String, String>>> {
    let pair = |pair: &String| match pair.split_once('=') {
        Some((field, format)) => Ok((field.trim().to_owned(), format.trim().to_owned())),
        None => {
            let error = Error::settings(format!("--date-format {pair}: expected FIELD=FORMAT"));
            Err(error.with_help("such as --date-format service_date=mdy"))
        }
    };
    let formats = written.iter().map(pair).collect::<Result<BTreeMap<_, _>>>()?;
    Ok((!formats.is_empty()).then_some(formats))
}

/// `FIELD=COLUMN`s by field; a field that is given again has further columns.
fn columns(map: &[String]) -> Result<Option<BTreeMap<String, OneOrMany>>> {
    let mut columns: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for pair in map {
        let Some((field, column)) = pair.split_once('=') else {
            let error = Error::settings(format!("--map {pair}: expected FIELD=COLUMN"));
            return Err(error.with_help("such as --map claim_id='Claim No'"));
        };
        columns.entry(field.trim().to_owned()).or_default().push(column.to_owned());
    }
    let lists = columns.into_iter().map(|(field, list)| (field, OneOrMany::Many(list)));
    Ok((!map.is_empty()).then(|| lists.collect()))
}

fn raw_rules(flags: &RuleFlags) -> Raw {
    let list = |list: &[String]| (!list.is_empty()).then(|| list.to_vec());
    Raw {
        preset: flags.preset.clone(),
        select: list(&flags.select),
        extend_select: list(&flags.extend_select),
        ignore: list(&flags.ignore),
        min_severity: flags.min_severity.as_deref().and_then(SeverityWord::from_word),
        reference: Some(RawReference {
            directory: flags.refdata.clone(),
            as_of: flags.as_of.clone(),
        }),
        ..Raw::default()
    }
}

fn raw_output(flags: &OutputFlags) -> RawOutput {
    let reports = || RawReports::List(flags.report.clone());
    RawOutput {
        format: flags.output_format.as_deref().and_then(OutputFormatWord::from_word),
        samples: flags.samples,
        reports: (!flags.report.is_empty()).then(reports),
        directory: flags.out_dir.clone(),
        clean: flags.clean.clone(),
        rejected: flags.rejected.clone(),
        acks: (!flags.ack.is_empty()).then(|| flags.ack.clone()),
        reasons: flags.reasons.then_some(true),
        phi: flags.phi.as_deref().and_then(PhiWord::from_word),
        phi_key_file: None,
        fail_on: flags.fail_on.as_deref().and_then(FailOnWord::from_word),
        exit_zero: flags.exit_zero.then_some(true),
    }
}

fn raw_gate(flags: &OutputFlags) -> RawGate {
    let threshold = |written: &Option<String>| written.clone().map(RawThreshold::Text);
    let (max_findings, max_rejects) =
        (threshold(&flags.max_findings), threshold(&flags.max_rejects));
    RawGate { max_findings, max_rejects, rules: None }
}

/// The file for the numbers of the run that the flags name, where the settings cannot be asked.
pub fn metrics(flags: &RunFlags) -> Option<PathBuf> {
    let pairs = flags.output.report.iter().filter_map(|report| values::report(report).ok());
    let mut named = pairs.filter(|(kind, path)| kind == values::METRICS && !path.is_empty());
    named.next().map(|(_, path)| PathBuf::from(path))
}

fn raw_run(flags: &LimitFlags) -> RawRun {
    RawRun {
        threads: flags.threads,
        memory_limit: flags.memory_limit.clone().map(RawSize::Text),
        temp_dir: flags.temp_dir.clone(),
        lock_wait: flags.lock_wait.clone(),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::args::{Cli, Command};

    fn raw(line: &str) -> Raw {
        let words = ["claimlint", "check", "x"].into_iter().chain(line.split_whitespace());
        let Command::Check(args) = Cli::try_parse_from(words).unwrap().command else { panic!() };
        layer(&args.run).unwrap().raw
    }

    #[test]
    fn flags_say_the_same_as_the_file() {
        let flags = "--format psv --delimiter ; --encoding utf-16 --no-quoting --skip-rows 2 \
                     --layout l.toml --map claim_id=A --map claim_id=B --allow-empty \
                     --claim-key A,B --date-format service_date=mdy \
                     --limit-lines 5 --min-age 5m --select CII,COD --extend-select X --ignore Y \
                     --preset strict --min-severity error -f json -r ndjson=a.ndjson \
                     --report md=b.md --samples 1 --clean c.csv \
                     --rejected d.csv --phi hash --reasons --ack 999=e.x12 --fail-on never --exit-zero -j 2 \
                     --max-findings 5 --max-rejects 1% \
                     --memory-limit 64MiB --temp-dir /t --refdata /r --as-of 2026-10-31 \
                     --baseline b.txt";
        let file = r#"
            preset = "strict"
            select = ["CII", "COD"]
            extend-select = ["X"]
            ignore = ["Y"]
            min-severity = "error"
            [input]
            format = "psv"
            delimiter = ";"
            encoding = "utf-16"
            quoting = false
            skip-rows = 2
            layout = "l.toml"
            claim-key = ["A", "B"]
            date-formats = { service_date = "mdy" }
            allow-empty = true
            limit-lines = 5
            min-age = "5m"
            [columns]
            claim_id = ["A", "B"]
            [baseline]
            file = "b.txt"
            [output]
            format = "json"
            reports = ["ndjson=a.ndjson", "md=b.md"]
            samples = 1
            clean = "c.csv"
            rejected = "d.csv"
            reasons = true
            phi = "hash"
            acks = ["999=e.x12"]
            fail-on = "never"
            exit-zero = true
            [gate]
            max-findings = "5"
            max-rejects = "1%"
            [run]
            threads = 2
            memory-limit = "64MiB"
            temp-dir = "/t"
            [reference]
            directory = "/r"
            as-of = "2026-10-31"
        "#;
        assert_eq!(raw(flags), toml::from_str::<Raw>(file).unwrap());
    }

    #[test]
    fn no_flag_sets_nothing_and_every_key_has_its_flag() {
        let nothing = Raw {
            input: Some(RawInput::default()),
            baseline: Some(RawBaseline::default()),
            output: Some(RawOutput::default()),
            gate: Some(RawGate::default()),
            run: Some(RawRun::default()),
            reference: Some(RawReference::default()),
            ..Raw::default()
        };
        assert_eq!(raw(""), nothing);
        let layer = layer(&RunFlags::default()).unwrap();
        assert_eq!(layer.origin("output.reports").to_string(), "--report");
        assert_eq!(layer.origin("columns.claim_id").to_string(), "--map");
        assert_eq!(layer.origin("select.0").to_string(), "--select");
    }

    #[test]
    fn a_map_without_a_column_is_refused() {
        assert!(columns(&["claim_id".to_owned()]).unwrap_err().help().is_some());
    }
}
