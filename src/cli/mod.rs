//! The command line: arguments in, an exit status out. clap goes no deeper than here.

mod args;
mod decode_as;
mod exit;
mod glossary;
mod habits;
mod interfaces;
mod live;
mod read;
mod save;
mod statistics;

use std::ffi::OsString;

use clap::Parser;

pub use exit::Exit;

/// A command that has a name: the name is the first argument.
struct Command {
    name: &'static str,
    usage: &'static str,
    /// Runs it with the arguments after its name.
    run: fn(&[OsString]) -> Exit,
}

const COMMANDS: &[Command] = &[Command { name: "interfaces", usage: "sniff interfaces", run: interfaces::run }];

/// Runs the program with these arguments, the first being its name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let named = |word: &OsString| COMMANDS.iter().find(|command| word == command.name);
    if let Some(command) = arguments.get(1).and_then(named) {
        return (command.run)(&arguments[2..]);
    }
    if let Some(answer) = habits::answer(&arguments) {
        return Exit::Usage(answer);
    }
    let arguments = habits::apart(arguments);
    let args = match args::Args::try_parse_from(&arguments) {
        Ok(args) => args,
        Err(error) => return Exit::Clap(error),
    };
    if let Some(what) = &args.glossary {
        return glossary::print(what);
    }
    if args.verbose > 0 && arguments.len() == 2 {
        return glossary::version();
    }
    if let Some(command) = args.expression.first().and_then(|word| named(&word.into())) {
        return Exit::Usage(format!("the name of a command comes first: {}", command.usage));
    }
    if args.list_interfaces {
        return interfaces::print();
    }
    if args.list_link_types {
        return live::print_links(&args);
    }
    read::run(args)
}
