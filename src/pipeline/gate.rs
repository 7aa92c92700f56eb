//! Frames that are not shown, as their headers tell, and what of them the memory has to know.
//!
//! Where nobody asks of other frames, it is only told that they were there. Else they are observed. But a filter of addresses and ports,
//! `tcp.port == 443`, rejects whole conversations, and what is shown of others does not depend on them: of a file that can be read
//! again, these are not observed either. Then a frame may be shown that has other conversations in it, as that of a tunnel or an error
//! message: before that the file is read again up to there, and everything is observed from then on. So what is shown is always the
//! same.

use std::path::PathBuf;

use super::Job;
use crate::capture::{self, Batch, Frame};
use crate::dissect::{Asks, Dissector, Memory, Need, Needed, Packet, Registry, View};
use crate::filter::Filter;
use crate::streams::Streams;

/// Lets frames in that may be shown.
pub(super) struct Gate {
    filters: Vec<Filter>,
    observer: Dissector,
    /// The file to read again, as long as whole conversations are left out.
    again: Option<PathBuf>,
    /// Some were.
    has_left_out: bool,
}

/// Whether a frame is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    Refused,
    Granted,
    /// It is let in, and may have conversations in it that were left out: see [`Gate::has_to_look_back`].
    Mixed,
}

impl Gate {
    /// The gate of a job; none where every frame is looked at.
    pub fn of(job: &Job) -> Option<Gate> {
        let selection = &job.selection;
        if selection.filters.is_empty() || selection.capture_filter.is_some() || !job.tap.is_idle() {
            return None;
        }
        let registry = &job.dissector.registry;
        let mut needs = selection.filters.iter().map(Filter::need).chain([job.sink.need()]);
        let again = job.again.clone().filter(|_| !needs.any(|need| numbers_streams(&need, registry)));
        let (filters, observer) = (selection.filters.clone(), job.dissector.observer());
        Some(Gate { filters, observer, again, has_left_out: false })
    }

    /// Whether it spares more than to record what the filters read: frames that have to be observed all the same can as well be asked
    /// of the filters.
    pub fn spares_much(&self) -> bool {
        let leaves_out = || self.again.is_some() && self.filters.iter().any(Filter::rejects_conversations);
        self.observer.need().asks == Asks::Nothing || leaves_out()
    }

    /// What to do with a frame. One that is turned away is done with.
    pub fn lets_in(&mut self, frame: &Frame, streams: &mut Streams, packet: &mut Packet) -> Admission {
        let (mut is_rejected, mut is_left_out, mut is_apart) = (false, false, true);
        for filter in &self.filters {
            let early = filter.early(frame);
            is_rejected |= early.answer == Some(false);
            is_left_out |= early.whole_conversation;
            is_apart &= early.is_apart;
        }
        if !is_rejected {
            return if !is_apart && self.has_left_out { Admission::Mixed } else { Admission::Granted };
        }
        match self.observer.need().asks {
            Asks::Nothing => _ = streams.frame(frame),
            _ if is_left_out && self.again.is_some() => {
                self.has_left_out = true;
                streams.frame(frame);
            }
            _ => self.observer.dissect(frame, streams, packet),
        }
        Admission::Refused
    }

    /// Whether what was left out has to be observed because of a mixed frame.
    pub fn has_to_look_back(&self, view: &View) -> bool {
        // A filter that asks of other frames may be wrong without them.
        self.filters.iter().all(|filter| filter.need().asks > Asks::Nothing || filter.matches(view))
    }

    /// Observes what was left out before the frame `number`; nothing is left out any more.
    pub fn look_back(&mut self, number: u64, streams: &mut Streams, packet: &mut Packet) -> Result<(), capture::Error> {
        self.has_left_out = false;
        let Some(path) = self.again.take() else { return Ok(()) };
        streams.begin_again();
        let (mut source, mut batch) = (capture::open(&path)?, Batch::default());
        while source.read(&mut batch)? {
            for frame in batch.frames() {
                if frame.number >= number {
                    return Ok(());
                }
                self.observer.dissect(&frame, streams, packet);
            }
        }
        Ok(())
    }
}

/// Whether the numbers of streams are read, which count all conversations.
fn numbers_streams(need: &Need, registry: &Registry) -> bool {
    let is = |name: &str| name.ends_with(".stream");
    match &need.protocols {
        // The columns themselves have none.
        Needed::Columns(names) => registry
            .protocols()
            .iter()
            .filter(|protocol| names.contains(&protocol.name()))
            .any(|protocol| protocol.fields.iter().any(|field| is(field.name))),
        _ => need.reads(registry, |field| is(field.name)),
    }
}
