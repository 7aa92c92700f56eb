//! placeholder until the real one lands
use crate::capture::{Frame, Time};
use crate::dissect::*;

#[derive(Default)]
pub struct Streams {
    first: Option<Time>,
    previous: Option<Time>,
    displayed: Option<Time>,
    current: FrameNote,
}

impl Streams {
    pub fn new() -> Self {
        Self::default()
    }
    pub fn begin(&mut self, frame: &Frame) {
        if self.first.is_none() {
            self.first = frame.time;
        }
        self.current = FrameNote { first: self.first, previous: self.previous, previous_displayed: self.displayed };
        if frame.time.is_some() {
            self.previous = frame.time;
        }
    }
    pub fn displayed(&mut self, frame: &Frame) {
        if frame.time.is_some() {
            self.displayed = frame.time;
        }
    }
    pub fn second_pass(self) -> Self {
        Self::default()
    }
}
impl Memory for Streams {
    fn frame(&mut self) -> FrameNote {
        self.current
    }
    fn datagram(&mut self, _: Transport, _: &Conversation) -> StreamNote {
        StreamNote::default()
    }
    fn segment(&mut self, _: &Conversation, _: &SegmentHeader) -> TcpNote {
        TcpNote::default()
    }
    fn pair(&mut self, _: &Query) -> EchoNote {
        EchoNote::default()
    }
}
