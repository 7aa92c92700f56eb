//! placeholder
pub mod capture;
