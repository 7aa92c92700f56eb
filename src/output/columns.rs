//! The columns of the packet list, as text.

use super::time::{Clock, TimeFormat, span};
use crate::capture::Time;
use crate::dissect::{Summary, View};
use crate::text::Text;

/// The columns that protocols write, made for one packet.
#[derive(Default)]
pub struct Columns {
    pub source: Text,
    pub destination: Text,
    pub protocol: Text,
    pub info: Text,
}

impl Columns {
    /// Replaces the columns by those of `view`.
    pub fn fill(&mut self, view: &View) {
        for column in [&mut self.source, &mut self.destination, &mut self.protocol, &mut self.info] {
            column.clear();
        }
        let (mut speaks, mut addressed) = (false, false);
        for layer in view.layers().rev().filter(|layer| layer.mark().recorded && !layer.mark().quoted) {
            let protocol = layer.protocol();
            if let (Some(write), false) = (protocol.summary, speaks) {
                write(&layer, &mut Summary { protocol: &mut self.protocol, info: &mut self.info });
                if self.protocol.is_empty() {
                    self.protocol.str(protocol.short);
                }
                speaks = true;
            }
            if let (Some((source, destination)), false) = (protocol.addresses, addressed) {
                layer.write_address(source, &mut self.source);
                layer.write_address(destination, &mut self.destination);
                addressed = !self.source.is_empty() || !self.destination.is_empty();
            }
            if let (Some(write), false) = (protocol.ends, addressed) {
                write(&layer, &mut self.source, &mut self.destination);
                addressed = !self.source.is_empty() || !self.destination.is_empty();
            }
            if speaks && addressed {
                break;
            }
        }
        if let Some(stop) = view.layers().find_map(|layer| layer.mark().stopped) {
            self.info.str(stop.words());
        }
    }
}

/// The Time column.
pub struct TimeColumn {
    format: TimeFormat,
    clock: Clock,
}

impl TimeColumn {
    pub fn new(format: TimeFormat) -> TimeColumn {
        TimeColumn { format, clock: Clock::default() }
    }

    pub fn write(&mut self, view: &View, text: &mut Text) {
        let Some(time) = view.frame.time else { return };
        let digits = view.frame.interface.precision.0.min(9);
        let from = |earlier: Option<Time>| earlier.map_or(Time::default(), |earlier| time.since(earlier));
        let note = view.packet.note();
        let shown = match self.format {
            TimeFormat::None => return,
            TimeFormat::Relative => from(note.first),
            TimeFormat::Delta => from(note.previous),
            TimeFormat::DeltaDisplayed => from(note.previous_displayed),
            TimeFormat::Epoch => time,
            _ => return self.clock.list(self.format, time, digits, text),
        };
        span(shown.seconds(), shown.nanos(), digits, text);
    }
}
