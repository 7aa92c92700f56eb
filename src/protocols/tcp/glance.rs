//! What a segment asks of the memory, without dissecting it.

use super::{Segment, messages};
use crate::dissect::{Conversation, Dissector, Memory, Part, SegmentHeader, TcpNote, flags};

/// A segment that stands for itself and was captured whole, and of whose options nothing is unusual.
pub struct Plain<'a> {
    segment: Segment,
    bytes: &'a [u8],
}

impl<'a> Plain<'a> {
    /// Looks at a segment, which `bytes` are all of; none where it has to be dissected.
    #[inline]
    pub fn of(bytes: &'a [u8], conversation: Conversation, dissector: &Dissector) -> Option<Plain<'a>> {
        let &behind_ports = bytes.get(4..)?.first_chunk()?;
        let segment = Segment::read(conversation, behind_ports, bytes, Some(bytes.len()), &dissector.preferences);
        segment.is_plain.then_some(Plain { segment, bytes })
    }

    /// Asks the memory what a dissection would ask of the segment, and nothing that its messages ask. What is found of messages is added
    /// to `parts`. Returns whether there was data to look at.
    #[inline]
    pub fn ask(&mut self, dissector: &Dissector, memory: &mut dyn Memory, parts: &mut Vec<Part>) -> bool {
        let Plain { segment, bytes } = self;
        let preferences = &dissector.preferences;
        segment.learn(memory, preferences);
        let data = bytes.get(segment.header_len..).unwrap_or_default();
        let is_data = if data.is_empty() { segment.header.has(flags::FIN) } else { !segment.header.has(flags::RST) };
        if is_data && dissector.cuts() {
            memory.deliver(&messages::of(segment, data, &dissector.registry, preferences), parts);
        }
        is_data && dissector.cuts()
    }

    /// What the memory says of it, once it was asked.
    pub fn note(&self) -> &TcpNote {
        &self.segment.note
    }

    pub fn header(&self) -> &SegmentHeader {
        &self.segment.header
    }

    /// Bytes before the data.
    pub fn header_len(&self) -> usize {
        self.segment.header_len
    }
}
