//! `-z`: what is written of all packets.

use std::io::{self, IsTerminal};

use super::args::Args;
use super::{Exit, read};
use crate::follow::transcript::{Request, Transcripts};
use crate::output::{Several, Sink};

/// Everything that `-z` asks for, as one sink.
pub fn tap(args: &Args) -> Result<Box<dyn Sink>, Exit> {
    let mut followed = Vec::new();
    for asked in &args.statistics {
        let wrong = |why: String| Exit::Usage(format!("-z {asked}: {why}"));
        match asked.split_once(',').unwrap_or((asked, "")) {
            ("follow", which) => followed.push(Request::parse(which).map_err(wrong)?),
            _ => {
                return Err(wrong(
                    "there is no such statistic; there is: follow,tcp,ascii,0 (or udp; utf-8, hex, raw)".into(),
                ));
            }
        }
    }
    if !args.statistics.is_empty() && args.write.as_deref().is_some_and(|path| path.as_os_str() == "-") {
        return Err(Exit::Usage("-w - and -z both write to standard output: name a file after -w".into()));
    }
    let mut taps: Vec<Box<dyn Sink>> = Vec::new();
    if !followed.is_empty() {
        taps.push(Box::new(Transcripts::new(followed, !read::lists(args), io::stdout().is_terminal())));
    }
    Ok(Box::new(Several(taps)))
}
