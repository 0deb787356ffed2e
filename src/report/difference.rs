//! What is new, fixed and still open between the findings of two runs.
//!
//! Findings are the same when rule, claim and fingerprint are; equal ones are matched one to one.
//! What has no claim number has nothing to be known again by and is only counted. In memory there
//! are hashes of 128 bits, with a key that nobody knows, and the names of groups; no claim number.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher as _, BuildHasherDefault, Hasher};

use xxhash_rust::xxh3::xxh3_128_with_seed;

use crate::error::{Error, Result};
use crate::model::Cents;
use crate::report::listed::{Listed, ListedFile};

/// More findings of a run than this are not compared: each takes up to 100 bytes.
pub const FINDINGS_MAX: u64 = 20_000_000;

/// More payers or providers than this are not told apart.
const GROUPS_MAX: usize = 20_000;

/// Stands for the payers or providers beyond the first `GROUPS_MAX`.
pub const OTHERS: &str = "(others)";

/// Stands for what a finding does not say.
pub const NOT_SAID: &str = "(not said)";

/// What became of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Only the later run has it.
    New,
    /// Only the earlier run has it.
    Fixed,
    /// Both have it.
    Open,
}

impl Change {
    /// All of them, in the order of reports.
    pub const ALL: [Change; 3] = [Change::New, Change::Fixed, Change::Open];

    /// The word in reports.
    pub fn name(self) -> &'static str {
        match self {
            Change::New => "new",
            Change::Fixed => "fixed",
            Change::Open => "open",
        }
    }
}

/// How much of something there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Findings.
    pub findings: u64,
    /// Claims with at least one of them.
    pub claims: u64,
    /// The charges of their lines: of a rule, of each finding; else of each line once.
    pub dollars: Cents,
    /// Findings whose line has no readable charge.
    pub without_amount: u64,
}

/// The counts of each change, in the order of [`Change::ALL`].
pub type Counts = [Count; 3];

/// What is between two runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// Findings of the two runs.
    pub findings: [u64; 2],
    /// All findings on claims.
    pub all: Counts,
    /// By the code of the rule.
    pub by_rule: Vec<(String, Counts)>,
    /// By payer; empty where no finding says it.
    pub by_payer: Vec<(String, Counts)>,
    /// By provider; empty where no finding says it.
    pub by_provider: Vec<(String, Counts)>,
    /// Findings without a claim number in the two runs, by rule.
    pub without_claim: BTreeMap<String, [u64; 2]>,
}

impl Difference {
    /// The findings that are certainly new: those on claims, and of those without a claim number as
    /// many as there are more of a rule than before.
    pub fn new_at_least(&self) -> u64 {
        let more = self.without_claim.values().map(|[old, new]| new.saturating_sub(*old));
        let [new, ..] = self.all;
        more.fold(new.findings, u64::saturating_add)
    }
}

/// The findings of two runs, ready to be compared.
pub struct Comparison<'f> {
    old: &'f ListedFile,
    new: &'f ListedFile,
    seed: u64,
    /// Those of the earlier run on claims, sorted, each once.
    keys: Vec<u128>,
    /// How many of each there are, and how many of them the later run has.
    counts: Vec<[u32; 2]>,
    findings: [u64; 2],
}

impl<'f> Comparison<'f> {
    /// Reads both runs to their ends.
    ///
    /// # Errors
    /// A run that cannot be read to its end, or with too many findings.
    pub fn new(old: &'f ListedFile, new: &'f ListedFile) -> Result<Comparison<'f>> {
        let mut comparison = Comparison {
            old,
            new,
            seed: RandomState::new().build_hasher().finish(),
            keys: Vec::new(),
            counts: Vec::new(),
            findings: [0; 2],
        };
        let mut all = Vec::new();
        let of_old = old.each(|finding, _| {
            all.extend(comparison.key(finding));
            bounded(all.len() as u64, old)
        })?;
        all.sort_unstable();
        for same in all.chunk_by(|one, other| one == other) {
            comparison.keys.extend(same.first());
            comparison.counts.push([same.len() as u32, 0]);
        }
        drop(all);
        let mut of_new = 0;
        let read = new.each(|finding, _| {
            of_new += 1;
            bounded(of_new, new)?;
            if let Some(at) = comparison.find(finding) {
                let count = comparison.counts.get_mut(at);
                count.into_iter().for_each(|[there, met]| *met += u32::from(*met < *there));
            }
            Ok(())
        })?;
        comparison.findings = [of_old, read];
        Ok(comparison)
    }

    /// What makes a finding on a claim the same one.
    fn key(&self, finding: &Listed<'_>) -> Option<u128> {
        let claim = finding.claim.as_deref()?;
        let mut bytes = Vec::with_capacity(64);
        bytes.extend_from_slice(&finding.fingerprint.to_le_bytes());
        for text in [&finding.rule, claim] {
            bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        Some(xxh3_128_with_seed(&bytes, self.seed))
    }

    fn find(&self, finding: &Listed<'_>) -> Option<usize> {
        self.keys.binary_search(&self.key(finding)?).ok()
    }

    /// Hands on every finding on a claim with what became of it: first those of the later run, then
    /// those that only the earlier run has; and every finding without a claim number, of both runs,
    /// with the run that it is of (0 or 1).
    ///
    /// # Errors
    /// A run that changed meanwhile, and what `each` fails with.
    pub fn each(
        &self,
        mut each: impl FnMut(Result<Change, usize>, &Listed<'_>, &[u8]) -> Result<()>,
    ) -> Result<()> {
        let mut left: Vec<u32> = self.counts.iter().map(|[_, met]| *met).collect();
        // Of equal findings, the first ones of either run are those that both have.
        let is_open = |finding: &Listed<'_>, left: &mut [u32]| {
            let left = self.find(finding).and_then(|at| left.get_mut(at));
            left.filter(|left| **left > 0).map(|left| *left -= 1).is_some()
        };
        let new = self.new.each(|finding, line| {
            let change = match finding.claim {
                None => Err(1),
                Some(_) if is_open(finding, &mut left) => Ok(Change::Open),
                Some(_) => Ok(Change::New),
            };
            each(change, finding, line)
        })?;
        left = self.counts.iter().map(|[_, met]| *met).collect();
        let old = self.old.each(|finding, line| match finding.claim {
            None => each(Err(0), finding, line),
            Some(_) if is_open(finding, &mut left) => Ok(()),
            Some(_) => each(Ok(Change::Fixed), finding, line),
        })?;
        match [old, new] == self.findings {
            true => Ok(()),
            false => Err(Error::incomplete("the findings changed while they were compared")),
        }
    }

    /// Counts what is between the runs.
    ///
    /// # Errors
    /// As for [`Comparison::each`].
    pub fn count(&self) -> Result<Difference> {
        let mut tallies = Tallies {
            seed: self.seed,
            all: Group::default(),
            kinds: Default::default(),
            claims: HashSet::default(),
            last: [None; 3],
        };
        let mut without_claim: BTreeMap<String, [u64; 2]> = BTreeMap::new();
        self.each(|change, finding, _| {
            match change {
                Ok(change) => tallies.add(change, finding),
                Err(run) => {
                    let counts = match without_claim.get_mut(finding.rule.as_ref()) {
                        Some(counts) => counts,
                        None => without_claim.entry(finding.rule.to_string()).or_default(),
                    };
                    counts.get_mut(run).into_iter().for_each(|count| *count += 1);
                }
            }
            Ok(())
        })?;
        let Tallies { all, kinds: [rules, payers, providers], .. } = tallies;
        Ok(Difference {
            findings: self.findings,
            all: all.counts,
            by_rule: rules.sorted(),
            by_payer: payers.said(),
            by_provider: providers.said(),
            without_claim,
        })
    }
}

fn bounded(findings: u64, of: &ListedFile) -> Result<()> {
    match findings > FINDINGS_MAX {
        false => Ok(()),
        true => {
            let what = format!("{}: more than {FINDINGS_MAX} findings", of.path().display());
            Err(Error::input(what).with_help("check with fewer rules, such as --select CII"))
        }
    }
}

/// The counts of one group.
#[derive(Debug, Clone, Default)]
struct Group {
    name: String,
    counts: Counts,
}

/// Groups by name.
#[derive(Debug, Clone, Default)]
struct Groups {
    numbers: BTreeMap<String, usize>,
    groups: Vec<Group>,
}

impl Groups {
    /// The number of a name; all beyond the first ones share one.
    fn number(&mut self, name: &str) -> usize {
        let name = if self.groups.len() >= GROUPS_MAX && !self.numbers.contains_key(name) {
            OTHERS
        } else {
            name
        };
        if let Some(known) = self.numbers.get(name) {
            return *known;
        }
        self.groups.push(Group { name: name.to_owned(), counts: Counts::default() });
        self.numbers.insert(name.to_owned(), self.groups.len() - 1);
        self.groups.len() - 1
    }

    /// The groups: those with most that is new first, then with most that is open.
    fn sorted(self) -> Vec<(String, Counts)> {
        let mut all: Vec<(String, Counts)> =
            self.groups.into_iter().map(|group| (group.name, group.counts)).collect();
        all.sort_by(|(name, [new, fixed, open]), (other, [new_2, fixed_2, open_2])| {
            let most = (new_2.findings, open_2.findings, fixed_2.findings);
            most.cmp(&(new.findings, open.findings, fixed.findings)).then(name.cmp(other))
        });
        all
    }

    /// The same; nothing where no finding says it.
    fn said(self) -> Vec<(String, Counts)> {
        let is_said = self.groups.iter().any(|group| group.name != NOT_SAID);
        if is_said { self.sorted() } else { Vec::new() }
    }
}

/// The counts in the making.
struct Tallies {
    seed: u64,
    all: Group,
    /// By rule, payer and provider.
    kinds: [Groups; 3],
    /// Which claims were counted where.
    claims: HashSet<u128, BuildHasherDefault<Taken>>,
    /// The line of the last finding of each change: findings of one line follow each other.
    last: [Option<u128>; 3],
}

impl Tallies {
    fn add(&mut self, change: Change, finding: &Listed<'_>) {
        let claim = self.hash(&[finding.claim.as_deref().unwrap_or_default().as_bytes()]);
        let (file, record, byte) = &finding.place;
        let place = [*record, *byte].map(|number| number.unwrap_or_default().to_le_bytes());
        let line = self.hash(&[file.as_bytes(), &place.concat()]);
        let last = self.last.get_mut(change as usize);
        let is_first = last.is_none_or(|last| last.replace(line) != Some(line));
        let names = [
            finding.rule.as_ref(),
            finding.payer.as_deref().unwrap_or(NOT_SAID),
            finding.provider.as_deref().unwrap_or(NOT_SAID),
        ];
        let of_all = self.is_first_of_claim(&[change as usize], claim);
        add(&mut self.all, change, finding, of_all, is_first);
        for (kind, name) in names.into_iter().enumerate() {
            let Some(group) = self.kinds.get_mut(kind).map(|groups| groups.number(name)) else {
                continue;
            };
            let of_group = self.is_first_of_claim(&[change as usize, kind, group], claim);
            let group = self.kinds.get_mut(kind).and_then(|of| of.groups.get_mut(group));
            // A rule is charged with what each of its findings is about.
            let is_first = is_first || kind == 0;
            group.into_iter().for_each(|of| add(of, change, finding, of_group, is_first));
        }
    }

    fn is_first_of_claim(&mut self, of: &[usize], claim: u128) -> bool {
        let of: Vec<u8> = of.iter().flat_map(|number| (*number as u64).to_le_bytes()).collect();
        let key = self.hash(&[&of, &claim.to_le_bytes()]);
        self.claims.insert(key)
    }

    fn hash(&self, parts: &[&[u8]]) -> u128 {
        let mut bytes = Vec::with_capacity(64);
        for part in parts {
            bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
            bytes.extend_from_slice(part);
        }
        xxh3_128_with_seed(&bytes, self.seed)
    }
}

fn add(group: &mut Group, change: Change, finding: &Listed<'_>, of_claim: bool, of_line: bool) {
    let Some(count) = group.counts.get_mut(change as usize) else { return };
    count.findings += 1;
    count.claims += u64::from(of_claim);
    match finding.amount {
        Some(amount) if of_line => count.dollars += amount,
        Some(_) => {}
        None => count.without_amount += 1,
    }
}

/// The hash of what is a hash.
#[derive(Default)]
struct Taken(u64);

impl Hasher for Taken {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        let first = bytes.first_chunk::<8>();
        self.0 = first.map_or(0, |first| u64::from_ne_bytes(*first));
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;

    /// A finding, written plainly: rule, claim, fingerprint, line, payer, amount.
    type Plain = (u8, Option<u8>, u8, u64, u8, Option<i16>);

    fn listed(findings: &[Plain]) -> (tempfile::TempDir, ListedFile) {
        let line = |(rule, claim, print, line, payer, amount): &Plain| {
            let object = serde_json::json!({
                "schema": "claimlint.finding/1", "rule": format!("R{rule}"), "file": "a.csv",
                "record": line, "byte": line * 7, "claim_id": claim.map(|c| format!("C{c}")),
                "amount": amount.map(|cents| Cents(cents.into()).to_string()),
                "fingerprint": format!("{print:032x}"), "payer": format!("P{payer}"),
            });
            format!("{object}\n")
        };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("findings.ndjson");
        fs::write(&path, findings.iter().map(line).collect::<String>()).unwrap();
        let file = ListedFile::open(&path).unwrap();
        (folder, file)
    }

    /// What a difference means: multisets, counted one by one.
    fn slow(old: &[Plain], new: &[Plain], of: impl Fn(&Plain) -> bool, by_rule: bool) -> Counts {
        let key = |f: &Plain| (f.0, f.1, f.2);
        let split = |these: &[Plain], others: &[Plain]| {
            let mut others: Vec<_> = others.iter().map(key).collect();
            let mut parts: [Vec<Plain>; 2] = Default::default();
            for finding in these.iter().filter(|f| f.1.is_some()) {
                match others.iter().position(|other| *other == key(finding)) {
                    Some(at) => {
                        others.swap_remove(at);
                        parts[0].push(*finding);
                    }
                    None => parts[1].push(*finding),
                }
            }
            parts
        };
        let [open, only_new] = split(new, old);
        let [_, fixed] = split(old, new);
        [only_new, fixed, open].map(|findings| {
            let mut lines = Vec::new();
            let mut count = Count::default();
            let mut claims = std::collections::BTreeSet::new();
            for finding in &findings {
                let is_first = lines.last() != Some(&finding.3);
                lines.push(finding.3);
                if !of(finding) {
                    continue;
                }
                count.findings += 1;
                claims.insert(finding.1);
                match finding.5 {
                    Some(cents) if is_first || by_rule => count.dollars += Cents(cents.into()),
                    Some(_) => {}
                    None => count.without_amount += 1,
                }
            }
            Count { claims: claims.len() as u64, ..count }
        })
    }

    fn plain() -> impl Strategy<Value = Vec<Plain>> {
        let one = (0..3_u8, prop::option::of(0..4_u8), 0..3_u8, 0..9_u64, 0..3_u8, any::<i16>());
        let one = one.prop_map(|(rule, claim, print, line, payer, cents)| {
            (rule, claim, print, line, payer, (cents % 5 != 0).then_some(cents))
        });
        prop::collection::vec(one, 0..40)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn a_difference_is_that_of_multisets(old in plain(), new in plain()) {
            let files = [listed(&old), listed(&new)];
            let comparison = Comparison::new(&files[0].1, &files[1].1).unwrap();
            let found = comparison.count().unwrap();
            prop_assert_eq!(found.findings, [old.len() as u64, new.len() as u64]);
            prop_assert_eq!(found.all, slow(&old, &new, |_| true, false));
            for (name, counts) in &found.by_rule {
                let of = |f: &Plain| format!("R{}", f.0) == *name;
                prop_assert_eq!(*counts, slow(&old, &new, of, true), "{}", name);
            }
            for (name, counts) in &found.by_payer {
                let of = |f: &Plain| format!("P{}", f.4) == *name;
                prop_assert_eq!(*counts, slow(&old, &new, of, false), "{}", name);
            }
            prop_assert!(found.by_provider.is_empty());
            for (at, all) in [&old, &new].into_iter().enumerate() {
                let outside = all.iter().filter(|f| f.1.is_none()).count() as u64;
                let counted: u64 = found.without_claim.values().map(|counts| counts[at]).sum();
                prop_assert_eq!(counted, outside);
            }
            let [new_findings, fixed, open] = found.all;
            let outside = |at: usize| found.without_claim.values().map(|c| c[at]).sum::<u64>();
            prop_assert_eq!(new_findings.findings + open.findings + outside(1), new.len() as u64);
            prop_assert_eq!(fixed.findings + open.findings + outside(0), old.len() as u64);
        }
    }

    #[test]
    fn what_comes_after_the_first_names_is_counted_together() {
        let mut groups = Groups::default();
        for at in 0..GROUPS_MAX + 5 {
            let number = groups.number(&format!("N{at}"));
            assert_eq!(number, at.min(GROUPS_MAX));
        }
        assert_eq!(groups.number("N3"), 3);
        assert_eq!(groups.groups.len(), GROUPS_MAX + 1);
    }
}
