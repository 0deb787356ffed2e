//! What the rules on NCCI edits mean, written for reading and not for speed: every line of a day is
//! held beside every other, and every row of a table is looked at.
//!
//! Nothing here uses the crate: the rules were written down twice from the same description, and
//! tests compare the two. Days are ISO texts, units are tenths, money is cents.

#![allow(dead_code, reason = "each test target that includes this module uses a part of it")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]
#![allow(clippy::string_slice, reason = "a test may fail by panicking")]

use std::collections::{BTreeMap, BTreeSet};

/// A finding: the 1-based data record, and the code of the rule.
pub type Found = (u64, &'static str);

/// Rows that answer for some days.
#[derive(Debug, Clone)]
pub struct Edition<R> {
    pub first: String,
    pub last: String,
    pub rows: Vec<R>,
}

/// A pair of codes.
#[derive(Debug, Clone)]
pub struct PairRow {
    pub one: String,
    pub two: String,
    pub first: Option<String>,
    pub last: Option<String>,
    pub indicator: u8,
}

/// A limit of units.
#[derive(Debug, Clone)]
pub struct LimitRow {
    pub code: String,
    pub units: u32,
    pub indicator: u8,
}

/// An add-on code and a primary code.
#[derive(Debug, Clone)]
pub struct AddOnRow {
    pub add_on: String,
    pub primary: Option<String>,
    pub kind: u8,
    pub first: Option<String>,
    pub last: Option<String>,
}

/// All tables; for practitioners, then for outpatient hospitals.
#[derive(Debug, Clone)]
pub struct Tables {
    pub pairs: [Vec<Edition<PairRow>>; 2],
    pub limits: [Vec<Edition<LimitRow>>; 2],
    pub add_ons: Vec<Edition<AddOnRow>>,
}

/// The edition for a day: of several the one that reaches furthest.
fn on<'e, R>(editions: &'e [Edition<R>], day: &str) -> Option<&'e Edition<R>> {
    let covering = editions.iter().filter(|of| *of.first <= *day && *day <= *of.last);
    covering.max_by(|a, b| (&a.last, &a.first).cmp(&(&b.last, &b.first)))
}

fn is_within(first: &Option<String>, last: &Option<String>, day: &str) -> bool {
    first.as_ref().is_none_or(|first| **first <= *day)
        && last.as_ref().is_none_or(|last| *day <= **last)
}

/// A service line.
#[derive(Debug, Clone)]
struct Line {
    record: u64,
    claim: String,
    patient: String,
    provider: String,
    /// As written or repaired; empty where there is none.
    code: String,
    is_damaged: bool,
    modifiers: Vec<String>,
    has_bad_modifier: bool,
    /// A valid day, or nothing.
    day: Option<String>,
    last_day: Option<String>,
    units: Option<i64>,
    is_minutes: bool,
    cents: Option<i64>,
    place: String,
    frequency: String,
    revenue: String,
}

impl Line {
    fn is_reversal(&self) -> bool {
        self.frequency == "8"
            || self.cents.is_some_and(|cents| cents < 0)
            || self.units.is_some_and(|units| units < 0)
    }

    /// What a reversal must share with what it takes back.
    fn service(&self) -> impl PartialEq + use<> {
        let mut modifiers = self.modifiers.clone();
        modifiers.sort();
        (
            (self.code.clone(), self.day.clone(), self.last_day.clone(), modifiers),
            (self.units.map(i64::abs), self.cents.map(i64::abs)),
        )
    }

    fn is_billed_code(&self) -> bool {
        !self.code.is_empty() && !self.is_damaged
    }

    fn setting(&self) -> usize {
        usize::from(!self.revenue.is_empty())
    }

    fn is_ncci(&self) -> bool {
        let all = "E1 E2 E3 E4 FA F1 F2 F3 F4 F5 F6 F7 F8 F9 TA T1 T2 T3 T4 T5 T6 T7 T8 T9 LT RT \
                   LC LD RC LM RI 24 25 57 58 78 79 27 59 91 XE XS XP XU";
        self.modifiers.iter().any(|own| all.split_whitespace().any(|known| known == own))
    }

    /// Tenths of units on each day.
    fn daily_tenths(&self) -> Option<i64> {
        let tenths = self.units?;
        let (Some(first), Some(last)) = (&self.day, &self.last_day) else { return Some(tenths) };
        let days = number(last) - number(first) + 1;
        // Halves are rounded up.
        Some(if days > 1 { (2 * tenths + 10 * days) / (20 * days) * 10 } else { tenths })
    }
}

/// The number of a day of the years around 2026, which has no leap day.
fn number(day: &str) -> i64 {
    let parts: Vec<i64> = day.split('-').map(|part| part.parse().unwrap()).collect();
    let before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    parts[0] * 365 + before[parts[1] as usize - 1] + parts[2]
}

fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let [_, month, day] = parts[..] else { return false };
    let (Ok(month), Ok(day)) = (month.parse::<usize>(), day.parse::<usize>()) else { return false };
    (1..=12).contains(&month) && day >= 1 && day <= lengths[month - 1]
}

/// Tenths or cents: a number with no more decimals than these.
fn fixed(text: &str, decimals: usize) -> Option<i64> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = format!("{fraction:0<decimals$}");
    let all = format!("{whole}{fraction}");
    let is_number = !whole.is_empty() && all.chars().all(|c| c.is_ascii_digit());
    (is_number && fraction.len() == decimals).then(|| sign * all.parse::<i64>().unwrap())
}

/// Five digits, or four with a letter of HCPCS Level II before or of Category II after them.
fn is_code(text: &str) -> bool {
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    text.len() == 5 && (digits(text) || digits(&text[1..]) || digits(&text[..4]))
}

fn read(export: &[u8]) -> Vec<Line> {
    let mut reader = csv::Reader::from_reader(export);
    let header = reader.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|cell| cell == name);
    let has_unit_type = column("unit_type").is_some();
    let mut lines = Vec::new();
    for (record, cells) in (1..).zip(reader.records()) {
        let cells = cells.unwrap();
        let cell = |name: &str| column(name).map_or("", |at| cells[at].trim()).to_owned();
        let written = cell("procedure_code").to_uppercase();
        let repaired = written.replace('O', "0");
        let (code, is_damaged) = match (is_code(&written), is_code(&repaired)) {
            (true, _) => (written, false),
            (false, true) => (repaired, true),
            (false, false) => (String::new(), false),
        };
        let mut modifiers = vec![cell("modifier_1"), cell("modifier_2")];
        modifiers.retain(|modifier| !modifier.is_empty());
        let bad = modifiers.iter().any(|modifier| modifier.len() != 2);
        modifiers.retain(|modifier| modifier.len() == 2);
        let (billing, rendering) = (cell("billing_npi"), cell("rendering_npi"));
        let day = Some(cell("service_date")).filter(|day| is_day(day));
        let last_day = Some(cell("service_end")).filter(|last| is_day(last));
        let number: u32 = code.parse().unwrap_or(0);
        let is_anesthesia = (100..2000).contains(&number) && number != 1953 && number != 1996;
        let is_mj = cell("unit_type").eq_ignore_ascii_case("MJ");
        lines.push(Line {
            record,
            claim: cell("claim_id"),
            patient: cell("patient_id"),
            provider: if rendering.is_empty() { billing } else { rendering },
            is_minutes: if has_unit_type { is_mj } else { is_anesthesia },
            code,
            is_damaged,
            modifiers,
            has_bad_modifier: bad,
            last_day: last_day.filter(|last| day.as_ref().is_some_and(|day| last > day)),
            day,
            units: fixed(&cell("units"), 1).filter(|_| !cell("units").is_empty()),
            cents: fixed(&cell("charge"), 2).filter(|_| !cell("charge").is_empty()),
            place: cell("place_of_service"),
            frequency: cell("claim_frequency"),
            revenue: cell("revenue_code"),
        });
    }
    lines
}

/// The lines of a group that are billed once voids, replacements and reversals are netted.
fn billed(group: &[Line]) -> Vec<&Line> {
    let replaced: BTreeSet<&String> =
        group.iter().filter(|line| line.frequency == "7").map(|line| &line.claim).collect();
    let is_gone = |line: &Line| {
        line.frequency != "7" && !line.claim.is_empty() && replaced.contains(&line.claim)
    };
    // What has no units is not billed, so nothing takes it back.
    let mut left: Vec<&Line> = group
        .iter()
        .filter(|line| !line.is_reversal() && !is_gone(line) && line.units != Some(0))
        .collect();
    let mut open: Vec<&Line> = group.iter().filter(|line| line.is_reversal()).collect();
    // First of its own claim, by what it says; a void then by its code; then of any claim.
    for way in 0..3 {
        open.retain(|reversal| {
            let takes_back = |line: &&Line| match way {
                0 => line.claim == reversal.claim && line.service() == reversal.service(),
                1 => {
                    reversal.frequency == "8"
                        && line.claim == reversal.claim
                        && line.code == reversal.code
                }
                _ => line.service() == reversal.service(),
            };
            let earliest = left.iter().position(takes_back);
            earliest.map(|earliest| left.remove(earliest)).is_none()
        });
    }
    left.retain(|line| !line.code.is_empty() && line.units != Some(0));
    left
}

fn pair_rules(group: &[&Line], day: &str, tables: &Tables, found: &mut BTreeSet<Found>) {
    for (i, one) in group.iter().enumerate() {
        for (j, two) in group.iter().enumerate() {
            let judged = i != j && one.is_billed_code() && two.is_billed_code();
            // Of two lines of one code the later one is in column two.
            if !judged || one.setting() != two.setting() || (one.code == two.code && i > j) {
                continue;
            }
            let Some(edition) = on(&tables.pairs[one.setting()], day) else { continue };
            let rows = edition.rows.iter().filter(|row| {
                row.one == one.code
                    && row.two == two.code
                    && row.indicator != 9
                    && is_within(&row.first, &row.last, day)
            });
            match rows.map(|row| row.indicator).max() {
                Some(0) => drop(found.insert((two.record, "PTP001"))),
                Some(1) if one.is_ncci() || two.is_ncci() => {
                    found.insert((two.record, "PTP003"));
                }
                Some(1) if !one.has_bad_modifier && !two.has_bad_modifier => {
                    found.insert((two.record, "PTP002"));
                }
                _ => {}
            }
        }
    }
}

fn limit(line: &Line, day: &str, tables: &Tables) -> Option<(i64, u8)> {
    let rows = &on(&tables.limits[line.setting()], day)?.rows;
    let row = rows.iter().find(|row| row.code == line.code)?;
    let is_counted = line.is_billed_code() && !line.is_minutes && line.units.is_some();
    is_counted.then_some((10 * i64::from(row.units), row.indicator))
}

fn day_rules(group: &[&Line], day: &str, tables: &Tables, found: &mut BTreeSet<Found>) {
    for line in group {
        let Some((most, indicator @ (2 | 3))) = limit(line, day, tables) else { continue };
        let same = group.iter().filter(|other| {
            other.code == line.code
                && other.setting() == line.setting()
                && limit(other, day, tables).is_some()
        });
        let sum: i64 = same.map(|other| other.daily_tenths().unwrap()).sum();
        if sum > most {
            found.insert((line.record, if indicator == 2 { "MUE002" } else { "MUE003" }));
        }
    }
}

fn add_on_rules(group: &[&Line], day: &str, tables: &Tables, found: &mut BTreeSet<Found>) {
    let Some(edition) = on(&tables.add_ons, day) else { return };
    let rows_of = |code: &str| -> Vec<&AddOnRow> {
        let all = edition.rows.iter();
        all.filter(|row| row.add_on == code && is_within(&row.first, &row.last, day)).collect()
    };
    for line in group.iter().filter(|line| line.is_billed_code()) {
        let rows = rows_of(&line.code);
        if rows.is_empty() {
            continue;
        }
        let is_primary =
            |other: &&&Line| rows.iter().any(|row| row.primary.as_ref() == Some(&other.code));
        if group.iter().any(|other| is_primary(&other)) {
            continue;
        }
        let is_closed = rows.iter().all(|row| row.kind == 1 && row.primary.is_some());
        let mut services = group.iter().filter(|other| !other.code.ends_with('F'));
        if is_closed && line.code != "99292" {
            found.insert((line.record, "ADD001"));
        } else if !is_closed && services.all(|other| !rows_of(&other.code).is_empty()) {
            found.insert((line.record, "ADD002"));
        }
    }
}

/// The findings in an export with the header names of the tests.
pub fn findings(export: &[u8], tables: &Tables) -> BTreeSet<Found> {
    let mut found = BTreeSet::new();
    let mut groups: BTreeMap<(String, String, String), Vec<Line>> = BTreeMap::new();
    for line in read(export) {
        let Some(day) = line.day.clone() else { continue };
        if !line.is_reversal()
            && let Some((most, 1)) = limit(&line, &day, tables)
            && line.daily_tenths().unwrap() > most
        {
            found.insert((line.record, "MUE001"));
        }
        if !line.patient.is_empty() && !line.provider.is_empty() {
            let key = (line.patient.clone(), day, line.provider.clone());
            groups.entry(key).or_default().push(line);
        }
    }
    for ((_, day, _), group) in &groups {
        let group = billed(group);
        pair_rules(&group, day, tables, &mut found);
        day_rules(&group, day, tables, &mut found);
        add_on_rules(&group, day, tables, &mut found);
    }
    found
}
