//! `claimlint config`: the settings in force, the schema, and what keys mean.

use std::fmt::Write as _;

use crate::cli::args::{ConfigArgs, ConfigCommand};
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::{flags, streams};
use crate::config::{Shown, explain, schema};
use crate::error::Result;

/// Shows settings, the schema, or the meaning of keys.
pub fn config(args: &ConfigArgs, context: &Context) -> Result<Exit> {
    let text = match &args.command {
        ConfigCommand::Show(run) => listing(&context.load(flags::layer(run)?)?.shown),
        ConfigCommand::Schema => schema::json_schema(),
        ConfigCommand::Explain { key: Some(key) } => explain::explain(key)?,
        ConfigCommand::Explain { key: None } => {
            explain::keys().iter().map(|key| format!("{key}\n")).collect()
        }
    };
    streams::print(&text)?;
    Ok(Exit::Clean)
}

/// The settings as a TOML file with their origins as comments. Rules have a listing of their own.
fn listing(shown: &[Shown]) -> String {
    let mut text = String::new();
    let mut table = "";
    let tables_last = |shown: &&Shown| shown.key.contains('.');
    // Keys without a table must stand before the first table.
    let (inside, outside): (Vec<&Shown>, Vec<&Shown>) = shown.iter().partition(tables_last);
    for Shown { key, value, origin } in outside.into_iter().chain(inside) {
        let (in_table, name) = key.rsplit_once('.').unwrap_or(("", key));
        if in_table != table {
            // Writing into a String cannot fail.
            let _ = write!(text, "\n[{in_table}]\n");
            table = in_table;
        }
        let _ = writeln!(text, "{:40} # {origin}", format!("{name} = {value}"));
    }
    text.push_str("\n# The rules in force: claimlint rules\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_listing_is_a_configuration() {
        let show = |key: &str, value: &str| Shown {
            key: key.to_owned(),
            value: value.to_owned(),
            origin: "claimlint.toml:4".to_owned(),
        };
        let shown = [
            show("preset", "\"default\""),
            show("input.delimiter", "\",\""),
            show("input.skip-rows", "2"),
            show("select", "[\"ALL\"]"),
            show("output.reports", "{ csv = \"a\" }"),
        ];
        let text = listing(&shown);
        assert!(text.contains("delimiter = \",\""), "{text}");
        assert!(text.contains("# claimlint.toml:4\n"), "{text}");
        let raw: crate::config::Raw = toml::from_str(&text).unwrap();
        assert_eq!(raw.input.unwrap().skip_rows, Some(2));
        assert_eq!(raw.select.unwrap(), ["ALL"]);
    }
}
