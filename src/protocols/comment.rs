//! Comments that a capture file carries with a packet; they stand before the frame.
//!
//! The option `opt_comment` of a pcapng packet block, of which there may be several.

use super::frame;
use crate::capture::pcapng::Annotation;
use crate::dissect::{Entry, Group, Layer, LayerView, Next, Outcome, Protocol, Severity, fields};
use crate::text::Text;

fields! {
    COMMENT = text("frame.comment", "Comment").label(comment_line);
    COMMENT_EXPERT = expert("frame.comment.expert", "Formatted comment", Severity::Comment, Group::Comments)
        .label(expert_line);
}

pub static PROTOCOL: Protocol =
    Protocol { fields: FIELDS, dissect, ..Protocol::new("pkt_comment", "Comment", "Packet comments") };

fn dissect(l: &mut Layer) -> Outcome {
    let comments = l.frame().annotations().filter_map(|annotation| match annotation {
        Annotation::Comment(text) => Some(text),
        _ => None,
    });
    let mut count: u64 = 0;
    for comment in comments {
        l.detached(&COMMENT, comment.as_bytes(), 0);
        l.expert_with(&COMMENT_EXPERT, count);
        count += 1;
    }
    if count == 0 {
        l.withdraw();
    }
    Ok(Next::Protocol(&frame::PROTOCOL))
}

fn comment_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    if let crate::dissect::Value::Text(comment) = layer.view.value(entry) {
        lines(comment, text);
    }
}

/// Says what the comment says; the entry's number counts the comments before it.
fn expert_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    let mut comments = layer.entries().iter().filter(|entry| entry.field.is(&COMMENT));
    if let Some(comment) = usize::try_from(entry.number()).ok().and_then(|place| comments.nth(place)) {
        comment_line(layer, comment, text);
    }
}

/// Writes text that may have several lines; what else a terminal would obey is escaped.
fn lines(bytes: &[u8], text: &mut Text) {
    for (place, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
        if place > 0 {
            text.byte(b'\n');
        }
        text.wire(line);
    }
}

#[cfg(test)]
mod tests {
    use crate::protocols::testing::Sample;

    #[test]
    fn before_the_frame() {
        let options: [(u16, &[u8]); 2] = [(1, b"two\nlines\x1b[0m"), (1, b"")];
        let dissected = Sample::ethernet(0x9999, &[]).described(None, None, &options).dissect();
        dissected.shows(&[
            "Packet comments",
            "two",
            "lines\\033[0m",
            "[Expert Info (Comment/Comment): two",
            "[Expert Info (Comment/Comment): ]",
            "[Severity level: Comment]",
            "[Group: Comment]",
            "Frame 1: 14 bytes on wire (112 bits), 14 bytes captured (112 bits) on interface unknown, id 0",
            "[Protocols in frame: eth]",
        ]);
    }
}
