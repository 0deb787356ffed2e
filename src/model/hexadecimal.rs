//! Bytes as text, for digests.

/// The bytes as two hexadecimal digits each, in lower case.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
