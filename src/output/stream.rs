//! Standard output as one buffered stream, and the progress bar on standard error.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::backlog::{Backlog, Manners, Upstream};
use crate::capture::Progress;
use crate::text::Text;

/// Text is written in blocks of this size where nobody watches.
const BLOCK: usize = 64 * 1024;
/// The bar appears only where reading takes longer than this.
const PATIENCE: Duration = Duration::from_millis(300);

/// Where packets are written to.
pub struct Output {
    to: To,
    /// Each packet is written at once.
    each: bool,
    bar: Bar,
}

/// Who writes.
enum To {
    /// Whoever makes the text, who waits until that is done.
    Here(Box<dyn Write + Send>),
    /// A thread of its own; `ends` says where packets end in the text that was not passed on yet.
    Apart { backlog: Backlog, ends: Vec<usize> },
}

enum Bar {
    Off,
    Waiting(Instant),
    Shown(ProgressBar),
}

impl Output {
    /// Standard output; `each` writes every packet at once (a terminal, `-l`), `bar` allows a progress bar.
    pub fn standard(each: bool, bar: bool) -> Output {
        let watched = io::stdout().is_terminal();
        let bar = bar && !watched && io::stderr().is_terminal();
        Output {
            to: To::Here(Box::new(io::stdout())),
            each: each || watched,
            bar: if bar { Bar::Waiting(Instant::now()) } else { Bar::Off },
        }
    }

    /// Standard output while packets are captured: whoever reads it slowly does not hold up `upstream`. Where packets are `saved` too,
    /// it is not even waited for while there is room.
    pub fn live(each: bool, saved: bool, upstream: Arc<dyn Upstream>) -> io::Result<Output> {
        let is_watched = io::stdout().is_terminal();
        let manners = Manners { skips_at_once: is_watched || saved, is_watched };
        let file = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        Ok(Output {
            to: To::Apart { backlog: Backlog::new(file, manners, upstream)?, ends: Vec::new() },
            each: each || is_watched,
            bar: Bar::Off,
        })
    }

    /// Output that is kept, for tests, and where.
    #[cfg(test)]
    pub fn kept() -> (Output, Arc<std::sync::Mutex<Vec<u8>>>) {
        struct Kept(Arc<std::sync::Mutex<Vec<u8>>>);
        impl Write for Kept {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.lock().unwrap().extend_from_slice(bytes);
                Ok(bytes.len())
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let written = Arc::default();
        (Output { to: To::Here(Box::new(Kept(Arc::clone(&written)))), each: false, bar: Bar::Off }, written)
    }

    /// Whether the text of the next packet is wanted; if not, it need not be made.
    pub fn takes(&mut self) -> bool {
        match &mut self.to {
            To::Here(_) => true,
            To::Apart { backlog, .. } => backlog.takes(),
        }
    }

    /// Counts a packet that was not shown.
    pub fn skip(&mut self) {
        if let To::Apart { backlog, .. } = &mut self.to {
            backlog.skip();
        }
    }

    /// Passes on the text of a packet when it is time to.
    pub fn packet(&mut self, text: &mut Text) -> io::Result<()> {
        if let To::Apart { ends, .. } = &mut self.to
            && ends.last().copied().unwrap_or(0) < text.len()
        {
            ends.push(text.len());
        }
        if self.each {
            self.write(text)?;
            self.flush()
        } else if text.len() >= BLOCK {
            self.write(text)
        } else {
            Ok(())
        }
    }

    /// Passes on what there is where the source may now wait for more, and moves the bar.
    pub fn batch(&mut self, text: &mut Text, progress: Progress) -> io::Result<()> {
        if progress.total.is_none() {
            self.write(text)?;
            self.flush()?;
        }
        if let (Bar::Waiting(since), Some(total)) = (&self.bar, progress.total)
            && since.elapsed() > PATIENCE
        {
            let style = ProgressStyle::with_template("{bar:40} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left");
            let bar = ProgressBar::new(total);
            self.bar = Bar::Shown(style.map(|style| bar.clone().with_style(style)).unwrap_or(bar));
        }
        if let Bar::Shown(bar) = &self.bar {
            bar.set_position(progress.read);
        }
        Ok(())
    }

    /// Writes `text` from the byte `start` and empties it; packets end in it at `packets`.
    pub fn write_from(
        &mut self,
        text: &mut Text,
        start: usize,
        packets: impl Iterator<Item = usize>,
    ) -> io::Result<()> {
        if let To::Apart { ends, .. } = &mut self.to {
            ends.clear();
            // Of a packet that says nothing, nothing can be missing.
            ends.extend(packets.map(|end| end.saturating_sub(start)).filter(|&end| end > 0));
            ends.dedup();
        }
        self.pass_on(text, start)
    }

    /// Writes all of `text` and empties it.
    pub fn write(&mut self, text: &mut Text) -> io::Result<()> {
        self.pass_on(text, 0)
    }

    fn pass_on(&mut self, text: &mut Text, start: usize) -> io::Result<()> {
        let bytes = text.as_bytes().get(start..).unwrap_or_default();
        let result = match &mut self.to {
            To::Here(out) => out.write_all(bytes),
            To::Apart { .. } if bytes.is_empty() => Ok(()),
            To::Apart { backlog, ends } => {
                let result = backlog.push(bytes, ends);
                ends.clear();
                result
            }
        };
        text.clear();
        result
    }

    /// Sees to it that what was written is on its way.
    pub fn flush(&mut self) -> io::Result<()> {
        match &mut self.to {
            To::Here(out) => out.flush(),
            To::Apart { .. } => Ok(()),
        }
    }

    /// Ends the output: nothing is written after it.
    pub fn finish(&mut self) -> io::Result<()> {
        match &mut self.to {
            To::Here(out) => out.flush(),
            To::Apart { backlog, .. } => backlog.finish(),
        }
    }

    /// How many packets were not shown because nobody took their text in time.
    pub fn unshown(&self) -> u64 {
        match &self.to {
            To::Here(_) => 0,
            To::Apart { backlog, .. } => backlog.unshown(),
        }
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if let Bar::Shown(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
