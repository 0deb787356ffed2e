//! What is said when claimlint itself is at fault: the place in the source, and nothing else.
//!
//! A panic's message may hold a value from the data, so it is never shown.

use std::panic;

use crate::cli::log::{self, Level};
use crate::error::guard::is_guarded;

/// From here on, a panic says where it happened and nothing more.
pub fn install() {
    panic::set_hook(Box::new(|info| {
        // It will be told as what it is: a damaged file.
        if is_guarded() {
            return;
        }
        let place = info.location().map_or_else(
            || "an unknown place".to_owned(),
            |place| format!("{}:{}", source(place.file()), place.line()),
        );
        let said = "please report it. No data is shown here.";
        log::tell(Level::Fault, &format!("claimlint: internal fault at {place}; {said}"));
    }));
}

/// The file from its last `src/` on: the rest is the machine that the program was built on.
fn source(file: &str) -> &str {
    file.rfind("src/").and_then(|at| file.get(at..)).unwrap_or(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_build_machine_is_not_shown() {
        assert_eq!(source("src/cli/mod.rs"), "src/cli/mod.rs");
        assert_eq!(source("/home/x/registry/src/toml-1/src/de.rs"), "src/de.rs");
        assert_eq!(source("main.rs"), "main.rs");
    }
}
