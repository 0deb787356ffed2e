//! What makes two findings of different runs the same finding.
//!
//! A fingerprint survives a new export of the same claims: it holds no file name, and no place as
//! long as there is a claim number to go by.

use xxhash_rust::xxh3::xxh3_128;

use crate::model::Field;
use crate::model::finding::FindingView;
use crate::report::append as write;

/// Appends the fingerprint of a finding of the rule `code`: 32 hexadecimal digits.
pub fn append(code: &str, finding: &FindingView<'_>, into: &mut Vec<u8>) {
    // What is hashed stands at the end of the bytes for a moment: they have room.
    let start = into.len();
    part(Some(code.as_bytes()), into);
    match finding.claim_id.filter(|claim| !claim.is_empty()) {
        Some(claim) => {
            let line = finding.service_line.map(str::as_bytes);
            let value = finding.value.map(str::as_bytes);
            of_claim(claim.as_bytes(), line, finding.field, value, into);
        }
        None => {
            counted(finding.place.record, into);
            counted(finding.place.line, into);
        }
    }
    let hash = xxh3_128(into.get(start..).unwrap_or_default());
    into.truncate(start);
    write::hexadecimal(hash, into);
}

/// The same as a number, of a finding on a claim before it is a finding: its claim number, service
/// line, field, and value. Nothing without a claim number: by its place alone, a finding of another
/// export cannot be told from it.
pub fn number(
    code: &str,
    claim: Option<&[u8]>,
    service_line: Option<&[u8]>,
    field: Option<Field>,
    value: Option<&[u8]>,
) -> Option<u128> {
    let claim = claim.filter(|claim| !claim.is_empty())?;
    let mut bytes = Vec::with_capacity(128);
    part(Some(code.as_bytes()), &mut bytes);
    of_claim(claim, service_line, field, value, &mut bytes);
    Some(xxh3_128(&bytes))
}

#[inline]
fn of_claim(
    claim: &[u8],
    service_line: Option<&[u8]>,
    field: Option<Field>,
    value: Option<&[u8]>,
    into: &mut Vec<u8>,
) {
    part(Some(claim), into);
    part(service_line, into);
    part(field.map(|field| field.name().as_bytes()), into);
    part(known(field, value), into);
}

/// A value as far as it is known whatever is shown of private cells.
fn known(field: Option<Field>, value: Option<&[u8]>) -> Option<&[u8]> {
    value.filter(|_| !field.is_some_and(Field::is_private))
}

/// The length before each part keeps ("a", "bc") and ("ab", "c") apart.
#[inline]
fn part(text: Option<&[u8]>, into: &mut Vec<u8>) {
    let length = text.map_or(u64::MAX, |text| text.len() as u64);
    into.extend_from_slice(&length.to_le_bytes());
    into.extend_from_slice(text.unwrap_or_default());
}

/// A number as a part, in decimal.
fn counted(number: u64, into: &mut Vec<u8>) {
    let length = number.checked_ilog10().unwrap_or(0) + 1;
    into.extend_from_slice(&u64::from(length).to_le_bytes());
    write::number(number, into);
}

/// The slow twin of [`append`].
#[cfg(test)]
pub fn slow(code: &str, finding: &crate::model::Finding) -> String {
    let mut hash = xxhash_rust::xxh3::Xxh3::new();
    let mut part = |text: Option<&str>| match text {
        Some(text) => {
            hash.update(&(text.len() as u64).to_le_bytes());
            hash.update(text.as_bytes());
        }
        None => hash.update(&u64::MAX.to_le_bytes()),
    };
    part(Some(code));
    match finding.claim_id.as_deref().filter(|claim| !claim.is_empty()) {
        Some(claim) => {
            part(Some(claim));
            part(finding.service_line.as_deref());
            part(finding.field.map(|field| field.name()));
            let is_private = finding.field.is_some_and(Field::is_private);
            part(finding.value.as_deref().filter(|_| !is_private));
        }
        None => {
            part(Some(&finding.place.record.to_string()));
            part(Some(&finding.place.line.to_string()));
        }
    }
    format!("{:032x}", hash.digest128())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Finding;
    use crate::report::canned;

    fn fingerprint(code: &str, finding: &Finding) -> String {
        let mut bytes = b"before".to_vec();
        append(code, &finding.view(), &mut bytes);
        let text = String::from_utf8(bytes).unwrap().strip_prefix("before").unwrap().to_owned();
        assert_eq!(text, slow(code, finding));
        let bytes = |text: &Option<String>| text.clone().map(String::into_bytes);
        let [claim, line, value] =
            [&finding.claim_id, &finding.service_line, &finding.value].map(bytes);
        let (claim, line, value) = (claim.as_deref(), line.as_deref(), value.as_deref());
        let number = number(code, claim, line, finding.field, value);
        assert_eq!(number.map(|n| format!("{n:032x}")), claim.map(|_| text.clone()));
        text
    }

    #[test]
    fn a_fingerprint_is_that_of_the_claim_and_not_of_the_place() {
        let finding = canned::category_two();
        let print = fingerprint("CII001", &finding);
        // Baselines hold fingerprints: this value must never change.
        assert_eq!(print, "6b8d55ecbc58cc6c7967490df408dc9c");
        let mut moved = finding.clone();
        moved.place.source = 1;
        moved.place.record = 5;
        moved.place.line = 6;
        moved.message = "other words".to_owned();
        assert_eq!(fingerprint("CII001", &moved), print);
        let mut other = finding.clone();
        other.value = None;
        assert_ne!(fingerprint("CII001", &other), print);
        other.value = Some(String::new());
        assert_ne!(fingerprint("CII001", &other), print);
        assert_ne!(fingerprint("CII002", &finding), print);
    }

    #[test]
    fn a_fingerprint_is_the_same_whatever_is_shown_of_private_cells() {
        let mut finding = canned::category_two();
        finding.field = Some(Field::PatientId);
        finding.value = None;
        let print = fingerprint("CII001", &finding);
        finding.value = Some("M1".to_owned());
        assert_eq!(fingerprint("CII001", &finding), print);
    }

    #[test]
    fn without_a_claim_number_the_place_decides() {
        let mut finding = canned::category_two();
        finding.claim_id = None;
        let print = fingerprint("CII001", &finding);
        let mut same = finding.clone();
        same.place.source = 1;
        same.value = Some("other".to_owned());
        assert_eq!(fingerprint("CII001", &same), print);
        same.place.record += 1;
        assert_ne!(fingerprint("CII001", &same), print);
        assert_eq!(print.len(), 32);
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        let mut one = canned::category_two();
        one.claim_id = Some("A1".to_owned());
        one.service_line = Some("2".to_owned());
        let mut two = one.clone();
        two.claim_id = Some("A".to_owned());
        two.service_line = Some("12".to_owned());
        assert_ne!(fingerprint("CII001", &one), fingerprint("CII001", &two));
    }
}
