//! How a request says where its body ends.

use std::fmt::Write as _;
use std::io::Write;
use std::net::Shutdown;
use std::time::Duration;

use octany_tests::example::{Answer, send_delivery, sign};

use crate::framings::{Framing, framings};
use crate::server::{HOOK, Server};

#[test]
fn a_chunked_delivery_is_verified_over_its_payload() {
    for server in Server::all() {
        let body = HOOK;
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
        let body = HOOK;
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

/// Neither request smuggling nor a delivery that was cut passes for the one that was signed.
#[test]
fn a_body_ends_where_its_request_says_or_it_is_refused() {
    for server in Server::all() {
        for Framing { what, version, head, body, answers } in framings() {
            let mut stream = server.example.connect();
            let head = format!(
                "POST /octany/webhook HTTP/{version}\r\nhost: app\r\nconnection: close\r\n\
                 octany-signature: {}\r\n{head}\r\n",
                sign(HOOK)
            );
            // A server that refuses the head need not read on.
            drop(stream.write_all((head + &body).as_bytes()));
            // What is refused may also wait for more, which never comes.
            if !answers.contains(&204) {
                drop(stream.shutdown(Shutdown::Write));
            }
            let answer = Answer::read(stream);
            // It is one delivery, which is only new once.
            let status = if answer.status == 200 { 204 } else { answer.status };
            assert!(answers.contains(&status), "{what}: {answer:?}");
        }
        server.is_as_before();
    }
}

/// The whole request was sent, so its answer is due, or nothing was acknowledged.
#[test]
fn who_closes_their_half_is_answered_or_delivers_again() {
    for server in Server::all() {
        let body = HOOK.replace("\"id\":1", "\"id\":\"half\"");
        let mut stream = server.example.connect();
        send_delivery(&mut stream, &body, &sign(&body));
        stream.shutdown(Shutdown::Write).expect("it was open");
        let answer = Answer::read(stream);
        assert!([0, 204].contains(&answer.status), "{answer:?}");
        // While the first is still being dealt with, Octany is asked to come again.
        let mut again = server.example.deliver(&body).status;
        for _ in 0..100 {
            if again != 409 {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
            again = server.example.deliver(&body).status;
        }
        assert!([200, 204].contains(&again), "{again}");
        server.is_as_before();
    }
}

#[test]
fn deliveries_in_one_packet_are_each_verified() {
    for server in Server::all() {
        let request = |body: &str, signature: &str, last: &str| {
            format!(
                "POST /octany/webhook HTTP/1.1\r\nhost: app\r\ncontent-length: {}\r\n{last}\
                 octany-signature: {signature}\r\n\r\n{body}",
                body.len()
            )
        };
        let close = "connection: close\r\n";
        let other = HOOK.replace("test.hook", "test.hoax");
        for (requests, expected) in [
            ([request(HOOK, &sign(HOOK), ""), request(HOOK, &sign(HOOK), close)], ["204", "2"]),
            // The signature of the first does not serve for the second.
            ([request(HOOK, &sign(HOOK), ""), request(&other, &sign(HOOK), close)], ["2", "401"]),
            ([request(HOOK, &sign(HOOK), ""), "garbage\r\n\r\n".to_owned()], ["2", "400"]),
        ] {
            let mut stream = server.example.connect();
            stream.write_all(requests.concat().as_bytes()).expect("it takes requests");
            let answer = Answer::read(stream);
            let statuses: Vec<_> = answer.text.split("HTTP/1.1 ").skip(1).collect();
            assert_eq!(statuses.len(), 2, "{answer:?}");
            for (status, expected) in statuses.iter().zip(expected) {
                assert!(status.starts_with(expected), "{answer:?}");
            }
        }
        // Behind one that was refused, the next is judged by itself, or the connection is closed.
        let mut stream = server.example.connect();
        let both = request(&other, &sign(HOOK), "") + &request(HOOK, &sign(HOOK), close);
        stream.write_all(both.as_bytes()).expect("it takes requests");
        let answer = Answer::read(stream);
        assert!(answer.text.starts_with("HTTP/1.1 401"), "{answer:?}");
        server.is_as_before();
    }
}
