//! 999: which transaction sets are accepted, and what is wrong with the others (005010X231A1).

use crate::error::Result;
use crate::model::{Date, FaultDetail, FaultKind};
use crate::report::Out;
use crate::report::x12::writer::{Acknowledgement, Group, Interchange, plain};

/// How many segments of a transaction set are named; the verdict is that over all.
const NAMED_MAX: usize = 1000;

/// Something that is wrong in a transaction set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The name of the segment.
    pub segment: String,
    /// Its place in the set; that of the ST is 1.
    pub position: u64,
    /// What kind.
    pub kind: FaultKind,
    /// More about it.
    pub detail: FaultDetail,
}

/// The verdict over a transaction set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing is wrong with it.
    Accepted,
    /// Something is wrong in claims, which are rejected alone.
    WithErrors,
    /// All of it is rejected.
    Rejected,
}

/// Writes 999s: one for each group.
pub struct SetAcks<'o> {
    ack: Acknowledgement<'o>,
    /// Whether a group is open, the sets in it, those that are accepted, and whether any has an
    /// error.
    group: Option<(u64, u64, bool)>,
}

impl<'o> SetAcks<'o> {
    /// For a run on a day.
    pub fn new(out: Out<'o>, day: Option<Date>) -> Self {
        SetAcks { ack: Acknowledgement::new(out, ["FA", "005010X231A1"], day), group: None }
    }

    /// Begins an interchange.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn interchange(&mut self, interchange: Interchange) -> Result<()> {
        self.end_group()?;
        self.ack.interchange(interchange)
    }

    /// Begins a group.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn group(&mut self, group: &Group) -> Result<()> {
        self.end_group()?;
        self.ack.group(group)?;
        self.ack.set("999")?;
        self.group = Some((0, 0, false));
        let (kind, version) = (plain(&group.kind), plain(&group.version));
        self.ack.segment(&["AK1", &kind, &plain(&group.control), &version])
    }

    /// Answers a transaction set: its ST01 to ST03.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn set(
        &mut self,
        [kind, control, version]: [&str; 3],
        verdict: Verdict,
        wrong: &[Wrong],
    ) -> Result<()> {
        let Some((sets, accepted, has_errors)) = &mut self.group else { return Ok(()) };
        *sets += 1;
        *accepted += u64::from(verdict != Verdict::Rejected);
        *has_errors |= verdict != Verdict::Accepted;
        self.ack.segment(&["AK2", &plain(kind), &plain(control), &plain(version)])?;
        let mut codes: Vec<&str> = Vec::new();
        let mut named = 0;
        for wrong in wrong {
            let code = match wrong.kind {
                FaultKind::ControlNumbers => "3",
                FaultKind::TrailerCounts => "4",
                FaultKind::MissingTrailer => "2",
                FaultKind::UnknownVersion => "1",
                _ => {
                    named += 1;
                    if named <= NAMED_MAX {
                        self.name(wrong)?;
                    }
                    "5"
                }
            };
            // IK5 has room for five.
            if !codes.contains(&code) && codes.len() < 5 {
                codes.push(code);
            }
        }
        let status = match verdict {
            Verdict::Accepted => "A",
            Verdict::WithErrors => "E",
            Verdict::Rejected => "R",
        };
        let mut segment = vec!["IK5", status];
        segment.extend(codes);
        self.ack.segment(&segment)
    }

    /// Names a segment: IK3, and IK4 where an element is to blame.
    fn name(&mut self, wrong: &Wrong) -> Result<()> {
        let position = wrong.position.to_string();
        let says = match wrong.detail {
            FaultDetail::Says(says) => says,
            _ => "",
        };
        let is_level = wrong.segment == "HL";
        let (segment, code, element) = match wrong.kind {
            FaultKind::LineCounter if says.is_empty() => ("LX", "8", Some(("1", "554"))),
            FaultKind::LineCounter => ("LX", "3", None),
            FaultKind::Hierarchy if is_level && says.starts_with("HL01") => {
                ("HL", "8", Some(("1", "628")))
            }
            FaultKind::Hierarchy if is_level && says.starts_with("HL03") => {
                ("HL", "8", Some(("3", "735")))
            }
            FaultKind::Hierarchy if is_level => ("HL", "8", Some(("2", "734"))),
            FaultKind::Hierarchy if says.ends_with("no service line") => ("LX", "3", None),
            FaultKind::Hierarchy => (wrong.segment.as_str(), "2", None),
            _ if says.starts_with("no segment") => (wrong.segment.as_str(), "1", None),
            _ => (wrong.segment.as_str(), "8", None),
        };
        self.ack.segment(&["IK3", segment, &position, "", code])?;
        // An element with a value that is not what it must be.
        element.map_or(Ok(()), |(at, number)| self.ack.segment(&["IK4", at, number, "7"]))
    }

    fn end_group(&mut self) -> Result<()> {
        let Some((sets, accepted, has_errors)) = self.group.take() else { return Ok(()) };
        let status = match accepted {
            0 if sets > 0 => "R",
            some if some < sets => "P",
            _ if has_errors => "E",
            _ => "A",
        };
        let (sets, accepted) = (sets.to_string(), accepted.to_string());
        self.ack.segment(&["AK9", status, &sets, &sets, &accepted])?;
        self.ack.end_group()
    }

    /// Ends everything.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn finish(&mut self) -> Result<()> {
        self.end_group()?;
        self.ack.finish()
    }
}
