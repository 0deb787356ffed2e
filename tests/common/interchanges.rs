//! Writes X12 837 interchanges of claims, as they should be.

/// A claim: its number, its lines, and whether one of them has a wrong code.
pub type Claim = (u32, u32, bool);
/// Somebody with claims.
pub type Person = Vec<Claim>;
/// A subscriber with claims, and the patients that depend on it.
pub type Subscriber = (Person, Vec<Person>);
/// The subscribers of a billing provider.
pub type Billing = Vec<Subscriber>;
/// Transaction sets, in groups, in interchanges.
pub type Interchanges = Vec<Vec<Vec<Vec<Billing>>>>;

/// What is written behind a terminator.
pub const ENDS: [&str; 3] = ["", "\n", "\r\n"];

/// Writes interchanges as they should be.
struct Writer {
    text: String,
    end: &'static str,
    element: char,
    segments: u32,
    level: u32,
}

impl Writer {
    fn put(&mut self, segment: &str) {
        let segment = segment.replace('*', &self.element.to_string());
        self.text.push_str(&format!("{segment}~{}", self.end));
        self.segments += 1;
    }

    fn level(&mut self, parent: Option<u32>, level: u32, has_child: bool) -> u32 {
        self.level += 1;
        let parent = parent.map_or(String::new(), |parent| parent.to_string());
        self.put(&format!("HL*{}*{parent}*{level}*{}", self.level, u8::from(has_child)));
        self.level
    }

    fn claims(&mut self, claims: &Person) {
        for (number, lines, is_bad) in claims {
            self.put(&format!("CLM*C{number}*{}***11:B:1*Y*A*Y*Y", lines * 40));
            self.put("HI*ABK:J0300");
            for line in 1..=*lines {
                let code = if *is_bad && line == *lines { "9921" } else { "99213" };
                self.put(&format!("LX*{line}"));
                self.put(&format!("SV1*HC:{code}*40*UN*1***1"));
                self.put("DTP*472*D8*20261003");
            }
        }
    }

    fn set(&mut self, number: usize, set: &[Billing]) {
        (self.segments, self.level) = (0, 0);
        self.put(&format!("ST*837*{number:04}*005010X222A1"));
        self.put("BHT*0019*00*244579*20261015*1023*CH");
        self.put("NM1*41*2*PREMIER BILLING SERVICE*****46*TGJ23");
        self.put("PER*IC*HELP DESK*TE*3055552222");
        self.put("NM1*40*2*KEY INSURANCE COMPANY*****46*66783JJT");
        for billing in set {
            let provider = self.level(None, 20, true);
            self.put("NM1*85*2*EXAMPLE CLINIC*****XX*1912301953");
            self.put("N3*234 SEAWAY ST");
            self.put("N4*MIAMI*FL*331110000");
            self.put("REF*EI*587654321");
            for (own, patients) in billing {
                let member = self.level(Some(provider), 22, !patients.is_empty());
                self.put("SBR*P*18*2222-SJ******CI");
                self.put("NM1*IL*1*ROE*JANE****MI*M0000001");
                self.put("N3*236 N MAIN ST");
                self.put("N4*MIAMI*FL*33413");
                self.put("DMG*D8*19730501*F");
                self.put("NM1*PR*2*KEY INSURANCE COMPANY*****PI*999996666");
                self.claims(own);
                for claims in patients {
                    self.level(Some(member), 23, false);
                    self.put("PAT*19");
                    self.put("NM1*QC*1*ROE*TED");
                    self.put("N3*236 N MAIN ST");
                    self.put("N4*MIAMI*FL*33413");
                    self.put("DMG*D8*20130501*M");
                    self.claims(claims);
                }
            }
        }
        self.put(&format!("SE*{}*{number:04}", self.segments + 1));
    }

    fn header(&mut self, number: usize) {
        self.put(&format!(
            "ISA*00*          *00*          *ZZ*SUBMITTER      *ZZ*RECEIVER       \
             *261031*1200*^*00501*{number:09}*0*T*:"
        ));
    }
}

/// Writes what is left of interchanges; numbers are those of the whole.
pub fn written(
    all: &Interchanges,
    of: impl Fn(&Claim) -> bool,
    end: &'static str,
    element: char,
) -> String {
    let mut writer = Writer { text: String::new(), end, element, segments: 0, level: 0 };
    let kept = |claims: &Person| claims.iter().copied().filter(&of).collect::<Person>();
    for (interchange, number) in all.iter().zip(1..) {
        let mut groups = 0;
        for (group, group_number) in interchange.iter().zip(1..) {
            let mut sets = 0;
            for (set, set_number) in group.iter().zip(1..) {
                let subscriber = |(own, patients): &Subscriber| {
                    let patients: Vec<Person> =
                        patients.iter().map(&kept).filter(|claims| !claims.is_empty()).collect();
                    (kept(own), patients)
                };
                let billing = |billing: &Billing| {
                    let subscribers = billing.iter().map(subscriber);
                    subscribers
                        .filter(|(own, patients)| !own.is_empty() || !patients.is_empty())
                        .collect::<Billing>()
                };
                let set: Vec<Billing> =
                    set.iter().map(billing).filter(|billing| !billing.is_empty()).collect();
                if set.is_empty() {
                    continue;
                }
                if groups == 0 && sets == 0 {
                    writer.header(number);
                }
                if sets == 0 {
                    groups += 1;
                    let group = format!(
                        "GS*HC*SENDER*RECEIVER*20261031*1147*{group_number}*X*005010X222A1"
                    );
                    writer.put(&group);
                }
                sets += 1;
                writer.set(set_number, &set);
            }
            if sets > 0 {
                writer.put(&format!("GE*{sets}*{group_number}"));
            }
        }
        if groups > 0 {
            writer.put(&format!("IEA*{groups}*{number:09}"));
        }
    }
    if writer.text.is_empty() {
        writer.header(1);
        writer.put("IEA*0*000000001");
    }
    writer.text
}
