//! What is known: `-G fields`, `-G protocols`, the version.

use std::io::{self, Write};

use super::Exit;
use crate::dissect::{Base, Field, Kind};
use crate::protocols;

/// Prints a glossary in tshark's layout, separated by tabs.
pub fn print(what: &str) -> Exit {
    let text = match what {
        "protocols" => protocols_table(),
        "fields" => fields_table(),
        _ => return Exit::Usage(format!("-G {what}: there is no such glossary; there are: fields, protocols")),
    };
    write(&text)
}

/// Prints the version, and that of libpcap where it is at hand.
pub fn version() -> Exit {
    let pcap =
        crate::capture::loader::version().unwrap_or_else(|| "libpcap not found: files are read without it".into());
    write(&format!("sniff {}\n{pcap}\n", crate::VERSION))
}

fn write(text: &str) -> Exit {
    match io::stdout().write_all(text.as_bytes()) {
        Ok(()) => Exit::Done,
        Err(error) => Exit::of_write(&error),
    }
}

fn protocols_table() -> String {
    let rows = protocols::ALL.iter();
    rows.map(|protocol| format!("{}\t{}\t{}\n", protocol.field.title, protocol.short, protocol.name())).collect()
}

fn fields_table() -> String {
    let mut text = String::new();
    for protocol in protocols::ALL {
        text += &format!("P\t{}\t{}\n", protocol.field.title, protocol.name());
        let mut seen: Vec<&str> = Vec::new();
        for field in protocol.fields.iter().filter(|field| !field.name.is_empty()) {
            if !seen.contains(&field.name) {
                seen.push(field.name);
                text += &format!(
                    "F\t{}\t{}\t{}\t{}\t{}\t{}\t\n",
                    field.title,
                    field.name,
                    type_name(field.kind),
                    protocol.name(),
                    base_name(field),
                    if field.mask == 0 { "0x0".to_owned() } else { format!("{:#x}", field.mask) },
                );
            }
        }
    }
    text
}

fn type_name(kind: Kind) -> String {
    match kind {
        Kind::None | Kind::Expert(..) => "FT_NONE",
        Kind::Protocol => "FT_PROTOCOL",
        Kind::Boolean => "FT_BOOLEAN",
        Kind::Unsigned(bits) => return format!("FT_UINT{bits}"),
        Kind::Signed(bits) => return format!("FT_INT{bits}"),
        Kind::Char => "FT_CHAR",
        Kind::Float => "FT_FLOAT",
        Kind::Double => "FT_DOUBLE",
        Kind::Frame => "FT_FRAMENUM",
        Kind::Ipv4 => "FT_IPv4",
        Kind::Ipv6 => "FT_IPv6",
        Kind::Ether => "FT_ETHER",
        Kind::Eui64 => "FT_EUI64",
        Kind::Bytes => "FT_BYTES",
        Kind::Text => "FT_STRING",
        Kind::Guid => "FT_GUID",
        Kind::Oid => "FT_OID",
        Kind::AbsoluteTime => "FT_ABSOLUTE_TIME",
        Kind::RelativeTime => "FT_RELATIVE_TIME",
    }
    .to_owned()
}

fn base_name(field: &Field) -> String {
    match (field.kind, field.display.base) {
        (Kind::Boolean, _) if field.mask != 0 => field.display.width.to_string(),
        (Kind::Boolean, _) => "0".to_owned(),
        (Kind::Unsigned(_) | Kind::Signed(_) | Kind::Char, base) => match base {
            Base::Dec => "BASE_DEC",
            Base::Hex => "BASE_HEX",
            Base::Oct => "BASE_OCT",
            Base::DecHex => "BASE_DEC_HEX",
            Base::HexDec => "BASE_HEX_DEC",
            Base::Custom => "BASE_NONE",
        }
        .to_owned(),
        _ => String::new(),
    }
}
