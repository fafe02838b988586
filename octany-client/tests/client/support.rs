//! Servers, and clients of them.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::request::Parts;
use octany_client::{ApiKey, Client, ClientBuilder, RateLimit, RetryPolicy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub(crate) const KEY: &str = "key-51f6cbd2e0-never-shown";
pub(crate) const ACCOUNT: &str = "0b6f9a52-7c11-4b8e-9d55-6f1d0c3a2e41";
pub(crate) const SUBSCRIPTION: &str = r#"{"data":{"id":"sub_1","status":"active"}}"#;

/// A client that tries everything once, as fast as it can, unless the test says otherwise.
pub(crate) fn builder(server: SocketAddr) -> ClientBuilder {
    Client::builder(ACCOUNT, ApiKey::new(KEY).unwrap())
        .base_url(format!("http://{server}/api"))
        .retry(RetryPolicy::never())
        .rate_limit(RateLimit::off())
}

pub(crate) fn client(server: SocketAddr) -> Client {
    builder(server).build().unwrap()
}

/// A request that arrived.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) head: Parts,
    pub(crate) body: Bytes,
}

impl Seen {
    /// Below the account.
    pub(crate) fn path(&self) -> &str {
        let base = format!("/api/{ACCOUNT}");
        self.head.uri.path().strip_prefix(base.as_str()).expect("it is this account's")
    }

    pub(crate) fn query(&self) -> Vec<(String, String)> {
        let query = self.head.uri.query().unwrap_or_default();
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }

    pub(crate) fn asked(&self, name: &str) -> Option<String> {
        self.query().into_iter().find_map(|(known, value)| (known == name).then_some(value))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// Everything that arrived at a server.
pub(crate) type Arrived = Arc<Mutex<Vec<Seen>>>;

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A server that answers each request in its way, told how many came before it.
pub(crate) async fn serve<R: IntoResponse>(
    answer: impl Fn(&Seen, usize) -> R + Clone + Send + Sync + 'static,
) -> (SocketAddr, Arrived) {
    let arrived = Arrived::default();
    let seen = arrived.clone();
    let app = Router::new().fallback(async move |request: Request| -> Response {
        let (head, body) = request.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        let one = Seen { head, body };
        let mut all = lock(&seen);
        let response = answer(&one, all.len()).into_response();
        all.push(one);
        response
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (address, arrived)
}

pub(crate) fn json(status: u16, body: impl Into<Body>) -> Response {
    let answer = Response::builder().status(status).header("content-type", "application/json");
    answer.body(body.into()).unwrap()
}

/// A server that does with each connection what it is told to, and how many there were.
pub(crate) async fn raw<F>(
    script: impl Fn(TcpStream, usize) -> F + Send + 'static,
) -> (SocketAddr, Arc<Mutex<usize>>)
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let count = Arc::new(Mutex::new(0));
    let counting = count.clone();
    tokio::spawn(async move {
        loop {
            let (connection, _) = listener.accept().await.unwrap();
            let number = {
                let mut count = lock(&counting);
                *count += 1;
                *count
            };
            tokio::spawn(script(connection, number));
        }
    });
    (address, count)
}

/// Reads one request, its body included: what is left unread would reset the connection.
pub(crate) async fn read_request(connection: &mut TcpStream) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = connection.read_u8().await else { return };
        head.push(byte.to_ascii_lowercase());
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    connection.read_exact(&mut body).await.unwrap();
}

/// Answers a request with bytes as they are.
pub(crate) async fn answer(connection: &mut TcpStream, bytes: impl AsRef<[u8]>) {
    read_request(connection).await;
    connection.write_all(bytes.as_ref()).await.unwrap();
}

/// An error and all its sources, in both forms.
pub(crate) fn shown(error: &(dyn std::error::Error + 'static)) -> String {
    let chain = std::iter::successors(Some(error), |error| error.source());
    chain.flat_map(|error| [error.to_string(), format!("{error:?}"), "\n".to_owned()]).collect()
}
