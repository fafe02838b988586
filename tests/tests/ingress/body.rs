//! Bodies that are not what was signed, or not what is understood.

use octany_tests::example::{Answer, secret, send_delivery, sign};

use crate::server::{HOOK, Server};

#[test]
fn a_body_that_was_changed_is_refused() {
    for server in Server::all() {
        let body = HOOK;
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

/// What is verified is what came over the wire, so a body that was compressed under way is not the one
/// that was signed, and one that was signed compressed is not JSON. Nothing is inflated.
#[test]
fn a_compressed_body_is_refused() {
    // `gzip -9 < /dev/zero`, a mebibyte of it; here only its beginning matters.
    let bomb = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xed\xc1\x01\x01\x00\x00".repeat(64);
    for server in Server::all() {
        for coding in ["gzip", "deflate", "br", "zstd", "identity", "nobody's"] {
            for (signed, status) in [(&*bomb, 400), (HOOK.as_bytes(), 401)] {
                let signature = secret().sign(signed).to_string();
                let head = format!(
                    "content-encoding: {coding}\r\ncontent-length: {}\r\nconnection: close\r\n\
                     octany-signature: {signature}\r\n",
                    bomb.len()
                );
                let (stream, _) = server.send(&head, &bomb);
                let answer = Answer::read(stream);
                assert_eq!(answer.status, status, "{coding}: {answer:?}");
            }
        }
        server.is_as_before();
    }
}

/// The first and the last bit of every byte.
#[test]
fn a_body_of_which_one_bit_changed_is_refused() {
    for server in Server::all() {
        let signature = sign(HOOK);
        for at in 0..HOOK.len() {
            for bit in [0x01, 0x80] {
                let mut body = HOOK.as_bytes().to_vec();
                body[at] ^= bit;
                let head = format!(
                    "content-length: {}\r\nconnection: close\r\noctany-signature: {signature}\r\n",
                    body.len()
                );
                let (stream, _) = server.send(&head, &body);
                let answer = Answer::read(stream);
                assert_eq!(answer.status, 401, "bit {bit:#x} of byte {at}: {answer:?}");
            }
        }
        server.is_as_before();
    }
}
