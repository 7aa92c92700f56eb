//! Every command of the README runs.

use std::path::Path;
use std::process::Command;

/// The lines of the `sh` blocks that begin with `sniff`: what needs no root and no installation.
fn commands(text: &str) -> Vec<&str> {
    let mut commands = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match line {
            "```sh" => inside = true,
            "```" => inside = false,
            _ if inside && line.starts_with("sniff ") => commands.push(line),
            _ => {}
        }
    }
    commands
}

#[test]
fn every_command_of_the_readme_runs() {
    let text = std::fs::read_to_string("README.md").unwrap();
    let folder = Path::new(env!("CARGO_BIN_EXE_sniff")).parent().unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default());
    let commands = commands(&text);
    assert!(commands.len() >= 9, "{commands:?}");
    for command in commands {
        let output = Command::new("sh").args(["-c", command]).env("PATH", &path).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && !output.stdout.is_empty(), "{command}: {errors}");
    }
}

#[test]
fn what_the_readme_shows_is_what_is_written() {
    let text = std::fs::read_to_string("README.md").unwrap();
    let shown = text.split("```console\n").nth(1).and_then(|block| block.split("```").next()).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_sniff"))
        .args(["-r", "captures/tour.pcapng", "tcp.flags.reset == 1 or icmp.type == 3"])
        .output()
        .unwrap();
    let written = String::from_utf8(output.stdout).unwrap();
    assert!(!written.is_empty());
    for line in written.lines() {
        assert!(shown.contains(line), "the README does not show: {line}");
    }
}
