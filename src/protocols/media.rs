//! Bodies whose media type nobody claims.

use super::data_text_lines;
use crate::dissect::{Entry, Layer, LayerView, NameTable, Next, Outcome, Protocol, fields};
use crate::text::Text;

fields! {
    TYPE = bytes("media.type", "Media type").label(type_line);
}

pub static PROTOCOL: Protocol = Protocol {
    fields: FIELDS,
    names: &[(NameTable::MediaType, "*")],
    dissect,
    mention: Some(data_text_lines::mention),
    leads: crate::dissect::Leads::Nowhere,
    family: crate::dissect::Family::Web,
    ..Protocol::new("media", "Media", "Media Type")
};

fn dissect(l: &mut Layer) -> Outcome {
    l.set_header_len(l.remaining().len());
    // Of what was not captured whole nothing is shown: whoever carries it tells that.
    if l.is_whole() {
        l.rest(&TYPE);
    }
    Ok(Next::End)
}

fn type_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Media type: ").wire(layer.about()).str(" (").dec(entry.len);
    text.str(if entry.len == 1 { " byte)" } else { " bytes)" });
}
