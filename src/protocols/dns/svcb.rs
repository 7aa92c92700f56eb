//! The data of service bindings: where and how a service is reached.
//!
//! RFC 9460, section 2.2. Parameters: the *Service Parameter Keys (SvcParamKeys)* registry of IANA.
//!
//! ```text
//! +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
//! |                  SvcPriority                  |
//! +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
//! /                  TargetName                   /
//! +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
//! |                  SvcParamKey                  |   as often as there are parameters
//! +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
//! |             length of SvcParamValue           |
//! +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
//! /                 SvcParamValue                 /
//! +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
//! ```

use super::records::{Data, ascii};
use super::types::Part;
use crate::dissect::{Entry, Field, Layer, LayerView, Stop, Value, fields, names};
use crate::text::Text;

fields! {
    SVCPRIORITY = uint16("dns.svcb.svcpriority", "SvcPriority");
    TARGETNAME = text("dns.svcb.targetname", "TargetName");
    SVCPARAM = none("dns.svcb.svcparam", "SvcParam").label(parameter_line);
    KEY = uint16("dns.svcb.svcparam.key", "SvcParamKey").values(KEYS);
    VALUE_LENGTH = uint16("dns.svcb.svcparam.value.length", "SvcParamValue length");
    VALUE = bytes("dns.svcb.svcparam.value", "SvcParamValue");
    MANDATORY_KEY = uint16("dns.svcb.svcparam.mandatory.key", "Mandatory key").values(KEYS);
    ALPN_LENGTH = uint8("dns.svcb.svcparam.alpn.length", "ALPN length");
    ALPN = text("dns.svcb.svcparam.alpn", "ALPN");
    PORT = uint16("dns.svcb.svcparam.port", "Port");
    IPV4HINT = ipv4("dns.svcb.svcparam.ipv4hint.ip", "IP");
    ECHCONFIG = bytes("dns.svcb.svcparam.echconfig", "ECHConfig").label(base64_line);
    IPV6HINT = ipv6("dns.svcb.svcparam.ipv6hint.ip", "IP");
    ODOHCONFIG = bytes("dns.svcb.svcparam.odohconfig", "ODoHConfig").label(base64_line);
}

pub(super) static BINDING: &[Part] = &[Part::U16(&SVCPRIORITY), Part::Name(&TARGETNAME), Part::With(parameters)];

fn parameters(l: &mut Layer, data: &Data) -> Result<(), Stop> {
    while data.goes_on(l) {
        let &[key_high, key_low, len_high, len_low] = l.peek(4)?.first_chunk().unwrap_or(&[0; 4]);
        let key = u16::from_be_bytes([key_high, key_low]);
        let len = usize::from(u16::from_be_bytes([len_high, len_low]));
        let open = l.open_with(&SVCPARAM, key, 4 + len);
        l.u16(&KEY)?;
        l.u16(&VALUE_LENGTH)?;
        parameter(l, key, len)?;
        l.close(open);
    }
    Ok(())
}

fn parameter(l: &mut Layer, key: u16, len: usize) -> Result<(), Stop> {
    let end = l.offset() + len;
    match key {
        0 => {
            while l.offset() < end {
                l.u16(&MANDATORY_KEY)?;
            }
        }
        1 => {
            while l.offset() < end {
                let len = l.u8(&ALPN_LENGTH)?;
                ascii(l, &ALPN, len.into())?;
            }
        }
        NO_DEFAULT_ALPN => {}
        3 => _ = l.u16(&PORT)?,
        4 => {
            while l.offset() < end {
                l.ipv4(&IPV4HINT)?;
            }
        }
        5 => _ = l.bytes(&ECHCONFIG, len)?,
        6 => {
            while l.offset() < end {
                l.ipv6(&IPV6HINT)?;
            }
        }
        ODOH => _ = l.bytes(&ODOHCONFIG, len)?,
        _ if len > 0 => _ = l.bytes(&VALUE, len)?,
        _ => {}
    }
    Ok(())
}

/// Writes a parameter as it stands in the file of a zone: RFC 9460, section 2.1.
fn parameter_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    let start = text.len();
    text.str("SvcParam: ");
    write_key(entry.number(), text);
    let values: [&'static Field; 8] =
        [&MANDATORY_KEY, &ALPN, &PORT, &IPV4HINT, &ECHCONFIG, &IPV6HINT, &ODOHCONFIG, &VALUE];
    let is_value = |child: &&Entry| values.iter().any(|field| child.field.is(field));
    for (place, child) in layer.children(entry).iter().filter(is_value).enumerate() {
        text.byte(if place == 0 { b'=' } else { b',' });
        match layer.view.value(child) {
            Value::Unsigned(key) if child.field.is(&MANDATORY_KEY) => write_key(key, text),
            Value::Unsigned(number) => _ = text.dec(number),
            Value::Bytes(bytes) if child.field.is(&VALUE) => _ = text.wire(bytes),
            Value::Bytes(bytes) => write_base64(bytes, text),
            Value::Text(bytes) => _ = text.wire(bytes),
            address => address.write_address(text),
        }
        // A line that long is cut in any case.
        if text.len() - start > MAX_LINE {
            break;
        }
    }
}

fn write_key(key: u64, text: &mut Text) {
    match KEY.names.get(key) {
        Some(name) => text.str(name),
        None => text.str("key").dec(key),
    };
}

fn base64_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.str(entry.field.title).str(": ");
    write_base64(layer.view.bytes(entry), text);
}

fn write_base64(bytes: &[u8], text: &mut Text) {
    for chunk in bytes.chunks(3) {
        let mut wide = [0; 4];
        wide[1..1 + chunk.len()].copy_from_slice(chunk);
        let bits = u32::from_be_bytes(wide);
        for place in 0..4 {
            let letter = BASE_64[(bits >> (18 - 6 * place) & 0x3f) as usize];
            text.byte(if place <= chunk.len() { letter } else { b'=' });
        }
    }
}

names! {
    KEYS = {
        0 => "mandatory", 1 => "alpn", 2 => "no-default-alpn", 3 => "port", 4 => "ipv4hint", 5 => "echconfig",
        6 => "ipv6hint", 7 => "dohpath", 8 => "ohttp", 9 => "tls-supported-groups", 10 => "docpath",
        32769 => "odohconfig", 65535 => "key65535",
    }
}

const NO_DEFAULT_ALPN: u16 = 2;
const ODOH: u16 = 32769;
const BASE_64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// What is written of long lists of values.
const MAX_LINE: usize = 1 << 12;

#[cfg(test)]
mod tests {
    use super::super::testing::check;

    /// As tshark 4.0 shows them, but for keys that were registered later.
    #[test]
    fn bindings() {
        check(&[
            (64, b"\0\x01\x03svc\x01x\0", "SVCB", &["a: type SVCB, class IN", "SvcPriority: 1", "TargetName: svc.x"]),
            (65, b"\0\x01\0\0\x01\0\x06\x02h2\x02h3\0\x03\0\x02\x01\xbb\0\x04\0\x08\x01\x02\x03\x04\x01\x02\x03\x05\0\x05\0\x03ech\0\x06\0\x10\0\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\0\0\0\x04\0\x01\0\x03\0\x02\0\0\x80\x01\0\x04odoh\0\x07\0\x0a/dns{?dns}\x03\xe7\0\x02zz", "HTTPS", &["a: type HTTPS, class IN", "SvcPriority: 1", "TargetName: <Root>", "SvcParam: alpn=h2,h3", "SvcParamKey: alpn (1)", "SvcParamValue length: 6", "ALPN length: 2", "ALPN: h2", "ALPN length: 2", "ALPN: h3", "SvcParam: port=443", "SvcParamKey: port (3)", "SvcParamValue length: 2", "Port: 443", "SvcParam: ipv4hint=1.2.3.4,1.2.3.5", "SvcParamKey: ipv4hint (4)", "SvcParamValue length: 8", "IP: 1.2.3.4", "IP: 1.2.3.5", "SvcParam: echconfig=ZWNo", "SvcParamKey: echconfig (5)", "SvcParamValue length: 3", "ECHConfig: ZWNo", "SvcParam: ipv6hint=1:203:405:607:809:a0b:c0d:e0f", "SvcParamKey: ipv6hint (6)", "SvcParamValue length: 16", "IP: 1:203:405:607:809:a0b:c0d:e0f", "SvcParam: mandatory=alpn,port", "SvcParamKey: mandatory (0)", "SvcParamValue length: 4", "Mandatory key: alpn (1)", "Mandatory key: port (3)", "SvcParam: no-default-alpn", "SvcParamKey: no-default-alpn (2)", "SvcParamValue length: 0", "SvcParam: odohconfig=b2RvaA==", "SvcParamKey: odohconfig (32769)", "SvcParamValue length: 4", "ODoHConfig: b2RvaA==", "SvcParam: dohpath=/dns{?dns}", "SvcParamKey: dohpath (7)", "SvcParamValue length: 10", "SvcParamValue: 2f646e737b3f646e737d", "SvcParam: key999=zz", "SvcParamKey: Unknown (999)", "SvcParamValue length: 2", "SvcParamValue: 7a7a"]),
        ]);
    }
}
