//! How a request is sent and an answer received.

mod answer;
mod request;

use std::time::{Duration, Instant};

use bytes::Bytes;
use chrono::Utc;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderName, HeaderValue};
use tracing::{Instrument, field};
use url::Url;

use crate::error::Failure;
use crate::retry::Retries;
use crate::{Answered, ApiKey, Error, Priority};

pub(crate) use self::request::{Request, is_segment};

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const LOCALE: HeaderName = HeaderName::from_static("x-locale");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// One account's way to the API.
pub(crate) struct Transport {
    /// Follows no redirect, and repeats nothing by itself.
    pub(crate) http: reqwest::Client,
    /// The account's URL.
    pub(crate) base: Url,
    pub(crate) key: ApiKey,
    pub(crate) locale: Option<HeaderValue>,
    pub(crate) timeout: Duration,
    pub(crate) answer_limit: usize,
    pub(crate) retries: Retries,
}

impl Transport {
    /// Sends a request until it is answered or given up, and reads the answer.
    pub(crate) async fn call<T>(
        &self,
        request: &Request,
        priority: Priority,
        read: impl FnOnce(&Answered<Bytes>) -> Result<T, Failure>,
    ) -> Result<T, Error> {
        let span = tracing::info_span!(
            "octany_call",
            operation = request.operation,
            status = field::Empty,
            attempts = field::Empty,
            error = field::Empty,
        );
        let calling = async {
            let url = request.url(&self.base)?;
            let sending = || self.attempt(request, url.clone());
            let (attempts, outcome) =
                self.retries.run(request.method.is_safe(), priority, sending).await;
            let outcome = outcome.and_then(|answer| read(&answer));
            span.record("attempts", attempts);
            outcome.map_err(|failure| {
                let failure = failure.without(&self.key);
                Error::new(request.operation, &request.method, attempts, failure)
            })
        };
        let outcome = calling.instrument(span.clone()).await;
        let _entered = span.enter();
        match &outcome {
            Ok(_) => tracing::debug!("answered"),
            Err(error) => {
                span.record("error", error.kind().as_str());
                tracing::debug!("failed");
            }
        }
        outcome
    }

    async fn attempt(&self, request: &Request, url: Url) -> Result<Answered<Bytes>, Failure> {
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
        let (asked_at, sent) = (Utc::now(), Instant::now());
        let response = sending.send().await?;
        let took = sent.elapsed();
        tracing::Span::current().record("status", response.status().as_u16());
        answer::receive(response, asked_at, took, self.answer_limit).await
    }
}
