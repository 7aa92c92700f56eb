//! Stateful operations: messages about the session itself.
//!
//! RFC 8490, section 5.4.
//!
//! ```text
//!                                  1  1  1  1  1  1
//!    0  1  2  3  4  5  6  7  8  9  0  1  2  3  4  5
//! +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
//! |                    DSO-TYPE                   |
//! +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
//! |                   DSO-LENGTH                  |
//! +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
//! /                    DSO-DATA                   /
//! +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
//! ```

use crate::dissect::{Entry, Layer, LayerView, Names, Stop, fields};
use crate::text::Text;

fields! {
    DSO = none("dns.dso", "DNS Stateful Operation");
    TLV = none("dns.dso.tlv", "DSO TLV").label(tlv_line);
    TLV_TYPE = uint16("dns.dso.tlv.type", "Type").named(Names::Ranges(TYPES));
    TLV_LENGTH = uint16("dns.dso.tlv.length", "Length");
    TLV_DATA = bytes("dns.dso.tlv.data", "Data");
    KEEPALIVE_INACTIVITY = uint32("dns.dso.tlv.keepalive.inactivity", "Inactivity Timeout");
    KEEPALIVE_INTERVAL = uint32("dns.dso.tlv.keepalive.interval", "Keepalive Interval");
    RETRY_DELAY = uint32("dns.dso.tlv.retrydelay.retrydelay", "Retry Delay");
    PADDING = bytes("dns.dso.tlv.encpad.padding", "Padding");
}

/// Reads operations as long as another one may stand in what is left.
pub(super) fn read(l: &mut Layer) -> Result<(), Stop> {
    l.peek(1)?;
    let all = l.open(&DSO, 0);
    while l.wire_remaining() >= 4 {
        let &[kind_high, kind_low, len_high, len_low] = l.peek(4)?.first_chunk().unwrap_or(&[0; 4]);
        let kind = u16::from_be_bytes([kind_high, kind_low]);
        let len = usize::from(u16::from_be_bytes([len_high, len_low]));
        let open = l.open_with(&TLV, kind, 4 + len);
        l.u16(&TLV_TYPE)?;
        l.u16(&TLV_LENGTH)?;
        match kind {
            1 => {
                l.u32(&KEEPALIVE_INACTIVITY)?;
                l.u32(&KEEPALIVE_INTERVAL)?;
            }
            2 => _ = l.u32(&RETRY_DELAY)?,
            3 => _ = l.bytes(&PADDING, len)?,
            _ if len > 0 => _ = l.bytes(&TLV_DATA, len)?,
            _ => {}
        }
        l.close(open);
    }
    l.close_here(all);
    Ok(())
}

fn tlv_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("DSO TLV: ").str(TLV_TYPE.names.get(entry.number()).unwrap_or("Unknown"));
}

/// From the *DSO Type Codes* registry of IANA.
static TYPES: &[(u64, u64, &str)] = &[
    (0, 0, "Reserved"),
    (1, 1, "Keep Alive"),
    (2, 2, "Retry Delay"),
    (3, 3, "Encryption Padding"),
    (4, 0x3f, "Unassigned, reserved for DSO session-management TLVs"),
    (0x40, 0x40, "Subscribe"),
    (0x41, 0x41, "Push"),
    (0x42, 0x42, "Unsubscribe"),
    (0x43, 0x43, "Reconfirm"),
    (0x44, 0xf7ff, "Unassigned"),
    (0xf800, 0xfbff, "Reserved for Experimental/Local Use"),
    (0xfc00, 0xffff, "Reserved for future expansion"),
];

#[cfg(test)]
mod tests {
    use super::super::testing::{message, query};
    use crate::protocols::testing::Dissected;

    fn operations(bytes: &[u8]) -> Dissected {
        query(&message(0x3000, [0; 4], bytes)).dissect()
    }

    /// As tshark 4.0 shows them.
    #[test]
    fn each_operation() {
        let dissected = operations(
            b"\0\x01\0\x08\0\0\x3a\x98\0\0\x75\x30\0\x02\0\x04\0\0\x13\x88\0\x03\0\x02\0\0\xf8\0\0\x03abc\0\x09\0\0\0\x40\0\x01x",
        );
        assert_eq!(dissected.info, "DNS Stateful operations (DSO) 0x1234");
        dissected.shows(&[
            "Flags: 0x3000 DNS Stateful operations (DSO)",
            "DNS Stateful Operation",
            "DSO TLV: Keep Alive",
            "Type: Keep Alive (1)",
            "Length: 8",
            "Inactivity Timeout: 15000",
            "Keepalive Interval: 30000",
            "DSO TLV: Retry Delay",
            "Retry Delay: 5000",
            "DSO TLV: Encryption Padding",
            "Padding: 0000",
            "DSO TLV: Reserved for Experimental/Local Use",
            "Type: Reserved for Experimental/Local Use (63488)",
            "Data: 616263",
            "DSO TLV: Unassigned, reserved for DSO session-management TLVs",
            "DSO TLV: Subscribe",
            "Data: 78",
        ]);
        dissected.lacks("Extraneous").lacks("Malformed");
    }

    #[test]
    fn what_does_not_fit() {
        operations(b"").shows(&["[Malformed Packet: DNS]"]).lacks("DNS Stateful Operation");
        operations(b"\0\x01\0\x03abc").shows(&["Length: 3", "[Malformed Packet: DNS]"]).lacks("Inactivity");
        operations(b"\0\x02\0\x06abcdef").shows(&["Retry Delay: 1633837924", "Extraneous Data (2 bytes)"]);
        operations(b"\0\x01\0").shows(&["DNS Stateful Operation", "Extraneous Data (3 bytes)"]);
        // With anything counted it is a message like others.
        let asked = query(&message(0x3000, [1, 0, 0, 0], b"\x01a\0\0\x01\0\x01")).dissect();
        asked.shows(&["a: type A, class IN"]).lacks("Stateful Operation");
    }
}
