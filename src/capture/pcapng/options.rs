//! Options: what most blocks can say after their fixed fields, each with a code and a length.
//!
//! ```text
//! option  0  code; 0 ends the list
//!         2  length of the value, without its padding
//!         4  value, padded to 32 bits
//! ```

use std::borrow::Cow;

use super::Order;

/// Reads the options of a block, as they are asked for.
///
/// An option whose length goes beyond the block is handed out with the bytes there are, as the last.
#[derive(Clone, Debug)]
pub struct Options<'a> {
    rest: &'a [u8],
    order: Order,
}

/// One option of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opt<'a> {
    pub code: u16,
    pub value: &'a [u8],
    /// Whether the value is as long as the option says.
    pub is_whole: bool,
}

impl<'a> Options<'a> {
    /// Reads `raw`, which is in the byte order of its section.
    pub fn new(raw: &'a [u8], big_endian: bool) -> Self {
        Options { rest: raw, order: Order { big_endian } }
    }

    /// The value of the first option with this code, if it is whole.
    pub fn value(&self, code: u16) -> Option<&'a [u8]> {
        self.clone().find(|it| it.code == code && it.is_whole).map(|it| it.value)
    }

    /// The value of the first option with this code, as text.
    pub fn text(&self, code: u16) -> Option<Cow<'a, str>> {
        self.value(code).map(text)
    }

    /// The comments, of which a block may have several.
    pub fn comments(self) -> impl Iterator<Item = Cow<'a, str>> {
        self.filter(|it| it.code == 1).map(|it| it.text())
    }
}

impl<'a> Iterator for Options<'a> {
    type Item = Opt<'a>;

    fn next(&mut self) -> Option<Opt<'a>> {
        let Some((&[a, b, c, d], rest)) = self.rest.split_first_chunk() else {
            self.rest = &[];
            return None;
        };
        let (code, len) = (self.order.u16([a, b]), usize::from(self.order.u16([c, d])));
        if code == 0 {
            self.rest = &[];
            return None;
        }
        // The padding may be missing at the end of the block.
        self.rest = rest.get(len.next_multiple_of(4)..).unwrap_or_default();
        Some(match rest.get(..len) {
            Some(value) => Opt { code, value, is_whole: true },
            None => Opt { code, value: rest, is_whole: false },
        })
    }
}

impl<'a> Opt<'a> {
    /// The value as UTF-8, to its end or to the zero byte that some writers end it with.
    pub fn text(&self) -> Cow<'a, str> {
        text(self.value)
    }
}

fn text(value: &[u8]) -> Cow<'_, str> {
    let end = value.iter().position(|byte| *byte == 0).unwrap_or(value.len());
    String::from_utf8_lossy(value.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::super::build::{BIG, LITTLE};
    use super::*;

    /// Code, value, and whether it is whole.
    type Read = (u16, &'static [u8], bool);

    /// A name, the options as they lie in a block, and what is read of them.
    type Case<'a> = (&'a str, &'a [&'a [u8]], &'a [Read]);

    #[test]
    fn options_end_where_they_say_or_where_the_block_does() {
        for it in [LITTLE, BIG] {
            let text = it.option(2, b"eth0\0!");
            let empty = it.option(3, b"");
            let end = it.option(0, b"");
            let beyond = [it.u16(4), it.u16(9), b"abcd".to_vec()].concat();
            let unpadded = [it.u16(5), it.u16(1), b"x".to_vec()].concat();
            let cases: [Case; 7] = [
                ("nothing", &[], &[]),
                ("an end", &[&end, &text], &[]),
                ("no end", &[&text], &[(2, b"eth0\0!", true)]),
                ("two", &[&text, &empty, &end], &[(2, b"eth0\0!", true), (3, b"", true)]),
                ("beyond", &[&empty, &beyond], &[(3, b"", true), (4, b"abcd", false)]),
                ("unpadded", &[&unpadded], &[(5, b"x", true)]),
                ("half a header", &[&empty, b"abc"], &[(3, b"", true)]),
            ];
            for (name, parts, expected) in cases {
                let raw = parts.concat();
                let read: Vec<_> =
                    Options::new(&raw, it.big_endian).map(|it| (it.code, it.value, it.is_whole)).collect();
                assert_eq!(read, expected, "{name}");
            }
            assert_eq!(Options::new(&text, it.big_endian).text(2).as_deref(), Some("eth0"));
            assert_eq!(Options::new(&beyond, it.big_endian).text(4), None);
        }
    }
}
