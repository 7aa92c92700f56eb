//! `sniff follow`: one TCP connection, from its opening to its end.

use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::{cell::RefCell, collections::HashSet, env, rc::Rc};

use clap::{Parser, ValueEnum};

use super::args::{Args as General, When};
use super::read::{self, note};
use super::{Exit, live};
use crate::capture;
use crate::dissect::{Need, View};
use crate::filter::Filter;
use crate::follow::{self, Form, narrative};
use crate::output::color::{self, Palette};
use crate::output::stream::Output;
use crate::output::{Several, Sink};
use crate::pipeline::{self, CaptureFilter, Job, Selection, Threads};
use crate::streams::Streams;
use crate::text::Text;

/// Follows one TCP connection
///
/// Shows how it is opened, what both sides say, in order, what of it is missing, and how it is closed; a sentence
/// explains each step. Of a capture file (-r) or as it happens (-i).
///
/// EXPRESSION is a display filter, such as 'tcp.port == 8080': the first connection that it matches is followed, from
/// its beginning if it is in a file. It may be a capture filter (BPF) too.
#[derive(Parser, Debug)]
#[command(
    name = "sniff follow",
    max_term_width = 100,
    override_usage = "sniff follow -r FILE [--stream N] [OPTIONS] [EXPRESSION]\n       \
                      sniff follow [-i INTERFACE] [OPTIONS] [EXPRESSION]"
)]
struct Args {
    /// Follow the TCP stream with the number N, as tcp.stream counts them
    #[arg(long, value_name = "N", help_heading = "Selection")]
    stream: Option<u32>,

    /// How to write what is said; raw writes the bytes of both directions and nothing else
    #[arg(long = "as", value_name = "FORM", default_value = "utf-8", help_heading = "Output")]
    form: FormName,

    /// When to use colour; NO_COLOR is honoured
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = "Output")]
    color: When,

    /// Say nothing on standard error but errors
    #[arg(short = 'Q', help_heading = "Output")]
    silent: bool,

    /// Read packets from FILE; - is standard input
    #[arg(short = 'r', long = "read-file", value_name = "FILE", help_heading = "Input")]
    file: Option<PathBuf>,

    /// Capture on INTERFACE: a name, an index of -D, or any; without it, and without -r, the first that is running
    #[arg(short = 'i', long = "interface", value_name = "INTERFACE", help_heading = "Input")]
    interface: Option<String>,

    /// Look only at packets that match the capture filter FILTER (BPF, such as 'tcp port 80')
    #[arg(short = 'f', long = "capture-filter", value_name = "FILTER", help_heading = "Input")]
    capture_filter: Option<String>,

    /// Keep no more than BYTES of each packet; 0 keeps all
    #[arg(short = 's', long = "snapshot-length", value_name = "BYTES", help_heading = "Input")]
    snapshot_length: Option<u32>,

    /// Stop after reading N packets
    #[arg(short = 'c', long, value_name = "N", help_heading = "Input")]
    count: Option<u64>,

    /// Read the capture twice, so that packets also know what comes after them
    #[arg(short = '2', long = "two-pass", help_heading = "Input")]
    two_pass: bool,

    /// How many MiB may be spent on what is remembered of conversations
    ///
    /// Where there are more conversations than that, those that were idle longest are forgotten first, and how many is said at the end.
    #[arg(long, value_name = "MIB", default_value_t = 384, value_parser = clap::value_parser!(u32).range(1..), help_heading = "Input")]
    memory: u32,

    /// Dissect as: TABLE==NUMBER,PROTOCOL, such as tcp.port==8888,http; a range is 8000-8010
    #[arg(short = 'd', value_name = "RULE", help_heading = "Dissection")]
    decode_as: Vec<String>,

    /// Set a preference, such as tcp.relative_sequence_numbers:FALSE
    #[arg(short = 'o', value_name = "NAME:VALUE", help_heading = "Dissection")]
    preferences: Vec<String>,

    /// Show absolute TCP sequence numbers
    #[arg(short = 'S', help_heading = "Dissection")]
    absolute: bool,

    /// A display filter, or a capture filter (BPF)
    #[arg(value_name = "EXPRESSION")]
    expression: Vec<String>,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum FormName {
    /// A dot stands for what is no ASCII
    Ascii,
    /// A dot stands for what would not be seen
    #[value(name = "utf-8", alias = "utf8")]
    Utf8,
    /// Offset, hexadecimal digits, ASCII
    Hex,
    /// As they are
    Raw,
}

impl From<FormName> for Form {
    fn from(name: FormName) -> Form {
        match name {
            FormName::Ascii => Form::Ascii,
            FormName::Utf8 => Form::Utf8,
            FormName::Hex => Form::Hex,
            FormName::Raw => Form::Raw,
        }
    }
}

pub fn run(arguments: &[OsString]) -> Exit {
    let named = [OsString::from("sniff follow")];
    match Args::try_parse_from(named.iter().chain(arguments)) {
        Ok(args) => follow(args).unwrap_or_else(|exit| exit),
        Err(error) => Exit::Clap(error),
    }
}

fn follow(args: Args) -> Result<Exit, Exit> {
    let form = args.form.into();
    let watched = io::stdout().is_terminal();
    if form == Form::Raw && watched {
        return Err(Exit::Usage(
            "--as raw writes bytes that no terminal can show: send them into a file or a pipe".into(),
        ));
    }
    let (stream, when, silent) = (args.stream, args.color, args.silent);
    let general = general(args)?;
    let palette = Palette::new(color::wanted(when.into(), watched, |name| env::var_os(name)));
    let dissector = read::dissector(&general)?;
    let (filters, expression) = read::selection(&general, &dissector.registry)?;
    let options = narrative::Options {
        stream,
        filters: if stream.is_some() { Vec::new() } else { filters },
        others: HashSet::new(),
        form,
        palette,
        ends_with_it: general.file.is_none(),
        tell: Box::new(move |text| {
            if !silent {
                note(text)
            }
        }),
    };
    let job = |sink: Box<dyn Sink>, capture_filter| Job {
        dissector,
        selection: Selection { filters: Vec::new(), capture_filter },
        sink,
        tap: Box::new(Several::<dyn Sink>(Vec::new())),
        save: None,
        again: None,
        max_read: general.count,
        max_shown: None,
        threads: Threads::Count(1),
    };
    let Some(path) = &general.file else {
        let source = live::open(&general, expression, None)?;
        if !silent {
            live::announce(&source);
        }
        let job = job(Box::new(narrative::Narrative::new(options)), None);
        let handle = source.handle();
        let mut out = live::output(&source, true, false)?;
        let mut streams = Streams::new();
        streams.limit(read::room(&general));
        let (counts, result) = pipeline::run(Box::new(source), job, &mut streams, &mut out);
        if !silent && live::can_tell() {
            read::tell_forgotten(&general, &streams);
            live::tell(&counts, false, &handle, out.unshown());
        }
        return Ok(result.map_or_else(read::ended, |()| Exit::Done));
    };
    live::refuse(&general)?;
    let options = match options.filters.is_empty() || path == Path::new("-") {
        true => options,
        false => found(&general, path, options, expression.clone())?,
    };
    let mut job = job(Box::new(narrative::Narrative::new(options)), expression.map(CaptureFilter::new));
    let mut streams = read::remembered(&general, path, &mut job.dissector)?;
    let source = capture::open(path).map_err(|error| read::ended(error.into()))?;
    let mut out = Output::standard(false, !silent);
    let (_, result) = pipeline::run(source, job, &mut streams, &mut out);
    drop(out);
    read::tell_forgotten(&general, &streams);
    Ok(result.map_or_else(read::ended, |()| Exit::Done))
}

/// Looks for the first stream that matches, so that it can be followed from its beginning.
fn found(
    general: &General,
    path: &Path,
    mut options: narrative::Options,
    expression: Option<String>,
) -> Result<narrative::Options, Exit> {
    let seen = Rc::new(RefCell::new(Seen::default()));
    let finder = Finder { filters: std::mem::take(&mut options.filters), seen: Rc::clone(&seen) };
    let mut job = Job {
        dissector: read::dissector(general)?,
        selection: Selection { filters: Vec::new(), capture_filter: expression.map(CaptureFilter::new) },
        sink: Box::new(finder),
        tap: Box::new(Several::<dyn Sink>(Vec::new())),
        save: None,
        again: None,
        max_read: general.count,
        max_shown: None,
        threads: Threads::Count(1),
    };
    let mut streams = read::remembered(general, path, &mut job.dissector)?;
    let source = capture::open(path).map_err(|error| read::ended(error.into()))?;
    let mut out = Output::standard(false, false);
    // Damage is told once, after what could be followed.
    match pipeline::run(source, job, &mut streams, &mut out).1 {
        Ok(()) | Err(pipeline::Error::Capture(capture::Error::Damaged { .. })) => {}
        Err(error) => return Err(read::ended(error)),
    }
    let seen = seen.take();
    let Some(first) = seen.first else {
        (options.tell)(narrative::NOTHING);
        return Err(Exit::Done);
    };
    let others = seen.streams.into_iter().filter(|&stream| stream != first).collect();
    Ok(narrative::Options { stream: Some(first), filters: Vec::new(), others, ..options })
}

/// Notes which streams match.
struct Finder {
    filters: Vec<Filter>,
    seen: Rc<RefCell<Seen>>,
}

#[derive(Default)]
struct Seen {
    first: Option<u32>,
    streams: HashSet<u32>,
}

impl Sink for Finder {
    fn need(&self) -> Need {
        self.filters.iter().map(Filter::need).fold(follow::need(), Need::and)
    }

    fn packet(&mut self, view: &View, _: &mut Text) {
        let mut segments = follow::segments(view).peekable();
        if segments.peek().is_none() || !self.filters.iter().all(|filter| filter.matches(view)) {
            return;
        }
        let mut seen = self.seen.borrow_mut();
        for segment in segments {
            seen.first.get_or_insert(segment.stream);
            seen.streams.insert(segment.stream);
        }
    }
}

/// The options that it shares with the command without a name.
fn general(args: Args) -> Result<General, Exit> {
    let mut general = General::try_parse_from(["sniff"]).map_err(Exit::Clap)?;
    general.file = args.file;
    general.interface = args.interface;
    general.capture_filter = args.capture_filter;
    general.snapshot_length = args.snapshot_length;
    general.count = args.count;
    general.two_pass = args.two_pass;
    general.memory = args.memory;
    general.decode_as = args.decode_as;
    general.preferences = args.preferences;
    general.absolute = args.absolute;
    general.expression = args.expression;
    general.silent = args.silent;
    Ok(general)
}
