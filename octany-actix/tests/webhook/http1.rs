//! Over a real connection, byte by byte.

use std::time::Duration;

use actix_web::web;
use octany_actix::{OctanyWebhookLayer, VerifiedBody};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::server::{Server, delivery, forgery, head};
use crate::support::{memory, test_hook};

fn server() -> Server {
    with(memory().1)
}

fn with(layer: OctanyWebhookLayer) -> Server {
    let handler = |body: VerifiedBody| async move { format!("{} bytes", body.len()) };
    Server::new(1, layer, move || web::post().to(handler))
}

#[actix_web::test]
async fn a_delivery_with_a_length_is_accepted() {
    let server = server();
    let answer = server.connect().await.call(delivery(&test_hook(1))).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, format!("{} bytes", test_hook(1).len()));
}

#[actix_web::test]
async fn a_chunked_delivery_is_accepted() {
    let (server, body) = (server(), test_hook(1));
    let (first, second) = body.split_at(10);
    let sent = head(&body, "transfer-encoding: chunked\r\n");
    let sent = format!("{sent}a\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n", second.len());
    assert_eq!(server.connect().await.call(sent).await.status, 200);
}

#[actix_web::test]
async fn a_delivery_that_comes_byte_by_byte_is_accepted() {
    let (server, sent) = (server(), delivery(&test_hook(1)));
    let mut client = server.connect().await;
    client.stream.set_nodelay(true).unwrap();
    for byte in sent.as_bytes() {
        client.send([*byte]).await;
    }
    assert_eq!(client.answer().await.status, 200);
}

#[actix_web::test]
async fn a_client_that_waits_for_100_continue_is_told_to_go_on() {
    let (server, body) = (server(), test_hook(1));
    let sent = head(&body, &format!("content-length: {}\r\nexpect: 100-continue\r\n", body.len()));
    let mut client = server.connect().await;
    assert_eq!(client.call(sent).await.status, 100);
    assert_eq!(client.call(body).await.status, 200);
}

#[actix_web::test]
async fn a_client_that_waits_for_100_continue_without_a_signature_is_refused_unread() {
    let server = server();
    let mut client = server.connect().await;
    let sent = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\nexpect: 100-continue\r\n\r\n";
    // That much actix says by itself.
    assert_eq!(client.call(sent).await.status, 100);
    let answer = client.answer().await;
    assert_eq!(answer.status, 401);
    assert!(answer.head.contains("connection: close"), "{}", answer.head);
}

#[actix_web::test]
async fn a_small_body_without_a_signature_leaves_the_connection_open() {
    let server = server();
    let mut client = server.connect().await;
    for _ in 0..3 {
        assert_eq!(client.call(forgery(&test_hook(1))).await.status, 401);
    }
    let chunked =
        "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
    assert_eq!(client.call(chunked).await.status, 401);
    assert_eq!(client.call(delivery(&test_hook(1))).await.status, 200);
}

#[actix_web::test]
async fn a_body_announced_as_too_large_is_answered_413_before_it_is_sent() {
    let server = server();
    let mut client = server.connect().await;
    let answer = client.call(head("{}", "content-length: 1048577\r\n")).await;
    assert_eq!(answer.status, 413);
    assert!(answer.head.contains("connection: close"), "{}", answer.head);
}

#[actix_web::test]
async fn a_body_that_stalls_is_answered_408_and_the_connection_closed() {
    for framing in ["content-length: 9\r\n", "transfer-encoding: chunked\r\n"] {
        let server = with(memory().1.body_timeout(Duration::from_millis(50)));
        let mut client = server.connect().await;
        let answer = client.call(head("", framing)).await;
        assert_eq!(answer.status, 408);
        assert!(answer.head.contains("connection: close"), "{}", answer.head);
        assert!(client.is_closed().await);
    }
}

#[actix_web::test]
async fn a_chunked_body_without_end_is_refused_and_not_read_for_ever() {
    for head in [
        head("", "transfer-encoding: chunked\r\n"),
        "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n".to_owned(),
    ] {
        let expected = if head.contains("octany-signature") { "413" } else { "401" };
        let server = server();
        let mut client = server.connect().await;
        let (mut reader, mut writer) = client.stream.split();
        // Until the server no longer takes it.
        let write = async {
            let mut next = head;
            while writer.write_all(next.as_bytes()).await.is_ok() {
                next = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
            }
        };
        let read = async {
            let mut answer = [0; 12];
            reader.read_exact(&mut answer).await.unwrap();
            String::from_utf8(answer.to_vec()).unwrap()
        };
        let both = async { tokio::join!(write, read).1 };
        let answer = tokio::time::timeout(Duration::from_secs(20), both).await;
        assert_eq!(answer.unwrap(), format!("HTTP/1.1 {expected}"));
    }
}
