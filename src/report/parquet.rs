//! One Parquet row for each finding, written by polars: for whoever asks questions of millions.
//!
//! Rows are gathered into row groups of one size, so that the bytes do not depend on how the run
//! was cut up. A thread of its own encodes a row group while the next is gathered; no more than
//! these two are held.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use polars_arrow::array::{
    Array, MutableArray as _, MutablePlString, MutablePrimitiveArray, PrimitiveArray,
};
use polars_arrow::datatypes::{ArrowDataType, ArrowSchema, Field as ArrowField};
use polars_arrow::record_batch::RecordBatchT;
use polars_parquet::write::{
    CompressionOptions, Encoding, FileWriter, StatisticsOptions, Version, WriteOptions,
    row_group_iter, to_parquet_schema,
};

use crate::error::{Error, Result};
use crate::model::Finding;
use crate::report::render::{ByRule, Names};
use crate::report::row::{
    COLUMNS, CONTEXT_COLUMNS, CONTROL_COLUMNS, InControls, Objects, SCHEMA, counting,
};
use crate::report::{Out, Sink, Summary, fingerprint};

/// Rows of a row group.
const GROUP_ROWS: usize = 1 << 15;

/// Digits of an amount, two of them cents. One that needs more is null; NDJSON has it.
const AMOUNT_DIGITS: usize = 38;
const AMOUNT_MAX: i128 = 10_i128.pow(AMOUNT_DIGITS as u32) - 1;

/// Writes findings as Parquet: the columns of NDJSON in a run directory, amounts as decimals, days
/// as dates, and the lines that a finding speaks of as JSON.
pub struct Parquet<'a> {
    out: Out<'a>,
    begun: Option<Begun>,
}

/// What there is once the run is summed up.
struct Begun {
    heads: ByRule<(&'static str, &'static str)>,
    names: Names,
    objects: Objects,
    controls: InControls,
    rows: Rows,
    encoder: Encoder,
}

impl<'a> Parquet<'a> {
    /// A sink into `out`.
    pub fn new(out: Out<'a>) -> Self {
        Self { out, begun: None }
    }
}

impl Sink for Parquet<'_> {
    fn begin(&mut self, summary: &Summary) -> Result<()> {
        let controls = InControls::new(summary);
        let has_controls = !controls.is_empty();
        self.begun = Some(Begun {
            heads: ByRule::new(summary, |rule, _| {
                rule.map_or(("", ""), |rule| (rule.info.code, rule.info.name))
            }),
            names: Names::new(summary, |name, into| into.extend_from_slice(name.as_bytes())),
            objects: Objects::new(summary),
            controls,
            rows: Rows::new(has_controls),
            encoder: Encoder::start(has_controls)?,
        });
        Ok(())
    }

    fn finding(&mut self, finding: &Finding, _: &Summary) -> Result<()> {
        let Some(begun) = &mut self.begun else { return Ok(()) };
        begun.put(finding);
        if begun.rows.len() < GROUP_ROWS {
            return Ok(());
        }
        let group = begun.rows.take();
        let written = begun.encoder.give(Some(group))?;
        self.out.bytes(&written)
    }

    fn finish(&mut self, _: &Summary) -> Result<()> {
        let Some(mut begun) = self.begun.take() else { return Ok(()) };
        if begun.rows.len() > 0 {
            let group = begun.rows.take();
            self.out.bytes(&begun.encoder.give(Some(group))?)?;
        }
        self.out.bytes(&begun.encoder.give(None)?)?;
        self.out.bytes(&begun.encoder.end()?)?;
        self.out.flush()
    }
}

impl Begun {
    fn put(&mut self, finding: &Finding) {
        let (code, name) = *self.heads.get(finding.rule, finding.severity);
        let place = finding.place;
        let view = finding.view();
        let (mut related, mut print) = (Vec::new(), Vec::new());
        self.objects.related_lines(&view, &mut related);
        fingerprint::append(code, &view, &mut print);
        let rows = &mut self.rows;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (file, related, print) =
            (text(self.names.get(place.source)), text(&related), text(&print));
        let field = finding.field.map(|field| field.name());
        let texts = [
            Some(SCHEMA),
            Some(code),
            Some(name),
            Some(finding.severity.name()),
            Some(file.as_str()),
            view.claim_id,
            view.service_line,
            field,
            view.value,
            Some(view.message),
            view.suggestion,
            Some(related.as_str()),
            Some(print.as_str()),
            view.context.payer,
            view.context.rendering,
        ];
        let (interchange, set) = self.controls.of(place).unwrap_or_default();
        let texts = texts.into_iter().chain([interchange, set]);
        rows.texts.iter_mut().zip(texts).for_each(|(column, text)| column.push(text));
        let byte = counting(place.record).map(|_| place.byte);
        let numbers = [counting(place.record), counting(place.line), byte];
        for (column, number) in rows.numbers.iter_mut().zip(numbers) {
            column.push(number.and_then(|number| i64::try_from(number).ok()));
        }
        let amount = finding.amount.map(|amount| amount.0);
        rows.amounts.push(amount.filter(|cents| cents.unsigned_abs() <= AMOUNT_MAX as u128));
        rows.days.push(view.context.day.map(|day| day.days()));
    }
}

/// The columns that hold text, in their order; the last ones only where any input is X12.
fn texts(has_controls: bool) -> impl Iterator<Item = &'static str> {
    columns_of(has_controls).filter(|column| datatype(column) == ArrowDataType::Utf8View)
}

/// The columns that hold counts.
const NUMBERS: [&str; 3] = ["record", "line", "byte"];

/// Rows in the making, column by column.
struct Rows {
    has_controls: bool,
    texts: Vec<MutablePlString>,
    numbers: [MutablePrimitiveArray<i64>; NUMBERS.len()],
    amounts: MutablePrimitiveArray<i128>,
    days: MutablePrimitiveArray<i32>,
}

impl Rows {
    fn new(has_controls: bool) -> Rows {
        Rows {
            has_controls,
            texts: texts(has_controls).map(|_| MutablePlString::new()).collect(),
            numbers: std::array::from_fn(|_| MutablePrimitiveArray::new()),
            amounts: MutablePrimitiveArray::new(),
            days: MutablePrimitiveArray::new(),
        }
    }

    fn len(&self) -> usize {
        self.days.len()
    }

    /// The rows, in the order of the columns; none are left.
    fn take(&mut self) -> Group {
        let has_controls = self.has_controls;
        let Rows { texts: columns, numbers, amounts, days, .. } =
            std::mem::replace(self, Rows::new(has_controls));
        let rows = days.len();
        let columns = columns.into_iter().map(|column| Box::new(column.freeze()) as Box<dyn Array>);
        let mut by_name: Vec<(&str, Box<dyn Array>)> = texts(has_controls).zip(columns).collect();
        let numbers = numbers.map(|column| Box::new(PrimitiveArray::from(column)));
        by_name.extend(NUMBERS.into_iter().zip(numbers.map(|column| column as Box<dyn Array>)));
        let amounts = PrimitiveArray::from(amounts).to(datatype("amount"));
        let days = PrimitiveArray::from(days).to(datatype("service_date"));
        by_name.push(("amount", Box::new(amounts)));
        by_name.push(("service_date", Box::new(days)));
        let mut columns = Vec::new();
        for name in columns_of(has_controls) {
            if let Some(at) = by_name.iter().position(|(known, _)| *known == name) {
                columns.push(by_name.swap_remove(at).1);
            }
        }
        Group { rows, columns }
    }
}

/// A row group to be encoded.
struct Group {
    rows: usize,
    columns: Vec<Box<dyn Array>>,
}

fn columns_of(has_controls: bool) -> impl Iterator<Item = &'static str> {
    let controls = CONTROL_COLUMNS.into_iter().filter(move |_| has_controls);
    COLUMNS.into_iter().chain(CONTEXT_COLUMNS).chain(controls)
}

fn datatype(column: &str) -> ArrowDataType {
    match column {
        "record" | "line" | "byte" => ArrowDataType::Int64,
        "amount" => ArrowDataType::Decimal(AMOUNT_DIGITS, 2),
        "service_date" => ArrowDataType::Date32,
        _ => ArrowDataType::Utf8View,
    }
}

/// How a column is encoded: what hardly repeats gains nothing from a dictionary.
fn encoding(column: &str) -> Encoding {
    match column {
        "record" | "line" | "byte" | "fingerprint" | "amount" => Encoding::Plain,
        _ => Encoding::RleDictionary,
    }
}

/// The thread that encodes row groups.
struct Encoder {
    groups: SyncSender<Option<Group>>,
    encoded: Receiver<io::Result<Vec<u8>>>,
    thread: JoinHandle<()>,
    /// Whether a row group is at work.
    is_busy: bool,
}

impl Encoder {
    fn start(has_controls: bool) -> Result<Encoder> {
        let (groups, given) = sync_channel::<Option<Group>>(0);
        let (done, encoded) = sync_channel(1);
        let work = move || {
            let mut file = match begin(has_controls) {
                Ok(file) => file,
                Err(error) => return drop(done.send(Err(error))),
            };
            while let Ok(group) = given.recv() {
                let is_last = group.is_none();
                let sent = done.send(encode(&mut file, has_controls, group));
                if is_last || sent.is_err() {
                    return;
                }
            }
        };
        let started = thread::Builder::new().name("parquet".to_owned()).spawn(work);
        let failed = |error| Error::incomplete(format!("cannot start a thread: {error}"));
        Ok(Encoder { groups, encoded, thread: started.map_err(failed)?, is_busy: false })
    }

    /// Hands over a row group, or nothing for the end; what came of the one before.
    fn give(&mut self, group: Option<Group>) -> Result<Vec<u8>> {
        let before = if self.is_busy { self.taken()? } else { Vec::new() };
        self.is_busy = true;
        // Where the thread is gone, it says why when it is asked.
        let _ = self.groups.send(group);
        Ok(before)
    }

    /// What came of the last that was handed over.
    fn end(self) -> Result<Vec<u8>> {
        let last = self.taken();
        if let Err(panic) = self.thread.join() {
            std::panic::resume_unwind(panic);
        }
        last
    }

    fn taken(&self) -> Result<Vec<u8>> {
        let gone = || Error::incomplete("Parquet: the thread that encodes it is gone");
        // What polars says of an error may quote data.
        let failed = |_| Error::incomplete("findings cannot be written as Parquet");
        self.encoded.recv().map_err(|_| gone())?.map_err(failed)
    }
}

/// A file that is written to memory, from where it is taken bit by bit.
type InMemory = FileWriter<Tape>;

/// Bytes that were written and not yet taken.
#[derive(Clone, Default)]
struct Tape(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl Tape {
    fn take(&self) -> Vec<u8> {
        let mut bytes = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        std::mem::take(&mut bytes)
    }
}

impl Write for Tape {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut into = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        into.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const OPTIONS: WriteOptions = WriteOptions {
    statistics: StatisticsOptions {
        min_value: true,
        max_value: true,
        distinct_count: false,
        null_count: true,
        binary_statistics_truncate_length: Some(64),
    },
    version: Version::V1,
    compression: CompressionOptions::Zstd(None),
    data_page_size: None,
};

fn schema(has_controls: bool) -> ArrowSchema {
    let field = |name: &'static str| ArrowField::new(name.into(), datatype(name), true);
    columns_of(has_controls).map(|name| (name.into(), field(name))).collect()
}

fn begin(has_controls: bool) -> io::Result<(InMemory, Tape)> {
    let tape = Tape::default();
    let file = FileWriter::try_new(tape.clone(), schema(has_controls), OPTIONS);
    file.map(|file| (file, tape)).map_err(io::Error::other)
}

/// Encodes a row group, or the end of the file; what there is to write of it.
fn encode(
    (file, tape): &mut (InMemory, Tape),
    has_controls: bool,
    group: Option<Group>,
) -> io::Result<Vec<u8>> {
    let Some(Group { rows, columns }) = group else {
        file.end(None).map_err(io::Error::other)?;
        return Ok(tape.take());
    };
    let schema = schema(has_controls);
    let fields = to_parquet_schema(&schema).map_err(io::Error::other)?.fields().to_vec();
    let encodings: Vec<Vec<Encoding>> =
        columns_of(has_controls).map(|name| vec![encoding(name)]).collect();
    let batch = RecordBatchT::try_new(rows, schema.into(), columns).map_err(io::Error::other)?;
    let group = row_group_iter(batch, encodings.into(), fields, OPTIONS);
    file.write(rows as u64, group).map_err(io::Error::other)?;
    Ok(tape.take())
}
