//! Lines into bytes: no formatting machinery, texts rendered once for the recipe's delimiter.

use super::claims::{Claim, CodeCell};
use super::dice::Dice;
use super::{LineEnd, Recipe, tables};

/// Different endings of wide records; a record draws one.
const TAILS: u64 = 16;

/// Renders records into a buffer that the caller empties.
pub struct Rows {
    /// What was rendered and not yet handed on.
    pub text: Vec<u8>,
    delimiter: u8,
    quoted: bool,
    width: usize,
    end: &'static [u8],
    payers: Vec<Vec<u8>>,
    descriptions: Vec<Vec<u8>>,
    days: Vec<Vec<u8>>,
    tails: Vec<Vec<u8>>,
    /// The long description, if the recipe asks for one.
    long: Option<Vec<u8>>,
}

impl Rows {
    /// A renderer for `recipe`.
    pub fn new(recipe: &Recipe) -> Rows {
        assert!(recipe.width >= tables::HEADER.len(), "an export has at least twenty columns");
        let cell = |text: &&str| {
            let mut cell = Vec::new();
            push_cell(&mut cell, text.as_bytes(), recipe.delimiter, recipe.quoted);
            cell
        };
        let mut dice = Dice::new(recipe.seed, u64::MAX - 1);
        Rows {
            text: Vec::new(),
            delimiter: recipe.delimiter,
            quoted: recipe.quoted,
            width: recipe.width,
            end: match recipe.line_end {
                LineEnd::Lf => b"\n",
                LineEnd::CrLf => b"\r\n",
            },
            payers: tables::PAYERS.iter().map(cell).collect(),
            descriptions: tables::DESCRIPTIONS.iter().map(cell).collect(),
            days: days_of_2026().iter().map(|day| cell(&day.as_str())).collect(),
            tails: (0..TAILS).map(|_| tail(recipe, &mut dice)).collect(),
            long: (recipe.field_bytes > 0).then(|| long_description(recipe)),
        }
    }

    /// Renders the header.
    pub fn header(&mut self) {
        let past =
            (tables::HEADER.len() + 1..=self.width).map(|column| format!("field_{column:03}"));
        let names: Vec<String> = tables::HEADER.iter().map(|&n| n.to_owned()).chain(past).collect();
        for name in names {
            self.any(name.as_bytes());
        }
        self.end_record();
    }

    /// Renders one service line of `claim`.
    #[inline]
    pub fn line(&mut self, claim: &Claim, at: u64) {
        let mut line = claim.line(at);
        match line.lost_claim {
            Some(instead) => self.any(instead.as_bytes()),
            // Blanks around a claim id do not make another claim of it.
            None if line.dice.below(1024) == 0 => {
                self.cell(|text| push_padded(text, b"  CLM", claim.id, 7, b" "));
            }
            None => self.cell(|text| push_padded(text, b"CLM", claim.id, 7, b"")),
        }
        self.cell(|text| push_number(text, at + 1, 1));
        self.cell(|text| push_padded(text, b"M", claim.member, 7, b""));
        push_ready(&mut self.text, &self.payers[claim.payer], self.delimiter);
        push_ready(&mut self.text, &self.days[claim.day], self.delimiter);
        match line.code {
            CodeCell::Code(code) => self.plain(code),
            CodeCell::Untidy(code) => {
                let blank = if line.dice.below(4) == 0 { "\u{a0}" } else { " " };
                self.any(format!(" {}{blank}", code.to_ascii_lowercase()).as_bytes());
            }
            CodeCell::Odd(pattern) => {
                let digits = line.dice.pick(&tables::VISITS);
                let measure = line.dice.pick(&tables::CATEGORY_TWO);
                self.any(pattern.replace('@', digits).replace('&', measure).as_bytes());
            }
        }
        self.plain(line.modifier);
        for _ in 0..3 {
            self.plain("");
        }
        self.cell(|text| push_number(text, line.units, 1));
        self.cell(|text| {
            push_number(text, line.cents / 100, 1);
            text.push(b'.');
            push_number(text, line.cents % 100, 2);
        });
        self.plain(place(line.code, claim.place));
        self.cell(|text| push_npi(text, b"1999", claim.rendering));
        self.cell(|text| push_npi(text, b"1888", claim.billing));
        let first = line.dice.pick(&tables::DIAGNOSES);
        self.plain(first);
        let second = if line.dice.below(3) == 0 { line.dice.pick(&tables::DIAGNOSES) } else { "" };
        // A diagnosis is listed once.
        self.plain(if second == first { "" } else { second });
        self.plain(line.revenue);
        let description = line.dice.below(self.descriptions.len() as u64) as usize;
        let description = match &self.long {
            Some(long) if claim.is_long(at) => long,
            _ => &self.descriptions[description],
        };
        push_ready(&mut self.text, description, self.delimiter);
        self.plain(if claim.institutional { "I" } else { "P" });
        let tail = line.dice.below(TAILS) as usize;
        self.text.extend_from_slice(&self.tails[tail]);
        self.end_record();
    }

    /// Replaces the delimiter after the last cell by the end of the record.
    fn end_record(&mut self) {
        self.text.pop();
        self.text.extend_from_slice(self.end);
    }

    /// A cell that `write` fills with letters, digits, points and blanks only.
    #[inline]
    fn cell(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        if self.quoted {
            self.text.push(b'"');
        }
        write(&mut self.text);
        if self.quoted {
            self.text.push(b'"');
        }
        self.text.push(self.delimiter);
    }

    /// A cell with a text that needs no quotes.
    #[inline]
    fn plain(&mut self, cell: &str) {
        self.cell(|text| text.extend_from_slice(cell.as_bytes()));
    }

    /// A cell with any text.
    fn any(&mut self, cell: &[u8]) {
        push_cell(&mut self.text, cell, self.delimiter, self.quoted);
        self.text.push(self.delimiter);
    }
}

/// A cell that was rendered before, and the delimiter.
#[inline]
fn push_ready(text: &mut Vec<u8>, cell: &[u8], delimiter: u8) {
    text.extend_from_slice(cell);
    text.push(delimiter);
}

/// A cell with the quotes that it needs.
fn push_cell(text: &mut Vec<u8>, cell: &[u8], delimiter: u8, quoted: bool) {
    let special = |byte: &u8| *byte == delimiter || matches!(byte, b'"' | b'\n' | b'\r');
    if !quoted && !cell.iter().any(special) {
        text.extend_from_slice(cell);
        return;
    }
    text.push(b'"');
    for byte in cell {
        if *byte == b'"' {
            text.push(b'"');
        }
        text.push(*byte);
    }
    text.push(b'"');
}

/// `number` with at least `digits` digits.
#[inline]
pub fn push_number(text: &mut Vec<u8>, mut number: u64, digits: usize) {
    let mut reversed = [b'0'; 20];
    let mut length = 0;
    while number > 0 {
        reversed[length] = b'0' + (number % 10) as u8;
        number /= 10;
        length += 1;
    }
    text.extend(reversed[..length.max(digits)].iter().rev());
}

/// `number` with at least `digits` digits between two texts.
#[inline]
pub fn push_padded(text: &mut Vec<u8>, before: &[u8], number: u64, digits: usize, after: &[u8]) {
    text.extend_from_slice(before);
    push_number(text, number, digits);
    text.extend_from_slice(after);
}

/// An NPI: four digits, five of a number below 100,000, and the check digit over the prefix 80840.
#[inline]
pub fn push_npi(text: &mut Vec<u8>, before: &[u8; 4], number: u64) {
    let start = text.len();
    push_padded(text, before, number, 5, b"");
    // The prefix adds 24; every other digit counts twice, from the first on.
    let doubled = |digit: u64| digit * 2 - if digit > 4 { 9 } else { 0 };
    let digits = text[start..].iter().map(|byte| u64::from(byte - b'0'));
    let weighed =
        digits.zip(0..).map(|(digit, at)| if at % 2 == 0 { doubled(digit) } else { digit });
    let sum = 24 + weighed.sum::<u64>();
    push_number(text, (10 - sum % 10) % 10, 1);
}

/// Where the service was given: the place of the claim, but for visits that belong to one.
fn place(code: CodeCell, of_claim: usize) -> &'static str {
    match code {
        CodeCell::Code("99283" | "99284") | CodeCell::Untidy("99283" | "99284") => "23",
        CodeCell::Code("99232") | CodeCell::Untidy("99232") => "21",
        _ => tables::PLACES[of_claim],
    }
}

/// A quoted cell with exactly as many bytes between its quotes as the recipe asks for. No line of
/// it has as many cells as an export, and no quote in it stands where a cell might begin.
fn long_description(recipe: &Recipe) -> Vec<u8> {
    let end: &[u8] = match recipe.line_end {
        LineEnd::Lf => b"\n",
        LineEnd::CrLf => b"\r\n",
    };
    let line =
        [&b"moved from Tuesday, room 4, note says \"\"call back\"\" twice"[..], end].concat();
    let mut cell = vec![b'"'];
    for _ in 0..recipe.field_bytes / line.len() {
        cell.extend_from_slice(&line);
    }
    cell.resize(recipe.field_bytes + 1, b'x');
    cell.push(b'"');
    cell
}

/// The days of 2026 as ISO dates.
pub fn days_of_2026() -> Vec<String> {
    let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let months = lengths.iter().zip(1..);
    months
        .flat_map(|(days, month)| (1..=*days).map(move |day| format!("2026-{month:02}-{day:02}")))
        .collect()
}

/// The cells past the twentieth column, each with its delimiter: most are empty.
fn tail(recipe: &Recipe, dice: &mut Dice) -> Vec<u8> {
    let mut cells = Vec::new();
    for column in tables::HEADER.len()..recipe.width {
        let text = match dice.below(5) {
            0 => format!("{}", dice.below(100_000)),
            1 if column % 10 == 0 => dice.pick(&tables::DESCRIPTIONS).to_owned(),
            _ => String::new(),
        };
        push_cell(&mut cells, text.as_bytes(), recipe.delimiter, recipe.quoted);
        cells.push(recipe.delimiter);
    }
    cells
}
