//! IEEE 802.11: the header of wireless frames, and what data frames carry.
//!
//! IEEE 802.11-2020, clause 9.2 and 9.3.2. Management and control frames are read as far as their addresses; protected frames are not
//! decrypted.
//!
//! ```text
//! +---------------+----------+-----------+-----------+-----------+----------+-----------+---------+----
//! | frame control | duration | address 1 | address 2 | address 3 | sequence | address 4 | QoS     | LLC …
//! |     2 bytes   |  2 bytes |  6 bytes  |  6 bytes  |  6 bytes  |  2 bytes | 6 or none | 2 or none
//! +---------------+----------+-----------+-----------+-----------+----------+-----------+---------+----
//! ```
//!
//! All numbers are little-endian. What the addresses mean depends on the direction:
//!
//! | to DS, from DS | address 1 | address 2 | address 3 | address 4 |
//! | --- | --- | --- | --- | --- |
//! | 0, 0 | RA = DA | TA = SA | BSSID | |
//! | 0, 1 | RA = DA | TA = BSSID | SA | |
//! | 1, 0 | RA = BSSID | TA = SA | DA | |
//! | 1, 1 | RA | TA | DA | SA |

use crate::dissect::{Derive, Entry, Field, Layer, LayerView, Next, Outcome, Protocol, Stop, Summary, Table, fields};
use crate::text::Text;

fields! {
    TYPE_SUBTYPE = uint16("wlan.fc.type_subtype", "Type/Subtype").hex().values(SUBTYPES);
    CONTROL = uint16("wlan.fc", "Frame Control Field").hex();
    VERSION = uint8("wlan.fc.version", "Version").bits(0x03);
    TYPE = uint8("wlan.fc.type", "Type").bits(0x0c).values(TYPES);
    SUBTYPE = uint8("wlan.fc.subtype", "Subtype").bits(0xf0);
    FLAGS = uint8("wlan.flags", "Flags").hex();
    DS = uint8("wlan.fc.ds", "DS status").hex().bits(0x03).values(DIRECTIONS);
    TO_DS = boolean("wlan.fc.tods", "To DS").bits(0x01).hidden();
    FROM_DS = boolean("wlan.fc.fromds", "From DS").bits(0x02).hidden();
    MORE_FRAGMENTS = boolean("wlan.fc.frag", "More Fragments").bits(0x04)
        .flags("More fragments follow", "This is the last fragment");
    RETRY = boolean("wlan.fc.retry", "Retry").bits(0x08)
        .flags("Frame is being retransmitted", "Frame is not being retransmitted");
    POWER = boolean("wlan.fc.pwrmgt", "PWR MGT").bits(0x10).flags("STA will go to sleep", "STA will stay up");
    MORE_DATA = boolean("wlan.fc.moredata", "More Data").bits(0x20)
        .flags("Data is buffered for STA at AP", "No data buffered");
    PROTECTED = boolean("wlan.fc.protected", "Protected flag").bits(0x40)
        .flags("Data is protected", "Data is not protected");
    ORDER = boolean("wlan.fc.order", "+HTC/Order flag").bits(0x80).flags("Strictly ordered", "Not strictly ordered");
    DURATION = uint16("wlan.duration", "Duration").bits(0x7fff).unit(" microseconds");
    RA = ether("wlan.ra", "Receiver address").either(&[&RA_RESOLVED, &ADDR]);
    RA_RESOLVED = text("wlan.ra_resolved", "Receiver address (resolved)").derive(Derive::AddressText).hidden();
    TA = ether("wlan.ta", "Transmitter address").either(&[&TA_RESOLVED, &ADDR]);
    TA_RESOLVED = text("wlan.ta_resolved", "Transmitter address (resolved)").derive(Derive::AddressText).hidden();
    DA = ether("wlan.da", "Destination address").either(&[&DA_RESOLVED]);
    DA_RESOLVED = text("wlan.da_resolved", "Destination address (resolved)").derive(Derive::AddressText).hidden();
    SA = ether("wlan.sa", "Source address").either(&[&SA_RESOLVED]);
    SA_RESOLVED = text("wlan.sa_resolved", "Source address (resolved)").derive(Derive::AddressText).hidden();
    BSSID = ether("wlan.bssid", "BSS Id").either(&[&BSSID_RESOLVED]);
    BSSID_RESOLVED = text("wlan.bssid_resolved", "BSS Id (resolved)").derive(Derive::AddressText).hidden();
    STATION = ether("wlan.staa", "STA address").either(&[&STATION_RESOLVED]);
    STATION_RESOLVED = text("wlan.staa_resolved", "STA address (resolved)").derive(Derive::AddressText).hidden();
    ADDR = ether("wlan.addr", "Hardware address").either(&[&ADDR_RESOLVED]).hidden();
    ADDR_RESOLVED = text("wlan.addr_resolved", "Hardware address (resolved)").derive(Derive::AddressText).hidden();
    FRAGMENT = uint16("wlan.frag", "Fragment number").bits(0x000f);
    SEQUENCE = uint16("wlan.seq", "Sequence number").bits(0xfff0);
    QOS = uint16("wlan.qos", "Qos Control").hex();
    QOS_TID = uint16("wlan.qos.tid", "TID").bits(0x000f);
    QOS_AMSDU = boolean("wlan.qos.amsdupresent", "Payload Type").of(16).bits(0x0080).flags("A-MSDU", "MSDU");
}

pub static PROTOCOL: Protocol = Protocol {
    fields: FIELDS,
    claims: &[(Table::LinkType, 105)],
    dissect,
    addresses: Some((&SA, &DA)),
    summary: Some(summary),
    family: crate::dissect::Family::Link,
    ..Protocol::new("wlan", "802.11", "IEEE 802.11").line(line)
};

fn dissect(l: &mut Layer) -> Outcome {
    let control = l.peek_u16_le()?;
    let [first, flags] = control.to_le_bytes();
    let (kind, subtype) = (first >> 2 & 3, first >> 4);
    l.part(&TYPE_SUBTYPE, u64::from(kind) << 4 | u64::from(subtype), 2);
    l.part(&CONTROL, control.swap_bytes(), 2);
    l.below(|l| {
        for part in [&VERSION, &TYPE, &SUBTYPE] {
            l.part(part, first, 1);
        }
    });
    l.skip(1)?;
    l.below(|l| {
        l.part(&FLAGS, flags, 1);
        let parts = [&DS, &TO_DS, &FROM_DS, &MORE_FRAGMENTS, &RETRY, &POWER, &MORE_DATA, &PROTECTED, &ORDER];
        l.parts(&parts, flags);
    });
    l.skip(1)?;
    l.u16_le(&DURATION)?;
    let direction = flags & 3;
    if kind != DATA {
        l.ether(&RA)?;
        return Ok(Next::Data);
    }
    addresses(l, direction)?;
    let sequence = l.peek_u16_le()?;
    l.part(&FRAGMENT, sequence, 2);
    l.part(&SEQUENCE, sequence, 2);
    l.skip(2)?;
    if direction == 3 {
        l.skip(6)?;
    }
    let mut is_aggregate = false;
    if subtype & QOS_BIT != 0 {
        let qos = l.u16_le(&QOS)?;
        l.parts(&[&QOS_TID, &QOS_AMSDU], qos);
        is_aggregate = qos & 0x80 != 0;
    }
    if subtype & NO_DATA_BIT != 0 {
        return Ok(Next::End);
    }
    if flags & 0x40 != 0 || is_aggregate || sequence & 0xf != 0 {
        return Ok(Next::Data);
    }
    Ok(Next::By(Table::SllProtocol, LLC))
}

/// Reads the first three addresses, and the fourth from behind the sequence number; then records what they are.
fn addresses(l: &mut Layer, direction: u8) -> Result<(), Stop> {
    let header = l.peek(18)?;
    let fourth = match direction {
        3 => l.peek(26)?.get(20..),
        _ => None,
    };
    let number = |bytes: &[u8]| bytes.iter().take(6).fold(0u64, |all, &byte| all << 8 | u64::from(byte));
    let [one, two, three] = [0, 6, 12].map(|at| number(header.get(at..).unwrap_or_default()));
    let four = fourth.map_or(0, number);
    l.ether(&RA)?;
    l.ether(&TA)?;
    l.skip(6)?;
    let start = l.offset() - 18;
    let (one, two, three, four) = ((one, 0), (two, 6), (three, 12), (four, 20));
    let meaning: &[(&'static Field, (u64, usize))] = match direction {
        0 => &[(&DA, one), (&SA, two), (&BSSID, three), (&STATION, one)],
        1 => &[(&DA, three), (&SA, two), (&BSSID, one), (&STATION, two)],
        2 => &[(&DA, one), (&SA, three), (&BSSID, two), (&STATION, one)],
        _ => &[(&DA, three), (&SA, four)],
    };
    for &(field, (value, at)) in meaning {
        l.generated_at(field, value, start + at, 6);
    }
    Ok(())
}

fn line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title);
    if let (Some(subtype), Some(flags)) = (layer.number(&TYPE_SUBTYPE), layer.number(&FLAGS)) {
        text.byte(b' ').str(TYPE_SUBTYPE.names.get(subtype).unwrap_or("Unknown")).str(", Flags: ");
        write_flags(flags, text);
    }
}

fn summary(layer: &LayerView, summary: &mut Summary) {
    let (Some(subtype), Some(flags)) = (layer.number(&TYPE_SUBTYPE), layer.number(&FLAGS)) else { return };
    summary.info.str(TYPE_SUBTYPE.names.get(subtype).unwrap_or("Unknown"));
    if let (Some(sequence), Some(fragment)) = (layer.number(&SEQUENCE), layer.number(&FRAGMENT)) {
        summary.info.str(", SN=").dec(sequence).str(", FN=").dec(fragment);
    }
    summary.info.str(", Flags=");
    write_flags(flags, summary.info);
}

/// Writes a letter for each flag that is set and a dot for each that is not, the highest first.
fn write_flags(flags: u64, text: &mut Text) {
    for (place, &letter) in b"opmPRMFT".iter().enumerate() {
        text.byte(if flags >> (7 - place) & 1 != 0 { letter } else { b'.' });
    }
}

/// The type of data frames.
const DATA: u8 = 2;
/// Subtypes of data frames with QoS control.
const QOS_BIT: u8 = 0x8;
/// Subtypes of data frames that carry nothing.
const NO_DATA_BIT: u8 = 0x4;
/// The number by which LLC is found where a link layer has no EtherType: Linux' ETH_P_802_2.
const LLC: u32 = 0x0004;

static TYPES: &[(u64, &str)] =
    &[(0, "Management frame"), (1, "Control frame"), (2, "Data frame"), (3, "Extension frame")];
static DIRECTIONS: &[(u64, &str)] = &[
    (0, "Not leaving DS or network is operating in AD-HOC mode (To DS: 0 From DS: 0)"),
    (1, "Frame from STA to DS via an AP (To DS: 1 From DS: 0)"),
    (2, "Frame from DS to a STA via AP(To DS: 0 From DS: 1)"),
    (3, "WDS (AP to AP) or Mesh (MP to MP) Frame (To DS: 1 From DS: 1)"),
];
static SUBTYPES: &[(u64, &str)] = &[
    (0x00, "Association Request"),
    (0x01, "Association Response"),
    (0x02, "Reassociation Request"),
    (0x03, "Reassociation Response"),
    (0x04, "Probe Request"),
    (0x05, "Probe Response"),
    (0x08, "Beacon frame"),
    (0x0a, "Disassociate"),
    (0x0b, "Authentication"),
    (0x0c, "Deauthentication"),
    (0x0d, "Action"),
    (0x18, "802.11 Block Ack Req"),
    (0x19, "802.11 Block Ack"),
    (0x1a, "Power-Save poll"),
    (0x1b, "Request-to-send"),
    (0x1c, "Clear-to-send"),
    (0x1d, "Acknowledgement"),
    (0x20, "Data"),
    (0x24, "Null function (No data)"),
    (0x28, "QoS Data"),
    (0x2c, "QoS Null function (No data)"),
];

#[cfg(test)]
mod tests {
    use crate::protocols::testing::Sample;

    const WIRELESS: u16 = 105;

    /// A QoS data frame from a station to the network, with LLC, SNAP and an experimental EtherType.
    const FRAME: [u8; 36] = [
        0x88, 0x01, 0x00, 0x00, // frame control, duration
        0, 0, 0x5e, 0, 0x53, 1, 0, 0, 0x5e, 0, 0x53, 2, 0, 0, 0x5e, 0, 0x53, 3, // BSSID, source, destination
        0x80, 0x7d, 0x00, 0x00, // sequence 2008, QoS
        0xaa, 0xaa, 0x03, 0, 0, 0, 0x88, 0xb5, 1, 2,
    ];

    #[test]
    fn a_data_frame_carries_llc() {
        let dissected = Sample::new(WIRELESS, FRAME).dissect();
        assert_eq!(dissected.stack, "wlan:llc:data");
        for line in [
            "IEEE 802.11 QoS Data, Flags: .......T\n",
            "    Type/Subtype: QoS Data (0x0028)\n",
            "    Frame Control Field: 0x8801\n",
            "        .... 10.. = Type: Data frame (2)\n",
            "    .000 0000 0000 0000 = Duration: 0 microseconds\n",
            "    Transmitter address: 00:00:5e:00:53:02\n",
            "    Destination address: 00:00:5e:00:53:03\n",
            "    BSS Id: 00:00:5e:00:53:01\n",
            "    STA address: 00:00:5e:00:53:02\n",
            "    0111 1101 1000 .... = Sequence number: 2008\n",
        ] {
            assert!(dissected.tree.contains(line), "{line}{}", dissected.tree);
        }
    }

    #[test]
    fn what_is_protected_is_not_looked_into() {
        let mut protected = FRAME;
        protected[1] |= 0x40;
        assert_eq!(Sample::new(WIRELESS, protected).dissect().stack, "wlan:data");
        let mut nothing = FRAME;
        nothing[0] = 0xc8;
        assert_eq!(Sample::new(WIRELESS, nothing).dissect().stack, "wlan");
        let mut between = FRAME;
        between[1] |= 0x03;
        assert!(Sample::new(WIRELESS, between).dissect().stack.starts_with("wlan"));
    }

    #[test]
    fn any_cut_is_survived() {
        for len in 0..FRAME.len() {
            let dissected = Sample::new(WIRELESS, &FRAME[..len]).dissect();
            assert_eq!(dissected.tree.contains("Malformed"), len < 34, "{len}: {}", dissected.tree);
        }
    }
}
