//! Standard output as one buffered stream, and the progress bar on standard error.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::capture::Progress;
use crate::text::Text;

/// Text is written in blocks of this size where nobody watches.
const BLOCK: usize = 64 * 1024;
/// The bar appears only where reading takes longer than this.
const PATIENCE: Duration = Duration::from_millis(300);

/// Where packets are written to.
pub struct Output {
    out: Box<dyn Write + Send>,
    /// Each packet is written at once.
    each: bool,
    bar: Bar,
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
            out: Box::new(io::stdout()),
            each: each || watched,
            bar: if bar { Bar::Waiting(Instant::now()) } else { Bar::Off },
        }
    }

    /// Passes on the text of a packet when it is time to.
    pub fn packet(&mut self, text: &mut Text) -> io::Result<()> {
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

    /// Writes `text` from the byte `start` and empties it.
    pub fn write_from(&mut self, text: &mut Text, start: usize) -> io::Result<()> {
        let result = self.out.write_all(text.as_bytes().get(start..).unwrap_or_default());
        text.clear();
        result
    }

    /// Writes all of `text` and empties it.
    pub fn write(&mut self, text: &mut Text) -> io::Result<()> {
        let result = self.out.write_all(text.as_bytes());
        text.clear();
        result
    }

    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if let Bar::Shown(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
