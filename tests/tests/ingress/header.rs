//! What is not one signature.

use octany_tests::example::{Answer, sign};

use crate::server::{HOOK, Server};

#[test]
fn a_header_that_is_not_one_signature_is_refused() {
    for server in Server::all() {
        let body = HOOK;
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
