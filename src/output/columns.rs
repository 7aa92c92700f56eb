//! The columns of the packet list, as text.

use super::time::{Clock, TimeFormat, span};
use crate::capture::Time;
use crate::dissect::{LayerMark, LayerView, Protocol, Summary, View};
use crate::text::Text;

/// The columns that protocols write, made for one packet.
#[derive(Clone, Default)]
pub struct Columns {
    pub source: Text,
    pub destination: Text,
    pub protocol: Text,
    pub info: Text,
    /// For what is written and not shown.
    spare: Text,
}

impl Columns {
    /// Replaces the columns by those of `view`.
    pub fn fill(&mut self, view: &View) {
        for column in [&mut self.source, &mut self.destination, &mut self.protocol, &mut self.info] {
            column.clear();
        }
        let mut speaks = false;
        let speaking = |mark: &LayerMark| (mark.recorded || mark.stopped.is_some()) && !mark.quoted;
        let marks = view.packet.layers();
        for (index, mark) in marks.iter().enumerate().rev().filter(|(_, mark)| speaking(mark)) {
            let (layer, protocol) = (LayerView { view: *view, index }, mark.protocol);
            if let (Some(write), false) = (protocol.summary, speaks) {
                let said = self.info.len();
                let stays = self.preface(view, layer.index);
                let start = self.info.len();
                let mut below = false;
                if protocol.joins {
                    self.join(view, protocol, write, start > said);
                } else {
                    let may_be_replaced = !view.packet.buffers().is_empty() && !protocol.places_afterword;
                    let is_replaced = may_be_replaced && self.afterword(view, layer.index, write);
                    let info = if is_replaced { &mut self.spare } else { &mut self.info };
                    let mut summary = Summary { protocol: &mut self.protocol, info, below: false };
                    write(&layer, &mut summary);
                    below = summary.below;
                }
                let words = self.info.len() - start;
                // A layer that stopped before its first byte, or has only begun, need not have a word to say.
                let is_shown = mark.recorded && !protocol.early;
                speaks = !below && (is_shown || !self.protocol.is_empty() || words > 0);
                if !speaks {
                    // The layer below writes the preface itself.
                    self.info.rotate_right(said, words);
                    self.info.truncate(said + if below { words } else { 0 });
                }
                // What is said of a layer below stands before what was said already.
                if said > 0 {
                    self.info.rotate_right(0, self.info.len() - said);
                }
                if let (true, Some(word)) = (speaks, stays.or(self.protocol.is_empty().then_some(protocol.short))) {
                    self.protocol.clear();
                    self.protocol.str(word);
                }
            }
            if let Some((source, destination)) = protocol.addresses {
                // Of a header that was cut the source may be known alone; then the layer below has the destination.
                if self.source.is_empty() {
                    layer.write_address(source, &mut self.source);
                }
                if self.destination.is_empty() {
                    layer.write_address(destination, &mut self.destination);
                }
            }
            if let Some(write) = protocol.ends
                && self.source.is_empty()
                && self.destination.is_empty()
            {
                write(&layer, &mut self.source, &mut self.destination);
            }
            if speaks && !self.source.is_empty() && !self.destination.is_empty() {
                break;
            }
        }
        if let Some(stop) = marks.iter().find_map(|mark| mark.stopped) {
            self.info.str(stop.words());
        }
    }

    /// Writes what the layers up to the one at `index` have said before it. Returns the word for the Protocol column, if it is one
    /// of theirs.
    fn preface(&mut self, view: &View, index: usize) -> Option<&'static str> {
        let mut stays = None;
        let marks = view.packet.layers().get(..=index).unwrap_or_default();
        for (place, mark) in marks.iter().enumerate().filter(|(_, mark)| mark.recorded && !mark.quoted) {
            let protocol = mark.protocol;
            if protocol.preface.is_none() && protocol.stays.is_none() {
                continue;
            }
            let layer = LayerView { view: *view, index: place };
            if let Some(write) = protocol.preface {
                write(&layer, &mut self.info);
            }
            if let (Some(stay), Some(write)) = (protocol.stays, protocol.summary)
                && layer.index < index
                && stay(&layer)
            {
                write(&layer, &mut Summary { protocol: &mut self.spare, info: &mut self.info, below: false });
                stays = Some(protocol.short);
            }
        }
        stays
    }

    /// Writes what stays before what the layer at `index` says, one of the messages that a layer below carries: what a message that was
    /// put together says, or what the layer below says instead of it. Whether that is the one at `index`, and says nothing itself then.
    fn afterword(&mut self, view: &View, index: usize, write: fn(&LayerView, &mut Summary)) -> bool {
        let marks = view.packet.layers();
        let Some(around) = marks[..index].iter().rposition(|mark| mark.protocol.afterword.is_some()) else {
            return false;
        };
        let (first, start) = (around + 1, self.info.len());
        self.spare.clear();
        LayerView { view: *view, index: first }.write_afterword(&mut self.info);
        let is_told = self.info.len() > start;
        let source = marks[first].source;
        if !is_told && source != marks[around].source && source != marks[index].source {
            let last = marks[..index].iter().rposition(|mark| mark.source == source && mark.recorded);
            let last = last.map(|index| LayerView { view: *view, index });
            if let Some(last) = last.filter(|last| std::ptr::eq(last.protocol(), marks[index].protocol)) {
                write(&last, &mut Summary { protocol: &mut self.spare, info: &mut self.info, below: false });
            }
        }
        first == index && is_told
    }

    /// Writes what all layers of a protocol say; the word on the Protocol column is that of the first one.
    fn join(
        &mut self,
        view: &View,
        protocol: &'static Protocol,
        write: fn(&LayerView, &mut Summary),
        has_preface: bool,
    ) {
        let first = self.info.len();
        for layer in view.layers().filter(|layer| std::ptr::eq(layer.protocol(), protocol) && !layer.mark().quoted) {
            let start = self.info.len();
            if start > first || has_preface {
                self.info.str(", ");
            }
            let before = self.info.len();
            let has_word = !self.protocol.is_empty();
            let protocol = if has_word { &mut self.spare } else { &mut self.protocol };
            write(&layer, &mut Summary { protocol, info: &mut self.info, below: false });
            if self.info.len() == before {
                self.info.truncate(start);
            }
            layer.write_afterword(&mut self.info);
        }
    }
}

/// The Time column.
#[derive(Clone)]
pub struct TimeColumn {
    format: TimeFormat,
    clock: Clock,
}

impl TimeColumn {
    pub fn new(format: TimeFormat) -> TimeColumn {
        TimeColumn { format, clock: Clock::default() }
    }

    pub fn format(&self) -> TimeFormat {
        self.format
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
