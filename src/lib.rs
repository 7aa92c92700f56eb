//! placeholder
#![deny(unsafe_code)]

pub mod capture;
pub mod dissect;
pub mod names;
pub mod output;
pub mod protocols;
pub mod streams;
pub mod text;
