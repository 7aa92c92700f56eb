//! The command line: arguments in, an exit status out. clap goes no deeper than here.

mod args;
mod decode_as;
mod exit;
mod glossary;
mod habits;
mod read;

use std::ffi::OsString;

use clap::Parser;

pub use exit::Exit;

/// Runs the program with these arguments, the first being its name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    if let Some(answer) = habits::answer(&arguments) {
        return Exit::Usage(answer);
    }
    let args = match args::Args::try_parse_from(&arguments) {
        Ok(args) => args,
        Err(error) => return Exit::Clap(error),
    };
    if let Some(what) = &args.glossary {
        return glossary::print(what);
    }
    if args.verbose > 0 && args.file.is_none() {
        return glossary::version();
    }
    read::run(args)
}
