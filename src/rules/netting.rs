//! What is still billed once voids, replacements and reversals are netted against what they take
//! back: rules that compare lines look at that.
//!
//! Source: claim frequency codes (NUBC): 1 original, 7 replacement of a prior claim, 8 void of a
//! prior claim. Exports also reverse a line by the same line with a negative charge or units.

use crate::model::{Cell, Cents, Code, Date, Modifier, Modifiers, PooledLine, Units};

/// What makes a line the same service as another of its group: signs apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Service<'l> {
    code: Option<Code>,
    value: &'l [u8],
    days: Option<(Date, Date)>,
    modifiers: [Option<Modifier>; 4],
    more_modifiers: u8,
    units: Option<i64>,
    charge: Option<i128>,
    place: Option<[u8; 2]>,
    rendering: u64,
    revenue: Option<u16>,
}

impl<'l> Service<'l> {
    /// The service of a line.
    pub fn of(line: &PooledLine<'l>) -> Service<'l> {
        let sorted: Modifiers = line.modifiers.sorted();
        let mut modifiers = [None; 4];
        modifiers.iter_mut().zip(sorted.as_slice()).for_each(|(to, from)| *to = Some(*from));
        let units = |units: Units| units.0.checked_abs().unwrap_or(i64::MAX);
        Service {
            code: line.procedure(),
            // Two readings of one code are the same; what is no code is compared as written.
            value: if line.code.is_some() { b"" } else { line.value },
            days: line.days,
            modifiers,
            more_modifiers: sorted.as_slice().len() as u8,
            units: line.units.value().map(units),
            charge: line.charge.value().map(|Cents(cents)| cents.abs()),
            place: line.place_of_service,
            rendering: line.rendering,
            revenue: line.revenue,
        }
    }

    /// Appends the service as bytes: equal for equal services and for no others.
    pub fn write(&self, into: &mut Vec<u8>) {
        let mut put = |bytes: &[u8]| {
            into.push(bytes.len() as u8);
            into.extend_from_slice(bytes);
        };
        put(self.code.as_ref().map_or(&b""[..], |code| code.as_bytes()));
        put(self.value.get(..self.value.len().min(255)).unwrap_or_default());
        let day = |day: Date| day.days().to_le_bytes();
        put(&self.days.map_or([[0; 4]; 2], |(first, last)| [day(first), day(last)]).concat());
        let modifiers: Vec<u8> = self.modifiers.iter().flatten().flatten().copied().collect();
        put(&modifiers);
        put(&[self.more_modifiers]);
        put(&self.units.map_or(Vec::new(), |units| units.to_le_bytes().to_vec()));
        put(&self.charge.map_or(Vec::new(), |charge| charge.to_le_bytes().to_vec()));
        put(&self.place.map_or(Vec::new(), |place| place.to_vec()));
        put(&self.rendering.to_le_bytes());
        put(&self.revenue.map_or(Vec::new(), |revenue| revenue.to_le_bytes().to_vec()));
    }
}

/// The places in `lines`, in their order, of those that are still billed. Lines of a replaced
/// original, where its replacement has the same claim number, are not; nor are reversals and the
/// earliest line that each of them takes back.
pub fn in_force(lines: &[&PooledLine<'_>]) -> Vec<usize> {
    let plain = lines.iter().all(|line| !line.is_reversal() && line.frequency != b'7');
    if plain {
        return (0..lines.len()).collect();
    }
    let is_replaced = |line: &PooledLine<'_>| {
        line.frequency != b'7'
            && line.claim_id.is_some()
            && lines.iter().any(|other| other.frequency == b'7' && other.claim_id == line.claim_id)
    };
    let mut taken_back: Vec<(Service<'_>, bool)> = lines
        .iter()
        .filter(|line| line.is_reversal())
        .map(|line| (Service::of(line), false))
        .collect();
    let mut billed = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if line.is_reversal() || is_replaced(line) {
            continue;
        }
        let service = Service::of(line);
        let reversal = taken_back.iter_mut().find(|(known, used)| !used && *known == service);
        match reversal {
            Some((_, used)) => *used = true,
            None => billed.push(at),
        }
    }
    billed
}

/// The sum of the charges of these lines; nothing where one cannot be read. The line that repeats
/// the total of an institutional claim is left out.
pub fn sum(lines: &[&PooledLine<'_>], which: &[usize]) -> Option<Cents> {
    let lines = which.iter().filter_map(|at| lines.get(*at));
    let mut billed = lines.filter(|line| line.revenue != Some(PooledLine::TOTAL_LINE));
    billed.try_fold(Cents::default(), |sum, line| match line.charge {
        Cell::Value(Cents(cents)) => Some(Cents(sum.0 + cents)),
        Cell::Missing | Cell::Malformed => None,
    })
}
