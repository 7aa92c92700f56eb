//! Reading a capture and showing what is in it: the command without a name.

use std::env;
use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use super::Exit;
use super::args::{Args, Format};
use super::{decode_as, live, push, reference, save, statistics};
use crate::capture::{self, bpf};
use crate::dissect::{Dissector, Need, Preference, Preferences, Registry};
use crate::filter::Filter;
use crate::names;
use crate::output::chosen::Chosen;
use crate::output::color::{self, Palette};
use crate::output::fields::{Fields, Layout, Occurrence};
use crate::output::hex::{Hex, Payload};
use crate::output::json::Json;
use crate::output::jsonl::JsonLines;
use crate::output::stream::Output;
use crate::output::summary::List;
use crate::output::time::TimeFormat;
use crate::output::tree::Tree;
use crate::output::{Several, Sink};
use crate::pipeline::{self, CaptureFilter, Job, Selection, Threads};
use crate::protocols;
use crate::streams::Streams;

/// Runs what the arguments ask for.
pub fn run(args: Args) -> Exit {
    let result = match &args.file {
        _ if args.explain_filter => explain(&args),
        Some(path) => read(&args, path),
        None => captured(&args),
    };
    result.unwrap_or_else(|exit| exit)
}

fn read(args: &Args, path: &Path) -> Result<Exit, Exit> {
    live::refuse(args)?;
    if args.two_pass
        && let Some(name) = readable_once(path)
    {
        return Err(Exit::Usage(format!(
            "-2 reads the capture twice, and {name} can be read only once; write it to a file first"
        )));
    }
    let (mut job, expression) = prepared(args)?;
    reference::resolve(args, path, &mut job.dissector, &mut job.selection.filters)?;
    job.selection.capture_filter = expression.map(CaptureFilter::new);
    job.again = (!args.two_pass && readable_once(path).is_none()).then(|| path.to_owned());
    let mut streams = remembered(args, path, &mut job.dissector)?;
    let source = capture::open(path).map_err(|error| ended(error.into()))?;
    job.save = save::create(args, Some(path))?;
    let mut out = Output::standard(args.line_buffered, !args.silent);
    let (counts, result) = pipeline::run(source, job, &mut streams, &mut out);
    drop(out);
    tell_forgotten(args, &streams);
    if let (Some(link), false) = (counts.unknown_link, args.silent || args.write.is_some()) {
        let name = names::encapsulation(link).map_or("not a known one", |row| row.1);
        note(&format!("frames of link type {link} ({name}) are not decoded and are shown as bytes"));
    }
    Ok(result.map_or_else(ended, |()| Exit::Done))
}

/// Says what the filters ask, instead of asking it.
fn explain(args: &Args) -> Result<Exit, Exit> {
    let (mut job, expression) = prepared(args)?;
    if let Some(path) = &args.file {
        reference::resolve(args, path, &mut job.dissector, &mut job.selection.filters)?;
    }
    let filters = &job.selection.filters;
    let mut parts: Vec<String> = filters.iter().map(|filter| filter.explain(&job.dissector.registry)).collect();
    if !filters.is_empty() {
        parts.push(push::explain(args, &job));
    }
    if let Some(expression) = expression {
        parts.push(format!("Capture filter (BPF)\n  {expression}\n"));
    }
    if parts.is_empty() {
        return Err(Exit::Usage("--explain-filter needs a filter: -Y FILTER or EXPRESSION".into()));
    }
    match io::stdout().write_all(parts.join("\n").as_bytes()) {
        Ok(()) => Ok(Exit::Done),
        Err(error) => Err(Exit::of_write(&error)),
    }
}

/// How many bytes may be remembered of conversations.
pub(super) fn room(args: &Args) -> usize {
    usize::try_from(u64::from(args.memory) << 20).unwrap_or(usize::MAX)
}

/// Says how many conversations were forgotten for want of room.
pub(super) fn tell_forgotten(args: &Args, streams: &Streams) {
    let forgotten = streams.forgotten();
    if forgotten > 0 && !args.silent {
        let memory = args.memory;
        note(&format!(
            "{forgotten} conversations that were idle longest were forgotten, to keep to {memory} MiB; one that came back has \
             another stream number (--memory MIB allows more)"
        ));
    }
}

/// Names what `path` is if nothing is there anymore after it was read: standard input, a pipe.
pub(super) fn readable_once(path: &Path) -> Option<String> {
    if path == Path::new("-") {
        return Some("standard input".into());
    }
    let about = fs::metadata(path).ok()?;
    (!about.is_file() && !about.is_dir()).then(|| path.display().to_string())
}

/// The memory to begin with: with -2 that of a first reading, which keeps to as much as the second.
pub(super) fn remembered(args: &Args, path: &Path, dissector: &mut Dissector) -> Result<Streams, Exit> {
    let mut streams = if args.two_pass { Streams::first_pass() } else { Streams::new() };
    streams.limit(room(args));
    if !args.two_pass {
        return Ok(streams);
    }
    let pass = capture::open(path)
        .map_err(pipeline::Error::from)
        .and_then(|source| pipeline::first_pass(source, dissector, &mut streams));
    match pass {
        // Damage is told once, after what could be read.
        Ok(()) | Err(pipeline::Error::Capture(capture::Error::Damaged { .. })) => Ok(streams.second_pass()),
        Err(error) => Err(ended(error)),
    }
}

fn captured(args: &Args) -> Result<Exit, Exit> {
    if args.two_pass {
        return Err(Exit::Usage(
            "-2 reads a capture file twice: give one with -r FILE, write one first with -w".into(),
        ));
    }
    if let Some(number) = args.reference {
        return Err(Exit::Usage(format!("--ref {number} names a packet of a capture file: give one with -r FILE")));
    }
    let (mut job, expression) = prepared(args)?;
    let source = live::open(args, expression, push::Pushed::of(args, &job).ok().as_ref())?;
    job.save = save::create(args, None)?;
    if !args.silent {
        live::announce(&source);
    }
    let filtered = !job.selection.filters.is_empty();
    let handle = source.handle();
    let mut out = live::output(&source, args.line_buffered, job.save.is_some())?;
    let mut streams = Streams::new();
    streams.limit(room(args));
    let (counts, result) = pipeline::run(Box::new(source), job, &mut streams, &mut out);
    if !args.silent && live::can_tell() {
        tell_forgotten(args, &streams);
        live::tell(&counts, filtered, &handle, out.unshown());
    }
    Ok(result.map_or_else(ended, |()| Exit::Done))
}

/// Makes everything ready that can be wrong, before the first frame is read; the capture filter, if any, is for the source.
fn prepared(args: &Args) -> Result<(Job, Option<String>), Exit> {
    let dissector = dissector(args)?;
    let sink = sink(args, &dissector.registry)?;
    let tap = statistics::tap(args)?;
    let (filters, expression) = selection(args, &dissector.registry)?;
    let selection = Selection { filters, capture_filter: None };
    let limits = save::limits(args)?;
    let threads = args.threads.map_or(Threads::Fitting, |count| Threads::Count(count.into()));
    let max_read = args.count.into_iter().chain(limits.packets).min();
    Ok((
        Job {
            dissector,
            selection,
            sink,
            tap,
            save: None,
            again: None,
            max_read,
            max_shown: args.max_matches,
            threads,
        },
        expression,
    ))
}

pub(super) fn ended(error: pipeline::Error) -> Exit {
    match error {
        pipeline::Error::Write(error) => Exit::of_write(&error),
        pipeline::Error::Save(error) if error.is_closed_pipe() => Exit::Done,
        pipeline::Error::Capture(error) if error.is_damage() => Exit::Damaged(error.to_string()),
        error => Exit::Failed(error.to_string()),
    }
}

pub(super) fn dissector(args: &Args) -> Result<Dissector, Exit> {
    let mut registry = protocols::registry();
    for rule in &args.decode_as {
        let rule = decode_as::parse(rule, &registry).map_err(Exit::Usage)?;
        registry.decode_as(&rule);
    }
    let preferences = preferences(args, &registry)?;
    Ok(Dissector::new(registry, preferences, Need::ALL))
}

fn preferences(args: &Args, registry: &Registry) -> Result<Preferences, Exit> {
    let known: Vec<&'static Preference> =
        registry.protocols().iter().flat_map(|protocol| protocol.preferences.iter().copied()).collect();
    let mut preferences = Preferences::default();
    for preference in known.iter().filter(|known| known.name.ends_with(".check_checksum")) {
        if args.no_checksums {
            preferences.set(preference, false);
        }
    }
    if args.absolute {
        preferences.set(&protocols::tcp::RELATIVE_NUMBERS, false);
    }
    for setting in &args.preferences {
        let wrong = |why: String| Exit::Usage(format!("-o {setting}: {why}"));
        let (name, value) = setting
            .split_once(':')
            .ok_or_else(|| wrong("expected NAME:VALUE, such as tcp.check_checksum:TRUE".into()))?;
        let preference = known.iter().find(|known| known.name == name.trim()).ok_or_else(|| {
            let names: Vec<&str> = known.iter().map(|known| known.name).collect();
            wrong(format!("there is no preference {name:?}; there are: {}", names.join(", ")))
        })?;
        let value = match value.trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" => true,
            "false" | "0" | "no" => false,
            _ => return Err(wrong(format!("{value:?} is neither TRUE nor FALSE"))),
        };
        preferences.set(preference, value);
    }
    Ok(preferences)
}

/// Whether anything is shown of each packet.
pub(super) fn lists(args: &Args) -> bool {
    !args.quiet && (args.write.is_none() || args.list)
}

fn sink(args: &Args, registry: &Registry) -> Result<Box<dyn Sink>, Exit> {
    if !args.fields.is_empty() && args.format == Format::Text {
        return Err(Exit::Usage(
            "-e chooses fields of -T fields, json or jsonl; add one of them; tcpdump's -e, the link-layer header, is here: -O eth"
                .into(),
        ));
    }
    if !lists(args) {
        return Ok(Box::new(Several::<dyn Sink>(Vec::new())));
    }
    Ok(match args.format {
        Format::Fields => Box::new(fields(args, registry)?),
        Format::Json => Box::new(Json::new(chosen(args, registry)?, args.hex)),
        Format::Jsonl => Box::new(JsonLines::new(chosen(args, registry)?)),
        Format::Text => {
            let mut sinks = text_sinks(args, registry)?;
            match sinks.len() {
                1 => sinks.remove(0),
                _ => Box::new(Several(sinks)),
            }
        }
    })
}

/// The list, the tree and the bytes, whichever are asked for.
fn text_sinks(args: &Args, registry: &Registry) -> Result<Vec<Box<dyn Sink>>, Exit> {
    let watched = io::stdout().is_terminal();
    let palette = Palette::new(color::wanted(args.color.into(), watched, |name| env::var_os(name)));
    let mut sinks: Vec<Box<dyn Sink>> = Vec::new();
    let tree = args.tree || args.verbose > 0 || !args.only.is_empty();
    if args.list || !(tree || args.hex) {
        let list = List::new(time_format(args)?).colored(palette.clone());
        sinks.push(Box::new(if watched { list.aligned() } else { list }));
    }
    if tree {
        if let Some(name) = args.only.iter().find(|name| registry.protocol(name).is_none()) {
            return Err(Exit::Usage(format!("-O {name}: there is no such protocol; `sniff -G protocols` lists them")));
        }
        let dumped = args.hex || args.verbose > 1 || args.payload_hex;
        sinks.push(Box::new(Tree::new(args.only.clone(), dumped).colored(palette.clone())));
    }
    if args.hex || args.verbose > 1 {
        sinks.push(Box::new(Hex::new(!sinks.is_empty()).colored(palette)));
    }
    if args.payload_hex {
        sinks.push(Box::new(Payload::Hex));
    }
    if args.payload_ascii {
        sinks.push(Box::new(Payload::Ascii));
    }
    Ok(sinks)
}

fn fields(args: &Args, registry: &Registry) -> Result<Fields, Exit> {
    if args.fields.is_empty() {
        return Err(Exit::Usage("-T fields needs at least one field: -e ip.src".into()));
    }
    let layout = layout(&args.layout)?;
    Fields::new(args.fields.clone(), layout, registry).map_err(|unknown| Exit::Usage(unknown.describe(registry)))
}

/// The fields that -e names, if any.
fn chosen(args: &Args, registry: &Registry) -> Result<Option<Chosen>, Exit> {
    if args.fields.is_empty() {
        return Ok(None);
    }
    // A key of an object stands once.
    let mut names: Vec<String> = Vec::new();
    for name in &args.fields {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    let chosen = Chosen::new(names, registry);
    chosen.map(Some).map_err(|unknown| Exit::Usage(unknown.describe(registry)))
}

fn layout(options: &[String]) -> Result<Layout, Exit> {
    let mut layout = Layout::default();
    for option in options {
        let wrong = |expected: &str| Exit::Usage(format!("-E {option}: expected {expected}"));
        let (key, value) = option.split_once('=').ok_or_else(|| wrong("KEY=VALUE, such as header=y"))?;
        let yes = || match value {
            "y" => Ok(true),
            "n" => Ok(false),
            _ => Err(wrong("y or n")),
        };
        let character = || match (value, value.as_bytes()) {
            ("/t", _) => Ok(b'\t'),
            ("/s", _) => Ok(b' '),
            (_, &[byte]) => Ok(byte),
            _ => Err(wrong("one character, /t for a tab or /s for a space")),
        };
        match key {
            "header" => layout.header = yes()?,
            "bom" => layout.bom = yes()?,
            "separator" => layout.separator = character()?,
            "aggregator" => layout.aggregator = character()?,
            "quote" => {
                layout.quote = match value {
                    "d" => Some(b'"'),
                    "s" => Some(b'\''),
                    "n" => None,
                    _ => return Err(wrong("d (double), s (single) or n (none)")),
                }
            }
            "occurrence" => {
                layout.occurrence = match value {
                    "f" => Occurrence::First,
                    "l" => Occurrence::Last,
                    "a" => Occurrence::All,
                    _ => return Err(wrong("f (first), l (last) or a (all)")),
                }
            }
            _ => return Err(wrong("header=, separator=, aggregator=, quote=, occurrence= or bom=")),
        }
    }
    Ok(layout)
}

fn time_format(args: &Args) -> Result<TimeFormat, Exit> {
    let Some(name) = args.time.as_deref() else { return Ok(TimeFormat::default()) };
    // tcpdump's -t to -ttttt arrive as the letters behind the first.
    match name {
        "" => Ok(TimeFormat::None),
        "t" => Ok(TimeFormat::Epoch),
        "tt" => Ok(TimeFormat::Delta),
        "ttt" => Ok(TimeFormat::AbsoluteDate),
        "tttt" => Ok(TimeFormat::Relative),
        _ => TimeFormat::parse(name)
            .ok_or_else(|| Exit::Usage(format!("-t {name}: expected a, ad, adoy, d, dd, e, r, u, ud or udoy"))),
    }
}

/// Display filters, and the capture filter.
pub(super) fn selection(args: &Args, registry: &Registry) -> Result<(Vec<Filter>, Option<String>), Exit> {
    let mut filters = Vec::new();
    if let Some(text) = &args.display_filter {
        filters.push(Filter::compile(text, registry).map_err(|error| Exit::Usage(error.to_string()))?);
    }
    let mut captured = Vec::new();
    if let Some(text) = &args.capture_filter {
        match bpf::Bpf::compile(text, ETHERNET) {
            Ok(_) | Err(bpf::Error::MatchesNothing { .. }) => captured.push(text.clone()),
            Err(bpf::Error::Missing(missing)) => return Err(Exit::Failed(missing.to_string())),
            Err(error) => return Err(Exit::Usage(error.to_string())),
        }
    }
    let expression = args.expression.join(" ");
    if !expression.trim().is_empty() {
        match Filter::compile(&expression, registry) {
            Ok(filter) => filters.push(filter),
            Err(error) => match bpf::Bpf::compile(&expression, ETHERNET) {
                Ok(_) => {
                    if !args.silent {
                        note(&format!("{expression:?} is no display filter and is taken as a capture filter (BPF)"));
                    }
                    captured.push(expression);
                }
                Err(_) if Path::new(&expression).is_file() => {
                    return Err(Exit::Usage(format!(
                        "{expression} is a file and no filter; to read it: sniff -r {expression}"
                    )));
                }
                Err(bpf::Error::Rejected { expression, reason }) => {
                    // libpcap does not say where: the whole expression is underlined.
                    let line = format!("^{}", "~".repeat(expression.chars().count().saturating_sub(1)));
                    let message =
                        format!("{error}\nand it is no capture filter either: {reason}\n  {expression}\n  {line}");
                    return Err(Exit::Usage(message));
                }
                // Without libpcap nobody knows.
                Err(bpf::Error::Missing(missing)) => {
                    return Err(Exit::Usage(format!(
                        "{error}\nwhether it is a capture filter cannot be told: {missing}"
                    )));
                }
                Err(other) => return Err(Exit::Usage(format!("{error}\nand it is no capture filter either: {other}"))),
            },
        }
    }
    if !args.silent {
        filters.iter().for_each(|filter| warn(args, filter));
    }
    let all = match captured.len() {
        0 | 1 => captured.pop(),
        _ => Some(captured.iter().map(|one| format!("({one})")).collect::<Vec<_>>().join(" and ")),
    };
    Ok((filters, all))
}

/// Says what of a filter was hardly meant.
fn warn(args: &Args, filter: &Filter) {
    for warning in filter.warnings() {
        note(&format!("warning: {warning}"));
    }
    if filter.refers() && args.reference.is_none() {
        note(
            "warning: the filter refers to a packet, `${…}`, and --ref N does not say to which: nothing is equal to it",
        );
    }
}

/// Stands for whatever link types a capture has: it is there that capture filters are widest.
const ETHERNET: u16 = 1;

pub(super) fn note(text: &str) {
    // Notes that nobody can read are no reason to stop.
    _ = writeln!(io::stderr(), "sniff: {text}");
}
