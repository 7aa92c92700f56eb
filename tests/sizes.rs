//! What is moved, kept or looked at for each packet or each field stays small. These are the sizes that it has: whoever makes something
//! larger decides it here.
#![cfg(target_pointer_width = "64")]

use sniff::capture::{Frame, FrameHead, Time};
use sniff::dissect::{
    Address, Conversation, Delivery, Entry, Field, FragmentNote, FrameNote, Kept, LayerMark, Memo, Part, Piece,
    SegmentHeader, StreamNote, TcpNote, Told, Value, View,
};

macro_rules! assert_sizes {
    ($($type:ty: $most:literal,)*) => {
        $(assert!(size_of::<$type>() <= $most, "{}: {} bytes", stringify!($type), size_of::<$type>());)*
    };
}

#[test]
fn what_is_hot_is_small() {
    assert_sizes! {
        // One for each frame, field or layer of a batch.
        FrameHead: 56,
        Frame: 80,
        Time: 16,
        View: 16,
        Entry: 32,
        Value: 24,
        LayerMark: 40,
        // What is asked of memory, and what it says.
        Address: 20,
        Conversation: 44,
        SegmentHeader: 28,
        FrameNote: 48,
        StreamNote: 40,
        TcpNote: 184,
        FragmentNote: 32,
        // What is handed on where messages are read.
        Delivery: 96,
        Part: 144,
        Told: 64,
        // What is kept of a connection and of each piece of a message.
        Memo: 16,
        Kept: 8,
        Piece: 24,
        // The rows of the tables of fields, of which there are thousands.
        Field: 136,
    }
}
