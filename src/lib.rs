//! placeholder
#![deny(unsafe_code)]

pub mod capture;
pub mod cli;
pub mod dissect;
pub mod filter;
pub mod names;
pub mod output;
pub mod pipeline;
pub mod protocols;
pub mod streams;
pub mod text;

/// The version of the program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
