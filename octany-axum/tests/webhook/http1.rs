//! Over a real connection, byte by byte.

use axum::Router;
use axum::routing::post;
use octany_axum::VerifiedBody;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{memory, secret, test_hook};

async fn connect() -> TcpStream {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let handler = |body: VerifiedBody| async move { format!("{} bytes", body.len()) };
    let app = Router::new().route("/", post(handler)).layer(memory().1);
    tokio::spawn(async { axum::serve(listener, app).await });
    TcpStream::connect(address).await.unwrap()
}

/// Writes, and reads until the answer ends with `end`, or the connection is closed.
async fn talk(stream: &mut TcpStream, sent: &str, end: &str) -> String {
    stream.write_all(sent.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let mut buffer = [0; 4096];
    while !answer.ends_with(end) {
        match stream.read(&mut buffer).await.unwrap() {
            0 => break,
            read => answer.push_str(std::str::from_utf8(&buffer[..read]).unwrap()),
        }
    }
    answer
}

fn head(more: &str) -> String {
    let signature = secret().sign(test_hook(1).as_bytes());
    format!(
        "POST / HTTP/1.1\r\nhost: a\r\nuser-agent: Octany/1.0\r\noctany-signature: {signature}\r\n{more}\r\n"
    )
}

#[tokio::test]
async fn a_delivery_with_a_length_is_accepted() {
    let (mut stream, body) = (connect().await, test_hook(1));
    let sent = head(&format!("content-length: {}\r\n", body.len())) + &body;
    let answer = talk(&mut stream, &sent, "bytes").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_chunked_delivery_is_accepted() {
    let (mut stream, body) = (connect().await, test_hook(1));
    let (first, second) = body.split_at(10);
    let sent = head("transfer-encoding: chunked\r\n");
    let sent = format!("{sent}a\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n", second.len());
    let answer = talk(&mut stream, &sent, "bytes").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_client_that_waits_for_100_continue_is_told_to_go_on() {
    let (mut stream, body) = (connect().await, test_hook(1));
    let sent = head(&format!("content-length: {}\r\nexpect: 100-continue\r\n", body.len()));
    let answer = talk(&mut stream, &sent, "\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 100"), "{answer}");
    let answer = talk(&mut stream, &body, "bytes").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_client_that_waits_for_100_continue_without_a_signature_is_not() {
    let mut stream = connect().await;
    let sent = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\nexpect: 100-continue\r\n\r\n";
    let answer = talk(&mut stream, sent, "}").await;
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
}

#[tokio::test]
async fn a_chunked_body_without_end_is_answered_413() {
    let mut stream = connect().await;
    let (mut reader, mut writer) = stream.split();
    let write = async {
        let mut next = head("transfer-encoding: chunked\r\n");
        while writer.write_all(next.as_bytes()).await.is_ok() {
            next = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
        }
        std::future::pending::<()>().await;
    };
    let read = async {
        let mut answer = [0; 12];
        reader.read_exact(&mut answer).await.map(|_| answer)
    };
    tokio::select! {
        answer = read => assert_eq!(&answer.unwrap(), b"HTTP/1.1 413"),
        () = write => unreachable!(),
    }
}
