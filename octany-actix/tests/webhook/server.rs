//! Real servers, and clients that send byte by byte.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};
use std::time::Duration;

use actix_web::dev::{ServerHandle, Service};
use actix_web::{App, HttpServer, Route, web};
use octany_actix::OctanyWebhookLayer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Calls, secret};

/// A server, until it is dropped, and what goes on in it.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    handle: ServerHandle,
    seen: Seen,
}

#[derive(Clone, Default)]
struct Seen {
    threads: Arc<Mutex<HashSet<ThreadId>>>,
    begun: Calls,
    ended: Calls,
}

struct Ended(Calls);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.add();
    }
}

impl Server {
    /// One route, the layer around it, and around that, somebody who counts.
    pub(crate) fn new<F>(workers: usize, layer: OctanyWebhookLayer, route: F) -> Self
    where
        F: Fn() -> Route + Clone + Send + 'static,
    {
        let seen = Seen::default();
        let seeing = seen.clone();
        let server = HttpServer::new(move || {
            let seen = seeing.clone();
            let webhook = web::resource("/").wrap(layer.clone()).wrap_fn(move |request, inner| {
                seen.threads.lock().unwrap().insert(thread::current().id());
                seen.begun.add();
                let ended = Ended(seen.ended.clone());
                let response = inner.call(request);
                async move {
                    let response = response.await;
                    drop(ended);
                    response
                }
            });
            App::new().service(webhook.route(route()))
        });
        let server = server.workers(workers).disable_signals().bind(("127.0.0.1", 0)).unwrap();
        let address = server.addrs()[0];
        let server = server.run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self { address, handle, seen }
    }

    pub(crate) async fn connect(&self) -> Client {
        Client { stream: TcpStream::connect(self.address).await.unwrap(), received: Vec::new() }
    }

    /// How many workers were at work.
    pub(crate) fn workers(&self) -> usize {
        self.seen.threads.lock().unwrap().len()
    }

    /// Waits until so many requests were begun.
    pub(crate) async fn begun(&self, count: usize) {
        while self.seen.begun.count() < count {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Waits until nothing is going on that was begun.
    pub(crate) async fn idle(&self) {
        while self.seen.begun.count() > self.seen.ended.count() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The command is on its way by the time that there is a future.
        drop(self.handle.stop(false));
    }
}

/// A connection.
pub(crate) struct Client {
    pub(crate) stream: TcpStream,
    received: Vec<u8>,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Client {
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }

    /// The next answer, by its `content-length`.
    pub(crate) async fn answer(&mut self) -> Answer {
        let end = loop {
            match self.received.windows(4).position(|four| four == b"\r\n\r\n") {
                Some(end) => break end + 4,
                None => assert!(self.receive().await > 0, "the connection was closed"),
            }
        };
        let head = String::from_utf8(self.received[..end].to_vec()).unwrap().to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let end = end + length.map_or(0, |length| length.parse().unwrap());
        while self.received.len() < end {
            assert!(self.receive().await > 0, "the connection was closed");
        }
        let body = self.received.drain(..end).skip(head.len()).collect();
        let status = head[9..12].parse().unwrap();
        Answer { status, head, body: String::from_utf8(body).unwrap() }
    }

    pub(crate) async fn call(&mut self, bytes: impl AsRef<[u8]>) -> Answer {
        self.send(bytes).await;
        self.answer().await
    }

    /// Whether the server closes the connection, and sends nothing more.
    pub(crate) async fn is_closed(&mut self) -> bool {
        self.received.is_empty() && self.receive().await == 0
    }

    async fn receive(&mut self) -> usize {
        let mut buffer = [0; 4096];
        let read = self.stream.read(&mut buffer).await.unwrap_or(0);
        self.received.extend_from_slice(&buffer[..read]);
        read
    }
}

/// The head of a delivery, signed for this body.
pub(crate) fn head(body: &str, more: &str) -> String {
    let signature = secret().sign(body.as_bytes());
    format!(
        "POST / HTTP/1.1\r\nhost: a\r\nuser-agent: Octany/1.0\r\noctany-signature: {signature}\r\n{more}\r\n"
    )
}

/// A delivery, signed.
pub(crate) fn delivery(body: &str) -> String {
    head(body, &format!("content-length: {}\r\n", body.len())) + body
}

/// A delivery, signed by nobody.
pub(crate) fn forgery(body: &str) -> String {
    format!("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}
