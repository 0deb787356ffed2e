//! CAT001: five digits in no section of CPT Category I.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::{Batch, Class, Code, Field, Findings, Line, Procedure};
use crate::rules::category::section_set::SectionSet;

declare_rule! {
    /// ## What it checks
    /// That a five-digit code lies in a section of CPT Category I: Evaluation and Management 99201
    /// to 99499 and 98000 to 98016, Anesthesia 00100 to 01999 and 99100 to 99140, Surgery 10004 to
    /// 69990, Radiology 70010 to 79999, Pathology and Laboratory 80047 to 89398, Medicine 90281 to
    /// 99199 and 99500 to 99607. The sections are data: see `rules/categories.toml`.
    ///
    /// ## Why it matters
    /// No code outside the sections has ever been in force: the digits were mistyped, or the value
    /// is not a procedure code. A code inside is plausible, no more; only a dated code list can say
    /// that it is valid on the day of service.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,expect
    /// CLM0001,1,99213,
    /// CLM0001,2,99999,CAT001
    /// CLM0001,3,00099,CAT001
    /// CLM0001,4,00100,
    /// CLM0001,5,80046,CAT001
    /// CLM0002,1,98016,
    /// ```
    ///
    /// ## How to fix
    /// Look the code up in the chart or the charge ticket. If your payer really uses the number,
    /// add its range to the sections in the configuration.
    ///
    /// ## Source
    /// The sections of CPT (American Medical Association), checked against the codes in force in
    /// April 2026 and the Medicare fee schedules of 2020 to 2024.
    pub static RULE = {
        code: "CAT001", name: "code-outside-category-one-sections",
        title: "Code in no section of Category I",
        fix: "look the code up, or add its range to the sections if it is in use",
        scope: Line, category: CategoryValidity, severity: Error, since: "0.1.0",
        reads: [ProcedureCode], needs: [ProcedureCode], build: build,
    }
}

struct CodeOutsideCategoryOneSections {
    sections: SectionSet,
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    let sections = SectionSet::new(&builder.knowledge.category_one, "");
    Ok(Check::Line(Box::new(CodeOutsideCategoryOneSections { sections })))
}

impl LineCheck for CodeOutsideCategoryOneSections {
    #[inline]
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        let Procedure::Coded(code, Class::CategoryOne) = line.procedure() else { return };
        out.judge();
        if !self.sections.contain(code) {
            report(line, code, &self.sections, out);
        }
    }

    fn check_batch(&self, batch: &Batch, out: &mut Findings) {
        let mut judged = 0;
        for (row, procedure) in batch.procedures().iter().enumerate() {
            let Procedure::Coded(code, Class::CategoryOne) = procedure else { continue };
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
        format_args!("{code} lies in no section of Category I ({neighbours}): look the code up"),
    );
}
