//! `sniff`: captures packets and explains what they say.

use std::process::ExitCode;

fn main() -> ExitCode {
    sniff::cli::run(std::env::args_os()).report()
}
