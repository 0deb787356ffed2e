//! The SHA-256 of an input as it lies there, made while it is read.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

use crate::model::hexadecimal;

/// The digest of the bytes that were read so far.
#[derive(Clone, Default)]
pub struct Digest(Arc<Mutex<Sha256>>);

impl Digest {
    /// The SHA-256 of everything so far, in hexadecimal.
    pub fn hexadecimal(&self) -> String {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        hexadecimal(&state.finalize())
    }
}

/// A reader whose bytes are hashed on their way.
pub struct Hashed<R> {
    reader: R,
    digest: Digest,
}

impl<R: Read> Hashed<R> {
    /// Hashes what `reader` gives, into `digest`.
    pub fn new(reader: R, digest: Digest) -> Self {
        Self { reader, digest }
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let got = self.reader.read(into)?;
        let mut state = self.digest.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.update(into.get(..got).unwrap_or_default());
        Ok(got)
    }
}

/// The SHA-256 of the first `length` bytes of a file that is read here and there.
///
/// # Errors
/// A read that fails, or a file that is shorter.
pub fn of_file(file: &File, length: u64) -> io::Result<String> {
    let mut state = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    let mut at = 0;
    while at < length {
        let left = usize::try_from(length - at).unwrap_or(usize::MAX).min(buffer.len());
        let got = file.read_at(buffer.get_mut(..left).unwrap_or_default(), at)?;
        if got == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        state.update(buffer.get(..got).unwrap_or_default());
        at += got as u64;
    }
    Ok(hexadecimal(&state.finalize()))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    /// The SHA-256 of `abc` (FIPS 180-2, appendix B.1).
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn bytes_are_hashed_as_they_pass() {
        let digest = Digest::default();
        let mut reader = Hashed::new(&b"abc"[..], digest.clone());
        let mut byte = [0];
        while reader.read(&mut byte).unwrap() > 0 {}
        assert_eq!(digest.hexadecimal(), ABC);
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"abcd").unwrap();
        assert_eq!(of_file(&file, 3).unwrap(), ABC);
        assert!(of_file(&file, 5).is_err());
    }
}
