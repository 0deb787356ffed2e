//! Whether a code is in force on a day, told from several lists and editions.

use crate::model::{Class, Code, Date};
use crate::reference::loaded::{Loaded, Reference};
use crate::reference::rows::Days;
use crate::reference::{Answer, DiagnosisAnswer, Kind};

/// What an ICD-10-CM code says that is a header.
const HEADER: &[u8] = b"0";

/// What is asked of the lists of some kinds, which are taken together.
struct Question<'q> {
    kinds: &'q [Kind],
    code: &'q [u8],
    on: Date,
    /// Whether a code of this sort that is not in the edition does not exist.
    decides: &'q dyn Fn(&Loaded) -> bool,
}

/// What is known of a code around a day.
#[derive(Debug, Clone, Copy, Default)]
struct Timeline {
    is_active: bool,
    /// The last day before.
    before: Option<Date>,
    /// The first day after.
    after: Option<Date>,
}

impl Timeline {
    /// Takes in days on which the code is in force.
    fn see(&mut self, days: &Days, on: Date) {
        if !days.are_any() {
            return;
        }
        match (days.first, days.last) {
            (Some(first), _) if on < first => self.is_after(first),
            (_, Some(last)) if last < on => self.is_before(last),
            _ => self.is_active = true,
        }
    }

    fn is_before(&mut self, last: Date) {
        self.before = self.before.max(Some(last));
    }

    fn is_after(&mut self, first: Date) {
        self.after = Some(self.after.map_or(first, |after| after.min(first)));
    }
}

impl Loaded {
    /// Takes in what the edition has of a code.
    fn tell(&self, code: &[u8], on: Date, timeline: &mut Timeline) {
        // Its codes have a modifier after them.
        if self.info.kind == Kind::Pprrvu {
            self.table.terms_of_prefixed(code).for_each(|term| timeline.see(&term.days, on));
        } else {
            self.table.terms_of(code).for_each(|term| timeline.see(&term.days, on));
        }
    }
}

impl Reference {
    /// Whether a procedure code is in force, by HCPCS, lists of procedures and PPRRVU together:
    /// one that says so is enough. Only complete lists that have codes of the class can deny it.
    pub fn procedure(&self, code: Code, class: Class, on: Date) -> Answer {
        self.answer(&Question {
            kinds: &[Kind::Hcpcs, Kind::Procedures, Kind::Pprrvu],
            code: code.as_bytes(),
            on,
            decides: &|edition| edition.is_complete_for(class),
        })
    }

    /// Whether a modifier is in force, by HCPCS and lists of modifiers together. HCPCS does not
    /// have those of CPT, which begin with a digit, and cannot deny them.
    pub fn modifier(&self, modifier: [u8; 2], on: Date) -> Answer {
        let [first, _] = modifier;
        self.answer(&Question {
            kinds: &[Kind::Hcpcs, Kind::Modifiers],
            code: &modifier,
            on,
            decides: &|edition| {
                let is_level_two = edition.info.kind == Kind::Hcpcs;
                let may_have = !is_level_two || !first.is_ascii_digit();
                edition.info.is_complete && edition.has_pairs_of_characters && may_have
            },
        })
    }

    /// Whether a place of service is in force.
    pub fn place_of_service(&self, place: [u8; 2], on: Date) -> Answer {
        self.listed(Kind::PlaceOfService, &place, on)
    }

    /// Whether a provider taxonomy code is in force.
    pub fn taxonomy(&self, code: &[u8], on: Date) -> Answer {
        self.listed(Kind::Taxonomy, code, on)
    }

    fn listed(&self, kind: Kind, code: &[u8], on: Date) -> Answer {
        let decides = |edition: &Loaded| edition.info.is_complete;
        self.answer(&Question { kinds: &[kind], code, on, decides: &decides })
    }

    /// What a diagnosis code is, without its dot and in upper case. In a complete edition a code
    /// that is not there and is the beginning of one that is there is a header.
    pub fn diagnosis(&self, code: &[u8], on: Date) -> DiagnosisAnswer {
        let mut is_header = false;
        for (age, edition) in self.covering(Kind::Icd10cm, on).enumerate() {
            let is_complete = edition.info.is_complete;
            if age > 0 && !is_complete {
                continue;
            }
            let mut terms = edition.table.terms_of(code).peekable();
            let is_there = terms.peek().is_some();
            for term in terms.filter(|term| term.days.include(on)) {
                if term.extra() != HEADER {
                    return DiagnosisAnswer::Billable;
                }
                is_header = true;
            }
            if is_complete {
                is_header |= !is_there && edition.table.has_longer(code);
                break;
            }
        }
        if is_header {
            return DiagnosisAnswer::Header;
        }
        match self.listed(Kind::Icd10cm, code, on) {
            Answer::Active => DiagnosisAnswer::Billable,
            Answer::NotYet(first) => DiagnosisAnswer::NotYet(first),
            Answer::Ended(last) => DiagnosisAnswer::Ended(last),
            Answer::Unknown => DiagnosisAnswer::Unknown,
            Answer::NotCovered => DiagnosisAnswer::NotCovered,
        }
    }

    /// Asks the newest edition of each kind, and the newest of each that may deny a code.
    fn answer(&self, asked: &Question<'_>) -> Answer {
        let mut decided = Timeline::default();
        let mut is_covered = false;
        for kind in asked.kinds {
            let mut is_newest = true;
            for edition in self.covering(*kind, asked.on) {
                let decides = edition.info.is_complete && (asked.decides)(edition);
                if decides || is_newest {
                    let mut timeline = if decides { decided } else { Timeline::default() };
                    edition.tell(asked.code, asked.on, &mut timeline);
                    if timeline.is_active {
                        return Answer::Active;
                    }
                    if decides {
                        (decided, is_covered) = (timeline, true);
                        break;
                    }
                }
                is_newest = false;
            }
        }
        match (is_covered, decided) {
            (false, _) => Answer::NotCovered,
            (true, Timeline { before: Some(last), .. }) => Answer::Ended(last),
            (true, Timeline { after: Some(first), .. }) => Answer::NotYet(first),
            _ => self.elsewhere(asked),
        }
    }

    /// What editions say of a code that those in charge of the day do not have: it came with a
    /// later edition, or went with an earlier one.
    fn elsewhere(&self, asked: &Question<'_>) -> Answer {
        let on = asked.on;
        let mut timeline = Timeline::default();
        for kind in asked.kinds {
            let mut in_charge = self.covering(*kind, on).filter(|edition| (asked.decides)(edition));
            let taken_over = in_charge.next().map(|edition| edition.info.covers.0);
            let editions = self.usable(*kind, on).filter(|edition| edition.info.is_complete);
            for edition in editions.filter(|edition| (asked.decides)(edition)) {
                let (begin, mut end) = edition.info.covers;
                // Its word counts only until a newer edition was in charge.
                if let Some(taken_over) = taken_over.filter(|_| edition.info.covers(on)) {
                    let Some(before) = Date::from_days(taken_over.days() - 1) else { continue };
                    end = end.min(before);
                }
                for term in edition.table.terms_of(asked.code).filter(|term| term.days.are_any()) {
                    let first = term.days.first.map_or(begin, |first| first.max(begin));
                    match term.days.last {
                        Some(last) if last < begin && last < on => timeline.is_before(last),
                        Some(last) if last < first => {}
                        _ if first > end => {}
                        _ if on < first => timeline.is_after(first),
                        last => timeline.is_before(last.map_or(end, |last| last.min(end))),
                    }
                }
            }
        }
        match timeline {
            Timeline { after: Some(first), .. } => Answer::NotYet(first),
            Timeline { before: Some(last), .. } => Answer::Ended(last),
            _ => Answer::Unknown,
        }
    }
}
