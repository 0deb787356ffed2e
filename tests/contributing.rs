//! The worked example of `docs/CONTRIBUTING.md`: it compiles, it finds what its fixture says, and
//! the document shows it as it is.

#![allow(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

mod common;

// In the house the example lies under `src/`, where `crate` is claimlint itself.
use claimlint::{declare_rule, error, lint, model};

#[path = "contributing/office_service_on_sunday.rs"]
mod office_service_on_sunday;

use std::collections::BTreeSet;

use claimlint::input::Source;
use claimlint::lint::Rule;
use claimlint::lint::registry::Registry;
use claimlint::model::Finding;
use claimlint::pipeline::{self, Counters, Plan};
use claimlint::report::{Sink, Summary};
use common::SHAPES;

const DOCUMENT: &str = include_str!("../docs/CONTRIBUTING.md");
const RULE_FILE: &str = include_str!("contributing/office_service_on_sunday.rs");
const FIXTURE: &str = include_str!("contributing/DAT901.csv");

static RULES: &[&Rule] = &[&office_service_on_sunday::RULE];

/// Notes the physical lines of findings.
struct Lines<'l>(&'l mut BTreeSet<u64>);

impl Sink for Lines<'_> {
    fn finding(&mut self, finding: &Finding, _: &Summary) -> error::Result<()> {
        self.0.insert(finding.place.line);
        Ok(())
    }

    fn finish(&mut self, _: &Summary) -> error::Result<()> {
        Ok(())
    }
}

#[test]
fn the_example_finds_what_its_fixture_says() {
    let expect = |(_, line): &(u64, &str)| line.ends_with(",DAT901");
    let want: BTreeSet<u64> = (1..).zip(FIXTURE.lines()).filter(expect).map(|(at, _)| at).collect();
    for shape in SHAPES {
        let mut settings = common::settings(&["ALL"]);
        settings.rules.truncate(RULES.len());
        let mut plan = Plan::without_inputs(settings, Registry::new(RULES)).unwrap();
        plan.limits = shape.limits(1 << 20);
        let bytes = FIXTURE.as_bytes().to_vec();
        let source = Source::from_bytes("DAT901.csv", bytes, &plan.input, plan.limits.input);
        let mut found = BTreeSet::new();
        let mut sinks: Vec<Box<dyn Sink + '_>> = vec![Box::new(Lines(&mut found))];
        let seen = Counters::default();
        pipeline::run_sources(&plan, vec![source.unwrap()], &mut sinks, &seen).unwrap();
        drop(sinks);
        assert_eq!(found, want, "{shape:?}");
    }
}

#[test]
fn the_document_shows_the_example_as_it_is() {
    for (language, text) in [("rust", RULE_FILE), ("csv", FIXTURE)] {
        let block = format!("\n```{language}\n{text}```\n");
        assert!(
            DOCUMENT.contains(&block),
            "docs/CONTRIBUTING.md must have this block, word for word:\n{block}"
        );
    }
}
