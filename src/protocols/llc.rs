//! LLC: logical link control, and SNAP, the subnetwork access protocol.
//!
//! IEEE 802.2 (ISO/IEC 8802-2); SNAP is that of IEEE 802 (RFC 1042 carries IP in it).
//!
//! ```text
//! +--------+--------+-----------------+
//! |  DSAP  |  SSAP  | control         |  1 byte in the U format, 2 in the I and S formats
//! +--------+--------+--------+--------+
//! |        organisation      |  protocol id    |  only where both SAPs are 0xaa: SNAP
//! +--------+--------+--------+--------+--------+
//!
//! control  I  N(R) 7 bits, P/F, N(S) 7 bits, 0
//!          S  N(R) 7 bits, P/F, 4 unused, type 2 bits, 01
//!          U  modifier 3 bits, P/F, modifier 2 bits, 11
//! ```

use super::ethernet::ETHERTYPES;
use crate::dissect::{Entry, Field, Layer, LayerView, Names, Next, Outcome, Protocol, Stop, Summary, Table};
use crate::dissect::{fields, names as words};
use crate::names;
use crate::text::Text;

fields! {
    DSAP = uint8("llc.dsap", "DSAP").hex().named(SAPS);
    DSAP_SAP = uint8("llc.dsap.sap", "SAP").bits(0xfe).name_only().label(sap_line);
    DSAP_IG = boolean("llc.dsap.ig", "IG Bit").bits(0x01).flags("Group", "Individual");
    SSAP = uint8("llc.ssap", "SSAP").hex().named(SAPS);
    SSAP_SAP = uint8("llc.ssap.sap", "SAP").bits(0xfe).name_only().label(sap_line);
    SSAP_CR = boolean("llc.ssap.cr", "CR Bit").bits(0x01).flags("Response", "Command");
    CONTROL = uint16("llc.control", "Control").hex().label(control_line);
    N_R = uint16("llc.control.n_r", "N(R)").bits(0xfe00);
    N_S = uint16("llc.control.n_s", "N(S)").bits(0x00fe);
    POLL = boolean("llc.control.p", "Poll").of(16).bits(0x0100).flags("Set", "Not set");
    FINAL = boolean("llc.control.f", "Final").of(16).bits(0x0100).flags("Set", "Not set");
    POLL_SHORT = boolean("llc.control.p", "Poll").bits(0x10).flags("Set", "Not set");
    FINAL_SHORT = boolean("llc.control.f", "Final").bits(0x10).flags("Set", "Not set");
    S_TYPE = uint16("llc.control.s_ftype", "Supervisory frame type").hex().bits(0x000c).values(SUPERVISORY);
    COMMAND = uint8("llc.control.u_modifier_cmd", "Command").hex().bits(0xec).values(COMMANDS);
    RESPONSE = uint8("llc.control.u_modifier_resp", "Response").hex().bits(0xec).values(RESPONSES);
    I_FORMAT = uint16("llc.control.ftype", "Frame type").hex().bits(0x0001).values(FORMATS);
    S_FORMAT = uint16("llc.control.ftype", "Frame type").hex().bits(0x0003).values(FORMATS);
    U_FORMAT = uint8("llc.control.ftype", "Frame type").hex().bits(0x03).values(FORMATS);
    OUI = uint24("llc.oui", "Organization Code").label(oui_line);
    TYPE = uint16("llc.type", "Type").hex().named(ETHERTYPES);
    PID = uint16("llc.pid", "Protocol ID").hex();
    NORTEL_PID = uint16("llc.nortel_pid", "PID").hex().values(NORTEL);
    FORCE10_PID = uint16("llc.force10_pid", "PID").hex().values(FORCE10);
    CISCO_PID = uint16("llc.cisco_pid", "PID").hex().values(CISCO);
    IANA_PID = uint16("llc.iana_pid", "PID").hex().values(IANA);
    CIMETRICS_PID = uint16("llc.cimetrics_pid", "PID").hex().values(CIMETRICS);
    APPLE_AWDL_PID = uint16("llc.apple_awdl_pid", "PID").hex().values(APPLE_AWDL);
    BLUETOOTH_PID = uint16("llc.bluetooth_pid", "PID").hex().values(BLUETOOTH);
    WLCCP_PID = uint16("llc.wlccp_pid", "PID").hex().values(WLCCP);
    LOCAMATION_PID = uint16("locamation-im.llc.pid", "PID").hex().values(NOTHING);
    HPTEAM_PID = uint16("llc.hpteam_pid", "PID").hex().values(HPTEAM);
    FOUNDRY_PID = uint16("llc.foundry_pid", "PID").hex().values(FOUNDRY);
    EXTREME_PID = uint16("llc.extreme_pid", "PID").hex().values(EXTREME);
    MAUSB_PID = uint16("mausb.pid", "PID").hex().values(NOTHING);
    APPLE_ATALK_PID = uint16("llc.apple_atalk_pid", "PID").hex().values(APPLE_ATALK);
}

pub static PROTOCOL: Protocol = Protocol {
    fields: FIELDS,
    claims: &[(Table::SllProtocol, 0x0004)],
    dissect,
    summary: Some(summary),
    ..Protocol::new("llc", "LLC", "Logical-Link Control")
};

fn dissect(l: &mut Layer) -> Outcome {
    l.demand(1)?;
    let dsap = l.u8(&DSAP)?;
    l.parts(&[&DSAP_SAP, &DSAP_IG], dsap);
    let ssap = l.u8(&SSAP)?;
    l.parts(&[&SSAP_SAP, &SSAP_CR], ssap);
    let has_payload = control(l, ssap & 1 != 0)?;
    let next = match (dsap, ssap) {
        (SNAP, SNAP) => snap(l, has_payload)?,
        (INTERNET, _) => Next::Bare(Table::EtherType, 0x0800),
        _ => Next::By(Table::LlcSap, dsap.into()),
    };
    Ok(if has_payload { next } else { Next::Data })
}

/// Reads the control field, and tells whether a packet of the protocol above follows: only in I frames and unnumbered information.
fn control(l: &mut Layer, is_response: bool) -> Result<bool, Stop> {
    let first = l.peek_u8()?;
    if first & 3 == 3 {
        l.u8(&CONTROL)?;
        let modifier = if is_response { &RESPONSE } else { &COMMAND };
        match (first & 0x10 != 0, is_response) {
            (false, _) => l.parts(&[modifier, &U_FORMAT], first),
            (true, false) => l.parts(&[&POLL_SHORT, modifier, &U_FORMAT], first),
            (true, true) => l.parts(&[&FINAL_SHORT, modifier, &U_FORMAT], first),
        }
        return Ok(first == UNNUMBERED_INFORMATION);
    }
    let control = l.u16_le(&CONTROL)?;
    let (second, last) = if first & 1 == 0 { (&N_S, &I_FORMAT) } else { (&S_TYPE, &S_FORMAT) };
    let has_poll = control & 0x0100 != 0;
    match (first & 1 == 0, has_poll) {
        (_, false) => l.parts(&[&N_R, second, last], control),
        (true, true) => l.parts(&[&N_R, second, &POLL, last], control),
        (false, true) => l.parts(&[&N_R, if is_response { &FINAL } else { &POLL }, second, last], control),
    }
    Ok(first & 1 == 0)
}

/// Reads organisation and protocol id.
fn snap(l: &mut Layer, has_payload: bool) -> Outcome {
    l.peek(5)?;
    let oui = l.u24(&OUI)?;
    let field: &'static Field = match oui {
        0x00_0000 | 0x00_00f8 => &TYPE,
        0x00_0081 => &NORTEL_PID,
        0x00_01e8 => &FORCE10_PID,
        0x00_000c => &CISCO_PID,
        0x00_005e => &IANA_PID,
        0x00_1090 => &CIMETRICS_PID,
        0x00_17f2 => &APPLE_AWDL_PID,
        0x00_1958 => &BLUETOOTH_PID,
        0x00_4096 => &WLCCP_PID,
        0x00_40d6 => &LOCAMATION_PID,
        0x00_805f => &HPTEAM_PID,
        0x00_e052 => &FOUNDRY_PID,
        0x00_e02b => &EXTREME_PID,
        0x50_6f9a => &MAUSB_PID,
        0x08_0007 => &APPLE_ATALK_PID,
        _ => &PID,
    };
    // An EtherType says nothing where no packet follows.
    let protocol = match (oui, has_payload) {
        (0x00_0000 | 0x00_00f8, false) => {
            l.skip(2)?;
            return Ok(Next::Data);
        }
        _ => l.u16(field)?,
    };
    // RFC 1042: an organisation of zero has EtherTypes; 00-00-f8 has them in frames that were translated from Ethernet.
    if matches!(oui, 0x00_0000 | 0x00_00f8) {
        return Ok(Next::Bare(Table::EtherType, protocol.into()));
    }
    Ok(match u16::try_from(oui) {
        Ok(oui) => Next::By(Table::SnapProtocol, u32::from(oui) << 16 | u32::from(protocol)),
        // None of these has a protocol here.
        Err(_) => Next::Data,
    })
}

/// Names the SAP without its lowest bit.
fn sap_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let sap = entry.number() << 1;
    for bit in (0..8).rev() {
        text.byte(match bit {
            0 => b'.',
            _ if sap >> bit & 1 != 0 => b'1',
            _ => b'0',
        });
        if bit == 4 {
            text.byte(b' ');
        }
    }
    text.str(" = SAP: ").str(SAPS.get(sap).unwrap_or("Unknown"));
}

fn oui_line(_: &LayerView, entry: &Entry, text: &mut Text) {
    let oui = entry.number() as u32;
    let [_, bytes @ ..] = oui.to_be_bytes();
    text.str("Organization Code: ").hex_bytes(&bytes, Some(b':'));
    let Some(name) = organisation(oui) else { return };
    text.str(" (");
    match name.char_indices().nth(MAX_ORGANISATION) {
        None => _ = text.str(name).byte(b')'),
        Some(_) => {
            let end = name.char_indices().nth(MAX_ORGANISATION + 1).map_or(name.len(), |(at, _)| at);
            text.str(name.get(..end).unwrap_or(name));
        }
    }
}

/// The most characters of an organisation's name that its line shows whole.
const MAX_ORGANISATION: usize = 20;

fn organisation(oui: u32) -> Option<&'static str> {
    if oui == 0 { Some("Officially Xerox, but 0:0:0:0:0:0 is more common") } else { names::oui(oui) }
}

fn control_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str("Control field: ");
    control_words(layer, entry, text);
    text.str(" (0x");
    let width = if entry.len == 1 { 2 } else { 4 };
    for place in (0..width).rev() {
        let digit = (entry.number() >> (4 * place) & 0xf) as u8;
        text.byte(if digit < 10 { b'0' + digit } else { b'A' - 10 + digit });
    }
    text.byte(b')');
}

/// Writes format, poll or final bit, function and numbers: `S F, func=RNR, N(R)=0`.
fn control_words(layer: &LayerView, entry: &Entry, text: &mut Text) {
    let control = entry.number();
    let is_short = entry.len == 1;
    // An information frame is no response, whatever its SSAP says.
    let is_response = layer.number(&SSAP_CR).unwrap_or(0) != 0 && (is_short || control & 1 != 0);
    text.byte(if is_short {
        b'U'
    } else if control & 1 == 0 {
        b'I'
    } else {
        b'S'
    });
    if control & if is_short { 0x10 } else { 0x0100 } != 0 {
        text.str(if is_response { " F" } else { " P" });
    }
    let name =
        |rows: &[(u64, &'static str)], value| rows.iter().find(|row| row.0 == value).map_or("Unknown", |row| row.1);
    if is_short {
        let functions = if is_response { RESPONSE_WORDS } else { COMMAND_WORDS };
        text.str(", func=").str(name(functions, COMMAND.extract(control)));
        return;
    }
    if control & 1 != 0 {
        text.str(", func=").str(name(SUPERVISORY_WORDS, S_TYPE.extract(control)));
    }
    text.str(", N(R)=").dec(N_R.extract(control));
    if control & 1 == 0 {
        text.str(", N(S)=").dec(N_S.extract(control));
    }
}

fn summary(layer: &LayerView, summary: &mut Summary) {
    summary.protocol.str(PROTOCOL.short);
    let Some(control) = layer.find(&CONTROL) else { return };
    let text = &mut *summary.info;
    control_words(layer, control, text);
    if let Some(entry) = layer.find(&OUI) {
        let oui = entry.number();
        let after = layer.view.source(entry.source).get((entry.start as usize).saturating_add(3)..);
        let Some(protocol) = after.and_then(<[u8]>::first_chunk) else { return };
        text.str("; SNAP, OUI 0x");
        for place in (0..6).rev() {
            text.byte(b"0123456789ABCDEF"[(oui >> (4 * place) & 0xf) as usize]);
        }
        text.str(" (").str(organisation(oui as u32).unwrap_or("Unknown")).str("), PID 0x");
        let protocol = u16::from_be_bytes(*protocol);
        for place in (0..4).rev() {
            text.byte(b"0123456789ABCDEF"[(protocol >> (4 * place) & 0xf) as usize]);
        }
        return;
    }
    let (dsap, ssap) = (layer.number(&DSAP).unwrap_or(0), layer.number(&SSAP).unwrap_or(0));
    if (dsap, ssap) == (SNAP.into(), SNAP.into()) {
        return;
    }
    for (title, sap, bits) in
        [("; DSAP ", dsap, [" Individual", " Group"]), (", SSAP ", ssap, [" Command", " Response"])]
    {
        text.str(title);
        match SAPS.get(sap & 0xfe) {
            Some(name) => _ = text.str(name),
            None => _ = text.hex(sap & 0xfe, 2),
        }
        text.str(bits[usize::from(sap & 1 != 0)]);
    }
}

const SNAP: u8 = 0xaa;
/// RFC 1700: the Internet Protocol without SNAP.
const INTERNET: u8 = 0x06;
const UNNUMBERED_INFORMATION: u8 = 0x03;
const SAPS: Names = Names::Lookup(|sap| u8::try_from(sap).ok().and_then(names::llc_sap));

words! {
    FORMATS = { 0 => "Information frame", 1 => "Supervisory frame", 2 => "Information frame", 3 => "Unnumbered frame" }
    SUPERVISORY = { 0 => "Receiver ready", 1 => "Receiver not ready", 2 => "Reject", 3 => "Selective reject" }
    SUPERVISORY_WORDS = { 0 => "RR", 1 => "RNR", 2 => "REJ", 3 => "SREJ" }
    COMMANDS = {
        0x00 => "Unnumbered Information",
        0x01 => "Set Initialization Mode",
        0x03 => "Set Asynchronous Response Mode",
        0x08 => "Unnumbered Poll",
        0x0b => "Set Asynchronous Balanced Mode",
        0x10 => "Disconnect",
        0x18 => "Unnumbered Acknowledge",
        0x1b => "Set Asynchronous Balanced Mode Extended",
        0x20 => "Set Normal Response Mode",
        0x21 => "Frame reject",
        0x23 => "Reset",
        0x2b => "Exchange identification",
        0x33 => "Set Normal Response Mode Extended",
        0x38 => "Test",
        0x3b => "Beacon",
    }
    RESPONSES = {
        0x00 => "Unnumbered Information",
        0x01 => "Request Initialization Mode",
        0x03 => "Disconnected mode",
        0x08 => "Unnumbered Poll",
        0x0b => "Set Asynchronous Balanced Mode",
        0x10 => "Request Disconnect",
        0x18 => "Unnumbered Acknowledge",
        0x1b => "Set Asynchronous Balanced Mode Extended",
        0x20 => "Set Normal Response Mode",
        0x21 => "Frame reject",
        0x23 => "Reset",
        0x2b => "Exchange identification",
        0x33 => "Set Normal Response Mode Extended",
        0x38 => "Test",
        0x3b => "Beacon",
    }
    COMMAND_WORDS = {
        0x00 => "UI", 0x01 => "SIM", 0x03 => "SARM", 0x08 => "UP", 0x0b => "SABM", 0x10 => "DISC", 0x18 => "UA",
        0x1b => "SABME", 0x20 => "SNRM", 0x21 => "FRMR", 0x23 => "RESET", 0x2b => "XID", 0x33 => "SNRME", 0x38 => "TEST",
        0x3b => "BCN",
    }
    RESPONSE_WORDS = {
        0x00 => "UI", 0x01 => "RIM", 0x03 => "DM", 0x08 => "UP", 0x0b => "SABM", 0x10 => "RD", 0x18 => "UA",
        0x1b => "SABME", 0x20 => "SNRM", 0x21 => "FRMR", 0x23 => "RESET", 0x2b => "XID", 0x33 => "SNRME", 0x38 => "TEST",
        0x3b => "BCN",
    }
    NORTEL = { 0x01a1 => "NDP flatnet hello", 0x01a2 => "NDP segment hello", 0x01a3 => "NDP bridge hello" }
    FORCE10 = { 0x0111 => "FEFD" }
    CISCO = {
        0x0102 => "DRIP",
        0x0104 => "PAgP",
        0x0105 => "MLS Hello",
        0x0108 => "RLQ BPDUs (request)",
        0x0109 => "RLQ BPDUs (response)",
        0x010b => "PVSTP+",
        0x010c => "VLAN Bridge",
        0x0111 => "UDLD",
        0x0139 => "MCP",
        0x2000 => "CDP",
        0x2001 => "CGMP",
        0x2003 => "VTP",
        0x2004 => "DTP",
        0x200a => "STP Uplink Fast",
    }
    IANA = {
        0x0001 => "MARS Data Messages (short form)",
        0x0002 => "Reserved for future NHRP use",
        0x0003 => "MARS/NHRP Control Messages",
        0x0004 => "MARS Data Messages (long form)",
        0x0005 => "SCSP",
        0x0006 => "VRID",
        0x0007 => "L2TP",
        0x0008 => "VPN ID",
        0x0009 => "MSDP-GRE-Protocol Type",
    }
    CIMETRICS = { 0x0001 => "U+4 MS/TP" }
    APPLE_AWDL = { 0x0800 => "AWDL" }
    BLUETOOTH = {
        0x0001 => "AMP_U L2CAP ACL data",
        0x0002 => "AMP-C Activity Report",
        0x0003 => "AMP-C Security frames",
        0x0004 => "AMP-C Link supervision request",
        0x0005 => "AMP-C Link supervision reply",
    }
    WLCCP = { 0x0000 => "WLCCP" }
    HPTEAM = { 0x0002 => "HP Teaming heartbeat" }
    FOUNDRY = { 0x2000 => "FDP" }
    EXTREME = { 0x00bb => "EDP" }
    APPLE_ATALK = { 0x809b => "AppleTalk" }
    NOTHING = {}
}

#[cfg(test)]
mod tests {
    use crate::protocols::testing::{Dissected, Sample};

    fn dissect(payload: &[u8]) -> Dissected {
        Sample::ethernet(payload.len() as u16, payload).dissect()
    }

    // LLC, dsap STP (0x42) Individual, ssap STP (0x42) Command, ctrl 0x03
    #[test]
    fn unnumbered_information() {
        dissect(&[0x42, 0x42, 0x13, 1]).shows(&[
            "Logical-Link Control",
            "DSAP: Spanning Tree BPDU (0x42)",
            "0100 001. = SAP: Spanning Tree BPDU",
            ".... ...0 = IG Bit: Individual",
            "SSAP: Spanning Tree BPDU (0x42)",
            "0100 001. = SAP: Spanning Tree BPDU",
            ".... ...0 = CR Bit: Command",
            "Control field: U P, func=UI (0x13)",
            "...1 .... = Poll: Set",
            "000. 00.. = Command: Unnumbered Information (0x00)",
            ".... ..11 = Frame type: Unnumbered frame (0x3)",
        ]);
    }

    /// The control field in each format, as a command and as a response.
    #[test]
    fn control_fields() {
        let cases: [(&[u8], &[&str]); 9] = [
            (&[0xf0, 0xf0, 0x00, 0x00], &["Control field: I, N(R)=0, N(S)=0 (0x0000)"]),
            (
                &[0xf0, 0xf1, 0xfe, 0xff],
                &[
                    "Control field: I P, N(R)=127, N(S)=127 (0xFFFE)",
                    "1111 111. .... .... = N(R): 127",
                    ".... .... 1111 111. = N(S): 127",
                    ".... ...1 .... .... = Poll: Set",
                    ".... .... .... ...0 = Frame type: Information frame (0x0)",
                ],
            ),
            (&[0xf0, 0xf0, 0x05, 0x01], &["Control field: S P, func=RNR, N(R)=0 (0x0105)"]),
            (
                &[0xf0, 0xf1, 0x0d, 0x03],
                &[
                    "Control field: S F, func=SREJ, N(R)=1 (0x030D)",
                    ".... ...1 .... .... = Final: Set",
                    ".... .... .... 11.. = Supervisory frame type: Selective reject (0x3)",
                ],
            ),
            (&[0xf0, 0xf0, 0x0f], &["Control field: U, func=SARM (0x0F)"]),
            (
                &[0xf0, 0xf1, 0x0f],
                &["Control field: U, func=DM (0x0F)", "000. 11.. = Response: Disconnected mode (0x03)"],
            ),
            (&[0xf0, 0xf0, 0x0b], &["Control field: U, func=Unknown (0x0B)"]),
            (&[0xf0, 0xf0, 0x7f], &["Control field: U P, func=SABME (0x7F)"]),
            (&[0x0a, 0x0a, 0x13], &["DSAP: Unknown (0x0a)", "0000 101. = SAP: Unknown"]),
        ];
        for (payload, lines) in cases {
            dissect(payload).shows(lines);
        }
        let info = |payload: &[u8]| dissect(payload).info;
        assert_eq!(info(&[0xff, 0x0b, 0x13, 0]), "U F, func=UI; DSAP ISO Network Layer Group, SSAP 0x0a Response");
    }

    #[test]
    fn snap_carries_ethertypes_and_others() {
        let ether_type = dissect(&[0xaa, 0xaa, 3, 0, 0, 0, 0xff, 0xfe, 1]);
        ether_type.shows(&["Organization Code: 00:00:00 (Officially Xerox, but", "Type: Unknown (0xfffe)"]);
        assert_eq!(
            ether_type.info,
            "U, func=UI; SNAP, OUI 0x000000 (Officially Xerox, but 0:0:0:0:0:0 is more common), PID 0xFFFE"
        );
        assert_eq!(dissect(&[0xaa, 0xaa, 3, 0, 0, 0, 0x08, 0x06]).stack, "eth:llc:arp");
        dissect(&[0xaa, 0xaa, 3, 0, 0, 0x0c, 0x01, 0x02, 1]).shows(&["PID: DRIP (0x0102)", "Data (1 byte)"]);
        dissect(&[0xaa, 0xaa, 3, 0, 0x80, 0xc2, 0xff, 0xfe, 1]).shows(&["Protocol ID: 0xfffe"]);
        let unknown = dissect(&[0xaa, 0xaa, 3, 0x12, 0x34, 0x56, 0, 1, 1]);
        unknown.shows(&["Organization Code: 12:34:56", "Protocol ID: 0x0001"]);
        assert_eq!(unknown.info, "U, func=UI; SNAP, OUI 0x123456 (Unknown), PID 0x0001");
        // Nothing but information has a packet behind it.
        let test = dissect(&[0xaa, 0xaa, 0xf3, 0, 0, 0, 0x08, 0x06, 1]);
        test.lacks("Type: ARP").shows(&["Data (1 byte)"]);
        assert!(test.info.ends_with("PID 0x0806"));
    }

    #[test]
    fn cut_headers() {
        dissect(&[0xaa]).shows(&["DSAP: SNAP (0xaa)", "[Malformed Packet: LLC]"]);
        let control = dissect(&[0xaa, 0xaa, 3, 0, 0]);
        control.shows(&["Control field: U, func=UI (0x03)", "[Malformed Packet: LLC]"]);
        assert_eq!(control.info, "U, func=UI[Malformed Packet]");
    }
}
