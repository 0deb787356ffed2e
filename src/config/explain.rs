//! What a key of the configuration means, from the schema's own words.

use std::fmt::Write as _;

use serde_json::Value;

use crate::config::layers::suggest;
use crate::config::raw::Raw;
use crate::error::{Error, Result};

/// The description, type and default of a dotted key, or the keys of a table.
pub fn explain(key: &str) -> Result<String> {
    let root = schemars::schema_for!(Raw).to_value();
    let mut node = &root;
    let mut path = String::new();
    for part in key.trim().split('.') {
        let Some(next) = child(node, part, &root) else { return Err(unknown(key, &root)) };
        node = next;
        path = if path.is_empty() { part.to_owned() } else { format!("{path}.{part}") };
    }
    let target = resolve(node, &root);
    let mut text = format!("{path}\n");
    let said = node.get("description").or_else(|| target.get("description"));
    let said = said.and_then(Value::as_str).unwrap_or_default().replace('\n', " ");
    // Writing into a String cannot fail.
    let _ = write!(text, "\n{said}\n");
    let keys = keys_of(target);
    match keys.is_empty() {
        true => {
            let _ = write!(text, "\ntype: {}\n", kind(node, &root));
            if let Some(default) = node.get("default") {
                let _ = writeln!(text, "default: {default}");
            }
        }
        false => {
            let _ = write!(text, "\nkeys: {}\n", keys.join(", "));
        }
    }
    Ok(text)
}

/// Every dotted key, tables before what is in them.
pub fn keys() -> Vec<String> {
    let root = schemars::schema_for!(Raw).to_value();
    all_keys(&root)
}

fn all_keys(root: &Value) -> Vec<String> {
    let mut keys = Vec::new();
    for name in keys_of(root) {
        keys.push(name.to_owned());
        let Some(node) = child(root, name, root) else { continue };
        let below = keys_of(resolve(node, root)).into_iter();
        keys.extend(below.map(|below| format!("{name}.{below}")));
    }
    keys
}

fn unknown(key: &str, root: &Value) -> Error {
    let keys = all_keys(root);
    let known: Vec<&str> = keys.iter().map(String::as_str).collect();
    let last: Vec<&str> =
        known.iter().copied().filter(|known| known.rsplit('.').next() == Some(key)).collect();
    let error = Error::settings(format!("unknown key `{key}`"));
    match last.as_slice() {
        [] => suggest(error, key, &known),
        full => error.with_help(format!("did you mean `{}`?", full.join("` or `"))),
    }
}

fn keys_of(node: &Value) -> Vec<&str> {
    let properties = node.get("properties").and_then(Value::as_object);
    properties.into_iter().flat_map(|map| map.keys().map(String::as_str)).collect()
}

/// The schema of `part` below `node`: a property, or any key of an open table.
fn child<'s>(node: &'s Value, part: &str, root: &'s Value) -> Option<&'s Value> {
    // Of several forms, the one that is a table has keys.
    let forms = node.get("anyOf").and_then(Value::as_array).into_iter().flatten();
    let mut tables = forms.filter(|form| form.get("additionalProperties").is_some());
    let table = tables.next().unwrap_or_else(|| resolve(node, root));
    let named = table.get("properties").and_then(|properties| properties.get(part));
    named.or_else(|| table.get("additionalProperties").filter(|schema| schema.is_object()))
}

/// The table that a schema stands for: through references, "or nothing", and lists of tables.
fn resolve<'s>(node: &'s Value, root: &'s Value) -> &'s Value {
    if let Some(reference) = node.get("$ref").and_then(Value::as_str) {
        let pointer = reference.trim_start_matches('#');
        return root.pointer(pointer).map_or(node, |target| resolve(target, root));
    }
    let choices = node.get("anyOf").and_then(Value::as_array);
    if let Some(choice) = choices.and_then(|all| all.iter().find(|c| c.get("$ref").is_some())) {
        return resolve(choice, root);
    }
    match node.get("items") {
        Some(items) if items.get("$ref").is_some() => resolve(items, root),
        _ => node,
    }
}

/// The type in words.
fn kind(node: &Value, root: &Value) -> String {
    if let Some(word) = node.get("const").and_then(Value::as_str) {
        return format!("`{word}`");
    }
    for choices in ["oneOf", "anyOf"] {
        if let Some(all) = node.get(choices).and_then(Value::as_array) {
            let words = all.iter().filter(|choice| choice.get("type") != Some(&"null".into()));
            return words.map(|choice| kind(choice, root)).collect::<Vec<_>>().join(" or ");
        }
    }
    if let Some(all) = node.get("enum").and_then(Value::as_array) {
        let words = all.iter().filter_map(Value::as_str).map(|word| format!("`{word}`"));
        return words.collect::<Vec<_>>().join(" or ");
    }
    let name = match node.get("type") {
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).find(|t| *t != "null"),
        Some(one) => one.as_str(),
        None => None,
    };
    match name {
        Some("string") => "text".to_owned(),
        Some("boolean") => "true or false".to_owned(),
        Some("integer") => "whole number".to_owned(),
        Some("array") => match node.get("items") {
            Some(items) => format!("list of {}", kind(resolve(items, root), root)),
            None => "list".to_owned(),
        },
        _ => "table".to_owned(),
    }
}
