//! JUnit's form of test reports, which build servers read: a suite for each input, and in it a
//! test for each rule.
//!
//! A test fails if the rule has any finding in the input, however light; what the run makes of that
//! is the exit code's to say. What a rule did not look at is skipped, never passed.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::model::{Finding, RuleId, Severity};
use crate::report::escape::{counted, cut, digits, visible};
use crate::report::full::whereabouts;
use crate::report::summary::{NO_COLUMN, Outcome, RuleSummary, SourceSummary};
use crate::report::{Out, Sink, Style, Summary};

/// How many characters of a message are shown.
const MESSAGE_COLUMNS: usize = 200;

/// Keeps samples while findings pass by, and writes everything at the end.
pub struct Junit<'a> {
    out: Out<'a>,
    most: u64,
    /// How many samples were kept, by rule and severity.
    kept: BTreeMap<(RuleId, Severity), u64>,
    /// The samples by input and rule.
    samples: BTreeMap<(u32, RuleId), Vec<String>>,
}

impl<'a> Junit<'a> {
    /// A sink into `out`.
    pub fn new(out: Out<'a>, style: Style) -> Self {
        Self { out, most: style.samples, kept: BTreeMap::new(), samples: BTreeMap::new() }
    }
}

/// How a rule ended in one input.
enum Ended<'s> {
    Passed,
    Failed(u64),
    Skipped(&'s str, String),
}

impl Sink for Junit<'_> {
    fn samples(&self) -> u64 {
        self.most
    }

    fn finding(&mut self, finding: &Finding, summary: &Summary) -> Result<()> {
        let source = finding.place.source;
        if summary.is_alarmed(finding.rule, source) {
            return Ok(());
        }
        let kept = self.kept.entry((finding.rule, finding.severity)).or_default();
        if *kept < self.most {
            *kept += 1;
            self.samples.entry((source, finding.rule)).or_default().push(sample(finding, summary));
        }
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> Result<()> {
        self.out.text("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")?;
        let mut sum = Counts::default();
        for (source, at) in summary.sources.iter().zip(0..) {
            sum.add(&Counts::of(summary, source, at));
        }
        self.out.text(&format!("<testsuites name=\"claimlint\"{}>\n", sum.attributes()))?;
        for (source, at) in summary.sources.iter().zip(0..) {
            let counts = Counts::of(summary, source, at);
            let name = xml(&source.name);
            self.out.text(&format!("<testsuite name=\"{name}\"{}>\n", counts.attributes()))?;
            for rule in &summary.rules {
                let text = self.case(rule, source, at, summary);
                self.out.text(&text)?;
            }
            self.out.text("</testsuite>\n")?;
        }
        self.out.text("</testsuites>\n")?;
        self.out.flush()
    }
}

impl Junit<'_> {
    fn case(
        &self,
        rule: &RuleSummary,
        source: &SourceSummary,
        at: u32,
        summary: &Summary,
    ) -> String {
        let name = format!("{} {}", rule.info.code, rule.info.title);
        let head = format!(
            "<testcase name=\"{}\" classname=\"claimlint.{}\" file=\"{}\"",
            xml(&name),
            rule.info.category.name(),
            xml(&source.name)
        );
        match ended(rule, source, at) {
            Ended::Passed => format!("{head}/>\n"),
            Ended::Skipped(word, why) => {
                let why = xml(&format!("{word}: {why}"));
                format!("{head}><skipped message=\"{why}\"/></testcase>\n")
            }
            Ended::Failed(found) => {
                let said = counted(found, "finding");
                let message = xml(&format!("{said}: {}", rule.info.title));
                let body = xml(&self.body(rule, at, found, summary));
                format!(
                    "{head}><failure type=\"{}\" message=\"{message}\">{body}</failure>\
                     </testcase>\n",
                    rule.severity.name()
                )
            }
        }
    }

    /// What to do, and the samples.
    fn body(&self, rule: &RuleSummary, at: u32, found: u64, summary: &Summary) -> String {
        let mut text = format!("fix: {}\n", rule.info.fix);
        if summary.is_alarmed(rule.id, at) {
            text.push_str("a mapping alarm stands for these findings: see MAP001\n");
        }
        let samples = self.samples.get(&(at, rule.id)).map(Vec::as_slice).unwrap_or_default();
        samples.iter().for_each(|sample| text.push_str(sample));
        if (samples.len() as u64) < found {
            let (shown, found) = (digits(samples.len() as u64), digits(found));
            text.push_str(&format!("{shown} of {found} shown\n"));
        }
        text
    }
}

fn sample(finding: &Finding, summary: &Summary) -> String {
    let message = cut(&finding.message, MESSAGE_COLUMNS);
    format!("{}: {message}\n", whereabouts(finding, summary))
}

/// How the rule ended in the input at `at`.
fn ended<'s>(rule: &'s RuleSummary, source: &SourceSummary, at: u32) -> Ended<'s> {
    let found = rule.by_input.get(at as usize).copied().unwrap_or(0);
    if found > 0 {
        return Ended::Failed(found);
    }
    match &rule.outcome {
        Outcome::NotApplicable(why) | Outcome::NotChecked(why) | Outcome::Excused(why) => {
            Ended::Skipped(rule.outcome.name(), why.clone())
        }
        Outcome::Passed | Outcome::Failed => {
            let lacking = rule.info.needs.iter().filter(|field| !source.maps(**field));
            let lacking: Vec<&str> = lacking.map(|field| rule.info.name_of(*field)).collect();
            match lacking.is_empty() {
                true => Ended::Passed,
                false => {
                    let why = format!("{NO_COLUMN}{}", lacking.join(" and "));
                    Ended::Skipped("not-applicable", why)
                }
            }
        }
    }
}

/// The tests of a suite, and how they ended.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    tests: u64,
    failures: u64,
    skipped: u64,
}

impl Counts {
    fn of(summary: &Summary, source: &SourceSummary, at: u32) -> Self {
        let mut counts = Self::default();
        for rule in &summary.rules {
            counts.tests += 1;
            match ended(rule, source, at) {
                Ended::Passed => {}
                Ended::Failed(_) => counts.failures += 1,
                Ended::Skipped(..) => counts.skipped += 1,
            }
        }
        counts
    }

    fn add(&mut self, other: &Counts) {
        self.tests += other.tests;
        self.failures += other.failures;
        self.skipped += other.skipped;
    }

    fn attributes(self) -> String {
        let Self { tests, failures, skipped } = self;
        format!(" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\"")
    }
}

/// A text in an attribute or an element. What XML cannot hold is shown by number.
fn xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            escaped.push('\n');
        }
        for character in visible(line).chars() {
            match character {
                '&' => escaped.push_str("&amp;"),
                '<' => escaped.push_str("&lt;"),
                '>' => escaped.push_str("&gt;"),
                '"' => escaped.push_str("&quot;"),
                '\'' => escaped.push_str("&apos;"),
                '\u{fffe}' | '\u{ffff}' => escaped.extend(character.escape_unicode()),
                _ => escaped.push(character),
            }
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Format, canned};

    #[test]
    fn the_numbers_of_the_suites_are_those_of_their_tests() {
        let text = canned::rendered(Format::Junit);
        let summary = canned::summary();
        let cases = summary.rules.len() * summary.sources.len();
        assert_eq!(text.matches("<testcase ").count(), cases);
        assert_eq!(text.matches("<testsuite ").count(), summary.sources.len());
        let failures = text.matches("<failure ").count();
        let skipped = text.matches("<skipped ").count();
        let counted = format!("tests=\"{cases}\" failures=\"{failures}\"");
        let head = format!("{counted} errors=\"0\" skipped=\"{skipped}\"");
        assert!(text.contains(&format!("<testsuites name=\"claimlint\" {head}>")), "{text}");
    }

    #[test]
    fn what_a_rule_did_not_look_at_is_skipped() {
        let mut summary = canned::passed();
        let text = canned::render(Format::Junit, &summary, &[]);
        assert!(text.contains("<skipped message=\"not-checked: no code list loaded\"/>"), "{text}");
        assert!(text.contains("<skipped message=\"not-applicable: no column mapped to charge\"/>"));
        assert!(!text.contains("<failure"));
        summary.rules.truncate(1);
        summary.rules[0].by_input = vec![3];
        summary.rules[0].outcome = Outcome::Failed;
        let text = canned::render(Format::Junit, &summary, &[]);
        assert!(text.contains("message=\"3 findings: Category II code without"), "{text}");
        assert!(text.contains("0 of 3 shown"));
    }

    #[test]
    fn nothing_from_data_ends_an_element() {
        assert_eq!(xml("a<b>&\"'\u{1}\u{fffe}\n"), "a&lt;b&gt;&amp;&quot;&apos;\\u{1}\\u{fffe}\n");
        let text = canned::rendered(Format::Junit);
        assert!(!text.contains("<img") && text.contains("&lt;img"));
    }

    #[test]
    fn snapshot() {
        insta::assert_snapshot!(canned::rendered(Format::Junit));
    }
}
