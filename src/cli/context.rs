//! What every command needs: the global flags, the rules, and the way to settings.

use std::path::PathBuf;

use crate::cli::args::Global;
use crate::cli::streams;
use crate::config::{self, Layer, Loaded, Sources, Stock};
use crate::error::Result;
use crate::lint::registry::Registry;

/// The configuration of the whole system.
const SYSTEM_FILE: &str = "/etc/claimlint/claimlint.toml";

/// What every command needs.
#[derive(Debug)]
pub struct Context {
    /// The global flags.
    pub global: Global,
    /// The rules there are.
    pub registry: Registry,
}

impl Context {
    /// The context of a command with these global flags.
    pub fn new(global: Global) -> Self {
        Self { global, registry: Registry::new(crate::rules::ALL) }
    }

    /// Whether nothing but the exit code is wanted.
    pub fn is_silent(&self) -> bool {
        self.global.quiet > 1
    }

    /// Whether progress and closing lines are wanted.
    pub fn is_talkative(&self) -> bool {
        self.global.quiet == 0
    }

    /// Reads the configuration with `flags` as its highest layer, and tells what has no effect.
    pub fn load(&self, flags: Layer) -> Result<Loaded> {
        let sources = Sources {
            flags,
            configs: self.global.config.clone(),
            isolated: self.global.isolated,
            directory: PathBuf::new(),
            system: PathBuf::from(SYSTEM_FILE),
            environment: &|name| std::env::var_os(name),
        };
        let stock = Stock {
            registry: &self.registry,
            base: crate::rules::embedded::knowledge()?,
            presets: &crate::rules::embedded::preset,
        };
        let loaded = config::load(&sources, stock)?;
        if self.is_talkative() {
            for warning in &loaded.warnings {
                streams::tell(&format!("warning: {warning}"));
            }
        }
        Ok(loaded)
    }
}
