//! Source → Streams → Dissect → Filter → Sink, one frame after the other, or by blocks on several threads: see [`parallel`].
//!
//! Filters are asked as early as they can tell. What the headers of the raw frame decide is decided before anything else, and what the
//! memory knows of a plain segment before that is dissected: see [`gate`]. Then a frame of which they do not tell is dissected no
//! further than the filters read it, and the memory is asked what it has to know; only if it is let through it is dissected once more,
//! for what is shown, with the same answers: see [`looks`]. Who follows one conversation sees no other, once it is known between whom
//! it is.

mod gate;
mod looks;
mod parallel;

use std::io;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::{Duration, Instant};

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
    /// On one more than there are cores, up to [`MAX`](Self::MAX), where that is faster than one alone. Now and then one waits for the
    /// thread that reads, and its core shall not.
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

/// How many blocks are read on one thread, and as many on several, to find out what is faster.
const TRIAL_BLOCKS: u64 = 128;

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
    let mut text = Text::new();
    job.sink.begin(&mut text);
    job.tap.begin(&mut text);
    let mut run = Run::new(&mut *source, &mut job, streams, out, text);
    let mut result = run.all();
    let Run { mut counts, mut text, .. } = run;
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

/// A job on its way through a source.
struct Run<'a> {
    source: &'a mut dyn Source,
    job: &'a mut Job,
    streams: &'a mut Streams,
    out: &'a mut Output,
    /// What is not written yet.
    text: Text,
    counts: Counts,
    looks: Looks,
    gate: Option<Gate>,
    following: Following,
    batch: Batch,
    packet: Packet,
    /// Blocks that threads pass on, while they do not.
    blocks: Vec<parallel::Block>,
    /// Frames that one thread has dissected for filters or sinks, be they shown or not.
    dissected: u64,
    /// How long several threads took for the second half of the blocks that they had, where these were counted.
    took: Duration,
}

/// Whether there may be more to read than a part of a run has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    GoOn,
    End,
}

impl<'a> Run<'a> {
    fn new(
        source: &'a mut dyn Source,
        job: &'a mut Job,
        streams: &'a mut Streams,
        out: &'a mut Output,
        text: Text,
    ) -> Run<'a> {
        let looks = Looks::of(job);
        let mut gate = Gate::of(job).filter(|gate| !looks.are_two() || gate.spares_much());
        if let Some(gate) = &mut gate {
            gate.may_postpone(job, streams);
        }
        let following = Following::of(job);
        let (counts, batch, packet, blocks) = (Counts::default(), Batch::default(), Packet::new(), Vec::new());
        let took = Duration::ZERO;
        Run {
            source,
            job,
            streams,
            out,
            text,
            counts,
            looks,
            gate,
            following,
            batch,
            packet,
            blocks,
            dissected: 0,
            took,
        }
    }

    fn all(&mut self) -> Result<(), Error> {
        let threads = self.job.threads.count(self.source);
        let fits = self.job.threads == Threads::Fitting;
        // One stream is found sooner than others could help; and where nothing but headers is read, reading the file is most of the work.
        let is_alone = threads == 1
            || self.job.is_blind()
            || gate::is_of_one_stream(self.job)
            || fits && self.job.dissector.reads_only_headers();
        match if is_alone { None } else { parallel::sinks(self.job, threads) } {
            None => self.alone(None)?,
            // What little passes a filter may be little work.
            Some(mut sinks) if fits && !self.job.selection.filters.is_empty() => {
                self.as_fits(&mut sinks, TRIAL_BLOCKS)?
            }
            Some(mut sinks) => parallel::frames(self, &mut sinks, None)?,
        };
        Ok(())
    }

    /// Finds out whether several threads are faster, and goes on so: where little is made of what is read, all of them wait for the one
    /// that reads, and take time that others could use. One thread and several have so many blocks each, and as many before that count
    /// for nothing: tables and buffers grow at first, and threads have to find their cores. Where headers alone reject almost everything
    /// that is clear without trying.
    fn as_fits(&mut self, sinks: &mut [Box<dyn Sink + Send>], trial_blocks: u64) -> Result<Then, Error> {
        let mut began = Instant::now();
        for _ in 0..2 {
            began = Instant::now();
            if self.alone(Some(trial_blocks))? == Then::End {
                return Ok(Then::End);
            }
        }
        let alone = began.elapsed();
        if self.dissected < self.counts.read / 8 {
            return self.alone(None);
        }
        if parallel::frames(self, sinks, Some(2 * trial_blocks))? == Then::End {
            return Ok(Then::End);
        }
        if self.took + self.took / 16 < alone { parallel::frames(self, sinks, None) } else { self.alone(None) }
    }

    /// Reads so many blocks, or all, on this thread.
    fn alone(&mut self, most_blocks: Option<u64>) -> Result<Then, Error> {
        let Run { source, job, streams, out, text, counts, looks, gate, following, batch, packet, dissected, .. } =
            self;
        // Where the packets after it do not miss a packet.
        let can_skip = !job.sink.is_idle() && job.sink.fork().is_some();
        let mut blocks = 0;
        while !limit(counts.read, job.max_read) && !limit(counts.shown, job.max_shown) {
            if limit(blocks, most_blocks) {
                return Ok(Then::GoOn);
            }
            blocks += 1;
            if !source.read(batch)? {
                break;
            }
            counts.note_links(batch, &job.dissector.registry);
            let mut asides = batch.asides.iter();
            let mut aside = asides.next();
            if let Some(save) = &mut job.save {
                save.writer.begin(batch);
            }
            for (place, frame) in batch.frames().enumerate() {
                if limit(counts.read, job.max_read) || limit(counts.shown, job.max_shown) {
                    return Ok(Then::End);
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
                let admission = match gate {
                    Some(gate) => gate.lets_in(&frame, batch.offset_of(place), *streams, packet),
                    None => Admission::Granted,
                };
                if admission == Admission::Refused {
                    continue;
                }
                *dissected += 1;
                let is_sure = admission == Admission::Sure;
                looks.first(job, &frame, is_sure, gate, streams, packet);
                if let (Admission::Mixed, Some(mixed)) = (admission, &mut *gate)
                    && mixed.has_to_look_back(&View { frame: &frame, packet })
                {
                    mixed.look_back(frame.number, streams, packet)?;
                    looks.first(job, &frame, is_sure, gate, streams, packet);
                }
                if !job.selection.captures(&frame)? {
                    continue;
                }
                if looks.are_two() && !is_sure {
                    if !job.selection.shows(&View { frame: &frame, packet }) {
                        continue;
                    }
                    looks.second(job, &frame, gate, packet);
                }
                let view = View { frame: &frame, packet };
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
                    if let Some(gate) = gate {
                        gate.learn(&frame, &job.dissector.registry);
                    }
                    counts.shown += 1;
                    if !looks.are_blind() {
                        streams.displayed();
                    }
                    if let Some(save) = &mut job.save {
                        save.writer.frame(&frame)?;
                        if limit(save.writer.size(), save.most) {
                            return Ok(Then::End);
                        }
                    }
                    out.packet(text)?;
                    following.learn(job);
                    if job.sink.is_done() {
                        return Ok(Then::End);
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
        Ok(Then::End)
    }
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
            scout.observe_frame(&frame, streams, &mut packet);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dissect::Preferences;
    use crate::output::Several;
    use crate::protocols;

    /// Writes of each packet its number, its stream and how long ago the one before was shown.
    #[derive(Clone)]
    struct Numbers;

    impl Sink for Numbers {
        fn between(&self, out: &mut Text) {
            out.byte(b' ');
        }

        fn fork(&self) -> Option<Box<dyn Sink + Send>> {
            Some(Box::new(self.clone()))
        }

        fn packet(&mut self, view: &View, out: &mut Text) {
            let since = view.frame.time.zip(view.packet.note().previous_displayed).map(|(now, then)| now.since(then));
            let tcp = view.layers().find(|layer| layer.protocol().name() == "tcp");
            let stream = tcp.and_then(|tcp| tcp.number(&protocols::tcp::STREAM));
            out.dec(view.frame.number)
                .byte(b':')
                .dec(stream.unwrap_or(0))
                .byte(b'+')
                .dec(since.map_or(0, |it| it.nanos()));
        }
    }

    /// One thread and several take turns, whatever is faster: what is written is the same.
    #[test]
    fn turns_are_not_seen() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let options = capgen::Options { packets: 9_000, ..capgen::Options::new(capgen::Profile::Mix) };
        std::fs::write(file.path(), capgen::capture(&options)).unwrap();
        for (filter, max_read, max_shown) in [
            ("", None, None),
            ("tcp.len > 0", None, None),
            ("tcp.analysis.flags", None, None),
            ("tcp.flags.push == 1", Some(7_001), None),
            ("udp or tcp.flags.fin == 1", None, Some(321)),
        ] {
            let written = |trial_blocks: Option<u64>| {
                let dissector = Dissector::new(protocols::registry(), Preferences::default(), Need::ALL);
                let filters = vec![Filter::compile(filter, &dissector.registry).unwrap()];
                let mut job = Job {
                    selection: Selection { filters, capture_filter: None },
                    dissector,
                    sink: Box::new(Numbers),
                    tap: Box::new(Several::<dyn Sink>(Vec::new())),
                    save: None,
                    again: Some(file.path().to_owned()),
                    max_read,
                    max_shown,
                    threads: Threads::Fitting,
                };
                job.dissector.set_need(job.need());
                let (mut source, mut streams) = (capture::open(file.path()).unwrap(), Streams::new());
                let (mut out, written) = Output::kept();
                let mut run = Run::new(&mut *source, &mut job, &mut streams, &mut out, Text::new());
                let then = match trial_blocks {
                    Some(blocks) => {
                        let mut sinks = parallel::sinks(run.job, 3).unwrap();
                        run.as_fits(&mut sinks, blocks).unwrap()
                    }
                    None => run.alone(None).unwrap(),
                };
                assert_eq!(then, Then::End);
                let Run { counts, mut text, .. } = run;
                out.write(&mut text).unwrap();
                (counts, String::from_utf8(written.lock().unwrap().clone()).unwrap())
            };
            let expected = written(None);
            assert!(expected.0.shown > 100, "{filter}: {:?}", expected.0);
            for blocks in [1, 2, 5, 100] {
                assert_eq!(written(Some(blocks)), expected, "{filter}, {blocks} blocks");
            }
        }
    }
}
