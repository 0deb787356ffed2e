//! The options that a configuration sets for one rule, and their checked reading.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::error::{Error, Result, nearest};
use crate::model::{Cell, Date};

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

    /// A whole number within `range`, or `default` where the option is not set.
    pub fn number_within(
        &mut self,
        key: &'static str,
        default: i64,
        range: RangeInclusive<i64>,
    ) -> Result<i64> {
        self.known.push(key);
        match self.values.remove(key) {
            None => Ok(default),
            Some(OptionValue::Number(number)) if range.contains(&number) => Ok(number),
            Some(_) => {
                let (first, last) = (range.start(), range.end());
                let what = format!("option {key}: expected a whole number from {first} to {last}");
                Err(Error::settings(what))
            }
        }
    }

    /// A whole number from 0 upwards, or `default` where the option is not set.
    pub fn number(&mut self, key: &'static str, default: u64) -> Result<u64> {
        if self.values.get(key) == Some(&OptionValue::Number(0)) {
            self.known.push(key);
            self.values.remove(key);
            return Ok(0);
        }
        self.count(key, default)
    }

    /// `true` or `false`, or `default` where the option is not set.
    pub fn flag(&mut self, key: &'static str, default: bool) -> Result<bool> {
        self.known.push(key);
        match self.values.remove(key) {
            None => Ok(default),
            Some(OptionValue::Flag(flag)) => Ok(flag),
            Some(_) => Err(Error::settings(format!("option {key}: expected true or false"))),
        }
    }

    /// A day, or `default` where the option is not set.
    pub fn date(&mut self, key: &'static str, default: &str) -> Result<Date> {
        self.known.push(key);
        let written = match self.values.remove(key) {
            None => Some(default.to_owned()),
            Some(OptionValue::Text(text)) => Some(text),
            Some(_) => None,
        };
        match written.map(|text| Date::parse(text.trim().as_bytes())) {
            Some(Cell::Value(date)) => Ok(date),
            _ => Err(Error::settings(format!("option {key}: expected a day as \"2026-03-31\""))),
        }
    }

    /// Leaves options of other rules alone, which may stand in a table for several rules.
    pub fn leave(&mut self, keys: &[&str]) {
        self.values.retain(|key, _| !keys.contains(&key.as_str()));
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

    fn options(values: &[(&str, OptionValue)]) -> Options {
        Options::new(values.iter().map(|(key, v)| ((*key).to_owned(), v.clone())).collect())
    }

    #[test]
    fn an_option_is_read_as_its_kind_or_refused() {
        let text = |text: &str| OptionValue::Text(text.to_owned());
        let mut set = options(&[
            ("none", OptionValue::Number(0)),
            ("some", OptionValue::Number(7)),
            ("flag", OptionValue::Flag(true)),
            ("day", text("2026-03-31")),
        ]);
        assert_eq!(set.number("none", 1).unwrap(), 0);
        assert_eq!(set.number("some", 1).unwrap(), 7);
        assert_eq!(set.number("other", 1).unwrap(), 1);
        assert!(set.flag("flag", false).unwrap() && !set.flag("other", false).unwrap());
        assert_eq!(set.date("day", "2000-01-01").unwrap().to_string(), "2026-03-31");
        assert_eq!(set.date("other", "2000-01-01").unwrap().to_string(), "2000-01-01");
        assert!(set.finish().is_ok());
        let wrong = [text("x"), OptionValue::Number(-1)];
        for value in wrong {
            let set = || options(&[("key", value.clone())]);
            assert!(set().number("key", 1).is_err());
            assert!(set().flag("key", true).is_err());
            assert!(set().date("key", "2000-01-01").is_err());
        }
        assert!(options(&[("none", OptionValue::Number(0))]).count("none", 1).is_err());
    }

    #[test]
    fn options_of_other_rules_may_stand_in_the_table_and_misspelt_ones_may_not() {
        let mut set = options(&[("companions", OptionValue::Flag(true))]);
        set.leave(&["companions"]);
        assert!(set.finish().is_ok());
        let mut set = options(&[("companion", OptionValue::Flag(true))]);
        set.leave(&["companions"]);
        assert!(set.finish().is_err());
    }

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
