//! Writes a synthetic claim export: `cargo bench --bench generate -- --lines 1000000 -o FILE`.

#[path = "data/mod.rs"]
mod data;

use std::fs::File;
use std::io::{self, Write};
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Instant;

use data::{Claims, LineEnd, Order, Recipe, Written};

const USAGE: &str = "options: --lines N  --seed S  --bad PERCENT  \
    --order grouped|scattered|shuffled  --claims usual|single|one  --field-bytes N  \
    --width COLUMNS  --delimiter C  --quoted  --crlf  --dialect csv|x12  -o FILE";

/// What the arguments ask for.
struct Wish {
    recipe: Recipe,
    is_x12: bool,
    file: Option<String>,
}

fn main() -> ExitCode {
    let mut errors = io::stderr().lock();
    let done = parse(std::env::args().skip(1)).and_then(|wish| run(&wish, &mut errors));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            // Nothing can be done about a standard error that is closed.
            let _ = writeln!(errors, "generate: {message}\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn parse(mut args: impl Iterator<Item = String>) -> Result<Wish, String> {
    let mut wish = Wish { recipe: Recipe::default(), is_x12: false, file: None };
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or_else(|| format!("{arg} needs a value"));
        match arg.as_str() {
            // Cargo passes it to every bench.
            "--bench" => {}
            "--lines" => wish.recipe.lines = number(&value()?)?,
            "--seed" => wish.recipe.seed = number(&value()?)?,
            "--width" => wish.recipe.width = number(&value()?)?,
            "--bad" => {
                let percent: f64 = number(&value()?)?;
                wish.recipe.bad_percent_x100 = (percent.clamp(0.0, 100.0) * 100.0).round() as u32;
            }
            "--order" => {
                wish.recipe.order = match value()?.as_str() {
                    "grouped" => Order::Grouped,
                    "scattered" => Order::Scattered,
                    "shuffled" => Order::Shuffled,
                    other => return Err(format!("no such order: {other}")),
                }
            }
            "--claims" => {
                wish.recipe.claims = match value()?.as_str() {
                    "usual" => Claims::Usual,
                    "single" => Claims::Single,
                    "one" => Claims::One,
                    other => return Err(format!("no such claims: {other}")),
                }
            }
            "--field-bytes" => wish.recipe.field_bytes = number(&value()?)?,
            "--delimiter" => {
                wish.recipe.delimiter = match value()?.as_bytes() {
                    b"\\t" => b'\t',
                    [byte] => *byte,
                    _ => return Err("a delimiter is one byte".to_owned()),
                }
            }
            "--dialect" => {
                wish.is_x12 = match value()?.as_str() {
                    "x12" => true,
                    "csv" => false,
                    other => return Err(format!("no such dialect: {other}")),
                }
            }
            "--quoted" => wish.recipe.quoted = true,
            "--crlf" => wish.recipe.line_end = LineEnd::CrLf,
            "-o" => wish.file = Some(value()?),
            other => return Err(format!("no such option: {other}")),
        }
    }
    if wish.recipe.width < 20 {
        Err("an export has at least 20 columns".to_owned())
    } else {
        Ok(wish)
    }
}

fn number<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("not a number that fits: {text}"))
}

fn written_to(wish: &Wish, out: &mut impl Write) -> io::Result<Written> {
    match wish.is_x12 {
        true => data::x12::write_x12(&wish.recipe, out),
        false => data::write(&wish.recipe, out),
    }
}

fn run(wish: &Wish, errors: &mut impl Write) -> Result<(), String> {
    let start = Instant::now();
    let written = match &wish.file {
        Some(path) => File::create(path).and_then(|mut file| written_to(wish, &mut file)),
        None => written_to(wish, &mut io::stdout().lock()),
    };
    let Written { lines, claims } = written.map_err(|error| error.to_string())?;
    let seconds = start.elapsed().as_secs_f64();
    let _ = writeln!(errors, "{lines} lines of {claims} claims in {seconds:.2} s");
    Ok(())
}
