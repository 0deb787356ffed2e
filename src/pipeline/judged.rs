//! What came of judging some groups: findings, counts, and what claims must know of it.

use std::collections::BTreeMap;

use crate::exchange::groups::Groups;
use crate::exchange::{RowsBuilder, units};
use crate::lint::Tally;
use crate::model::batch::Place;
use crate::pipeline::hits::REJECTED;
use crate::pipeline::plan::Plan;

/// What the groups of a partition turned out to be.
pub struct Judged {
    /// Findings, encoded one by one.
    pub findings: Vec<Vec<u8>>,
    /// The bytes of the findings.
    pub bytes: usize,
    /// Counts by input, for those inputs that have kept lines here.
    pub tallies: BTreeMap<u32, Tally>,
    /// Groups.
    pub groups: u64,
    /// Groups without a finding of any rule.
    pub clean: u64,
    /// Groups with a finding, by rule.
    pub groups_by_rule: Vec<u64>,
    /// What claims must know of findings that came of another grouping.
    pub hits: Option<RowsBuilder>,
    /// What is rejected of them.
    pub rejected: Box<Rejects>,
}

/// What is rejected of some groups.
#[derive(Debug, Default)]
pub struct Rejects {
    /// Claims, and records that belong to none.
    pub units: Vec<u128>,
    /// How many claims.
    pub claims: u64,
    /// Lines of these claims.
    pub lines: u64,
}

impl Judged {
    /// Nothing yet, of lines whose claims must know what is found.
    pub fn passing_on(plan: &Plan) -> Judged {
        Judged {
            findings: Vec::new(),
            bytes: 0,
            tallies: BTreeMap::new(),
            groups: 0,
            clean: 0,
            groups_by_rule: vec![0; plan.registry.len()],
            hits: Some(RowsBuilder::default()),
            rejected: Box::default(),
        }
    }

    /// Notes that a record which belongs to no claim is rejected.
    pub fn reject_record(&mut self, place: Place) {
        self.rejected.units.push(units::of_record(place.source, place.record));
    }

    /// Notes the claims that are rejected.
    pub fn reject_claims(&mut self, groups: &Groups) {
        for at in 0..groups.len() {
            if groups.more(at).is_some_and(|more| more.hits & REJECTED != 0) {
                self.rejected.units.push(units::of_claim(groups.key(at)));
                self.rejected.claims += 1;
                self.rejected.lines += groups.lines_and_facts(at).0;
            }
        }
    }

    /// Bytes of what claims must know.
    pub fn hits_bytes(&self) -> usize {
        self.hits.as_ref().map_or(0, RowsBuilder::bytes)
    }

    /// What was found so far, to be handed on: findings, and what claims must know of them.
    pub fn hand_on(&mut self) -> (Vec<Vec<u8>>, Option<RowsBuilder>) {
        self.bytes = 0;
        (std::mem::take(&mut self.findings), self.hits.as_mut().map(std::mem::take))
    }
}
