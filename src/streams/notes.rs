//! The answers of the memory, kept for a block of frames and given again to whoever dissects them later, on another core.
//!
//! To observe a frame is to dissect it with nothing recorded: its questions are asked in capture order, and [`Observer`] writes
//! down the answers. [`Replay`] gives them again to a dissection of the same frame, which asks the same questions in the same
//! order, because nothing of what a dissector asks depends on whether anybody is watching.

use crate::capture::{Frame, Time};
use crate::dissect::{
    Conversation, Delivery, EchoNote, Fragment, FragmentNote, FrameNote, Memory, Part, Query, SegmentHeader,
    StreamNote, TcpNote, Transport,
};

/// The answers to what the frames of a block ask, by the kind of question.
#[derive(Default)]
pub struct Notes {
    frames: Vec<FrameNote>,
    streams: Vec<StreamNote>,
    segments: Vec<TcpNote>,
    pairs: Vec<EchoNote>,
    fragments: Vec<FragmentNote>,
    /// How many parts each delivery had, and the parts.
    deliveries: Vec<u32>,
    parts: Vec<Part>,
}

impl Notes {
    /// Forgets the answers and keeps their room.
    pub fn clear(&mut self) {
        let Notes { frames, streams, segments, pairs, fragments, deliveries, parts } = self;
        frames.clear();
        streams.clear();
        segments.clear();
        pairs.clear();
        fragments.clear();
        deliveries.clear();
        parts.clear();
    }
}

impl Notes {
    /// Where the answers that come next begin.
    pub fn end(&self) -> Place {
        Place {
            frames: self.frames.len(),
            streams: self.streams.len(),
            segments: self.segments.len(),
            pairs: self.pairs.len(),
            fragments: self.fragments.len(),
            deliveries: self.deliveries.len(),
            parts: self.parts.len(),
        }
    }

    /// Forgets the answers from there on.
    pub fn cut(&mut self, place: Place) {
        self.frames.truncate(place.frames);
        self.streams.truncate(place.streams);
        self.segments.truncate(place.segments);
        self.pairs.truncate(place.pairs);
        self.fragments.truncate(place.fragments);
        self.deliveries.truncate(place.deliveries);
        self.parts.truncate(place.parts);
    }
}

/// Asks the memory, and writes down what it answers.
pub struct Observer<'a> {
    pub memory: &'a mut dyn Memory,
    pub notes: &'a mut Notes,
}

/// Keeps an answer and gives it.
fn kept<T: Clone>(answers: &mut Vec<T>, answer: T) -> T {
    answers.push(answer.clone());
    answer
}

impl Memory for Observer<'_> {
    fn frame(&mut self, frame: &Frame) -> FrameNote {
        kept(&mut self.notes.frames, self.memory.frame(frame))
    }

    fn datagram(&mut self, transport: Transport, conversation: &Conversation) -> StreamNote {
        kept(&mut self.notes.streams, self.memory.datagram(transport, conversation))
    }

    fn silent_datagram(&mut self, transport: Transport, conversation: &Conversation) -> StreamNote {
        kept(&mut self.notes.streams, self.memory.silent_datagram(transport, conversation))
    }

    fn segment(&mut self, conversation: &Conversation, header: &SegmentHeader) -> TcpNote {
        kept(&mut self.notes.segments, self.memory.segment(conversation, header))
    }

    fn pair(&mut self, query: &Query) -> EchoNote {
        kept(&mut self.notes.pairs, self.memory.pair(query))
    }

    fn fragment(&mut self, fragment: &Fragment) -> FragmentNote {
        kept(&mut self.notes.fragments, self.memory.fragment(fragment))
    }

    fn postpone(&mut self, delivery: &Delivery, offset: u64) -> bool {
        self.memory.postpone(delivery, offset)
    }

    fn deliver(&mut self, delivery: &Delivery, parts: &mut Vec<Part>) {
        let from = parts.len();
        self.memory.deliver(delivery, parts);
        self.notes.deliveries.push((parts.len() - from) as u32);
        self.notes.parts.extend_from_slice(&parts[from..]);
    }
}

/// How far the answers of a block were given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    frames: usize,
    streams: usize,
    segments: usize,
    pairs: usize,
    fragments: usize,
    deliveries: usize,
    parts: usize,
}

/// Gives the answers of a block again.
pub struct Replay<'a> {
    notes: &'a Notes,
    place: Place,
    /// When the last frame before this one was shown, where that was found out since.
    displayed: Option<Option<Time>>,
}

impl<'a> Replay<'a> {
    pub fn new(notes: &'a Notes) -> Replay<'a> {
        Replay { notes, place: Place::default(), displayed: None }
    }

    /// Begins at a frame whose answers begin there.
    pub fn from(notes: &'a Notes, place: Place) -> Replay<'a> {
        Replay { notes, place, displayed: None }
    }

    /// Where the answers for the next frame begin.
    pub fn place(&self) -> Place {
        self.place
    }

    /// Begins again at a frame, before which the last one that was shown had this time.
    pub fn go_to(&mut self, place: Place, displayed: Option<Time>) {
        self.place = place;
        self.displayed = Some(displayed);
    }
}

/// The next answer; one that says nothing where there is none, as a frame that asks more than it did would get.
fn next<T: Clone + Default>(answers: &[T], place: &mut usize) -> T {
    let answer = answers.get(*place).cloned().unwrap_or_default();
    *place += 1;
    answer
}

impl Memory for Replay<'_> {
    fn frame(&mut self, _: &Frame) -> FrameNote {
        let mut note = next(&self.notes.frames, &mut self.place.frames);
        if let Some(displayed) = self.displayed {
            note.previous_displayed = displayed;
        }
        note
    }

    fn datagram(&mut self, _: Transport, _: &Conversation) -> StreamNote {
        next(&self.notes.streams, &mut self.place.streams)
    }

    fn silent_datagram(&mut self, _: Transport, _: &Conversation) -> StreamNote {
        next(&self.notes.streams, &mut self.place.streams)
    }

    fn segment(&mut self, _: &Conversation, _: &SegmentHeader) -> TcpNote {
        next(&self.notes.segments, &mut self.place.segments)
    }

    fn pair(&mut self, _: &Query) -> EchoNote {
        next(&self.notes.pairs, &mut self.place.pairs)
    }

    fn fragment(&mut self, _: &Fragment) -> FragmentNote {
        next(&self.notes.fragments, &mut self.place.fragments)
    }

    fn deliver(&mut self, _: &Delivery, parts: &mut Vec<Part>) {
        let count = next(&self.notes.deliveries, &mut self.place.deliveries) as usize;
        let from = self.place.parts;
        self.place.parts += count;
        parts.extend_from_slice(self.notes.parts.get(from..from + count).unwrap_or_default());
    }
}
