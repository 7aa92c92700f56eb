//! SMTP: mail on its way from server to server. Commands, responses and credentials; messages are shown as lines.
//!
//! RFC 5321; RFC 4954 (AUTH), RFC 3207 (STARTTLS), after which TLS speaks.
//!
//! ```text
//! C: EHLO client.example          command, parameter
//! S: 250-mail.example             response of several lines, the last of which has no hyphen
//! S: 250 STARTTLS
//! ```

use super::tls;
use crate::dissect::{
    Entry, Field, Framing, Group, Layer, LayerView, Next, Outcome, Protocol, Severity, Stop, Successor, Summary, Table,
    Talk, Who, fields, names,
};
use crate::text::Text;

fields! {
    IS_REQUEST = boolean("smtp.req", "Request").hidden();
    COMMAND_LINE = text("smtp.command_line", "Command Line");
    COMMAND = text("smtp.req.command", "Command");
    PARAMETER = text("smtp.req.parameter", "Request parameter");
    IS_RESPONSE = boolean("smtp.rsp", "Response").hidden();
    RESPONSE = text("smtp.response", "Response");
    CODE = uint32("smtp.response.code", "Response code").values(CODES);
    RESPONSE_PARAMETER = text("smtp.rsp.parameter", "Response parameter");
    UNEXPECTED_CODE = expert("smtp.response.code.unexpected", "Unexpected response code in multiline response",
        Severity::Warning, Group::Protocol).label(unexpected_code_message);
    USER = text("smtp.auth.username", "Username");
    PASSWORD = text("smtp.auth.password", "Password");
    CREDENTIALS = text("smtp.auth.username_password", "Username/Password");
    MESSAGE = heading("Message").hidden();
    MESSAGE_LINE = text("", "Line").label(message_line);
}

names! {
    CODES = {
        211 => "System status, or system help reply",
        214 => "Help message",
        220 => "<domain> Service ready",
        221 => "<domain> Service closing transmission channel",
        235 => "Authentication successful",
        250 => "Requested mail action okay, completed",
        251 => "User not local; will forward to <forward-path>",
        252 => "Cannot VRFY user, but will accept message and attempt delivery",
        334 => "AUTH input",
        354 => "Start mail input; end with <CRLF>.<CRLF>",
        421 => "<domain> Service not available, closing transmission channel",
        432 => "A password transition is needed",
        450 => "Requested mail action not taken: mailbox unavailable",
        451 => "Requested action aborted: local error in processing",
        452 => "Requested action not taken: insufficient system storage",
        454 => "Temporary authentication failed",
        500 => "Syntax error, command unrecognized",
        501 => "Syntax error in parameters or arguments",
        502 => "Command not implemented",
        503 => "Bad sequence of commands",
        504 => "Command parameter not implemented",
        530 => "Authentication required",
        534 => "Authentication mechanism is too weak",
        535 => "Authentication credentials invalid",
        538 => "Encryption required for requested authentication mechanism",
        550 => "Requested action not taken: mailbox unavailable",
        551 => "User not local; please try <forward-path>",
        552 => "Requested mail action aborted: exceeded storage allocation",
        553 => "Requested action not taken: mailbox name not allowed",
        554 => "Transaction failed",
    }
}

pub static PROTOCOL: Protocol = Protocol {
    fields: FIELDS,
    claims: &[(Table::TcpPort, 25), (Table::TcpPort, 587)],
    dissect,
    summary: Some(summary),
    pdu_len: Some(pdu_len),
    remember: Some(remember),
    together: true,
    leads: crate::dissect::Leads::Nowhere,
    ..Protocol::new("smtp", "SMTP", "Simple Mail Transfer Protocol")
};

/// What is known of a connection.
#[derive(Default)]
struct Session {
    expected: Line,
    /// STARTTLS was asked for and not answered yet.
    wants_tls: bool,
}

/// What the client's next line is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Line {
    #[default]
    Command,
    User,
    Password,
    Credentials,
    /// A line of a message, and all up to its end.
    Message,
}

impl Line {
    const ALL: [Line; 5] = [Line::Command, Line::User, Line::Password, Line::Credentials, Line::Message];
}

/// Whether a client sends: to the port that is a server's, else to the lower one.
fn is_from_client(source_port: u16, destination_port: u16) -> bool {
    let is_server = |port: u16| PROTOCOL.claims.iter().any(|claim| claim.1 == u32::from(port));
    is_server(destination_port) || !is_server(source_port) && destination_port < source_port
}

fn pdu_len(talk: &mut Talk, bytes: &[u8]) -> Framing {
    let is_message = talk.memo.get::<Session>().is_some_and(|session| session.expected == Line::Message);
    if is_message && is_from_client(talk.source_port, talk.destination_port) {
        return Framing::Whole(message_len(bytes));
    }
    match memchr::memchr(b'\n', bytes) {
        Some(place) => Framing::Whole(place + 1),
        None => Framing::More,
    }
}

/// How many of the bytes belong to a message: all that are there, or up to the line that ends it.
fn message_len(bytes: &[u8]) -> usize {
    if bytes.starts_with(b".\r\n") {
        return 3;
    }
    memchr::memmem::find(bytes, b"\r\n.\r\n").map_or(bytes.len(), |place| place + 5)
}

/// Whether a message ends with these bytes.
fn ends_message(bytes: &[u8]) -> bool {
    bytes == b".\r\n" || bytes.ends_with(b"\r\n.\r\n")
}

fn remember(talk: &mut Talk, bytes: &[u8]) {
    let is_from_client = is_from_client(talk.source_port, talk.destination_port);
    let session = talk.memo.get_mut::<Session>();
    (talk.told[0], talk.told[1]) = (session.expected as u64, u64::from(is_from_client));
    if !is_from_client {
        match code(bytes) {
            Some(220) if session.wants_tls => {
                talk.successor = Some(Successor { who: Who::Protocol(&tls::PROTOCOL), envelope: None })
            }
            Some(354) => session.expected = Line::Message,
            // What is asked for with 334 was told by the command.
            Some(334) => {}
            _ => session.expected = Line::Command,
        }
        session.wants_tls = false;
        return;
    }
    match session.expected {
        Line::Command => {
            session.wants_tls = is_command(bytes, b"STARTTLS");
            session.expected = match without_end(bytes) {
                line if is_command(line, b"AUTH LOGIN") && line.len() > 11 => Line::Password,
                line if is_command(line, b"AUTH LOGIN") => Line::User,
                line if line.eq_ignore_ascii_case(b"AUTH PLAIN") => Line::Credentials,
                _ => Line::Command,
            };
        }
        Line::User => session.expected = Line::Password,
        Line::Message if !ends_message(bytes) => {}
        Line::Password | Line::Credentials | Line::Message => session.expected = Line::Command,
    }
}

fn is_command(line: &[u8], command: &[u8]) -> bool {
    line.get(..command.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(command))
}

fn without_end(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\n").map_or(line, |line| line.strip_suffix(b"\r").unwrap_or(line))
}

/// The code that a line of a response begins with.
fn code(line: &[u8]) -> Option<u32> {
    let (digits, rest) = line.split_first_chunk::<3>()?;
    let is_one = digits.iter().all(u8::is_ascii_digit) && !matches!(rest, [next, ..] if next.is_ascii_alphanumeric());
    is_one.then(|| digits.iter().fold(0, |code, digit| code * 10 + u32::from(digit - b'0')))
}

fn dissect(l: &mut Layer) -> Outcome {
    let [expected, is_from_client, ..] = l.told();
    let mut expected = Line::ALL.get(expected as usize).copied().unwrap_or_default();
    if is_from_client == 0 || expected != Line::Message {
        l.part(if is_from_client != 0 { &IS_REQUEST } else { &IS_RESPONSE }, 1u8, 0);
    }
    while !l.remaining().is_empty() {
        if is_from_client == 0 {
            response(l)?;
            continue;
        }
        let bytes = l.remaining();
        if expected == Line::Message {
            let mut rest = bytes.get(..message_len(bytes)).unwrap_or_default();
            l.part(&MESSAGE, 0u8, rest.len());
            while !rest.is_empty() {
                let line = next_line(rest);
                l.bytes(&MESSAGE_LINE, line.len())?;
                rest = rest.get(line.len()..).unwrap_or_default();
            }
            expected = Line::Command;
            continue;
        }
        let line = next_line(bytes);
        match expected {
            Line::User => whole_line(l, &USER, line)?,
            Line::Password => whole_line(l, &PASSWORD, line)?,
            Line::Credentials => whole_line(l, &CREDENTIALS, line)?,
            Line::Command | Line::Message => command(l, line)?,
        }
        expected = Line::Command;
    }
    Ok(Next::End)
}

/// The first line, with its end.
fn next_line(bytes: &[u8]) -> &[u8] {
    let len = memchr::memchr(b'\n', bytes).map_or(bytes.len(), |place| place + 1);
    &bytes[..len]
}

/// Reads a line as one field, which its end is no part of.
fn whole_line(l: &mut Layer, field: &'static Field, line: &[u8]) -> Result<(), Stop> {
    let len = without_end(line).len();
    l.bytes(field, len)?;
    l.skip(line.len() - len).map(drop)
}

fn command(l: &mut Layer, line: &[u8]) -> Result<(), Stop> {
    const COMMAND_LEN: usize = 4;
    let open = l.open(&COMMAND_LINE, line.len());
    let words = without_end(line).len();
    l.bytes(&COMMAND, words.min(COMMAND_LEN))?;
    if let Some(len @ 1..) = words.checked_sub(COMMAND_LEN + 1) {
        l.skip(1)?;
        let parameter = l.peek(len)?;
        l.bytes(&PARAMETER, len)?;
        credentials(l, parameter, line);
    }
    l.skip(line.len().saturating_sub(words.max(words.min(COMMAND_LEN + 1))))?;
    l.close(open);
    Ok(())
}

/// Shows what AUTH has besides the mechanism.
fn credentials(l: &mut Layer, parameter: &[u8], line: &[u8]) {
    if !is_command(line, b"AUTH ") {
        return;
    }
    let (mechanism, words) = parameter.split_at(parameter.len().min(6));
    let field = if mechanism.eq_ignore_ascii_case(b"LOGIN ") {
        &USER
    } else if mechanism.eq_ignore_ascii_case(b"PLAIN ") {
        &CREDENTIALS
    } else {
        return;
    };
    if !words.is_empty() {
        l.kept_behind(field, words, words.len());
    }
}

/// Reads a response: a line, and those that it says follow.
fn response(l: &mut Layer) -> Result<(), Stop> {
    let line = next_line(l.remaining());
    let Some(first) = code(line) else { return l.skip(line.len()).map(drop) };
    let open = l.open(&RESPONSE, line.len());
    let mut line = line;
    let mut is_first = true;
    loop {
        let words = without_end(line).len();
        let this = code(line);
        if is_first {
            l.part(&CODE, first, 3);
        } else if let Some(this) = this.filter(|this| *this != first) {
            l.expert_with(&UNEXPECTED_CODE, u64::from(this) << 32 | u64::from(first));
        }
        l.skip(words.min(4))?;
        if words >= 4 {
            l.bytes(&RESPONSE_PARAMETER, words - 4)?;
        }
        l.skip(line.len() - words)?;
        let goes_on = line.get(3) == Some(&b'-') && this.is_some();
        line = next_line(l.remaining());
        is_first = false;
        if !goes_on || line.is_empty() {
            break;
        }
    }
    l.close(open);
    Ok(())
}

fn summary(layer: &LayerView, summary: &mut Summary) {
    let info = &mut *summary.info;
    let is_request = layer.find(&IS_RESPONSE).is_none();
    info.str(if is_request { "C: " } else { "S: " });
    let mut separator = "";
    // The first line of a response is shown with its code, the others without.
    let mut is_first_of_response = false;
    for entry in layer.entries() {
        let is = |field: &Field| entry.field.is(field);
        let bytes = without_end(layer.view.bytes(entry));
        if is(&RESPONSE) {
            info.str(separator).wire(bytes);
            is_first_of_response = true;
        } else if is(&RESPONSE_PARAMETER) {
            if !is_first_of_response {
                info.str(separator).wire(bytes);
            }
            is_first_of_response = false;
        } else if is(&COMMAND_LINE) {
            info.str(separator).wire(bytes);
        } else if is(&USER) && entry.depth == layer.entries().first().map_or(0, |own| own.depth) + 1 {
            info.str(separator).str("User: ").wire(bytes);
        } else if is(&PASSWORD) {
            info.str(separator).str("Pass: ").wire(bytes);
        } else if is(&CREDENTIALS) && entry.depth == layer.entries().first().map_or(0, |own| own.depth) + 1 {
            info.str(separator).wire(bytes);
        } else if is(&MESSAGE) {
            let count = u64::from(entry.len);
            info.str(separator).str("DATA fragment, ").dec(count).str(if count == 1 { " byte" } else { " bytes" });
        } else {
            continue;
        }
        separator = " | ";
    }
}

fn message_line(layer: &LayerView, entry: &Entry, text: &mut Text) {
    text.wire(layer.view.bytes(entry));
}

fn unexpected_code_message(_: &LayerView, entry: &Entry, text: &mut Text) {
    let (this, first) = (entry.number() >> 32, entry.number() & 0xffff_ffff);
    text.str("Unexpected response code ").dec(this).str(" in multiline response. Expected ").dec(first);
}

#[cfg(test)]
mod tests {
    use crate::protocols::testing::Dissected;
    use crate::protocols::testing::Side::{self, Client, Server};
    use crate::protocols::testing::talk_to;
    use crate::protocols::tls::testing::{TLS12, client_hello, record};

    fn talk(lines: &[(Side, &str)]) -> Vec<Dissected> {
        let segments: Vec<_> = lines.iter().map(|(side, line)| (*side, line.as_bytes().to_vec())).collect();
        talk_to(25, &segments)
    }

    fn said(frames: &[Dissected]) -> Vec<&str> {
        frames.iter().map(|frame| frame.info.as_str()).collect()
    }

    /// As tshark 4.0 shows it.
    #[test]
    fn commands_and_responses() {
        let frames = talk(&[
            (Server, "220 mail.example ready\r\n"),
            (Client, "EHLO client.example\r\n"),
            (Server, "250-mail.example\r\n250-SIZE 100\r\n250 STARTTLS\r\n"),
            (Client, "MAIL FROM:<a@example>\r\nRCPT TO:<b@example>\r\nNOOP\r\n"),
            (Server, "250 OK\r\n550-a\r\n551 b\r\n"),
        ]);
        assert_eq!(
            said(&frames),
            [
                "S: 220 mail.example ready",
                "C: EHLO client.example",
                "S: 250-mail.example | SIZE 100 | STARTTLS",
                "C: MAIL FROM:<a@example> | RCPT TO:<b@example> | NOOP",
                "S: 250 OK | 550-a | b",
            ]
        );
        frames[0].shows(&[
            "Simple Mail Transfer Protocol",
            "Response: 220 mail.example ready\\r\\n",
            "Response code: <domain> Service ready (220)",
            "Response parameter: mail.example ready",
        ]);
        frames[2].shows(&[
            "Response: 250-mail.example\\r\\n",
            "Response code: Requested mail action okay, completed (250)",
            "Response parameter: mail.example",
            "Response parameter: SIZE 100",
            "Response parameter: STARTTLS",
        ]);
        frames[3].shows(&[
            "Command Line: MAIL FROM:<a@example>\\r\\n",
            "Command: MAIL",
            "Request parameter: FROM:<a@example>",
            "Command Line: RCPT TO:<b@example>\\r\\n",
            "Command Line: NOOP\\r\\n",
            "Command: NOOP",
        ]);
        frames[4].shows(&[
            "[Expert Info (Warning/Protocol): Unexpected response code 551 in multiline response. Expected 550]",
        ]);
    }

    #[test]
    fn lines_in_pieces() {
        let frames = talk(&[(Client, "EHL"), (Client, "O x\r\n"), (Client, "QUIT"), (Client, "\r\n")]);
        assert_eq!((&*frames[1].info, &*frames[3].info), ("C: EHLO x", "C: QUIT"));
        assert_eq!(frames[0].stack, "eth:ethertype:ip:tcp");
    }

    #[test]
    fn credentials_are_known_by_what_was_asked() {
        let frames = talk(&[
            (Client, "AUTH LOGIN\r\n"),
            (Server, "334 VXNlcm5hbWU6\r\n"),
            (Client, "dXNlcg==\r\n"),
            (Server, "334 UGFzc3dvcmQ6\r\n"),
            (Client, "cGFzcw==\r\n"),
            (Server, "235 ok\r\n"),
            (Client, "AUTH LOGIN dXNlcg==\r\n"),
            (Client, "cGFzcw==\r\n"),
            (Client, "AUTH PLAIN\r\n"),
            (Client, "AHVzZXIAcGFzcw==\r\n"),
            (Client, "NOOP\r\n"),
        ]);
        frames[2].shows(&["Username: dXNlcg=="]);
        frames[4].shows(&["Password: cGFzcw=="]);
        frames[6].shows(&["Request parameter: LOGIN dXNlcg==", "Username: dXNlcg=="]);
        frames[7].shows(&["Password: cGFzcw=="]);
        frames[9].shows(&["Username/Password: AHVzZXIAcGFzcw=="]);
        frames[10].shows(&["Command: NOOP"]);
        assert_eq!((&*frames[2].info, &*frames[4].info), ("C: User: dXNlcg==", "C: Pass: cGFzcw=="));
    }

    #[test]
    fn a_message_goes_to_its_end() {
        let frames = talk(&[
            (Client, "DATA\r\n"),
            (Server, "354 go\r\n"),
            (Client, "From: a\r\n\r\nhello\r\n"),
            (Client, "QUIT\r\n.\r\nRSET\r\n"),
        ]);
        assert_eq!(said(&frames)[2..], ["C: DATA fragment, 18 bytes", "C: DATA fragment, 9 bytes | RSET"]);
        frames[2].shows(&["From: a\\r\\n", "\\r\\n", "hello\\r\\n"]).lacks("Command");
    }

    #[test]
    fn after_starttls_tls_speaks() {
        let hello = record(22, TLS12, &client_hello(&[]));
        let data = record(23, TLS12, &[7; 9]);
        let line = |text: &str| text.as_bytes().to_vec();
        let frames = talk_to(
            25,
            &[
                (Client, line("STARTTLS\r\n")),
                (Server, line("454 later\r\n")),
                (Client, line("STARTTLS\r\n")),
                (Server, line("220 go\r\n")),
                (Client, hello),
                (Server, data),
            ],
        );
        assert_eq!(said(&frames)[..4], ["C: STARTTLS", "S: 454 later", "C: STARTTLS", "S: 220 go"]);
        assert_eq!((&*frames[4].stack, &*frames[4].info), ("eth:ethertype:ip:tcp:tls", "Client Hello"));
        frames[5].shows(&["[Application Data Protocol: Simple Mail Transfer Protocol]"]);
    }

    #[test]
    fn odd_lines_are_survived() {
        for line in ["\r\n", "\n", "X\r\n", "QUIT \r\n", "A", "AUTH \r\n", "AUTH LOGIN \r\n", "AUTH PLAIN x\n"] {
            talk(&[(Client, line), (Server, line), (Server, "25\r\n"), (Server, "250\r\n250-\r\n250 \r\n")]);
        }
        talk(&[(Server, "250 \r\n")])[0].shows(&["Response parameter:"]);
    }
}
