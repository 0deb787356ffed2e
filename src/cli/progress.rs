//! How far a run has come, on standard error: a bar on a terminal, now and then a line elsewhere.
//!
//! A thread of its own looks at the counters; workers never wait for it.

use std::io::{self, IsTerminal as _};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::Scope;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::amounts;
use crate::cli::args::ProgressKind;
use crate::cli::streams;
use crate::pipeline::counters::Counters;

const BAR_EVERY: Duration = Duration::from_millis(100);
const LINE_EVERY: Duration = Duration::from_secs(30);

/// Stops the showing when it is dropped.
#[derive(Debug)]
pub struct Progress<'scope> {
    stop: Option<Sender<()>>,
    thread: Option<std::thread::ScopedJoinHandle<'scope, ()>>,
}

impl<'scope> Progress<'scope> {
    /// Begins to show `counters`. Without a thread to do so nothing is shown; the run goes on.
    pub fn start<'env>(
        kind: ProgressKind,
        quiet: u8,
        counters: &'scope Counters,
        scope: &'scope Scope<'scope, 'env>,
    ) -> Self {
        let kind = match kind {
            _ if quiet > 0 => ProgressKind::None,
            ProgressKind::Auto if io::stderr().is_terminal() => ProgressKind::Bar,
            ProgressKind::Auto => ProgressKind::Log,
            kind => kind,
        };
        if kind == ProgressKind::None {
            return Self { stop: None, thread: None };
        }
        let (stop, stopped) = mpsc::channel();
        let every = if kind == ProgressKind::Bar { BAR_EVERY } else { LINE_EVERY };
        let show = move || {
            let bar = (kind == ProgressKind::Bar).then(bar);
            let start = Instant::now();
            // Waiting for the stop is the tick: stopping is prompt however long a tick is.
            while stopped.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
                match &bar {
                    Some(bar) => draw(bar, counters),
                    None => streams::tell(&line(counters, start.elapsed())),
                }
            }
            if let Some(bar) = bar {
                bar.finish_and_clear();
            }
        };
        let thread = std::thread::Builder::new().name("progress".to_owned());
        Self { stop: Some(stop), thread: thread.spawn_scoped(scope, show).ok() }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // A fault of the showing is no fault of the run.
            let _ = thread.join();
        }
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    bar.set_style(ProgressStyle::default_spinner());
    bar
}

fn draw(bar: &ProgressBar, counters: &Counters) {
    let total = counters.total_bytes.load(Ordering::Relaxed);
    if total > 0 && bar.length() != Some(total) {
        let template = "{bar:30} {binary_bytes} of {binary_total_bytes}, \
                        {binary_bytes_per_sec}, {eta} left, {msg}";
        bar.set_length(total);
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
    } else if total == 0 {
        let template = "{spinner} {binary_bytes}, {binary_bytes_per_sec}, {msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
    }
    bar.set_position(counters.bytes.load(Ordering::Relaxed));
    bar.set_message(found(counters));
    bar.tick();
}

fn found(counters: &Counters) -> String {
    amounts::counted(counters.findings.load(Ordering::Relaxed), "finding")
}

/// One plain line: `checking: 41 %, 1.2 GiB of 2.9 GiB, 9,412,806 lines, …`.
fn line(counters: &Counters, passed: Duration) -> String {
    let bytes = counters.bytes.load(Ordering::Relaxed);
    let total = counters.total_bytes.load(Ordering::Relaxed);
    let lines = counters.lines.load(Ordering::Relaxed);
    let share = match total {
        0 => amounts::bytes(bytes),
        _ => {
            let percent = u128::from(bytes.min(total)) * 100 / u128::from(total);
            format!("{percent} %, {} of {}", amounts::bytes(bytes), amounts::bytes(total))
        }
    };
    let rate = amounts::rate(lines, "lines", passed);
    format!(
        "checking: {share}, {}, {rate}, {}, {}",
        amounts::counted(lines, "line"),
        found(counters),
        amounts::time(passed)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_it_is() {
        let counters = Counters::default();
        counters.add(512, 1000, 3);
        let said = line(&counters, Duration::from_secs(2));
        assert_eq!(said, "checking: 512 bytes, 1,000 lines, 500 lines/s, 3 findings, 2.0 s");
        counters.total_bytes.store(1024, Ordering::Relaxed);
        let said = line(&counters, Duration::from_secs(2));
        assert!(said.starts_with("checking: 50 %, 512 bytes of 1.0 KiB, "), "{said}");
    }

    #[test]
    fn stopping_is_prompt() {
        let counters = Counters::default();
        let start = Instant::now();
        for kind in [ProgressKind::Log, ProgressKind::Bar, ProgressKind::None] {
            std::thread::scope(|scope| drop(Progress::start(kind, 0, &counters, scope)));
        }
        assert!(start.elapsed() < Duration::from_secs(5));
    }
}
