//! The user's words and code ranges, laid over what rules know.

use std::sync::Arc;

use crate::config::merge::Merger;
use crate::config::raw::{RawCategories, RawSection, RawVocabulary};
use crate::config::values;
use crate::error::Result;
use crate::lint::Knowledge;
use crate::lint::knowledge::{Section, Sections};
use crate::model::Vocabulary;
use crate::model::cell::MissingWords;

/// `base` with the vocabulary and the categories of every layer.
pub(in crate::config) fn overlay(merger: &mut Merger<'_>, base: Knowledge) -> Result<Knowledge> {
    let mut knowledge = base;
    knowledge.vocabulary = Arc::new(vocabulary(merger, &knowledge.vocabulary)?);
    lay(merger, "category-1", |raw| raw.category_1.as_deref(), &mut knowledge.category_one)?;
    lay(merger, "category-2", |raw| raw.category_2.as_deref(), &mut knowledge.category_two)?;
    Ok(knowledge)
}

/// The highest list of missing words, and what any layer adds to it.
fn vocabulary(merger: &mut Merger<'_>, base: &Vocabulary) -> Result<Vocabulary> {
    let mut words = base.clone();
    let replaced = merger.pick("vocabulary.missing-words", |raw| {
        raw.vocabulary.as_ref().and_then(|words| words.missing_words.clone())
    });
    if let Some(picked) = replaced {
        merger.show("vocabulary.missing-words", &picked.value, picked.origin.to_string());
        words.missing = MissingWords::new(&picked.value);
    }
    let extra =
        added(merger, "vocabulary.extra-missing-words", |w| w.extra_missing_words.as_deref());
    words.missing.extend(extra.into_iter().map(|(word, _)| word));
    for (text, layer) in
        added(merger, "vocabulary.extra-modifiers", |w| w.extra_modifiers.as_deref())
    {
        let blame = |error| {
            let layer = merger.layers.get(layer);
            layer
                .map(|layer| layer.origin("vocabulary.extra-modifiers").blame(&error))
                .unwrap_or(error)
        };
        words.modifiers.insert(values::modifier(&text).map_err(blame)?);
    }
    Ok(words)
}

/// What every layer adds under `key`, each with its layer; shown as one list.
fn added(
    merger: &mut Merger<'_>,
    key: &str,
    get: impl Fn(&RawVocabulary) -> Option<&[String]>,
) -> Vec<(String, usize)> {
    let mut all = Vec::new();
    let mut origins: Vec<String> = Vec::new();
    for (at, layer) in merger.layers.iter().enumerate() {
        let Some(list) = layer.raw.vocabulary.as_ref().and_then(&get) else { continue };
        all.extend(list.iter().map(|word| (word.clone(), at)));
        origins.push(layer.origin(key).to_string());
    }
    if !origins.is_empty() {
        let words: Vec<&String> = all.iter().map(|(word, _)| word).collect();
        merger.show(key, &words, origins.join(", "));
    }
    all
}

/// Replaces sections of the same name and adds the others, from the lowest layer upwards.
fn lay(
    merger: &mut Merger<'_>,
    name: &str,
    get: impl Fn(&RawCategories) -> Option<&[RawSection]>,
    sections: &mut Sections,
) -> Result<()> {
    let key = format!("categories.{name}");
    for layer in merger.layers {
        let Some(list) = layer.raw.categories.as_ref().and_then(&get) else { continue };
        for (at, written) in list.iter().enumerate() {
            let origin = layer.origin(&format!("{key}.{at}"));
            let ranges = written.ranges.iter().map(|text| values::range(text));
            let ranges = ranges.collect::<Result<Vec<_>>>().map_err(|e| origin.blame(&e))?;
            if ranges.is_empty() {
                return Err(origin.error(format_args!("section `{}` has no ranges", written.name)));
            }
            match sections.0.iter_mut().find(|section| section.name == written.name) {
                Some(section) => section.ranges = ranges,
                None => sections.0.push(Section { name: written.name.clone(), ranges }),
            }
        }
        merger.show(&key, &list, layer.origin(&key).to_string());
    }
    Ok(())
}
