//! The worklist: a row for each claim with findings, for somebody to put right.

use crate::error::Result;
use crate::model::{Context, RuleId};
use crate::report::escape::{counted, digits};
use crate::report::xlsx::book::{Book, Column, column};
use crate::report::xlsx::cell::{Cell, Kind, fitting, shown};
use crate::report::xlsx::rules::RuleTexts;
use crate::report::{ClaimFindings, Summary};

/// The columns. The last three are for whoever works through the list.
pub const COLUMNS: [Column; 17] = [
    column("Claim", 18, Kind::Text),
    column("Payer", 18, Kind::Text),
    column("Rendering provider", 14, Kind::Text),
    column("First service date", 12, Kind::Day),
    column("Last service date", 12, Kind::Day),
    column("Lines with findings", 10, Kind::Count),
    column("Findings", 10, Kind::Count),
    column("Severity", 10, Kind::Text),
    column("Dollars at risk", 15, Kind::Money),
    column("Lines without a readable charge", 12, Kind::Count),
    column("Rules", 20, Kind::Text),
    column("What is wrong", 42, Kind::Wrapped),
    column("How to fix", 60, Kind::Wrapped),
    column("Where", 26, Kind::Text),
    column(STATUS, 15, Kind::Text),
    column("Assigned to", 16, Kind::Text),
    column("Notes", 36, Kind::Wrapped),
];

const STATUS: &str = "Status";

/// The words for the state of a claim; the first is that of a new one.
pub const STATES: [&str; 6] =
    ["Open", "In progress", "Corrected", "Rebilled", "Write-off", "Not an error"];

/// The column of the state.
pub fn status_column() -> u16 {
    let at = COLUMNS.iter().position(|column| column.title == STATUS);
    at.and_then(|at| u16::try_from(at).ok()).unwrap_or(u16::MAX)
}

/// What is shown of what, above the sheet.
pub fn notice(claims: u64, most: u64, summary: &Summary) -> String {
    let mut notice = match claims > most {
        true => format!(
            "Showing the {} claims with the most dollars at risk of {} with findings; all findings \
             are in findings.parquet, and in the reports ndjson and csv",
            digits(most),
            digits(claims)
        ),
        false => format!("{} with findings, most dollars at risk first", counted(claims, "claim")),
    };
    if summary.rules.iter().any(|rule| !rule.alarmed.is_empty()) {
        notice.push_str("; a column does not seem to hold what it is taken for, see Run");
    }
    notice
}

/// Writes the row of a claim.
pub fn write(
    book: &mut Book,
    sheet: usize,
    claim: &ClaimFindings,
    rules: &RuleTexts,
    summary: &Summary,
) -> Result<()> {
    let Context { payer, rendering, .. } = claim.context.as_view();
    let texts = [claim.claim_id.as_deref(), payer, rendering];
    let texts = texts.map(|text| shown(text.unwrap_or_default()));
    let [id, payer, rendering] = texts.each_ref().map(|text| Cell::Text(text));
    let day = |day| Cell::Day(day);
    let (first, last) =
        claim.days.map_or((Cell::Nothing, Cell::Nothing), |(first, last)| (day(first), day(last)));
    let each = |say: &dyn Fn(RuleId) -> String, between: &str| {
        let said: Vec<String> = claim.rules.iter().map(|(rule, _)| say(*rule)).collect();
        fitting(said.join(between).into()).into_owned()
    };
    let codes = each(&|rule| rules.get(rule).code.to_owned(), " ");
    let titles = each(&|rule| rules.get(rule).title.to_owned(), "\n");
    let fixes = each(&|rule| format!("{}: {}", rules.get(rule).code, rules.get(rule).fix), "\n");
    let name = summary.source_name(claim.place.source);
    let place = format!("{name}: record {}", claim.place.record);
    let place = shown(&place);
    let charged = |cell| if summary.has_charges { cell } else { Cell::Nothing };
    let cells = [
        id,
        payer,
        rendering,
        first,
        last,
        Cell::Count(claim.lines),
        Cell::Count(claim.findings),
        Cell::Text(claim.severity.name()),
        charged(Cell::Money(claim.at_risk)),
        charged(Cell::Count(claim.charges_unread)),
        Cell::Text(&codes),
        Cell::Text(&titles),
        Cell::Text(&fixes),
        Cell::Text(&place),
        Cell::Text(STATES.first().copied().unwrap_or_default()),
    ];
    book.row(sheet, &cells)
}
