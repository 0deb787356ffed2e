//! Codes and ranges of codes that an option lists.

use crate::error::{Error, Result};
use crate::lint::Options;
use crate::model::{Class, Code};
use crate::rules::code_range::CodeRange;

/// The codes of an option.
#[derive(Debug)]
pub struct ListedCodes(Vec<CodeRange>);

impl ListedCodes {
    /// Reads the option `key`, whose codes are `default` where it is not set.
    pub fn read(options: &mut Options, key: &'static str, default: &[&str]) -> Result<ListedCodes> {
        let listed = options.list(key, default)?;
        let ranges = listed.iter().map(|entry| {
            let range = CodeRange::parse(entry);
            range.map_err(|error| Error::settings(format!("option {key}: {error}")))
        });
        Ok(ListedCodes(ranges.collect::<Result<_>>()?))
    }

    /// Whether the code is listed.
    pub fn have(&self, code: Code, class: Class) -> bool {
        self.0.iter().any(|range| range.contains(code, class))
    }
}
