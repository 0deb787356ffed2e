//! A claim and its lines as facts: which codes, which faults. Nothing here knows about bytes.

use super::dice::Dice;
use super::tables;
use super::{Claims, Recipe};

/// What a claim is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Services of any kind.
    Services,
    /// A service of Category I and, at the end, one or two Category II codes.
    Measured,
    /// Category II codes and nothing else.
    Alone,
    /// Category II codes and services of other classes than Category I.
    Accompanied,
}

/// One claim.
#[derive(Debug)]
pub struct Claim {
    /// The number in its claim id, from 1.
    pub id: u64,
    /// How many lines it has.
    pub lines: u64,
    /// The patient's number.
    pub member: u64,
    /// Which payer.
    pub payer: usize,
    /// The day of the year 2026, from 0.
    pub day: usize,
    /// Which place of service.
    pub place: usize,
    /// The last six digits of the rendering provider.
    pub rendering: u64,
    /// The last six digits of the billing provider.
    pub billing: u64,
    /// Whether a hospital billed it: lines have revenue codes.
    pub institutional: bool,
    kind: Kind,
    bad: u32,
    seed: u64,
}

/// What the procedure-code cell of a line holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeCell {
    /// A plain code.
    Code(&'static str),
    /// A code with lower-case letters and blanks around it, which is not a fault.
    Untidy(&'static str),
    /// A cell that must be put together and may need quotes: a pattern of [`tables`].
    Odd(&'static str),
}

/// One service line, without what it has from its claim.
#[derive(Debug)]
pub struct Line {
    /// What the procedure-code cell holds.
    pub code: CodeCell,
    /// The first modifier, or nothing.
    pub modifier: &'static str,
    /// How often.
    pub units: u64,
    /// The amount, in cents.
    pub cents: u64,
    /// The cell that stands in place of the claim id, where the id is lost.
    pub lost_claim: Option<&'static str>,
    /// The revenue code, or nothing.
    pub revenue: &'static str,
    /// For whatever else is to be drawn for the line.
    pub dice: Dice,
}

impl Claim {
    /// Claim `number` of the export that `recipe` describes.
    #[inline]
    pub fn new(recipe: &Recipe, number: u64) -> Claim {
        let mut dice = Dice::new(recipe.seed, number);
        let bad = recipe.bad_percent_x100;
        let kind = if dice.happens(bad) && dice.below(2) == 0 {
            if dice.below(2) == 0 { Kind::Alone } else { Kind::Accompanied }
        } else if dice.happens(800) {
            Kind::Measured
        } else {
            Kind::Services
        };
        let lines = u64::from(dice.pick(&tables::CLAIM_LINES));
        let lines = match kind {
            Kind::Services => lines,
            Kind::Measured => lines.max(2),
            Kind::Alone => lines.min(2),
            Kind::Accompanied => lines.clamp(2, 4),
        };
        let (id, lines) = match recipe.claims {
            Claims::Usual => (number, lines),
            Claims::Single => (number, 1),
            Claims::One => (1, lines),
        };
        Claim {
            id,
            lines,
            member: 1 + dice.below(2_500_000),
            payer: dice.below(tables::PAYERS.len() as u64) as usize,
            day: dice.below(365) as usize,
            place: dice.below(tables::PLACES.len() as u64) as usize,
            rendering: dice.below(40_000),
            billing: dice.below(4_000),
            institutional: kind == Kind::Services && dice.happens(1_000),
            kind,
            bad,
            seed: dice.next(),
        }
    }

    /// Line `at` of the claim, from 0.
    #[inline]
    pub fn line(&self, at: u64) -> Line {
        let mut dice = Dice::new(self.seed, at);
        let group = self.group(at, &mut dice);
        let code = dice.pick(group.codes());
        let (modifiers, units, cents) = match group {
            Group::Visit => (&tables::VISIT_MODIFIERS[..], 1, 8_500 + dice.below(30_000)),
            Group::Measure => (&tables::MEASURE_MODIFIERS[..], 1, dice.below(4) / 3),
            Group::Hcpcs => (&[""][..], 1 + dice.below(10), 500 + dice.below(20_000)),
            _ => (
                &tables::SERVICE_MODIFIERS[..],
                1 + dice.below(16) / 14,
                1_200 + dice.below(90_000),
            ),
        };
        let modifier = dice.pick(modifiers);
        let mut line = Line {
            code: CodeCell::Code(code),
            modifier,
            units,
            cents,
            lost_claim: None,
            revenue: "",
            dice,
        };
        if self.institutional {
            line.revenue = line.dice.pick(&tables::REVENUE);
            if line.dice.below(4) == 0 {
                // A hospital's line may be billed by its revenue code alone.
                line.code = CodeCell::Code("");
                line.modifier = "";
            }
        }
        if line.dice.happens(self.bad) {
            spoil(&mut line);
        } else if line.dice.below(256) == 0 {
            line.code = CodeCell::Untidy(code);
        }
        line
    }

    /// Whether line `at` has the long description of a recipe that asks for some: one in 64 has.
    #[inline]
    pub fn is_long(&self, at: u64) -> bool {
        self.seed.wrapping_add(at).is_multiple_of(64)
    }

    /// The kind of code that line `at` has.
    fn group(&self, at: u64, dice: &mut Dice) -> Group {
        match self.kind {
            Kind::Alone => Group::Measure,
            Kind::Accompanied if at == 0 && self.seed.is_multiple_of(3) => Group::CategoryThree,
            Kind::Accompanied if at == 0 => Group::Hcpcs,
            Kind::Accompanied => Group::Measure,
            // Nearly always a visit; now and then a test that the measure is about.
            Kind::Measured if at == 0 && dice.below(20) == 0 => Group::Laboratory,
            Kind::Measured if at == 0 => Group::Visit,
            Kind::Measured if at + 1 + self.seed % 2 >= self.lines => Group::Measure,
            Kind::Measured | Kind::Services => match dice.below(200) {
                0..70 => Group::Visit,
                70..120 => Group::Laboratory,
                120..138 => Group::Radiology,
                138..152 => Group::Surgery,
                152..180 => Group::Medicine,
                180..197 => Group::Hcpcs,
                _ => Group::Rare,
            },
        }
    }
}

/// A table of codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Visit,
    Laboratory,
    Radiology,
    Surgery,
    Medicine,
    Hcpcs,
    Rare,
    Measure,
    CategoryThree,
}

impl Group {
    fn codes(self) -> &'static [&'static str] {
        match self {
            Group::Visit => &tables::VISITS,
            Group::Laboratory => &tables::LABORATORY,
            Group::Radiology => &tables::RADIOLOGY,
            Group::Surgery => &tables::SURGERY,
            Group::Medicine => &tables::MEDICINE,
            Group::Hcpcs => &tables::HCPCS,
            Group::Rare => &tables::RARE,
            Group::Measure => &tables::CATEGORY_TWO,
            Group::CategoryThree => &tables::RARE[..5],
        }
    }
}

/// Does to a line what one of the rules for lines is about.
fn spoil(line: &mut Line) {
    let dice = &mut line.dice;
    let cell = match dice.below(20) {
        0..3 => dice.pick(&tables::MISSING),
        3..8 => dice.pick(&tables::MALFORMED),
        8..14 => dice.pick(&tables::DAMAGED),
        14..16 => dice.pick(&tables::OUTSIDE_ONE),
        16..18 => dice.pick(&tables::OUTSIDE_TWO),
        _ => {
            line.lost_claim = Some(dice.pick(&tables::MISSING));
            return;
        }
    };
    line.code = CodeCell::Odd(cell);
}
