//! CII002: a Category II line on a claim whose only services are not Category I.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, GroupCheck, Look};
use crate::model::{Field, Findings, Group, Line, Related};
use crate::rules::category::companions::{COMPANION, Companions, OTHER_SERVICE};

declare_rule! {
    /// ## What it checks
    /// That a claim with a Category II line and some service has a Category I line. Every Category
    /// II line of a claim with another service (Category III, HCPCS Level II, CDT) and no Category
    /// I is a finding. A claim without any service is left to CII001.
    ///
    /// ## Why it matters
    /// Taken by the letter, the Category II code lacks its Category I code. Often all is well: a
    /// wellness visit is billed as G0438, a visit to a health center as G0466. As often the service
    /// is a supply or a drug, and the visit was left out. That depends on the payer, so it is a
    /// warning, and `companions` says what counts.
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
    /// Set them for CII001 to CII006 alike, under `[rules.CII]`. The preset `practical` names the
    /// usual visits.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,expect
    /// CLM0001,1,G0438,
    /// CLM0002,1,99213,
    /// CLM0001,2,1170F,CII002
    /// CLM0002,2,J1885,
    /// CLM0002,3,3044F,
    /// CLM0003,1,3044F,CII001
    /// ```
    ///
    /// ## How to fix
    /// Bill the visit, or name the service in `companions` if the payer takes it for one.
    ///
    /// ## Source
    /// CPT (American Medical Association): Category II codes are supplemental and may not be used
    /// in place of Category I codes; Medicare pays visits under HCPCS Level II codes as well.
    pub static RULE = {
        code: "CII002", name: "category-two-without-category-one-but-other-service",
        title: "Category II code with a service other than Category I",
        fix: "bill the visit, or name the service in the option companions if it is one",
        scope: Claim, category: CategoryTwo, severity: Warning, since: "0.1.0",
        reads: [ClaimId, ProcedureCode, Payer], needs: [ClaimId, ProcedureCode], build: build,
    }
}

struct CategoryTwoWithoutCategoryOneButOtherService {
    companions: Companions,
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    let companions = Companions::read(builder.options)?;
    Ok(Check::Group(Box::new(CategoryTwoWithoutCategoryOneButOtherService { companions })))
}

impl GroupCheck for CategoryTwoWithoutCategoryOneButOtherService {
    fn key(&self) -> &[Field] {
        self.companions.group_by()
    }

    fn look(&self, line: Line<'_>) -> Look {
        let look = self.companions.look(line);
        if look.facts() & OTHER_SERVICE != 0 { look.witness() } else { look }
    }

    fn settled_by(&self) -> u8 {
        COMPANION
    }

    fn check(&self, group: &Group<'_>, out: &mut Findings) {
        if group.has(COMPANION) || !group.has(OTHER_SERVICE) {
            return;
        }
        let wanted = self.companions.wanted();
        let name = self.companions.group_name();
        let here = group.kept.iter().enumerate().filter(|(_, line)| line.elsewhere.is_none());
        for (at, line) in here {
            let field = Some(Field::ProcedureCode);
            let code = line.code;
            let Some(witness) = group.witness else {
                let why = format_args!("no {wanted} code goes with {code}, only another service");
                out.report(at, field, why);
                continue;
            };
            let other = witness.code;
            let why =
                format_args!("no {wanted} code goes with {code}; {name}'s service is {other}");
            out.report(at, field, why).related =
                vec![Related { place: witness.place, value: other.to_string() }];
        }
    }
}
