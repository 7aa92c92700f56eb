//! Capturing: from the arguments to a [`Live`], and what there is to say about it.

use std::env;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::args::{Args, Direction};
use super::push::Pushed;
use super::read::note;
use super::{Exit, save};
use crate::capture::bpf;
use crate::capture::interfaces::{self, Device};
use crate::capture::live::{self, Handle, Live, Options, Unavailable};
use crate::capture::loader::Why;
use crate::dissect::edit_distance;
use crate::output::backlog::Upstream;
use crate::output::stream::Output;
use crate::pipeline::Counts;

/// Refuses what only a live capture can do, where a file is read.
pub fn refuse(args: &Args) -> Result<(), Exit> {
    if args.interface.is_some() {
        return Err(Exit::Usage("-i captures and -r reads a file: give one of them".into()));
    }
    if save::limits(args)?.duration.is_some() {
        return Err(Exit::Usage("-a duration: is for captures; a file is read to its end".into()));
    }
    let asked =
        [(args.link_type.is_some(), "-y"), (args.monitor, "-I"), (args.direction != Direction::Inout, "--direction")];
    match asked.iter().find(|row| row.0) {
        Some((_, option)) => Err(Exit::Usage(format!("{option} is for captures, and -r reads a file"))),
        // tcpdump's users type -s 0 and -p by habit, and for a file they change nothing there either.
        None => Ok(()),
    }
}

/// Begins to capture as the arguments say.
pub fn open(args: &Args, filter: Option<String>, pushed: Option<&Pushed>) -> Result<Live, Exit> {
    let options = options(args, filter)?;
    let narrow = |link| pushed.and_then(|pushed| pushed.expression(link));
    live::open(options, &narrow).map_err(|error| explain(error, &interfaces::devices()))
}

fn options(args: &Args, filter: Option<String>) -> Result<Options, Exit> {
    Ok(Options {
        interface: interface(args.interface.as_deref(), &interfaces::devices())?,
        snap_len: args.snapshot_length.unwrap_or(0),
        promiscuous: !args.not_promiscuous,
        monitor: args.monitor,
        ring: ring(args.buffer_size.unwrap_or(64))?,
        link: args.link_type.clone(),
        direction: match args.direction {
            Direction::In => live::Direction::In,
            Direction::Out => live::Direction::Out,
            Direction::Inout => live::Direction::Both,
        },
        filter,
        duration: save::limits(args)?.duration,
        // Whoever looks at a terminal wants it to stop; what goes elsewhere is to be whole.
        thorough: args.write.is_some() || !io::stdout().is_terminal(),
    })
}

/// The name of the interface that is meant.
fn interface(asked: Option<&str>, devices: &[Device]) -> Result<String, Exit> {
    let Some(asked) = asked else {
        let device = interfaces::sensible(devices).ok_or_else(|| {
            Exit::Failed("no interface is running: name one with -i, read a file with -r; `sniff -D` lists them".into())
        })?;
        return Ok(device.name.clone());
    };
    if asked == "-" {
        return Err(Exit::Usage("-i - is no interface; packets from standard input are read with -r -".into()));
    }
    let is_index = !asked.is_empty() && asked.bytes().all(|byte| byte.is_ascii_digit());
    if !is_index || devices.iter().any(|device| device.name == asked) {
        // Also one that is not listed: libpcap may know more.
        return Ok(asked.to_owned());
    }
    let index = asked.parse().ok();
    let device = devices.iter().find(|device| index.is_some() && device.index == index);
    device
        .map(|device| device.name.clone())
        .ok_or_else(|| Exit::Failed(format!("there is no interface with the index {asked}; `sniff -D` lists them")))
}

/// The size of the ring in bytes.
fn ring(mebibytes: u32) -> Result<i32, Exit> {
    match mebibytes {
        0 => Err(Exit::Usage("-B 0: there is no capture without a buffer; the default is 64 (MiB)".into())),
        1..2_048 => Ok((mebibytes << 20) as i32),
        2_048..4_096 => Err(Exit::Usage(format!("-B {mebibytes}: the most is 2047 (MiB)"))),
        _ => Err(Exit::Usage(format!(
            "-B {mebibytes}: the buffer is given in MiB, and the most is 2047; if this is tcpdump's number, which is in KiB, type -B {}",
            mebibytes.div_ceil(1_024)
        ))),
    }
}

/// Says what is captured, once it is.
pub fn announce(live: &Live) {
    note(&format!("capturing on {} ({})", live.name(), live.link));
    live.warnings.iter().for_each(|warning| note(warning));
    if live.is_narrowed {
        note("the kernel rejects what the display filter cannot match (--push-down never lets it all through)");
    }
}

impl Upstream for Handle {
    fn is_crowded(&self) -> bool {
        self.is_crowded()
    }

    fn asked(&self) -> Option<Instant> {
        self.asked()
    }

    fn abandon(&self) {
        self.abandon();
    }
}

/// Standard output of a capture; `each` writes every packet at once, `saved` says that packets are kept in a file too.
pub fn output(live: &Live, each: bool, saved: bool) -> Result<Output, Exit> {
    let upstream: Arc<dyn Upstream> = live.handle();
    Output::live(each, saved, upstream).map_err(|error| Exit::of_write(&error))
}

/// Whether standard error takes anything, or will in a moment: the terminal may be stopped.
pub fn can_tell() -> bool {
    let most = Timespec { tv_sec: 1, tv_nsec: 0 };
    !matches!(poll(&mut [PollFd::new(&io::stderr(), PollFlags::OUT)], Some(&most)), Ok(0))
}

/// Says what was counted.
pub fn tell(counts: &Counts, filtered: bool, handle: &Handle, unshown: u64) {
    let text = told(counts, filtered, handle.dropped_for_want_of_room(), unshown);
    _ = io::stderr().write_all(text.as_bytes());
}

/// What there is to say: `own` packets were dropped because the program was too slow.
fn told(counts: &Counts, filtered: bool, own: u64, unshown: u64) -> String {
    let packets = |count: u64| if count == 1 { "1 packet".to_owned() } else { format!("{count} packets") };
    let mut text = format!("{} captured\n", packets(counts.read));
    if filtered {
        text += &format!("{} matched\n", packets(counts.shown));
    }
    if unshown > 0 {
        text += &format!("{} not shown: showing them took too long\n", packets(unshown));
    }
    if let Some(counted) = &counts.statistics {
        text += &format!("{} dropped by kernel\n", packets(counted.system_dropped.unwrap_or(0).saturating_sub(own)));
        text += &format!("{} dropped by interface\n", packets(counted.dropped.unwrap_or(0)));
    }
    if own > 0 {
        text += &format!("{} dropped because sniff was too slow (-B MIB gives more room)\n", packets(own));
    }
    text
}

/// Prints the link types of the interface.
pub fn print_links(args: &Args) -> Exit {
    let devices = interfaces::devices();
    let known = interface(args.interface.as_deref(), &devices).and_then(|name| {
        live::links(&name, args.monitor).map(|links| (name, links)).map_err(|error| explain(error, &devices))
    });
    let (name, links) = match known {
        Ok(known) => known,
        Err(exit) => return exit,
    };
    let mut text = format!("Link types of {name} (for -y):\n");
    for (link, description) in links {
        text += &format!("  {link} ({description})\n");
    }
    match io::stdout().write_all(text.as_bytes()) {
        Ok(()) => Exit::Done,
        Err(error) => Exit::of_write(&error),
    }
}

/// Says why a capture cannot begin, and what to do about it.
fn explain(error: Unavailable, devices: &[Device]) -> Exit {
    let (name, refused) = match error {
        Unavailable::Refused { interface, refused } => (interface, refused),
        Unavailable::Link { .. }
        | Unavailable::Filter(bpf::Error::Rejected { .. } | bpf::Error::MatchesNothing { .. }) => {
            return Exit::Usage(error.to_string());
        }
        other => return Exit::Failed(other.to_string()),
    };
    // Without permission, libpcap does not look whether the interface is there.
    let is_known = devices.is_empty() || devices.iter().any(|device| device.name == name);
    Exit::Failed(match refused.why {
        Why::NoSuchDevice => unknown(&name, devices),
        Why::NoPermission | Why::NoPermissionForPromiscuous if !is_known => unknown(&name, devices),
        Why::NoPermission | Why::NoPermissionForPromiscuous => {
            let mut text = permission(&name, env::current_exe().ok().as_deref());
            if refused.why == Why::NoPermissionForPromiscuous {
                text += "\nCapturing without promiscuous mode (-p) may need less.";
            }
            text
        }
        Why::NotUp => format!("{name} is down; bring it up first: sudo ip link set {name} up"),
        Why::NoMonitorMode => format!("{name} has no monitor mode (-I)"),
        Why::Other => format!("cannot capture on {name}: {}", refused.message),
    })
}

fn unknown(name: &str, devices: &[Device]) -> String {
    let most = (name.chars().count() / 3).clamp(1, 3);
    let mut near: Vec<(usize, &str)> = devices
        .iter()
        .map(|device| (edit_distance(name.as_bytes(), device.name.as_bytes()), &*device.name))
        .filter(|row| row.0 <= most)
        .collect();
    near.sort();
    let near: Vec<&str> = near.iter().take(3).map(|row| row.1).collect();
    match near.is_empty() {
        true => format!("there is no interface {name}; `sniff -D` lists them"),
        false => format!("there is no interface {name}; there is {}; `sniff -D` lists all", near.join(", ")),
    }
}

fn permission(name: &str, program: Option<&Path>) -> String {
    let program = program.map_or("/path/of/sniff".into(), Path::to_string_lossy);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+".contains(&byte);
    let program = match program.bytes().all(plain) {
        true => program.into_owned(),
        false => format!("'{}'", program.replace('\'', "'\\''")),
    };
    format!(
        "no permission to capture on {name}: it takes the capability cap_net_raw, and cap_net_admin for promiscuous and monitor \
         mode. Give both to this program, once:\n    sudo setcap cap_net_raw,cap_net_admin=eip {program}\nReading files (-r) \
         takes no permission."
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Time;
    use crate::capture::interfaces::State;
    use crate::capture::loader::Refused;
    use crate::capture::pcapng::Statistics;

    fn devices() -> Vec<Device> {
        let names = [("lo", State::Running), ("eth0", State::Running), ("wlan0", State::Down), ("7", State::Up)];
        let device = |(place, (name, state)): (usize, (&str, State))| Device {
            index: Some(place as u32 + 1),
            name: name.into(),
            state,
            ..Device::default()
        };
        names.into_iter().enumerate().map(device).collect()
    }

    fn text(exit: Exit) -> (u8, String) {
        match exit {
            Exit::Failed(text) => (1, text),
            Exit::Usage(text) => (2, text),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_interface_is_named_or_numbered() {
        for (asked, name) in [("eth0", "eth0"), ("2", "eth0"), ("7", "7"), ("any", "any"), ("usbmon1", "usbmon1")] {
            assert_eq!(interface(Some(asked), &devices()).unwrap(), name);
        }
        assert_eq!(text(interface(Some("9"), &devices()).unwrap_err()).0, 1);
        assert_eq!(text(interface(Some("99999999999"), &devices()).unwrap_err()).0, 1);
        assert_eq!(text(interface(Some("-"), &devices()).unwrap_err()).0, 2);
        assert_eq!(text(interface(None, &[]).unwrap_err()).0, 1);
    }

    #[test]
    fn losses_are_told_apart() {
        let statistics = Statistics {
            interface: 0,
            time: Time::from_nanos(0, 0),
            start: None,
            end: None,
            received: Some(112),
            dropped: Some(1),
            filter_accepted: None,
            system_dropped: Some(12),
            delivered: None,
            options: Vec::new(),
        };
        let counts = Counts { read: 100, shown: 60, statistics: Some(statistics), unknown_link: None };
        let kernel = "5 packets dropped by kernel\n1 packet dropped by interface\n";
        assert_eq!(told(&counts, false, 7, 0).lines().count(), 4);
        let all = told(&counts, true, 7, 20);
        assert!(all.starts_with("100 packets captured\n60 packets matched\n20 packets not shown: "), "{all}");
        assert!(all.contains(kernel) && all.contains("\n7 packets dropped because sniff was too slow"), "{all}");
        let none = told(&counts, false, 0, 0);
        assert_eq!(none, "100 packets captured\n12 packets dropped by kernel\n1 packet dropped by interface\n");
    }

    #[test]
    fn the_ring_is_in_mebibytes() {
        assert_eq!(ring(64).unwrap(), 64 << 20);
        assert_eq!(ring(2_047).unwrap(), 2_047 << 20);
        for (size, hint) in [(0, "default"), (2_048, "2047"), (4_096, "tcpdump"), (u32::MAX, "KiB")] {
            let (status, text) = text(ring(size).unwrap_err());
            assert!(status == 2 && text.contains(hint), "{text}");
        }
        assert!(text(ring(65_536).unwrap_err()).1.ends_with("type -B 64"));
    }

    #[test]
    fn a_refusal_says_what_to_do() {
        let said = |name: &str, why| {
            let refused = Refused { why, message: "as libpcap says".into() };
            text(explain(Unavailable::Refused { interface: name.into(), refused }, &devices()))
        };
        for (name, why, hint) in [
            ("eht0", Why::NoSuchDevice, "there is eth0;"),
            ("ppp0", Why::NoSuchDevice, "sniff -D"),
            ("eht0", Why::NoPermission, "there is eth0;"),
            ("eth0", Why::NoPermission, "sudo setcap cap_net_raw,cap_net_admin=eip /"),
            ("eth0", Why::NoPermissionForPromiscuous, "-p"),
            ("wlan0", Why::NotUp, "ip link set wlan0 up"),
            ("eth0", Why::NoMonitorMode, "-I"),
            ("eth0", Why::Other, "as libpcap says"),
        ] {
            let (status, text) = said(name, why);
            assert!(status == 1 && text.contains(hint), "{text}");
        }
        assert!(permission("eth0", Some(Path::new("/home/a b/sniff"))).contains("=eip '/home/a b/sniff'\n"));
    }
}
