//! The frame: what the capture says of a packet before any byte of it is read.

use crate::capture::Time;
use crate::dissect::{Entry, Layer, LayerView, Names, Next, Outcome, Protocol, Stop, Table, fields};
use crate::text::Text;

fields! {
    SECTION_NUMBER = uint32("frame.section_number", "Section number");
    INTERFACE_ID = uint32("frame.interface_id", "Interface id").label(interface_line);
    INTERFACE_NAME = text("frame.interface_name", "Interface name");
    INTERFACE_DESCRIPTION = text("frame.interface_description", "Interface description");
    ENCAP_TYPE = int16("frame.encap_type", "Encapsulation type").named(Names::None);
    TIME = absolute_time("frame.time", "Arrival Time");
    OFFSET_SHIFT = relative_time("frame.offset_shift", "Time shift for this packet").generated();
    TIME_EPOCH = relative_time("frame.time_epoch", "Epoch Time");
    TIME_DELTA = relative_time("frame.time_delta", "Time delta from previous captured frame").generated();
    TIME_DELTA_DISPLAYED = relative_time("frame.time_delta_displayed", "Time delta from previous displayed frame").generated();
    TIME_RELATIVE = relative_time("frame.time_relative", "Time since reference or first frame").generated();
    NUMBER = uint32("frame.number", "Frame Number");
    LEN = uint32("frame.len", "Frame length on the wire").label(length_line);
    CAP_LEN = uint32("frame.cap_len", "Frame length stored into the capture file").label(length_line);
    MARKED = boolean("frame.marked", "Frame is marked").generated();
    IGNORED = boolean("frame.ignored", "Frame is ignored").generated();
    PROTOCOLS = text("frame.protocols", "Protocols in frame").generated();
}

pub static PROTOCOL: Protocol =
    Protocol { fields: FIELDS, dissect, after: Some(after), ..Protocol::new("frame", "Frame", "Frame").line(line) };

fn dissect(l: &mut Layer) -> Outcome {
    let frame = l.frame();
    let note = l.frame_note();
    if let Some(described) = &frame.interface.described {
        l.generated(&SECTION_NUMBER, described.section);
        l.generated(&INTERFACE_ID, described.id);
        l.below(|l| {
            if let Some(name) = &described.name {
                l.detached(&INTERFACE_NAME, name.as_bytes(), 0);
            }
            if let Some(description) = &described.description {
                l.detached(&INTERFACE_DESCRIPTION, description.as_bytes(), 0);
            }
        });
    }
    l.generated(&ENCAP_TYPE, frame.interface.link);
    if let Some(time) = frame.time {
        moment(l, &TIME, time);
        moment(l, &OFFSET_SHIFT, Time::default());
        moment(l, &TIME_EPOCH, time);
        let since = |earlier: Option<Time>| earlier.map_or(Time::default(), |earlier| time.since(earlier));
        moment(l, &TIME_DELTA, since(note.previous));
        moment(l, &TIME_DELTA_DISPLAYED, since(note.previous_displayed));
        moment(l, &TIME_RELATIVE, since(note.first));
    }
    l.generated(&NUMBER, frame.number);
    l.generated(&LEN, frame.wire_len);
    l.generated(&CAP_LEN, frame.bytes.len() as u64);
    l.generated(&MARKED, 0u64);
    l.generated(&IGNORED, 0u64);
    l.set_header_len(frame.bytes.len());
    Ok(Next::By(Table::LinkType, frame.interface.link.into()))
}

fn moment(l: &mut Layer, field: &'static crate::dissect::Field, time: Time) {
    l.generated_time(field, time.seconds(), time.nanos());
}

/// Lists the protocols, which are known only now.
fn after(l: &mut Layer) -> Result<(), Stop> {
    l.record_stack(&PROTOCOLS);
    Ok(())
}

fn line(layer: &LayerView, _: &Entry, text: &mut Text) {
    let frame = layer.view.frame;
    text.str("Frame ").dec(frame.number).str(": ");
    bytes_and_bits(frame.wire_len.into(), " on wire", text);
    text.str(", ");
    bytes_and_bits(frame.bytes.len() as u64, " captured", text);
    if let Some(described) = &frame.interface.described {
        text.str(" on interface ").wire(described.name.as_deref().unwrap_or("unknown").as_bytes());
        text.str(", id ").dec(described.id);
    }
}

fn bytes_and_bits(len: u64, place: &str, text: &mut Text) {
    text.dec(len).str(if len == 1 { " byte" } else { " bytes" }).str(place).str(" (").dec(8 * len).str(" bits)");
}

fn interface_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    let described = layer.view.frame.interface.described.as_ref();
    let name = described.and_then(|described| described.name.as_deref()).unwrap_or("unknown");
    text.str("Interface id: ").dec(entry.number()).str(" (").wire(name.as_bytes()).str(")");
}

fn length_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(if entry.field.is(&LEN) { "Frame Length: " } else { "Capture Length: " });
    bytes_and_bits(entry.number(), "", text);
}
