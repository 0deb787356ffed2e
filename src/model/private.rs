//! What is shown of values that identify or describe a patient.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::model::{Field, hexadecimal};

/// Bytes of a keyed hash that are shown: 128 bits.
const SHOWN_BYTES: usize = 16;

/// What is shown of private values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Phi {
    /// Nothing.
    #[default]
    Mask,
    /// A keyed hash: the same value has the same hash under the same key, and no one without the
    /// key can find the value by trying all there are.
    Hash(PhiKey),
    /// The value.
    Show,
}

/// The key of hashes. It is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct PhiKey(Vec<u8>);

impl fmt::Debug for PhiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhiKey")
    }
}

impl PhiKey {
    /// The fewest bytes of a key: 128 bits.
    pub const BYTES_MIN: usize = 16;

    /// A key of these bytes; none if they are too few.
    pub fn new(bytes: &[u8]) -> Option<PhiKey> {
        (bytes.len() >= Self::BYTES_MIN).then(|| PhiKey(bytes.to_vec()))
    }

    /// What tells keys apart and says nothing else of them.
    pub fn id(&self) -> String {
        self.hash("key", b"").chars().take(8).collect()
    }

    /// The keyed hash of a value: HMAC-SHA-256 over the domain, a zero byte and the value, of which
    /// the first half is shown in hexadecimal digits.
    fn hash(&self, domain: &str, value: &[u8]) -> String {
        // HMAC takes a key of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return String::new() };
        mac.update(domain.as_bytes());
        mac.update(&[0]);
        mac.update(value);
        let bytes = mac.finalize().into_bytes();
        hexadecimal(bytes.get(..SHOWN_BYTES).unwrap_or_default())
    }
}

impl Phi {
    /// The word in settings and reports.
    pub fn name(&self) -> &'static str {
        match self {
            Phi::Mask => "mask",
            Phi::Hash(_) => "hash",
            Phi::Show => "show",
        }
    }

    /// What tells the key apart, where there is one.
    pub fn key_id(&self) -> Option<String> {
        match self {
            Phi::Hash(key) => Some(key.id()),
            Phi::Mask | Phi::Show => None,
        }
    }

    /// What a finding shows of a private field whose cell is this one. Blanks around it are no part
    /// of a value; the name of the field is one of what is hashed, so that equal values of two
    /// fields do not have one hash.
    pub fn shown(&self, field: Field, cell: &[u8]) -> Option<Vec<u8>> {
        match self {
            Phi::Mask => None,
            Phi::Hash(key) => {
                let hash = key.hash(field.name(), cell.trim_ascii());
                Some(format!("hmac:{hash}").into_bytes())
            }
            Phi::Show => Some(cell.to_vec()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_rfc_4231() {
        // Test case 1: the crate is the function that it says it is.
        let key = PhiKey::new(&[0x0b; 20]).unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&[0x0b; 20]).unwrap();
        mac.update(b"Hi There");
        let bytes = mac.finalize().into_bytes();
        assert_eq!(bytes[..4], [0xb0, 0x34, 0x4c, 0x61]);
        assert_eq!(key.hash("patient_id", b"M1").len(), 2 * SHOWN_BYTES);
    }

    #[test]
    fn a_hash_is_of_the_key_the_field_and_the_value() {
        let phi = |key: &[u8]| Phi::Hash(PhiKey::new(key).unwrap());
        let one = phi(&[1; 16]);
        let hash = one.shown(Field::PatientId, b"M1").unwrap();
        assert!(hash.starts_with(b"hmac:"));
        assert_eq!(one.shown(Field::PatientId, b" M1 "), Some(hash.clone()));
        assert_ne!(one.shown(Field::PatientId, b"M2"), Some(hash.clone()));
        assert_ne!(one.shown(Field::PatientBirthDate, b"M1"), Some(hash.clone()));
        assert_ne!(phi(&[2; 16]).shown(Field::PatientId, b"M1"), Some(hash));
        assert!(PhiKey::new(&[1; 15]).is_none());
        assert!(!format!("{one:?}").contains('1'));
    }

    #[test]
    fn nothing_is_shown_unless_it_is_asked_for() {
        assert_eq!(Phi::default().shown(Field::PatientId, b"M1"), None);
        assert_eq!(Phi::Show.shown(Field::PatientId, b" M1"), Some(b" M1".to_vec()));
    }
}
