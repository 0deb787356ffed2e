//! Answers that reference data gave lately, so that lines with one question cost one look-up.

use std::sync::Mutex;

use crate::model::Date;

/// The answers to the last questions about codes of at most five characters.
#[derive(Debug)]
pub struct Recent<A> {
    /// Each question has one place, and a later one takes it over. A power of two, or none.
    slots: Vec<Option<(u64, A)>>,
}

impl<A: Copy> Recent<A> {
    /// Room for `2^bits` answers.
    pub fn new(bits: u32) -> Self {
        Self { slots: vec![None; 1 << bits] }
    }

    /// No room: every question is asked. For a line that is checked alone.
    pub fn none() -> Self {
        Self { slots: Vec::new() }
    }

    /// What is said of `code` on a day: as it was said lately, or as `ask` says it.
    #[inline]
    pub fn get(&mut self, code: &[u8], on: Date, ask: impl FnOnce() -> A) -> A {
        // Five bytes and a day's 24 bits: no two questions have the same key.
        let code = code.iter().fold(0, |key, byte| (key << 8) | u64::from(*byte));
        let key = (code << 24) | (on.days() as u64 & 0xFF_FFFF);
        let mixed = key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        let at = mixed as usize & self.slots.len().wrapping_sub(1);
        match self.slots.get_mut(at) {
            Some(Some((known, answer))) if *known == key => *answer,
            Some(slot) => slot.insert((key, ask())).1,
            None => ask(),
        }
    }
}

/// What a batch asks about is mostly a few hundred questions.
const BATCH_BITS: u32 = 10;

impl<A: Copy> Default for Recent<A> {
    /// Room for the answers of a batch.
    fn default() -> Self {
        Self::new(BATCH_BITS)
    }
}

/// Recent answers that are kept from batch to batch, as many sets as there are threads.
#[derive(Debug)]
pub struct Memory<A> {
    idle: Mutex<Vec<Recent<A>>>,
    bits: u32,
}

impl<A: Copy> Memory<A> {
    /// Each set with room for `2^bits` answers.
    pub fn new(bits: u32) -> Self {
        Self { idle: Mutex::default(), bits }
    }

    /// Lends a set that nobody else uses.
    pub fn lend(&self, work: impl FnOnce(&mut Recent<A>)) {
        let idle = self.idle.lock().ok().and_then(|mut idle| idle.pop());
        let mut recent = idle.unwrap_or_else(|| Recent::new(self.bits));
        work(&mut recent);
        if let Ok(mut idle) = self.idle.lock() {
            idle.push(recent);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_that_of_its_own_question() {
        let mut recent = Recent::new(6);
        let days: Vec<Date> = (-2000..2000).step_by(7).filter_map(Date::from_days).collect();
        for round in 0..2 {
            for (at, code) in ["99213", "99214", "25", "02"].iter().enumerate() {
                for on in &days {
                    let want = (at, on.days());
                    assert_eq!(recent.get(code.as_bytes(), *on, || want), want, "{round}");
                }
            }
        }
        let mut asked = 0;
        let on = Date::END;
        let memory = Memory::new(1);
        for _ in 0..3 {
            let mut ask = || {
                asked += 1;
                7
            };
            memory.lend(|recent| assert_eq!(recent.get(b"99213", on, &mut ask), 7));
        }
        assert_eq!(asked, 1);
        assert_eq!(Recent::none().get(b"25", on, || 7), 7);
    }
}
