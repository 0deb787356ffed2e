//! The only concurrency of checking: threads take turns at reading, work each on what it has
//! read, and hand the results on in the order in which they were read.
//!
//! Whoever reads an item works on it while it is still in that core's cache. There is one lock for
//! reading and one for results; nobody waits while there is something to do, and at most `ahead`
//! items are anywhere between being read and being taken.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use rayon::ThreadPool;

use crate::error::Result;

/// Reads items with `next`, works on them in the pool, and hands the results to `take` in the order
/// of the items, at most `ahead` of them at a time. The first error ends it.
pub fn run<T: Send, R: Send>(
    pool: &ThreadPool,
    ahead: usize,
    next: impl FnMut() -> Result<Option<T>> + Send,
    work: impl Fn(T) -> Result<R> + Sync,
    take: impl FnMut(R) -> Result<()> + Send,
) -> Result<()> {
    let turns = Turns {
        next: Mutex::new(next),
        take: Mutex::new(take),
        state: Mutex::new(State::default()),
        changed: Condvar::new(),
        ahead: ahead.max(1),
    };
    pool.broadcast(|_| turns.work_on(&work));
    let state = turns.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    state.outcome
}

/// How far things have come.
struct State<R> {
    /// Items that were read or are being read.
    started: usize,
    /// Results that were taken.
    taken: usize,
    /// The number of the result that is to be taken next.
    first: usize,
    /// Results from `first` on, where they are there yet.
    waiting: VecDeque<Option<Result<R>>>,
    /// Whether a thread is handing results on.
    is_taking: bool,
    /// Whether nothing more is to be read: the end, an error or a panic.
    is_over: bool,
    outcome: Result<()>,
}

impl<R> Default for State<R> {
    fn default() -> Self {
        State {
            started: 0,
            taken: 0,
            first: 0,
            waiting: VecDeque::new(),
            is_taking: false,
            is_over: false,
            outcome: Ok(()),
        }
    }
}

struct Turns<N, K, R> {
    next: Mutex<N>,
    take: Mutex<K>,
    state: Mutex<State<R>>,
    changed: Condvar,
    ahead: usize,
}

/// A thread that panicked poisons nothing that is still used: the panic goes on to the caller.
fn lock<L>(mutex: &Mutex<L>) -> MutexGuard<'_, L> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<N, K, R> Turns<N, K, R> {
    /// What each thread does until nothing is left.
    fn work_on<T>(&self, work: &impl Fn(T) -> Result<R>)
    where
        N: FnMut() -> Result<Option<T>>,
        K: FnMut(R) -> Result<()>,
    {
        let _watch = Watch(self);
        while let Some((number, read)) = self.read() {
            let result = read.and_then(work);
            self.hand_on(number, result);
        }
    }

    /// The next item and its number, once there is room for it; nothing when all were read.
    fn read<T>(&self) -> Option<(usize, Result<T>)>
    where
        N: FnMut() -> Result<Option<T>>,
    {
        let mut next = lock(&self.next);
        let mut state = lock(&self.state);
        while !state.is_over && state.started - state.taken >= self.ahead {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.is_over {
            return None;
        }
        let number = state.started;
        state.started += 1;
        drop(state);
        let read = next();
        if !matches!(read, Ok(Some(_))) {
            lock(&self.state).is_over = true;
        }
        read.transpose().map(|read| (number, read))
    }

    /// Puts a result in its place, and hands on what is there in order, unless a thread is at it.
    fn hand_on(&self, number: usize, result: Result<R>)
    where
        K: FnMut(R) -> Result<()>,
    {
        let mut state = lock(&self.state);
        let place = number - state.first;
        if state.waiting.len() <= place {
            state.waiting.resize_with(place + 1, || None);
        }
        if let Some(waiting) = state.waiting.get_mut(place) {
            *waiting = Some(result);
        }
        if state.is_taking {
            return;
        }
        state.is_taking = true;
        let mut take = lock(&self.take);
        while state.outcome.is_ok() && matches!(state.waiting.front(), Some(Some(_))) {
            let Some(Some(result)) = state.waiting.pop_front() else { break };
            state.first += 1;
            drop(state);
            let taken = result.and_then(&mut *take);
            state = lock(&self.state);
            state.taken += 1;
            if taken.is_err() {
                state.is_over = true;
                state.outcome = taken;
            }
            self.changed.notify_all();
        }
        state.is_taking = false;
    }
}

/// Ends the turns of all threads when one panics.
struct Watch<'t, N, K, R>(&'t Turns<N, K, R>);

impl<N, K, R> Drop for Watch<'_, N, K, R> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            lock(&self.0.state).is_over = true;
            self.0.changed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn results_come_in_order_and_the_first_error_ends_it() {
        for threads in [1, 2, 7] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            for (ahead, fail_at) in [(1, 50), (3, 7), (8, 1000), (20, 30)] {
                let mut numbers = 0..100_u64;
                let mut taken = Vec::new();
                let result = run(
                    &pool,
                    ahead,
                    || Ok(numbers.next()),
                    |n| {
                        // Some take longer, so that others overtake them.
                        std::thread::sleep(std::time::Duration::from_micros(n % 5 * 50));
                        if n == fail_at { Err(Error::incomplete("no")) } else { Ok(n * 2) }
                    },
                    |n| {
                        taken.push(n);
                        Ok(())
                    },
                );
                assert_eq!(result.is_err(), fail_at < 100);
                let want: Vec<u64> = (0..fail_at.min(100)).map(|n| n * 2).collect();
                assert_eq!(taken, want);
            }
        }
    }

    #[test]
    fn errors_of_reading_and_taking_come_after_what_was_before_them() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
        let mut taken = Vec::new();
        let mut numbers = 0..;
        let next = || match numbers.next() {
            Some(10) | None => Err(Error::incomplete("cannot read")),
            number => Ok(number),
        };
        let take = |n: u64| {
            taken.push(n);
            Ok(())
        };
        let error = run(&pool, 4, next, Ok, take).unwrap_err();
        assert!(error.to_string().contains("cannot read"));
        assert_eq!(taken, (0..10).collect::<Vec<u64>>());
        let mut numbers = 0..100_u64;
        let take = |n| if n == 5 { Err(Error::incomplete("cannot take")) } else { Ok(()) };
        let error = run(&pool, 4, || Ok(numbers.next()), Ok, take).unwrap_err();
        assert!(error.to_string().contains("cannot take"));
        assert!(numbers.start < 5 + 2 + 4, "it reads on after an error");
    }

    #[test]
    fn a_panic_ends_it() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        let mut numbers = 0..100_u64;
        let work = |n| if n == 7 { panic!("a rule is broken") } else { Ok(n) };
        let mut run = || run(&pool, 4, || Ok(numbers.next()), work, |_| Ok(()));
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(&mut run)).is_err());
    }
}
