//! Which service dates an edition answers for, and what it is called.

use crate::error::{Error, Result};
use crate::intake::Asked;
use crate::intake::dates;
use crate::intake::recognise::Reader;
use crate::intake::release::Release;
use crate::model::Date;
use crate::reference::Kind;
use crate::reference::rows::{Days, Rows};

/// The ends of the dates that stand in the rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Span {
    earliest_first: Option<Date>,
    earliest_last: Option<Date>,
    latest: Option<Date>,
}

impl Span {
    fn of(rows: &Rows) -> Span {
        let mut span = Span::default();
        match rows {
            Rows::Codes(rows) => rows.iter().for_each(|row| span.add(row.days)),
            Rows::Pairs(rows) => rows.iter().for_each(|row| span.add(row.days)),
            Rows::AddOns(rows) => rows.iter().for_each(|row| span.add(row.days)),
            Rows::Limits(_) => {}
        }
        span
    }

    fn add(&mut self, days: Days) {
        let earlier = |a: Option<Date>, b: Option<Date>| a.into_iter().chain(b).min();
        self.earliest_first = earlier(self.earliest_first, days.first);
        self.earliest_last = earlier(self.earliest_last, days.last);
        self.latest = self.latest.max(days.first).max(days.last);
    }
}

/// The dates covered, both ends included. An error says how to name them.
pub fn covers(
    reader: &Reader,
    rows: &Rows,
    release: Option<Release>,
    asked: &Asked,
) -> Result<(Date, Date)> {
    if let Some(effective) = asked.effective {
        return Ok(effective);
    }
    let span = Span::of(rows);
    let quarter = release.and_then(|r| dates::quarter(r.year, r.quarter()?));
    let year = release.and_then(|r| calendar_year(r.year));
    let today = asked.today;
    let found = match reader.kind() {
        Kind::Hcpcs => {
            // A file drops codes that ended long before, so it cannot answer for longer ago.
            let end = quarter.or(year).map_or(today, |(_, last)| last);
            let begin = span.earliest_last.or(quarter.or(year).map(|(first, _)| first));
            Some((begin.unwrap_or(end), end))
        }
        Kind::PtpPractitioner | Kind::PtpOutpatient => {
            span.earliest_first.zip(quarter.map(|(_, last)| last))
        }
        Kind::AddOn => {
            span.earliest_first.map(|first| (first, quarter.map_or(today, |(_, last)| last)))
        }
        Kind::MuePractitioner | Kind::MueOutpatient | Kind::MueDme | Kind::Pprrvu => quarter,
        Kind::Icd10cm => release.and_then(|release| fiscal_year(release.year)),
        Kind::Procedures if reader.is_addendum() => quarter,
        Kind::Procedures if span.latest.is_none() => quarter.or(year),
        Kind::Procedures => own(span, today),
        _ if span.latest.is_some() => own(span, today),
        // What has no dates at all says what is in force now, and nothing of years ago.
        _ => Date::from_ymd(today.ymd().0, 1, 1).map(|first| (first, today)),
    };
    found.filter(|(first, last)| first <= last).ok_or_else(|| {
        Error::input("neither its rows nor its name tell which service dates it is for")
            .with_help("give them: --effective FROM..TO, such as 2026-01-01..2026-03-31")
    })
}

/// Of rows with dates of their own: what comes is known as far as it is written down.
fn own(span: Span, today: Date) -> Option<(Date, Date)> {
    span.earliest_first.map(|first| (first, span.latest.map_or(today, |last| last.max(today))))
}

fn calendar_year(year: i32) -> Option<(Date, Date)> {
    Date::from_ymd(year, 1, 1).zip(Date::from_ymd(year, 12, 31))
}

/// It begins in October of the year before.
fn fiscal_year(year: i32) -> Option<(Date, Date)> {
    Date::from_ymd(year - 1, 10, 1).zip(Date::from_ymd(year, 9, 30))
}

/// The edition's name: as asked, else by the release, else by the dates or the day of import.
pub fn name(
    reader: &Reader,
    file: &str,
    release: Option<Release>,
    covers: (Date, Date),
    asked: &Asked,
) -> Result<String> {
    if let Some(name) = &asked.edition {
        return if is_name(name) { Ok(name.clone()) } else { Err(no_name(name)) };
    }
    let kind = reader.kind();
    let is_open = matches!(kind, Kind::PlaceOfService | Kind::Modifiers | Kind::Taxonomy);
    let by_release = match (kind, release) {
        (Kind::Taxonomy, _) => taxonomy_version(file),
        (_, None) => None,
        (Kind::Procedures, Some(_)) if reader.is_dated() => None,
        _ if is_open => None,
        (Kind::Hcpcs, Some(Release { year, month: Some(month) })) => {
            Some(format!("{year}-{month:02}"))
        }
        (Kind::Icd10cm, Some(release)) => Some(format!("FY{}", release.year)),
        (_, Some(release)) => Some(match release.quarter() {
            Some(quarter) => format!("{}-Q{quarter}", release.year),
            None => release.year.to_string(),
        }),
    };
    Ok(by_release.unwrap_or_else(|| match asked.effective {
        Some(_) => by_dates(kind, covers),
        None => asked.today.to_string(),
    }))
}

fn by_dates(kind: Kind, (first, last): (Date, Date)) -> String {
    let (year, month, _) = first.ymd();
    let quarter = month.div_ceil(3);
    let end = last.ymd().0;
    match () {
        () if kind == Kind::Icd10cm && fiscal_year(end) == Some((first, last)) => {
            format!("FY{end}")
        }
        () if dates::quarter(year, quarter) == Some((first, last)) => format!("{year}-Q{quarter}"),
        () if calendar_year(year) == Some((first, last)) => year.to_string(),
        () => format!("{first}_{last}"),
    }
}

/// `nucc_taxonomy_251.csv` is of version 25.1.
fn taxonomy_version(file: &str) -> Option<String> {
    let (_, rest) =
        file.to_ascii_lowercase().split_once("taxonomy_").map(|(a, b)| (a.len(), b.to_owned()))?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let (major, minor) = digits.split_at_checked(2)?;
    (minor.len() == 1).then(|| format!("{major}.{minor}"))
}

fn is_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.len() <= 64
        && name.chars().all(fits)
}

fn no_name(name: &str) -> Error {
    Error::settings(format!("`{name}` cannot be the name of an edition"))
        .with_help("use up to 64 letters, digits, -, _ and ., and begin with a letter or digit")
}
