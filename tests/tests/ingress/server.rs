//! The server that is attacked.

use std::io::{ErrorKind, Write};
use std::net::TcpStream;
use std::time::Duration;

use octany_tests::example::{Answer, Example};

/// How much the server's memory may grow over a case, in KiB.
pub(crate) const GROWTH: u64 = 2 * 1024;

/// A server, and what it held before the case, where the system tells.
pub(crate) struct Server {
    pub(crate) example: Example,
    before: Option<u64>,
    _directory: tempfile::TempDir,
}

impl Server {
    /// One on each framework, one after the other.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        ["axum-paywall", "actix-paywall"].into_iter().map(Self::start)
    }

    fn start(package: &str) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let example = Example::start(package, &directory.path().join("db.sqlite"), &[]);
        let server = Self { before: None, example, _directory: directory };
        // Once through everything, so that what is made once is made.
        for n in 0..64 {
            server.still_answers(&format!("warm-{n}"));
        }
        let before = server.example.memory();
        Self { before, ..server }
    }

    pub(crate) fn still_answers(&self, delivery: &str) {
        let body = format!(
            r#"{{"id":"{delivery}","name":"test.hook","created_at":"2026-03-01T12:00:00+00:00","data":[]}}"#
        );
        let answer = self.example.deliver(&body);
        assert_eq!(answer.status, 204, "{answer:?}");
        assert_eq!(self.example.get("/reports", "user_43").status, 402);
    }

    pub(crate) fn is_as_before(&self) {
        self.still_answers("after");
        if let Some((before, after)) = self.before.zip(self.example.memory()) {
            assert!(after <= before + GROWTH, "{before} KiB became {after} KiB");
        }
    }

    pub(crate) fn send(&self, head: &str, body: &[u8]) -> (TcpStream, Option<ErrorKind>) {
        let mut stream = self.example.connect();
        let head = format!("POST /octany/webhook HTTP/1.1\r\nhost: app\r\n{head}\r\n");
        let sent = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
        (stream, sent.err().map(|error| error.kind()))
    }

    /// Writes chunks until the server has had enough, but no more than so many MiB. Gives how
    /// much was written, and the answer.
    pub(crate) fn send_chunks(&self, signature: &str, mebibytes: usize) -> (usize, Answer) {
        let (mut stream, _) = self
            .send(&format!("transfer-encoding: chunked\r\n{signature}connection: close\r\n"), b"");
        let reader = stream.try_clone().expect("a socket can be shared");
        // The answer comes while chunks still go out; a reset may come right behind it.
        let answer = std::thread::spawn(move || Answer::read(reader));
        let chunk = [b"10000\r\n".as_slice(), &vec![b'x'; 0x1_0000], b"\r\n"].concat();
        let mut sent = 0;
        while sent < mebibytes << 20 && stream.write_all(&chunk).is_ok() {
            sent += 0x1_0000;
            if sent == 0x4_0000 {
                self.still_answers("meanwhile");
            }
            // Actix answers at once and throws away for a second what still comes.
            std::thread::sleep(Duration::from_millis(4));
        }
        (sent, answer.join().expect("it was read"))
    }
}

/// The header of somebody who does not know the secret.
pub(crate) fn signature() -> String {
    format!("octany-signature: {}\r\n", "ab".repeat(32))
}

/// A delivery that is small and right.
pub(crate) const HOOK: &str =
    r#"{"id":1,"name":"test.hook","created_at":"2026-03-01T12:00:00+00:00","data":[]}"#;
