//! MAP001: a rule that hits nearly everything, because a column is mapped to the wrong field.

use crate::declare_rule;
use crate::error::{Error, Result};
use crate::lint::tally::RuleTally;
use crate::lint::{Builder, Check, RunCheck, Tally};
use crate::model::{Field, Findings, RuleId, RuleInfo, Scope};
use crate::rules::mapping::suspect::Suspect;

declare_rule! {
    /// ## What it checks
    /// That no rule hits nearly everything it looks at in an input: a share of `share` per cent of
    /// at least `min-lines` lines or, for rules about single lines, every one of at least 100.
    /// The rules about the format of procedure codes (COD001, COD002, COD003) count together: what
    /// is no procedure code looks malformed to one of them and damaged to another.
    ///
    /// ## Why it matters
    /// So many defects are one: the column is not what it is taken for. A column of SNOMED or
    /// diagnosis codes read as procedure codes makes each line an error, and the one thing to mend
    /// would be buried under them. The hits are counted exactly and the alarm is shown once.
    ///
    /// ## Options
    /// - `share` (default 95): the per cent of lines from which a rule's hits are an alarm.
    /// - `min-lines` (default 1000): how many lines the rule must have looked at for that.
    ///
    /// ## Example
    /// ```text
    /// claim_id,procedure_code
    /// CLM0001,185345009
    /// CLM0002,162673000
    /// (and 98 more lines with such values: the rules about formats hit every one)
    /// ```
    ///
    /// ## How to fix
    /// Map the right column, with `--map` or in the configuration. If the data is as it should be,
    /// set the rule's own options or switch it off for this input.
    ///
    /// ## Source
    /// Observed: exports with several code columns, of which another was meant.
    pub static RULE = {
        code: "MAP001", name: "mapping-alarm", title: "Column that is not what it is read as",
        fix: "map the right column with --map, or in the configuration",
        scope: Run, category: Mapping, severity: Error, since: "0.1.0",
        reads: [], needs: [], build: build,
    }
}

/// A column of nothing but hits is an alarm from this many lines on.
const LINES_OF_HITS_ALONE_MIN: u64 = 100;

struct MappingAlarm {
    share_percent: u64,
    lines_min: u64,
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    let share_percent = builder.options.count("share", 95)?;
    let lines_min = builder.options.count("min-lines", 1000)?;
    builder.options.finish()?;
    if share_percent > 100 {
        return Err(Error::settings("option share: expected a per cent, at most 100"));
    }
    Ok(Check::Run(Box::new(MappingAlarm { share_percent, lines_min })))
}

impl MappingAlarm {
    fn is_alarm(&self, suspect: &Suspect) -> bool {
        let RuleTally { judged, found, .. } = suspect.counts;
        let share = u128::from(found) * 100 >= u128::from(judged) * u128::from(self.share_percent);
        let most = share && judged >= self.lines_min;
        let all = found == judged && judged >= LINES_OF_HITS_ALONE_MIN;
        match suspect.scope {
            Scope::Line => most || all,
            Scope::Claim | Scope::Day => most,
            Scope::Record | Scope::Run => false,
        }
    }

    fn suspects(&self, tally: &Tally, rules: &[&RuleInfo]) -> Vec<Suspect> {
        let all = Suspect::all(tally, rules).into_iter();
        all.filter(|suspect| self.is_alarm(suspect)).collect()
    }
}

impl RunCheck for MappingAlarm {
    fn check(&self, tallies: &[Tally], rules: &[&RuleInfo], out: &mut Findings) {
        for (input, tally) in tallies.iter().enumerate() {
            for suspect in self.suspects(tally, rules) {
                let info = |id: &RuleId| rules.get(usize::from(id.0)).map(|info| info.code);
                let codes: Vec<&str> = suspect.rules.iter().filter_map(info).collect();
                let (noun, verb) =
                    if codes.len() == 1 { ("rule", "hits") } else { ("rules", "hit") };
                let RuleTally { judged, found, .. } = suspect.counts;
                let codes = codes.join(" and ");
                let hits =
                    format_args!("{noun} {codes} {verb} {found} of {judged} lines looked at");
                let advice = advice(suspect.scope, suspect.needs);
                out.report(input, suspect.needs, format_args!("{hits}: {advice}"));
            }
        }
    }

    fn alarmed(&self, tallies: &[Tally], rules: &[&RuleInfo]) -> Vec<(usize, RuleId)> {
        let of_input = |(input, tally): (usize, &Tally)| {
            let suspects = self.suspects(tally, rules);
            let ids = suspects.into_iter().flat_map(|suspect| suspect.rules);
            ids.map(|id| (input, id)).collect::<Vec<_>>()
        };
        tallies.iter().enumerate().flat_map(of_input).collect()
    }
}

/// What such a rule's hits are most likely to mean.
fn advice(scope: Scope, field: Option<Field>) -> String {
    let what = match field {
        _ if scope == Scope::Claim => {
            return "either the column read as claim_id holds no claim numbers, which \
                    --map claim_id=COLUMN mends, or the services are in another export"
                .to_owned();
        }
        Some(Field::ProcedureCode) => "procedure codes",
        Some(Field::ClaimId) => "claim numbers",
        _ => return "a column is probably not mapped right".to_owned(),
    };
    let field = field.map_or("", Field::name);
    format!(
        "the column read as {field} is probably not {what}; map the right one with \
         --map {field}=COLUMN"
    )
}
