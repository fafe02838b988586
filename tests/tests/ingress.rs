//! What anybody on the internet can send leaves the server answering, and its memory as it was.

use std::fmt::Write as _;
use std::io::{ErrorKind, Write};
use std::net::TcpStream;
use std::time::Duration;

use octany_tests::example::{Answer, Example, send_delivery, sign};

/// How much the server's memory may grow over a case, in KiB.
const GROWTH: u64 = 2 * 1024;

/// A server, and what it held before the case, where the system tells.
struct Server {
    example: Example,
    before: Option<u64>,
    _directory: tempfile::TempDir,
}

impl Server {
    /// One on each framework, one after the other.
    fn all() -> impl Iterator<Item = Self> {
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

    fn still_answers(&self, delivery: &str) {
        let body = format!(
            r#"{{"id":"{delivery}","name":"test.hook","created_at":"2026-03-01T12:00:00+00:00","data":[]}}"#
        );
        let answer = self.example.deliver(&body);
        assert_eq!(answer.status, 204, "{answer:?}");
        assert_eq!(self.example.get("/reports", "user_43").status, 402);
    }

    fn is_as_before(&self) {
        self.still_answers("after");
        if let Some((before, after)) = self.before.zip(self.example.memory()) {
            assert!(after <= before + GROWTH, "{before} KiB became {after} KiB");
        }
    }

    fn send(&self, head: &str, body: &[u8]) -> (TcpStream, Option<ErrorKind>) {
        let mut stream = self.example.connect();
        let head = format!("POST /octany/webhook HTTP/1.1\r\nhost: app\r\n{head}\r\n");
        let sent = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
        (stream, sent.err().map(|error| error.kind()))
    }

    /// Writes chunks until the server has had enough, but no more than so many MiB. Gives how
    /// much was written, and the answer.
    fn send_chunks(&self, signature: &str, mebibytes: usize) -> (usize, Answer) {
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

fn signature() -> String {
    format!("octany-signature: {}\r\n", "ab".repeat(32))
}

#[test]
fn three_unsigned_mebibytes_are_refused_unread() {
    for server in Server::all() {
        let head = "content-length: 3145728\r\nconnection: close\r\n";
        // Refused before they are there.
        let (stream, _) = server.send(head, b"{\"id\":");
        server.still_answers("meanwhile");
        let answer = Answer::read(stream);
        assert_eq!(answer.status, 401, "{answer:?}");
        // Sent all the same. A server that closes on unread data resets the connection, and the answer
        // may be lost with it.
        for _ in 0..16 {
            let (stream, _) = server.send(head, &vec![b'x'; 3 << 20]);
            let answer = Answer::read(stream);
            assert!([0, 401].contains(&answer.status), "{answer:?}");
        }
        server.is_as_before();
    }
}

#[test]
fn three_mebibytes_are_refused_by_their_announced_length_whatever_signs_them() {
    for server in Server::all() {
        let head = format!("content-length: 3145728\r\n{}connection: close\r\n", signature());
        let (stream, _) = server.send(&head, b"{");
        let answer = Answer::read(stream);
        assert_eq!(answer.status, 413, "{answer:?}");
        server.is_as_before();
    }
}

#[test]
fn an_endless_unsigned_body_is_not_read() {
    for server in Server::all() {
        let (sent, answer) = server.send_chunks("", 64);
        assert!(sent < 64 << 20, "the server read {sent} bytes of an unsigned body");
        assert_eq!(answer.status, 401, "{answer:?}");
        server.is_as_before();
    }
}

#[test]
fn an_endless_body_with_a_signature_is_read_to_the_limit_and_no_further() {
    for server in Server::all() {
        // The limit is 1 MiB; what else was sent lies in the sockets' buffers.
        let (sent, answer) = server.send_chunks(&signature(), 64);
        assert!(sent < 64 << 20, "the server read {sent} bytes");
        assert_eq!(answer.status, 413, "{answer:?}");
        server.is_as_before();
    }
}

#[test]
fn a_slow_body_is_given_up_and_hinders_nobody() {
    for server in Server::all() {
        let head = format!("content-length: 100\r\n{}", signature());
        let slow: Vec<_> = (0..32).map(|_| server.send(&head, b"{\"id\":").0).collect();
        server.still_answers("meanwhile");
        for stream in slow {
            let answer = Answer::read(stream);
            assert_eq!(answer.status, 408, "{answer:?}");
        }
        server.is_as_before();
    }
}

#[test]
fn ten_thousand_levels_of_json_are_kept_where_anything_goes_and_refused_elsewhere() {
    for server in Server::all() {
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        let event = |id: u32, data: &str| {
            format!(
                r#"{{"id":{id},"name":"subscription.updated","created_at":"2026-03-01T12:00:00+00:00","data":{data}}}"#
            )
        };
        let kept = event(1, &format!(r#"{{"id":1,"status":"active","metadata":{deep}}}"#));
        for (body, status) in [
            (deep.clone(), 400),
            (event(2, &deep), 400),
            (event(3, &format!(r#"{{"id":1,"status":{deep}}}"#)), 400),
            (event(4, &format!(r#"{{"id":1,"status":"active","price":{deep}}}"#)), 400),
            (kept, 204),
        ] {
            let answer = server.example.deliver(&body);
            assert_eq!(answer.status, status, "{answer:?}");
        }
        server.is_as_before();
    }
}

#[test]
fn half_a_mebibyte_of_signed_json_is_accepted() {
    for server in Server::all() {
        let body = format!(
            r#"{{"id":1,"name":"subscription.updated","created_at":"2026-03-01T12:00:00+00:00","data":{{"id":1,"status":"active","metadata":{{"note":"{}"}}}}}}"#,
            "å/".repeat(170_000)
        );
        assert_eq!(server.example.deliver(&body).status, 204);
    }
}

#[test]
fn a_chunked_delivery_is_verified_over_its_payload() {
    for server in Server::all() {
        let body =
            r#"{"id":1,"name":"test.hook","created_at":"2026-03-01T12:00:00+00:00","data":[]}"#;
        let mut chunks = String::new();
        for chunk in body.as_bytes().chunks(7) {
            let text = String::from_utf8_lossy(chunk);
            write!(chunks, "{:x}\r\n{text}\r\n", chunk.len()).expect("a string takes all");
        }
        chunks += "0\r\n\r\n";
        let head = format!(
            "transfer-encoding: chunked\r\noctany-signature: {}\r\nconnection: close\r\n",
            sign(body)
        );
        let (stream, _) = server.send(&head, chunks.as_bytes());
        assert_eq!(Answer::read(stream).status, 204);
    }
}

#[test]
fn who_asks_before_sending_is_told_to_go_on_or_not() {
    for server in Server::all() {
        let body =
            r#"{"id":1,"name":"test.hook","created_at":"2026-03-01T12:00:00+00:00","data":[]}"#;
        let head = |signature: &str| {
            format!(
                "content-length: {}\r\nexpect: 100-continue\r\n{signature}connection: close\r\n",
                body.len()
            )
        };
        let (stream, _) = server.send(&head(""), b"");
        let answer = Answer::read(stream);
        // Actix sends its interim answer before it asks anybody.
        let last = answer.text.rsplit("HTTP/1.1 ").next().unwrap_or_default();
        assert!(last.starts_with("401"), "{answer:?}");

        let (mut stream, _) =
            server.send(&head(&format!("octany-signature: {}\r\n", sign(body))), b"");
        let mut told = [0; 25];
        std::io::Read::read_exact(&mut stream, &mut told).expect("an interim answer");
        assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
        stream.write_all(body.as_bytes()).expect("the body is taken");
        assert_eq!(Answer::read(stream).status, 204);
    }
}

#[test]
fn a_header_that_is_not_one_signature_is_refused() {
    for server in Server::all() {
        let body =
            r#"{"id":1,"name":"test.hook","created_at":"2026-03-01T12:00:00+00:00","data":[]}"#;
        let good = sign(body);
        let other = "ab".repeat(32);
        for headers in [
            String::new(),
            "octany-signature: \r\n".to_owned(),
            format!("octany-signature: {good}\r\noctany-signature: {good}\r\n"),
            format!("octany-signature: {good}\r\noctany-signature: {other}\r\n"),
            format!("octany-signature: {other}\r\noctany-signature: {good}\r\n"),
            format!("octany-signature: sha256={good}\r\n"),
            format!("octany-signature: {good},{good}\r\n"),
            format!("octany-signature: {}\r\n", &good[..63]),
            format!("octany-signature: {good}0\r\n"),
            format!("octany-signature: \u{e5}{}\r\n", &good[2..]),
            format!("octany-signature: {other}\r\n"),
            format!("x-octany-signature: {good}\r\n"),
        ] {
            let head = format!("content-length: {}\r\nconnection: close\r\n{headers}", body.len());
            let (stream, _) = server.send(&head, body.as_bytes());
            let answer = Answer::read(stream);
            assert_eq!(answer.status, 401, "{headers:?}: {answer:?}");
            assert!(!answer.text.contains(&good), "an answer tells no signature");
        }
        // HTTP takes white space around a value away; the digits may be of either case.
        for headers in [
            format!("OCTANY-SIGNATURE:  {good} \r\n"),
            format!("octany-signature: {}\r\n", good.to_uppercase()),
        ] {
            let head = format!("content-length: {}\r\nconnection: close\r\n{headers}", body.len());
            let (stream, _) = server.send(&head, body.as_bytes());
            assert!(Answer::read(stream).status < 300, "{headers:?}");
        }
        server.is_as_before();
    }
}

#[test]
fn a_body_that_was_changed_is_refused() {
    for server in Server::all() {
        let body =
            r#"{"id":1,"name":"test.hook","created_at":"2026-03-01T12:00:00+00:00","data":[]}"#;
        let signature = sign(body);
        let flipped = body.replacen("test", "tesu", 1);
        for changed in [&*flipped, &format!("{body}\n"), &format!("\u{feff}{body}"), &body[1..], ""]
        {
            let mut stream = server.example.connect();
            send_delivery(&mut stream, changed, &signature);
            assert_eq!(Answer::read(stream).status, 401, "{changed:?}");
        }
    }
}

#[test]
fn a_client_that_goes_away_in_the_middle_leaves_nothing_behind() {
    for server in Server::all() {
        let body =
            r#"{"id":"cut","name":"test.hook","created_at":"2026-03-01T12:00:00+00:00","data":[]}"#;
        for cut in [0, 1, body.len() / 2, body.len() - 1] {
            let head =
                format!("content-length: {}\r\noctany-signature: {}\r\n", body.len(), sign(body));
            drop(server.send(&head, &body.as_bytes()[..cut]));
        }
        std::thread::sleep(Duration::from_millis(50));
        assert_eq!(server.example.deliver(body).status, 204, "no claim was left behind");
        server.is_as_before();
    }
}
