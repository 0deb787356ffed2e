//! A line as it travels to the other lines of its claim, or of its patient's day.

use crate::model::batch::Place;
use crate::model::{
    Cell, Cents, Class, Code, Context, Date, Field, Modifiers, Snippet, Units, claim,
};

/// A service line among those that share a key with it: what rules that compare lines look at. Its
/// texts are still where they were read. What no rule of the group reads is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PooledLine<'t> {
    /// Where the line lies.
    pub place: Place,
    /// Stands for the service: equal for lines that say the same, signs of amounts and the order of
    /// modifiers apart. Zero where no rule of the group asks for it.
    pub service: u64,
    /// Which of the asking rules wanted it, one bit each.
    pub keepers: u32,
    /// Whether a rule for lines already found something here: its charge is counted once.
    pub already_found: bool,
    /// Which overrides and waivers of the configuration apply to it, one bit each.
    pub overrides: u64,
    /// The line's code, as written or as repaired, where it has one.
    pub code: Option<(Code, Class)>,
    /// The procedure-code cell as it stands in the input.
    pub value: &'t [u8],
    /// The key of the claim: see [`crate::model::claim`].
    pub claim_key: Option<&'t [u8]>,
    /// The number of the service line.
    pub service_line: Option<&'t [u8]>,
    /// The amount billed.
    pub charge: Cell<Cents>,
    /// The days of service, both inclusive, where the first is readable.
    pub days: Option<(Date, Date)>,
    /// The modifiers.
    pub modifiers: Modifiers,
    /// How many times the service was given.
    pub units: Cell<Units>,
    /// Whether the units are minutes.
    pub in_minutes: bool,
    /// The first character of the claim's frequency code: `1` original, `7` replacement, `8` void;
    /// 0 where there is none.
    pub frequency: u8,
    /// The amount billed for the whole claim, as the line says it.
    pub claim_total: Cell<Cents>,
    /// The place of service.
    pub place_of_service: Option<[u8; 2]>,
    /// Stands for the patient: equal for equal texts, and never zero where there is one.
    pub patient: u64,
    /// Stands for the rendering provider in the same way, or for the billing provider where there
    /// is no other.
    pub rendering: u64,
    /// Stands for the billing provider in the same way.
    pub billing: u64,
    /// The revenue code, which every line of an institutional claim has; what is no number of four
    /// digits stands as [`PooledLine::NO_REVENUE_CODE`].
    pub revenue: Option<u16>,
    /// The payer as written, for a report that says it.
    pub payer: Option<&'t [u8]>,
    /// The rendering provider as written, for a report that says it.
    pub provider: Option<&'t [u8]>,
    /// The cells that rules in SQL read, encoded, for such rules only.
    pub cells: Option<&'t [u8]>,
}

impl PooledLine<'_> {
    /// What tells whether a line takes another one back, and which.
    pub const NETTED_BY: [Field; 10] = [
        Field::ServiceDate,
        Field::ServiceEnd,
        Field::Modifier1,
        Field::Modifier2,
        Field::Modifier3,
        Field::Modifier4,
        Field::Units,
        Field::Charge,
        Field::ClaimFrequency,
        Field::BillType,
    ];

    /// What else [`PooledLine::service`] stands for.
    pub const SERVICE: [Field; 4] =
        [Field::PlaceOfService, Field::RenderingNpi, Field::BillingNpi, Field::RevenueCode];

    /// Stands for a place of service that is none.
    pub const NO_PLACE: [u8; 2] = [0, 0];

    /// The first field whose cell says something that cannot be read, so that the line cannot be
    /// compared with another.
    pub fn unreadable(&self) -> Option<Field> {
        let unreadable = [
            (self.days.is_none(), Field::ServiceDate),
            (self.modifiers.malformed != 0, Field::Modifier1),
            (self.units == Cell::Malformed, Field::Units),
            (self.charge == Cell::Malformed, Field::Charge),
            (self.place_of_service == Some(Self::NO_PLACE), Field::PlaceOfService),
            (self.revenue == Some(Self::NO_REVENUE_CODE), Field::RevenueCode),
        ];
        unreadable.into_iter().find(|(is, _)| *is).map(|(_, field)| field)
    }

    /// Stands for a revenue code that is none.
    pub const NO_REVENUE_CODE: u16 = u16::MAX;

    /// The revenue code whose line repeats the total of its claim.
    pub const TOTAL_LINE: u16 = 1;

    /// The line's code.
    pub fn procedure(&self) -> Option<Code> {
        self.code.map(|(code, _)| code)
    }

    /// Writes what [`PooledLine::service`] stands for: code, days, modifiers in order, units and
    /// charge without their signs, place, rendering provider and revenue code.
    pub fn write_service(&self, into: &mut Vec<u8>) {
        match &self.code {
            Some((code, _)) => into.extend_from_slice(code.as_bytes()),
            // What is no code is compared as written.
            None => into.extend_from_slice(self.value),
        }
        let (first, last) = self.days.map_or((i32::MIN, i32::MIN), |(a, b)| (a.days(), b.days()));
        into.extend_from_slice(&first.to_le_bytes());
        into.extend_from_slice(&last.to_le_bytes());
        for modifier in self.modifiers.sorted().as_slice() {
            into.extend_from_slice(modifier);
        }
        let units = self.units.value().map_or(i64::MIN, |Units(units)| units.saturating_abs());
        into.extend_from_slice(&units.to_le_bytes());
        let charge = self.charge.value().map_or(i128::MIN, |Cents(cents)| cents.saturating_abs());
        into.extend_from_slice(&charge.to_le_bytes());
        into.extend_from_slice(&self.place_of_service.unwrap_or_default());
        into.extend_from_slice(&self.rendering.to_le_bytes());
        into.extend_from_slice(
            &self.revenue.map_or([0xFF; 4], |code| u32::from(code).to_le_bytes()),
        );
        into.push(self.modifiers.as_slice().len() as u8);
    }

    /// Whose line it is and when, for a report that says it.
    pub fn context(&self) -> Context<&[u8]> {
        let day = self.days.map(|(first, _)| first);
        Context { payer: self.payer, rendering: self.provider, day }
    }

    /// The line's key columns, for a report that shows them: what they mean, not how they are
    /// written.
    pub fn snippet(&self) -> Snippet {
        let text = |text: Option<&[u8]>| {
            text.map(|text| String::from_utf8_lossy(text).into_owned()).unwrap_or_default()
        };
        let charge = self.charge.value().map(|charge| charge.to_string());
        let units = self.units.value().map(|units| units.to_string());
        Snippet([
            text(self.claim_key.map(claim::number)),
            text(self.service_line),
            self.days.map(|(first, _)| first.to_string()).unwrap_or_default(),
            text(Some(self.value)),
            self.modifiers.to_string(),
            units.unwrap_or_default(),
            charge.unwrap_or_default(),
        ])
    }

    /// Whether the line takes back what another one billed: it is of a void claim, or its charge or
    /// its units are below zero.
    pub fn is_reversal(&self) -> bool {
        let negative_charge = matches!(self.charge, Cell::Value(Cents(cents)) if cents < 0);
        let negative_units = matches!(self.units, Cell::Value(Units(units)) if units < 0);
        self.frequency == b'8' || negative_charge || negative_units
    }
}
