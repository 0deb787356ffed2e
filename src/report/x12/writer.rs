//! Interchanges that answer others: sender and receiver change places, control numbers stay.

use crate::error::Result;
use crate::model::Date;
use crate::report::Out;

/// What is answered: elements of an ISA segment, as they stand there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Interchange {
    /// ISA05 and ISA06, the sender.
    pub sender: [String; 2],
    /// ISA07 and ISA08, the receiver.
    pub receiver: [String; 2],
    /// ISA09 and ISA10, date and time.
    pub written: [String; 2],
    /// ISA13, the control number.
    pub control: String,
    /// ISA15: production or test.
    pub usage: String,
}

/// What is answered: elements of a GS segment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// GS01, the kind.
    pub kind: String,
    /// GS02, the sender.
    pub sender: String,
    /// GS03, the receiver.
    pub receiver: String,
    /// GS04 and GS05, date and time.
    pub written: [String; 2],
    /// GS06, the control number.
    pub control: String,
    /// GS08, the version.
    pub version: String,
}

/// Writes acknowledgements. Enclosures are written once there is something in them.
pub struct Acknowledgement<'o> {
    out: Out<'o>,
    /// GS01 and GS08 of what is written.
    kind: [&'static str; 2],
    /// The day of the run, as CCYYMMDD; that of what is answered where there is none.
    day: Option<String>,
    interchange: Option<(Interchange, u64)>,
    group: Option<(String, u64)>,
    set: Option<(String, u64)>,
    sets: u64,
    wrote: bool,
}

impl<'o> Acknowledgement<'o> {
    /// Acknowledgements of a kind (GS01) and version (GS08), made on a day.
    pub fn new(out: Out<'o>, kind: [&'static str; 2], day: Option<Date>) -> Self {
        let day = day.map(|day| day.to_string().replace('-', ""));
        let (interchange, group, set) = (None, None, None);
        Acknowledgement { out, kind, day, interchange, group, set, sets: 0, wrote: false }
    }

    /// The day of the run, or this one.
    pub fn day(&self, other: &str) -> String {
        self.day.clone().unwrap_or_else(|| plain(other))
    }

    /// Writes a segment; empty elements at its end are left out.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn segment(&mut self, elements: &[&str]) -> Result<()> {
        let filled = elements.iter().rposition(|element| !element.is_empty());
        let elements = elements.get(..=filled.unwrap_or(0)).unwrap_or_default();
        if let Some((_, segments)) = &mut self.set {
            *segments += 1;
        }
        self.out.text(&elements.join("*"))?;
        self.out.text("~\n")
    }

    /// Begins to answer an interchange.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn interchange(&mut self, interchange: Interchange) -> Result<()> {
        self.end_interchange()?;
        self.wrote = false;
        self.interchange = Some((interchange, 0));
        Ok(())
    }

    /// Begins to answer a group.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn group(&mut self, group: &Group) -> Result<()> {
        self.end_group()?;
        let Some((interchange, groups)) = &mut self.interchange else { return Ok(()) };
        *groups += 1;
        if !std::mem::replace(&mut self.wrote, true) {
            let interchange = interchange.clone();
            self.header(&interchange)?;
        }
        let [kind, version] = self.kind;
        let [day, time] = &group.written;
        let (day, time) = (self.day(day), plain(time));
        let control = plain(&group.control);
        let (from, to) = (plain(&group.receiver), plain(&group.sender));
        self.segment(&["GS", kind, &from, &to, &day, &time, &control, "X", version])?;
        self.group = Some((control, 0));
        self.sets = 0;
        Ok(())
    }

    fn header(&mut self, of: &Interchange) -> Result<()> {
        let [from, sender] = &of.receiver;
        let [to, receiver] = &of.sender;
        let [day, time] = of.written.each_ref();
        let day = self.day.as_ref().and_then(|day| day.get(2..)).unwrap_or(day).to_owned();
        let text = format!(
            "ISA*00*{:10}*00*{:10}*{:2.2}*{:15.15}*{:2.2}*{:15.15}*{:6.6}*{:4.4}*^*00501*\
             {:0>9.9}*0*{:1.1}*:~\n",
            "",
            "",
            plain(from),
            plain(sender),
            plain(to),
            plain(receiver),
            plain(&day),
            plain(time),
            plain(&of.control),
            plain(&of.usage)
        );
        self.out.text(&text)
    }

    /// Begins a transaction set of this kind (ST01).
    ///
    /// # Errors
    /// It cannot be written.
    pub fn set(&mut self, kind: &str) -> Result<()> {
        self.sets += 1;
        let number = format!("{:04}", self.sets);
        self.set = Some((number.clone(), 0));
        let [_, version] = self.kind;
        self.segment(&["ST", kind, &number, version])
    }

    /// Ends a transaction set.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn end_set(&mut self) -> Result<()> {
        let Some((number, segments)) = self.set.take() else { return Ok(()) };
        if let Some((_, sets)) = &mut self.group {
            *sets += 1;
        }
        self.segment(&["SE", &(segments + 1).to_string(), &number])
    }

    /// Ends a group.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn end_group(&mut self) -> Result<()> {
        self.end_set()?;
        let Some((control, sets)) = self.group.take() else { return Ok(()) };
        self.segment(&["GE", &sets.to_string(), &control])
    }

    /// Ends an interchange.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn end_interchange(&mut self) -> Result<()> {
        self.end_group()?;
        let Some((interchange, groups)) = self.interchange.take() else { return Ok(()) };
        if groups == 0 {
            return Ok(());
        }
        let control = format!("{:0>9.9}", plain(&interchange.control));
        self.segment(&["IEA", &groups.to_string(), &control])
    }

    /// Ends everything, and passes on what is buffered.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn finish(&mut self) -> Result<()> {
        self.end_interchange()?;
        self.out.flush()
    }
}

/// A text that may stand in an element: without separators, which may be others than in what is
/// answered, and without control characters.
pub fn plain(text: &str) -> String {
    let is_odd = |char: char| matches!(char, '*' | '~' | ':' | '^') || char.is_control();
    text.chars().map(|char| if is_odd(char) { ' ' } else { char }).collect()
}
