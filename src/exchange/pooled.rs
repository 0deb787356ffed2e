//! Lines that are compared with one another, as bytes: what each says, and nothing of what it does
//! not say, nor of what the line before it in its row says too. Nearly every line but the first
//! takes some twenty bytes.

use xxhash_rust::xxh3::xxh3_128;

use crate::error::Result;
use crate::exchange::found::{put_place, take_place};
use crate::exchange::rows::hash_key;
use crate::exchange::wire::{Put, Take, broken};
use crate::model::batch::Place;
use crate::model::{Cell, Cents, Code, Date, Modifiers, PooledLine, Units};

const FOUND: u32 = 1;
const CODE: u32 = 1 << 1;
/// The cell says something else than the code.
const VALUE: u32 = 1 << 2;
const CLAIM: u32 = 1 << 3;
const LINE: u32 = 1 << 4;
const DAY: u32 = 1 << 5;
const LAST_DAY: u32 = 1 << 6;
const MODIFIERS: u32 = 1 << 7;
const MINUTES: u32 = 1 << 8;
const FREQUENCY: u32 = 1 << 9;
const PLACE: u32 = 1 << 10;
const PATIENT: u32 = 1 << 11;
const RENDERING: u32 = 1 << 12;
const BILLING: u32 = 1 << 13;
const OVERRIDES: u32 = 1 << 14;
const REVENUE: u32 = 1 << 15;
/// The record after the one before.
const NEXT: u32 = 1 << 22;
const PAYER: u32 = 1 << 23;
const PROVIDER: u32 = 1 << 24;
/// Keepers, days, people or the total are those of the line before.
const SAME_KEEPERS: u32 = 1 << 25;
const SAME_DAYS: u32 = 1 << 26;
const SAME_PEOPLE: u32 = 1 << 27;
const SAME_TOTAL: u32 = 1 << 28;
const CELLS: u32 = 1 << 29;
/// Where two bits for each of these cells begin.
const CHARGE: u32 = 16;
const UNITS: u32 = 18;
const TOTAL: u32 = 20;

/// What two bits say of a cell; missing is nothing.
const MALFORMED: u32 = 1;
const SOME: u32 = 2;
const ONE: u32 = 3;

fn state<T>(cell: &Cell<T>) -> u32 {
    match cell {
        Cell::Missing => 0,
        Cell::Malformed => MALFORMED,
        Cell::Value(_) => SOME,
    }
}

/// What of a line goes without saying, after the line before it in its row.
fn repeats(line: &PooledLine<'_>, before: Option<&PooledLine<'_>>) -> u32 {
    let Some(before) = before else { return 0 };
    let flag = |bit: u32, is: bool| if is { bit } else { 0 };
    let people = |line: &PooledLine<'_>| [line.patient, line.rendering, line.billing];
    let (place, last) = (&line.place, &before.place);
    let is_next = (place.source, place.record, place.line)
        == (last.source, last.record.wrapping_add(1), last.line.wrapping_add(1))
        && place.byte >= last.byte;
    flag(NEXT, is_next)
        | flag(SAME_KEEPERS, line.keepers == before.keepers)
        | flag(SAME_DAYS, line.days.is_some() && line.days == before.days)
        | flag(SAME_PEOPLE, people(line) == people(before))
        | flag(SAME_TOTAL, line.claim_total == before.claim_total)
}

/// What a line says.
fn says(line: &PooledLine<'_>) -> u32 {
    let flag = |bit: u32, is: bool| if is { bit } else { 0 };
    let code = line.code.as_ref().map(|(code, _)| code);
    let is_written = code.is_some_and(|code| code.as_bytes() == line.value);
    let units = if line.units == Cell::Value(Units::ONE) { ONE } else { state(&line.units) };
    flag(FOUND, line.already_found)
        | flag(CODE, code.is_some())
        | flag(VALUE, !is_written)
        | flag(CLAIM, line.claim_key.is_some())
        | flag(LINE, line.service_line.is_some())
        | flag(DAY, line.days.is_some())
        | flag(LAST_DAY, line.days.is_some_and(|(first, last)| first != last))
        | flag(MODIFIERS, !line.modifiers.says_nothing())
        | flag(MINUTES, line.in_minutes)
        | flag(FREQUENCY, line.frequency != 0)
        | flag(PLACE, line.place_of_service.is_some())
        | flag(PATIENT, line.patient != 0)
        | flag(RENDERING, line.rendering != 0)
        | flag(BILLING, line.billing != 0)
        | flag(OVERRIDES, line.overrides != 0)
        | flag(REVENUE, line.revenue.is_some())
        | flag(PAYER, line.payer.is_some())
        | flag(PROVIDER, line.provider.is_some())
        | flag(CELLS, line.cells.is_some())
        | state(&line.charge) << CHARGE
        | units << UNITS
        | state(&line.claim_total) << TOTAL
}

/// Appends a line, after the one before it in its row. [`PooledLine::service`] does not travel.
pub fn encode(line: &PooledLine<'_>, before: Option<&PooledLine<'_>>, into: &mut Vec<u8>) {
    let flags = says(line) | repeats(line, before);
    let is = |bit: u32| flags & bit != 0;
    into.extend_from_slice(&flags.to_le_bytes());
    match before.filter(|_| is(NEXT)) {
        Some(before) => into.put_small(line.place.byte - before.place.byte),
        None => put_place(&line.place, into),
    }
    if !is(SAME_KEEPERS) {
        into.put_small(u64::from(line.keepers));
    }
    if let Some((code, _)) = &line.code {
        into.extend_from_slice(code.as_bytes());
    }
    if is(VALUE) {
        into.put_bytes(line.value);
    }
    line.claim_key.iter().chain(&line.service_line).for_each(|text| into.put_bytes(text));
    if let Some((first, last)) = line.days.filter(|_| !is(SAME_DAYS)) {
        into.extend_from_slice(&first.days().to_le_bytes());
        if first != last {
            into.extend_from_slice(&last.days().to_le_bytes());
        }
    }
    if is(MODIFIERS) {
        let all = line.modifiers.as_slice();
        into.push(all.len() as u8 | u8::from(line.modifiers.has_gap) << 7);
        into.push(line.modifiers.malformed);
        all.iter().for_each(|modifier| into.extend_from_slice(modifier));
    }
    if is(FREQUENCY) {
        into.push(line.frequency);
    }
    line.place_of_service.iter().for_each(|place| into.extend_from_slice(place));
    if !is(SAME_PEOPLE) {
        for number in [line.patient, line.rendering, line.billing] {
            if number != 0 {
                into.extend_from_slice(&number.to_le_bytes());
            }
        }
    }
    line.revenue.iter().for_each(|revenue| into.extend_from_slice(&revenue.to_le_bytes()));
    let texts = line.payer.iter().chain(&line.provider).chain(&line.cells);
    texts.for_each(|text| into.put_bytes(text));
    if line.overrides != 0 {
        into.put_small(line.overrides);
    }
    put_cents(&line.charge, into);
    if flags >> UNITS & 3 == SOME {
        into.put_signed(line.units.value().map(|units| i128::from(units.0)));
    }
    if !is(SAME_TOTAL) {
        put_cents(&line.claim_total, into);
    }
}

/// Appends an amount, where there is one.
fn put_cents(cell: &Cell<Cents>, into: &mut Vec<u8>) {
    if let Cell::Value(Cents(cents)) = cell {
        into.put_signed(Some(*cents));
    }
}

/// The number that stands for what a line says: see [`PooledLine::service`]. `buffer` is emptied.
pub fn service(line: &PooledLine<'_>, buffer: &mut Vec<u8>) -> u64 {
    buffer.clear();
    line.write_service(buffer);
    hash_key(buffer).max(1)
}

/// The place after that of the line before.
fn next_place(take: &mut Take<'_>, before: &PooledLine<'_>) -> Result<Place> {
    let last = before.place;
    let byte = last.byte.checked_add(take.small()?).ok_or_else(broken)?;
    let (record, line) = (last.record.wrapping_add(1), last.line.wrapping_add(1));
    Ok(Place { source: last.source, record, line, byte })
}

/// Takes a line, after the one before it in its row.
pub fn decode<'b>(take: &mut Take<'b>, before: Option<&PooledLine<'b>>) -> Result<PooledLine<'b>> {
    let flags = u32::from_le_bytes(bytes(take)?);
    let is = |bit: u32| flags & bit != 0;
    let same = |bit: u32| if is(bit) { before.map(Some).ok_or_else(broken) } else { Ok(None) };
    let place = match same(NEXT)? {
        Some(before) => next_place(take, before)?,
        None => take_place(take)?,
    };
    let keepers = match same(SAME_KEEPERS)? {
        Some(before) => before.keepers,
        None => take.small()? as u32,
    };
    let written = if is(CODE) { Some(take.exactly(5)?) } else { None };
    let code = written.map(|code| Code::parse(code).ok_or_else(broken)).transpose()?;
    let value = if is(VALUE) { take.bytes()? } else { written.unwrap_or_default() };
    let claim_key = if is(CLAIM) { Some(take.bytes()?) } else { None };
    let service_line = if is(LINE) { Some(take.bytes()?) } else { None };
    let days = match same(SAME_DAYS)? {
        Some(before) => before.days,
        None => days(take, is(DAY), is(LAST_DAY))?,
    };
    let modifiers = if is(MODIFIERS) { modifiers(take)? } else { Modifiers::default() };
    let [frequency] = if is(FREQUENCY) { bytes(take)? } else { [0] };
    let place_of_service = if is(PLACE) { Some(bytes(take)?) } else { None };
    let mut number =
        |is: bool| -> Result<u64> { if is { Ok(u64::from_le_bytes(bytes(take)?)) } else { Ok(0) } };
    let (patient, rendering, billing) = match same(SAME_PEOPLE)? {
        Some(before) => (before.patient, before.rendering, before.billing),
        None => (number(is(PATIENT))?, number(is(RENDERING))?, number(is(BILLING))?),
    };
    let revenue = if is(REVENUE) { Some(u16::from_le_bytes(bytes(take)?)) } else { None };
    let payer = if is(PAYER) { Some(take.bytes()?) } else { None };
    let provider = if is(PROVIDER) { Some(take.bytes()?) } else { None };
    let cells = if is(CELLS) { Some(take.bytes()?) } else { None };
    Ok(PooledLine {
        place,
        service: 0,
        keepers,
        already_found: is(FOUND),
        overrides: if is(OVERRIDES) { take.small()? } else { 0 },
        code,
        value,
        claim_key,
        service_line,
        charge: cell(take, flags >> CHARGE & 3, |cents| Ok(Cents(cents)))?,
        days,
        modifiers,
        units: match flags >> UNITS & 3 {
            ONE => Cell::Value(Units::ONE),
            state => {
                cell(take, state, |units| i64::try_from(units).map(Units).map_err(|_| broken()))?
            }
        },
        in_minutes: is(MINUTES),
        frequency,
        claim_total: match same(SAME_TOTAL)? {
            Some(before) => before.claim_total,
            None => cell(take, flags >> TOTAL & 3, |cents| Ok(Cents(cents)))?,
        },
        place_of_service,
        patient,
        rendering,
        billing,
        revenue,
        payer,
        provider,
        cells,
    })
}

fn bytes<const N: usize>(take: &mut Take<'_>) -> Result<[u8; N]> {
    take.exactly(N)?.try_into().map_err(|_| broken())
}

/// Takes the first and the last day of service, where there are any.
fn days(take: &mut Take<'_>, is_dated: bool, has_last: bool) -> Result<Option<(Date, Date)>> {
    if !is_dated {
        return Ok(None);
    }
    let first = take_day(take)?;
    Ok(Some((first, if has_last { take_day(take)? } else { first })))
}

/// Takes a day.
fn take_day(take: &mut Take<'_>) -> Result<Date> {
    Date::from_days(i32::from_le_bytes(bytes(take)?)).ok_or_else(broken)
}

fn modifiers(take: &mut Take<'_>) -> Result<Modifiers> {
    let [count, malformed] = bytes(take)?;
    let mut modifiers = Modifiers::default();
    (modifiers.malformed, modifiers.has_gap) = (malformed, count >> 7 == 1);
    for _ in 0..count & 0x7F {
        if !modifiers.push(bytes(take)?) {
            return Err(broken());
        }
    }
    Ok(modifiers)
}

fn cell<T>(take: &mut Take<'_>, state: u32, read: impl Fn(i128) -> Result<T>) -> Result<Cell<T>> {
    match state {
        0 => Ok(Cell::Missing),
        MALFORMED => Ok(Cell::Malformed),
        _ => read(take.signed()?.ok_or_else(broken)?).map(Cell::Value),
    }
}

/// What a row says of a run of lines, before the lines, where they are calm: nothing is found in
/// them, and none is left out, if no other line has their key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calm<'b> {
    /// For each rule of the stream, by its bit, how many of the lines it judges.
    pub judged: &'b [u8],
    /// For each rule that compares groups, in order of their bits, a mark and the key of the group.
    pub keys: &'b [GroupKey],
}

/// Whether a group has a key that equal groups share, and the key.
pub type GroupKey = [u8; 17];

/// A mark and a hash of the key of a group. That two groups of a run share one is next to
/// impossible.
pub fn marked(key: &[u8]) -> GroupKey {
    let mut marked = [1; 17];
    let [_, hash @ ..] = &mut marked;
    *hash = xxh3_128(key).to_le_bytes();
    marked
}

/// Appends what begins a row of lines that are not known to be calm.
pub fn begin_lines(into: &mut Vec<u8>) {
    into.push(0);
}

/// Appends what begins a row of calm lines; false, and nothing, if that is too long.
pub fn begin_calm(calm: &Calm<'_>, into: &mut Vec<u8>) -> bool {
    let length = 2 + calm.judged.len() + calm.keys.as_flattened().len();
    let Ok(length) = u8::try_from(length) else { return false };
    into.extend_from_slice(&[length, calm.judged.len() as u8]);
    into.extend_from_slice(calm.judged);
    into.extend_from_slice(calm.keys.as_flattened());
    true
}

/// Takes the beginning of a row: what it says if its lines are calm.
pub fn take_beginning<'b>(take: &mut Take<'b>) -> Result<Option<Calm<'b>>> {
    let [length] = bytes(take)?;
    if length == 0 {
        return Ok(None);
    }
    let mut rest = Take(take.exactly(usize::from(length).checked_sub(1).ok_or_else(broken)?)?);
    let [count] = bytes(&mut rest)?;
    let judged = rest.exactly(usize::from(count))?;
    let (keys, rest) = rest.0.as_chunks();
    if rest.is_empty() { Ok(Some(Calm { judged, keys })) } else { Err(broken()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::batch::Place;

    fn a_cell<T: Copy + std::fmt::Debug>(
        value: impl Strategy<Value = T>,
    ) -> impl Strategy<Value = Cell<T>> {
        (0..3, value).prop_map(|(state, value)| match state {
            0 => Cell::Missing,
            1 => Cell::Malformed,
            _ => Cell::Value(value),
        })
    }

    /// The line after another, from which it differs in some things.
    fn another<'t>(line: &PooledLine<'t>, choice: u32, breaks: bool) -> PooledLine<'t> {
        let mut next = line.clone();
        next.place.record += 1;
        next.place.line += u64::from(!breaks);
        next.place.byte = line.place.byte.wrapping_add(u64::from(choice)).wrapping_sub(9);
        match choice % 6 {
            0 => next.keepers ^= 1,
            1 => next.days = None,
            2 => next.days = next.days.map(|(_, last)| (last, last)),
            3 => next.billing ^= 1 << 40,
            4 => next.claim_total = Cell::Value(Cents(7)),
            _ => {}
        }
        next
    }

    fn there_and_back(written: &PooledLine<'_>, next: &PooledLine<'_>) {
        let mut bytes = Vec::new();
        encode(written, None, &mut bytes);
        let alone = bytes.len();
        encode(next, Some(written), &mut bytes);
        encode(written, Some(next), &mut bytes);
        let mut take = Take(&bytes);
        let first = decode(&mut take, None).unwrap();
        let second = decode(&mut take, Some(&first)).unwrap();
        assert_eq!(&first, written);
        assert_eq!(&second, next);
        assert_eq!(&decode(&mut take, Some(&second)).unwrap(), written);
        assert!(take.0.is_empty());
        for cut in 0..bytes.len() {
            let _ = decode(&mut Take(&bytes[..cut]), None);
            let _ = decode(&mut Take(&bytes[alone.min(cut)..cut]), Some(&first));
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded_and_no_cut_panics(
            (numbers, marks) in (any::<[u32; 6]>(), any::<[bool; 8]>()),
            code in prop::option::of("[0-9]{4}[0-9FT]"),
            texts in ("[0-9A-Z]{0,7}", "[a-z]{1,300}", "[0-9]{1,3}"),
            pairs in prop::collection::vec("[0-9A-Z]{2}", 0..9),
            cents in a_cell(-1_i128 << 70..1 << 70),
            units in a_cell(prop_oneof![Just(1_000_000), any::<i64>()]),
            total in a_cell(any::<i32>()),
            frequency in prop_oneof![Just(0), Just(b'8')],
        ) {
            let mut modifiers = Modifiers::default();
            (modifiers.malformed, modifiers.has_gap) = (numbers[0] as u8, marks[0]);
            let pairs = pairs.iter().map(|pair| pair.as_bytes().try_into().unwrap());
            pairs.for_each(|pair| assert!(modifiers.push(pair)));
            let units = match units {
                Cell::Value(units) => Cell::Value(Units(units)),
                Cell::Missing => Cell::Missing,
                Cell::Malformed => Cell::Malformed,
            };
            let [source, record, line, byte, overrides, days] = numbers;
            let (record, line, byte) = (record.into(), line.into(), byte.into());
            let place = Place { source, record, line, byte };
            let first = Date::from_days((days % 1_000_000) as i32 - 500_000).unwrap();
            let last = Date::from_days(first.days() + i32::from(marks[7])).unwrap();
            let is_written = code.is_some() && marks[1];
            let value = if is_written { code.clone().unwrap() } else { texts.0 };
            let written = PooledLine {
                place,
                service: 0,
                keepers: numbers[1],
                already_found: marks[2],
                overrides: if marks[3] { u64::from(overrides) << 9 } else { 0 },
                code: code.as_ref().map(|code| Code::parse(code.as_bytes()).unwrap()),
                value: value.as_bytes(),
                claim_key: marks[4].then_some(texts.1.as_bytes()),
                service_line: marks[5].then_some(texts.2.as_bytes()),
                charge: match cents {
                    Cell::Value(cents) => Cell::Value(Cents(cents)),
                    Cell::Missing => Cell::Missing,
                    Cell::Malformed => Cell::Malformed,
                },
                days: marks[6].then_some((first, last)),
                modifiers,
                units,
                in_minutes: marks[1],
                frequency,
                claim_total: match total {
                    Cell::Value(cents) => Cell::Value(Cents(cents.into())),
                    Cell::Missing => Cell::Missing,
                    Cell::Malformed => Cell::Malformed,
                },
                place_of_service: marks[2].then_some(*b"11"),
                patient: u64::from(numbers[2]),
                rendering: u64::from(numbers[3]) << 20,
                billing: u64::from(marks[3]),
                revenue: marks[7].then_some(numbers[4] as u16),
                payer: marks[0].then_some(texts.2.as_bytes()),
                provider: marks[6].then_some(texts.2.as_bytes()),
                cells: marks[5].then_some(texts.1.as_bytes()),
            };
            let next = another(&written, overrides, marks[0]);
            there_and_back(&written, &next);
        }

        #[test]
        fn the_beginning_of_a_row_is_taken_as_it_was_put(
            judged in prop::collection::vec(any::<u8>(), 0..300),
            keys in prop::collection::vec(any::<GroupKey>(), 0..15),
        ) {
            let mut bytes = Vec::new();
            let calm = Calm { judged: &judged, keys: &keys };
            let is_short = begin_calm(&calm, &mut bytes);
            prop_assert_eq!(is_short, 2 + judged.len() + 17 * keys.len() < 256);
            if is_short {
                let mut take = Take(&bytes);
                prop_assert_eq!(take_beginning(&mut take).unwrap(), Some(calm));
                prop_assert!(take.0.is_empty());
                (0..bytes.len()).for_each(|cut| {
                    let _ = take_beginning(&mut Take(&bytes[..cut]));
                });
            } else {
                prop_assert!(bytes.is_empty());
            }
            begin_lines(&mut bytes);
            prop_assert_eq!(take_beginning(&mut Take(&[0])).unwrap(), None);
        }
    }
}
