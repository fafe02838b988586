//! Bodies that are long, or never end.

use octany_tests::example::Answer;

use crate::server::{Server, signature};

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
fn half_a_mebibyte_of_signed_json_is_accepted() {
    for server in Server::all() {
        let body = format!(
            r#"{{"id":1,"name":"subscription.updated","created_at":"2026-03-01T12:00:00+00:00","data":{{"id":1,"status":"active","metadata":{{"note":"{}"}}}}}}"#,
            "å/".repeat(170_000)
        );
        assert_eq!(server.example.deliver(&body).status, 204);
    }
}
