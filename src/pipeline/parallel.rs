//! The pipeline on several threads: the same output, byte for byte.
//!
//! ```text
//!  reader ──block + notes──▶ workers ──block + text──▶ writer (the caller's thread)
//!    ▲  reads, observes       dissect, filter, format     puts blocks in order, writes
//!    └──────────────────── empty blocks ◀────────────────────┘
//! ```
//!
//! Blocks are what is handed on, never single frames, and they go round, so that their buffers are used again. One thread
//! reads and observes in capture order: all memory is its own. Workers dissect with the answers that it wrote down, so that any of
//! them can take any block. What depends on which packets were shown before is passed from block to block by the workers.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::gate::{Admission, Gate};
use super::looks::Looks;
use super::{Counts, Error, Job, Run, Selection, Then, limit};
use crate::capture::{self, Batch, Progress, Source, Time};
use crate::dissect::{Dissector, Packet, View};
use crate::glance::Scout;
use crate::output::Sink;
use crate::output::stream::Output;
use crate::streams::Streams;
use crate::streams::notes::{Notes, Observer, Place, Replay};
use crate::text::Text;

/// A block of frames on its way round.
#[derive(Default)]
pub(super) struct Block {
    /// Counts the blocks of a turn from 0.
    index: u64,
    batch: Batch,
    /// What the memory answered for its frames.
    notes: Notes,
    /// The places of frames that are not shown, as their headers tell: there are no answers for them.
    rejected: Vec<usize>,
    /// The places of frames that are shown, as their headers tell.
    sure: Vec<usize>,
    /// What is shown of it.
    text: Text,
    shown: Vec<Shown>,
    progress: Progress,
    /// Why its frames behind those that are shown were not looked at.
    failed: Option<Error>,
}

/// A frame that was selected.
#[derive(Clone, Copy)]
struct Shown {
    /// Its place in the block.
    place: usize,
    /// Where its text ends in that of the block.
    end: usize,
    /// Where its answers begin.
    notes: Place,
}

/// How many blocks there are for each worker.
const BLOCKS_PER_WORKER: usize = 2;

/// What the threads share.
struct Shared<'a> {
    dissector: &'a Dissector,
    /// Dissects for filters first, and for sinks where filters have decided.
    looks: &'a Looks,
    stop: AtomicBool,
    chain: Chain,
    /// Every frame is shown, so that the observer knows when the last one before was.
    all_shown: bool,
    /// What is written depends on when the last packet before was shown.
    compares: bool,
}

/// When the last frame that was shown up to the end of a block was captured, handed from block to block.
struct Chain {
    last: Mutex<(u64, Option<Time>)>,
    passed: Condvar,
}

impl Chain {
    /// Waits for the block before `index`.
    fn before(&self, index: u64) -> Option<Time> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        while last.0 < index {
            last = self.passed.wait(last).unwrap_or_else(PoisonError::into_inner);
        }
        last.1
    }

    fn pass(&self, index: u64, time: Option<Time>) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        while last.0 < index {
            last = self.passed.wait(last).unwrap_or_else(PoisonError::into_inner);
        }
        *last = (index + 1, time.or(last.1));
        self.passed.notify_all();
    }
}

/// What each of `threads` workers writes with; `None` if what the job writes can only be written by one thread.
pub(super) fn sinks(job: &Job, threads: usize) -> Option<Vec<Box<dyn Sink + Send>>> {
    let sinks: Option<Vec<Box<dyn Sink + Send>>> = (0..threads).map(|_| job.sink.fork()).collect();
    sinks.filter(|_| job.tap.is_idle())
}

/// Reads so many blocks, or all, with a worker for each of `sinks`.
pub(super) fn frames(
    run: &mut Run,
    sinks: &mut [Box<dyn Sink + Send>],
    most_blocks: Option<u64>,
) -> Result<Then, Error> {
    let Run { source, job, streams, out, text, counts, gate, looks, blocks, took, .. } = run;
    // What begins the output goes before the blocks.
    out.write(text)?;
    let all_shown = job.selection.shows_all();
    let shared = Shared {
        dissector: &job.dissector,
        looks,
        stop: AtomicBool::new(false),
        chain: Chain { last: Mutex::new((0, streams.last_displayed())), passed: Condvar::new() },
        all_shown,
        compares: job.sink.compares_displayed() && !all_shown,
    };
    let (threads, (free, mut empty)) = (sinks.len(), mpsc::channel());
    blocks.resize_with(BLOCKS_PER_WORKER * threads + 2, Block::default);
    blocks.drain(..).for_each(|block| _ = free.send(block));
    let (work, waiting) = mpsc::sync_channel(BLOCKS_PER_WORKER * threads);
    let waiting = Mutex::new(waiting);
    let (done, ready) = mpsc::channel();
    let most_frames = job.max_read.map(|most| most.saturating_sub(counts.read));
    let then = thread::scope(|scope| {
        let empty = &mut empty;
        let reader = scope.spawn(|| read(*source, streams, &shared, gate, (most_blocks, most_frames), empty, work));
        for sink in sinks {
            let (done, selection, waiting, shared) = (done.clone(), job.selection.clone(), &waiting, &shared);
            scope.spawn(move || worker(&mut **sink, selection, shared, waiting, &done));
        }
        drop(done);
        let mut between = Text::new();
        job.sink.between(&mut between);
        let mut writer =
            Writer { save: &mut job.save, max_shown: job.max_shown, between: between.len(), out, counts, half: None };
        let written = writer.write_all(ready, free, &shared, most_blocks.map(|most| most / 2));
        *took = writer.half.map_or(Duration::ZERO, |half| half.elapsed());
        let read = reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        match written? {
            Then::GoOn => read.map_err(Error::from),
            Then::End => read.map_err(Error::from).map(|_| Then::End),
        }
    });
    blocks.extend(empty.try_iter());
    if shared.compares {
        let last = shared.chain.last.into_inner().unwrap_or_else(PoisonError::into_inner);
        streams.last_displayed_was(last.1);
    }
    then
}

/// Reads blocks and observes their frames, until there were enough of them, the source ends or nobody wants more.
fn read(
    source: &mut dyn Source,
    streams: &mut Streams,
    shared: &Shared,
    gate: &mut Option<Gate>,
    (most_blocks, most_frames): (Option<u64>, Option<u64>),
    empty: &mut Receiver<Block>,
    work: SyncSender<Block>,
) -> Result<Then, capture::Error> {
    let mut scout = Scout::of(shared.dissector);
    let mut packet = Packet::new();
    let (mut index, mut count) = (0, 0);
    loop {
        if limit(index, most_blocks) {
            return Ok(Then::GoOn);
        }
        let Ok(mut block) = empty.recv() else { break };
        if shared.stop.load(Ordering::Relaxed) || limit(count, most_frames) || !source.read(&mut block.batch)? {
            break;
        }
        if let Some(most) = most_frames {
            block.batch.heads.truncate(usize::try_from(most - count).unwrap_or(usize::MAX));
        }
        block.notes.clear();
        let Block { batch, notes, rejected, sure, .. } = &mut block;
        rejected.clear();
        sure.clear();
        for (place, frame) in batch.frames().enumerate() {
            let from = notes.end();
            let mut memory = Observer { memory: &mut *streams, notes: &mut *notes };
            let Some(gate) = gate else {
                scout.begin();
                scout.observe_frame(&frame, &mut memory, &mut packet);
                if shared.all_shown {
                    streams.displayed();
                }
                continue;
            };
            match gate.lets_in(&frame, batch.offset_of(place), &mut memory, &mut packet) {
                Admission::Refused => {
                    rejected.push(place);
                    notes.cut(from);
                }
                Admission::Sure => {
                    sure.push(place);
                    gate.scout.observe_frame(&frame, &mut memory, &mut packet);
                }
                Admission::Granted => gate.scout.observe_frame(&frame, &mut memory, &mut packet),
                // Whether it is shown decides whether it has to be known better.
                Admission::Mixed => {
                    shared.dissector.dissect(&frame, &mut memory, &mut packet);
                    if gate.has_to_look_back(&View { frame: &frame, packet: &packet }) {
                        gate.look_back(frame.number, streams, &mut packet)?;
                        notes.cut(from);
                        let mut memory = Observer { memory: &mut *streams, notes: &mut *notes };
                        gate.scout.observe_frame(&frame, &mut memory, &mut packet);
                    }
                }
            }
        }
        count += block.batch.heads.len() as u64;
        block.index = index;
        block.progress = source.progress();
        index += 1;
        if work.send(block).is_err() {
            break;
        }
    }
    Ok(Then::End)
}

/// Takes blocks and makes their text, until there are no more.
fn worker(
    sink: &mut dyn Sink,
    mut selection: Selection,
    shared: &Shared,
    waiting: &Mutex<Receiver<Block>>,
    done: &Sender<Block>,
) {
    let mut packet = Packet::new();
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(mut block) = next else { return };
        show(&mut block, sink, &mut selection, shared, &mut packet);
        if done.send(block).is_err() {
            return;
        }
    }
}

/// Dissects, filters and formats a block.
fn show(block: &mut Block, sink: &mut dyn Sink, selection: &mut Selection, shared: &Shared, packet: &mut Packet) {
    let Block { index, batch, notes, rejected, sure, text, shown, failed, .. } = block;
    let mut rejected = rejected.iter().copied().peekable();
    let mut sure = sure.iter().copied().peekable();
    text.clear();
    shown.clear();
    *failed = None;
    let mut last_shown = None;
    // Those who wait for this block shall not wait for ever, whatever happens here.
    let mut passing = Passing { chain: &shared.chain, index: *index, time: None, is_open: shared.compares };
    let mut replay = Replay::new(notes);
    for (place, frame) in batch.frames().enumerate() {
        if rejected.next_if_eq(&place).is_some() {
            continue;
        }
        let from = replay.place();
        let is_sure = sure.next_if_eq(&place).is_some();
        let first = shared.looks.for_filters.as_ref().filter(|_| !is_sure);
        let sinks = shared.looks.for_sinks.as_ref().unwrap_or(shared.dissector);
        let all = if is_sure { sinks } else { shared.dissector };
        first.unwrap_or(all).dissect(&frame, &mut replay, packet);
        let selects = if is_sure { Ok(true) } else { selection.selects(&View { frame: &frame, packet }) };
        match selects {
            Ok(true) => {
                if !shared.compares {
                    if first.is_some() {
                        sinks.dissect(&frame, &mut Replay::from(notes, from), packet);
                    }
                    sink.between(text);
                    sink.packet(&View { frame: &frame, packet }, text);
                }
                last_shown = frame.time.or(last_shown);
                shown.push(Shown { place, end: text.len(), notes: from });
            }
            Ok(false) => {}
            Err(error) => {
                *failed = Some(error);
                break;
            }
        }
    }
    if !shared.compares {
        return;
    }
    // Only now is known what was shown before.
    let mut displayed = shared.chain.before(*index);
    passing.time = last_shown;
    drop(passing);
    for each in shown {
        let Some(frame) = batch.frames().nth(each.place) else { continue };
        replay.go_to(each.notes, displayed);
        shared.looks.for_sinks.as_ref().unwrap_or(shared.dissector).dissect(&frame, &mut replay, packet);
        sink.between(text);
        sink.packet(&View { frame: &frame, packet }, text);
        each.end = text.len();
        displayed = frame.time.or(displayed);
    }
}

/// Passes on when the last frame of a block was shown, at the latest when it is dropped.
struct Passing<'a> {
    chain: &'a Chain,
    index: u64,
    time: Option<Time>,
    is_open: bool,
}

impl Drop for Passing<'_> {
    fn drop(&mut self) {
        if self.is_open {
            self.chain.pass(self.index, self.time);
        }
    }
}

/// Writes blocks in their order.
struct Writer<'a> {
    save: &'a mut Option<super::Save>,
    max_shown: Option<u64>,
    /// Bytes that stand between two packets; the first has none before it.
    between: usize,
    out: &'a mut Output,
    counts: &'a mut Counts,
    /// When half of the blocks were written.
    half: Option<Instant>,
}

impl Writer<'_> {
    fn write_all(
        &mut self,
        ready: Receiver<Block>,
        free: Sender<Block>,
        shared: &Shared,
        half: Option<u64>,
    ) -> Result<Then, Error> {
        let mut free = Some(free);
        let mut result = Ok(Then::GoOn);
        let (mut early, mut next) = (BTreeMap::new(), 0);
        for block in ready {
            early.insert(block.index, block);
            while let Some(mut block) = early.remove(&next) {
                if half == Some(next) {
                    self.half = Some(Instant::now());
                }
                next += 1;
                if free.is_none() {
                    continue;
                }
                let goes_on = self.write(&mut block, &shared.dissector.registry);
                match (goes_on, &free) {
                    (Ok(true), Some(free)) => _ = free.send(block),
                    (goes_on, _) => {
                        // Without empty blocks the reader ends, then the workers, and then this loop.
                        result = goes_on.map(|_| Then::End);
                        shared.stop.store(true, Ordering::Relaxed);
                        free = None;
                    }
                }
            }
        }
        result
    }

    /// Writes a block and says whether more is wanted.
    fn write(&mut self, block: &mut Block, registry: &crate::dissect::Registry) -> Result<bool, Error> {
        let Block { batch, text, shown, progress, failed, .. } = block;
        let counts = &mut *self.counts;
        if limit(counts.shown, self.max_shown) {
            return Ok(false);
        }
        counts.note_links(batch, registry);
        let room = self.max_shown.map_or(usize::MAX, |most| usize::try_from(most - counts.shown).unwrap_or(usize::MAX));
        let is_full = shown.len() >= room;
        shown.truncate(room);
        let mut is_enough = is_full;
        let mut read = match shown.last() {
            Some(last) if is_full => last.place + 1,
            _ => batch.heads.len(),
        };
        if let Some(save) = self.save {
            let mut selected = shown.iter().map(|each| each.place).peekable();
            save.writer.begin(batch);
            let mut asides = batch.asides.iter().peekable();
            for (place, frame) in batch.frames().enumerate().take(read) {
                while let Some(aside) = asides.next_if(|aside| aside.after as usize <= place) {
                    save.writer.aside(aside)?;
                }
                if selected.next_if(|&next| next == place).is_some() {
                    save.writer.frame(&frame)?;
                    if limit(save.writer.size(), save.most) {
                        (is_enough, read) = (true, place + 1);
                        shown.retain(|each| each.place <= place);
                        break;
                    }
                }
            }
            if !is_enough {
                asides.try_for_each(|aside| save.writer.aside(aside))?;
            }
        }
        counts.read += read as u64;
        if let Some(last) = shown.last() {
            text.truncate(last.end);
            let start = if counts.shown == 0 { self.between.min(text.len()) } else { 0 };
            self.out.write_from(text, start, shown.iter().map(|each| each.end))?;
        }
        counts.shown += shown.len() as u64;
        self.out.batch(text, *progress)?;
        match failed.take() {
            Some(error) => Err(error),
            None => Ok(!is_enough),
        }
    }
}
