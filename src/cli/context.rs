//! What every command needs: the global flags, the rules, and the way to settings.

use std::path::PathBuf;

use crate::cli::args::{Global, LogFormat, ProgressKind};
use crate::cli::log::{self, Level};
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

    /// How progress is shown; not among objects of JSON as a bar.
    pub fn progress(&self) -> ProgressKind {
        match self.global.progress {
            _ if self.global.quiet > 0 || self.global.summary_line => ProgressKind::None,
            ProgressKind::Auto if self.global.log_format == LogFormat::Json => ProgressKind::Log,
            kind => kind,
        }
    }

    /// Reads the configuration with `flags` as its highest layer, and tells what has no effect.
    pub fn load(&self, flags: Layer) -> Result<Loaded> {
        self.load_rules(flags, &[])
    }

    /// The same with these rule files, if there are any, and then without those of a configuration
    /// that nobody named.
    pub fn load_rules(&self, flags: Layer, files: &[String]) -> Result<Loaded> {
        let sources = Sources {
            flags,
            configs: self.global.config.clone(),
            rules: self.global.rules.iter().chain(files).cloned().collect(),
            isolated: self.global.isolated || !files.is_empty(),
            directory: PathBuf::new(),
            system: PathBuf::from(SYSTEM_FILE),
            environment: &|name| std::env::var_os(name),
        };
        let stock = Stock {
            registry: &self.registry,
            base: crate::rules::embedded::knowledge()?,
            presets: &crate::rules::embedded::preset,
            layouts: &crate::rules::embedded::LAYOUTS,
        };
        let loaded = config::load(&sources, stock)?;
        loaded.warnings.iter().for_each(|warning| log::tell(Level::Warning, warning));
        Ok(loaded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::{Cli, RunFlags};
    use crate::cli::flags;
    use crate::config::layers::PRESETS;

    #[test]
    fn every_preset_is_a_configuration_of_these_rules() {
        use clap::Parser as _;
        let mut names: Vec<&str> = crate::rules::embedded::preset_names().collect();
        let mut known = PRESETS.to_vec();
        names.sort_unstable();
        known.sort_unstable();
        assert_eq!(names, known);
        for name in names {
            let line = ["claimlint", "--isolated", "-q", "man"];
            let context = Context::new(Cli::try_parse_from(line).unwrap().global);
            let mut run = RunFlags::default();
            run.rules.preset = Some(name.to_owned());
            let loaded = context.load(flags::layer(&run).unwrap()).unwrap();
            assert_eq!(loaded.settings.rules.len(), context.registry.len());
        }
    }
}
