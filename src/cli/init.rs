//! `claimlint init`: a commented claimlint.toml to begin with.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use crate::cli::args::InitArgs;
use crate::cli::exit::Exit;
use crate::cli::streams;
use crate::config::values::quoted;
use crate::error::{Error, Result};
use crate::model::Field;

/// The name of the file.
const FILE: &str = "claimlint.toml";

/// What is in the file: every line but comments is to be left out or filled in.
const TEMPLATE: &str = r#"# How claimlint reads and checks claim exports here.
# What a key means: claimlint config explain KEY. What is in force: claimlint config show.

# The set of defaults: "default", "strict" or "practical".
#preset = "default"
# Codes, prefixes of codes, names, categories or "ALL"; claimlint rules lists them.
#select = ["ALL"]
#ignore = []

[input]
# Found out from the first lines if not set.
#delimiter = ","
#encoding = "auto"
#skip-rows = 0

# Which column holds which field.
[columns]
{columns}
[output]
#format = "full"
#samples = 3
#fail-on = "error"
#reports = { ndjson = "findings.ndjson" }

[run]
#threads = 0
#memory-limit = "1GiB"

[reference]
# Where claimlint refdata import puts code lists and edits.
#directory = "/srv/claimlint/refdata"

# Severity and options of a rule: claimlint rule CODE.
#[rules.CII002]
#severity = "info"

# An exception for some inputs or payers.
#[[override]]
#match = { payer = ["X"] }
#ignore = ["CII"]
"#;

/// Creates the file. `mapping` guesses the columns of an export from its header.
pub fn init(
    args: &InitArgs,
    mapping: impl Fn(&Path) -> Result<Vec<(Field, Vec<String>)>>,
) -> Result<Exit> {
    let columns = match &args.from {
        Some(path) => mapping(path)?,
        None => Vec::new(),
    };
    create(Path::new(FILE), &text(&columns))?;
    streams::print(&format!("wrote {FILE}\n"))?;
    Ok(Exit::Clean)
}

/// Writes a file that is not there yet.
fn create(path: &Path, text: &str) -> Result<()> {
    let opened = OpenOptions::new().write(true).create_new(true).open(path);
    let mut file = opened.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Error::settings(format!("{} is already there", path.display()))
            .with_help("remove or rename it first"),
        _ => Error::write(FILE, &error),
    })?;
    file.write_all(text.as_bytes()).map_err(|error| Error::write(FILE, &error))
}

/// The text of the file, with the columns that were found, and the fields that have none.
fn text(columns: &[(Field, Vec<String>)]) -> String {
    let line = |field: &Field| match columns.iter().find(|(found, _)| found == field) {
        Some((_, names)) => match names.as_slice() {
            [one] => format!("{field} = {}\n", quoted(one)),
            several => {
                let several: Vec<String> = several.iter().map(|name| quoted(name)).collect();
                format!("{field} = [{}]\n", several.join(", "))
            }
        },
        None => format!("#{field} = \"\"  # {}\n", field.meaning()),
    };
    TEMPLATE.replace("{columns}", &Field::ALL.iter().map(line).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Raw;

    #[test]
    fn the_file_is_a_configuration_with_and_without_its_comments() {
        let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect();
        let columns = vec![
            (Field::ClaimId, names(&["Claim \"No\"\n"])),
            (Field::ServiceDate, names(&["From", "{columns}"])),
        ];
        let raw: Raw = toml::from_str(&text(&columns)).unwrap();
        let found = raw.columns.unwrap();
        assert_eq!(found["claim_id"].list(), ["Claim \"No\"\n"]);
        assert_eq!(found["service_date"].list(), ["From", "{columns}"]);
        let all: String = text(&[])
            .lines()
            .map(|line| {
                line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line)
            })
            .flat_map(|line| [line, "\n"])
            .collect();
        let raw: Raw = toml::from_str(&all).unwrap();
        assert!(raw.overrides.is_some() && raw.rules.is_some() && raw.preset.is_some());
    }

    #[test]
    fn a_file_that_is_there_stays() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(FILE);
        create(&path, "mine").unwrap();
        let error = create(&path, "yours").unwrap_err();
        assert!(error.message().ends_with("is already there"), "{error}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
    }
}
