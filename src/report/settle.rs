//! Bytes of a report that go to the disk while more are written.
//!
//! A report is on the disk before it gets its name. If that began with the last byte, all threads
//! would wait for the disk at the end of a run; so a thread of its own has it begin early.

use std::fs::File;
use std::io::{self, Write};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};

/// How many bytes are written until the next are to go to the disk.
const STEP_BYTES: usize = 1 << 24;

/// A file that is brought to the disk in the background. What it says of an error there is the
/// error of the next write, or of `flush`, which waits for the background to end.
pub struct Settling {
    file: File,
    /// Bytes written since the background was last asked for.
    fresh: usize,
    background: Option<Background>,
}

struct Background {
    ask: SyncSender<()>,
    thread: JoinHandle<io::Result<()>>,
}

impl Settling {
    /// A writer to a file. Without a thread the disk only comes at the end; the run goes on.
    pub fn new(file: File) -> Self {
        let twin = file.try_clone().ok();
        let background = twin.and_then(|twin| Background::start(move || twin.sync_data()));
        Self { file, fresh: 0, background }
    }

    /// Ends the background; its error, if it had one.
    fn join(&mut self) -> io::Result<()> {
        self.background.take().map_or(Ok(()), Background::join)
    }
}

impl Background {
    fn start(mut sync: impl FnMut() -> io::Result<()> + Send + 'static) -> Option<Self> {
        // More than one wish in waiting would gain nothing: each is for all that is there.
        let (ask, asked) = sync_channel(1);
        let work = move || asked.into_iter().try_for_each(|()| sync());
        let thread = thread::Builder::new().name("settle".to_owned()).spawn(work).ok()?;
        Some(Self { ask, thread })
    }

    fn join(self) -> io::Result<()> {
        drop(self.ask);
        self.thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

impl Write for Settling {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.fresh += written;
        if self.fresh >= STEP_BYTES
            && let Some(background) = &self.background
        {
            match background.ask.try_send(()) {
                Ok(()) => self.fresh = 0,
                // It is still at work on what it was asked for before.
                Err(TrySendError::Full(())) => {}
                Err(TrySendError::Disconnected(())) => self.join()?,
            }
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()?;
        self.join()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::mpsc::channel;

    use super::*;

    fn settling(
        file: &File,
        sync: impl FnMut() -> io::Result<()> + Send + 'static,
    ) -> io::Result<Settling> {
        Ok(Settling { file: file.try_clone()?, fresh: 0, background: Background::start(sync) })
    }

    #[test]
    fn all_is_written_and_the_disk_is_asked_for_early() {
        let temp = tempfile::NamedTempFile::new().unwrap();
        let (say, said) = channel();
        let mut writer = settling(temp.as_file(), move || {
            say.send(()).unwrap();
            Ok(())
        })
        .unwrap();
        let piece: Vec<u8> = (0..=255).cycle().take(STEP_BYTES / 2).collect();
        writer.write_all(&piece).unwrap();
        assert!(said.try_recv().is_err());
        writer.write_all(&piece).unwrap();
        said.recv().unwrap();
        writer.write_all(b"end").unwrap();
        writer.flush().unwrap();
        // Nothing is done in the background after that.
        assert!(said.recv().is_err());
        writer.write_all(b"!").unwrap();
        writer.flush().unwrap();
        let want = [piece.as_slice(), &piece, b"end!"].concat();
        assert!(fs::read(temp.path()).unwrap() == want);
    }

    #[test]
    fn an_error_in_the_background_is_told() {
        let temp = tempfile::NamedTempFile::new().unwrap();
        let full = || Err(io::Error::from(io::ErrorKind::StorageFull));
        let piece = vec![0; STEP_BYTES];
        let mut writer = settling(temp.as_file(), full).unwrap();
        writer.write_all(&piece).unwrap();
        assert_eq!(writer.flush().unwrap_err().kind(), io::ErrorKind::StorageFull);

        let mut writer = settling(temp.as_file(), full).unwrap();
        writer.write_all(&piece).unwrap();
        let thread = &writer.background.as_ref().unwrap().thread;
        while !thread.is_finished() {
            thread::yield_now();
        }
        assert_eq!(writer.write_all(&piece).unwrap_err().kind(), io::ErrorKind::StorageFull);
    }
}
