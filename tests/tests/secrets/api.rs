//! An Octany whose API answers whatever it is told to.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use octany_client::{Client, ClientBuilder, RateLimit, RetryPolicy};

use crate::planted::{self, API_KEY, EMAIL, NAME, PERSONAL_NUMBER, PORTAL, SESSION};

pub(crate) const ACCOUNT: &str = "00000000-0000-4000-8000-000000000000";

/// What it answers, and then hangs up.
#[derive(Clone, Debug)]
pub(crate) enum Says {
    /// A status, more headers, and a body.
    Answer(u16, String, String),
    /// These bytes.
    Bytes(Vec<u8>),
    /// Nothing, for as long as it is waited for.
    Nothing,
}

impl Says {
    pub(crate) fn json(status: u16, body: impl Into<String>) -> Self {
        Self::Answer(status, String::new(), body.into())
    }

    /// All that Octany could repeat of what it was sent, or knows of somebody.
    pub(crate) fn refusal(status: u16) -> Self {
        Self::json(
            status,
            format!(
                r#"{{"error":{{"code":"{API_KEY}","message":"no {EMAIL}, {PERSONAL_NUMBER}, {API_KEY}",
                    "errors":{{"email":["{EMAIL} of {NAME}"],"field":"{PORTAL}"}}}},
                    "session":"{SESSION}","data":{}}}"#,
                planted::subscription()
            ),
        )
    }
}

/// Starts one; it ends with the process.
pub(crate) fn start(says: Says) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it listens");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let says = says.clone();
            // Who hung up asks again.
            std::thread::spawn(move || drop(answer(stream, &says)));
        }
    });
    address
}

fn answer(mut stream: TcpStream, says: &Says) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut line, mut length) = (String::new(), 0);
    while reader.read_line(&mut line)? > 2 {
        let header = line.to_ascii_lowercase();
        let announced = header.strip_prefix("content-length:").map(|length| length.trim().parse());
        length = announced.and_then(Result::ok).unwrap_or(length);
        line.clear();
    }
    reader.take(length).read_to_end(&mut Vec::new())?;
    match says {
        Says::Answer(status, headers, body) => write!(
            stream,
            "HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\n{headers}\
             content-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len(),
        ),
        Says::Bytes(bytes) => stream.write_all(bytes),
        Says::Nothing => {
            std::thread::sleep(Duration::from_secs(5));
            Ok(())
        }
    }
}

/// For a client that tries everything once, as fast as it can.
pub(crate) fn builder(server: SocketAddr) -> ClientBuilder {
    Client::builder(ACCOUNT, planted::api_key())
        .base_url(format!("http://{server}/api"))
        .timeout(Duration::from_secs(20))
        .retry(RetryPolicy::never())
        .rate_limit(RateLimit::off())
}

pub(crate) fn client(server: SocketAddr) -> Client {
    builder(server).build().expect("it is this machine")
}
