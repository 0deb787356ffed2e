//! The chart of weeks of service: columns in the order of time.

use std::collections::BTreeMap;

use crate::model::Date;
use crate::report::breakdown::Share;
use crate::report::escape::{counted, digits, money};
use crate::report::html::charts::{Chart, Row, headings, numbers, size, value};
use crate::report::{Breakdown, Summary};

/// How many weeks are drawn side by side: two years of them.
const WEEKS_MAX: i32 = 104;

/// Room for a column, and for the tallest of them, in units of the drawing.
const COLUMN: i32 = 10;
const HEIGHT: u128 = 200;

/// A drawing of columns.
#[derive(Debug, Default)]
pub struct Columns {
    pub width: i32,
    pub height: u128,
    pub columns: Vec<Column>,
    /// What the tallest stands for.
    pub tallest: String,
    /// The first week and the last.
    pub ends: [String; 2],
    /// What the drawing shows, in a sentence.
    pub says: String,
}

/// A week.
#[derive(Debug)]
pub struct Column {
    pub x: i32,
    pub y: u128,
    pub width: i32,
    pub height: u128,
    /// The week and its value.
    pub says: String,
}

/// The weeks with findings. A wrong date may lie centuries away, so what is drawn is the span of
/// two years with most findings, or less if all of them fit.
pub fn weeks(breakdown: &Breakdown, summary: &Summary) -> Chart {
    let dated = breakdown.weeks.iter().filter_map(|(week, share)| Some(((*week)?, share)));
    let dated: BTreeMap<Date, &Share> = dated.collect();
    let Some((first, last)) = span(&dated) else { return Chart::default() };
    let (inside, outside): (Vec<_>, Vec<_>) =
        dated.iter().partition(|(week, _)| (first..=last).contains(*week));
    let row = |(week, share): &(&Date, &&Share)| Row {
        label: week.to_string(),
        is_ours: false,
        numbers: numbers(share, summary),
    };
    let mut rows: Vec<Row> = inside.iter().map(row).collect();
    let nothing = breakdown.weeks.iter().find(|(week, _)| week.is_none());
    let [.., beyond] = &breakdown.beyond;
    let others =
        outside.iter().map(|(_, share)| **share).chain([beyond]).fold(Share::default(), add);
    let rest = [("all other weeks", Some(&others)), ("no readable day", nothing.map(|(_, s)| s))];
    for (label, share) in rest {
        let share = share.filter(|share| **share != Share::default());
        let numbers = share.map(|share| numbers(share, summary));
        let label = label.to_owned();
        rows.extend(numbers.map(|numbers| Row { label, is_ours: true, numbers }));
    }
    let measure = if summary.has_charges { "Charges of lines" } else { "Lines" };
    let mut note = format!("{measure} with a finding, by the Monday of the week of service.");
    if !outside.is_empty() {
        let weeks = counted(outside.len() as u64, "week");
        note.push_str(&format!(" {weeks} outside these two years are not drawn."));
    }
    Chart {
        id: "weeks",
        title: "By week of service",
        note,
        bars: Vec::new(),
        columns: Some(drawing(&dated, (first, last), summary)),
        headings: headings("week of", summary),
        rows,
    }
}

fn add(mut sum: Share, share: &Share) -> Share {
    sum.findings += share.findings;
    sum.lines += share.lines;
    sum.at_risk += share.at_risk;
    sum.charges_unread += share.charges_unread;
    sum
}

/// The first and the last week of the span that is drawn: the one with most findings, of these the
/// latest.
fn span(dated: &BTreeMap<Date, &Share>) -> Option<(Date, Date)> {
    let weeks: Vec<(Date, u64)> =
        dated.iter().map(|(week, share)| (*week, share.findings)).collect();
    let (mut best, mut most, mut sum, mut end) = (None, 0, 0, 0);
    for (at, (first, findings)) in weeks.iter().enumerate() {
        let fits = |(week, _): &&(Date, u64)| week.days() - first.days() < 7 * WEEKS_MAX;
        while let Some((_, more)) = weeks.get(end).filter(fits) {
            (sum, end) = (sum + more, end + 1);
        }
        if sum >= most {
            let last = weeks.get(end.max(at + 1) - 1).map_or(*first, |(week, _)| *week);
            (best, most) = (Some((*first, last)), sum);
        }
        sum -= findings;
    }
    best
}

fn drawing(
    dated: &BTreeMap<Date, &Share>,
    (first, last): (Date, Date),
    summary: &Summary,
) -> Columns {
    let drawn = || dated.range(first..=last);
    let tallest = drawn().map(|(_, share)| size(share, summary)).max().unwrap_or(0);
    let column = |(week, share): (&Date, &&Share)| {
        let size = size(share, summary);
        let height = (size * HEIGHT / tallest.max(1)).max(if size > 0 { 2 } else { 0 });
        Column {
            x: (week.days() - first.days()) / 7 * COLUMN + 1,
            y: HEIGHT - height,
            width: COLUMN - 2,
            height,
            says: format!("Week of {week}: {}", value(share, summary)),
        }
    };
    let weeks = (last.days() - first.days()) / 7 + 1;
    Columns {
        // A few weeks do not become a wall.
        width: weeks.max(12) * COLUMN,
        height: HEIGHT,
        columns: drawn().map(column).collect(),
        tallest: match summary.has_charges {
            true => money(crate::model::Cents(i128::try_from(tallest).unwrap_or(i128::MAX))),
            false => digits(tallest),
        },
        ends: [first.to_string(), last.to_string()],
        says: format!("{} from {first} to {last}", counted(drawn().count() as u64, "week")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Cents;
    use crate::report::canned;

    fn week(day: &str, findings: u64) -> (Option<Date>, Share) {
        let at_risk = Cents(i128::from(findings) * 100);
        let share = Share { findings, lines: findings, at_risk, charges_unread: 0 };
        (Date::parse(day.as_bytes()).value(), share)
    }

    #[test]
    fn a_wrong_date_does_not_flatten_the_others() {
        let summary = canned::summary();
        let all = vec![
            week("2026-10-05", 5),
            week("1926-10-04", 1),
            week("2026-09-28", 10),
            week("2226-10-06", 2),
            week("", 3),
        ];
        let chart = weeks(&Breakdown { weeks: all, ..Breakdown::default() }, &summary);
        let labels: Vec<&str> = chart.rows.iter().map(|row| row.label.as_str()).collect();
        assert_eq!(labels, ["2026-09-28", "2026-10-05", "all other weeks", "no readable day"]);
        assert_eq!(chart.rows[2].numbers, ["3", "3", "$3.00", "0"]);
        assert!(chart.note.ends_with(" 2 weeks outside these two years are not drawn."));
        let drawn = chart.columns.unwrap();
        let at: Vec<_> = drawn.columns.iter().map(|c| (c.x, c.y, c.height)).collect();
        assert_eq!(at, [(1, 0, 200), (11, 100, 100)]);
        assert_eq!(drawn.tallest, "$10.00");
    }

    #[test]
    fn a_span_holds_two_years_at_most_and_the_latest_of_the_best() {
        let shares = [("2020-01-06", 1), ("2021-12-27", 1), ("2022-01-03", 1)];
        let all: Vec<(Date, Share)> =
            shares.iter().map(|(d, n)| week(d, *n)).map(|(d, s)| (d.unwrap(), s)).collect();
        let dated: BTreeMap<Date, &Share> = all.iter().map(|(day, share)| (*day, share)).collect();
        let (first, last) = span(&dated).unwrap();
        assert_eq!(
            (first.to_string(), last.to_string()),
            ("2021-12-27".to_owned(), "2022-01-03".to_owned())
        );
        assert_eq!(span(&BTreeMap::new()), None);
    }
}
