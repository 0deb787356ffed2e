//! The same claims as X12 837: one transaction set for every thousand of them.

use std::io::{self, Write};

use super::claims::{Claim, CodeCell};
use super::rows::{push_npi, push_number, push_padded};
use super::{BLOCK_BYTES, Recipe, Written, pass_on, tables};

/// Separators that stand in no cell of an export.
const ELEMENT: u8 = 0x1D;
const COMPONENT: u8 = 0x1F;
const TERMINATOR: u8 = 0x1C;

/// Claims of a transaction set.
const SET_CLAIMS: u64 = 1_000;

/// Writes segments, counting them.
struct Segments {
    text: Vec<u8>,
    count: u64,
}

impl Segments {
    /// A segment in which `*` and `:` stand for the separators.
    fn put(&mut self, segment: &str) {
        let byte = |byte: u8| match byte {
            b'*' => ELEMENT,
            b':' => COMPONENT,
            other => other,
        };
        self.text.extend(segment.bytes().map(byte));
        self.end();
    }

    fn start(&mut self, segment: &str) {
        self.put(segment);
        self.text.truncate(self.text.len() - 2);
        self.count -= 1;
    }

    fn end(&mut self) {
        self.text.extend_from_slice(&[TERMINATOR, b'\n']);
        self.count += 1;
    }
}

/// Writes the export that `recipe` describes as one interchange of X12 837. A line keeps the claim
/// id that it loses in a delimited export, since no line of X12 has one of its own.
pub fn write_x12(recipe: &Recipe, out: &mut impl Write) -> io::Result<Written> {
    let mut to = Segments { text: Vec::new(), count: 0 };
    to.put(
        "ISA*00*          *00*          *ZZ*EXAMPLE        *ZZ*SAMPLEPLAN     *261231*1200*^*00501\
         *000000001*0*P*:",
    );
    to.put("GS*HC*EXAMPLE*SAMPLEPLAN*20261231*1200*1*X*005010X222A1");
    let days = super::rows::days_of_2026();
    let (mut lines, mut number, mut sets, mut level) = (0, 0, 0_u64, 0_u64);
    while lines < recipe.lines {
        if number % SET_CLAIMS == 0 {
            close(&mut to, sets);
            sets += 1;
            level = 1;
            to.count = 0;
            to.put(&format!("ST*837*{sets:04}*005010X222A1"));
            to.put("BHT*0019*00*1*20261231*1200*CH");
            to.put("NM1*41*2*Example Billing*****46*EX1");
            to.put("NM1*40*2*Sample Plan*****46*SP1");
            to.put("HL*1**20*1");
        }
        number += 1;
        let claim = Claim::new(recipe, number);
        level += 1;
        claim_segments(&claim, level, &days, &mut to, recipe.lines - lines);
        lines += claim.lines.min(recipe.lines - lines);
        pass_on(&mut to.text, BLOCK_BYTES, out)?;
    }
    close(&mut to, sets);
    to.put(&format!("GE*{sets}*1"));
    to.put("IEA*1*000000001");
    pass_on(&mut to.text, 0, out)?;
    out.flush()?;
    Ok(Written { lines: recipe.lines, claims: number })
}

fn close(to: &mut Segments, sets: u64) {
    if sets > 0 {
        let count = to.count + 1;
        to.put(&format!("SE*{count}*{sets:04}"));
    }
}

fn claim_segments(claim: &Claim, level: u64, days: &[String], to: &mut Segments, lines: u64) {
    to.put(&format!("HL*{level}*1*22*0"));
    to.put("SBR*P*18*******CI");
    to.start("NM1*IL*1*Example*Ada****MI*");
    push_padded(&mut to.text, b"M", claim.member, 7, b"");
    to.end();
    to.put("N3*2 Main Street");
    to.put("N4*Springfield*IL*62701");
    to.put("DMG*D8*19700101*F");
    to.put(&format!("NM1*PR*2*{}*****PI*SP1", tables::PAYERS[claim.payer]));
    to.start("CLM*");
    push_padded(&mut to.text, b"CLM", claim.id, 7, b"");
    let all: Vec<_> = (0..claim.lines.min(lines)).map(|at| claim.line(at)).collect();
    let cents: u64 = all.iter().map(|line| line.cents).sum();
    let place = if claim.institutional { "13:A:1" } else { tables::PLACES[claim.place] };
    let kind = if claim.institutional { "" } else { ":B:1" };
    to.start(&format!("*{}.{:02}***{place}{kind}*Y*A*Y*Y", cents / 100, cents % 100));
    to.end();
    to.put(&format!("HI*ABK:{}", tables::DIAGNOSES[0]));
    to.start("NM1*82*1*Example*Bela****XX*");
    push_npi(&mut to.text, b"1999", claim.rendering);
    to.end();
    for (mut line, at) in all.into_iter().zip(1..) {
        if line.lost_claim.is_none() {
            // Drawn for the blanks around a claim id in a delimited export.
            line.dice.below(1024);
        }
        to.start("LX*");
        push_number(&mut to.text, at, 1);
        to.end();
        to.start(if claim.institutional { "SV2*" } else { "SV1*" });
        if claim.institutional {
            to.start(&format!("{}*", line.revenue));
        }
        code(line.code, line.dice, to);
        if !line.modifier.is_empty() {
            to.start(&format!(":{}", line.modifier));
        }
        to.text.push(ELEMENT);
        push_number(&mut to.text, line.cents / 100, 1);
        to.text.push(b'.');
        push_number(&mut to.text, line.cents % 100, 2);
        to.start("*UN*");
        push_number(&mut to.text, line.units, 1);
        if !claim.institutional {
            to.start("***1");
        }
        to.end();
        to.start("DTP*472*D8*");
        to.text.extend(days[claim.day].bytes().filter(u8::is_ascii_digit));
        to.end();
    }
}

/// The first components of the procedure, as the delimited export has the cell.
fn code(code: CodeCell, mut dice: super::dice::Dice, to: &mut Segments) {
    to.start("HC:");
    match code {
        CodeCell::Code(code) => to.text.extend_from_slice(code.as_bytes()),
        CodeCell::Untidy(code) => to.start(&format!(" {} ", code.to_ascii_lowercase())),
        CodeCell::Odd(pattern) => {
            let digits = dice.pick(&tables::VISITS);
            let measure = dice.pick(&tables::CATEGORY_TWO);
            let cell = pattern.replace('@', digits).replace('&', measure);
            to.text.extend_from_slice(cell.as_bytes());
        }
    }
}
