//! A workbook (.xlsx) to work through: a row for each claim, what came of each rule, payer and
//! provider, the findings, and the run.
//!
//! Everything from data is text: a code keeps its zeros, and nothing is ever a formula.

mod book;
mod cell;
mod claims;
mod findings;
mod rules;
mod run;
mod shares;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::Result;
use crate::report::xlsx::book::{Book, ROWS_MAX};
use crate::report::xlsx::findings::Rows;
use crate::report::xlsx::rules::RuleTexts;
use crate::report::{Breakdown, ClaimFindings, Out, Piece, Render, Sink, Summary};

/// How much a workbook shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps {
    /// Claims in the worklist.
    pub claims: u64,
    /// Rows in the sheet of findings.
    pub findings: u64,
}

/// What a person can still work through, in about the time that a check takes.
pub const CAPS: Caps = Caps { claims: 100_000, findings: 100_000 };

/// Writes a workbook.
pub struct Xlsx<'a> {
    out: Out<'a>,
    caps: Caps,
    directory: PathBuf,
    open: Option<Open>,
    /// Whether the sheet of findings has no room for more.
    is_full: Arc<AtomicBool>,
}

/// A workbook that rows are written to.
struct Open {
    book: Book,
    sheets: Sheets,
    rules: RuleTexts,
    finding_columns: usize,
    /// Findings that there is still room for.
    room: u64,
    /// What the worklist shows of what, once that is known.
    claims_notice: Option<String>,
    has_shares: bool,
}

/// The numbers of the sheets, in their order.
struct Sheets {
    claims: usize,
    rules: usize,
    payers: usize,
    providers: usize,
    findings: usize,
    run: usize,
}

impl<'a> Xlsx<'a> {
    /// A sink into `out`.
    pub fn new(out: Out<'a>) -> Self {
        Self::within(CAPS, out)
    }

    /// A sink that shows no more than this.
    pub fn within(caps: Caps, out: Out<'a>) -> Self {
        let most = u64::from(ROWS_MAX);
        let caps = Caps { claims: caps.claims.min(most), findings: caps.findings.min(most) };
        let directory = std::env::temp_dir();
        Self { out, caps, directory, open: None, is_full: Arc::default() }
    }
}

impl Open {
    fn new(directory: &Path, caps: Caps, summary: &Summary) -> Result<Self> {
        let mut book = Book::new(directory)?;
        let columns = findings::columns(summary);
        let sheets = Sheets {
            claims: book.add("Worklist", &claims::COLUMNS, 1)?,
            rules: book.add("By rule", &rules::COLUMNS, 1)?,
            payers: book.add("By payer", &shares::columns("Payer"), 1)?,
            providers: book.add("By provider", &shares::columns("Rendering provider"), 1)?,
            findings: book.add("Findings", &columns, 1)?,
            run: book.add("Run", &run::COLUMNS, 0)?,
        };
        rules::write(&mut book, sheets.rules, summary)?;
        book.head(sheets.findings, &findings::notice(summary, caps.findings))?;
        Ok(Open {
            book,
            sheets,
            rules: RuleTexts::new(summary),
            finding_columns: columns.len(),
            room: caps.findings,
            claims_notice: None,
            has_shares: false,
        })
    }

    fn shares(&mut self, breakdown: &Breakdown) -> Result<()> {
        let [payers, providers, _] = &breakdown.beyond;
        shares::write(&mut self.book, self.sheets.payers, &breakdown.payers, payers)?;
        shares::write(&mut self.book, self.sheets.providers, &breakdown.providers, providers)?;
        self.has_shares = true;
        Ok(())
    }
}

impl Sink for Xlsx<'_> {
    fn keep_in(&mut self, directory: &Path) {
        directory.clone_into(&mut self.directory);
    }

    fn begin(&mut self, summary: &Summary) -> Result<()> {
        self.open = Some(Open::new(&self.directory, self.caps, summary)?);
        Ok(())
    }

    fn renderer<'s>(&self, summary: &'s Summary) -> Option<Box<dyn Render + 's>> {
        Some(Box::new(Rows::new(summary, Arc::clone(&self.is_full))))
    }

    fn rendered(&mut self, piece: &Piece) -> Result<()> {
        let Some(open) = &mut self.open else { return Ok(()) };
        let Open { book, sheets, finding_columns, room, .. } = open;
        let written =
            findings::write(&piece.bytes, *finding_columns, *room, book, sheets.findings)?;
        *room -= written;
        self.is_full.store(*room == 0, Ordering::Relaxed);
        Ok(())
    }

    fn wants_breakdown(&self) -> bool {
        true
    }

    fn breakdown(&mut self, breakdown: &Breakdown) -> Result<()> {
        self.open.as_mut().map_or(Ok(()), |open| open.shares(breakdown))
    }

    fn claims(&self) -> u64 {
        self.caps.claims
    }

    fn claims_in_all(&mut self, claims: u64, summary: &Summary) -> Result<()> {
        let Some(open) = &mut self.open else { return Ok(()) };
        let notice = claims::notice(claims, self.caps.claims, summary);
        open.book.head(open.sheets.claims, &notice)?;
        open.claims_notice = Some(notice);
        Ok(())
    }

    fn claim(&mut self, claim: &ClaimFindings, summary: &Summary) -> Result<()> {
        let Some(Open { book, sheets, rules, .. }) = &mut self.open else { return Ok(()) };
        claims::write(book, sheets.claims, claim, rules, summary)
    }

    fn finish(&mut self, summary: &Summary) -> Result<()> {
        if self.open.as_ref().is_some_and(|open| open.claims_notice.is_none()) {
            self.claims_in_all(0, summary)?;
        }
        let Some(mut open) = self.open.take() else { return Ok(()) };
        if !open.has_shares {
            open.shares(&Breakdown::default())?;
        }
        let Open { mut book, sheets, claims_notice, .. } = open;
        let caps = [
            ("Worklist", claims_notice.unwrap_or_default()),
            ("Findings", findings::notice(summary, self.caps.findings)),
        ];
        run::write(&mut book, sheets.run, summary, &caps)?;
        book.offer(sheets.claims, claims::status_column(), &claims::STATES)?;
        book.save(&mut self.out)?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests;
