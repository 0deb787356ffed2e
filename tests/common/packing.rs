//! Bytes as gzip and zstd pack them.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::io::Write as _;

/// As gzip packs them.
pub fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(plain).unwrap();
    packed.finish().unwrap()
}

/// As zstd packs them, with a checksum.
pub fn zstd(plain: &[u8]) -> Vec<u8> {
    let mut packed = zstd::Encoder::new(Vec::new(), 3).unwrap();
    packed.include_checksum(true).unwrap();
    packed.write_all(plain).unwrap();
    packed.finish().unwrap()
}
