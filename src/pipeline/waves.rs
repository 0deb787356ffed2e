//! The only concurrency of the program: while one wave of items is worked on, the next is read and
//! the results of the last are taken, in order.
//!
//! No channels, no locks, no reordering: order holds by construction, and memory is bounded by
//! three waves.

use rayon::ThreadPool;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::error::Result;

/// Reads items with `next`, works on `wave` of them at a time in the pool, and hands the results to
/// `take` in the order of the items. The first error ends it.
pub fn run<T: Send, R: Send>(
    pool: &ThreadPool,
    wave: usize,
    mut next: impl FnMut() -> Result<Option<T>> + Send,
    work: impl Fn(T) -> Result<R> + Sync,
    mut take: impl FnMut(R) -> Result<()> + Send,
) -> Result<()> {
    let mut read = || -> Result<Vec<T>> {
        let mut items = Vec::with_capacity(wave);
        while items.len() < wave {
            match next()? {
                Some(item) => items.push(item),
                None => break,
            }
        }
        Ok(items)
    };
    let mut items = read()?;
    let mut done: Vec<Result<R>> = Vec::new();
    while !items.is_empty() || !done.is_empty() {
        let finished = std::mem::take(&mut done);
        let current = std::mem::take(&mut items);
        let (worked, prepared) = pool.install(|| {
            rayon::join(
                || current.into_par_iter().map(&work).collect::<Vec<Result<R>>>(),
                || {
                    finished.into_iter().try_for_each(|result| take(result?))?;
                    read()
                },
            )
        });
        items = prepared?;
        done = worked;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn results_come_in_order_and_the_first_error_ends_it() {
        for threads in [1, 2, 7] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            for (wave, fail_at) in [(1, 50), (3, 7), (8, 1000)] {
                let mut numbers = 0..100_u64;
                let mut taken = Vec::new();
                let result = run(
                    &pool,
                    wave,
                    || Ok(numbers.next()),
                    |n| if n == fail_at { Err(Error::incomplete("no")) } else { Ok(n * 2) },
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
}
