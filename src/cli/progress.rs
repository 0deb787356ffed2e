//! How far a run has come, on standard error: a bar on a terminal, now and then a line elsewhere.
//!
//! A thread of its own looks at the counters; workers never wait for it.

use std::io::{self, IsTerminal as _};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::amounts;
use crate::cli::args::ProgressKind;
use crate::cli::log::{self, Level};
use crate::pipeline::counters::Counters;

const BAR_EVERY: Duration = Duration::from_millis(100);
const LINE_EVERY: Duration = Duration::from_secs(30);

/// The showing of progress; it ends when it is stopped or dropped.
#[derive(Debug)]
pub struct Progress {
    running: Mutex<Option<(Sender<()>, JoinHandle<()>)>>,
}

impl Progress {
    /// Begins to show `counters`. Without a thread to do so nothing is shown; the run goes on.
    pub fn start(kind: ProgressKind, counters: Arc<Counters>) -> Self {
        let kind = match kind {
            ProgressKind::Auto if io::stderr().is_terminal() => ProgressKind::Bar,
            ProgressKind::Auto => ProgressKind::Log,
            kind => kind,
        };
        let (stop, stopped) = mpsc::channel();
        let show = move || match kind {
            ProgressKind::Bar => show_bar(&counters, &stopped),
            _ => show_lines(&counters, &stopped),
        };
        let thread = match kind {
            ProgressKind::None => None,
            _ => thread::Builder::new().name("progress".to_owned()).spawn(show).ok(),
        };
        Self { running: Mutex::new(thread.map(|thread| (stop, thread))) }
    }

    /// Ends the showing and clears what it drew. Returns when nothing more will be shown.
    pub fn stop(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((stop, thread)) = running {
            drop(stop);
            // A fault of the showing is no fault of the run.
            let _ = thread.join();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Whether a tick has passed and the showing goes on. Waiting for the stop is the tick: stopping
/// is prompt however long a tick is.
fn tick(every: Duration, stopped: &Receiver<()>) -> bool {
    stopped.recv_timeout(every) == Err(RecvTimeoutError::Timeout)
}

fn show_lines(counters: &Counters, stopped: &Receiver<()>) {
    let start = Instant::now();
    while tick(LINE_EVERY, stopped) {
        log::tell(Level::Info, &line(counters, start.elapsed()));
    }
}

fn show_bar(counters: &Counters, stopped: &Receiver<()>) {
    let bar = bar();
    while tick(BAR_EVERY, stopped) {
        draw(&bar, counters);
    }
    bar.finish_and_clear();
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    bar.set_style(style("{spinner} {binary_bytes}, {binary_bytes_per_sec}, {msg}"));
    bar
}

fn draw(bar: &ProgressBar, counters: &Counters) {
    let total = counters.total_bytes.load(Ordering::Relaxed);
    if total > 0 && bar.length() != Some(total) {
        bar.set_length(total);
        bar.set_style(style(
            "{bar:30} {binary_bytes} of {binary_total_bytes}, {binary_bytes_per_sec}, {eta} left, \
             {msg}",
        ));
    }
    bar.set_message(found(counters));
    bar.set_position(counters.bytes.load(Ordering::Relaxed));
    bar.tick();
}

/// The style that a template describes. A template that is no good costs its look only.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
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
        let start = Instant::now();
        for kind in [ProgressKind::Log, ProgressKind::Bar, ProgressKind::None] {
            let progress = Progress::start(kind, Arc::default());
            progress.stop();
            progress.stop();
        }
        assert!(start.elapsed() < Duration::from_secs(5));
    }
}
