//! The command line: arguments in, an exit status out. clap goes no deeper than here.

mod args;
mod decode_as;
mod exit;
mod follow;
mod glossary;
mod habits;
mod interfaces;
mod live;
mod push;
mod read;
mod reference;
mod save;
mod statistics;

use std::ffi::OsString;

use clap::Parser;
use clap::error::ErrorKind;

pub use exit::Exit;

/// A command that has a name: the name is the first argument.
struct Command {
    /// Its name, and others that it goes by.
    names: &'static [&'static str],
    usage: &'static str,
    /// Runs it with the arguments after its name.
    run: fn(&[OsString]) -> Exit,
}

const COMMANDS: &[Command] = &[
    Command { names: &["interfaces"], usage: "sniff interfaces", run: interfaces::run },
    Command {
        names: &["follow", "follow-stream"],
        usage: "sniff follow -r FILE --stream N, sniff follow -i INTERFACE EXPRESSION",
        run: follow::run,
    },
];

/// Runs the program with these arguments, the first being its name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let named = |word: &OsString| COMMANDS.iter().find(|command| command.names.iter().any(|name| word == name));
    let misplaced = |command: &Command| Exit::Usage(format!("the name of a command comes first: {}", command.usage));
    if let Some(command) = arguments.get(1).and_then(named) {
        return (command.run)(&arguments[2..]);
    }
    if let Some(answer) = habits::answer(&arguments) {
        return Exit::Usage(answer);
    }
    let arguments = habits::apart(arguments);
    let args = match args::Args::try_parse_from(&arguments) {
        Ok(args) => args,
        // What only the command knows is unknown before its name.
        Err(error) if error.kind() == ErrorKind::UnknownArgument => {
            return arguments.iter().find_map(named).map_or(Exit::Clap(error), misplaced);
        }
        Err(error) => return Exit::Clap(error),
    };
    if let Some(what) = &args.glossary {
        return glossary::print(what);
    }
    if args.verbose > 0 && arguments.len() == 2 {
        return glossary::version();
    }
    if let Some(command) = args.expression.first().and_then(|word| named(&word.into())) {
        return misplaced(command);
    }
    if args.list_interfaces {
        return interfaces::print();
    }
    if args.list_link_types {
        return live::print_links(&args);
    }
    read::run(args)
}
