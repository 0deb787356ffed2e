//! The sheets by payer and by rendering provider.

use std::cmp::Reverse;

use crate::error::Result;
use crate::report::breakdown::Share;
use crate::report::escape::{counted, digits};
use crate::report::xlsx::book::{Book, Column, ROWS_MAX, column};
use crate::report::xlsx::cell::{Cell, Kind, shown};

/// The columns, of which the first has this title.
pub const fn columns(title: &'static str) -> [Column; 5] {
    [
        column(title, 40, Kind::Text),
        column("Findings", 14, Kind::Count),
        column("Lines with findings", 14, Kind::Count),
        column("Dollars at risk", 18, Kind::Money),
        column("Lines without a readable charge", 18, Kind::Count),
    ]
}

/// Writes a sheet: most dollars at risk first, and at the end what is beyond the bound.
pub fn write(
    book: &mut Book,
    sheet: usize,
    shares: &[(Option<String>, Share)],
    beyond: &Share,
) -> Result<()> {
    let mut shares: Vec<_> = shares.iter().collect();
    shares.sort_by_key(|(name, share)| (Reverse(share.at_risk), Reverse(share.findings), name));
    let most = ROWS_MAX as usize - 1;
    let (shown_shares, cut) = shares.split_at(shares.len().min(most));
    let mut rest = *beyond;
    for (_, share) in cut {
        rest.findings += share.findings;
        rest.lines += share.lines;
        rest.at_risk += share.at_risk;
        rest.charges_unread += share.charges_unread;
    }
    let notice = match rest.findings {
        0 => format!("{}, most dollars at risk first", counted(shares.len() as u64, "row")),
        more => format!(
            "Showing {} by name; the last row holds the {} findings of all others",
            digits(shown_shares.len() as u64),
            digits(more)
        ),
    };
    book.head(sheet, &notice)?;
    for (name, share) in shown_shares {
        row(book, sheet, name.as_deref().unwrap_or("(none named)"), share)?;
    }
    if rest.findings > 0 { row(book, sheet, "(all others)", &rest) } else { Ok(()) }
}

fn row(book: &mut Book, sheet: usize, name: &str, share: &Share) -> Result<()> {
    let name = shown(name);
    let cells = [
        Cell::Text(&name),
        Cell::Count(share.findings),
        Cell::Count(share.lines),
        Cell::Money(share.at_risk),
        Cell::Count(share.charges_unread),
    ];
    book.row(sheet, &cells)
}
