//! The options, whose documentation is the help text.

use std::path::PathBuf;

use clap::{ArgAction, Parser, ValueEnum};

use crate::output::color;

/// Captures packets and explains what they say
///
/// Reads a capture file (pcap, pcapng; gzip, zstd and lz4 compressed ones too) and shows its packets: as a list, as a tree of
/// every field, as columns or as JSON. Field names, filters and output are Wireshark's.
///
/// EXPRESSION is a display filter, such as 'tcp.port == 80 and not tcp.analysis.retransmission'. Several words are joined. Where it
/// is none, but a capture filter such as 'tcp port 80', it is taken as that.
#[derive(Parser, Debug)]
#[command(
    name = "sniff",
    version = crate::VERSION,
    max_term_width = 100,
    disable_version_flag = true,
    override_usage = "sniff -r FILE [OPTIONS] [EXPRESSION]",
    after_help = "Exit status: 0 done, also when nothing matched; 1 failure; 2 wrong usage or filter; 3 damaged input, everything \
                  readable shown."
)]
pub struct Args {
    /// Read packets from FILE; - is standard input
    #[arg(short = 'r', long = "read-file", value_name = "FILE", help_heading = "Input")]
    pub file: Option<PathBuf>,

    /// Read the capture twice, so that packets also know what comes after them
    #[arg(short = '2', long = "two-pass", help_heading = "Input")]
    pub two_pass: bool,

    /// Stop after reading N packets
    #[arg(short = 'c', long, value_name = "N", help_heading = "Input")]
    pub count: Option<u64>,

    /// Show packets that match FILTER; with EXPRESSION besides, both must match
    #[arg(short = 'Y', long = "display-filter", value_name = "FILTER", help_heading = "Selection")]
    pub display_filter: Option<String>,

    /// Stop after showing N packets
    #[arg(long, value_name = "N", help_heading = "Selection")]
    pub max_matches: Option<u64>,

    /// A display filter, or a capture filter (BPF)
    #[arg(value_name = "EXPRESSION")]
    pub expression: Vec<String>,

    /// What to write for each packet
    #[arg(short = 'T', value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    pub format: Format,

    /// Show the whole tree of fields
    #[arg(short = 'V', help_heading = "Output")]
    pub tree: bool,

    /// Show the tree with only these PROTOCOLS in full, separated by commas
    #[arg(short = 'O', value_name = "PROTOCOLS", value_delimiter = ',', help_heading = "Output")]
    pub only: Vec<String>,

    /// Show the packet list also where -V, -O or -x show something else
    #[arg(short = 'P', long = "print", help_heading = "Output")]
    pub list: bool,

    /// Show the bytes in hexadecimal and ASCII, behind the list (-P) or the tree (-V) if they are shown; with -T json, in arrays
    #[arg(short = 'x', help_heading = "Output")]
    pub hex: bool,

    /// Show what follows the link-layer header in hexadecimal and ASCII
    #[arg(short = 'X', help_heading = "Output")]
    pub payload_hex: bool,

    /// Show what follows the link-layer header in ASCII
    #[arg(short = 'A', help_heading = "Output")]
    pub payload_ascii: bool,

    /// Write the field NAME (-T fields); may be given several times
    #[arg(short = 'e', value_name = "NAME", help_heading = "Output")]
    pub fields: Vec<String>,

    /// Lay out columns (-T fields): header=y, separator=/t, quote=d|s|n, occurrence=f|l|a, aggregator=, bom=y
    #[arg(short = 'E', value_name = "KEY=VALUE", help_heading = "Output")]
    pub layout: Vec<String>,

    /// Accepted for tshark's sake: repeated fields are always arrays
    #[arg(long, help_heading = "Output")]
    pub no_duplicate_keys: bool,

    /// How to show time: r (since the first packet), a, ad, adoy, d, dd, e, u, ud, udoy; or tcpdump's -t to -ttttt
    #[arg(short = 't', value_name = "FORMAT", num_args = 0..=1, default_missing_value = "", help_heading = "Output")]
    pub time: Option<String>,

    /// When to use colour; NO_COLOR is honoured
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = "Output")]
    pub color: When,

    /// Do not show packets
    #[arg(short = 'q', help_heading = "Output")]
    pub quiet: bool,

    /// Say nothing on standard error but errors
    #[arg(short = 'Q', help_heading = "Output")]
    pub silent: bool,

    /// Write each packet at once
    #[arg(short = 'l', help_heading = "Output")]
    pub line_buffered: bool,

    /// Raise verbosity: once shows the fields of the highest layers, twice the whole tree; alone, print the version
    #[arg(short = 'v', action = ArgAction::Count, help_heading = "Output")]
    pub verbose: u8,

    /// Do not resolve names; it is the default
    #[arg(short = 'n', help_heading = "Dissection")]
    pub numeric: bool,

    /// Dissect as: TABLE==NUMBER,PROTOCOL, such as tcp.port==8888,http; a range is 8000-8010
    #[arg(short = 'd', value_name = "RULE", help_heading = "Dissection")]
    pub decode_as: Vec<String>,

    /// Set a preference, such as tcp.check_checksum:TRUE
    #[arg(short = 'o', value_name = "NAME:VALUE", help_heading = "Dissection")]
    pub preferences: Vec<String>,

    /// Show absolute TCP sequence numbers
    #[arg(short = 'S', help_heading = "Dissection")]
    pub absolute: bool,

    /// Do not verify checksums
    #[arg(short = 'K', help_heading = "Dissection")]
    pub no_checksums: bool,

    /// Print what is known and exit: fields or protocols
    #[arg(short = 'G', value_name = "WHAT", help_heading = "Information")]
    pub glossary: Option<String>,

    /// Print the version
    #[arg(long, action = ArgAction::Version, help_heading = "Information")]
    version: Option<bool>,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The packet list, or the tree with -V
    Text,
    /// Columns of the fields named by -e
    Fields,
    /// An array of JSON objects, as tshark writes it
    Json,
    /// One JSON object a line, with typed values
    Jsonl,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// On a terminal
    Auto,
    Always,
    Never,
}

impl From<When> for color::When {
    fn from(when: When) -> color::When {
        match when {
            When::Auto => color::When::Auto,
            When::Always => color::When::Always,
            When::Never => color::When::Never,
        }
    }
}
