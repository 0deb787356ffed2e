//! The key of what is shown as hashes, from a file that nobody else may read.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use crate::config::settings::Settings;
use crate::config::words::PhiWord;
use crate::error::{Error, Result};
use crate::model::{Phi, PhiKey};

/// What is longer is no key.
const KEY_BYTES_MAX: u64 = 4096;

/// Gives the settings of a run what findings show of private cells, key and all.
///
/// # Errors
/// Hashes without a key, a key that others may read or that is too short.
pub fn prepare(settings: &mut Settings) -> Result<()> {
    settings.phi = match settings.output.phi {
        PhiWord::Mask => Phi::Mask,
        PhiWord::Show => Phi::Show,
        PhiWord::Hash => {
            let file = settings.output.phi_key_file.as_deref().ok_or_else(|| {
                Error::settings("--phi hash needs a key").with_help(
                    "name a file in CLAIMLINT_PHI_KEY_FILE or output.phi-key-file; to make one: \
                     (umask 077; head -c 32 /dev/urandom > FILE)",
                )
            })?;
            Phi::Hash(key(file)?)
        }
    };
    Ok(())
}

/// The key in a file; one line break at its end is none of it.
fn key(path: &Path) -> Result<PhiKey> {
    let failed = |what: &str| Error::settings(format!("{}: {what}", path.display()));
    let file =
        File::open(path).map_err(|error| failed(&format!("cannot read the key: {error}")))?;
    let metadata = file.metadata();
    let metadata = metadata.map_err(|error| failed(&format!("cannot read the key: {error}")))?;
    if !metadata.is_file() {
        return Err(failed("the key is no regular file"));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if metadata.permissions().mode() & 0o077 != 0 {
            return Err(failed("others may read the key").with_help("chmod 600 it"));
        }
    }
    let mut bytes = Vec::new();
    let read = file.take(KEY_BYTES_MAX + 1).read_to_end(&mut bytes);
    read.map_err(|error| failed(&format!("cannot read the key: {error}")))?;
    let is_too_long = bytes.len() as u64 > KEY_BYTES_MAX;
    let text = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
    PhiKey::new(text).filter(|_| !is_too_long).ok_or_else(|| {
        failed("no key has so few bytes, or so many")
            .with_help("a key has 16 to 4096 bytes: head -c 32 /dev/urandom makes a good one")
    })
}
