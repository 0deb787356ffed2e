//! MAP001: a rule that hits nearly everything, because a column is mapped to the wrong field.

use crate::declare_rule;
use crate::error::{Error, Result};
use crate::lint::tally::RuleTally;
use crate::lint::{Builder, Check, RunCheck, Tally};
use crate::model::{Field, Findings, RuleId, RuleInfo, Scope};

declare_rule! {
    /// ## What it checks
    /// That no rule hits nearly everything it looks at in an input: a share of `share` per cent of
    /// at least `min-lines` lines or, for a rule about single lines, every one of at least 100.
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
    /// (and 98 more lines with such values: COD002 hits every one)
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
    fn is_alarm(&self, scope: Scope, counts: RuleTally) -> bool {
        let RuleTally { judged, found, .. } = counts;
        let share = u128::from(found) * 100 >= u128::from(judged) * u128::from(self.share_percent);
        let most = share && judged >= self.lines_min;
        let all = found == judged && judged >= LINES_OF_HITS_ALONE_MIN;
        match scope {
            Scope::Line => most || all,
            Scope::Claim => most,
            Scope::Record | Scope::Run => false,
        }
    }
}

impl RunCheck for MappingAlarm {
    fn check(&self, tallies: &[Tally], rules: &[&RuleInfo], out: &mut Findings) {
        for (input, id) in self.alarmed(tallies, rules) {
            let (Some(info), Some(tally)) = (rules.get(usize::from(id.0)), tallies.get(input))
            else {
                continue;
            };
            let RuleTally { judged, found, .. } = tally.rule(id);
            let code = info.code;
            let hits = format_args!("rule {code} hits {found} of {judged} lines it looked at");
            let Some(field) = info.needs.first().copied() else {
                out.report(
                    input,
                    None,
                    format_args!("{hits}: a column is probably not mapped right"),
                );
                continue;
            };
            let what = contents(field);
            out.report(
                input,
                Some(field),
                format_args!(
                    "{hits}: the column read as {field} is probably not {what}; \
                     map the right one with --map {field}=COLUMN"
                ),
            );
        }
    }
    fn alarmed(&self, tallies: &[Tally], rules: &[&RuleInfo]) -> Vec<(usize, RuleId)> {
        let mut alarmed = Vec::new();
        for (input, tally) in tallies.iter().enumerate() {
            for (id, info) in (0_u16..).map(RuleId).zip(rules) {
                if self.is_alarm(info.scope, tally.rule(id)) {
                    alarmed.push((input, id));
                }
            }
        }
        alarmed
    }
}

/// What a column of `field` holds, in the plural.
fn contents(field: Field) -> &'static str {
    match field {
        Field::ProcedureCode => "procedure codes",
        Field::ClaimId => "claim numbers",
        _ => "that",
    }
}
