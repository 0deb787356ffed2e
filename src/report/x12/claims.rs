//! 277CA: which claims are accepted (005010X214).

use crate::error::Result;
use crate::model::{Cents, Date};
use crate::report::Out;
use crate::report::x12::writer::{Acknowledgement, Group, Interchange, plain};

/// Somebody in a transaction set: the elements NM102 to NM109, as they stand there.
pub type Name = [String; 8];

/// A transaction set of claims.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClaimSet {
    /// BHT03, BHT04: its number and its day.
    pub batch: [String; 2],
    /// Who gets the claims (1000B).
    pub receiver: Name,
    /// Who sends them (1000A).
    pub submitter: Name,
    /// How many claims are accepted and rejected, and the sums of what they charge.
    pub accepted: (u64, Cents),
    /// See `accepted`.
    pub rejected: (u64, Cents),
}

/// A claim.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClaimAck {
    /// CLM01: the patient's control number.
    pub number: String,
    /// CLM02: the charge.
    pub charge: String,
    /// REF02 behind D9: the number that a clearinghouse gave the claim.
    pub trace: String,
    /// The patient.
    pub patient: Name,
    /// First and last day of service, as CCYYMMDD; empty where none can be read.
    pub days: [String; 2],
    /// Whether it is rejected.
    pub is_rejected: bool,
}

/// Writes 277CAs: one transaction set for each of claims.
pub struct ClaimAcks<'o> {
    ack: Acknowledgement<'o>,
    group: Option<Group>,
    day: String,
    level: u64,
    provider: u64,
}

impl<'o> ClaimAcks<'o> {
    /// For a run on a day.
    pub fn new(out: Out<'o>, day: Option<Date>) -> Self {
        let ack = Acknowledgement::new(out, ["HN", "005010X214"], day);
        ClaimAcks { ack, group: None, day: String::new(), level: 0, provider: 0 }
    }

    /// Begins an interchange.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn interchange(&mut self, interchange: Interchange) -> Result<()> {
        self.group = None;
        self.ack.interchange(interchange)
    }

    /// Begins a group; it is written with its first set.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn group(&mut self, group: Group) -> Result<()> {
        self.ack.end_group()?;
        self.group = Some(group);
        Ok(())
    }

    /// Begins to answer a transaction set.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn set(&mut self, set: &ClaimSet) -> Result<()> {
        self.ack.end_set()?;
        if let Some(group) = self.group.take() {
            self.ack.group(&group)?;
        }
        let [number, day] = set.batch.each_ref().map(|text| plain(text));
        self.day = self.ack.day(&day);
        let day = self.day.clone();
        self.ack.set("277")?;
        self.ack.segment(&["BHT", "0085", "08", &number, &day, "0000", "TH"])?;
        self.ack.segment(&["HL", "1", "", "20", "1"])?;
        self.name("PR", &set.receiver)?;
        self.ack.segment(&["TRN", "1", &number])?;
        self.ack.segment(&["DTP", "050", "D8", &day])?;
        self.ack.segment(&["DTP", "009", "D8", &day])?;
        self.ack.segment(&["HL", "2", "1", "21", "1"])?;
        self.name("41", &set.submitter)?;
        self.ack.segment(&["TRN", "2", &number])?;
        let sum = Cents(set.accepted.1.0 + set.rejected.1.0).to_string();
        self.ack.segment(&["STC", "A1:19:PR", &day, "WQ", &sum])?;
        let counts = [("90", "YU", set.accepted), ("AA", "YY", set.rejected)];
        let counts = counts.iter().filter(|(_, _, (count, _))| *count > 0);
        for (quantity, _, (count, _)) in counts.clone() {
            self.ack.segment(&["QTY", quantity, &count.to_string()])?;
        }
        for (_, amount, (_, sum)) in counts {
            self.ack.segment(&["AMT", amount, &sum.to_string()])?;
        }
        self.level = 2;
        Ok(())
    }

    /// Begins to answer the claims of a billing provider, who charges so much for all of them.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn provider(&mut self, provider: &Name, charges: Cents) -> Result<()> {
        self.level += 1;
        self.provider = self.level;
        let level = self.level.to_string();
        self.ack.segment(&["HL", &level, "2", "19", "1"])?;
        self.name("85", provider)?;
        // The provider gave its claims no number of their own.
        self.ack.segment(&["TRN", "1", "0"])?;
        self.ack.segment(&["STC", "A1:19", "", "WQ", &charges.to_string()])
    }

    /// Answers a claim.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn claim(&mut self, claim: &ClaimAck) -> Result<()> {
        self.level += 1;
        let (level, provider) = (self.level.to_string(), self.provider.to_string());
        let day = self.day.clone();
        self.ack.segment(&["HL", &level, &provider, "PT"])?;
        self.name("QC", &claim.patient)?;
        self.ack.segment(&["TRN", "2", &plain(&claim.number)])?;
        // Accepted for processing; or returned for missing or invalid information.
        let (status, action) = if claim.is_rejected { ("A3:21", "U") } else { ("A2:20", "WQ") };
        self.ack.segment(&["STC", status, &day, action, &plain(&claim.charge)])?;
        if !claim.trace.is_empty() {
            self.ack.segment(&["REF", "D9", &plain(&claim.trace)])?;
        }
        let [first, last] = &claim.days;
        match first == last {
            _ if first.is_empty() => Ok(()),
            true => self.ack.segment(&["DTP", "472", "D8", first]),
            false => self.ack.segment(&["DTP", "472", "RD8", &format!("{first}-{last}")]),
        }
    }

    fn name(&mut self, who: &str, name: &Name) -> Result<()> {
        let name = name.each_ref().map(|element| plain(element));
        let mut segment = vec!["NM1", who];
        segment.extend(name.iter().map(String::as_str));
        self.ack.segment(&segment)
    }

    /// Ends everything.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn finish(&mut self) -> Result<()> {
        self.ack.finish()
    }
}
