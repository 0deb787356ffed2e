//! What a run looks codes up in: the folder of compiled editions, laid over the built-in tables;
//! and the time of the run, which nothing below the command line may ask for.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::config::settings::{InputSettings, Settings};
use crate::error::{Error, Result};
use crate::model::Date;
use crate::reference::Reference;
use crate::rules::embedded;

const SECONDS_PER_DAY: u64 = 86_400;

/// Today, in universal time.
pub fn today() -> Date {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let days = i32::try_from(since.as_secs() / SECONDS_PER_DAY).unwrap_or(i32::MAX);
    Date::from_days(days).unwrap_or(Date::END)
}

/// A time as `2026-10-31T02:00:00Z`, in universal time.
pub fn universal_time(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let days = i32::try_from(seconds / SECONDS_PER_DAY).unwrap_or(i32::MAX);
    let (day, rest) = (Date::from_days(days).unwrap_or(Date::END), seconds % SECONDS_PER_DAY);
    let (hours, minutes, seconds) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{day}T{hours:02}:{minutes:02}:{seconds:02}Z")
}

/// A variable of the environment.
pub fn environment(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// Says by when files must have been changed to be read, if the settings ask for an age.
pub fn settle(settings: &mut InputSettings) {
    if !settings.min_age.is_zero() {
        let now = SystemTime::now();
        // An age from before the beginning of time leaves nothing to read.
        settings.settled_before = Some(now.checked_sub(settings.min_age).unwrap_or(UNIX_EPOCH));
    }
}

/// The folder of compiled editions where none is named: `CLAIMLINT_REFDATA`, or `claimlint/refdata`
/// in the user's folder for data.
pub fn usual_folder(environment: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let set = |name| environment(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || set("HOME").map(|home| home.join(".local/share"));
    let data = || set("XDG_DATA_HOME").or_else(home);
    set("CLAIMLINT_REFDATA").or_else(|| data().map(|data| data.join("claimlint/refdata")))
}

/// Gives the settings of a run its reference data and its day. A folder that is named must be
/// there; `isolated` looks into no other.
///
/// # Errors
/// A named folder that is not there, an edition that is damaged.
pub fn prepare(settings: &mut Settings, isolated: bool) -> Result<()> {
    settle(&mut settings.input);
    settings.knowledge.as_of = settings.reference.as_of.unwrap_or_else(today);
    let named = settings.reference.directory.clone();
    if let Some(directory) = named.as_ref().filter(|directory| !directory.is_dir()) {
        let what = format!("{}: no such folder of reference data", directory.display());
        return Err(Error::settings(what)
            .with_help("fill it with `claimlint refdata import FILE... --refdata DIR`"));
    }
    let usual = || usual_folder(environment).filter(|_| !isolated).filter(|folder| folder.is_dir());
    if let Some(directory) = named.or_else(usual) {
        let reference = Reference::load(&directory)?.with(&embedded::tables()?)?;
        settings.knowledge.reference = Arc::new(reference);
    }
    Ok(())
}
