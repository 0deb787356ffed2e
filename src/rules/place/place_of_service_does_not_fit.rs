//! POS003: a service at a place where it is not given.

use std::str::from_utf8;
use std::sync::Arc;

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::{Class, Code, Field, Findings, Line, Procedure};
use crate::reference::{Answer, Reference};
use crate::rules::code_set::CodeSet;
use crate::rules::embedded;
use crate::rules::place::in_force::{Place, place};

declare_rule! {
    /// ## What it checks
    /// That a service whose code names where it is given has such a place: hospital care and
    /// newborn care in a hospital not in an office, emergency visits in an emergency room, nursing
    /// facility visits in a facility, home visits in a residence. Visits at a distance (02, 10) may
    /// stand with any of them that can be given so. The codes and places are data: see `places` in
    /// `rules/code_sets.toml`. An unknown place is left to POS001, one that is not in force to
    /// POS002. A line with a revenue code is not checked.
    ///
    /// ## Why it matters
    /// Either the code or the place is wrong, and both decide what is paid. Payers answer with
    /// CARC 5.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,place_of_service,service_date,expect
    /// CLM0001,1,99283,23,2026-03-02,
    /// CLM0002,1,99283,11,2026-03-02,POS003
    /// CLM0003,1,99223,11,2026-03-02,POS003
    /// CLM0004,1,99348,12,2026-03-02,
    /// CLM0005,1,99213,11,2026-03-02,
    /// ```
    ///
    /// ## How to fix
    /// Enter the place where the service was given, or the code for that place.
    ///
    /// ## Source
    /// CPT (American Medical Association), the headings of Evaluation and Management; CMS, Place of
    /// Service Codes for Professional Claims.
    pub static RULE = {
        code: "POS003", name: "place-of-service-does-not-fit",
        title: "Place of service does not fit the code",
        fix: "enter the place where the service was given, or the code for that place",
        scope: Line, category: Place, severity: Warning, since: "0.1.0",
        reads: [ProcedureCode, PlaceOfService, ServiceDate, RevenueCode],
        needs: [ProcedureCode, PlaceOfService], build: build,
    }
}

/// Where the services of some codes are given.
struct Fit {
    codes: CodeSet,
    only: Vec<Place>,
    never: Vec<Place>,
}

struct PlaceOfServiceDoesNotFit {
    fits: Vec<Fit>,
    /// The codes of all of them.
    codes: CodeSet,
    reference: Arc<Reference>,
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    let read = |text: &String| place(text.as_bytes());
    let places = |texts: &[String]| texts.iter().filter_map(read).collect();
    let fits = embedded::code_sets()?.places.into_iter().map(|fit| Fit {
        only: places(&fit.only),
        never: places(&fit.never),
        codes: fit.codes,
    });
    let fits: Vec<Fit> = fits.collect();
    let codes = CodeSet::of_all(fits.iter().map(|fit| &fit.codes));
    let reference = Arc::clone(&builder.knowledge.reference);
    Ok(Check::Line(Box::new(PlaceOfServiceDoesNotFit { fits, codes, reference })))
}

impl LineCheck for PlaceOfServiceDoesNotFit {
    #[inline]
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        let Procedure::Coded(code, class) = line.procedure() else { return };
        if self.codes.contains(code, class) {
            self.judge(line, code, class, out);
        }
    }
}

impl PlaceOfServiceDoesNotFit {
    fn judge(&self, line: Line<'_>, code: Code, class: Class, out: &mut Findings) {
        let place = line.text(Field::PlaceOfService).and_then(place);
        let Some(place) = place.filter(|_| !line.is_institutional()) else { return };
        let fit = self.fits.iter().find(|fit| fit.codes.contains(code, class));
        let Some(fit) = fit else { return };
        out.judge();
        let is_right = fit.only.is_empty() || fit.only.contains(&place);
        if (is_right && !fit.never.contains(&place)) || !self.is_place(line, place) {
            return;
        }
        let at = text(&place);
        let told = match fit.only.as_slice() {
            [] => format!("not given at place {at}"),
            only => {
                let only: Vec<&str> = only.iter().map(text).collect();
                format!("given at place {}, not at {at}", only.join(" or "))
            }
        };
        out.report(
            line.row(),
            Some(Field::PlaceOfService),
            format_args!("{code} is {told}: mend the place or the code"),
        );
    }

    /// Whether the place is one on the day of service, as far as that can be told.
    fn is_place(&self, line: Line<'_>, place: Place) -> bool {
        let Some(on) = line.service_date().value() else { return true };
        let answer = self.reference.place_of_service(place, on);
        matches!(answer, Answer::Active | Answer::NotCovered)
    }
}

fn text(place: &Place) -> &str {
    from_utf8(place).unwrap_or_default()
}
