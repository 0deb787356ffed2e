//! Rule files: found where a layer or a flag names them, each a layer of its own.

use std::fs;
use std::path::{Path, PathBuf};

use crate::config::layers::{Layer, Sources, parse, read_text};
use crate::config::merge::Merger;
use crate::config::origin::Origin;
use crate::config::raw::{Raw, RawRuleFile, RawRules};
use crate::error::{Error, Result};

/// More files than this in one folder are no rules.
const FILES_MAX: usize = 1000;

/// Puts the rule files that `layers` name below them, and those of `--rules` on top. A file that is
/// named twice counts once.
pub(in crate::config) fn insert(layers: &mut Vec<Layer>, sources: &Sources<'_>) -> Result<()> {
    let mut seen = Vec::new();
    let mut all = Vec::new();
    for layer in layers.drain(..) {
        for (origin, path) in named(&layer) {
            let found = sources.directory.join(layer.beside(&path));
            read(&found, &path, &origin, &mut seen, &mut all)?;
        }
        all.push(layer);
    }
    for path in &sources.rules {
        let found = sources.directory.join(path);
        read(&found, path, &Origin::named("--rules"), &mut seen, &mut all)?;
    }
    *layers = all;
    Ok(())
}

/// Shows the rule files that layers name, under the key that may stand beside `[rules.CODE]`.
pub(in crate::config) fn show(merger: &mut Merger<'_>) {
    let (mut files, mut origins) = (Vec::new(), Vec::new());
    for layer in merger.layers {
        let of_rules = layer.raw.rules.as_ref().map(RawRules::files).unwrap_or_default();
        let further = layer.raw.rule_files.as_deref().unwrap_or_default();
        for (key, list) in [("rules", of_rules), ("rule-files", further)] {
            if !list.is_empty() {
                files.extend(list.iter().map(|path| layer.beside(path).display().to_string()));
                origins.push(layer.origin(key).to_string());
            }
        }
    }
    if !files.is_empty() {
        merger.show("rule-files", &files, origins.join(", "));
    }
}

/// The rule files and folders that a layer names, and where.
fn named(layer: &Layer) -> Vec<(Origin, String)> {
    let lists = [
        ("rules", layer.raw.rules.as_ref().map(RawRules::files).unwrap_or_default()),
        ("rule-files", layer.raw.rule_files.as_deref().unwrap_or_default()),
    ];
    let one =
        |key: &str, at: usize, path: &String| (layer.origin(&format!("{key}.{at}")), path.clone());
    let all = lists
        .iter()
        .flat_map(|(key, list)| list.iter().enumerate().map(move |(at, path)| one(key, at, path)));
    all.collect()
}

/// Reads a rule file, or all of a folder. `shown` is what the user called it.
fn read(
    path: &Path,
    shown: &str,
    origin: &Origin,
    seen: &mut Vec<PathBuf>,
    layers: &mut Vec<Layer>,
) -> Result<()> {
    if !path.is_dir() {
        let text = read_text(path, shown).map_err(|error| origin.blame(&error))?;
        let missing = || origin.error(format_args!("no such file or folder: {shown}"));
        return add(path, shown, &text.ok_or_else(missing)?, seen, layers);
    }
    let failed =
        |error: std::io::Error| origin.error(format_args!("{shown}: cannot be listed: {error}"));
    let mut names = Vec::new();
    for entry in fs::read_dir(path).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        let is_rules = Path::new(&name).extension().is_some_and(|extension| extension == "toml");
        let is_hidden = name.as_encoded_bytes().starts_with(b".");
        if is_rules && !is_hidden {
            names.push(name);
        }
        if names.len() > FILES_MAX {
            return Err(origin.error(format_args!("{shown}: more than {FILES_MAX} rule files")));
        }
    }
    names.sort_unstable();
    if names.is_empty() {
        let error = origin.error(format_args!("{shown}: a folder without a rule file"));
        return Err(error.with_help("its rule files are those called *.toml"));
    }
    for name in names {
        let (path, shown) = (path.join(&name), Path::new(shown).join(&name).display().to_string());
        let text = read_text(&path, &shown).map_err(|error| origin.blame(&error))?;
        // One that is gone by now, or that leads nowhere.
        let missing = || Error::settings(format!("{shown}: no such file"));
        add(&path, &shown, &text.ok_or_else(missing)?, seen, layers)?;
    }
    Ok(())
}

fn add(
    path: &Path,
    shown: &str,
    text: &str,
    seen: &mut Vec<PathBuf>,
    layers: &mut Vec<Layer>,
) -> Result<()> {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if seen.contains(&real) {
        return Ok(());
    }
    seen.push(real);
    let RawRuleFile { own_rules, tables } = parse::<RawRuleFile>(text, shown, true)?;
    let directory = path.parent().unwrap_or(Path::new("."));
    let raw = Raw { own_rules, tables, ..Raw::default() };
    layers.push(Layer::in_file(raw, text, shown, directory));
    Ok(())
}
