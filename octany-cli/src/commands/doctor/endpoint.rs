//! The endpoint, and what it answers.

use std::time::{Duration, Instant};

use base64ct::{Base64, Encoding};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, USER_AGENT};
use http::{HeaderName, Method};
use octany_core::signature::{SIGNATURE_HEADER, SigningSecret};
use url::Url;

use crate::failure::Failure;

/// How much of an answer is looked at.
const LOOKED_AT: usize = 64 * 1024;

/// Where deliveries are sent to.
pub(super) struct Endpoint {
    http: reqwest::Client,
    url: Url,
    /// As text, for what others would make of it.
    secret: String,
    signing: SigningSecret,
}

/// A delivery, or something that looks like one.
#[derive(Clone)]
pub(super) struct Shot {
    method: Method,
    headers: Vec<(HeaderName, String)>,
    body: Bytes,
}

/// What came back.
pub(super) enum Reply {
    Answer(Answer),
    /// Nothing, in time.
    Late,
    /// The connection ended.
    Cut,
    /// Nobody is there.
    Away(reqwest::Error),
}

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
    pub(super) took: Duration,
    /// Whether it shows how the body would have to be signed.
    pub(super) leaks: bool,
}

impl Shot {
    /// A body as Octany sends one, and no signature yet.
    pub(super) fn unsigned(body: impl Into<Bytes>) -> Self {
        let headers = vec![
            (USER_AGENT, "Octany/1.0".to_owned()),
            (CONTENT_TYPE, "application/json".to_owned()),
        ];
        Self { method: Method::POST, headers, body: body.into() }
    }

    /// With this in the signature's header; twice if it is called twice.
    pub(super) fn signature(self, value: impl Into<String>) -> Self {
        self.header(HeaderName::from_static(SIGNATURE_HEADER), value)
    }

    pub(super) fn header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn without(mut self, name: &HeaderName) -> Self {
        self.headers.retain(|(it, _)| it != name);
        self
    }

    pub(super) fn get(mut self) -> Self {
        self.method = Method::GET;
        self.body = Bytes::new();
        self
    }
}

impl Reply {
    pub(super) fn status(&self) -> Option<u16> {
        match self {
            Self::Answer(answer) => Some(answer.status),
            _ => None,
        }
    }

    pub(super) fn is_success(&self) -> bool {
        self.status().is_some_and(|status| (200..300).contains(&status))
    }

    /// Whether it says that the request was at fault.
    pub(super) fn is_refusal(&self) -> bool {
        self.status().is_some_and(|status| (400..500).contains(&status))
    }

    pub(super) fn body(&self) -> &str {
        match self {
            Self::Answer(answer) => &answer.body,
            _ => "",
        }
    }

    /// For people.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Answer(answer) => answer.status.to_string(),
            Self::Late => "nothing in time".to_owned(),
            Self::Cut => "the connection ended".to_owned(),
            Self::Away(_) => "nobody is there".to_owned(),
        }
    }
}

impl Endpoint {
    pub(super) fn new(url: Url, secret: String, limit: Duration) -> Result<Self, Failure> {
        let signing = SigningSecret::new(secret.as_str()).map_err(Failure::Secret)?;
        let http = reqwest::Client::builder()
            .timeout(limit)
            .redirect(reqwest::redirect::Policy::none())
            // Each on a connection of its own: what one breaks is no other's fault.
            .pool_max_idle_per_host(0)
            .no_proxy()
            .build()
            .map_err(|error| Failure::Unreachable("any server".to_owned(), error))?;
        Ok(Self { http, url, secret, signing })
    }

    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// The right signature.
    pub(super) fn sign(&self, body: &str) -> String {
        self.signing.sign(body.as_bytes()).to_string()
    }

    /// The same digest in Base64.
    pub(super) fn sign_base64(&self, body: &str) -> String {
        let hex = self.sign(body);
        let digits = hex.as_bytes().chunks(2).filter_map(|pair| std::str::from_utf8(pair).ok());
        let digest: Vec<u8> = digits.filter_map(|it| u8::from_str_radix(it, 16).ok()).collect();
        Base64::encode_string(&digest)
    }

    /// Signed as an app would whose secret has this behind it.
    pub(super) fn sign_with_end(&self, body: &str, end: &str) -> String {
        let secret = SigningSecret::new(format!("{}{end}", self.secret)).expect("it is not empty");
        secret.sign(body.as_bytes()).to_string()
    }

    /// A delivery as Octany sends it.
    pub(super) fn signed(&self, body: &str) -> Shot {
        Shot::unsigned(body.to_owned()).signature(self.sign(body))
    }

    pub(super) async fn fire(&self, shot: Shot) -> Reply {
        let right = self.signing.sign(&shot.body).to_string();
        let mut request = self.http.request(shot.method, self.url.clone()).body(shot.body);
        for (name, value) in shot.headers {
            request = request.header(name, value);
        }
        let start = Instant::now();
        match request.send().await {
            Ok(response) => {
                let took = start.elapsed();
                let (status, headers) = (response.status().as_u16(), response.headers().clone());
                let body = beginning(response).await;
                let leaks = body.contains(&right) || body.contains(&self.secret);
                Reply::Answer(Answer { status, headers, body, took, leaks })
            }
            Err(error) if error.is_connect() => Reply::Away(error.without_url()),
            Err(error) if error.is_timeout() => Reply::Late,
            Err(_) => Reply::Cut,
        }
    }
}

async fn beginning(mut response: reqwest::Response) -> String {
    let mut bytes = Vec::new();
    while bytes.len() < LOOKED_AT
        && let Ok(Some(chunk)) = response.chunk().await
    {
        bytes.extend_from_slice(&chunk);
    }
    bytes.truncate(LOOKED_AT);
    String::from_utf8_lossy(&bytes).into_owned()
}
