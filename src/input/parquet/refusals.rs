//! What is said of a file that is not read, or not to its end.

use crate::error::Error;
use crate::input::parquet::footer::Refused;
use crate::input::parquet::pages::Problem;

/// The error for a file that cannot be opened.
pub fn refused(why: Refused) -> Error {
    match why {
        Refused::Damaged(what) => Error::input(format!("a damaged Parquet file: {what}"))
            .with_help("was it cut off or changed on its way? compare its size with the original"),
        Refused::Elsewhere(what) => {
            Error::input(format!("a Parquet file that cannot be read: {what}"))
                .with_help("write it as one plain file")
        }
    }
}

/// The error for pages that cannot be read, after so many records.
pub fn unreadable(problem: &Problem, records: u64) -> Error {
    let after = format!("cannot read on after {records} records");
    match problem {
        Problem::Damaged(what) => Error::incomplete(format!("{after}: damaged Parquet: {what}"))
            .with_help("was it cut off or changed on its way? compare its size with the original"),
        Problem::TooLarge => Error::incomplete(format!("{after}: a page is too large"))
            .with_help("write the file with smaller pages or row groups"),
        Problem::NotRead(what) => Error::incomplete(format!("{after}: {what}"))
            .with_help("write the file with a current program, or as CSV"),
        Problem::Unreadable(error) => Error::incomplete(format!("{after}: {error}")),
    }
}
