//! How a run ends.

use std::io::{self, Write};
use std::process::ExitCode;

use crate::text::Text;

/// The outcome of a run; what there is to say about it goes to standard error.
#[derive(Debug)]
pub enum Exit {
    /// 0: done, also when nothing matched or the reader of a pipe went away.
    Done,
    /// 1: nothing could be read, or not all be written.
    Failed(String),
    /// 2: the command line or a filter is wrong.
    Usage(String),
    /// 3: the input is damaged; everything readable was shown.
    Damaged(String),
    /// What clap says: 2, or 0 for help and version.
    Clap(clap::Error),
}

impl Exit {
    /// An error of standard output: a closed pipe ends quietly.
    pub fn of_write(error: &io::Error) -> Exit {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Exit::Done,
            _ => Exit::Failed(format!("cannot write to standard output: {error}")),
        }
    }

    /// Says what there is to say and returns the status.
    pub fn report(self) -> ExitCode {
        let (message, status) = match self {
            Exit::Done => return ExitCode::SUCCESS,
            Exit::Clap(error) => {
                // Help that nobody reads is no failure.
                _ = error.print();
                return ExitCode::from(error.exit_code() as u8);
            }
            Exit::Failed(message) => (message, 1),
            Exit::Usage(message) => (message, 2),
            Exit::Damaged(message) => (message, 3),
        };
        // A message that nobody can read changes nothing about the status.
        _ = writeln!(io::stderr(), "sniff: {}", shown(&message));
        ExitCode::from(status)
    }
}

/// A message whose names, of files say, have nothing that a terminal obeys; its lines stay lines.
fn shown(message: &str) -> String {
    let mut text = Text::new();
    for (place, line) in message.split('\n').enumerate() {
        if place > 0 {
            text.byte(b'\n');
        }
        text.wire(line.as_bytes());
    }
    text.to_string_lossy()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_obey_nobody() {
        assert_eq!(shown("a\x1b[31mb.pcap: no such file"), "a\\033[31mb.pcap: no such file");
        assert_eq!(shown("no filter\n  té\u{9b}p\n  ^~~\n"), "no filter\n  té\\u009Bp\n  ^~~\n");
    }
}
