//! The nouns of claim checking: fields, cells, codes, dates, money, lines, groups, findings.
//!
//! Nothing here reads or writes a file, starts a thread, or knows which rules there are.

pub mod batch;
pub mod cell;
pub mod claim;
pub mod code;
pub mod control;
pub mod damage;
pub mod date;
pub mod date_format;
pub mod diagnosis;
pub mod fault;
pub mod field;
pub mod finding;
pub mod group;
pub mod hexadecimal;
pub mod likeness;
pub mod line;
pub mod masking;
pub mod modifiers;
pub mod money;
pub mod pool;
pub mod private;
pub mod rule;
pub mod typed;
pub mod units;
pub mod visible;

pub use batch::Batch;
pub use cell::Cell;
pub use code::{Class, Code};
pub use control::Controls;
pub use damage::{Procedure, Vocabulary};
pub use date::Date;
pub use diagnosis::Diagnosis;
pub use fault::{Fault, FaultDetail, FaultKind};
pub use field::{Field, FieldSet};
pub use finding::{Context, Finding, Findings, Related, Snippet, Why};
pub use group::{Group, KeptLine};
pub use hexadecimal::hexadecimal;
pub use line::Line;
pub use modifiers::{Modifier, Modifiers};
pub use money::Cents;
pub use pool::PooledLine;
pub use private::{Phi, PhiKey};
pub use rule::{RuleCategory, RuleId, RuleInfo, Scope, Severity};
pub use units::Units;
