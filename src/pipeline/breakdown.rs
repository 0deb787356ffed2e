//! What all findings come to by payer, provider and week: in parts, which are put together.
//!
//! Findings of a line follow one another, but a part may end between them. So a part keeps its
//! first line apart until it is known whether the part before ended with the same line.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;

use crate::model::finding::FindingView;
use crate::model::{Cents, Date, Scope};
use crate::pipeline::findings::add_amount;
use crate::report::breakdown::Share;
use crate::report::render::ByRule;
use crate::report::summary::RuleSummary;
use crate::report::{Breakdown, Summary};

/// How many payers, and how many providers, are told apart; and how many bytes of their names.
const NAMES_MAX: usize = 10_000;
const NAME_BYTES_MAX: usize = 4 << 20;

/// How many weeks of service are told apart: forty years of them.
const WEEKS_MAX: usize = 2_000;

/// What tells lines apart: input, record, and byte, since a record may hold several lines.
type LineId = (u32, u64, u64);

/// The rules whose findings are about records that are no lines.
pub struct OfRecords(ByRule<bool>);

impl OfRecords {
    /// Those of a run.
    pub fn new(summary: &Summary) -> Self {
        let is_one = |rule: &RuleSummary| rule.info.scope == Scope::Record;
        Self(ByRule::new(summary, |rule, _| rule.is_some_and(is_one)))
    }

    fn contains(&self, finding: &FindingView<'_>) -> bool {
        *self.0.get(finding.rule, finding.severity)
    }
}

/// The findings of a part of a run.
///
/// Findings for which a mapping alarm stands count like all others. Alarms about a whole input do
/// not count, since they are about no line. Findings about records that are no lines count as
/// findings, of no payer, provider and week; lines and charges are those of service lines only, so
/// that the charges of all payers add up to those of the run.
#[derive(Debug)]
pub struct Part {
    tables: Tables,
    /// The first line, which the tables do not have yet.
    first: Option<FirstLine>,
    last: Option<LineId>,
}

#[derive(Debug)]
struct FirstLine {
    id: LineId,
    at: Entry,
    amount: Option<Cents>,
}

impl Default for Part {
    /// No findings yet.
    fn default() -> Self {
        let tables = Tables {
            payers: Table::new(usize::MAX, usize::MAX),
            providers: Table::new(usize::MAX, usize::MAX),
            weeks: Table::new(usize::MAX, usize::MAX),
        };
        Self { tables, first: None, last: None }
    }
}

impl Part {
    /// Counts the next finding.
    pub fn add(&mut self, finding: &FindingView<'_>, of_records: &OfRecords) {
        let place = finding.place;
        if place.record == 0 {
            return;
        }
        let context = &finding.context;
        let at = self.tables.entry(context.payer, context.rendering, context.day.map(monday));
        self.tables.add(at, &Share { findings: 1, ..Share::default() });
        let id = (place.source, place.record, place.byte);
        if of_records.contains(finding) || self.last == Some(id) {
            return;
        }
        self.last = Some(id);
        match self.first {
            None => self.first = Some(FirstLine { id, at, amount: finding.amount }),
            Some(_) => self.tables.add(at, &line(finding.amount)),
        }
    }
}

/// What a line adds to the sums, its findings apart.
fn line(amount: Option<Cents>) -> Share {
    let mut share = Share { lines: 1, ..Share::default() };
    add_amount(&mut share.at_risk, &mut share.charges_unread, amount);
    share
}

/// The Monday on or before a day.
fn monday(day: Date) -> Date {
    // The first day that is counted from was a Thursday.
    let since = (day.days() + 3).rem_euclid(7);
    Date::from_days(day.days() - since).unwrap_or(day)
}

/// The parts put together, in the order of their findings.
#[derive(Debug)]
pub struct Whole {
    tables: Tables,
    last: Option<LineId>,
}

impl Default for Whole {
    /// Of no parts yet, with as much room as a report may need.
    fn default() -> Self {
        Self::with_room(NAMES_MAX, NAME_BYTES_MAX, WEEKS_MAX)
    }
}

impl Whole {
    fn with_room(names: usize, bytes: usize, weeks: usize) -> Self {
        let tables = Tables {
            payers: Table::new(names, bytes),
            providers: Table::new(names, bytes),
            weeks: Table::new(weeks, usize::MAX),
        };
        Self { tables, last: None }
    }

    /// Adds the next part.
    pub fn add(&mut self, mut part: Part) {
        if let Some(first) = part.first.filter(|first| self.last != Some(first.id)) {
            part.tables.add(first.at, &line(first.amount));
        }
        self.last = part.last.or(self.last);
        self.tables.payers.merge(part.tables.payers);
        self.tables.providers.merge(part.tables.providers);
        self.tables.weeks.merge(part.tables.weeks);
    }

    /// What all of it comes to.
    pub fn finish(self) -> Breakdown {
        let Tables { payers, providers, weeks } = self.tables;
        Breakdown {
            beyond: [payers.beyond, providers.beyond, weeks.beyond],
            payers: payers.shares,
            providers: providers.shares,
            weeks: weeks.shares,
        }
    }
}

/// Where a finding is counted in each table; nowhere past the bound of the table.
type Entry = [Option<usize>; 3];

#[derive(Debug)]
struct Tables {
    payers: Table<String>,
    providers: Table<String>,
    weeks: Table<Date>,
}

impl Tables {
    fn entry(&mut self, payer: Option<&str>, provider: Option<&str>, week: Option<Date>) -> Entry {
        let (payers, providers) = (self.payers.entry(payer), self.providers.entry(provider));
        [payers, providers, self.weeks.entry(week.as_ref())]
    }

    fn add(&mut self, [payer, provider, week]: Entry, share: &Share) {
        add(self.payers.at(payer), share);
        add(self.providers.at(provider), share);
        add(self.weeks.at(week), share);
    }
}

fn add(to: &mut Share, share: &Share) {
    to.findings += share.findings;
    to.lines += share.lines;
    to.at_risk += share.at_risk;
    to.charges_unread += share.charges_unread;
}

/// Shares by what they have in common, in the order in which that came first.
#[derive(Debug)]
struct Table<K> {
    shares: Vec<(Option<K>, Share)>,
    known: HashMap<K, usize>,
    /// Where those are that have nothing of the kind: there is always room for them.
    nothing: Option<usize>,
    /// How many more keys, and bytes of them, may become known. What has no room the first time
    /// never has any, so that the parts do not matter.
    room: usize,
    bytes: usize,
    beyond: Share,
    latest: Option<usize>,
}

impl<K: Hash + Eq + Clone> Table<K> {
    fn new(room: usize, bytes: usize) -> Self {
        let (shares, known, beyond) = (Vec::new(), HashMap::new(), Share::default());
        Self { shares, known, nothing: None, room, bytes, beyond, latest: None }
    }

    /// Where a key is counted.
    fn entry<Q>(&mut self, key: Option<&Q>) -> Option<usize>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        let latest = self.latest.and_then(|at| self.shares.get(at));
        if latest.is_some_and(|(known, _)| known.as_ref().map(Borrow::borrow) == key) {
            return self.latest;
        }
        let next = self.shares.len();
        let at = match key {
            None => *self.nothing.get_or_insert(next),
            Some(key) => match self.known.get(key) {
                Some(at) => *at,
                None => {
                    self.bytes =
                        self.bytes.checked_sub(size_of_val(key)).filter(|_| self.room > 0)?;
                    self.room -= 1;
                    self.known.insert(key.to_owned(), next);
                    next
                }
            },
        };
        if at == next {
            self.shares.push((key.map(ToOwned::to_owned), Share::default()));
        }
        self.latest = Some(at);
        self.latest
    }

    /// The share of an entry.
    fn at(&mut self, entry: Option<usize>) -> &mut Share {
        match entry.and_then(|at| self.shares.get_mut(at)) {
            Some((_, share)) => share,
            None => &mut self.beyond,
        }
    }

    /// Adds all shares of another table.
    fn merge(&mut self, other: Table<K>) {
        for (key, share) in &other.shares {
            let entry = self.entry::<K>(key.as_ref());
            add(self.at(entry), share);
        }
        add(&mut self.beyond, &other.beyond);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::model::batch::Place;
    use crate::model::{Context, Finding, RuleCategory, RuleId, RuleInfo, Severity};
    use crate::report::summary::Outcome;

    static OF_LINES: RuleInfo = RuleInfo {
        code: "AAA001",
        name: "a",
        title: "A",
        fix: "a",
        scope: Scope::Line,
        category: RuleCategory::Claim,
        severity: Severity::Error,
        since: "0.1.0",
        reads: &[],
        needs: &[],
        doc: "",
        file: "",
        own: None,
    };
    static OF_RECORDS: RuleInfo = RuleInfo { code: "BBB001", scope: Scope::Record, ..OF_LINES };

    fn summary() -> Summary {
        let rule = |at, info| RuleSummary {
            severities: [0; 3],
            excused: Default::default(),
            id: RuleId(at),
            info,
            severity: Severity::Error,
            found: 1,
            claims: 0,
            judged: 0,
            at_risk: Cents(0),
            charges_unread: 0,
            outcome: Outcome::Failed,
            alarmed: vec![0],
            by_input: Vec::new(),
        };
        let rules = vec![rule(0, &OF_LINES), rule(1, &OF_LINES), rule(2, &OF_RECORDS)];
        Summary { rules, ..Summary::default() }
    }

    /// What a line has, by its place: the findings of a line agree on it.
    type LineFacts = (Option<String>, Option<String>, Option<i32>, Option<i64>);

    fn findings() -> impl Strategy<Value = Vec<Finding>> {
        let name = || proptest::option::of("[ab]{1,2}");
        let facts =
            (name(), name(), proptest::option::of(-20..20_i32), proptest::option::of(-9..9_i64));
        let place = (0..2_u32, 0..6_u64, 0..2_u64);
        let lines = proptest::collection::btree_map(
            place,
            (facts, proptest::collection::btree_set(0..2_u16, 1..3), any::<bool>()),
            0..20,
        );
        lines.prop_map(|lines| lines.into_iter().flat_map(|(p, l)| of_line(p, l)).collect())
    }

    fn of_line(
        (source, record, byte): LineId,
        ((payer, rendering, day, cents), rules, is_line): (
            LineFacts,
            std::collections::BTreeSet<u16>,
            bool,
        ),
    ) -> Vec<Finding> {
        let rules: Vec<u16> = if is_line { rules.into_iter().collect() } else { vec![2] };
        let finding = |rule| Finding {
            rule: RuleId(rule),
            severity: Severity::Error,
            place: Place { source, record, line: record, byte },
            claim_id: None,
            service_line: None,
            field: None,
            value: None,
            message: String::new(),
            suggestion: None,
            related: Vec::new(),
            amount: cents.map(|cents| Cents(i128::from(cents))),
            context: Context {
                payer: payer.clone(),
                rendering: rendering.clone(),
                day: day.and_then(Date::from_days),
            },
            snippet: None,
        };
        rules.into_iter().map(finding).collect()
    }

    /// Shares by key, the key as text and in order; what is beyond `room` keys is under `beyond`.
    fn slow(
        findings: &[Finding],
        room: usize,
        key: impl Fn(&Finding) -> Option<String>,
    ) -> Vec<(String, Share)> {
        let mut keys: Vec<String> = Vec::new();
        let mut shares: BTreeMap<String, Share> = BTreeMap::new();
        let mut lines: Vec<LineId> = Vec::new();
        for finding in findings.iter().filter(|finding| finding.place.record > 0) {
            let name = match key(finding) {
                None => "nothing".to_owned(),
                Some(key) if keys.contains(&key) => key,
                Some(key) if keys.len() < room => {
                    keys.push(key.clone());
                    key
                }
                Some(_) => "beyond".to_owned(),
            };
            let share = shares.entry(name).or_default();
            share.findings += 1;
            let id = (finding.place.source, finding.place.record, finding.place.byte);
            if finding.rule != RuleId(2) && !lines.contains(&id) {
                lines.push(id);
                share.lines += 1;
                match finding.amount {
                    Some(amount) => share.at_risk += amount,
                    None => share.charges_unread += 1,
                }
            }
        }
        shares.into_iter().collect()
    }

    fn sorted<K>(
        shares: Vec<(Option<K>, Share)>,
        beyond: Share,
        name: impl Fn(K) -> String,
    ) -> Vec<(String, Share)> {
        let named = |key: Option<K>| key.map_or("nothing".to_owned(), &name);
        let mut all: Vec<_> = shares.into_iter().map(|(key, share)| (named(key), share)).collect();
        if beyond != Share::default() {
            all.push(("beyond".to_owned(), beyond));
        }
        all.sort_by(|one, other| one.0.cmp(&other.0));
        all
    }

    fn broken_down(findings: &[Finding], cuts: &[usize], room: usize) -> Breakdown {
        let of_records = OfRecords::new(&summary());
        let mut whole = Whole::with_room(room, usize::MAX, room);
        let mut rest = findings;
        for cut in cuts.iter().chain([&usize::MAX]) {
            let (part, after) = rest.split_at((*cut).min(rest.len()));
            rest = after;
            let mut counted = Part::default();
            part.iter().for_each(|finding| counted.add(&finding.view(), &of_records));
            whole.add(counted);
        }
        whole.finish()
    }

    proptest! {
        #[test]
        fn any_slicing_comes_to_what_a_slow_count_says(
            findings in findings(),
            cuts in proptest::collection::vec(0..3_usize, 0..40),
            room in 0..7_usize,
        ) {
            let got = broken_down(&findings, &cuts, room);
            prop_assert_eq!(&got, &broken_down(&findings, &[], room));
            let [payers, providers, weeks] = got.beyond;
            prop_assert_eq!(
                sorted(got.payers, payers, |name| name),
                slow(&findings, room, |finding| finding.context.payer.clone())
            );
            prop_assert_eq!(
                sorted(got.providers, providers, |name| name),
                slow(&findings, room, |finding| finding.context.rendering.clone())
            );
            prop_assert_eq!(
                sorted(got.weeks, weeks, |week| week.to_string()),
                slow(&findings, room, |finding| finding.context.day.map(|d| monday(d).to_string()))
            );
        }
    }

    #[test]
    fn names_are_bounded_by_their_bytes() {
        let mut table: Table<String> = Table::new(9, 5);
        let entries = ["abc", "abcd", "de", "abcd", "f", "abc"].map(|name| table.entry(Some(name)));
        assert_eq!(entries, [Some(0), None, Some(1), None, None, Some(0)]);
        assert_eq!(table.entry::<str>(None), Some(2));
    }

    #[test]
    fn weeks_begin_on_monday() {
        for (day, want) in [
            ("2026-10-04", "2026-09-28"),
            ("2026-10-05", "2026-10-05"),
            ("1969-12-28", "1969-12-22"),
            ("0001-01-01", "0001-01-01"),
        ] {
            let day = Date::parse(day.as_bytes()).value().unwrap();
            assert_eq!(monday(day).to_string(), want);
        }
    }
}
