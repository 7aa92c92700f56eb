//! placeholder
pub mod capture;
pub mod names;
