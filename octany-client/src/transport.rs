//! How a request is sent and an answer received.

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::header::{ACCEPT, CONTENT_TYPE, DATE};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::Serialize;
use url::Url;

use crate::{Answered, ApiKey, Error};

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const LOCALE: HeaderName = HeaderName::from_static("x-locale");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Who waits for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Nobody: backfills, audits, sweeps.
    Background,
    /// A person.
    Person,
}

/// One account's way to the API.
pub(crate) struct Transport {
    pub(crate) http: reqwest::Client,
    pub(crate) base: Url,
    pub(crate) key: ApiKey,
    pub(crate) locale: Option<HeaderValue>,
    pub(crate) timeout: Duration,
}

/// A request to be sent, as often as it takes.
pub(crate) struct Request {
    pub(crate) method: Method,
    /// Below the account.
    pub(crate) path: Vec<String>,
    pub(crate) query: Vec<(&'static str, String)>,
    pub(crate) body: Option<Bytes>,
}

impl Request {
    pub(crate) fn new(method: Method, path: &[&str]) -> Self {
        let path = path.iter().map(|segment| (*segment).to_owned()).collect();
        Self { method, path, query: Vec::new(), body: None }
    }

    pub(crate) fn json(mut self, body: &impl Serialize) -> Self {
        let body = serde_json::to_vec(body).expect("a request's body has string keys");
        self.body = Some(body.into());
        self
    }
}

impl Transport {
    pub(crate) async fn send(
        &self,
        request: &Request,
        _priority: Priority,
    ) -> Result<Answered<Bytes>, Error> {
        let mut url = self.base.clone();
        url.path_segments_mut().expect("the base was extended before").extend(&request.path);
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        let mut sending = self
            .http
            .request(request.method.clone(), url)
            .timeout(self.timeout)
            .header(API_KEY, self.key.header())
            .header(ACCEPT, JSON);
        if let Some(locale) = &self.locale {
            sending = sending.header(LOCALE, locale);
        }
        if let Some(body) = &request.body {
            sending = sending.header(CONTENT_TYPE, JSON).body(body.clone());
        }
        let sent_at = Utc::now();
        let response = sending.send().await.map_err(Error::sending)?;
        let (status, as_of) = (response.status(), date(response.headers()).unwrap_or(sent_at));
        let body = response.bytes().await.map_err(Error::sending)?;
        if status.is_success() {
            Ok(Answered { value: body, as_of })
        } else {
            Err(Error::status(status, &body))
        }
    }
}

fn date(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    let date = headers.get(DATE)?.to_str().ok()?;
    Some(httpdate::parse_http_date(date).ok()?.into())
}
