//! Colours: which role has which, and whether a stream gets any.
//!
//! Escapes are made once, by `colored`, when the program starts. A [`Palette`] without colours has empty ones, so that writers ask
//! nothing. Every run of coloured text ends before its line does.

use std::ffi::OsString;

use colored::{Color, Colorize};

use crate::dissect::{Entry, Family, Kind, LayerView, Severity, View};

/// What a piece of text is, as far as colour goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// As the terminal has it.
    Plain,
    /// What is seldom read: numbers of lines, offsets, computed values.
    Faint,
    /// Something is broken.
    Trouble,
    /// Something is worth a look.
    Notice,
    /// What the side says that opened a conversation.
    Client,
    /// What the other side says.
    Server,
    /// A protocol of a family.
    Of(Family),
    /// The title of a layer of a family.
    Title(Family),
}

/// The escapes before and after the text of each role.
#[derive(Clone, Debug)]
pub struct Palette {
    pairs: Vec<(String, String)>,
}

/// When to use colours (`--color`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    Auto,
    Always,
    Never,
}

/// Whether a stream gets colours.
///
/// What was asked for counts first, then `NO_COLOR` (if not empty), `CLICOLOR_FORCE`, `CLICOLOR=0`, `TERM=dumb`; else a terminal does
/// and a file or pipe does not.
pub fn wanted(when: When, is_terminal: bool, variable: impl Fn(&str) -> Option<OsString>) -> bool {
    let is_set = |name| variable(name).is_some_and(|value| !value.is_empty() && value != "0");
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto if variable("NO_COLOR").is_some_and(|value| !value.is_empty()) => false,
        When::Auto if is_set("CLICOLOR_FORCE") => true,
        When::Auto if variable("CLICOLOR").is_some_and(|value| value == "0") => false,
        When::Auto if variable("TERM").is_some_and(|value| value == "dumb") => false,
        When::Auto => is_terminal,
    }
}

impl Default for Palette {
    fn default() -> Self {
        Palette { pairs: vec![Default::default(); Role::COUNT] }
    }
}

impl Palette {
    /// The escapes of all roles, or none at all.
    pub fn new(colored: bool) -> Palette {
        let mut palette = Palette::default();
        if colored {
            // `colored` has a switch for the whole process; nothing else uses it.
            colored::control::set_override(true);
            for role in Role::all() {
                palette.pairs[role.index()] = role.escapes();
            }
            colored::control::unset_override();
        }
        palette
    }

    /// Whether there are colours at all: what only serves them need not be worked out otherwise.
    pub fn is_colored(&self) -> bool {
        !self.start(Role::Trouble).is_empty()
    }

    /// What stands before text of a role.
    pub fn start(&self, role: Role) -> &str {
        &self.pairs[role.index()].0
    }

    /// What stands after text of a role.
    pub fn end(&self, role: Role) -> &str {
        &self.pairs[role.index()].1
    }
}

impl Role {
    const COUNT: usize = 6 + 2 * Family::ALL.len();

    fn all() -> impl Iterator<Item = Role> {
        let families = Family::ALL.iter().flat_map(|&family| [Role::Of(family), Role::Title(family)]);
        [Role::Plain, Role::Faint, Role::Trouble, Role::Notice, Role::Client, Role::Server].into_iter().chain(families)
    }

    const fn index(self) -> usize {
        match self {
            Role::Plain => 0,
            Role::Faint => 1,
            Role::Trouble => 2,
            Role::Notice => 3,
            Role::Client => 4,
            Role::Server => 5,
            Role::Of(family) => 6 + 2 * family as usize,
            Role::Title(family) => 7 + 2 * family as usize,
        }
    }

    fn escapes(self) -> (String, String) {
        const TEXT: &str = "text";
        let styled = match self {
            Role::Plain => TEXT.normal(),
            Role::Faint => TEXT.dimmed(),
            Role::Trouble => TEXT.bright_red(),
            Role::Notice => TEXT.yellow(),
            Role::Client => TEXT.cyan(),
            Role::Server => TEXT.yellow(),
            Role::Of(family) => color(family).map_or(TEXT.normal(), |color| TEXT.color(color)),
            Role::Title(family) => color(family).map_or(TEXT.normal(), |color| TEXT.color(color)).bold(),
        };
        let styled = styled.to_string();
        let (start, end) = styled.split_once(TEXT).unwrap_or_default();
        (start.to_owned(), end.to_owned())
    }
}

/// The colour of a family; none is the terminal's own.
const fn color(family: Family) -> Option<Color> {
    Some(match family {
        Family::Inherited | Family::Payload => return None,
        Family::Link => Color::BrightBlack,
        Family::Neighbour => Color::Yellow,
        Family::Network => Color::Blue,
        Family::Control => Color::Magenta,
        Family::Stream => Color::Green,
        Family::Datagram => Color::Cyan,
        Family::Names => Color::BrightCyan,
        Family::Setup => Color::BrightYellow,
        Family::Web => Color::BrightGreen,
        Family::Secure => Color::BrightMagenta,
        Family::Routing => Color::BrightBlue,
    })
}

/// The family that colours a layer: its own, or that of the nearest layer around it that has one.
pub fn family(layer: &LayerView) -> Family {
    let marks = &layer.view.packet.layers()[..=layer.index];
    let families = marks.iter().rev().map(|mark| mark.protocol.family);
    families.into_iter().find(|&family| family != Family::Inherited).unwrap_or(Family::Inherited)
}

/// The role of a packet's line in the list: trouble if there is any, else the family of its innermost protocol.
pub fn of_packet(view: &View) -> Role {
    if view.packet.layers().iter().any(|mark| mark.stopped.is_some()) {
        return Role::Trouble;
    }
    let worst = view.entries().iter().filter_map(severity_of).max();
    worst.and_then(of_severity).unwrap_or_else(|| {
        let shown =
            view.layers().rev().find(|layer| !layer.mark().quoted && layer.protocol().family != Family::Payload);
        shown.map_or(Role::Plain, |layer| Role::Of(family(&layer)))
    })
}

/// The role of an entry's line in the tree.
pub fn of_line(layer: &LayerView, entry: &Entry) -> Role {
    match entry.field.kind {
        Kind::Expert(severity, _) => of_severity(severity).unwrap_or(Role::Faint),
        Kind::Protocol if entry.field.name.starts_with("_ws.") => Role::Trouble,
        Kind::Protocol => Role::Title(family(layer)),
        _ if entry.field.generated => Role::Faint,
        _ => Role::Plain,
    }
}

fn severity_of(entry: &Entry) -> Option<Severity> {
    match entry.field.kind {
        Kind::Expert(severity, _) => Some(severity),
        _ => None,
    }
}

const fn of_severity(severity: Severity) -> Option<Role> {
    match severity {
        Severity::Error | Severity::Warning => Some(Role::Trouble),
        Severity::Note => Some(Role::Notice),
        Severity::Comment | Severity::Chat => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_counts_most() {
        type Variables = &'static [(&'static str, &'static str)];
        let cases: &[(When, bool, Variables, bool)] = &[
            (When::Auto, true, &[], true),
            (When::Auto, false, &[], false),
            (When::Always, false, &[("NO_COLOR", "1")], true),
            (When::Never, true, &[("CLICOLOR_FORCE", "1")], false),
            (When::Auto, true, &[("NO_COLOR", "")], true),
            (When::Auto, true, &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], false),
            (When::Auto, false, &[("CLICOLOR_FORCE", "1"), ("TERM", "dumb")], true),
            (When::Auto, true, &[("CLICOLOR_FORCE", "0"), ("CLICOLOR", "0")], false),
            (When::Auto, true, &[("TERM", "dumb")], false),
        ];
        for (when, is_terminal, variables, expected) in cases {
            let variable = |name: &str| variables.iter().find(|row| row.0 == name).map(|row| OsString::from(row.1));
            assert_eq!(wanted(*when, *is_terminal, variable), *expected, "{when:?} {is_terminal} {variables:?}");
        }
    }

    #[test]
    fn escapes_only_where_wanted() {
        let none = Palette::new(false);
        assert!(Role::all().all(|role| none.start(role).is_empty() && none.end(role).is_empty()));
        let all = Palette::new(true);
        assert_eq!((all.start(Role::Trouble), all.end(Role::Trouble)), ("\x1b[91m", "\x1b[0m"));
        assert_eq!(all.start(Role::Title(Family::Stream)), "\x1b[1;32m");
        assert_eq!((all.start(Role::Plain), all.end(Role::Plain)), ("", ""));
        let indices: Vec<usize> = Role::all().map(Role::index).collect();
        assert_eq!(indices.len(), Role::COUNT);
        assert!(Role::all().all(|role| all.start(role).is_empty() == all.end(role).is_empty()));
    }
}
