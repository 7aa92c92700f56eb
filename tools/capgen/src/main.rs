//! Writes a capture for tests and benchmarks: `capgen --help`.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use capgen::{Format, Options, Profile};

const HELP: &str = "\
Writes a capture for tests and benchmarks. The same arguments make the same bytes on every machine.

Usage: capgen [OPTIONS]

  --out FILE         where to; standard output without it
  --profile NAME     mix, small, elephant, syn-flood, many-flows, hostile [default: mix]
  --packets N        end after N packets [default: 10000, or no end with --bytes]
  --bytes N          end when the file has N bytes
  --seed N           another seed makes another capture [default: 1]
  --flows N          conversations in progress at a time [default: 100]
  --pps N            packets a second [default: 20000]
  --format FORMAT    pcap, pcapng [default: pcap]
";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("capgen: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let mut options = Options::new(Profile::Mix);
    let (mut to, mut packets) = (None, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        if name == "--help" || name == "-h" {
            print!("{HELP}");
            return Ok(());
        }
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value; see --help"))?;
        let number = || value.parse::<u64>().map_err(|_| format!("{name}: `{value}` is no number"));
        match name.as_str() {
            "--out" => to = Some(value),
            "--profile" => {
                let row = Profile::ALL.iter().find(|row| row.0 == value);
                options.profile = row.ok_or_else(|| format!("there is no profile `{value}`"))?.1;
            }
            "--packets" => packets = Some(number()?),
            "--bytes" => options.bytes = number()?,
            "--seed" => options.seed = number()?,
            "--flows" => options.flows = number()? as usize,
            "--pps" => options.pps = number()?.clamp(1, 1_000_000_000) as u32,
            "--format" => {
                options.format = match value.as_str() {
                    "pcap" => Format::Pcap,
                    "pcapng" => Format::Pcapng,
                    _ => return Err(format!("there is no format `{value}`")),
                };
            }
            _ => return Err(format!("there is no option `{name}`; see --help")),
        }
    }
    options.packets = packets.unwrap_or(if options.bytes < u64::MAX { u64::MAX } else { options.packets });
    let out: Box<dyn Write> = match &to {
        Some(path) => Box::new(File::create(path).map_err(|error| format!("{path}: {error}"))?),
        None => Box::new(io::stdout().lock()),
    };
    let mut out = BufWriter::with_capacity(1 << 18, out);
    let made = capgen::generate(&options, &mut out).and_then(|counts| out.flush().map(|()| counts));
    let counts = made.map_err(|error| format!("cannot write: {error}"))?;
    eprintln!("{} packets, {} bytes", counts.packets, counts.bytes);
    Ok(())
}
