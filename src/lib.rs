pub mod error;
pub mod model;
pub mod input;
pub mod exchange;
pub mod lint;
