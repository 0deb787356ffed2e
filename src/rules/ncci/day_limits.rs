//! What MUE002 and MUE003 share: the units of a code, summed over the lines of a patient's day.

use crate::error::Result;
use crate::lint::{Builder, Check, PoolCheck, Want, Wants};
use crate::model::{Batch, Cell, Code, Field, Findings, Line, PooledLine, Related, Units, Why};
use crate::rules::ncci::billed::{self, Billed};
use crate::rules::ncci::limits::{Found, Lately, Limits, millionths, of_a_day};

/// Compares the units of a day with limits of one indicator.
struct DayLimits {
    limits: Limits,
    indicator: u8,
    /// By what the limit is one.
    by: &'static str,
}

/// The check of a rule that is about limits of this indicator; `by` says what they are for.
pub fn check(builder: &mut Builder<'_>, indicator: u8, by: &'static str) -> Result<Check> {
    Ok(match Limits::read(builder)? {
        Some(limits) => Check::Pool(Box::new(DayLimits { limits, indicator, by })),
        None => Check::Unready(Limits::unready()),
    })
}

/// Units that count, with what they are counted for: the setting, the code and its limit.
struct Counted<'g> {
    sum_of: (u8, Code, u32),
    daily: Units,
    billed: Billed<'g>,
}

impl DayLimits {
    fn want_of(&self, line: Line<'_>, lately: &mut Lately) -> Want {
        let Some(code) = billed::code(line) else { return Want::No };
        let Some(on) = line.service_date().value() else {
            return Want::LeftOut(Why::Lacks(Field::ServiceDate));
        };
        let question = (self.limits.setting_of(line.is_institutional()), code, on);
        match self.limits.find(question, self.indicator, lately) {
            Found::Limit(_) => Want::Yes,
            Found::None => Want::No,
            Found::NotCovered(kind) => Want::LeftOut(Why::NotCovered(kind, on)),
        }
    }

    fn report(&self, counted: &[Counted<'_>], out: &mut Findings) {
        let Some(first) = counted.first() else { return };
        let (_, code, limit) = first.sum_of;
        let sum: i128 = counted.iter().map(|counted| i128::from(counted.daily.0)).sum();
        if sum <= millionths(limit) {
            return;
        }
        let over = match counted.len() {
            1 => String::new(),
            lines => format!(" on {lines} lines"),
        };
        let units = Units(i64::try_from(sum).unwrap_or(i64::MAX));
        let by = self.by;
        for one in counted {
            let why = format_args!(
                "units of {code} are {units}{over} of the day, and the limit by day is {limit} \
                 ({by}, indicator {}): look them up",
                self.indicator
            );
            // The first line names the second, all others the first.
            let mut others = counted.iter().filter(|other| other.billed.at != one.billed.at);
            let other = others.next().map(|other| other.billed.line.place);
            out.report(one.billed.at, Some(Field::Units), why).related =
                other.map(|place| Related { place, value: code.to_string() }).into_iter().collect();
        }
    }
}

impl PoolCheck for DayLimits {
    fn key(&self) -> &[Field] {
        &billed::KEY
    }

    fn want(&self, line: Line<'_>) -> Want {
        billed::settle(line, self.want_of(line, &mut Lately::none()))
    }

    fn want_batch(&self, batch: &Batch, out: &mut Wants) {
        let mut lately = Lately::default();
        for line in batch.lines() {
            out.put(line.row(), billed::settle(line, self.want_of(line, &mut lately)));
        }
    }

    fn check(&self, lines: &[&PooledLine<'_>], out: &mut Findings) {
        let Some(on) = billed::day(lines) else { return };
        let mut lately = Lately::none();
        let mut counted: Vec<Counted<'_>> = Vec::new();
        for billed in billed::lines(lines) {
            let line = billed.line;
            if !billed.is_written || line.in_minutes {
                continue;
            }
            let setting = self.limits.setting_of(line.revenue.is_some());
            let question = (setting, billed.code, on);
            let found = self.limits.find(question, self.indicator, &mut lately);
            let Found::Limit(limit) = found else { continue };
            match line.units {
                Cell::Value(units) => {
                    let daily = of_a_day(units, line.days.unwrap_or((on, on)));
                    let sum_of = (setting as u8, billed.code, limit);
                    counted.push(Counted { sum_of, daily, billed });
                }
                Cell::Missing | Cell::Malformed => {
                    out.leave_out(billed.at, Why::Lacks(Field::Units));
                }
            }
        }
        counted.sort_by_key(|counted| counted.sum_of);
        for same in counted.chunk_by(|one, other| one.sum_of == other.sum_of) {
            self.report(same, out);
        }
    }
}
