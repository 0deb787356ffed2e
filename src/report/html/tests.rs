//! What a page is made of, whatever the run was.

use super::*;
use crate::model::batch::Place;
use crate::model::{Field, RuleCategory, RuleId, RuleInfo, Scope, Severity};
use crate::report::breakdown::Share;
use crate::report::summary::{EditionUsed, Outcome, RuleSummary, SourceSummary};
use crate::report::{Format, canned};

/// The tags of a page with their attributes, in order. Text, style and script are left out.
fn tags(page: &str) -> Vec<String> {
    let mut tags = Vec::new();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once('<') {
        // An attribute's value holds no `>` here: whatever is not ours is escaped.
        let (tag, after) = after.split_once('>').expect("a tag ends");
        tags.push(tag.to_owned());
        rest = match tag {
            "style" | "script" => after.split_once(&format!("</{tag}")).expect("it ends").1,
            _ => after,
        };
    }
    tags
}

fn page<'f>(
    summary: &Summary,
    findings: impl IntoIterator<Item = &'f Finding>,
    breakdown: &Breakdown,
) -> String {
    let mut bytes = Vec::new();
    let mut sink = Html::new(Out::new("the test", &mut bytes));
    sink.begin(summary).unwrap();
    findings.into_iter().for_each(|finding| sink.finding(finding, summary).unwrap());
    sink.breakdown(breakdown).unwrap();
    sink.finish(summary).unwrap();
    drop(sink);
    String::from_utf8(bytes).unwrap()
}

/// The same run with every text from data turned into plain words.
fn plain() -> (Summary, Vec<Finding>, Breakdown) {
    let word = |text: &mut String| *text = "word".to_owned();
    let maybe = |text: &mut Option<String>| text.iter_mut().for_each(word);
    let (mut summary, mut findings) = (canned::summary(), canned::findings());
    let mut breakdown = canned::breakdown();
    for source in &mut summary.sources {
        word(&mut source.name);
        source.notes.iter_mut().for_each(word);
        source.mapping.iter_mut().flat_map(|(_, names)| names).for_each(word);
    }
    summary.notes.iter_mut().for_each(word);
    for finding in &mut findings {
        let texts = [&mut finding.claim_id, &mut finding.service_line, &mut finding.value];
        texts.into_iter().chain([&mut finding.suggestion]).for_each(maybe);
        word(&mut finding.message);
    }
    let named = breakdown.payers.iter_mut().chain(&mut breakdown.providers);
    named.for_each(|(name, _)| maybe(name));
    (summary, findings, breakdown)
}

#[test]
fn hostile_data_changes_no_tag() {
    let hostile = canned::rendered(Format::Html);
    let (summary, findings, breakdown) = plain();
    assert_eq!(tags(&hostile), tags(&page(&summary, &findings, &breakdown)));
    assert!(hostile.contains("&#60;img src=x onerror=alert(1)&#62;"), "nothing hostile is shown");
    assert!(hostile.contains("\\u{200b}") && !hostile.contains('\u{200b}'));
}

#[test]
fn there_is_one_script_and_nothing_that_acts_or_loads() {
    let tags = tags(&canned::rendered(Format::Html));
    let count = |name: &str| tags.iter().filter(|tag| tag.as_str() == name).count();
    assert_eq!((count("script"), count("style")), (1, 1));
    for tag in tags.iter().filter(|tag| !tag.starts_with("meta")) {
        assert!(!tag.contains(" on") && !tag.contains(" style="), "{tag}");
        for attribute in [" href=\"", " src=\""] {
            let Some((_, value)) = tag.split_once(attribute) else { continue };
            assert!(value.starts_with('#') || value.starts_with("data:image/"), "{tag}");
        }
    }
}

#[test]
fn the_policy_is_that_of_the_style_and_the_script() {
    let page = canned::rendered(Format::Html);
    let between = |from: &str, to: &str| {
        let (_, after) = page.split_once(from).unwrap();
        after.split_once(to).unwrap().0
    };
    let (style, script) = (between("<style>", "</style>"), between("<script>", "</script>"));
    let said = between("Content-Security-Policy\" content=\"", "\">");
    assert_eq!(said, policy::policy(style, script));
}

#[test]
fn links_lead_somewhere_and_names_are_given_once() {
    let tags = tags(&canned::rendered(Format::Html));
    let values = |attribute: &str| {
        let after = tags.iter().filter_map(|tag| Some(tag.split_once(attribute)?.1));
        after.map(|after| after.split('"').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let mut ids = values(" id=\"");
    let linked = [values("href=\"#"), values(" aria-labelledby=\"")].concat();
    for id in linked {
        assert!(ids.contains(&id), "nothing is called {id}");
    }
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all);
}

#[test]
fn counts_are_exact_and_caps_are_told() {
    let page = canned::rendered(Format::Html);
    for said in [
        "12,991 of 3,120,441 claims are not clean: 12,412 errors, 9,000,000 warnings and 2 info",
        "Showing 3 of 12,408 findings",
        "Showing 0 of 9,000,000 findings",
        "COD003 in october.csv: 9,000,000 findings",
        "99.58 %",
        "$412,340.10",
        "no code list loaded",
        "9,412,811 physical lines = 2 header",
        "1.1 GiB (1,288,490,188 bytes)",
        "<code class=\"sum\">0000",
    ] {
        assert!(page.contains(said), "{said}");
    }
}

#[test]
fn a_run_without_findings_or_without_anything_is_a_page() {
    let clean = page(&canned::passed(), [], &Breakdown::default());
    assert!(clean.contains("<section class=\"verdict clean\""));
    assert!(clean.contains("No findings: 9,412,805 lines of 3,120,441 claims checked by 4 rules."));
    assert!(clean.contains("1 rule could not look at everything that it is about."));
    let nothing = page(&Summary::default(), [], &Breakdown::default());
    assert!(nothing.contains("No findings: 0 lines of 0 claims checked by 0 rules."));
    assert!(nothing.ends_with("</html>\n"));
}

/// A text that takes as much room as any.
fn wide() -> String {
    "\"&'<".repeat(500)
}

/// A run in which there is as much of everything as there may be.
fn huge() -> (Summary, Vec<Finding>, Breakdown) {
    let mut summary = canned::summary();
    let doc = format!("## Why it matters\n{}\n## How to fix\n{}\n", wide(), wide());
    let doc: &'static str = doc.leak();
    let rules = (0..300_u16).map(|at| {
        let info = RuleInfo {
            code: format!("AAA{at:03}").leak(),
            name: "a",
            title: wide().leak(),
            fix: wide().leak(),
            scope: Scope::Line,
            category: RuleCategory::ALL[usize::from(at) % RuleCategory::ALL.len()],
            severity: Severity::Error,
            since: "0.1.0",
            reads: &[],
            needs: &[],
            doc,
            file: "",
            own: None,
        };
        RuleSummary {
            id: RuleId(at),
            info: Box::leak(Box::new(info)),
            outcome: Outcome::Failed,
            found: u64::MAX / 600,
            alarmed: Vec::new(),
            ..summary.rules[1].clone()
        }
    });
    summary.rules = rules.collect();
    let source = &mut summary.sources[0];
    source.name = wide();
    source.delimiter = wide();
    source.mapping = Field::ALL.iter().map(|field| (*field, vec![wide(); 6])).collect();
    source.notes = vec![wide(); 100];
    summary.sources.truncate(1);
    summary.sources = vec![summary.sources[0].clone(); 13];
    let bare = SourceSummary { name: wide(), ..SourceSummary::default() };
    summary.sources.resize(300, bare);
    let edition =
        EditionUsed { name: wide(), sha256: vec![wide(); 50], ..summary.editions[0].clone() };
    summary.editions = vec![edition; 100];
    let text = || Some(wide());
    let finding = Finding {
        place: Place { source: 0, record: u64::MAX, line: u64::MAX, byte: 0 },
        claim_id: text(),
        service_line: text(),
        value: text(),
        message: wide(),
        suggestion: text(),
        context: crate::model::Context { payer: text(), rendering: text(), day: None },
        snippet: None,
        ..canned::category_two()
    };
    let findings =
        (0..300).map(|at| Finding { rule: RuleId(at), ..finding.clone() }).collect::<Vec<_>>();
    let share = Share { findings: u64::MAX / 9, ..Share::default() };
    let names: Vec<_> =
        (0..10_000).map(|at| (Some(format!("{at}{}", "<".repeat(400))), share)).collect();
    let weeks = canned::breakdown().weeks;
    let breakdown =
        Breakdown { payers: names.clone(), providers: names, weeks, beyond: [share; 3] };
    (summary, findings, breakdown)
}

#[test]
fn no_page_is_too_large() {
    let (summary, findings, breakdown) = huge();
    let findings = findings.iter().flat_map(|finding| std::iter::repeat_n(finding, 50));
    let page = page(&summary, findings, &breakdown);
    assert!(page.len() < PAGE_BYTES_MAX, "{} bytes", page.len());
    assert!(page.len() > 1_000_000);
    assert_eq!(page.matches("<details class=\"card rule").count(), 300);
    assert!(page.contains(", for want of room."));
    assert!(page.contains(" of 10,000 payers are in the table."));
    assert!(page.contains("Not shown: 88 more inputs."));
    assert!(page.contains("Not shown: 40 more editions."));
}
