//! Frames of which the raw headers tell whether they are shown, and what of those that are not the memory has to know.
//!
//! A frame that is shown for certain is dissected once, for what is shown of it; the filters are not asked. Of a segment for which the
//! filters ask what it is beside others, `tcp.analysis.retransmission`, the memory tells that before it is dissected: see [`Scout`].
//!
//! Where nobody asks of other frames, it is only told that they were there. Else they are observed; but the data of segments waits in the
//! file, until something of its connection is shown for which messages count: see [`Memory::postpone`]. But a filter of addresses and ports,
//! `tcp.port == 443`, rejects whole conversations, and what is shown of others does not depend on them: of a file that can be read
//! again, these are not observed either. Then a frame may be shown that has other conversations in it, as that of a tunnel or an error
//! message: before that the file is read again up to there, and everything is observed from then on. So what is shown is always the
//! same; but where more is observed more has to be kept, and so more is given up once that is too much.
//!
//! So it is where a filter names one stream, `tcp.stream == 5`: all conversations count for its number until its first frame is found,
//! and none does after that.

use std::path::PathBuf;

use super::{Job, Selection};
use crate::capture::{self, Batch, Fetch, Frame};
use crate::dissect::{Asks, Memory, Need, Needed, Packet, Registry, View};
use crate::filter::Filter;
use crate::glance::Scout;
use crate::glance::headers::Headers;
use crate::streams::Streams;

/// Lets frames in that may be shown.
pub(super) struct Gate {
    filters: Vec<Filter>,
    /// Has asked the memory of the frame that was let in last, if not of everything: who goes on with it goes on from there.
    pub scout: Scout,
    /// What the memory knows of a segment may decide what its headers do not.
    gains: bool,
    /// The file to read again, as long as whole conversations are left out.
    again: Option<PathBuf>,
    /// The data of segments that are turned away waits in the capture file, until somebody sees messages of its connection.
    postpones: bool,
    /// The filters read nothing of the layers up to the transports: who asks them needs only the messages.
    pub reads_only_messages: bool,
    /// Some were.
    has_left_out: bool,
    /// What the filters reject may be left out; else it may count for the numbers of streams that somebody reads.
    leaves_rejected: bool,
    /// The filters let one stream pass, whose number they say.
    is_of_one_stream: bool,
    /// Its packets, once the first one told between whom it is.
    conversation: Option<Filter>,
}

/// Whether a frame is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    Refused,
    Granted,
    /// It is let in, and the filters need not be asked any more.
    Sure,
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
        let leaves_rejected = !needs.any(|need| numbers_streams(&need, registry));
        let is_of_one_stream = is_of_one_stream(job);
        let again = job.again.clone().filter(|_| leaves_rejected || is_of_one_stream);
        let (filters, scout) = (selection.filters.clone(), Scout::of(&job.dissector));
        let gains = scout.asks() > Asks::Nothing && filters.iter().any(Filter::gains);
        let (has_left_out, conversation) = (false, None);
        let reads_only_messages = registry.are_upper(&selection.need());
        Some(Gate {
            postpones: false,
            filters,
            scout,
            gains,
            again,
            reads_only_messages,
            has_left_out,
            leaves_rejected,
            is_of_one_stream,
            conversation,
        })
    }

    /// Lets the data of segments that are turned away wait, where that can be: nobody reads what messages ask of the memory by
    /// themselves, and the file can be read where they stand.
    pub fn may_postpone(&mut self, job: &Job, streams: &mut Streams) {
        let (need, registry) = (job.dissector.need(), &job.dissector.registry);
        let asks = |name: &&str| registry.protocols().iter().any(|protocol| protocol.name() == *name && protocol.asks);
        let is_read = match &need.protocols {
            Needed::All => true,
            Needed::Columns(names) | Needed::Only(names) => names.iter().any(asks),
        };
        if !is_read
            && self.scout.asks() >= Asks::Messages
            && let Some(file) = job.again.as_deref().and_then(Fetch::open)
        {
            streams.postpone_to(file);
            self.postpones = true;
        }
    }

    /// Whether it spares more than to record what the filters read.
    pub fn spares_much(&self) -> bool {
        self.gains || self.scout.asks() == Asks::Nothing || self.filters.iter().any(Filter::rejects_early)
    }

    /// What to do with a frame. One that is turned away is done with.
    ///
    /// Its bytes begin at `offset` of the capture.
    pub fn lets_in(
        &mut self,
        frame: &Frame,
        offset: Option<u64>,
        memory: &mut dyn Memory,
        packet: &mut Packet,
    ) -> Admission {
        self.scout.begin();
        let offset = offset.filter(|_| self.postpones);
        let mut headers = self.scout.headers(frame);
        if self.gains {
            self.scout.look_up(&mut headers);
        }
        if self.again.is_some()
            && let Some(conversation) = &self.conversation
            && conversation.early_of(&headers).answer == Some(false)
        {
            self.has_left_out = true;
            memory.frame(frame);
            return Admission::Refused;
        }
        let (mut is_rejected, mut is_left_out, mut is_apart, mut is_sure) = (false, false, true, true);
        for filter in &self.filters {
            let early = filter.early_of(&headers);
            is_rejected |= early.answer == Some(false);
            is_sure &= early.answer == Some(true);
            is_left_out |= early.whole_conversation;
            is_apart &= early.is_apart;
        }
        match self.scout.asks() {
            _ if !is_rejected => return self.admits((is_sure, is_apart), &mut headers, offset, memory, packet),
            Asks::Nothing => _ = memory.frame(frame),
            _ if is_left_out && self.leaves_rejected && self.again.is_some() => {
                self.has_left_out = true;
                memory.frame(frame);
            }
            _ => {
                let is_pending = offset.is_some() && self.scout.look(&mut headers, memory);
                self.refuse(is_pending, &mut headers, offset, memory, packet);
            }
        }
        Admission::Refused
    }

    /// Has observed what there is of a frame that is turned away. Where the memory was asked of a segment, its data `is_pending`: it may
    /// wait.
    fn refuse(
        &mut self,
        is_pending: bool,
        headers: &mut Headers,
        offset: Option<u64>,
        memory: &mut dyn Memory,
        packet: &mut Packet,
    ) {
        if is_pending {
            if offset.is_some_and(|offset| self.scout.postpone(headers, offset, memory)) {
                return;
            }
            self.scout.deliver(headers, memory);
        }
        self.scout.observe(headers, memory, packet);
    }

    /// What to do with a frame that its headers do not turn away.
    fn admits(
        &mut self,
        (is_sure, is_apart): (bool, bool),
        headers: &mut Headers,
        offset: Option<u64>,
        memory: &mut dyn Memory,
        packet: &mut Packet,
    ) -> Admission {
        if !is_apart && self.has_left_out {
            return Admission::Mixed;
        } else if is_sure {
            return Admission::Sure;
        } else if !self.gains {
            return Admission::Granted;
        }
        if !self.scout.look(headers, memory) {
            return Admission::Granted;
        }
        if self.late(headers) == Admission::Refused {
            self.refuse(true, headers, offset, memory, packet);
            return Admission::Refused;
        }
        self.scout.deliver(headers, memory);
        let admission = self.late(headers);
        if admission == Admission::Refused {
            self.refuse(false, headers, offset, memory, packet);
        }
        admission
    }

    /// What to do with a segment of which it is known what the memory says of it.
    fn late(&self, headers: &Headers) -> Admission {
        let mut all = Admission::Sure;
        for filter in &self.filters {
            match filter.late(headers) {
                Some(true) => {}
                Some(false) => return Admission::Refused,
                None => all = Admission::Granted,
            }
        }
        all
    }

    /// Looks at a frame that was shown: where it tells between whom the stream is that alone is wanted, no other conversation is
    /// observed from now on. None of them can get that number any more.
    pub fn learn(&mut self, frame: &Frame, registry: &Registry) {
        if self.is_of_one_stream && self.conversation.is_none() && self.again.is_some() {
            let conversation = self.filters.iter().find_map(|filter| filter.conversation(frame));
            self.conversation = conversation.and_then(|filter| Filter::compile(&filter, registry).ok());
        }
    }

    /// Whether what was left out has to be observed because of a mixed frame.
    pub fn has_to_look_back(&self, view: &View) -> bool {
        // A filter that asks of other frames may be wrong without them.
        self.filters.iter().all(|filter| filter.need().asks > Asks::Nothing || filter.matches(view))
    }

    /// Observes what was left out before the frame `number`; nothing is left out any more.
    pub fn look_back(&mut self, number: u64, streams: &mut Streams, packet: &mut Packet) -> Result<(), capture::Error> {
        (self.has_left_out, self.postpones) = (false, false);
        let Some(path) = self.again.take() else { return Ok(()) };
        streams.begin_again();
        let (mut source, mut batch) = (capture::open(&path)?, Batch::default());
        'reading: while source.read(&mut batch)? {
            for frame in batch.frames() {
                if frame.number >= number {
                    break 'reading;
                }
                self.scout.begin();
                self.scout.observe_frame(&frame, streams, packet);
            }
        }
        self.scout.begin();
        Ok(())
    }
}

/// What is left out where nobody but a sink that follows conversations looks at frames: all others, once it knows which they are.
pub(super) struct Following {
    may_leave_out: bool,
    wanted: Option<Filter>,
}

impl Following {
    pub fn of(job: &Job) -> Following {
        // Exactly one of the two does something.
        let is_alone = job.sink.is_idle() != job.tap.is_idle();
        let may_leave_out = is_alone && job.selection.shows_all() && job.save.is_none();
        Following { may_leave_out, wanted: None }
    }

    /// Whether a frame has nothing that is wanted; of one that may have other frames in it that is never said.
    pub fn leaves_out(&self, frame: &Frame) -> bool {
        self.wanted.as_ref().is_some_and(|wanted| wanted.early(frame).answer == Some(false))
    }

    /// Asks the sink whether it knows now.
    pub fn learn(&mut self, job: &Job) {
        if self.may_leave_out
            && self.wanted.is_none()
            && let Some(wanted) = if job.tap.is_idle() { job.sink.wants_only() } else { job.tap.wants_only() }
        {
            self.wanted = Filter::compile(&wanted, &job.dissector.registry).ok();
        }
    }
}

/// Whether one stream is shown, of which the filters say the number, and the file can be read again.
pub(super) fn is_of_one_stream(job: &Job) -> bool {
    let Selection { filters, capture_filter } = &job.selection;
    job.again.is_some() && job.tap.is_idle() && capture_filter.is_none() && filters.iter().any(Filter::is_of_one_stream)
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
