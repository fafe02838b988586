//! HTTP as bytes: what is sent is exactly what a case says, and what comes back is compared.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// The headers in which two servers must agree.
const COMPARED: [&str; 10] = [
    "content-type",
    "retry-after",
    "location",
    "www-authenticate",
    "cache-control",
    "vary",
    "allow",
    "content-security-policy",
    "referrer-policy",
    "x-content-type-options",
];

/// A request: its bytes, head and body.
#[derive(Clone, Debug)]
pub(crate) struct Sent(pub(crate) Vec<u8>);

impl Sent {
    /// A request with headers as lines, and a body whose length is announced.
    pub(crate) fn new(line: &str, headers: &[(&str, &str)], body: &[u8]) -> Self {
        let length = body.len().to_string();
        let mut all = headers.to_vec();
        if !body.is_empty() {
            all.push(("content-length", &length));
        }
        Self::raw(line, &all, body)
    }

    /// A request with nothing added but where it goes and that it is the last one.
    pub(crate) fn raw(line: &str, headers: &[(&str, &str)], body: &[u8]) -> Self {
        let mut head = format!("{line}\r\nhost: app.example\r\nconnection: close\r\n");
        for (name, value) in headers {
            write!(head, "{name}: {value}\r\n").expect("a string takes all");
        }
        head.push_str("\r\n");
        Self([head.as_bytes(), body].concat())
    }
}

/// What came back, as far as it is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answered {
    /// Whether the server asked for the body with an interim answer.
    pub(crate) asked: bool,
    pub(crate) status: u16,
    /// In alphabetical order; one that was sent twice stands there twice.
    pub(crate) headers: Vec<(String, String)>,
    /// As text where it is text, else byte by byte.
    pub(crate) body: String,
}

/// Sends a request and reads the answer to its end.
pub(crate) fn send(address: SocketAddr, request: &Sent) -> Answered {
    let mut stream = TcpStream::connect(address).expect("the server accepts");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout can be set");
    // A server may refuse before it has read everything.
    drop(stream.write_all(&request.0));
    let mut bytes = Vec::new();
    drop(stream.read_to_end(&mut bytes));
    parse(&bytes)
}

fn parse(mut bytes: &[u8]) -> Answered {
    // Interim answers come first.
    let mut asked = false;
    while bytes.starts_with(b"HTTP/1.1 100") {
        (asked, bytes) = (true, split(bytes).1);
    }
    let (head, body) = split(bytes);
    let head = String::from_utf8_lossy(head).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).unwrap_or(0);
    let all: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let chunked = all.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    let body = if chunked { dechunk(body) } else { body.to_vec() };
    let mut headers: Vec<_> =
        all.into_iter().filter(|(name, _)| COMPARED.contains(&name.as_str())).collect();
    headers.sort();
    let body = String::from_utf8(body).unwrap_or_else(|binary| format!("{:?}", binary.as_bytes()));
    Answered { asked, status, headers, body }
}

fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    match bytes.windows(4).position(|four| four == b"\r\n\r\n") {
        Some(end) => (&bytes[..end], &bytes[end + 4..]),
        None => (bytes, b""),
    }
}

fn dechunk(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = bytes.windows(2).position(|two| two == b"\r\n") {
        let size = std::str::from_utf8(&bytes[..end]).ok();
        let size = size.and_then(|size| usize::from_str_radix(size, 16).ok()).unwrap_or(0);
        let Some(chunk) = bytes.get(end + 2..end + 2 + size) else { break };
        body.extend_from_slice(chunk);
        if size == 0 {
            break;
        }
        bytes = bytes.get(end + 2 + size + 2..).unwrap_or_default();
    }
    body
}
