//! Source → Streams → Dissect → Filter → Sink, one frame after the other, or by blocks on several threads: see [`parallel`].
//!
//! Filters are asked as early as they can tell. What the headers of the raw frame decide is decided before anything else, and what the
//! memory knows of a plain segment before that is dissected: see [`gate`].
//! Then a frame of which they do not tell is dissected no further than the filters read it, and the memory is asked what it has to know;
//! only if it is let through it is dissected once more, for what is shown, with the same answers. Who follows one conversation sees no
//! other, once it is known between whom it is.

mod gate;
mod looks;
mod parallel;

use std::io;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use crate::capture::bpf::Bpf;
use crate::capture::pcapng::Statistics;
use crate::capture::write::{self, Writer};
use crate::capture::{self, Aside, Batch, Frame, Says, Source};
use crate::dissect::{Asks, Dissector, Memory, Need, Packet, Registry, View};
use crate::filter::Filter;
use crate::glance::Scout;
use crate::output::Sink;
use crate::output::stream::Output;
use crate::streams::Streams;
use crate::text::Text;
use gate::{Admission, Following, Gate};
use looks::Looks;

/// What a run does with its frames.
pub struct Job {
    pub dissector: Dissector,
    pub selection: Selection,
    pub sink: Box<dyn Sink>,
    /// Sees every frame that is captured, whatever display filters select; what it writes comes after what the sink writes.
    pub tap: Box<dyn Sink>,
    /// Where selected frames are kept, as they are.
    pub save: Option<Save>,
    /// The capture file, where it can be read again while it is read.
    pub again: Option<PathBuf>,
    /// Frames to read; the rest is left.
    pub max_read: Option<u64>,
    /// Packets to show; then the run ends.
    pub max_shown: Option<u64>,
    /// Threads that dissect and write text.
    pub threads: Threads,
}

/// On how many threads frames are dissected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threads {
    /// On this many.
    Count(usize),
    /// On one more than there are cores, up to [`MAX_THREADS`](Self::MAX), where there is enough to do for them: now and then one waits
    /// for the thread that reads, and its core shall not.
    Fitting,
}

impl Threads {
    /// The most threads that are started without being asked for.
    pub const MAX: usize = 8;
    /// A capture file of fewer bytes is read in a tenth of a second: threads would cost more than they spare.
    const LEAST_BYTES: u64 = 64 << 20;

    fn count(self, source: &dyn Source) -> usize {
        match self {
            Threads::Count(count) => count.max(1),
            // A pipe or an interface may hand out frames one by one: they are shown as they come.
            Threads::Fitting if source.progress().total.is_none_or(|total| total < Threads::LEAST_BYTES) => 1,
            Threads::Fitting => match std::thread::available_parallelism().map_or(1, NonZeroUsize::get) {
                1 => 1,
                cores => (cores + 1).min(Threads::MAX),
            },
        }
    }
}

/// A capture file that a run writes.
pub struct Save {
    pub writer: Writer,
    /// The size in bytes with which the run ends.
    pub most: Option<u64>,
}

/// Which frames are shown.
#[derive(Clone, Default)]
pub struct Selection {
    /// Display filters; all must match.
    pub filters: Vec<Filter>,
    /// A capture filter over a file.
    pub capture_filter: Option<CaptureFilter>,
}

/// How far a run came.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Counts {
    pub read: u64,
    /// Frames that were selected, whether they were shown or written.
    pub shown: u64,
    /// What the kernel counted of a live capture.
    pub statistics: Option<Statistics>,
    /// A link type of the capture that no protocol claims: its frames are bytes.
    pub unknown_link: Option<u16>,
}

/// Why a run ended before its time.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Capture(#[from] capture::Error),
    #[error("cannot write to standard output: {0}")]
    Write(io::Error),
    #[error(transparent)]
    CaptureFilter(#[from] capture::bpf::Error),
    #[error(transparent)]
    Save(#[from] write::Error),
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Error::Write(error)
    }
}

impl Selection {
    fn need(&self) -> Need {
        self.filters.iter().map(Filter::need).fold(Need::NOTHING, Need::and)
    }

    /// Whether every frame is shown.
    fn shows_all(&self) -> bool {
        self.filters.is_empty() && self.capture_filter.is_none()
    }

    fn captures(&mut self, frame: &Frame) -> Result<bool, Error> {
        self.capture_filter.as_mut().map_or(Ok(true), |filter| filter.matches(frame))
    }

    /// Whether a frame passes all filters.
    fn selects(&mut self, view: &View) -> Result<bool, Error> {
        Ok(self.captures(view.frame)? && self.shows(view))
    }

    fn shows(&self, view: &View) -> bool {
        self.filters.iter().all(|filter| filter.matches(view))
    }
}

/// A BPF expression, compiled anew for each link type that the capture has.
#[derive(Clone)]
pub struct CaptureFilter {
    expression: String,
    /// The program for each link type met so far; `None` where none of its frames can match.
    compiled: Vec<(u16, Option<Bpf>)>,
}

impl CaptureFilter {
    /// Takes an expression that [`Bpf::compile`] accepts for Ethernet or for a link type still to come.
    pub fn new(expression: String) -> CaptureFilter {
        CaptureFilter { expression, compiled: Vec::new() }
    }

    fn matches(&mut self, frame: &Frame) -> Result<bool, Error> {
        let link = frame.interface.link;
        let place = match self.compiled.iter().position(|row| row.0 == link) {
            Some(place) => place,
            None => {
                let program = match Bpf::compile(&self.expression, link) {
                    Ok(program) => Some(program),
                    Err(capture::bpf::Error::MatchesNothing { .. }) => None,
                    Err(error) => return Err(error.into()),
                };
                self.compiled.push((link, program));
                self.compiled.len() - 1
            }
        };
        Ok(self.compiled[place].1.as_ref().is_some_and(|program| program.matches(frame.bytes, frame.wire_len)))
    }
}

impl Job {
    /// What anybody reads of its packets.
    pub fn need(&self) -> Need {
        self.sink.need().and(self.tap.need()).and(self.selection.need())
    }

    /// A dissector that records only what the display filters read, where that is less than what is shown.
    fn decides_first(&self) -> Option<Dissector> {
        let need = self.selection.need();
        let is_less = !self.selection.filters.is_empty() && self.tap.is_idle() && need != *self.dissector.need();
        is_less.then(|| self.dissector.recording(&need))
    }

    /// A dissector for frames of which the filters have decided, where that records less.
    fn shows_then(&self) -> Option<Dissector> {
        let need = self.sink.need().and(self.tap.need());
        (need != *self.dissector.need()).then(|| self.dissector.recording(&need))
    }

    /// Nobody looks at any field: frames are not taken apart.
    fn is_blind(&self) -> bool {
        *self.dissector.need() == Need::NOTHING && self.selection.filters.is_empty()
    }
}

impl Counts {
    /// Notes the first link type that no protocol claims.
    fn note_links(&mut self, batch: &Batch, registry: &Registry) {
        if self.unknown_link.is_none() {
            let mut links = batch.interfaces.iter().map(|interface| interface.link);
            self.unknown_link = links.find(|&link| !registry.knows_link(link));
        }
    }
}

/// Whether a count has reached what it may.
fn limit(count: u64, most: Option<u64>) -> bool {
    most.is_some_and(|most| count >= most)
}

/// Runs a job over a source. What was read before an error has been written.
pub fn run(
    mut source: Box<dyn Source>,
    mut job: Job,
    streams: &mut Streams,
    out: &mut Output,
) -> (Counts, Result<(), Error>) {
    job.dissector.set_need(job.need());
    streams.answer_only(job.dissector.need().asks);
    let mut counts = Counts::default();
    let mut text = Text::new();
    job.sink.begin(&mut text);
    job.tap.begin(&mut text);
    let threads = job.threads.count(&*source);
    // One stream is found sooner than others could help.
    let mut result = if threads > 1 && !job.is_blind() && !gate::is_of_one_stream(&job) {
        // What begins the output goes before the blocks.
        let begun = out.write(&mut text).map_err(Error::from);
        let parallel = begun.map(|()| parallel::frames(&mut *source, &mut job, streams, out, threads, &mut counts));
        match parallel {
            Ok(Some(result)) => result,
            Ok(None) => frames(&mut *source, &mut job, streams, out, &mut text, &mut counts),
            Err(error) => Err(error),
        }
    } else {
        frames(&mut *source, &mut job, streams, out, &mut text, &mut counts)
    };
    counts.statistics = source.finish();
    if let Some(save) = &mut job.save
        && !matches!(result, Err(Error::Save(write::Error::Io { .. })))
    {
        result = result.and(save.finish(&counts.statistics).map_err(Error::from));
    }
    if !matches!(result, Err(Error::Write(_))) {
        job.sink.finish(counts.shown, &mut text);
        job.tap.finish(counts.shown, &mut text);
        let written = out.write(&mut text).and_then(|()| out.finish()).map_err(Error::from);
        result = match result {
            // "Everything readable was shown" is not true of what could not be written.
            Err(Error::Capture(_)) => written.and(result),
            _ => result.and(written),
        };
    }
    (counts, result)
}

fn frames(
    source: &mut dyn Source,
    job: &mut Job,
    streams: &mut Streams,
    out: &mut Output,
    text: &mut Text,
    counts: &mut Counts,
) -> Result<(), Error> {
    let mut batch = Batch::default();
    let mut packet = Packet::new();
    let mut looks = Looks::of(job);
    let mut gate = Gate::of(job).filter(|gate| !looks.are_two() || gate.spares_much());
    if let Some(gate) = &mut gate {
        gate.postpone(job, streams);
    }
    // Where the packets after it do not miss a packet.
    let can_skip = !job.sink.is_idle() && job.sink.fork().is_some();
    let mut following = Following::of(job);
    while !limit(counts.read, job.max_read) && !limit(counts.shown, job.max_shown) && source.read(&mut batch)? {
        counts.note_links(&batch, &job.dissector.registry);
        let mut asides = batch.asides.iter();
        let mut aside = asides.next();
        if let Some(save) = &mut job.save {
            save.writer.begin(&batch);
        }
        for (place, frame) in batch.frames().enumerate() {
            if limit(counts.read, job.max_read) || limit(counts.shown, job.max_shown) {
                return Ok(());
            }
            while let (Some(save), Some(it)) = (&mut job.save, aside.filter(|it| it.after as usize <= place)) {
                save.writer.aside(it)?;
                aside = asides.next();
            }
            counts.read += 1;
            if following.leaves_out(&frame) {
                streams.frame(&frame);
                counts.shown += 1;
                continue;
            }
            let admission = match &mut gate {
                Some(gate) => gate.lets_in(&frame, batch.offset_of(place), streams, &mut packet),
                None => Admission::Granted,
            };
            if admission == Admission::Refused {
                continue;
            }
            let is_sure = admission == Admission::Sure;
            looks.first(job, &frame, is_sure, &mut gate, streams, &mut packet);
            if let (Admission::Mixed, Some(mixed)) = (admission, &mut gate)
                && mixed.has_to_look_back(&View { frame: &frame, packet: &packet })
            {
                mixed.look_back(frame.number, streams, &mut packet)?;
                looks.first(job, &frame, is_sure, &mut gate, streams, &mut packet);
            }
            if !job.selection.captures(&frame)? {
                continue;
            }
            if looks.are_two() && !is_sure {
                if !job.selection.shows(&View { frame: &frame, packet: &packet }) {
                    continue;
                }
                looks.second(job, &frame, &gate, &mut packet);
            }
            let view = View { frame: &frame, packet: &packet };
            job.tap.packet(&view, text);
            if is_sure || looks.are_two() || job.selection.shows(&view) {
                // The first one is always shown: others are put behind it.
                if counts.shown > 0 && can_skip && !out.takes() {
                    out.skip();
                } else {
                    if counts.shown > 0 {
                        job.sink.between(text);
                    }
                    job.sink.packet(&view, text);
                }
                if let Some(gate) = &mut gate {
                    gate.learn(&frame, &job.dissector.registry);
                }
                counts.shown += 1;
                if !looks.are_blind() {
                    streams.displayed();
                }
                if let Some(save) = &mut job.save {
                    save.writer.frame(&frame)?;
                    if limit(save.writer.size(), save.most) {
                        return Ok(());
                    }
                }
                out.packet(text)?;
                following.learn(job);
                if job.sink.is_done() {
                    return Ok(());
                }
            } else if !text.is_empty() {
                out.packet(text)?;
            }
        }
        if let Some(save) = &mut job.save {
            for it in aside.into_iter().chain(asides) {
                save.writer.aside(it)?;
            }
            // Where frames come one by one, others may be waiting for the file too.
            if source.progress().total.is_none() {
                save.writer.flush()?;
            }
        }
        out.batch(text, source.progress())?;
    }
    Ok(())
}

impl Save {
    /// Writes what was counted, and everything that is not in the file yet.
    fn finish(&mut self, counted: &Option<Statistics>) -> Result<(), write::Error> {
        if let Some(counted) = counted {
            self.writer.aside(&Aside { after: 0, offset: 0, says: Says::Statistics(counted.clone()) })?;
        }
        self.writer.finish()
    }
}

/// Reads a whole source for what later frames say of earlier ones; nothing is shown.
pub fn first_pass(mut source: Box<dyn Source>, dissector: &mut Dissector, streams: &mut Streams) -> Result<(), Error> {
    // Also what nobody reads in the end is looked at: it may be what later frames depend on.
    dissector.set_need(Need { asks: Asks::Messages, ..Need::NOTHING });
    let mut scout = Scout::of(dissector);
    let mut batch = Batch::default();
    let mut packet = Packet::new();
    while source.read(&mut batch)? {
        for frame in batch.frames() {
            scout.begin();
            scout.observe(&mut scout.headers(&frame), streams, &mut packet);
        }
    }
    Ok(())
}

/// Reads a source up to the frame `number` and hands that to `take`, with everything that can be said of it; `false` if there is
/// none.
pub fn packet(
    mut source: Box<dyn Source>,
    dissector: &mut Dissector,
    streams: &mut Streams,
    number: u64,
    take: &mut dyn FnMut(&View, &Registry),
) -> Result<bool, Error> {
    dissector.set_need(Need { asks: Asks::Messages, ..Need::NOTHING });
    let mut batch = Batch::default();
    let mut packet = Packet::new();
    while source.read(&mut batch)? {
        for frame in batch.frames() {
            if frame.number == number {
                dissector.set_need(Need::ALL);
            }
            dissector.dissect(&frame, streams, &mut packet);
            if frame.number == number {
                take(&View { frame: &frame, packet: &packet }, &dissector.registry);
                return Ok(true);
            }
            streams.displayed();
        }
    }
    Ok(false)
}
