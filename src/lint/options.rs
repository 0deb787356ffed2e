//! The options that a configuration sets for one rule, and their checked reading.

use std::collections::BTreeMap;

use crate::error::{Error, Result, nearest};

/// The value of an option as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OptionValue {
    /// `true` or `false`.
    Flag(bool),
    /// A whole number.
    Number(i64),
    /// Text.
    Text(String),
    /// A list of texts.
    List(Vec<String>),
}

/// The options of one rule. Reading an option takes it out; what is left over was misspelt.
#[derive(Debug, Clone, Default)]
pub struct Options {
    values: BTreeMap<String, OptionValue>,
    known: Vec<&'static str>,
}

impl Options {
    /// Options as written.
    pub fn new(values: BTreeMap<String, OptionValue>) -> Self {
        Self { values, known: Vec::new() }
    }

    /// A list of texts, or `default` where the option is not set.
    pub fn list(&mut self, key: &'static str, default: &[&str]) -> Result<Vec<String>> {
        self.known.push(key);
        match self.values.remove(key) {
            None => Ok(default.iter().map(|text| (*text).to_owned()).collect()),
            Some(OptionValue::List(list)) => Ok(list),
            Some(OptionValue::Text(text)) => Ok(vec![text]),
            Some(_) => Err(Error::settings(format!("option {key}: expected a list of texts"))),
        }
    }

    /// A whole number from 1 upwards, or `default` where the option is not set.
    pub fn count(&mut self, key: &'static str, default: u64) -> Result<u64> {
        self.known.push(key);
        match self.values.remove(key) {
            None => Ok(default),
            Some(OptionValue::Number(number)) if number > 0 => Ok(number.unsigned_abs()),
            Some(_) => {
                Err(Error::settings(format!("option {key}: expected a whole number above zero")))
            }
        }
    }

    /// What one of these words stands for, or `default` where the option is not set.
    pub fn choice<T: Copy>(
        &mut self,
        key: &'static str,
        default: T,
        choices: &[(&str, T)],
    ) -> Result<T> {
        self.known.push(key);
        let chosen = match self.values.remove(key) {
            None => return Ok(default),
            Some(OptionValue::Text(text)) => choices.iter().find(|(word, _)| *word == text),
            Some(_) => None,
        };
        chosen.map(|(_, meaning)| *meaning).ok_or_else(|| {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            Error::settings(format!("option {key}: expected one of {}", words.join(", ")))
        })
    }

    /// Fails when an option is left that the rule did not ask for.
    pub fn finish(&self) -> Result<()> {
        let Some(unknown) = self.values.keys().next() else { return Ok(()) };
        let error = Error::settings(format!("unknown option `{unknown}`"));
        // Every rule has a severity, which is no option of its own.
        Err(match nearest(unknown, self.known.iter().copied().chain(["severity"])) {
            Some(name) => error.with_help(format!("did you mean `{name}`?")),
            None if self.known.is_empty() => error.with_help("the rule has no options"),
            None => error.with_help(format!("the rule's options are: {}", self.known.join(", "))),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_one_of_its_words() {
        let set = |value: OptionValue| Options::new([("setting".to_owned(), value)].into());
        let choose =
            |options: &mut Options| options.choice("setting", 0, &[("one", 1), ("two", 2)]);
        assert_eq!(choose(&mut Options::default()).unwrap(), 0);
        assert_eq!(choose(&mut set(OptionValue::Text("two".to_owned()))).unwrap(), 2);
        for bad in [OptionValue::Text("three".to_owned()), OptionValue::Number(1)] {
            let error = choose(&mut set(bad)).unwrap_err().to_string();
            assert!(error.contains("expected one of one, two"), "{error}");
        }
    }
}
