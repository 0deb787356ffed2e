//! What the user set: from flags, environment and files to one checked [`Settings`].
//!
//! | step | module | what it does |
//! |---|---|---|
//! | 1 | [`layers`] | finds and parses each layer alone, so that errors name their place |
//! | 2 | [`own`] | compiles the user's own rules, and adds them to those there are |
//! | 3 | [`merge`] | lays the layers over one another and checks values |
//! | 4 | [`selection`] | resolves selectors to rules, severities, options and exceptions |
//!
//! Layers, the highest first: flags; environment; `--config` (the last one first);
//! `./claimlint.toml`; the user's file; the system's file; the preset; what is built in. A layout
//! is a layer just below the one that names it. A configuration is never looked for beside the
//! data: whoever may drop an export must not be able to switch rules off.

pub mod explain;
pub mod gate;
pub mod layers;
pub mod layout_file;
pub mod merge;
pub mod origin;
pub mod overlay;
pub mod own;
mod places;
pub mod raw;
pub mod schema;
pub mod selection;
pub mod settings;
pub mod threshold;
pub mod values;
pub mod waivers;
pub mod words;

#[cfg(test)]
mod tests;

use crate::error::Result;
use crate::lint::Knowledge;
use crate::lint::registry::Registry;

pub use layers::{Layer, Sources};
pub use merge::{Loaded, Shown};
pub use origin::Origin;
pub use raw::Raw;
pub use selection::RuleOrigin;
pub use settings::Settings;

/// What the configuration is about, and does not know by itself: the rules and their data.
pub struct Stock<'a> {
    /// The rules there are.
    pub registry: &'a Registry,
    /// What rules know before the user's configuration is laid over it.
    pub base: Knowledge,
    /// The text of the preset with a name.
    pub presets: &'a dyn Fn(&str) -> Option<&'static str>,
    /// The built-in layouts: the name and the text of each.
    pub layouts: layout_file::BuiltIn<'a>,
}

/// Reads every layer and merges them to settings.
pub fn load(sources: &Sources<'_>, stock: Stock<'_>) -> Result<Loaded> {
    let (layers, layouts) = layers::gather(sources, stock.presets, stock.layouts)?;
    let own = own::own(&layers, stock.registry)?;
    let mut loaded = merge::merge(&layers, own, stock.base)?;
    loaded.settings.input.layouts = layouts;
    Ok(loaded)
}
