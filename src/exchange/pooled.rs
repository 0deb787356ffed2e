//! Lines that are compared with one another, as bytes: what each says, and nothing of what it does
//! not say. Nearly every line takes some thirty bytes.

use crate::error::Result;
use crate::exchange::found::{put_place, take_place};
use crate::exchange::rows::hash_key;
use crate::exchange::wire::{Put, Take, broken};
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
const SERVICE: u32 = 1 << 22;
const PAYER: u32 = 1 << 23;
const PROVIDER: u32 = 1 << 24;
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

/// Appends a line.
pub fn encode(line: &PooledLine<'_>, into: &mut Vec<u8>) {
    let flag = |bit: u32, is: bool| if is { bit } else { 0 };
    let code = line.procedure();
    let is_written = code.is_some_and(|code| code.as_bytes() == line.value);
    let units = if line.units == Cell::Value(Units::ONE) { ONE } else { state(&line.units) };
    let flags = flag(FOUND, line.already_found)
        | flag(CODE, code.is_some())
        | flag(VALUE, !is_written)
        | flag(CLAIM, line.claim_key.is_some())
        | flag(LINE, line.service_line.is_some())
        | flag(DAY, line.days.is_some())
        | flag(LAST_DAY, line.days.is_some_and(|(first, last)| first != last))
        | flag(MODIFIERS, line.modifiers != Modifiers::default())
        | flag(MINUTES, line.in_minutes)
        | flag(FREQUENCY, line.frequency != 0)
        | flag(PLACE, line.place_of_service.is_some())
        | flag(PATIENT, line.patient != 0)
        | flag(RENDERING, line.rendering != 0)
        | flag(BILLING, line.billing != 0)
        | flag(OVERRIDES, line.overrides != 0)
        | flag(SERVICE, line.service != 0)
        | flag(REVENUE, line.revenue.is_some())
        | flag(PAYER, line.payer.is_some())
        | flag(PROVIDER, line.provider.is_some())
        | state(&line.charge) << CHARGE
        | units << UNITS
        | state(&line.claim_total) << TOTAL;
    into.extend_from_slice(&flags.to_le_bytes());
    into.put_number(u128::from(line.keepers));
    put_place(&line.place, into);
    code.iter().for_each(|code| into.extend_from_slice(code.as_bytes()));
    if !is_written {
        into.put_bytes(line.value);
    }
    line.claim_key.iter().chain(&line.service_line).for_each(|text| into.put_bytes(text));
    if let Some((first, last)) = line.days {
        into.extend_from_slice(&first.days().to_le_bytes());
        if first != last {
            into.extend_from_slice(&last.days().to_le_bytes());
        }
    }
    if flags & MODIFIERS != 0 {
        let all = line.modifiers.as_slice();
        into.push(all.len() as u8 | u8::from(line.modifiers.has_gap) << 7);
        into.push(line.modifiers.malformed);
        all.iter().for_each(|modifier| into.extend_from_slice(modifier));
    }
    if flags & FREQUENCY != 0 {
        into.push(line.frequency);
    }
    line.place_of_service.iter().for_each(|place| into.extend_from_slice(place));
    for number in [line.service, line.patient, line.rendering, line.billing] {
        if number != 0 {
            into.extend_from_slice(&number.to_le_bytes());
        }
    }
    line.revenue.iter().for_each(|revenue| into.extend_from_slice(&revenue.to_le_bytes()));
    line.payer.iter().chain(&line.provider).for_each(|text| into.put_bytes(text));
    if line.overrides != 0 {
        into.put_number(u128::from(line.overrides));
    }
    put_cents(&line.charge, into);
    if units == SOME {
        into.put_signed(line.units.value().map(|units| i128::from(units.0)));
    }
    put_cents(&line.claim_total, into);
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

/// Takes a line.
pub fn decode<'b>(take: &mut Take<'b>) -> Result<PooledLine<'b>> {
    let flags = u32::from_le_bytes(bytes(take)?);
    let is = |bit: u32| flags & bit != 0;
    let keepers = take.small()? as u32;
    let place = take_place(take)?;
    let written = if is(CODE) { Some(take.exactly(5)?) } else { None };
    let code = written.map(|code| Code::parse(code).ok_or_else(broken)).transpose()?;
    let value = if is(VALUE) { take.bytes()? } else { written.unwrap_or_default() };
    let claim_key = if is(CLAIM) { Some(take.bytes()?) } else { None };
    let service_line = if is(LINE) { Some(take.bytes()?) } else { None };
    let mut day = |is: bool| -> Result<Option<Date>> { is.then(|| take_day(take)).transpose() };
    let first = day(is(DAY))?;
    let last = day(is(LAST_DAY))?;
    let modifiers = if is(MODIFIERS) { modifiers(take)? } else { Modifiers::default() };
    let [frequency] = if is(FREQUENCY) { bytes(take)? } else { [0] };
    let place_of_service = if is(PLACE) { Some(bytes(take)?) } else { None };
    let mut number =
        |is: bool| -> Result<u64> { if is { Ok(u64::from_le_bytes(bytes(take)?)) } else { Ok(0) } };
    let (service, patient) = (number(is(SERVICE))?, number(is(PATIENT))?);
    let (rendering, billing) = (number(is(RENDERING))?, number(is(BILLING))?);
    let revenue = if is(REVENUE) { Some(u16::from_le_bytes(bytes(take)?)) } else { None };
    let payer = if is(PAYER) { Some(take.bytes()?) } else { None };
    let provider = if is(PROVIDER) { Some(take.bytes()?) } else { None };
    Ok(PooledLine {
        place,
        service,
        keepers,
        already_found: is(FOUND),
        overrides: if is(OVERRIDES) { take.small()? } else { 0 },
        code,
        value,
        claim_key,
        service_line,
        charge: cell(take, flags >> CHARGE & 3, |cents| Ok(Cents(cents)))?,
        days: first.map(|first| (first, last.unwrap_or(first))),
        modifiers,
        units: match flags >> UNITS & 3 {
            ONE => Cell::Value(Units::ONE),
            state => {
                cell(take, state, |units| i64::try_from(units).map(Units).map_err(|_| broken()))?
            }
        },
        in_minutes: is(MINUTES),
        frequency,
        claim_total: cell(take, flags >> TOTAL & 3, |cents| Ok(Cents(cents)))?,
        place_of_service,
        patient,
        rendering,
        billing,
        revenue,
        payer,
        provider,
    })
}

fn bytes<const N: usize>(take: &mut Take<'_>) -> Result<[u8; N]> {
    take.exactly(N)?.try_into().map_err(|_| broken())
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
            for pair in &pairs {
                modifiers.push(pair.as_bytes().try_into().unwrap());
            }
            let units = match units {
                Cell::Value(units) => Cell::Value(Units(units)),
                Cell::Missing => Cell::Missing,
                Cell::Malformed => Cell::Malformed,
            };
            let [source, record, line, byte, overrides, days] = numbers;
            let (record, line, byte) = (record.into(), line.into(), byte.into());
            let first = Date::from_days((days % 1_000_000) as i32 - 500_000).unwrap();
            let last = Date::from_days(first.days() + i32::from(marks[7])).unwrap();
            let is_written = code.is_some() && marks[1];
            let value = if is_written { code.clone().unwrap() } else { texts.0 };
            let written = PooledLine {
                place: Place { source, record, line, byte },
                service: u64::from(numbers[5]) << 30,
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
            };
            let mut bytes = Vec::new();
            encode(&written, &mut bytes);
            encode(&written, &mut bytes);
            let mut take = Take(&bytes);
            prop_assert_eq!(&decode(&mut take).unwrap(), &written);
            prop_assert_eq!(&decode(&mut take).unwrap(), &written);
            prop_assert!(take.0.is_empty());
            for cut in 0..bytes.len() {
                let _ = decode(&mut Take(&bytes[..cut]));
            }
        }
    }
}
