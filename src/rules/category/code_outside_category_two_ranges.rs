//! CAT002: a Category II code in no range of CPT Category II.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::{Batch, Class, Code, Field, Findings, Line, Procedure};
use crate::rules::category::section_set::SectionSet;

declare_rule! {
    /// ## What it checks
    /// That a Category II code (four digits and `F`) lies in one of the ten ranges of CPT Category
    /// II: 0001F to 0015F, 0500F to 0584F, 1000F to 1505F, 2000F to 2060F, 3006F to 3776F, 4000F to
    /// 4563F, 5005F to 5250F, 6005F to 6150F, 7010F to 7025F, 9001F to 9007F. The ranges are data:
    /// see `rules/categories.toml`.
    ///
    /// ## Why it matters
    /// A measure is credited by the exact code. A code outside the ranges has never been in force,
    /// so the service is not counted and the line comes back.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,expect
    /// CLM0001,1,99213,
    /// CLM0001,2,3044F,
    /// CLM0001,3,8000F,CAT002
    /// CLM0001,4,0016F,CAT002
    /// CLM0001,5,0015F,
    /// ```
    ///
    /// ## How to fix
    /// Look the code up in the specification of the measure. Codes are added through the year: if
    /// it is newer than this version, add its range in the configuration.
    ///
    /// ## Source
    /// The ranges of CPT Category II (American Medical Association), checked against the codes in
    /// force in April 2026.
    pub static RULE = {
        code: "CAT002", name: "code-outside-category-two-ranges",
        title: "Code in no range of Category II",
        fix: "look the code up in the measure, or add its range if it is newer",
        scope: Line, category: CategoryValidity, severity: Error, since: "0.1.0",
        reads: [ProcedureCode], needs: [ProcedureCode], build: build,
    }
}

struct CodeOutsideCategoryTwoRanges {
    sections: SectionSet,
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    let sections = SectionSet::new(&builder.knowledge.category_two, "F");
    Ok(Check::Line(Box::new(CodeOutsideCategoryTwoRanges { sections })))
}

impl LineCheck for CodeOutsideCategoryTwoRanges {
    #[inline]
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        let Procedure::Coded(code, Class::CategoryTwo) = line.procedure() else { return };
        out.judge();
        if !self.sections.contain(code) {
            report(line, code, &self.sections, out);
        }
    }

    fn check_batch(&self, batch: &Batch, out: &mut Findings) {
        let mut judged = 0;
        for (row, procedure) in batch.procedures().iter().enumerate() {
            let Procedure::Coded(code, Class::CategoryTwo) = procedure else { continue };
            judged += 1;
            if !self.sections.contain(*code) {
                report(batch.line(row), *code, &self.sections, out);
            }
        }
        out.judge_many(judged);
    }
}

#[cold]
fn report(line: Line<'_>, code: Code, sections: &SectionSet, out: &mut Findings) {
    let neighbours = sections.neighbours(code);
    out.report(
        line.row(),
        Some(Field::ProcedureCode),
        format_args!(
            "{code} lies in no range of Category II ({neighbours}): look the code up in the measure"
        ),
    );
}
