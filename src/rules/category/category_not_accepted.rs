//! CAT003: a code of a category that the claim's payer does not take.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::{Class, Field, Findings, Line, Procedure};
use crate::rules::category::refused::{Concern, Refused};

declare_rule! {
    /// ## What it checks
    /// That a claim has no code of a category that its payer, or a claim of its kind, does not
    /// take. Which these are differs by payer, so the rule checks nothing until you say it.
    ///
    /// ## Why it matters
    /// A payer sends back codes of a kind it does not take, whoever is right about them: dental
    /// codes on professional claims, `S` codes to Medicare. Payers answer with CARC 181 or 96.
    ///
    /// ## Options
    /// - `refuse` (default none): what is not taken. Classes (`category-1` and its kinds,
    ///   `category-2`, `category-3`, `hcpcs`, `cdt`), codes or ranges of codes such as
    ///   `S0000-S9999`.
    /// - `payers` (default any): the payers that refuse it, as the column has them, without regard
    ///   to case.
    /// - `claim-types` (default any): the kinds of claim on which it is refused: `professional`,
    ///   `institutional`, `dental`. A line with a revenue code and no kind is institutional.
    ///
    /// Dental codes on professional claims are refused under `[rules.CAT003]` by `refuse = ["cdt"]`
    /// and `claim-types = ["professional"]`.
    ///
    /// ## Example
    /// With `refuse = ["cdt", "S0000-S9999"]`, `payers = ["Payer A"]` and
    /// `claim-types = ["professional"]`:
    ///
    /// ```csv
    /// claim_id,service_line,procedure_code,payer,claim_type,expect
    /// CLM0001,1,99213,Payer A,professional,
    /// CLM0001,2,D0120,Payer A,professional,CAT003
    /// CLM0002,1,S0610,Payer A,professional,CAT003
    /// CLM0003,1,D0120,Payer A,dental,
    /// CLM0004,1,S0610,Payer B,professional,
    /// ```
    ///
    /// ## How to fix
    /// Bill the service by a code that the payer takes, or on a claim of the right kind.
    ///
    /// ## Source
    /// The contract or the provider manual of the payer; the options say what is in it.
    pub static RULE = {
        code: "CAT003", name: "category-not-accepted", title: "Category of codes not accepted",
        fix: "bill the service by a code that the payer takes, or on a claim of the right kind",
        scope: Line, category: CategoryValidity, severity: Warning, since: "0.1.0",
        reads: [ProcedureCode, Payer, ClaimType, RevenueCode], needs: [ProcedureCode],
        build: build,
    }
}

struct CategoryNotAccepted {
    refused: Refused,
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    Ok(match Refused::read(builder.options)? {
        Some(refused) => Check::Line(Box::new(CategoryNotAccepted { refused })),
        None => Check::Idle("nothing is refused: set the option `refuse`".to_owned()),
    })
}

impl LineCheck for CategoryNotAccepted {
    #[inline]
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        let Procedure::Coded(code, class) = line.procedure() else { return };
        if !self.refused.has(code, class) {
            return out.judge();
        }
        match self.refused.concerns(line) {
            Concern::No => {}
            Concern::Unsaid(why) => out.leave_out(line.row(), why),
            Concern::Yes => {
                out.judge();
                let kind = kind(class);
                out.report(
                    line.row(),
                    Some(Field::ProcedureCode),
                    format_args!("{code} is {kind} that is refused here: bill one that is taken"),
                );
            }
        }
    }
}

/// What a code of the class is called.
fn kind(class: Class) -> &'static str {
    match class {
        Class::CategoryTwo => "a Category II code",
        Class::CategoryThree => "a Category III code",
        Class::Hcpcs => "a HCPCS Level II code",
        Class::Cdt => "a dental code",
        _ => "a Category I code",
    }
}
