//! The options, whose documentation is the help text.

use std::path::PathBuf;

use clap::{ArgAction, Parser, ValueEnum};

use crate::output::color;

/// Captures packets and explains what they say
///
/// Captures from a network interface, or reads a capture file (pcap, pcapng; gzip, zstd and lz4 compressed ones too), and shows the
/// packets: as a list, as a tree of every field, as columns or as JSON; or writes them to a file. Field names, filters and
/// output are Wireshark's.
///
/// EXPRESSION is a display filter, such as 'tcp.port == 80 and not tcp.analysis.retransmission'. Several words are joined. Where it
/// is none, but a capture filter such as 'tcp port 80', it is taken as that.
#[derive(Parser, Debug)]
#[command(
    name = "sniff",
    version = crate::VERSION,
    max_term_width = 100,
    disable_version_flag = true,
    // `-nn`, `-vv -vv`: what is said twice holds once, of two values the last.
    args_override_self = true,
    override_usage = "sniff [-i INTERFACE] [OPTIONS] [EXPRESSION]\n       sniff -r FILE [OPTIONS] [EXPRESSION]\n       \
                      sniff follow [-r FILE] [--stream N] [EXPRESSION]\n       sniff interfaces",
    after_help = "Exit status: 0 done, also when nothing matched; 1 failure; 2 wrong usage or filter; 3 damaged input, everything \
                  readable shown; 130 stopped by a second Ctrl-C. The first ends a capture, with everything kept."
)]
pub struct Args {
    /// Capture on INTERFACE: a name, an index of -D, or any; without it, and without -r, the first that is running
    #[arg(short = 'i', long = "interface", value_name = "INTERFACE", help_heading = "Capture")]
    pub interface: Option<String>,

    /// List the interfaces and exit, as `sniff interfaces` does
    #[arg(short = 'D', long = "list-interfaces", help_heading = "Capture")]
    pub list_interfaces: bool,

    /// Capture only packets that match the capture filter FILTER (BPF, such as 'tcp port 80'); also selects from a file
    #[arg(short = 'f', long = "capture-filter", value_name = "FILTER", help_heading = "Capture")]
    pub capture_filter: Option<String>,

    /// Keep no more than BYTES of each packet; 0 keeps all
    #[arg(short = 's', long = "snapshot-length", value_name = "BYTES", help_heading = "Capture")]
    pub snapshot_length: Option<u32>,

    /// Do not put the interface into promiscuous mode: only packets that this machine is meant to see
    #[arg(short = 'p', long = "no-promiscuous-mode", help_heading = "Capture")]
    pub not_promiscuous: bool,

    /// Size of the buffer in the kernel, in MiB [default: 64]
    #[arg(short = 'B', long = "buffer-size", value_name = "MIB", help_heading = "Capture")]
    pub buffer_size: Option<u32>,

    /// Capture with the link type NAME, one of those that -L lists
    #[arg(short = 'y', long = "linktype", value_name = "NAME", help_heading = "Capture")]
    pub link_type: Option<String>,

    /// List the link types of the interface and exit
    #[arg(short = 'L', long = "list-data-link-types", help_heading = "Capture")]
    pub list_link_types: bool,

    /// Capture in monitor mode: all frames of a wireless channel
    #[arg(short = 'I', long = "monitor-mode", help_heading = "Capture")]
    pub monitor: bool,

    /// Capture only packets that go this way
    #[arg(long, value_name = "DIRECTION", default_value = "inout", help_heading = "Capture")]
    pub direction: Direction,

    /// Let the kernel reject packets that the headers tell the display filter does not match: auto where nothing that is read counts
    /// packets, always also there, so that numbers, times and -c count the packets that are left, or never
    #[arg(long, value_name = "WHEN", default_value = "auto", hide_possible_values = true, help_heading = "Capture")]
    pub push_down: When,

    /// Stop when CONDITION holds: duration:SECONDS, packets:N, filesize:KB (of 1000 bytes); several may be given
    #[arg(short = 'a', long = "autostop", value_name = "CONDITION", help_heading = "Capture")]
    pub autostop: Vec<String>,

    /// Write the selected packets to FILE, as they are, instead of showing them; - is standard output
    #[arg(short = 'w', long = "write-file", value_name = "FILE", help_heading = "Capture files")]
    pub write: Option<PathBuf>,

    /// Format of the file that -w writes
    #[arg(short = 'F', value_name = "FORMAT", default_value = "pcapng", help_heading = "Capture files")]
    pub file_format: FileFormat,

    /// Write each packet to the file at once
    #[arg(short = 'U', long = "packet-buffered", help_heading = "Capture files")]
    pub packet_buffered: bool,

    /// Read packets from FILE; - is standard input
    #[arg(short = 'r', long = "read-file", value_name = "FILE", help_heading = "Input")]
    pub file: Option<PathBuf>,

    /// Read the capture twice, so that packets also know what comes after them
    #[arg(short = '2', long = "two-pass", help_heading = "Input")]
    pub two_pass: bool,

    /// Stop after reading N packets
    #[arg(short = 'c', long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = "Input")]
    pub count: Option<u64>,

    /// Show packets that match FILTER; with EXPRESSION besides, both must match
    #[arg(
        short = 'Y',
        long = "display-filter",
        value_name = "FILTER",
        // `-tcp.len == -1` is a filter.
        allow_hyphen_values = true,
        help_heading = "Selection"
    )]
    pub display_filter: Option<String>,

    /// Let ${ip.src}, or any field written so in a filter, be what packet N of the file says
    #[arg(long = "ref", value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = "Selection")]
    pub reference: Option<u64>,

    /// Say in words what the filter asks, which fields and protocols it needs, what of it runs where, and how it was compiled; then
    /// exit
    #[arg(long, help_heading = "Selection")]
    pub explain_filter: bool,

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

    /// Show the packet list also where packets are written (-w), or -V, -O or -x show something else
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

    /// Write STATISTIC of all packets read, after the packets (-q leaves those out): follow,tcp,ascii,N shows both directions of
    /// the TCP stream N; udp; hex, raw, utf-8; may be given several times
    #[arg(short = 'z', value_name = "STATISTIC", help_heading = "Output")]
    pub statistics: Vec<String>,

    /// Say nothing on standard error but errors
    #[arg(short = 'Q', help_heading = "Output")]
    pub silent: bool,

    /// How many MiB may be spent on what is remembered of conversations
    ///
    /// Where there are more conversations than that, those that were idle longest are forgotten first, and how many is said at the end; one
    /// that comes back gets a new stream number. What is not whole yet of messages is kept within it too. With -2, what the first reading
    /// finds out for the second comes on top: some bytes for each packet.
    #[arg(long, value_name = "MIB", default_value_t = 384, value_parser = clap::value_parser!(u32).range(1..), help_heading = "Input")]
    pub memory: u32,

    /// How many threads dissect packets and write text
    ///
    /// The output is the same for every number. Without it, one more than there are cores, up to eight, where a capture file is large and
    /// that is faster; 1 reads, dissects and writes on one thread, which costs the least CPU time.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256), help_heading = "Input")]
    pub threads: Option<u16>,

    /// Write each packet at once
    #[arg(short = 'l', help_heading = "Output")]
    pub line_buffered: bool,

    /// Raise verbosity: once shows the tree of fields, as -V; twice the bytes besides, as -V -x; alone, print the version
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
pub enum FileFormat {
    /// Interfaces, times of any resolution, comments, names and secrets
    Pcapng,
    /// The older format: one link type, times of micro- or nanoseconds
    #[value(alias = "nsecpcap")]
    Pcap,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Received
    In,
    /// Sent
    Out,
    Inout,
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
