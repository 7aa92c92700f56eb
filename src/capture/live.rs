//! Frames from an interface of this machine, as they come.
//!
//! A thread of its own takes frames from libpcap and hands them on in batches, so that whoever shows or writes them may be slow
//! for a while: the ring that libpcap shares with the kernel (`-B`) is emptied meanwhile. While others wait to be taken a batch
//! grows; when 64 MiB wait (`queue.rs`) the thread does too, and only then does the ring fill up. Of what the kernel drops then, not the kernel is to
//! blame: it is counted apart ([`Handle::dropped_for_want_of_room`]). Taking frames only to throw them away would cost time that
//! whoever is too slow needs.
//!
//! Nothing here blocks for good. The thread waits for the descriptor of the capture and for a pipe into which SIGINT and SIGTERM
//! write; libpcap is asked for what it has, never to wait. The kernel hands over a block of its ring when it is full or
//! [`RETIRE`] old, which is how long a frame takes to get here.
//!
//! After the signal, what was captured before it is still handed out. A second signal ends the process.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use pcap::{Active, Capture, Inactive, Linktype};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use signal_hook::SigId;
use signal_hook::consts::{SIGINT, SIGTERM};

use super::loader::{self, Missing, Refused, Why};
use super::pcapng::{Clock, Section, Statistics};
use super::queue::{BLOCK, Inbox, Outbox, Waiting, is_grown, queue};
use super::write::option;
use super::{Aside, Batch, Described, Error, FrameHead, Interface, Precision, Says, Source, Time, bpf};

/// What to capture, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// The name of the interface, or `any`.
    pub interface: String,
    /// The most bytes to keep of a frame; 0 is as many as there can be.
    pub snap_len: u32,
    /// Whether to ask for frames that are meant for others; `any` cannot, and is not asked.
    pub promiscuous: bool,
    /// Monitor mode, of wireless interfaces.
    pub monitor: bool,
    /// The size of the ring that is shared with the kernel, in bytes.
    pub ring: i32,
    /// The name of a link type other than the usual one.
    pub link: Option<String>,
    pub direction: Direction,
    /// A capture filter.
    pub filter: Option<String>,
    /// When to end.
    pub duration: Option<Duration>,
    /// Whether everything that was captured before the end is handed out, however long that takes; or only what can be within a
    /// moment, because somebody is waiting for the end.
    pub thorough: bool,
}

/// Which frames to capture, seen from the interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    In,
    Out,
    #[default]
    Both,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            interface: String::new(),
            snap_len: 0,
            promiscuous: true,
            monitor: false,
            ring: 64 << 20,
            link: None,
            direction: Direction::Both,
            filter: None,
            duration: None,
            thorough: false,
        }
    }
}

/// Why a capture cannot begin.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Unavailable {
    #[error(transparent)]
    Missing(#[from] Missing),
    #[error("cannot capture on {interface}: {refused}")]
    Refused { interface: String, refused: Refused },
    #[error("-y {link}: {interface} has no such link type; it has {}", known.join(", "))]
    Link { interface: String, link: String, known: Vec<String> },
    #[error(transparent)]
    Filter(#[from] bpf::Error),
    #[error("{interface} cannot tell the directions of frames apart: {reason}")]
    Direction { interface: String, reason: String },
    #[error("cannot capture on {interface}: {reason}")]
    Other { interface: String, reason: String },
}

/// A running capture.
pub struct Live {
    name: String,
    /// What libpcap could not do as asked, in sentences for the user.
    pub warnings: Vec<String>,
    /// The name of the link type.
    pub link: String,
    /// More is filtered than the options say.
    pub is_narrowed: bool,
    inbox: Option<Inbox>,
    reader: Option<JoinHandle<Outcome>>,
    handle: Arc<Handle>,
    thorough: bool,
    outcome: Option<Outcome>,
    _signals: Signals,
}

/// What others may know of a running capture, and do about it.
pub struct Handle {
    waiting: Waiting,
    shared: Arc<Shared>,
    /// A signal came.
    signalled: Arc<AtomicBool>,
    wake: UnixStream,
}

impl Handle {
    /// Whether so much waits to be taken that frames are lost soon.
    pub fn is_crowded(&self) -> bool {
        self.waiting.is_crowded()
    }

    /// Since when the end is waited for, if it is.
    pub fn asked(&self) -> Option<Instant> {
        match self.signalled.load(Ordering::Relaxed) {
            true => Some(*self.shared.asked.get_or_init(Instant::now)),
            false => self.shared.asked.get().copied(),
        }
    }

    /// Ends the capture: nobody wants any more.
    pub fn abandon(&self) {
        self.shared.abandoned.store(true, Ordering::Relaxed);
        // The thread wakes up by itself if this fails, only later.
        _ = (&self.wake).write(&[0]);
    }

    /// Frames that the kernel had to drop because those that came before were not taken in time.
    pub fn dropped_for_want_of_room(&self) -> u64 {
        self.shared.dropped.load(Ordering::Relaxed)
    }
}

/// What the reading thread and its owner both know.
#[derive(Default)]
struct Shared {
    /// When a signal came, or the time was over.
    asked: OnceLock<Instant>,
    /// Nobody wants any more.
    abandoned: AtomicBool,
    /// Frames that were dropped while there was no room for more batches.
    dropped: AtomicU64,
}

/// How a capture ended.
struct Outcome {
    statistics: Statistics,
    failure: Option<String>,
}

/// How old a block of the ring becomes before the kernel hands it over, in milliseconds.
const RETIRE: i32 = 10;
/// How long after a signal frames that were captured before it may still come.
const SETTLE: Duration = Duration::from_millis(3 * RETIRE as u64);
/// How long handing out the rest may take where somebody waits for the end, and where the rest matters more.
const IMPATIENT: Duration = Duration::from_millis(100);
const PATIENT: Duration = Duration::from_secs(10);
/// Signals and frames wake the thread; this is for what does neither, such as an interface that came back.
const TICK: Duration = Duration::from_millis(100);
/// Counters of the kernel have 32 bits: they are looked at before they can come round.
const COUNT: Duration = Duration::from_secs(10);
/// How long to wait until there may be room.
const PAUSE: Duration = Duration::from_millis(1);
/// Frames that are taken from libpcap at a time.
const ROUND: usize = 64;
/// The longest frame that libpcap captures.
const LONGEST: u32 = 262_144;

/// Begins to capture. `narrow` may say for a link type what else is filtered; what libpcap cannot compile of that is left out.
pub fn open(mut options: Options, narrow: &dyn Fn(u16) -> Option<String>) -> Result<Live, Unavailable> {
    let (mut capture, warnings) = activate(&options)?;
    let interface = options.interface.clone();
    let other = |error: pcap::Error| Unavailable::Other { interface: interface.clone(), reason: words(error) };
    if let Some(link) = &options.link {
        let known = capture.list_datalinks().map_err(other)?;
        let wanted = Linktype::from_name(link).ok().filter(|wanted| known.contains(wanted));
        let Some(wanted) = wanted else {
            let known = known.iter().map(link_name).collect();
            return Err(Unavailable::Link { interface, link: link.clone(), known });
        };
        capture.set_datalink(wanted).map_err(other)?;
    }
    let direction = match options.direction {
        Direction::In => Some(pcap::Direction::In),
        Direction::Out => Some(pcap::Direction::Out),
        Direction::Both => None,
    };
    if let Some(direction) = direction {
        capture
            .direction(direction)
            .map_err(|error| Unavailable::Direction { interface: interface.clone(), reason: words(error) })?;
    }
    if let Some(expression) = &options.filter {
        capture
            .filter(expression, true)
            .map_err(|error| bpf::Error::Rejected { expression: expression.clone(), reason: words(error) })?;
    }
    let link = capture.get_datalink();
    let narrowed = bpf::registry_number(link).and_then(narrow).map(|text| match &options.filter {
        // It stands first: a test of tags or labels moves what stands behind it in the packet.
        Some(filter) if !filter.trim().is_empty() => format!("({text}) and ({filter})"),
        _ => text,
    });
    let is_narrowed = narrowed.as_ref().is_some_and(|text| capture.filter(text, true).is_ok());
    if is_narrowed {
        options.filter = narrowed;
    }
    let described = describe(&options, &link, loader::precision(&capture));
    let capture = capture.setnonblock().map_err(other)?;
    let begun =
        |error: io::Error| Unavailable::Other { interface: options.interface.clone(), reason: error.to_string() };
    let (woken, wake) = UnixStream::pair().map_err(begun)?;
    woken.set_nonblocking(true).map_err(begun)?;
    let signalled = Arc::new(AtomicBool::new(false));
    let signals = Signals::register(&wake, &signalled).map_err(begun)?;
    let (outbox, inbox, waiting) = queue();
    let shared = Arc::new(Shared::default());
    let reader = Reader {
        has_descriptor: loader::has_descriptor(&capture),
        nanos: described.precision == Precision::NANOS,
        capture,
        woken,
        outbox,
        interfaces: Arc::new(vec![described]),
        frames: 0,
        counted: Counted { shared: Arc::clone(&shared), ..Counted::default() },
        shared: Arc::clone(&shared),
        deadline: options.duration.map(|duration| Instant::now() + duration),
        thorough: options.thorough,
    };
    let reader = thread::Builder::new().name("capture".into()).spawn(|| reader.run()).map_err(begun)?;
    Ok(Live {
        name: options.interface,
        warnings,
        link: link_name(&link),
        is_narrowed,
        inbox: Some(inbox),
        reader: Some(reader),
        handle: Arc::new(Handle { waiting, shared, signalled, wake }),
        thorough: options.thorough,
        outcome: None,
        _signals: signals,
    })
}

/// Lists the link types that an interface can have: name and description.
pub fn links(interface: &str, monitor: bool) -> Result<Vec<(String, String)>, Unavailable> {
    let options =
        Options { interface: interface.to_owned(), promiscuous: false, monitor, ring: 1 << 20, ..Options::default() };
    let (capture, _) = activate(&options)?;
    let known = capture
        .list_datalinks()
        .map_err(|error| Unavailable::Other { interface: interface.to_owned(), reason: words(error) })?;
    Ok(known.iter().map(|link| (link_name(link), link.get_description().unwrap_or_default())).collect())
}

fn activate(options: &Options) -> Result<(Capture<Active>, Vec<String>), Unavailable> {
    loader::available()?;
    let refused =
        |why, message| Unavailable::Refused { interface: options.interface.clone(), refused: Refused { why, message } };
    let inactive: Capture<Inactive> =
        Capture::from_device(&*options.interface).map_err(|error| refused(Why::Other, words(error)))?;
    let snap_len = match options.snap_len {
        0 => LONGEST,
        len => len.min(LONGEST),
    };
    let mut inactive = inactive
        .snaplen(snap_len as i32)
        .promisc(options.promiscuous && options.interface != "any")
        .timeout(RETIRE)
        .buffer_size(options.ring)
        .precision(pcap::Precision::Nano);
    if options.monitor {
        inactive = inactive.rfmon(true);
    }
    let activated = loader::activate(inactive)
        .map_err(|refused| Unavailable::Refused { interface: options.interface.clone(), refused })?;
    Ok((activated.capture, activated.warnings))
}

fn words(error: pcap::Error) -> String {
    match error {
        pcap::Error::PcapError(message) => message,
        other => other.to_string(),
    }
}

/// Makes the beginning of a sentence the middle of one.
fn lower_first(mut text: String) -> String {
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    text
}

fn link_name(link: &Linktype) -> String {
    link.get_name().unwrap_or_else(|_| link.0.to_string())
}

/// What the capture says of its interface, as a pcapng file would.
fn describe(options: &Options, link: &Linktype, precision: Precision) -> Interface {
    let mut raw = Vec::new();
    option(&mut raw, BIG_ENDIAN, 2, options.interface.as_bytes());
    option(&mut raw, BIG_ENDIAN, 9, &[precision.0]);
    if let Some(filter) = &options.filter {
        // The first byte says that it is an expression of libpcap's.
        option(&mut raw, BIG_ENDIAN, 11, &[&[0], filter.as_bytes()].concat());
    }
    option(&mut raw, BIG_ENDIAN, 0, &[]);
    Interface {
        link: bpf::registry_number(*link).unwrap_or(u16::MAX),
        fcs_len: None,
        snap_len: if options.snap_len == 0 { LONGEST } else { options.snap_len.min(LONGEST) },
        precision,
        described: Some(Described {
            section: 1,
            id: 0,
            big_endian: BIG_ENDIAN,
            name: Some(options.interface.clone()),
            description: None,
            options: raw,
        }),
    }
}

const BIG_ENDIAN: bool = cfg!(target_endian = "big");

impl Source for Live {
    fn read(&mut self, batch: &mut Batch) -> Result<bool, Error> {
        batch.heads.clear();
        batch.asides.clear();
        let Some(inbox) = &self.inbox else { return Ok(false) };
        let late = || !self.thorough && self.handle.asked().is_some_and(|since| since.elapsed() > IMPATIENT);
        if inbox.take(batch) && !late() {
            return Ok(true);
        }
        batch.heads.clear();
        batch.asides.clear();
        self.close();
        match self.outcome.as_mut().and_then(|outcome| outcome.failure.take()) {
            Some(reason) => Err(Error::Ended { name: self.name.clone(), reason }),
            None => Ok(false),
        }
    }

    fn finish(&mut self) -> Option<Statistics> {
        self.close();
        self.outcome.as_ref().map(|outcome| outcome.statistics.clone())
    }
}

impl Live {
    /// The name of the interface.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What others may know of it while it runs.
    pub fn handle(&self) -> Arc<Handle> {
        Arc::clone(&self.handle)
    }

    /// Ends the thread, and learns what it counted.
    fn close(&mut self) {
        self.inbox = None;
        if let Some(reader) = self.reader.take() {
            self.handle.abandon();
            self.outcome = reader.join().ok();
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.close();
    }
}

/// What SIGINT and SIGTERM do while a capture runs.
struct Signals(Vec<SigId>);

impl Signals {
    /// The first writes to `wake` and sets `signalled`, the second ends the process.
    fn register(wake: &UnixStream, signalled: &Arc<AtomicBool>) -> io::Result<Signals> {
        use signal_hook::{flag, low_level::pipe};
        let mut signals = Signals(Vec::new());
        for (signal, status) in [(SIGINT, 130), (SIGTERM, 143)] {
            // In this order, or the first signal would find the flag set.
            signals.0.push(flag::register_conditional_shutdown(signal, status, Arc::clone(signalled))?);
            signals.0.push(flag::register(signal, Arc::clone(signalled))?);
            signals.0.push(pipe::register(signal, wake.try_clone()?)?);
        }
        Ok(signals)
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        for id in self.0.drain(..) {
            signal_hook::low_level::unregister(id);
        }
    }
}

/// The thread that takes frames from libpcap.
struct Reader {
    capture: Capture<Active>,
    has_descriptor: bool,
    /// Whether stamps are nanoseconds.
    nanos: bool,
    woken: UnixStream,
    outbox: Outbox,
    interfaces: Arc<Vec<Interface>>,
    /// Frames captured so far.
    frames: u64,
    counted: Counted,
    shared: Arc<Shared>,
    deadline: Option<Instant>,
    thorough: bool,
}

/// The end of a capture under way.
#[derive(Clone, Copy)]
struct Closing {
    since: Instant,
    /// Frames that were captured later are not wanted.
    until: Time,
    /// One of them was seen.
    is_past: bool,
}

impl Reader {
    fn run(mut self) -> Outcome {
        let start = now();
        let mut batch = self.first();
        let mut failure = None;
        let mut closing: Option<Closing> = None;
        let mut more = true;
        loop {
            if !more {
                self.wait(closing.is_some() || !batch.heads.is_empty());
            }
            if self.is_asked() && closing.is_none() {
                let since = Instant::now();
                _ = self.shared.asked.set(since);
                closing = Some(Closing { since, until: now(), is_past: false });
            }
            if self.shared.abandoned.load(Ordering::Relaxed) {
                break;
            }
            // Where there is no room, nothing is taken: the kernel keeps it as long as it can.
            if !is_grown(&batch) {
                match self.fill(&mut batch, &mut closing) {
                    Ok(full) => more = full,
                    Err(error) => failure = Some(lower_first(words(error))),
                }
                if !more {
                    self.counted.catch_up(&mut self.capture);
                }
            } else {
                self.counted.fall_behind(&mut self.capture);
                thread::sleep(PAUSE);
            }
            if !self.outbox.hand_on(&mut batch, &self.interfaces) || failure.is_some() {
                break;
            }
            if let Some(closing) = closing {
                let elapsed = closing.since.elapsed();
                let most = if self.thorough { PATIENT } else { IMPATIENT };
                if closing.is_past || elapsed > most || !more && elapsed > SETTLE {
                    break;
                }
            }
            self.counted.keep_up(&mut self.capture);
        }
        self.outbox.leave(batch);
        self.counted.now(&mut self.capture);
        Outcome { statistics: self.counted.statistics(start, &self.interfaces[0]), failure }
    }

    /// The batch that says what is captured.
    fn first(&self) -> Batch {
        let mut options = Vec::new();
        option(&mut options, BIG_ENDIAN, 4, concat!("sniff ", env!("CARGO_PKG_VERSION")).as_bytes());
        option(&mut options, BIG_ENDIAN, 0, &[]);
        let section = Section { number: 1, big_endian: BIG_ENDIAN, options };
        let aside = Aside { after: 0, offset: 0, says: Says::Section(section) };
        Batch { asides: vec![aside], interfaces: Arc::clone(&self.interfaces), ..Batch::default() }
    }

    /// Waits until there may be frames, or an end; briefly where something else is to be done soon.
    fn wait(&self, briefly: bool) {
        let most = if briefly { Duration::from_millis(2) } else { TICK };
        let most = match self.deadline.filter(|_| self.shared.asked.get().is_none()) {
            Some(deadline) => most.min(deadline.saturating_duration_since(Instant::now())),
            None => most,
        };
        let most = Timespec { tv_sec: 0, tv_nsec: most.as_nanos() as i64 };
        let woken = PollFd::new(&self.woken, PollFlags::IN);
        // What polling finds out is asked again of what it is about.
        if self.has_descriptor {
            let mut both = [PollFd::new(&self.capture, PollFlags::IN), woken];
            _ = poll(&mut both, Some(&most));
            if both[0].revents().intersects(PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL) {
                // An interface that is down reports that without end.
                thread::sleep(Duration::from_millis(2));
            }
        } else {
            let most = Timespec { tv_sec: 0, tv_nsec: most.tv_nsec.min(i64::from(RETIRE) * 1_000_000) };
            _ = poll(&mut [woken], Some(&most));
        }
    }

    /// Whether the capture is to end.
    fn is_asked(&mut self) -> bool {
        let mut signals = [0; 16];
        let signalled = matches!(self.woken.read(&mut signals), Ok(1..));
        signalled || self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// Adds the frames that there are to `batch`; `true` if there may be more of them at once.
    fn fill(&mut self, batch: &mut Batch, closing: &mut Option<Closing>) -> Result<bool, pcap::Error> {
        let most = batch.bytes.len() + BLOCK;
        let nanos = self.nanos;
        let frames = &mut self.frames;
        while batch.bytes.len() < most {
            let taken = self.capture.dispatch(Some(ROUND), |packet| {
                let fraction = u32::try_from(packet.header.ts.tv_usec).unwrap_or(0);
                let fraction = if nanos { fraction } else { fraction.saturating_mul(1_000) };
                let time = Time::from_nanos(packet.header.ts.tv_sec, fraction.min(999_999_999));
                if let Some(closing) = closing
                    && time > closing.until
                {
                    closing.is_past = true;
                    return;
                }
                *frames += 1;
                let begin = batch.bytes.len() as u32;
                batch.bytes.extend_from_slice(packet.data);
                batch.heads.push(FrameHead {
                    number: *frames,
                    time: Some(time),
                    wire_len: packet.header.len,
                    offset: 0,
                    interface: 0,
                    bytes: begin..batch.bytes.len() as u32,
                    options: 0..0,
                });
            })?;
            if taken < ROUND {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// What the kernel counted.
#[derive(Default)]
struct Counted {
    received: u64,
    dropped: u64,
    interface_dropped: u64,
    /// What it said last.
    last: (u32, u32, u32),
    looked: Option<Instant>,
    /// Since there was no room, the ring has not been empty.
    is_behind: bool,
    shared: Arc<Shared>,
}

impl Counted {
    fn keep_up(&mut self, capture: &mut Capture<Active>) {
        if self.looked.is_none_or(|looked| looked.elapsed() > COUNT) {
            self.now(capture);
        }
    }

    /// There is no room: what is dropped from now on is dropped for that.
    fn fall_behind(&mut self, capture: &mut Capture<Active>) {
        if !self.is_behind {
            self.now(capture);
            self.is_behind = true;
        }
    }

    /// The ring is empty.
    fn catch_up(&mut self, capture: &mut Capture<Active>) {
        if self.is_behind {
            self.now(capture);
            self.is_behind = false;
        }
    }

    fn now(&mut self, capture: &mut Capture<Active>) {
        self.looked = Some(Instant::now());
        // Of an interface that has gone, what is known is what it said before.
        if let Ok(says) = capture.stats() {
            let (received, dropped, interface_dropped) = self.last;
            self.received += u64::from(says.received.wrapping_sub(received));
            let lost = u64::from(says.dropped.wrapping_sub(dropped));
            self.dropped += lost;
            if self.is_behind {
                self.shared.dropped.fetch_add(lost, Ordering::Relaxed);
            }
            self.interface_dropped += u64::from(says.if_dropped.wrapping_sub(interface_dropped));
            self.last = (says.received, says.dropped, says.if_dropped);
        }
    }

    fn statistics(&self, start: Time, interface: &Interface) -> Statistics {
        let (end, clock) = (now(), Clock::of(interface));
        let mut options = Vec::new();
        for (code, time) in [(2, start), (3, end)] {
            let ticks = clock.ticks(time);
            let (high, low) = ((ticks >> 32) as u32, ticks as u32);
            option(&mut options, BIG_ENDIAN, code, &[high.to_ne_bytes(), low.to_ne_bytes()].concat());
        }
        for (code, count) in [(4, self.received), (5, self.interface_dropped), (7, self.dropped)] {
            option(&mut options, BIG_ENDIAN, code, &count.to_ne_bytes());
        }
        option(&mut options, BIG_ENDIAN, 0, &[]);
        Statistics {
            interface: 0,
            time: end,
            start: Some(start),
            end: Some(end),
            received: Some(self.received),
            dropped: Some(self.interface_dropped),
            filter_accepted: None,
            system_dropped: Some(self.dropped),
            delivered: None,
            options,
        }
    }
}

fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::from_nanos(since.as_secs() as i64, since.subsec_nanos())
}
