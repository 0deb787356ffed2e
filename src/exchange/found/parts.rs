//! What findings, and the lines that they are about, have in common: places, key columns, and whose
//! line it is and when, as bytes.

use crate::error::Result;
use crate::exchange::found::{put_short, take_byte, take_short, text};
use crate::exchange::wire::{Put, Take, broken};
use crate::model::batch::Place;
use crate::model::{Context, Date, Snippet};

/// Appends whose line it is and when: a byte that says what there is, and that.
pub fn put_context(context: &Context<&[u8]>, into: &mut Vec<u8>) {
    let Context { payer, rendering, day } = context;
    into.push(u8::from(payer.is_some()) | u8::from(rendering.is_some()) << 1);
    payer.iter().chain(rendering).for_each(|text| {
        put_short(text.len() as u64, into);
        into.extend_from_slice(text);
    });
    put_short(day.map_or(0, |day| u64::from(day.days().cast_unsigned()) + 1), into);
}

/// Takes whose line it is and when.
pub fn take_context<'b>(take: &mut Take<'b>) -> Result<Context<&'b [u8]>> {
    let has = take_byte(take)?;
    let mut text = |bit: u8| -> Result<Option<&'b [u8]>> {
        if has & bit == 0 {
            return Ok(None);
        }
        let length = take_short(take)? as usize;
        take.exactly(length).map(Some)
    };
    let (payer, rendering) = (text(1)?, text(2)?);
    let day = match take_short(take)?.checked_sub(1) {
        None => None,
        Some(day) => {
            let day = u32::try_from(day).map_err(|_| broken())?.cast_signed();
            Some(Date::from_days(day).ok_or_else(broken)?)
        }
    };
    Ok(Context { payer, rendering, day })
}

/// Appends a place.
pub fn put_place(place: &Place, into: &mut Vec<u8>) {
    let numbers = [u64::from(place.source), place.record, place.line, place.byte];
    numbers.into_iter().for_each(|number| into.put_small(number));
}

/// Takes a place.
pub fn take_place(take: &mut Take<'_>) -> Result<Place> {
    let source = u32::try_from(take.small()?).map_err(|_| broken())?;
    Ok(Place { source, record: take.small()?, line: take.small()?, byte: take.small()? })
}

/// Appends a snippet that may be absent.
pub fn put_snippet(snippet: Option<&Snippet>, into: &mut Vec<u8>) {
    into.put_number(u128::from(snippet.is_some()));
    for cell in snippet.iter().flat_map(|snippet| &snippet.0) {
        into.put_bytes(cell.as_bytes());
    }
}

/// Takes a snippet that may be absent.
pub fn take_snippet(take: &mut Take<'_>) -> Result<Option<Snippet>> {
    if take.number()? == 0 {
        return Ok(None);
    }
    take_cells(take).map(Some)
}

/// Takes the cells of a snippet.
pub(super) fn take_cells(take: &mut Take<'_>) -> Result<Snippet> {
    let mut snippet = Snippet::default();
    for cell in &mut snippet.0 {
        *cell = text(take.bytes()?)?.to_owned();
    }
    Ok(snippet)
}
