//! Fields: the rows that protocols list, one for each thing that a packet can say.
//!
//! A field is a `static`, made by the constructors below in a [`fields!`] table, and is known by its address: nothing is numbered
//! or registered when the program starts. Names, titles and types are Wireshark's.

use super::{Asks, Entry, LayerView, Value};
use crate::text::Text;

/// One named thing that a packet can say.
pub struct Field {
    /// The name in filters and output, such as `ip.src`; empty for lines that are only text.
    pub name: &'static str,
    /// The words of its line in the tree.
    pub title: &'static str,
    pub kind: Kind,
    pub display: Display,
    /// Which bits of the integer on the wire it is; 0 where it is all of them.
    pub mask: u64,
    /// Words for values.
    pub names: Names,
    /// A unit that follows the number in the tree, with its space.
    pub unit: &'static str,
    /// Fields that hold whenever this one does, in the order in which they are listed after it.
    pub aliases: &'static [&'static Field],
    /// How an alias makes its value out of that of the field it comes with.
    pub derive: Derive,
    /// Is computed, not read: shown in brackets.
    pub generated: bool,
    /// Can be filtered for and listed, but has no line in the tree.
    pub hidden: bool,
    /// Is what columns of the packet list are made of; asked only of rows of a protocol that is [`brief`](super::Protocol::brief).
    pub in_columns: bool,
    /// What has to be known of other frames for it to say what it says.
    pub asks: Asks,
    /// Writes the line in the tree where the title and the value do not make it.
    pub label: Option<fn(&LayerView, &Entry, &mut Text)>,
}

/// What a field's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// No value: a line of text, or a heading over others.
    None,
    Protocol,
    Boolean,
    /// An unsigned integer of so many bits.
    Unsigned(u8),
    /// A signed integer of so many bits.
    Signed(u8),
    /// A character, as a number.
    Char,
    Float,
    Double,
    /// The number of a frame.
    Frame,
    Ipv4,
    Ipv6,
    Ether,
    Eui64,
    Bytes,
    Text,
    Guid,
    Oid,
    AbsoluteTime,
    RelativeTime,
    /// Something worth a word: shown with its severity and group.
    Expert(Severity, Group),
}

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    Dec,
    Hex,
    Oct,
    DecHex,
    HexDec,
    /// No number in the tree, only its name.
    Custom,
}

/// How a field's value is written in the tree and in columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Display {
    pub base: Base,
    /// Bits of the integer that [`Field::mask`] cuts from, where the field is narrower: 12 for a TCP flag.
    pub width: u8,
}

/// Words for the values of a field.
#[derive(Clone, Copy)]
pub enum Names {
    None,
    /// Sorted or not, short lists: (value, name).
    Values(&'static [(u64, &'static str)]),
    /// Inclusive ranges of values.
    Ranges(&'static [(u64, u64, &'static str)]),
    /// The words for true and false.
    Flags(&'static str, &'static str),
    /// A look-up in a large registry.
    Lookup(fn(u64) -> Option<&'static str>),
}

impl Names {
    /// The word for `value`.
    pub fn get(&self, value: u64) -> Option<&'static str> {
        match *self {
            Names::None => None,
            Names::Values(rows) => rows.iter().find(|row| row.0 == value).map(|row| row.1),
            Names::Ranges(rows) => rows.iter().find(|row| (row.0..=row.1).contains(&value)).map(|row| row.2),
            Names::Flags(set, unset) => Some(if value != 0 { set } else { unset }),
            Names::Lookup(look_up) => look_up(value),
        }
    }
}

/// How an alias makes its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Derive {
    /// It is the same value.
    Same,
    /// The address as text.
    AddressText,
    /// The first three bytes of a MAC address as a number.
    Oui,
    /// The organisation that has these three bytes; nothing if the registry has none.
    OuiName,
    /// The line of an expert item.
    ExpertLine,
    /// The message of an expert item.
    ExpertMessage,
    /// The severity of an expert item.
    ExpertSeverity,
    /// The group of an expert item.
    ExpertGroup,
}

/// How grave an expert item is; the discriminants are Wireshark's `_ws.expert.severity`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Comment = 0x0010_0000,
    Chat = 0x0020_0000,
    Note = 0x0040_0000,
    Warning = 0x0060_0000,
    Error = 0x0080_0000,
}

/// What an expert item is about; the discriminants are Wireshark's `_ws.expert.group`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    Checksum = 0x0100_0000,
    Sequence = 0x0200_0000,
    Response = 0x0300_0000,
    Request = 0x0400_0000,
    Undecoded = 0x0500_0000,
    Reassemble = 0x0600_0000,
    Malformed = 0x0700_0000,
    Debug = 0x0800_0000,
    Protocol = 0x0900_0000,
    Security = 0x0a00_0000,
    Comments = 0x0b00_0000,
    Decryption = 0x0c00_0000,
    Assumption = 0x0d00_0000,
    Deprecated = 0x0e00_0000,
    Receive = 0x0f00_0000,
    Interface = 0x1000_0000,
}

impl Severity {
    pub const fn title(self) -> &'static str {
        match self {
            Severity::Comment => "Comment",
            Severity::Chat => "Chat",
            Severity::Note => "Note",
            Severity::Warning => "Warning",
            Severity::Error => "Error",
        }
    }
}

impl Group {
    pub const ALL: &'static [Group] = &[
        Group::Checksum,
        Group::Sequence,
        Group::Response,
        Group::Request,
        Group::Undecoded,
        Group::Reassemble,
        Group::Malformed,
        Group::Debug,
        Group::Protocol,
        Group::Security,
        Group::Comments,
        Group::Decryption,
        Group::Assumption,
        Group::Deprecated,
        Group::Receive,
        Group::Interface,
    ];

    pub const fn title(self) -> &'static str {
        match self {
            Group::Checksum => "Checksum",
            Group::Sequence => "Sequence",
            Group::Response => "Response",
            Group::Request => "Request",
            Group::Undecoded => "Undecoded",
            Group::Reassemble => "Reassemble",
            Group::Malformed => "Malformed",
            Group::Debug => "Debug",
            Group::Protocol => "Protocol",
            Group::Security => "Security",
            Group::Comments => "Comment",
            Group::Decryption => "Decryption",
            Group::Assumption => "Assumption",
            Group::Deprecated => "Deprecated",
            Group::Receive => "Receive",
            Group::Interface => "Interface",
        }
    }
}

impl Field {
    pub const fn new(kind: Kind, base: Base, name: &'static str, title: &'static str) -> Field {
        let width = match kind {
            Kind::Unsigned(bits) | Kind::Signed(bits) => bits,
            Kind::Boolean | Kind::Char => 8,
            _ => 0,
        };
        Field {
            name,
            title,
            kind,
            display: Display { base, width },
            mask: 0,
            names: Names::None,
            unit: "",
            aliases: &[],
            derive: Derive::Same,
            generated: false,
            hidden: false,
            in_columns: false,
            asks: Asks::Nothing,
            label: None,
        }
    }

    /// Writes the number in hexadecimal, with the digits of its type.
    pub const fn hex(mut self) -> Field {
        self.display.base = Base::Hex;
        self
    }

    /// Writes bytes with colons between them.
    pub const fn colons(mut self) -> Field {
        self.display.base = Base::Hex;
        self
    }

    /// Says `<none>` where there are no bytes, which is nothing unusual.
    pub const fn perhaps_empty(mut self) -> Field {
        self.display.base = Base::Custom;
        self
    }

    /// Writes the number in hexadecimal and then in decimal.
    pub const fn hex_dec(mut self) -> Field {
        self.display.base = Base::HexDec;
        self
    }

    /// Writes the number in decimal and then in hexadecimal.
    pub const fn dec_hex(mut self) -> Field {
        self.display.base = Base::DecHex;
        self
    }

    /// Writes only the name of the value in the tree.
    pub const fn name_only(mut self) -> Field {
        self.display.base = Base::Custom;
        self
    }

    /// Is the bits `mask` of the integer on the wire, shifted down.
    pub const fn bits(mut self, mask: u64) -> Field {
        self.mask = mask;
        self
    }

    /// Is cut from an integer of `width` bits, where that is not what the type says.
    pub const fn of(mut self, width: u8) -> Field {
        self.display.width = width;
        self
    }

    pub const fn named(mut self, names: Names) -> Field {
        self.names = names;
        self
    }

    /// Has words for its values.
    pub const fn values(self, rows: &'static [(u64, &'static str)]) -> Field {
        self.named(Names::Values(rows))
    }

    /// Has words for true and false.
    pub const fn flags(self, set: &'static str, unset: &'static str) -> Field {
        self.named(Names::Flags(set, unset))
    }

    /// Has a unit after the number in the tree: `.unit(" seconds")`.
    pub const fn unit(mut self, unit: &'static str) -> Field {
        self.unit = unit;
        self
    }

    /// Brings other fields with it: `tcp.srcport` is always also a `tcp.port`.
    pub const fn either(mut self, aliases: &'static [&'static Field]) -> Field {
        self.aliases = aliases;
        self
    }

    pub const fn derive(mut self, derive: Derive) -> Field {
        self.derive = derive;
        self
    }

    /// Is computed, not read: shown in brackets.
    pub const fn generated(mut self) -> Field {
        self.generated = true;
        self
    }

    /// Can be filtered for and listed, but has no line in the tree.
    pub const fn hidden(mut self) -> Field {
        self.hidden = true;
        self
    }

    /// Is what columns are made of, where its protocol is [`brief`](super::Protocol::brief).
    pub const fn in_columns(mut self) -> Field {
        self.in_columns = true;
        self
    }

    /// Depends on other frames: see [`Asks`].
    pub const fn asks(mut self, asks: Asks) -> Field {
        self.asks = asks;
        self
    }

    /// Has a line in the tree of its own making.
    pub const fn label(mut self, label: fn(&LayerView, &Entry, &mut Text)) -> Field {
        self.label = Some(label);
        self
    }

    /// How far the bits of [`mask`](Self::mask) are from the lowest bit.
    pub const fn shift(&self) -> u32 {
        if self.mask == 0 { 0 } else { self.mask.trailing_zeros() }
    }

    /// The value of this field in an integer as it was read.
    pub const fn extract(&self, raw: u64) -> u64 {
        if self.mask == 0 { raw } else { (raw & self.mask) >> self.mask.trailing_zeros() }
    }

    /// Digits of its hexadecimal form.
    pub const fn hex_width(&self) -> usize {
        match self.kind {
            Kind::Unsigned(bits) | Kind::Signed(bits) => (bits as usize).div_ceil(4),
            _ => 2,
        }
    }

    /// Writes `..01 .... = `: the bits of the field, which says `value`, in the integer that it was cut from.
    pub fn write_bits(&self, value: u64, text: &mut Text) {
        let width = u32::from(self.display.width).min(64);
        // The bits that are shown stand at the top, from where four at a time are taken.
        let to_top = |bits: u64| bits.checked_shl(64 - width).unwrap_or(0);
        let mut mask = to_top(self.mask);
        let mut raw = to_top(value.checked_shl(self.shift()).unwrap_or(0));
        let mut shown = |count: u32| {
            let spare = 4 - count;
            let row = &BITS[(mask >> 60 >> spare) as usize][(raw >> 60 >> spare) as usize];
            (mask, raw) = (mask << count, raw << count);
            row
        };
        // The highest bits may be fewer than four.
        if width % 4 != 0 {
            text.raw(&shown(width % 4)[4 - width as usize % 4..]);
        }
        for _ in 0..width / 4 {
            text.raw(shown(4));
        }
        text.str("= ");
    }

    /// Whether `self` is the same row as `other`.
    pub fn is(&self, other: &Field) -> bool {
        std::ptr::eq(self, other)
    }

    /// What this alias says where the field it comes with says `value`; nothing if it then says nothing.
    pub fn derived<'a>(&self, value: Value<'a>, scratch: &'a mut Text) -> Option<Value<'a>> {
        match self.derive {
            Derive::Same => Some(value),
            Derive::AddressText => {
                scratch.clear();
                value.write_address(scratch);
                Some(Value::Text(scratch.as_bytes()))
            }
            Derive::Oui => value.oui().map(|oui| Value::Unsigned(u64::from(oui))),
            // What expert items say is not in their value; see `LayerView::alias_value`.
            Derive::ExpertLine | Derive::ExpertMessage | Derive::ExpertSeverity | Derive::ExpertGroup => None,
            Derive::OuiName => value.oui().and_then(crate::names::oui).map(|name| Value::Text(name.as_bytes())),
        }
    }
}

/// How four bits of a mask, and then of a value, are shown: `.01. `.
static BITS: [[[u8; 5]; 16]; 16] = {
    let mut shown = [[*b".... "; 16]; 16];
    let mut place = 0;
    while place < 16 * 16 * 4 {
        let (mask, value, bit) = (place >> 6, place >> 2 & 0xf, place & 3);
        if mask >> (3 - bit) & 1 != 0 {
            shown[mask][value][bit] = if value >> (3 - bit) & 1 != 0 { b'1' } else { b'0' };
        }
        place += 1;
    }
    shown
};

/// Declares the fields of a protocol: a `static` for each row and `FIELDS`, the list of them all.
macro_rules! fields {
    ($($name:ident = $make:ident($($argument:expr),*) $(.$more:ident($($value:expr),*))*;)*) => {
        $(pub static $name: $crate::dissect::Field =
            $crate::dissect::make::$make($($argument),*)$(.$more($($value),*))*;)*
        /// All fields of this protocol, in the order of their declaration.
        pub static FIELDS: &[&$crate::dissect::Field] = &[$(&$name),*];
    };
}
pub(crate) use fields;

/// Declares words for numbers: `names! { OPCODES = 1 => "request", 2 => "reply" }`.
macro_rules! names {
    ($($visible:vis $table:ident = { $($value:expr => $name:expr),* $(,)? })*) => {
        $($visible static $table: &[(u64, &str)] = &[$(($value, $name)),*];)*
    };
}
pub(crate) use names;

/// The constructors of the [`fields!`] table, by type.
pub mod make {
    use super::{Base, Field, Group, Kind, Severity};
    use crate::dissect::run::{EXPERT, EXPERT_MALFORMED};

    macro_rules! constructors {
        ($($(#[$doc:meta])* $name:ident = $kind:expr, $base:ident;)*) => {
            $($(#[$doc])* pub const fn $name(name: &'static str, title: &'static str) -> Field {
                Field::new($kind, Base::$base, name, title)
            })*
        };
    }

    constructors! {
        none = Kind::None, Dec;
        protocol = Kind::Protocol, Dec;
        boolean = Kind::Boolean, Dec;
        character = Kind::Char, Dec;
        uint8 = Kind::Unsigned(8), Dec;
        uint16 = Kind::Unsigned(16), Dec;
        uint24 = Kind::Unsigned(24), Dec;
        uint32 = Kind::Unsigned(32), Dec;
        uint40 = Kind::Unsigned(40), Dec;
        uint48 = Kind::Unsigned(48), Dec;
        uint56 = Kind::Unsigned(56), Dec;
        uint64 = Kind::Unsigned(64), Dec;
        int8 = Kind::Signed(8), Dec;
        int16 = Kind::Signed(16), Dec;
        int24 = Kind::Signed(24), Dec;
        int32 = Kind::Signed(32), Dec;
        int64 = Kind::Signed(64), Dec;
        float = Kind::Float, Dec;
        double = Kind::Double, Dec;
        frame_number = Kind::Frame, Dec;
        ipv4 = Kind::Ipv4, Dec;
        ipv6 = Kind::Ipv6, Dec;
        ether = Kind::Ether, Dec;
        eui64 = Kind::Eui64, Dec;
        bytes = Kind::Bytes, Dec;
        text = Kind::Text, Dec;
        guid = Kind::Guid, Dec;
        oid = Kind::Oid, Dec;
        absolute_time = Kind::AbsoluteTime, Dec;
        relative_time = Kind::RelativeTime, Dec;
    }

    /// A line of text in the tree without a name: a heading.
    pub const fn heading(title: &'static str) -> Field {
        Field::new(Kind::None, Base::Dec, "", title)
    }

    /// An expert item; the title is its message.
    pub const fn expert(name: &'static str, message: &'static str, severity: Severity, group: Group) -> Field {
        let company = if matches!(group, Group::Malformed) { EXPERT_MALFORMED } else { EXPERT };
        Field::new(Kind::Expert(severity, group), Base::Dec, name, message).generated().either(company)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_stand_where_they_were_in_the_integer() {
        let field = |width: u8, mask: u64| make::uint64("", "").bits(mask).of(width);
        for (width, mask, value, shown) in [
            (8, 0x0f, 5, ".... 0101 = "),
            (8, 0x80, 1, "1... .... = "),
            (12, 0x010, 1, ".... ...1 .... = "),
            (16, 0x1fff, 0x0fff, "...0 1111 1111 1111 = "),
            (6, 0x3c, 5, "01 01.. = "),
            (3, 0x7, 4, "100 = "),
            (0, 0x1, 1, "= "),
            (64, 1 << 63, 1, "1... .... .... .... .... .... .... .... .... .... .... .... .... .... .... .... = "),
        ] {
            let mut text = Text::new();
            field(width, mask).write_bits(value, &mut text);
            assert_eq!(text.to_string_lossy(), shown);
        }
    }
}
