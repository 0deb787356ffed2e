//! CII001: a Category II line on a claim without any service.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, GroupCheck, Look};
use crate::model::{Field, Findings, Group, Line};
use crate::rules::category::companions::{COMPANION, Companions, OTHER_SERVICE};
use crate::rules::category::other_codes::tell;

declare_rule! {
    /// ## What it checks
    /// That a claim with a Category II line has a service line: one with a Category I code or, for
    /// this rule, any other service (Category III, HCPCS Level II, CDT). Every Category II line of
    /// a claim without one is a finding. A claim is all lines with the same claim number, wherever
    /// they lie. A damaged code counts as the code it can be repaired to; a malformed or missing
    /// code counts as nothing. A claim with another service but no Category I is left to CII002.
    ///
    /// ## Why it matters
    /// Category II codes report on a service, they do not stand for one. Payers reject such a
    /// claim, most of all when its charges are zero, and the measure is not credited.
    ///
    /// ## Options
    /// - `companions` (default `["category-1"]`): what goes with a Category II line. Classes
    ///   (`category-1` and its kinds, `category-3`, `hcpcs`, `cdt`), codes or ranges of codes.
    /// - `exempt-codes` (default none): Category II codes or ranges that may stand alone.
    /// - `group-by` (default `["claim_id"]`): the fields that lines must share to be judged
    ///   together.
    /// - `exempt-payers` (default none): payers whose Category II lines are not judged.
    /// - `quality-codes` (default false): whether the quality codes of HCPCS Level II (G and M
    ///   codes that only report) are judged as Category II codes are.
    ///
    /// Set them for CII001 to CII006 alike, under `[rules.CII]`.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,expect
    /// CLM0001,1,99213,
    /// CLM0002,1,3044F,CII001
    /// CLM0001,2,3044F,
    /// CLM0002,2,4004F,CII001
    /// CLM0003,1,9921,COD002
    /// CLM0003,2,1036F,CII001
    /// CLM0004,1,99O13,COD003
    /// CLM0004,2,1036F,
    /// ```
    ///
    /// ## How to fix
    /// Bill the visit or test that the measure reports on, on the same claim. Exempt codes that
    /// stand alone by design, such as prenatal visits before a global delivery charge.
    ///
    /// ## Source
    /// CPT (American Medical Association): Category II codes are supplemental and may not be used
    /// in place of Category I codes.
    pub static RULE = {
        code: "CII001", name: "category-two-without-category-one",
        title: "Category II code without a Category I code",
        fix: "bill the visit or test that this measure reports on, on the same claim",
        scope: Claim, category: CategoryTwo, severity: Error, since: "0.1.0",
        reads: [ClaimId, ProcedureCode, Payer], needs: [ClaimId, ProcedureCode], build: build,
    }
}

struct CategoryTwoWithoutCategoryOne {
    companions: Companions,
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    let companions = Companions::read(builder.options)?;
    Ok(Check::Group(Box::new(CategoryTwoWithoutCategoryOne { companions })))
}

impl GroupCheck for CategoryTwoWithoutCategoryOne {
    fn key(&self) -> &[Field] {
        self.companions.group_by()
    }

    fn look(&self, line: Line<'_>) -> Look {
        self.companions.look(line)
    }

    fn settled_by(&self) -> u8 {
        COMPANION | OTHER_SERVICE
    }

    fn check(&self, group: &Group<'_>, out: &mut Findings) {
        if group.has(COMPANION | OTHER_SERVICE) {
            return;
        }
        let wanted = self.companions.wanted();
        let name = self.companions.group_name();
        let here = group.kept.iter().enumerate().filter(|(_, line)| line.elsewhere.is_none());
        for (at, line) in here {
            let told = tell(line.code, group, name);
            out.report(
                at,
                Some(Field::ProcedureCode),
                format_args!("no {wanted} code goes with {}; {told}", line.code),
            );
        }
    }
}
