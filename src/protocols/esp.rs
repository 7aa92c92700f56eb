//! ESP: the Encapsulating Security Payload of IPsec.
//!
//! RFC 4303. What follows the sequence number is encrypted; without keys nothing more is known of it.
//!
//! ```text
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |               Security Parameters Index (SPI)                 |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                      Sequence Number                          |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                    Payload Data (variable) …
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-
//! ```

use crate::dissect::{Group, Layer, LayerView, Next, Outcome, Protocol, Severity, Summary, Table, fields};

fields! {
    SPI = uint32("esp.spi", "ESP SPI").hex_dec();
    SEQUENCE = uint32("esp.sequence", "ESP Sequence");
    CONTAINED_DATA = bytes("esp.contained_data", "ESP Contained Data");
    DECRYPTED_DATA = bytes("esp.decrypted_data", "ESP Decrypted Data");
    ENCRYPTED_DATA = bytes("esp.encrypted_data", "ESP Encrypted Data");
    ICV = bytes("esp.icv", "ESP ICV");
    ICV_BAD = boolean("esp.icv_bad", "Bad");
    ICV_GOOD = boolean("esp.icv_good", "Good");
    IV = bytes("esp.iv", "ESP IV");
    PAD = bytes("esp.pad", "Pad");
    PAD_LEN = uint8("esp.pad_len", "ESP Pad Length");
    PROTOCOL_FIELD = uint8("esp.protocol", "ESP Next Header").hex();
    EXPECTED = uint32("esp.sequence-analysis.expected-sn", "Expected SN").generated();
    PREVIOUS = frame_number("esp.sequence-analysis.previous-frame", "Previous Frame").generated();
    WRONG_SEQUENCE = expert("esp.sequence-analysis.wrong-sequence-number", "Wrong Sequence Number", Severity::Warning,
        Group::Sequence);
}

pub static PROTOCOL: Protocol = Protocol {
    fields: FIELDS,
    claims: &[(Table::IpProto, 50)],
    dissect,
    summary: Some(summary),
    family: crate::dissect::Family::Secure,
    ..Protocol::new("esp", "ESP", "Encapsulating Security Payload")
};

fn dissect(l: &mut Layer) -> Outcome {
    l.u32(&SPI)?;
    l.u32(&SEQUENCE)?;
    l.set_header_len(l.wire_len());
    Ok(Next::End)
}

fn summary(layer: &LayerView, summary: &mut Summary) {
    if let (Some(index), Some(_)) = (layer.number(&SPI), layer.number(&SEQUENCE)) {
        summary.info.str("ESP (SPI=").hex(index, 8).str(")");
    }
}
