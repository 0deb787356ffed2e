//! Parts of one edition: files that are published as `-f1`, `-f2` and so on belong together.

use crate::error::{Error, Result};
use crate::reference::Edition;
use crate::reference::rows::{Rows, SourceFile};

/// A file's name without its ending, in lower case.
fn stem(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_owned()
}

/// The name that all parts share; nothing where a file is no part.
fn family(name: &str) -> Option<String> {
    let stem = stem(name);
    let mut found = None;
    for (at, _) in stem.match_indices("-f") {
        let rest = stem.get(at + 2..).unwrap_or_default();
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let after = rest.get(digits..).unwrap_or_default();
        if digits > 0 && !after.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            found = Some(format!("{}{after}", stem.get(..at).unwrap_or_default()));
        }
    }
    found
}

/// What files mean for an edition that there is already, of the same kind and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Join {
    /// They stand for everything that it was made of.
    Replace,
    /// They are further parts of it; parts that it has are given with the same bytes.
    Unite,
    /// This part of it is given with other bytes, while others are not given: its old rows cannot
    /// be told from theirs.
    Changed(String),
    /// It was made of this other file.
    Other(String),
}

/// What the files `new` mean for an edition made of `old`.
pub fn join(old: &[SourceFile], new: &[SourceFile]) -> Join {
    let same = |a: &SourceFile, b: &SourceFile| stem(&a.name) == stem(&b.name);
    let mut kept = old.iter().filter(|source| !new.iter().any(|other| same(source, other)));
    let Some(first) = kept.clone().next() else { return Join::Replace };
    let own = new.first().and_then(|source| family(&source.name));
    let is_family = |source: &SourceFile| own.is_some() && family(&source.name) == own;
    if !(kept.all(is_family) && new.iter().all(is_family)) {
        return Join::Other(first.name.clone());
    }
    let differs = |source: &&SourceFile| {
        new.iter().any(|other| same(source, other) && source.sha256 != other.sha256)
    };
    match old.iter().find(differs) {
        Some(changed) => Join::Changed(changed.name.clone()),
        None => Join::Unite,
    }
}

/// Adds the rows of `part` to `whole`: both are of one kind and have one name.
pub fn unite(whole: &mut Edition, part: Edition) -> Result<()> {
    match (&mut whole.rows, part.rows) {
        (Rows::Codes(rows), Rows::Codes(more)) => rows.extend(more),
        (Rows::Pairs(rows), Rows::Pairs(more)) => rows.extend(more),
        (Rows::Limits(rows), Rows::Limits(more)) => rows.extend(more),
        (Rows::AddOns(rows), Rows::AddOns(more)) => rows.extend(more),
        _ => return Err(Error::incomplete("parts of an edition do not have rows of one form")),
    }
    whole.covers.0 = whole.covers.0.min(part.covers.0);
    whole.covers.1 = whole.covers.1.max(part.covers.1);
    whole.is_complete = whole.is_complete && part.is_complete;
    let part = part.sources;
    whole.sources.retain(|source| !part.iter().any(|new| stem(&new.name) == stem(&source.name)));
    whole.sources.extend(part);
    whole.sources.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(name: &str, sha256: &str) -> SourceFile {
        SourceFile { name: name.to_owned(), sha256: sha256.to_owned(), rows: 1 }
    }

    #[test]
    fn parts_are_told_by_their_names() {
        let name = |name: &str| family(name).unwrap_or_default();
        assert_eq!(name("ccipra-v322r0-f1.txt"), "ccipra-v322r0");
        assert_eq!(name("ccipra-v322r0-f12.xlsx"), "ccipra-v322r0");
        assert_eq!(name("CCIPRA-v322r0-f2.txt.gz"), "ccipra-v322r0");
        assert_eq!(name("ccipra-v322r0-f1.excerpt.txt"), "ccipra-v322r0.excerpt");
        assert_eq!(name("cpt-full.csv"), "");
    }

    #[test]
    fn files_join_an_edition_or_stand_for_it() {
        let there = [source("a-f1.txt", "1"), source("a-f2.txt", "2")];
        let means = |new: &[(&str, &str)]| {
            let new: Vec<SourceFile> = new.iter().map(|(n, sha256)| source(n, sha256)).collect();
            join(&there, &new)
        };
        assert_eq!(means(&[("a-f3.txt", "3")]), Join::Unite);
        assert_eq!(means(&[("a-f1.txt", "1"), ("a-f3.txt", "3")]), Join::Unite);
        assert_eq!(means(&[("a-f1.xlsx", "9")]), Join::Changed("a-f1.txt".to_owned()));
        assert_eq!(means(&[("a-f1.txt", "8"), ("a-f2.txt", "9")]), Join::Replace);
        assert_eq!(means(&[("b-f3.txt", "3")]), Join::Other("a-f1.txt".to_owned()));
        assert_eq!(means(&[("b.txt", "3")]), Join::Other("a-f1.txt".to_owned()));
        assert_eq!(join(&[source("b.txt", "1")], &[source("b.csv", "2")]), Join::Replace);
    }
}
