//! DAT005: a claim that was filed after the payer's limit.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::finding::Why;
use crate::model::{Cell, Date, Field, Findings, Line};
use crate::rules::date::filing_limits::{FilingLimits, last_day};

declare_rule! {
    /// ## What it checks
    /// That the claim was filed within so many days after the service. The days are counted from
    /// the first day of service; on an institutional line (one with a revenue code) from the last.
    /// 365 days are a calendar year, whether it has a 29 February or not. Claims whose frequency
    /// says that they correct another have limits of their own and are not judged, nor is a line
    /// whose day of filing is malformed or after the day of the run.
    ///
    /// ## Why it matters
    /// Payers answer with CARC 29, and the patient may not be billed instead.
    ///
    /// ## Options
    /// - `limit-days` (default `365`, the rule of Medicare): the limit of every payer without one
    ///   of its own.
    /// - `payer-limits` (default none): limits of payers, which may begin with a day of service:
    ///   `["Payer A: 90", "Payer B: 180 from 2025-01-01"]`. Payers are compared without case.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,service_date,received_date,expect
    /// CLM0001,1,99213,2025-03-02,2025-03-20,
    /// CLM0001,2,99213,2024-03-02,2025-03-20,DAT005
    /// CLM0002,1,99213,2023-03-01,2024-03-01,
    /// CLM0003,1,99213,2024-03-02,,
    /// ```
    /// CLM0002 was filed after 366 days, which are one year here.
    ///
    /// ## How to fix
    /// Look whether the payer's limit is another, or whether the claim was filed before and the
    /// payer has that on record.
    ///
    /// ## Source
    /// 42 CFR 424.44: one calendar year after the service for Medicare. Other payers set theirs by
    /// contract, mostly from 90 days to a year.
    pub static RULE = {
        code: "DAT005", name: "filed-late", title: "Claim filed after the limit",
        fix: "check the payer's limit, and look for a proof that the claim was filed in time",
        scope: Line, category: Date, severity: Warning, since: "0.1.0",
        reads: [
            ServiceDate, ServiceEnd, ReceivedDate, RevenueCode, Payer, ClaimFrequency, BillType,
        ],
        needs: [ServiceDate, ReceivedDate], build: build,
    }
}

struct FiledLate {
    limits: FilingLimits,
    as_of: Date,
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    let limits = FilingLimits::read(builder.options)?;
    builder.options.finish()?;
    Ok(Check::Line(Box::new(FiledLate { limits, as_of: builder.knowledge.as_of })))
}

impl LineCheck for FiledLate {
    #[inline]
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        let filed = match line.received_date() {
            Cell::Value(filed) if filed <= self.as_of => filed,
            Cell::Missing => return,
            _ => return out.leave_out(line.row(), Why::Lacks(Field::ReceivedDate)),
        };
        if !line.is_original() {
            return;
        }
        let Some((first, last)) = line.service_days() else {
            return out.leave_out(line.row(), Why::Lacks(Field::ServiceDate));
        };
        out.judge();
        let shortest = i64::try_from(self.limits.shortest).unwrap_or(i64::MAX);
        if i64::from(filed.days()) - i64::from(first.days()) < shortest {
            return;
        }
        let (name, served) =
            if line.is_institutional() { ("last", last) } else { ("first", first) };
        let limit = self.limits.of(line.text(Field::Payer), served);
        if filed > last_day(served, limit) {
            let late = filed.days() - served.days();
            out.report(
                line.row(),
                Some(Field::ReceivedDate),
                format_args!(
                    "filed {late} days after {served}, the {name} day of service, with a limit of \
                     {limit}: look for a proof of earlier filing"
                ),
            );
        }
    }
}
