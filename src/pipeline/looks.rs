//! How often a frame is dissected, and for whom.
//!
//! Where the filters read less than what is shown, a frame is dissected for them first, and once more if they let it pass: with the answers
//! that the memory gave the first time. Of a segment whose headers they do not read, and of which the memory was asked already, only
//! the messages are dissected for them.

use super::Job;
use super::gate::Gate;
use crate::capture::Frame;
use crate::dissect::{Asks, Dissector, Memory, Need, Packet};
use crate::streams::Streams;
use crate::streams::notes::{Notes, Observer, Replay};

/// The dissectors of a run, and what the memory answered the one for filters.
pub(super) struct Looks {
    /// Records what the filters read, where that is less than what is shown.
    pub for_filters: Option<Dissector>,
    /// Records what is shown, where that is less than what filters and sinks read together.
    pub for_sinks: Option<Dissector>,
    /// Nobody looks at any field: frames are not taken apart.
    is_blind: bool,
    /// The sinks read nothing.
    is_idle: bool,
    /// What a frame is depends on others.
    asks: bool,
    notes: Notes,
    /// The notes are those of messages alone: the rest was asked before.
    is_partial: bool,
}

impl Looks {
    pub fn of(job: &Job) -> Looks {
        let (filters, sinks) = (job.selection.need(), job.sink.need().and(job.tap.need()));
        let asks_first = !job.selection.filters.is_empty() && job.tap.is_idle();
        let less = |need: Need| (need != *job.dissector.need()).then(|| job.dissector.recording(&need));
        Looks {
            for_filters: if asks_first { less(filters) } else { None },
            for_sinks: less(sinks),
            is_blind: job.is_blind(),
            is_idle: job.sink.is_idle() && job.tap.is_idle(),
            asks: job.dissector.need().asks > Asks::Nothing,
            notes: Notes::default(),
            is_partial: false,
        }
    }

    /// Whether frames are dissected for filters first.
    pub fn are_two(&self) -> bool {
        self.for_filters.is_some()
    }

    /// Whether nobody looks at any field.
    pub fn are_blind(&self) -> bool {
        self.is_blind
    }

    /// Dissects a frame for the filters, or at once for everybody; one that `is_sure` to be shown only for the sinks.
    pub fn first(
        &mut self,
        job: &Job,
        frame: &Frame,
        is_sure: bool,
        gate: &mut Option<Gate>,
        streams: &mut Streams,
        packet: &mut Packet,
    ) {
        let Looks { for_filters, for_sinks, notes, .. } = self;
        self.is_partial = false;
        match (gate, for_filters) {
            _ if self.is_blind => {}
            // Nobody reads it; it is observed, unless nobody asks what was in it.
            (Some(gate), _) if is_sure && self.is_idle && self.asks => gate.scout.observe_frame(frame, streams, packet),
            _ if is_sure && self.is_idle => _ = streams.frame(frame),
            (Some(gate), Some(filters)) if !is_sure => {
                notes.clear();
                let mut memory = Observer { memory: &mut *streams, notes: &mut *notes };
                self.is_partial =
                    gate.reads_only_messages && gate.scout.dissect_messages(filters, frame, &mut memory, packet);
                if !self.is_partial {
                    filters.dissect(frame, &mut Observer { memory: &mut gate.scout.resumed(streams), notes }, packet);
                }
            }
            (None, Some(filters)) => {
                notes.clear();
                filters.dissect(frame, &mut Observer { memory: streams, notes }, packet);
            }
            (Some(gate), _) => {
                let sinks = for_sinks.as_ref().filter(|_| is_sure).unwrap_or(&job.dissector);
                sinks.dissect(frame, &mut gate.scout.resumed(streams), packet);
            }
            (None, None) => job.dissector.dissect(frame, streams, packet),
        }
    }

    /// Dissects a frame that the filters let pass for the sinks.
    pub fn second(&self, job: &Job, frame: &Frame, gate: &Option<Gate>, packet: &mut Packet) {
        let sinks = self.for_sinks.as_ref().unwrap_or(&job.dissector);
        let mut replay = Replay::new(&self.notes);
        match gate {
            Some(gate) if self.is_partial => sinks.dissect(frame, &mut gate.scout.resumed(&mut replay), packet),
            _ => sinks.dissect(frame, &mut replay, packet),
        }
    }
}
