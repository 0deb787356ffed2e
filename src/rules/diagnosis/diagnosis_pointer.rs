//! DXC005: a pointer to a diagnosis that is not there.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::finding::Why;
use crate::model::{Field, Findings, Line};
use crate::rules::diagnosis::codes::filled;
use crate::rules::diagnosis::pointers::{POINTERS_MAX, Pointers};

declare_rule! {
    /// ## What it checks
    /// That a filled pointer names one to four diagnoses of its line, each once: by letters A to L
    /// (`A`, `AB`, `A,B`) or by numbers 1 to 12 (`1`, `1:2`, `12`). A bare `12` means the first and
    /// the second, or the twelfth where the line has twelve diagnoses.
    ///
    /// A pointer may count the diagnosis columns or only the filled ones: either is right. Where
    /// the export has fewer columns and all are filled, a pointer past them cannot be judged, nor
    /// can one on a line without any diagnosis.
    ///
    /// ## Why it matters
    /// The pointer says why the service was needed. A clearinghouse rejects one that leads nowhere.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,service_date,dx1,dx2,diagnosis_pointer,expect
    /// CLM0001,1,99213,2026-03-02,E11.9,I10,AB,
    /// CLM0002,1,99213,2026-03-02,E11.9,I10,12,
    /// CLM0003,1,99213,2026-03-02,E11.9,,B,DXC005
    /// CLM0004,1,99213,2026-03-02,E11.9,I10,A;A,DXC005
    /// CLM0005,1,99213,2026-03-02,E11.9,I10,2-Jan,DXC005
    /// CLM0006,1,99213,2026-03-02,E11.9,I10,C,
    /// ```
    /// The export could have lost a third diagnosis of CLM0003. A spreadsheet made `2-Jan` of
    /// `1-2`.
    ///
    /// ## How to fix
    /// Point to the diagnoses that the service is for, the most important first.
    ///
    /// ## Source
    /// X12 837P: up to four pointers a service line, to up to twelve diagnoses of the claim. Form
    /// CMS-1500, item 24E.
    pub static RULE = {
        code: "DXC005", name: "diagnosis-pointer", title: "Pointer to a missing diagnosis",
        fix: "point to the diagnoses of the line that the service is for",
        scope: Line, category: Diagnosis, severity: Error, since: "0.1.0",
        reads: [
            DiagnosisPointer, Diagnosis, Diagnosis2, Diagnosis3, Diagnosis4, Diagnosis5,
            Diagnosis6, Diagnosis7, Diagnosis8, Diagnosis9, Diagnosis10, Diagnosis11, Diagnosis12,
        ],
        needs: [DiagnosisPointer], build: build,
    }
}

struct DiagnosisPointer;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Line(Box::new(DiagnosisPointer)))
}

impl LineCheck for DiagnosisPointer {
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        let Some(text) = line.text(Field::DiagnosisPointer) else { return };
        let count = filled(line).count();
        let told = match Pointers::parse(text, count == Field::DIAGNOSES.len()) {
            None => "names no diagnoses: write letters A to L or numbers 1 to 12",
            Some(all) if all.as_slice().len() > POINTERS_MAX => {
                "names more than four diagnoses: keep the most important"
            }
            Some(all) if all.repeat() => "names a diagnosis twice: name each once",
            Some(_) if count == 0 => {
                return out.leave_out(line.row(), Why::Lacks(Field::Diagnosis));
            }
            Some(all) => match place(line, all, count) {
                Place::There => return out.judge(),
                Place::BeyondColumns(field) => {
                    return out.leave_out(line.row(), Why::Lacks(field));
                }
                Place::Nowhere => "names a diagnosis that the line does not have: look it up",
            },
        };
        out.judge();
        out.report(line.row(), Some(Field::DiagnosisPointer), format_args!("the pointer {told}"));
    }
}

/// Where pointers lead.
enum Place {
    There,
    /// Past the columns of the export, all of which are filled.
    BeyondColumns(Field),
    Nowhere,
}

fn place(line: Line<'_>, pointers: Pointers, count: usize) -> Place {
    let columns = Field::DIAGNOSES.into_iter().filter(|field| line.has(*field)).count();
    let mut place = Place::There;
    for diagnosis in pointers.as_slice() {
        let at = usize::from(*diagnosis);
        let field = Field::DIAGNOSES.get(at - 1).copied().unwrap_or(Field::Diagnosis);
        if at <= count || line.text(field).is_some() {
            continue;
        }
        if line.has(field) || count < columns {
            return Place::Nowhere;
        }
        place = Place::BeyondColumns(field);
    }
    place
}
