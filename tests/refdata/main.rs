//! Reference data: small invented files in the published layouts, and what is taken in of them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "../common/mod.rs"]
mod common;
mod diff;
mod import;
mod layouts;

/// A small file of pairs, with two rows that cannot be taken in.
const PAIRS: &str = "CPT only copyright.\t\t\t\t\t\t\r\nColumn1/Column2 Edits\r\n\
    Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tRationale\r\n\
    \t\tprior to 1996\tDate\tDate\t0=not allowed\t\r\n\
    00100\t36000\t*\t19960101\t*\t1\t\"x\r\n0001U\tg0001\t\t20200101\t20201231\t0\ty\r\n\
    00100\t3600\t\t20200101\t*\t1\tz\r\n00100\t36001\t\t20200101\t*\t2\tz\r\n";
