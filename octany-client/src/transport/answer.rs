//! How an answer is received.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use chrono::{DateTime, Utc};
use http::header::{DATE, RETRY_AFTER};
use http::{HeaderMap, HeaderName};
use reqwest::Response;

use crate::Answered;
use crate::error::{Failure, Undecodable};

/// How much of an error's body is read for what it says.
const SAID_LIMIT: usize = 64 * 1024;

/// Where servers and what stands before them put the id of a request.
const REQUEST_IDS: [HeaderName; 4] = [
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("request-id"),
    HeaderName::from_static("x-correlation-id"),
    HeaderName::from_static("cf-ray"),
];

/// An answer's body, if its status is a success, and when it was true: as its `Date` says, less
/// the whole seconds that it took, else when it was asked for. A server reads first and dates last,
/// so a slow answer may be older than what was reported meanwhile.
pub(super) async fn receive(
    response: Response,
    asked_at: DateTime<Utc>,
    took: Duration,
    limit: usize,
) -> Result<Answered<Bytes>, Failure> {
    let (status, headers) = (response.status(), response.headers());
    let date = date(headers);
    let as_of = date.map_or(asked_at, |date| date - Duration::from_secs(took.as_secs()));
    let retry_after = retry_after(headers, date.unwrap_or(asked_at));
    let request_id = request_id(headers);
    if status.is_success() {
        return match read(response, limit).await {
            Ok(value) => Ok(Answered { value, as_of }),
            Err(failure) => Err(failure.with_request_id(request_id)),
        };
    }
    // The status is known, whatever becomes of the body.
    let body = read(response, SAID_LIMIT).await.unwrap_or_default();
    let failure = Failure { retry_after, ..Failure::answered(status, &body) };
    Err(failure.with_request_id(request_id))
}

async fn read(mut response: Response, limit: usize) -> Result<Bytes, Failure> {
    let too_large = || Failure::from(Undecodable::TooLarge { limit });
    if response.content_length().is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    // Most come in one piece, which is not copied.
    let Some(first) = response.chunk().await? else { return Ok(Bytes::new()) };
    let Some(mut next) = response.chunk().await? else {
        return if first.len() > limit { Err(too_large()) } else { Ok(first) };
    };
    let mut body = BytesMut::from(first);
    loop {
        if body.len() + next.len() > limit {
            return Err(too_large());
        }
        body.extend_from_slice(&next);
        match response.chunk().await? {
            Some(chunk) => next = chunk,
            None => return Ok(body.freeze()),
        }
    }
}

fn date(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    let date = headers.get(DATE)?.to_str().ok()?;
    Some(httpdate::parse_http_date(date).ok()?.into())
}

/// In seconds, or as a date, which counts from the server's own.
fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let wait = headers.get(RETRY_AFTER)?.to_str().ok()?.trim_ascii();
    if let Ok(seconds) = wait.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until: DateTime<Utc> = httpdate::parse_http_date(wait).ok()?.into();
    Some((until - now).to_std().unwrap_or_default())
}

fn request_id(headers: &HeaderMap) -> Option<String> {
    let id = REQUEST_IDS.iter().find_map(|name| headers.get(name))?.to_str().ok()?;
    (id.len() <= 128).then(|| id.to_owned())
}
