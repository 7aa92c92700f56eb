//! HTTP/1.1 (RFC 9112): connections that are used several times, bodies with a length or in chunks, JSON, and answers without a body.

use std::io::Write;

use crate::frame::Side;
use crate::random::Random;
use crate::tcp::{Script, Talk};
use crate::world::{Server, World};

pub struct Http {
    server: Server,
    left: u32,
    /// Bodies are of less than two to this power.
    most: u32,
}

const AGENTS: &[&str] =
    &["curl/8.5.0", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "example-client/1.0"];
const DATE: &str = "Thu, 01 Jan 2026 00:00:00 GMT";

impl Http {
    pub fn new(server: Server, most: u32, random: &mut Random) -> Http {
        Http { server, left: random.between(1, 8), most }
    }

    /// One short question and one short answer.
    pub fn short(server: Server) -> Http {
        Http { server, left: 1, most: 9 }
    }
}

impl Talk for Http {
    fn next(&mut self, script: &mut Script, world: &World, random: &mut Random) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        let host = world.name(self.server);
        let kind = random.below(100);
        let method = match kind {
            0..8 => "HEAD",
            8..22 => "POST",
            _ => "GET",
        };
        let path = format!("/{}/{}", ["a", "items", "img", "v1/users"][kind as usize % 4], random.below(100_000));
        script.say(Side::Client, |out| {
            let agent = random.pick(AGENTS);
            text(
                out,
                format_args!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {agent}\r\nAccept: */*\r\n"),
            );
            if random.percent(40) {
                text(out, format_args!("Cookie: session={:08x}{:08x}\r\n", random.number(), random.number()));
            }
            if method == "POST" {
                let body = json(random.between(1, 12), random);
                text(out, format_args!("Content-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len()));
                out.extend_from_slice(&body);
            } else {
                out.extend_from_slice(b"\r\n");
            }
        });
        let connection = if self.left == 0 { "close" } else { "keep-alive" };
        let most = self.most;
        script.say(Side::Server, |out| {
            let mut head = |status: &str, more: std::fmt::Arguments| {
                text(out, format_args!("HTTP/1.1 {status}\r\nDate: {DATE}\r\nServer: example/1.0\r\n"));
                text(out, format_args!("Connection: {connection}\r\n{more}\r\n"));
            };
            match kind {
                0..8 => head("200 OK", format_args!("Content-Type: text/html\r\nContent-Length: {}\r\n", 10 + kind)),
                8..16 => {
                    let body = json(random.between(1, 40), random);
                    head(
                        "201 Created",
                        format_args!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len()),
                    );
                    out.extend_from_slice(&body);
                }
                16..22 => head("204 No Content", format_args!("")),
                22..28 => head("302 Found", format_args!("Location: https://{host}{path}\r\nContent-Length: 0\r\n")),
                28..35 => head("304 Not Modified", format_args!("ETag: \"{:08x}\"\r\n", kind)),
                35..38 => {
                    let body = "<html><body><h1>Not Found</h1></body></html>\n";
                    head(
                        "404 Not Found",
                        format_args!("Content-Type: text/html\r\nContent-Length: {}\r\n", body.len()),
                    );
                    out.extend_from_slice(body.as_bytes());
                }
                38..55 => {
                    head(
                        "200 OK",
                        format_args!("Content-Type: text/html; charset=utf-8\r\nTransfer-Encoding: chunked\r\n"),
                    );
                    for _ in 0..random.between(1, 6) {
                        let chunk = world.cut(&world.text, random.length(6, most.clamp(7, 14)), random);
                        text(out, format_args!("{:x}\r\n", chunk.len()));
                        out.extend_from_slice(chunk);
                        out.extend_from_slice(b"\r\n");
                    }
                    out.extend_from_slice(b"0\r\n\r\n");
                }
                55..70 => {
                    let body = json(random.between(1, 120), random);
                    head(
                        "200 OK",
                        format_args!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len()),
                    );
                    out.extend_from_slice(&body);
                }
                _ => {
                    let body = world.cut(&world.noise, random.length(6, most), random);
                    head(
                        "200 OK",
                        format_args!("Content-Type: application/octet-stream\r\nContent-Length: {}\r\n", body.len()),
                    );
                    out.extend_from_slice(body);
                }
            }
        });
        true
    }
}

fn text(out: &mut Vec<u8>, arguments: std::fmt::Arguments) {
    out.write_fmt(arguments).expect("a vector takes everything");
}

/// An array of `count` objects.
fn json(count: u32, random: &mut Random) -> Vec<u8> {
    let mut out = b"[".to_vec();
    for number in 0..count {
        let comma = if number > 0 { "," } else { "" };
        let (id, flag) = (random.below(1_000_000), random.percent(50));
        text(
            &mut out,
            format_args!("{comma}{{\"id\":{id},\"name\":\"item {number}\",\"tags\":[\"a\",\"b\"],\"ok\":{flag}}}"),
        );
    }
    out.push(b']');
    out
}
