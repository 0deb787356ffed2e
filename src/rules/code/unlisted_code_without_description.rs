//! COD014: a code for a service without a code of its own, and no word on what was done.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::{Field, Findings, Line, Procedure};
use crate::rules::code_set::CodeSet;
use crate::rules::embedded;

declare_rule! {
    /// ## What it checks
    /// That a line with an unlisted procedure code, or with a HCPCS code for items that are not
    /// otherwise classified, says in words what was done. The codes are data: see `unlisted` in
    /// `rules/code_sets.toml`. Inputs without a column for descriptions are not checked.
    ///
    /// ## Why it matters
    /// Such a code says nothing of the service, so the payer cannot price it. Payers answer with
    /// CARC 16 and RARC N350.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,procedure_description,expect
    /// CLM0001,1,99213,,
    /// CLM0001,2,64999,,COD014
    /// CLM0001,3,J3490,as in the attached invoice,
    /// CLM0001,4,E1399,N/A,COD014
    /// CLM0001,5,99299,,
    /// ```
    ///
    /// ## How to fix
    /// Say in the description or the line note what was done, and with which drug or item. Where a
    /// Category III code exists for the service, bill that instead.
    ///
    /// ## Source
    /// ASC X12 837, SV101-7 and NTE: a service without a code of its own needs a description. The
    /// list of HCPCS codes not otherwise classified (CMS).
    pub static RULE = {
        code: "COD014", name: "unlisted-code-without-description",
        title: "Unlisted procedure code without a description",
        fix: "say in the description or the line note what was done",
        scope: Line, category: CodeValidity, severity: Warning, since: "0.1.0",
        reads: [ProcedureCode, ProcedureDescription],
        needs: [ProcedureCode, ProcedureDescription], build: build,
    }
}

struct UnlistedCodeWithoutDescription {
    unlisted: CodeSet,
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    let unlisted = embedded::code_sets()?.unlisted;
    Ok(Check::Line(Box::new(UnlistedCodeWithoutDescription { unlisted })))
}

impl LineCheck for UnlistedCodeWithoutDescription {
    #[inline]
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        let Procedure::Coded(code, class) = line.procedure() else { return };
        if !self.unlisted.contains(code, class) {
            return;
        }
        out.judge();
        if line.text(Field::ProcedureDescription).is_none() {
            out.report(
                line.row(),
                Some(Field::ProcedureDescription),
                format_args!(
                    "{code} is an unlisted code and nothing says what was done: describe it"
                ),
            );
        }
    }
}
