//! claimlint: a linter for medical claim exports.
//!
//! The house has floors; a module uses only lower ones (`tests/tidy` holds that):
//!
//! | floor | rooms | what for |
//! |---|---|---|
//! | 6 | `cli` | arguments, terminal, exit codes |
//! | 5 | `pipeline` | the main path: read, check, group, report |
//! | 4 | `rules`, `config` | which rules there are; what the user set |
//! | 3 | `lint`, `input` | what a rule is; bytes to lines |
//! | 3 | `exchange`, `report` | lines to claims; findings to files |
//! | 3 | `intake` | published files to editions of reference data |
//! | 2 | `reference` | what is known of codes by date |
//! | 1 | `model` | the nouns |
//! | 0 | `error` | the one error |
//!
//! Start reading at [`pipeline::run`].

pub mod error;

pub mod model;

pub mod reference;

pub mod exchange;
pub mod input;
pub mod intake;
pub mod lint;
pub mod report;

pub mod config;
pub mod rules;

pub mod pipeline;

pub mod cli;
