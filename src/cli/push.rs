//! `--push-down`: what of display filters runs in the kernel, where a capture is live.
//!
//! Packets that the kernel rejects are not seen, and not counted. So this is done of itself only where that changes nothing that is
//! shown: no numbers of packets or streams, no times since the packet before.

use super::args::{Args, When};
use crate::dissect::{Asks, Field, Kind, Need, Needed, Registry};
use crate::filter::{Filter, Reach};
use crate::pipeline::Job;

/// What of the filters of a run the kernel may decide; or in words, why nothing.
pub struct Pushed {
    filters: Vec<Filter>,
    whole_conversations: bool,
    whole_headers: bool,
}

impl Pushed {
    pub fn of(args: &Args, job: &Job) -> Result<Pushed, &'static str> {
        let need = job.need();
        let is_asked = args.push_down == When::Always;
        match () {
            () if args.push_down == When::Never => return Err("--push-down never"),
            () if args.file.is_some() => return Err("a file is read"),
            () if job.selection.filters.is_empty() => return Err("there is no display filter"),
            () if !job.tap.is_idle() => return Err("-z sees every packet"),
            () if !is_asked && job.max_read.is_some() => {
                return Err(
                    "all packets are counted, to stop after some of them; --push-down always counts what is left",
                );
            }
            () if !is_asked && counts(&need, &job.dissector.registry) => {
                return Err(
                    "numbers or times that are read count all packets; with --push-down always they count what is left",
                );
            }
            () => {}
        }
        let snapshot = args.snapshot_length.unwrap_or(0);
        Ok(Pushed {
            filters: job.selection.filters.clone(),
            whole_conversations: need.asks >= Asks::Streams,
            whole_headers: snapshot == 0 || snapshot >= LONGEST_HEADERS,
        })
    }

    /// The capture filter for interfaces of a link type, where there is one.
    pub fn expression(&self, link: u16) -> Option<String> {
        let Pushed { whole_conversations, whole_headers, .. } = *self;
        let reach = Reach { link, whole_conversations, whole_headers };
        let mut parts: Vec<String> = self.filters.iter().filter_map(|filter| filter.kernel(reach)).collect();
        match parts.len() {
            0 | 1 => parts.pop(),
            _ => Some(parts.iter().map(|part| format!("({part})")).collect::<Vec<_>>().join(" and ")),
        }
    }
}

/// Bytes of all headers that are read in the kernel, and of some tags before them.
const LONGEST_HEADERS: u32 = 128;

/// Says what runs in the kernel.
pub fn explain(args: &Args, job: &Job) -> String {
    const ETHERNET: u16 = 1;
    let text = match Pushed::of(args, job).map(|pushed| (pushed.expression(ETHERNET), pushed.whole_conversations)) {
        Err(why) => format!("nothing: {why}"),
        Ok((None, _)) => "nothing: what it reads of headers decides too little".to_owned(),
        Ok((Some(expression), whole)) => {
            let of = if whole { ", which keeps whole conversations" } else { "" };
            format!("on Ethernet this capture filter{of}:\n    {expression}")
        }
    };
    format!("In the kernel\n  {text}\n")
}

/// Whether anything is read that counts the packets before, or points at them.
fn counts(need: &Need, registry: &Registry) -> bool {
    const COUNTS: &[&str] = &["frame.number", "frame.time_delta", "frame.time_relative"];
    let is =
        |field: &Field| field.kind == Kind::Frame || field.name.ends_with(".stream") || COUNTS.contains(&field.name);
    matches!(need.protocols, Needed::Columns(_)) || need.reads(registry, is)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocols::registry;

    #[test]
    fn what_counts_packets() {
        let registry = registry();
        for (name, expected) in [
            ("ip.src", false),
            ("frame.len", false),
            ("frame.time", false),
            ("frame.time_delta_displayed", false),
            ("tcp.seq", false),
            ("frame.number", true),
            ("frame.time_relative", true),
            ("frame.time_delta", true),
            ("tcp.stream", true),
            ("udp.stream", true),
            ("icmp.resp_to", true),
            ("tcp.analysis.acks_frame", true),
        ] {
            let need = Need::of(registry.fields(name), &registry);
            assert_eq!(counts(&need, &registry), expected, "{name}");
        }
        assert!(counts(&Need::ALL, &registry) && counts(&Need::columns(Vec::new()), &registry));
        assert!(!counts(&Need::NOTHING, &registry));
    }
}
