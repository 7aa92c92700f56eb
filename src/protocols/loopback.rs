//! The configuration test protocol (loopback) of Ethernet: frames that travel back.
//!
//! Ethernet version 2.0 (DIX), chapter 8. Numbers are little-endian. The functions stand one behind the other; the skip count says
//! which of them is next to be done.
//!
//! ```text
//! +--------+--------+
//! |   skip count    |  bytes of functions already done
//! +--------+--------+
//! |    function     |  1 reply: receipt number, data
//! +--------+--------+  2 forward: address, the next function
//! ```

use crate::dissect::{Layer, LayerView, Next, Outcome, Protocol, Summary, Table, fields, names};

fields! {
    SKIPCOUNT = uint16("loop.skipcount", "skipCount");
    RELEVANT_FUNCTION = uint16("loop.relevant_function", "Relevant function").values(FUNCTIONS);
    FUNCTION = uint16("loop.function", "Function").values(FUNCTIONS);
    RECEIPT_NUMBER = uint16("loop.receipt_number", "Receipt number");
    FORWARDING_ADDRESS = ether("loop.forwarding_address", "Forwarding address");
}

pub static PROTOCOL: Protocol = Protocol {
    fields: FIELDS,
    claims: &[(Table::EtherType, 0x9000)],
    dissect,
    summary: Some(summary),
    ..Protocol::new("loop", "LOOP", "Configuration Test Protocol (loopback)")
};

fn dissect(l: &mut Layer) -> Outcome {
    l.stand();
    let skip = usize::from(l.u16_le(&SKIPCOUNT)?);
    let relevant = l.offset() + skip;
    loop {
        if l.offset() == relevant {
            let function = l.peek_u16_le()?;
            l.part(&RELEVANT_FUNCTION, function, 2);
        }
        match l.u16_le(&FUNCTION)? {
            FORWARD => _ = l.ether(&FORWARDING_ADDRESS)?,
            REPLY => {
                l.u16_le(&RECEIPT_NUMBER)?;
                return Ok(Next::Data);
            }
            _ => return Ok(Next::Data),
        }
    }
}

fn summary(layer: &LayerView, summary: &mut Summary) {
    match layer.number(&RELEVANT_FUNCTION) {
        Some(function) => match FUNCTION.names.get(function) {
            Some(name) => _ = summary.info.str(name),
            None => _ = summary.info.str("Unknown function (").dec(function).byte(b')'),
        },
        None if layer.mark().stopped.is_none() => _ = summary.info.str("No valid function found"),
        None => {}
    }
}

const REPLY: u16 = 1;
const FORWARD: u16 = 2;

names! {
    FUNCTIONS = { 1 => "Reply", 2 => "Forward Data" }
}

#[cfg(test)]
mod tests {
    use crate::protocols::testing::{Dissected, Sample};

    fn dissect(payload: &[u8]) -> Dissected {
        Sample::ethernet(0x9000, payload).dissect()
    }

    // Loopback, skipCount 0, Reply, receipt number 0, data (40 octets)
    #[test]
    fn a_reply() {
        let dissected = dissect(&[0, 0, 1, 0, 0x34, 0x12, 0xaa]);
        dissected.shows(&[
            "Configuration Test Protocol (loopback)",
            "skipCount: 0",
            "Relevant function: Reply (1)",
            "Function: Reply (1)",
            "Receipt number: 4660",
            "Data (1 byte)",
        ]);
        assert_eq!((&*dissected.protocol, &*dissected.info), ("LOOP", "Reply"));
    }

    #[test]
    fn forwarding() {
        let forward = [2, 0, 0x00, 0x02, 0xb3, 0xaa, 0xbb, 0xcc];
        let twice = [&[8, 0][..], &forward, &forward, &[1, 0, 5, 0]].concat();
        let dissected = dissect(&twice);
        dissected.shows(&[
            "skipCount: 8",
            "Function: Forward Data (2)",
            "Forwarding address: 00:02:b3:aa:bb:cc",
            "Relevant function: Forward Data (2)",
            "Function: Forward Data (2)",
            "Function: Reply (1)",
            "Receipt number: 5",
        ]);
        assert_eq!(dissected.info, "Forward Data");
        assert_eq!(dissect(&[&[3, 0], &twice[2..]].concat()).info, "No valid function found");
        assert_eq!(dissect(&[0, 0, 3, 0, 1]).info, "Unknown function (3)");
    }

    #[test]
    fn cut_messages() {
        dissect(&[]).shows(&["Configuration Test Protocol (loopback)", "[Malformed Packet: LOOP]"]);
        let cut = dissect(&[0, 0, 2, 0, 1, 2, 3]);
        cut.shows(&["Function: Forward Data (2)", "[Malformed Packet: LOOP]"]);
        assert_eq!(cut.info, "Forward Data[Malformed Packet]");
    }
}
