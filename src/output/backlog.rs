//! Text of a capture that waits for whoever shows it: a thread of its own writes it, so that a slow terminal, or nobody at the other
//! end of a pipe, holds up nothing else.
//!
//! [`MOST`] bytes may wait, and as many may be on their way. What does not fit there is not shown, always whole packets, and it is
//! counted. A terminal is skipped at once, and so is everything where packets are also written into a file. A pipe is waited for as long
//! as the [`Upstream`] has room for what is captured meanwhile. Once packets are skipped, so are those that follow, until there is
//! plenty of room again: [`Backlog::takes`] says so before their text is made. Where making the text is what takes too long, that helps
//! too.
//!
//! Nothing here waits for good once the end is asked for: a terminal gets a [`MOMENT`], a pipe [`PATIENCE`] after the last time that it
//! took something.

use std::fs::File;
use std::io::{self, Write};
use std::mem;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use memchr::memrchr;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// Where packets come from while they are shown.
pub trait Upstream: Send + Sync {
    /// Packets are lost soon if nobody takes them.
    fn is_crowded(&self) -> bool;

    /// Since when the end is waited for, if it is.
    fn asked(&self) -> Option<Instant>;

    /// Nobody looks any more: it may end.
    fn abandon(&self);
}

/// How those are treated who read what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manners {
    /// What does not fit is skipped, however much room there is upstream.
    pub skips_at_once: bool,
    /// Somebody watches, and wants it to end when it is asked to.
    pub is_watched: bool,
}

/// The text that waits to be written.
pub struct Backlog {
    shared: Arc<Shared>,
    upstream: Arc<dyn Upstream>,
    manners: Manners,
    most: usize,
    unshown: u64,
    /// Packets are not shown at present.
    is_skipping: bool,
}

/// How much text waits at most, in bytes; a single packet may have more.
const MOST: usize = 8 << 20;
/// Buffers that have grown beyond this many bytes are let go.
const KEPT: usize = 1 << 20;
/// As much as a pipe takes at once if it takes anything.
const PIECE: usize = 4 << 10;
/// The same of a file, which takes everything.
const FILE_PIECE: usize = 256 << 10;
/// How long after the end is asked for a terminal may take to show the rest, and anything else to take more of it.
const MOMENT: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_secs(5);
/// How often waiting looks around.
const LOOK: Duration = Duration::from_millis(20);
/// How often it is asked whether the reader has gone, while there is nothing to write.
const LOOK_IDLY: Duration = Duration::from_millis(500);

struct Shared {
    state: Mutex<State>,
    /// There is something to write, or no more will come.
    more: Condvar,
    /// There is room, or nothing is written any more.
    less: Condvar,
    /// Bytes written.
    written: AtomicU64,
    /// Packets that were taken to be written and are not yet.
    in_hand: AtomicU64,
    given_up: AtomicBool,
}

#[derive(Default)]
struct State {
    waiting: Chunk,
    closed: bool,
    done: bool,
    failed: Option<io::Error>,
}

/// Text of whole packets.
#[derive(Default)]
struct Chunk {
    bytes: Vec<u8>,
    /// Where packets end in it.
    ends: Vec<usize>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has_given_up(&self) -> bool {
        self.given_up.load(Ordering::Relaxed)
    }
}

/// Waits for `what` until `most` is over.
fn wait<'a>(what: &Condvar, state: MutexGuard<'a, State>, most: Duration) -> MutexGuard<'a, State> {
    what.wait_timeout(state, most).unwrap_or_else(PoisonError::into_inner).0
}

impl Backlog {
    /// Begins to write into `file`.
    pub fn new(file: File, manners: Manners, upstream: Arc<dyn Upstream>) -> io::Result<Backlog> {
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            more: Condvar::new(),
            less: Condvar::new(),
            written: AtomicU64::new(0),
            in_hand: AtomicU64::new(0),
            given_up: AtomicBool::new(false),
        });
        let piece = if file.metadata().is_ok_and(|about| about.is_file()) { FILE_PIECE } else { PIECE };
        let writer = Writer { file, piece, shared: Arc::clone(&shared), upstream: Arc::clone(&upstream) };
        thread::Builder::new().name("text".into()).spawn(|| writer.run())?;
        Ok(Backlog { shared, upstream, manners, most: MOST, unshown: 0, is_skipping: false })
    }

    /// Whether the text of the next packet is wanted; [`skip`](Self::skip) counts those that are not.
    pub fn takes(&mut self) -> bool {
        let is_crowded = self.upstream.is_crowded();
        if is_crowded || self.is_skipping {
            let filled = self.shared.lock().waiting.bytes.len();
            self.is_skipping = is_crowded || filled > self.most / 2;
        }
        !self.is_skipping
    }

    /// Counts a packet that was not shown.
    pub fn skip(&mut self) {
        self.unshown += 1;
    }

    /// Adds text in which packets end at `ends`, or skips them. What comes after the last of them is never skipped.
    pub fn push(&mut self, mut text: &[u8], mut ends: &[usize]) -> io::Result<()> {
        let mut progress = Progress::new(&self.shared);
        let mut state = self.shared.lock();
        loop {
            if let Some(error) = state.failed.take() {
                return Err(error);
            }
            if state.done || self.shared.has_given_up() {
                self.unshown += ends.len() as u64;
                return Ok(());
            }
            let filled = state.waiting.bytes.len();
            if filled == 0 || ends.is_empty() || filled + text.len() <= self.most {
                break;
            }
            if self.manners.skips_at_once || self.upstream.is_crowded() {
                self.is_skipping = true;
                self.unshown += ends.len() as u64;
                text = ends.last().and_then(|&end| text.get(end..)).unwrap_or_default();
                ends = &[];
                continue;
            }
            state = wait(&self.shared.less, state, LOOK);
            self.lose_patience(&mut progress);
        }
        let filled = state.waiting.bytes.len();
        state.waiting.bytes.extend_from_slice(text);
        state.waiting.ends.extend(ends.iter().map(|end| filled + end));
        self.shared.more.notify_one();
        Ok(())
    }

    /// Waits until everything is written, as long as that makes sense.
    pub fn finish(&mut self) -> io::Result<()> {
        let mut progress = Progress::new(&self.shared);
        let mut state = self.shared.lock();
        state.closed = true;
        self.shared.more.notify_one();
        while !state.done && !self.shared.has_given_up() {
            state = wait(&self.shared.less, state, LOOK);
            self.lose_patience(&mut progress);
        }
        if !state.done {
            // It may be stuck for good, in a terminal that was stopped.
            state = wait(&self.shared.less, state, LOOK);
        }
        self.unshown += self.shared.in_hand.swap(0, Ordering::Relaxed) + state.waiting.ends.len() as u64;
        state.waiting.ends.clear();
        state.failed.take().map_or(Ok(()), Err)
    }

    /// How many packets were not shown.
    pub fn unshown(&self) -> u64 {
        self.unshown
    }

    /// Gives up where the end is asked for and nothing moves.
    fn lose_patience(&self, progress: &mut Progress) {
        let last = progress.last(&self.shared);
        let Some(asked) = self.upstream.asked() else { return };
        let is_over = match self.manners.is_watched {
            true => asked.elapsed() > MOMENT,
            false => last.max(asked).elapsed() > PATIENCE,
        };
        if is_over {
            self.shared.given_up.store(true, Ordering::Relaxed);
        }
    }
}

impl Drop for Backlog {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.more.notify_one();
    }
}

/// When something was written last.
struct Progress {
    written: u64,
    at: Instant,
}

impl Progress {
    fn new(shared: &Shared) -> Progress {
        Progress { written: shared.written.load(Ordering::Relaxed), at: Instant::now() }
    }

    fn last(&mut self, shared: &Shared) -> Instant {
        let written = shared.written.load(Ordering::Relaxed);
        if written != self.written {
            *self = Progress { written, at: Instant::now() };
        }
        self.at
    }
}

/// The thread that writes.
struct Writer {
    file: File,
    /// How much is written at once.
    piece: usize,
    shared: Arc<Shared>,
    upstream: Arc<dyn Upstream>,
}

impl Writer {
    fn run(mut self) {
        let mut chunk = Chunk::default();
        let mut result = Ok(());
        while result.is_ok() && !self.shared.has_given_up() && self.take(&mut chunk) {
            result = if chunk.bytes.is_empty() { self.is_read() } else { self.write(&chunk) };
        }
        let is_failure = result.is_err();
        let mut state = self.shared.lock();
        state.failed = result.err();
        state.done = true;
        drop(state);
        self.shared.less.notify_all();
        if is_failure {
            self.upstream.abandon();
        }
    }

    /// Takes what there is, after waiting for it for a while; `false` if no more will come.
    fn take(&self, chunk: &mut Chunk) -> bool {
        chunk.bytes.clear();
        chunk.ends.clear();
        if chunk.bytes.capacity() > KEPT {
            *chunk = Chunk::default();
        }
        let mut state = self.shared.lock();
        if state.waiting.bytes.is_empty() && !state.closed {
            state = wait(&self.shared.more, state, LOOK_IDLY);
        }
        if state.waiting.bytes.is_empty() {
            return !state.closed;
        }
        mem::swap(&mut state.waiting, chunk);
        self.shared.in_hand.store(chunk.ends.len() as u64, Ordering::Relaxed);
        drop(state);
        self.shared.less.notify_all();
        true
    }

    /// Writes a chunk, unless giving up is faster.
    fn write(&mut self, chunk: &Chunk) -> io::Result<()> {
        let (mut done, mut shown) = (0, 0);
        while let Some(rest) = chunk.bytes.get(done..).filter(|rest| !rest.is_empty()) {
            if !self.await_room() {
                return Ok(());
            }
            let count = match self.file.write(whole_lines(rest, self.piece)) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => count,
                Err(error) if matches!(error.kind(), io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock) => {
                    continue;
                }
                Err(error) => return Err(error),
            };
            done += count;
            shown += chunk.ends.get(shown..).unwrap_or_default().partition_point(|&end| end <= done);
            self.shared.written.fetch_add(count as u64, Ordering::Relaxed);
            self.shared.in_hand.store((chunk.ends.len() - shown) as u64, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Waits until something can be written; `false` if that is given up.
    fn await_room(&self) -> bool {
        let most = Timespec { tv_sec: 0, tv_nsec: LOOK.as_nanos() as i64 };
        while !self.shared.has_given_up() {
            // An error is one of writing too, which tells it better.
            if !matches!(poll(&mut [PollFd::new(&self.file, PollFlags::OUT)], Some(&most)), Ok(0)) {
                return true;
            }
        }
        false
    }

    /// Fails if the other end has gone; as long as nothing was written, nobody has to be there.
    fn is_read(&self) -> io::Result<()> {
        if self.shared.written.load(Ordering::Relaxed) == 0 {
            return Ok(());
        }
        let mut only = [PollFd::new(&self.file, PollFlags::empty())];
        _ = poll(&mut only, Some(&Timespec::default()));
        match only[0].revents().intersects(PollFlags::ERR | PollFlags::HUP) {
            true => Err(io::ErrorKind::BrokenPipe.into()),
            false => Ok(()),
        }
    }
}

/// As many whole lines as `most` bytes can hold, or these bytes if not even one line fits.
fn whole_lines(text: &[u8], most: usize) -> &[u8] {
    match text.get(..most) {
        Some(start) if text.len() > most => memrchr(b'\n', start).and_then(|end| text.get(..=end)).unwrap_or(start),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::os::fd::OwnedFd;

    use super::*;

    /// Says what the test wants it to.
    #[derive(Default)]
    struct Says {
        crowded: AtomicBool,
        asked: Mutex<Option<Instant>>,
        abandoned: AtomicBool,
    }

    impl Upstream for Says {
        fn is_crowded(&self) -> bool {
            self.crowded.load(Ordering::Relaxed)
        }

        fn asked(&self) -> Option<Instant> {
            *self.asked.lock().unwrap()
        }

        fn abandon(&self) {
            self.abandoned.store(true, Ordering::Relaxed);
        }
    }

    const WATCHED: Manners = Manners { skips_at_once: true, is_watched: true };
    const PIPE: Manners = Manners { skips_at_once: false, is_watched: false };

    fn backlog(manners: Manners) -> (io::PipeReader, Backlog, Arc<Says>) {
        let (reader, writer) = io::pipe().unwrap();
        let says = Arc::new(Says::default());
        let mut backlog = Backlog::new(File::from(OwnedFd::from(writer)), manners, says.clone()).unwrap();
        backlog.most = 100_000;
        (reader, backlog, says)
    }

    /// A line for a packet; each has 50 bytes.
    fn line(number: usize) -> String {
        format!("{number:>48}.\n")
    }

    fn numbers(text: &str) -> Vec<usize> {
        assert!(text.is_empty() || text.ends_with(".\n"), "half a line at the end");
        text.lines().map(|line| line.trim().trim_end_matches('.').parse().unwrap()).collect()
    }

    #[test]
    fn whoever_reads_gets_everything_in_order() {
        for manners in [WATCHED, PIPE] {
            let (mut reader, mut backlog, _) = backlog(manners);
            backlog.most = usize::MAX;
            let read = thread::spawn(move || {
                let mut text = String::new();
                reader.read_to_string(&mut text).map(|_| text).unwrap()
            });
            for number in 0..20_000 {
                backlog.push(line(number).as_bytes(), &[50]).unwrap();
            }
            backlog.finish().unwrap();
            assert_eq!(backlog.unshown(), 0);
            assert_eq!(numbers(&read.join().unwrap()), (0..20_000).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_reader_that_stopped_holds_nothing_up_and_is_counted() {
        let (mut reader, mut backlog, says) = backlog(WATCHED);
        for number in 0..20_000 {
            backlog.push(line(number).as_bytes(), &[50]).unwrap();
            if number == 10_000 {
                // The other thread fills the pipe meanwhile.
                thread::sleep(5 * LOOK);
            }
        }
        let waiting = backlog.shared.lock().waiting.bytes.len();
        assert!(waiting <= backlog.most && waiting + 50 > backlog.most, "{waiting} bytes wait");
        let skipped = backlog.unshown();
        // What waits, what is on its way, and what the pipe holds.
        assert!((20_000 - 2 * 2_000 - 2_000..=20_000 - 2_000).contains(&(skipped as usize)), "{skipped}");
        *says.asked.lock().unwrap() = Some(Instant::now());
        let began = Instant::now();
        backlog.finish().unwrap();
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
        let unshown = backlog.unshown();
        drop(backlog);
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        let shown = numbers(&text);
        assert!(shown.len() > 1_000, "{} lines fitted into the pipe", shown.len());
        assert_eq!(shown.len() as u64 + unshown, 20_000);
        assert_eq!(shown, (0..shown.len()).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_skipped_is_whole_and_what_ends_the_text_is_not() {
        let (mut reader, mut backlog, says) = backlog(PIPE);
        says.crowded.store(true, Ordering::Relaxed);
        let block: String = (0..10).map(line).collect();
        let ends: Vec<usize> = (1..=10).map(|end| 50 * end).collect();
        for _ in 0..1_000 {
            backlog.push(block.as_bytes(), &ends).unwrap();
        }
        // The other thread fills the pipe meanwhile; then there is room once more, and none after that.
        thread::sleep(5 * LOOK);
        for _ in 0..1_000 {
            backlog.push(block.as_bytes(), &ends).unwrap();
        }
        let skipped = backlog.unshown();
        assert!(skipped > 0 && skipped % 10 == 0, "{skipped}");
        backlog.push(&[block.as_bytes(), b"11.\n"].concat(), &ends).unwrap();
        assert_eq!(backlog.unshown(), skipped + 10);
        let skipped = skipped + 10;
        let read = thread::spawn(move || {
            let mut text = String::new();
            reader.read_to_string(&mut text).map(|_| text).unwrap()
        });
        backlog.finish().unwrap();
        drop(backlog);
        let shown = numbers(&read.join().unwrap());
        assert_eq!(shown.len() as u64 + skipped, 20_011);
        assert_eq!(shown.last(), Some(&11));
        assert!(shown.iter().take(shown.len() - 1).enumerate().all(|(place, &number)| number == place % 10));
    }

    #[test]
    fn no_text_is_made_that_would_be_skipped() {
        let (mut reader, mut backlog, says) = backlog(WATCHED);
        let mut number = 0;
        while backlog.takes() {
            backlog.push(line(number).as_bytes(), &[50]).unwrap();
            number += 1;
            assert!(number < 20_000);
        }
        assert_eq!(backlog.unshown(), 1);
        assert!(!backlog.takes());
        backlog.skip();
        assert_eq!(backlog.unshown(), 2);
        let mut shown = vec![0; 50 * (number - 1)];
        reader.read_exact(&mut shown).unwrap();
        assert!(backlog.takes());
        says.crowded.store(true, Ordering::Relaxed);
        assert!(!backlog.takes());
        says.crowded.store(false, Ordering::Relaxed);
        assert!(backlog.takes());
    }

    #[test]
    fn a_pipe_is_waited_for_while_there_is_room_upstream() {
        let (mut reader, mut backlog, _) = backlog(PIPE);
        let read = thread::spawn(move || {
            thread::sleep(Duration::from_millis(200));
            let mut text = String::new();
            reader.read_to_string(&mut text).map(|_| text).unwrap()
        });
        for number in 0..20_000 {
            backlog.push(line(number).as_bytes(), &[50]).unwrap();
        }
        backlog.finish().unwrap();
        assert_eq!(backlog.unshown(), 0);
        drop(backlog);
        assert_eq!(numbers(&read.join().unwrap()).len(), 20_000);
    }

    #[test]
    fn nobody_reading_is_an_error_and_ends_the_capture() {
        let (mut reader, mut backlog, says) = backlog(PIPE);
        backlog.push(line(0).as_bytes(), &[50]).unwrap();
        reader.read_exact(&mut [0; 50]).unwrap();
        drop(reader);
        // Also while there is nothing to write.
        let began = Instant::now();
        while !says.abandoned.load(Ordering::Relaxed) {
            assert!(began.elapsed() < Duration::from_secs(10));
            thread::sleep(Duration::from_millis(5));
        }
        let error = backlog.push(line(1).as_bytes(), &[50]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    }

    #[test]
    fn a_capture_that_shows_nothing_needs_no_reader() {
        let (reader, mut backlog, says) = backlog(PIPE);
        drop(reader);
        thread::sleep(LOOK_IDLY * 2);
        assert!(!says.abandoned.load(Ordering::Relaxed));
        backlog.finish().unwrap();
    }
}
