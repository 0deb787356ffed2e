//! What ADD001 and ADD002 share: the add-on codes of a patient's day and what they are billed with.

use std::sync::Arc;

use crate::error::Result;
use crate::lint::{Builder, Check, PoolCheck, Want, Wants};
use crate::model::{Batch, Class, Code, Date, Field, Findings, Line, PooledLine, Why};
use crate::reference::{AddOn, AddOnAnswer, Kind, Reference};
use crate::rules::ncci::billed::{self, Billed};
use crate::rules::recent::Recent;

/// Looks at the add-on codes of a day, and has those of one sort reported.
struct AddOnLines {
    reference: Arc<Reference>,
    judge: Box<Judge>,
}

/// Says what is wrong with an add-on code that is billed with others, itself among them.
pub type Judge = dyn Fn(Code, AddOn<'_>, &Company<'_>) -> Option<String> + Send + Sync;

/// What is billed on the day.
#[derive(Debug)]
pub struct Company<'c> {
    /// The codes, each once, in order, with their classes.
    codes: &'c [(Code, Class)],
    reference: &'c Reference,
    on: Date,
}

impl Company<'_> {
    /// Whether a primary code of the add-on code is billed.
    pub fn has_primary_of(&self, add_on: AddOn<'_>) -> bool {
        self.codes.iter().any(|(code, _)| add_on.has_primary(*code))
    }

    /// Whether a service is billed that is no add-on. Category II codes are no services.
    pub fn has_service(&self) -> bool {
        let mut services = self.codes.iter().filter(|(_, class)| *class != Class::CategoryTwo);
        services.any(|(code, _)| !self.reference.is_add_on(*code, self.on))
    }
}

/// Whether the list of primary codes is closed: none but those that are listed will do.
pub fn is_closed(add_on: AddOn<'_>) -> bool {
    add_on.kind == 1 && !add_on.is_left_to_contractors()
}

/// The check of a rule that judges add-on codes with `judge`.
pub fn check(builder: &mut Builder<'_>, judge: Box<Judge>) -> Result<Check> {
    builder.options.finish()?;
    let reference = Arc::clone(&builder.knowledge.reference);
    if !reference.has(Kind::AddOn) {
        let why = "no NCCI add-on codes are loaded: claimlint refdata import takes them in";
        return Ok(Check::Unready(why.to_owned()));
    }
    Ok(Check::Pool(Box::new(AddOnLines { reference, judge })))
}

impl AddOnLines {
    fn want_of(&self, line: Line<'_>, covered: &mut Recent<bool>) -> Want {
        let Some(code) = billed::code(line) else { return Want::No };
        let Some(on) = line.service_date().value() else {
            return Want::LeftOut(Why::Lacks(Field::ServiceDate));
        };
        let ask = || !matches!(self.reference.add_on(code, on), AddOnAnswer::NotCovered);
        if !covered.get(b"", on, ask) {
            return Want::LeftOut(Why::NotCovered(Kind::AddOn as u8, on));
        }
        Want::Yes
    }

    fn is_add_on(&self, billed: &Billed<'_>, on: Date) -> bool {
        billed.is_written && self.reference.is_add_on(billed.code, on)
    }
}

impl PoolCheck for AddOnLines {
    fn key(&self) -> &[Field] {
        &billed::KEY
    }

    fn want(&self, line: Line<'_>) -> Want {
        billed::settle(line, self.want_of(line, &mut Recent::none()))
    }

    fn want_batch(&self, batch: &Batch, out: &mut Wants) {
        let mut covered = Recent::default();
        for line in batch.lines() {
            out.put(line.row(), billed::settle(line, self.want_of(line, &mut covered)));
        }
    }

    fn check(&self, lines: &[&PooledLine<'_>], out: &mut Findings) {
        let Some(on) = billed::day(lines) else { return };
        let codes = lines.iter().filter_map(|line| line.procedure());
        // On nearly all days there is none.
        if !codes.into_iter().any(|code| self.reference.is_add_on(code, on)) {
            return;
        }
        let billed = billed::lines(lines);
        let mut codes: Vec<(Code, Class)> =
            billed.iter().map(|one| (one.code, one.class)).collect();
        codes.sort_unstable();
        codes.dedup();
        let company = Company { codes: &codes, reference: &self.reference, on };
        let mut add_ons: Vec<&Billed<'_>> =
            billed.iter().filter(|billed| self.is_add_on(billed, on)).collect();
        add_ons.sort_by_key(|billed| billed.code);
        for same in add_ons.chunk_by(|one, other| one.code == other.code) {
            let Some(code) = same.first().map(|billed| billed.code) else { continue };
            let Some(add_on) = self.reference.add_on(code, on).add_on() else { continue };
            let Some(why) = (self.judge)(code, add_on, &company) else { continue };
            for billed in same {
                out.report(billed.at, Some(Field::ProcedureCode), format_args!("{why}"));
            }
        }
    }
}
