//! The layers of a configuration: where they are looked for, and how each is parsed.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::config::layout_file::{BuiltIn, RawLayout, built, recognised};
use crate::config::origin::{Origin, Place};
use crate::config::own::files;
use crate::config::places::Places;
use crate::config::raw::{OutputFormatWord, Raw, RawInput, RawOutput, RawRun};
use crate::error::{Error, Result, nearest};
use crate::input::layouts::Layouts;

/// A configuration is written by hand; what is larger is something else.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// The presets that come with the program.
pub const PRESETS: [&str; 3] = ["default", "strict", "practical"];

/// Where layers come from.
pub struct Sources<'a> {
    /// What the flags say.
    pub flags: Layer,
    /// Each `--config`, in order: a path or `KEY=VALUE`.
    pub configs: Vec<String>,
    /// Each `--rules`: a rule file, or a folder of them.
    pub rules: Vec<String>,
    /// Whether every file is ignored.
    pub isolated: bool,
    /// The working directory.
    pub directory: PathBuf,
    /// The file for the whole system.
    pub system: PathBuf,
    /// Reads an environment variable.
    pub environment: &'a dyn Fn(&str) -> Option<OsString>,
}

/// One layer: what it sets, and where each key of it was written.
#[derive(Debug, Clone, Default)]
pub struct Layer {
    /// What it sets.
    pub raw: Raw,
    /// Whether the user wrote it; nobody is warned about a preset.
    pub by_user: bool,
    name: String,
    directory: PathBuf,
    places: Places,
    names: BTreeMap<String, String>,
}

impl Layer {
    /// A layer of flags or variables, with the name of each key's flag.
    pub fn named<'a>(raw: Raw, names: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let names = names.into_iter().map(|(key, name)| (key.to_owned(), name.to_owned()));
        let name = "the command line".to_owned();
        Self { raw, by_user: true, name, names: names.collect(), ..Self::default() }
    }

    /// A layer from the text of a file.
    pub fn parse(text: &str, name: &str, directory: &Path) -> Result<Self> {
        let raw = parse::<Raw>(text, name, true)?;
        Ok(Self::in_file(raw, text, name, directory))
    }

    /// A layer of what the text of a file sets.
    pub(in crate::config) fn in_file(raw: Raw, text: &str, name: &str, directory: &Path) -> Self {
        let (name, directory, places) = (name.to_owned(), directory.to_owned(), Places::of(text));
        Self { raw, by_user: true, name, directory, places, ..Self::default() }
    }

    /// A layer from `KEY=VALUE`, which is a line of TOML.
    fn inline(text: &str) -> Result<Self> {
        let name = format!("--config {text}");
        let raw = parse::<Raw>(text, &name, false).map_err(|error| match error.help() {
            Some(_) => error,
            None => error.with_help("a text needs quotes: --config 'output.format=\"concise\"'"),
        })?;
        Ok(Self { raw, by_user: true, name, ..Self::default() })
    }

    /// A layer from a preset's text.
    fn preset(name: &str, text: &str) -> Result<Self> {
        let name = format!("preset {name}");
        let raw = parse::<Raw>(text, &name, true)?;
        Ok(Self { raw, name, ..Self::default() })
    }

    /// A layer from the text of a layout file.
    fn layout(layout: &RawLayout, text: &str, name: &str) -> Self {
        let (columns, input) = (layout.columns.clone(), layout.input.clone());
        let raw = Raw { columns, input, ..Raw::default() };
        Self::in_file(raw, text, name, Path::new(""))
    }

    /// A path that a key of this layer names: a relative one starts at the file.
    pub fn beside(&self, path: &str) -> PathBuf {
        self.directory.join(path)
    }

    /// What it is called: the name of its file, or of what stands for one.
    pub(in crate::config) fn name(&self) -> &str {
        &self.name
    }

    /// Where a byte of the text that is the value of `key` was written.
    pub fn origin_within(&self, key: &str, value: &str, at: usize) -> Origin {
        let place = self.places.within(key, value, at);
        place.map_or_else(|| self.origin(key), |place| Origin::in_file(&self.name, place))
    }

    /// Where `key` was written, or the nearest table around it.
    pub fn origin(&self, key: &str) -> Origin {
        let mut key = key;
        loop {
            if let Some(place) = self.places.get(key) {
                return Origin::in_file(&self.name, place);
            }
            if let Some(name) = self.names.get(key) {
                return Origin::named(name);
            }
            match key.rsplit_once('.') {
                Some((table, _)) => key = table,
                None => return Origin::named(&self.name),
            }
        }
    }
}

/// Every layer, the lowest first, and the layouts that inputs may have.
pub fn gather(
    sources: &Sources<'_>,
    presets: &dyn Fn(&str) -> Option<&'static str>,
    built_in: BuiltIn<'_>,
) -> Result<(Vec<Layer>, Layouts)> {
    let mut layers = Vec::new();
    if !sources.isolated {
        layers.extend(found_files(sources)?);
    }
    for config in &sources.configs {
        layers.push(config_flag(config, sources)?);
    }
    layers.push(environment(sources.environment)?);
    layers.push(sources.flags.clone());
    files::insert(&mut layers, sources)?;
    let layouts = insert_layout(&mut layers, &sources.directory, built_in)?;
    layers.insert(0, chosen_preset(&layers, presets)?);
    Ok((layers, layouts))
}

/// The files that are looked for without being named: system, user, working directory.
fn found_files(sources: &Sources<'_>) -> Result<Vec<Layer>> {
    let path_in = |variable: &str| {
        let path = (sources.environment)(variable).map(PathBuf::from)?;
        path.is_absolute().then_some(path)
    };
    let user = path_in("XDG_CONFIG_HOME")
        .or_else(|| path_in("HOME").map(|home| home.join(".config")))
        .map(|home| home.join("claimlint").join("claimlint.toml"));
    let mut layers = Vec::new();
    for path in [Some(sources.system.clone()), user].into_iter().flatten() {
        layers.extend(read_if_there(&path, &path.display().to_string())?);
    }
    match (sources.environment)("CLAIMLINT_CONFIG").filter(|value| !value.is_empty()) {
        Some(path) => {
            let path = sources.directory.join(path);
            let named = read_if_there(&path, &path.display().to_string())?;
            let missing =
                || Error::settings(format!("CLAIMLINT_CONFIG: no file {}", path.display()));
            layers.push(named.ok_or_else(missing)?);
        }
        None => {
            let path = sources.directory.join("claimlint.toml");
            layers.extend(read_if_there(&path, "claimlint.toml")?);
        }
    }
    Ok(layers)
}

/// The layer of one `--config`.
fn config_flag(config: &str, sources: &Sources<'_>) -> Result<Layer> {
    let path = sources.directory.join(config);
    if config.contains('=') && !path.exists() {
        return Layer::inline(config);
    }
    if sources.isolated {
        let error = Error::settings(format!("--config {config}: --isolated ignores every file"));
        return Err(error.with_help("leave one of them out, or give --config KEY=VALUE"));
    }
    read_if_there(&path, config)?.ok_or_else(|| {
        Error::settings(format!("--config {config}: no such file"))
            .with_help("give the path of a file, or KEY=VALUE")
    })
}

fn read_if_there(path: &Path, name: &str) -> Result<Option<Layer>> {
    let directory = path.parent().unwrap_or(Path::new("."));
    read_text(path, name)?.map(|text| Layer::parse(&text, name, directory)).transpose()
}

/// The text of a small regular file; nothing when there is none.
pub(in crate::config) fn read_text(path: &Path, name: &str) -> Result<Option<String>> {
    let failed = |error: io::Error| Error::settings(format!("{name}: cannot read: {error}"));
    // Opening a named pipe would wait for its writer: what it is comes first.
    let about = match fs::metadata(path) {
        Ok(about) => about,
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => return Ok(None),
            _ => return Err(failed(error)),
        },
    };
    if !about.is_file() {
        return Err(Error::settings(format!("{name}: is not a regular file")));
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(failed)?;
    file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        let error = Error::settings(format!("{name}: is larger than 1 MiB"));
        return Err(error.with_help("is it a configuration?"));
    }
    let text = String::from_utf8(bytes);
    text.map(Some).map_err(|_| Error::settings(format!("{name}: is not UTF-8 text")))
}

/// The layer of the environment.
fn environment(read: &dyn Fn(&str) -> Option<OsString>) -> Result<Layer> {
    const FORMAT: &str = "CLAIMLINT_OUTPUT_FORMAT";
    const THREADS: &str = "CLAIMLINT_THREADS";
    const KEY: &str = "CLAIMLINT_PHI_KEY_FILE";
    let text = |variable: &str| {
        let value = read(variable).filter(|value| !value.is_empty())?;
        Some(value.to_string_lossy().into_owned())
    };
    let format = match text(FORMAT) {
        None => None,
        Some(word) => Some(OutputFormatWord::from_word(&word).ok_or_else(|| {
            let error = Error::settings(format!("{FORMAT}: unknown value `{word}`"));
            suggest(error, &word, OutputFormatWord::WORDS)
        })?),
    };
    let threads = match text(THREADS) {
        None => None,
        Some(count) => Some(count.parse::<u32>().map_err(|_| {
            Error::settings(format!("{THREADS}: expected a whole number, not `{count}`"))
        })?),
    };
    let phi_key_file = text(KEY);
    let raw = Raw {
        output: Some(RawOutput { format, phi_key_file, ..RawOutput::default() }),
        run: Some(RawRun { threads, ..RawRun::default() }),
        ..Raw::default()
    };
    let names = [("output.format", FORMAT), ("output.phi-key-file", KEY), ("run.threads", THREADS)];
    Ok(Layer::named(raw, names))
}

/// The layout that the highest layer names; a file's columns become a layer just below that one.
fn insert_layout(
    layers: &mut Vec<Layer>,
    working: &Path,
    built_in: BuiltIn<'_>,
) -> Result<Layouts> {
    let naming = layers
        .iter()
        .enumerate()
        .rev()
        .find_map(|(at, layer)| Some((at, layer, layer.raw.input.as_ref()?.layout.as_ref()?)));
    let Some((at, layer, path)) = naming else { return recognised(built_in) };
    if path == "none" {
        return Ok(Layouts::Unknown);
    }
    if let Some((name, text)) = built_in.iter().find(|(name, _)| name == path) {
        return Ok(Layouts::Is(Arc::new(built(name, text)?)));
    }
    let origin = layer.origin("input.layout");
    let text = read_text(&working.join(&layer.directory).join(path), path)?;
    let Some(text) = text else {
        let names: Vec<&str> = built_in.iter().map(|(name, _)| *name).collect();
        let error = origin.error(format_args!("no such layout: {path}"));
        return Err(suggest(error, path, &names));
    };
    let layout = RawLayout::parse(&text, path)?;
    let known = layout.known(path, false)?;
    let says_more = layout.says_more();
    let layout = Layer::layout(&layout, &text, path);
    if let Some(RawInput { layout: Some(_), .. }) = &layout.raw.input {
        return Err(layout.origin("input.layout").error("a layout cannot name a layout"));
    }
    layers.insert(at, layout);
    Ok(if says_more { Layouts::Is(Arc::new(known)) } else { Layouts::Unknown })
}

/// The layer of the preset that the highest layer names.
fn chosen_preset(
    layers: &[Layer],
    presets: &dyn Fn(&str) -> Option<&'static str>,
) -> Result<Layer> {
    let naming = layers.iter().rev().find(|layer| layer.raw.preset.is_some());
    let name = naming.and_then(|layer| layer.raw.preset.as_deref()).unwrap_or("default");
    match (presets(name), naming) {
        (Some(text), _) => Layer::preset(name, text),
        (None, None) => Ok(Layer::default()),
        (None, Some(layer)) => {
            let error = layer.origin("preset").error(format_args!("unknown preset `{name}`"));
            Err(suggest(error, name, &PRESETS))
        }
    }
}

/// Parses TOML; an error names the place and the nearest key.
pub(in crate::config) fn parse<T: DeserializeOwned>(
    text: &str,
    name: &str,
    is_file: bool,
) -> Result<T> {
    toml::from_str::<T>(text).map_err(|error| {
        let origin = match error.span() {
            Some(span) if is_file => Origin::in_file(name, Place::of(span.start, text)),
            _ => Origin::named(name),
        };
        describe(&origin, error.message())
    })
}

/// Turns serde's words into those of a user, with the nearest name as advice.
fn describe(origin: &Origin, message: &str) -> Error {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let subject = if message.starts_with("unknown field") {
        "unknown key"
    } else if message.starts_with("unknown variant") {
        "unknown value"
    } else {
        return origin.error(message.trim_end().replace('\n', ", "));
    };
    let typed = quoted.next().unwrap_or_default();
    let known: Vec<&str> = quoted.collect();
    suggest(origin.error(format_args!("{subject} `{typed}`")), typed, &known)
}

/// The error with the known name that is nearest to `typed`, or with all of them.
pub fn suggest(error: Error, typed: &str, known: &[&str]) -> Error {
    match nearest(typed, known.iter().copied()) {
        Some(name) => error.with_help(format!("did you mean `{name}`?")),
        None => error.with_help(format!("expected one of: {}", known.join(", "))),
    }
}
