//! What a segment asks of the memory, without dissecting it.

use super::{Segment, messages};
use crate::dissect::{Conversation, Delivery, Dissector, Memory, SegmentHeader, TcpNote, flags};

/// A segment that stands for itself and was captured whole, and of whose options nothing is unusual. It is used again for others.
#[derive(Default)]
pub struct Plain(Segment);

impl Plain {
    /// Looks at a segment, which `bytes` are all of; false where it has to be dissected.
    #[inline]
    pub fn look(&mut self, bytes: &[u8], conversation: Conversation, dissector: &Dissector) -> bool {
        let Some(&behind_ports) = bytes.get(4..).and_then(<[u8]>::first_chunk) else { return false };
        self.0.look(conversation, behind_ports, bytes, Some(bytes.len()), &dissector.preferences);
        self.0.is_plain
    }

    /// Asks the memory what is known of its connection.
    #[inline]
    pub fn ask(&mut self, dissector: &Dissector, memory: &mut dyn Memory) {
        self.0.learn(memory, &dissector.preferences);
    }

    /// What the memory has to know of its data, once it was asked; none where there is nothing that it would be given.
    #[inline]
    pub fn delivery<'a>(&self, bytes: &'a [u8], dissector: &'a Dissector) -> Option<Delivery<'a>> {
        let Plain(segment) = self;
        let data = bytes.get(segment.header_len..).unwrap_or_default();
        let is_data = if data.is_empty() { segment.header.has(flags::FIN) } else { !segment.header.has(flags::RST) };
        let is_wanted = is_data && dissector.cuts();
        is_wanted.then(|| messages::of(segment, data, &dissector.registry, &dissector.preferences))
    }

    /// What the memory says of it, once it was asked.
    pub fn note(&self) -> &TcpNote {
        &self.0.note
    }

    pub fn header(&self) -> &SegmentHeader {
        &self.0.header
    }

    pub fn conversation(&self) -> &Conversation {
        &self.0.conversation
    }

    /// Bytes before the data.
    pub fn header_len(&self) -> usize {
        self.0.header_len
    }
}
