//! What PTP001, PTP002 and PTP003 share: the pairs of lines of a patient's day that an edit names.

use std::sync::Arc;

use crate::error::Result;
use crate::lint::{Builder, Check, PoolCheck, Want, Wants};
use crate::model::{
    Batch, Code, Date, Field, Findings, Line, Modifier, Modifiers, PooledLine, Related, Why,
};
use crate::reference::{PairAnswer, PairsOn, Reference, Setting};
use crate::rules::ncci::billed::{self, Billed};
use crate::rules::recent::Recent;

/// The modifiers that let a pair of indicator 1 through, by kind: eyelids, fingers, toes, sides and
/// coronary arteries; those of the time around a procedure; distinct services.
const NCCI_MODIFIERS: [Modifier; 44] = [
    *b"E1", *b"E2", *b"E3", *b"E4", *b"FA", *b"F1", *b"F2", *b"F3", *b"F4", *b"F5", *b"F6", *b"F7",
    *b"F8", *b"F9", *b"TA", *b"T1", *b"T2", *b"T3", *b"T4", *b"T5", *b"T6", *b"T7", *b"T8", *b"T9",
    *b"LT", *b"RT", *b"LC", *b"LD", *b"RC", *b"LM", *b"RI", *b"24", *b"25", *b"57", *b"58", *b"78",
    *b"79", *b"27", *b"59", *b"91", *b"XE", *b"XS", *b"XP", *b"XU",
];

/// The pairs that a rule reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pairs {
    /// Those of indicator 0.
    Never,
    /// Those of indicator 1 without an NCCI modifier on either line.
    WithoutModifier,
    /// Those of indicator 1 with one.
    WithModifier,
}

/// A line of a code in column two that stands beside one in column one.
#[derive(Debug)]
pub struct Pair {
    /// The code in column one.
    pub one: Code,
    /// The code in column two.
    pub two: Code,
    /// How many other codes in column one stand beside the line.
    pub more: usize,
    /// The first day of the edit, where it is known.
    pub since: Option<Date>,
    /// The modifier that lets the pair through.
    pub modifier: Option<Modifier>,
}

impl Pair {
    /// The codes in column one, as far as they are named.
    pub fn beside(&self) -> String {
        match self.more {
            0 => self.one.to_string(),
            1 => format!("{} and 1 more code", self.one),
            more => format!("{} and {more} more codes", self.one),
        }
    }

    /// Since when the edit is in force.
    pub fn since(&self) -> String {
        self.since.map_or(String::new(), |since| format!(" since {since}"))
    }
}

/// Compares the lines of a day, and has the pairs of one sort reported.
struct PairLines {
    reference: Arc<Reference>,
    /// Whose edits are for all lines; if nothing, those of the line's own setting.
    setting: Option<Setting>,
    pairs: Pairs,
    say: fn(&Pair) -> String,
}

/// The check of a rule that reports pairs in the words of `say`.
pub fn check(builder: &mut Builder<'_>, pairs: Pairs, say: fn(&Pair) -> String) -> Result<Check> {
    let of_all = [
        ("by-line", None),
        ("practitioner", Some(Setting::Practitioner)),
        ("outpatient", Some(Setting::Outpatient)),
    ];
    let setting = builder.options.choice("setting", None, &of_all)?;
    builder.options.finish()?;
    let reference = Arc::clone(&builder.knowledge.reference);
    let mut usable = [Setting::Practitioner, Setting::Outpatient].into_iter();
    if !usable.any(|of| setting.is_none_or(|only| only == of) && reference.has(of.kind())) {
        let why = "no NCCI pairs of codes are loaded: claimlint refdata import takes them in";
        return Ok(Check::Unready(why.to_owned()));
    }
    Ok(Check::Pool(Box::new(PairLines { reference, setting, pairs, say })))
}

/// A line in a table of pairs.
#[derive(Debug, Clone, Copy)]
struct Placed<'g> {
    /// The place of its code there.
    index: u16,
    billed: Billed<'g>,
    bypass: Bypass,
}

impl<'g> Placed<'g> {
    /// Nothing where no pair of the table names the code.
    fn new(billed: Billed<'g>, table: &PairsOn<'_>) -> Option<Placed<'g>> {
        let index = table.index_of(billed.code)?;
        Some(Placed { index, billed, bypass: bypass(&billed.line.modifiers) })
    }
}

/// What the modifiers of a line say of the pairs that it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bypass {
    Yes,
    No,
    /// A modifier cell cannot be read.
    Unknown,
}

fn ncci_modifier(modifiers: &Modifiers) -> Option<Modifier> {
    modifiers.as_slice().iter().find(|own| NCCI_MODIFIERS.contains(own)).copied()
}

fn bypass(modifiers: &Modifiers) -> Bypass {
    match ncci_modifier(modifiers) {
        Some(_) => Bypass::Yes,
        None if modifiers.malformed != 0 => Bypass::Unknown,
        None => Bypass::No,
    }
}

/// An edit between a code in column one, by its lines, and the code that is looked at.
struct Edit<'s, 'g> {
    ones: &'s [Placed<'g>],
    since: Option<Date>,
}

impl<'s, 'g> Edit<'s, 'g> {
    /// The first line in column one for which this holds beside a line in column two. Of two lines
    /// of one code, the later one is in column two.
    fn first(&self, two: &Placed<'g>, holds: impl Fn(Bypass) -> bool) -> Option<&'s Placed<'g>> {
        let is_other = |one: &Placed<'_>| one.index != two.index || one.billed.at < two.billed.at;
        self.ones.iter().find(|one| is_other(one) && holds(one.bypass))
    }
}

impl PairLines {
    fn setting_of(&self, is_institutional: bool) -> Setting {
        let own = if is_institutional { Setting::Outpatient } else { Setting::Practitioner };
        self.setting.unwrap_or(own)
    }

    fn want_of(&self, line: Line<'_>, covered: &mut Covered) -> Want {
        let Some(code) = billed::code(line) else { return Want::No };
        let setting = self.setting_of(self.setting.is_none() && line.is_institutional());
        let is_named = self.reference.in_pairs(setting, code);
        match line.service_date().value() {
            None if is_named => Want::LeftOut(Why::Lacks(Field::ServiceDate)),
            None => Want::No,
            Some(on) if !covered.by(&self.reference, setting, on) => {
                Want::LeftOut(Why::NotCovered(setting.kind() as u8, on))
            }
            Some(_) if is_named => Want::Yes,
            Some(_) => Want::No,
        }
    }

    /// The line in column one that a line in column two is reported with.
    fn partner<'s, 'g>(&self, edit: &Edit<'s, 'g>, two: &Placed<'g>) -> Option<&'s Placed<'g>> {
        match (self.pairs, two.bypass) {
            (Pairs::Never, _) | (Pairs::WithModifier, Bypass::Yes) => edit.first(two, |_| true),
            (Pairs::WithModifier, _) => edit.first(two, |one| one == Bypass::Yes),
            (Pairs::WithoutModifier, Bypass::No) => edit.first(two, |one| one == Bypass::No),
            (Pairs::WithoutModifier, _) => None,
        }
    }

    fn judge(&self, two: &Placed<'_>, edits: &[Edit<'_, '_>], out: &mut Findings) {
        let with = |edit| Some((edit, self.partner(edit, two)?));
        let mut partners = edits.iter().filter_map(with);
        let Some((edit, one)) = partners.next() else {
            let may_be = |edit: &Edit<'_, '_>| edit.first(two, |one| one != Bypass::Yes).is_some();
            let without = self.pairs == Pairs::WithoutModifier && two.bypass != Bypass::Yes;
            if without && edits.iter().any(may_be) {
                out.leave_out(two.billed.at, Why::Lacks(Field::Modifier1));
            }
            return;
        };
        let modifiers = [&two.billed.line.modifiers, &one.billed.line.modifiers];
        let pair = Pair {
            one: one.billed.code,
            two: two.billed.code,
            more: partners.count(),
            since: edit.since,
            modifier: modifiers.into_iter().find_map(ncci_modifier),
        };
        let related = Related { place: one.billed.line.place, value: pair.one.to_string() };
        let said = (self.say)(&pair);
        let field = Some(Field::ProcedureCode);
        out.report(two.billed.at, field, format_args!("{said}")).related = vec![related];
    }
}

/// Whether days are covered, as it was said lately, by setting.
#[derive(Default)]
struct Covered([Recent<bool>; 2]);

impl Covered {
    fn by(&mut self, reference: &Reference, setting: Setting, on: Date) -> bool {
        let ask = || reference.pairs(setting, on).is_some();
        match self.0.get_mut(setting as usize) {
            Some(recent) => recent.get(b"", on, ask),
            None => ask(),
        }
    }
}

impl PoolCheck for PairLines {
    fn key(&self) -> &[Field] {
        &billed::KEY
    }

    fn want(&self, line: Line<'_>) -> Want {
        billed::settle(line, self.want_of(line, &mut Covered([Recent::none(), Recent::none()])))
    }

    fn want_batch(&self, batch: &Batch, out: &mut Wants) {
        let mut covered = Covered::default();
        for line in batch.lines() {
            out.put(line.row(), billed::settle(line, self.want_of(line, &mut covered)));
        }
    }

    fn check(&self, lines: &[&PooledLine<'_>], out: &mut Findings) {
        let Some(on) = billed::day(lines).filter(|_| lines.len() > 1) else { return };
        let billed = billed::lines(lines);
        let wanted = if self.pairs == Pairs::Never { 0 } else { 1 };
        for setting in [Setting::Practitioner, Setting::Outpatient] {
            let Some(table) = self.reference.pairs(setting, on) else { continue };
            let is_of = |line: &PooledLine<'_>| self.setting_of(line.revenue.is_some()) == setting;
            let own = billed.iter().filter(|billed| billed.is_written && is_of(billed.line));
            let mut placed: Vec<Placed<'_>> =
                own.filter_map(|billed| Placed::new(*billed, &table)).collect();
            if placed.len() < 2 {
                continue;
            }
            // Lines of one code keep the order of the inputs.
            placed.sort_by_key(|placed| placed.index);
            let codes: Vec<_> = placed.chunk_by(|a, b| a.index == b.index).collect();
            for twos in &codes {
                let edit = |ones: &&'_ [Placed<'_>]| -> Option<Option<Date>> {
                    let (one, two) = (ones.first()?.index, twos.first()?.index);
                    match table.find(one, two) {
                        PairAnswer::Active { indicator, since } => {
                            (indicator == wanted).then_some(since)
                        }
                        PairAnswer::None | PairAnswer::NotCovered => None,
                    }
                };
                let edits = codes.iter().filter_map(|ones| Some(Edit { ones, since: edit(ones)? }));
                let edits: Vec<Edit<'_, '_>> = edits.collect();
                if !edits.is_empty() {
                    twos.iter().for_each(|two| self.judge(two, &edits, out));
                }
            }
        }
    }
}
