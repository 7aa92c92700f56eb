//! How a run ends.

use std::io;
use std::process::ExitCode;

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
        eprintln!("sniff: {message}");
        ExitCode::from(status)
    }
}
