//! placeholder
pub mod capture;
pub mod dissect;
pub mod names;
pub mod protocols;
pub mod text;
