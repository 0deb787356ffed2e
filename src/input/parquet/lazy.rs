//! Work that several threads need done and one does: whoever comes first.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

/// What comes of something, once it is asked for.
#[derive(Debug)]
pub struct Lazy<F, T> {
    from: Mutex<F>,
    is_begun: AtomicBool,
    done: OnceLock<Option<T>>,
}

impl<F: Default, T> Lazy<F, T> {
    /// What is to come of `from`.
    pub fn new(from: F) -> Self {
        Self { from: Mutex::new(from), is_begun: AtomicBool::new(false), done: OnceLock::new() }
    }

    /// Whether nobody has begun with it. The caller is to do so.
    pub fn begin(&self) -> bool {
        !self.is_begun.swap(true, Ordering::Relaxed)
    }

    /// What came of it; nothing where nothing can. Waits where another thread is at it.
    pub fn get(&self, work: impl FnOnce(F) -> Option<T>) -> Option<&T> {
        let work = || {
            let mut from = self.from.lock().unwrap_or_else(PoisonError::into_inner);
            work(std::mem::take(&mut *from))
        };
        self.done.get_or_init(work).as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_begun_and_done_once() {
        let lazy = Lazy::new(vec![7]);
        assert!(lazy.begin() && !lazy.begin());
        assert_eq!(lazy.get(|from| Some(from.len())), Some(&1));
        assert_eq!(lazy.get(|_: Vec<i32>| None), Some(&1));
        let lazy: Lazy<u8, u8> = Lazy::new(7);
        assert_eq!(lazy.get(|_| None), None);
        assert_eq!(lazy.get(Some), None);
    }
}
