//! Those who are slow, go away, or only sit there.

use std::io::Write;
use std::time::Duration;

use octany_tests::example::{Answer, sign};

use crate::server::{GROWTH, Server, signature};

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

/// Heads of which the next byte never comes.
#[test]
fn a_slow_head_hinders_nobody() {
    for server in Server::all() {
        let begun = "POST /octany/webhook HTTP/1.1\r\nhost: app\r\noctany-signature: ab";
        let slow: Vec<_> = (1..=64)
            .map(|part| {
                let mut stream = server.example.connect();
                let end = begun.len() * part / 64;
                stream.write_all(&begun.as_bytes()[..end]).expect("it takes a part");
                stream
            })
            .collect();
        server.still_answers("meanwhile");
        drop(slow);
        server.is_as_before();
    }
}

/// What a crowd needs is kept for the next one, so memory may grow for a while; what leaks is more with
/// each crowd, for ever.
#[test]
fn a_thousand_idle_connections_hinder_nobody_and_leave_nothing() {
    for server in Server::all() {
        let mut held = Vec::new();
        let is_steady = |held: &[Option<u64>]| match held {
            [.., Some(before), _, Some(after)] => *after <= before + GROWTH,
            held => held.len() == 3 && held.contains(&None),
        };
        while !is_steady(&held) {
            assert!(held.len() < 10, "it takes more with each crowd: {held:?} KiB");
            let crowd: Vec<_> = (0..1_000).map(|_| server.example.connect()).collect();
            server.still_answers(&format!("meanwhile-{}", held.len()));
            drop(crowd);
            server.still_answers(&format!("afterwards-{}", held.len()));
            held.push(server.example.memory());
        }
    }
}
