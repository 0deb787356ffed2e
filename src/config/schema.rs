//! The JSON Schema of claimlint.toml, made from the types that read it.

use crate::config::raw::Raw;

/// The schema, ending in a line break.
pub fn json_schema() -> String {
    // A schema is made of texts and maps with text keys: writing it as JSON cannot fail.
    let mut text = serde_json::to_string_pretty(&schemars::schema_for!(Raw)).unwrap_or_default();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_schema_is_current() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/claimlint.schema.json");
        let current = std::fs::read_to_string(path).unwrap_or_default();
        if current == json_schema() {
            return;
        }
        if std::env::var_os("CI").is_none() {
            std::fs::write(path, json_schema()).unwrap();
            panic!("docs/claimlint.schema.json was not current and is now: look at it, commit it");
        }
        panic!("docs/claimlint.schema.json is not current: run this test without CI and commit it");
    }
}
