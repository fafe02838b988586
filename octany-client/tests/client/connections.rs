//! Connections that break, at every point of a call.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use octany_client::{ChargeRequest, Client, Error, ErrorKind};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{KEY, answer, builder, client, json, lock, raw, read_request, serve, shown};

async fn read(client: &Client) -> Error {
    client.subscriptions().reference("anna@example.com").send().await.unwrap_err()
}

async fn write(client: &Client) -> Error {
    client.charge(&"sub_1".into(), &ChargeRequest::new(1, 100)).await.unwrap_err()
}

/// The same failure for a read and a write: of one kind, ambiguous for the write only, and without
/// anything that must not be shown.
async fn both(client: &Client, kind: ErrorKind, ambiguous: bool) {
    for (error, ambiguous) in [(read(client).await, false), (write(client).await, ambiguous)] {
        assert_eq!((error.kind(), error.is_ambiguous()), (kind, ambiguous), "{error:?}");
        let shown = shown(&error);
        assert!(!shown.contains("anna") && !shown.contains("/api/"), "{shown}");
    }
}

/// Answers each request with these bytes, and closes.
fn answering(bytes: &'static str) -> impl Fn(TcpStream, usize) -> Answering {
    move |mut connection, _| Box::pin(async move { answer(&mut connection, bytes).await })
}

type Answering = Pin<Box<dyn Future<Output = ()> + Send>>;

#[tokio::test]
async fn nobody_there_is_a_connect_error_and_certain() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = listener.local_addr().unwrap();
    drop(listener);
    both(&client(nobody), ErrorKind::Connect, false).await;
}

#[tokio::test]
async fn a_connection_that_closes_before_during_or_after_the_request_is_interrupted() {
    let (server, _) = raw(async |connection: TcpStream, _| drop(connection)).await;
    both(&client(server), ErrorKind::Interrupted, true).await;

    let (server, _) = raw(async |mut connection: TcpStream, _| {
        let _ = connection.read_u8().await;
    })
    .await;
    both(&client(server), ErrorKind::Interrupted, true).await;

    let (server, _) = raw(async |mut connection: TcpStream, _| {
        read_request(&mut connection).await;
    })
    .await;
    both(&client(server), ErrorKind::Interrupted, true).await;
}

#[tokio::test]
async fn a_connection_that_closes_during_the_answer_is_interrupted() {
    let pieces = [
        "HTTP/1.1 20",
        "HTTP/1.1 200 OK\r\ncontent-le",
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"data\":{\"id\":1,",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n8\r\n{\"data\":",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n8\r\n{\"data\":\r\n",
    ];
    for piece in pieces {
        let (server, _) = raw(answering(piece)).await;
        both(&client(server), ErrorKind::Interrupted, true).await;
    }
}

#[tokio::test]
async fn an_error_whose_body_breaks_off_is_still_that_error() {
    let cut = "HTTP/1.1 402 Payment Required\r\ncontent-length: 100\r\n\r\n{\"error\":";
    let (server, _) = raw(answering(cut)).await;
    both(&client(server), ErrorKind::PaymentRequired, false).await;
}

#[tokio::test]
async fn without_tls_at_the_other_end_nothing_is_sent() {
    let received = Arc::new(Mutex::new(Vec::new()));
    let receiving = received.clone();
    let (server, _) = raw(move |mut connection: TcpStream, _| {
        let received = receiving.clone();
        async move {
            let mut bytes = [0; 1024];
            let length = connection.read(&mut bytes).await.unwrap();
            lock(&received).extend_from_slice(&bytes[..length]);
            connection.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        }
    })
    .await;
    let client = builder(server).base_url(format!("https://{server}")).build().unwrap();
    both(&client, ErrorKind::Connect, false).await;
    let received = lock(&received);
    assert!(!received.is_empty());
    assert!(!received.windows(KEY.len()).any(|bytes| bytes == KEY.as_bytes()));
}

#[tokio::test]
async fn what_is_no_http_is_interrupted() {
    let (server, _) = raw(answering("220 mail.example ESMTP\r\n")).await;
    both(&client(server), ErrorKind::Interrupted, true).await;
}

#[tokio::test]
async fn silence_and_a_body_that_drips_end_with_a_timeout() {
    let quick = |server| builder(server).timeout(Duration::from_millis(100)).build().unwrap();
    let (server, _) = raw(async |mut connection: TcpStream, _| {
        read_request(&mut connection).await;
        std::future::pending::<()>().await;
    })
    .await;
    both(&quick(server), ErrorKind::Timeout, true).await;

    let (server, _) = raw(async |mut connection: TcpStream, _| {
        answer(&mut connection, "HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n").await;
        while connection.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    both(&quick(server), ErrorKind::Timeout, true).await;
}

#[tokio::test]
async fn a_write_is_ambiguous_exactly_where_the_table_says_so() {
    let cases = [
        (302, true),
        (400, false),
        (401, false),
        (402, false),
        (403, false),
        (404, false),
        (408, true),
        (409, false),
        (422, false),
        (429, false),
        (500, true),
        (502, true),
        (503, true),
        (200, true), // without the order that it should hold
    ];
    for (status, ambiguous) in cases {
        let (server, _) = serve(move |_, _| json(status, "{}")).await;
        let client = client(server);
        assert_eq!(write(&client).await.is_ambiguous(), ambiguous, "{status}");
        assert!(!read(&client).await.is_ambiguous(), "{status}");
        let deleted = client.delete_product(&7.into()).await;
        if status != 200 {
            assert_eq!(deleted.unwrap_err().is_ambiguous(), ambiguous, "{status}");
        }
    }
}
