//! What MUE001, MUE002 and MUE003 share: which limit a line falls under, and its units of a day.

use std::sync::Arc;

use crate::error::Result;
use crate::lint::Builder;
use crate::model::{Code, Date, Units};
use crate::reference::{LimitAnswer, LimitSetting, Reference};
use crate::rules::recent::Recent;

/// The limits of every setting.
pub struct Limits {
    reference: Arc<Reference>,
    /// Whose limits are for all lines; if nothing, those of the line's own setting.
    setting: Option<LimitSetting>,
}

/// What is known of the limit of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// No more units than these.
    Limit(u32),
    /// None of this indicator.
    None,
    /// No edition of this kind covers the day.
    NotCovered(u8),
}

/// The answers to the last questions, by setting. The default has room for some.
#[derive(Default)]
pub struct Lately([Recent<LimitAnswer>; 3]);

impl Lately {
    /// No room, for a line that is checked alone.
    pub fn none() -> Lately {
        Lately([Recent::none(), Recent::none(), Recent::none()])
    }
}

impl Limits {
    /// The limits that the options of a rule choose; nothing if there are none.
    pub fn read(builder: &mut Builder<'_>) -> Result<Option<Limits>> {
        let of_all = [
            ("by-line", None),
            ("practitioner", Some(LimitSetting::Practitioner)),
            ("outpatient", Some(LimitSetting::Outpatient)),
            ("dme", Some(LimitSetting::Dme)),
        ];
        let setting = builder.options.choice("setting", None, &of_all)?;
        builder.options.finish()?;
        let reference = Arc::clone(&builder.knowledge.reference);
        let has = |setting: LimitSetting| reference.has(setting.kind());
        let is_ready = match setting {
            Some(setting) => has(setting),
            None => has(LimitSetting::Practitioner) || has(LimitSetting::Outpatient),
        };
        Ok(is_ready.then_some(Limits { reference, setting }))
    }

    /// What is told where there are none.
    pub fn unready() -> String {
        "no NCCI limits of units are loaded: claimlint refdata import takes them in".to_owned()
    }

    /// Whose limits are for a line.
    pub fn setting_of(&self, is_institutional: bool) -> LimitSetting {
        let own = match is_institutional {
            true => LimitSetting::Outpatient,
            false => LimitSetting::Practitioner,
        };
        self.setting.unwrap_or(own)
    }

    /// The limit of a code, if it has this indicator.
    pub fn find(
        &self,
        (setting, code, on): (LimitSetting, Code, Date),
        wanted: u8,
        lately: &mut Lately,
    ) -> Found {
        let ask = || self.reference.limit(setting, code, on);
        let answer = match lately.0.get_mut(setting as usize) {
            Some(recent) => recent.get(code.as_bytes(), on, ask),
            None => ask(),
        };
        match answer {
            LimitAnswer::Limit { units, indicator } if indicator == wanted => Found::Limit(units),
            LimitAnswer::Limit { .. } | LimitAnswer::None => Found::None,
            LimitAnswer::NotCovered => Found::NotCovered(setting.kind() as u8),
        }
    }
}

/// The units of one day: those of a line over several days are divided by its days and rounded,
/// halves up.
pub fn of_a_day(units: Units, (first, last): (Date, Date)) -> Units {
    let days = i64::from(last.days()) - i64::from(first.days()) + 1;
    if days <= 1 {
        return units;
    }
    let whole = days * Units::ONE.0;
    Units(units.0.saturating_add(whole / 2).div_euclid(whole) * Units::ONE.0)
}

/// Units times a million, as they are counted, of a limit.
pub fn millionths(limit: u32) -> i128 {
    i128::from(limit) * i128::from(Units::ONE.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_several_days_are_divided_and_rounded() {
        let day = |day| Date::from_ymd(2026, 3, day).unwrap();
        let of = |units: &str, last| {
            of_a_day(Units::parse(units.as_bytes()).value().unwrap(), (day(1), day(last)))
                .to_string()
        };
        let cases = [("1.5", 1, "1.5"), ("3", 2, "2"), ("4", 3, "1"), ("5", 3, "2"), ("1", 4, "0")];
        for (units, last, want) in cases {
            assert_eq!(of(units, last), want, "{units} over {last}");
        }
        assert_eq!(of("999999999999.999999", 31), "32258064516");
    }
}
