//! Sending a delivery to an endpoint.

use std::process::ExitCode;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, USER_AGENT};
use octany_core::signature::SIGNATURE_HEADER;
use serde::Serialize;

use crate::failure::Failure;
use crate::output::{Output, Tone, plain, plain_lines};

/// What an endpoint answered.
#[derive(Debug, Serialize)]
pub(super) struct Delivered {
    pub(super) status: u16,
    pub(super) answer: String,
}

impl Delivered {
    pub(super) fn is_accepted(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

pub(super) fn http() -> Result<reqwest::Client, Failure> {
    reqwest::Client::builder()
        .timeout(Duration::from_secs(30))
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| Failure::Unreachable("any server".to_owned(), error))
}

/// Sends one, as Octany does.
pub(super) async fn deliver(
    http: &reqwest::Client,
    url: &str,
    body: Bytes,
    signature: &str,
) -> Result<Delivered, Failure> {
    let answer = http
        .post(url)
        .header(USER_AGENT, "Octany/1.0")
        .header(CONTENT_TYPE, "application/json")
        .header(SIGNATURE_HEADER, signature)
        .body(body)
        .send()
        .await
        .map_err(|error| Failure::unanswered(url, error))?;
    let status = answer.status().as_u16();
    let mut answer = answer.text().await.unwrap_or_default();
    answer.truncate(answer.floor_char_boundary(2_000));
    Ok(Delivered { status, answer })
}

/// Tells what came of it.
pub(super) fn told(output: Output, what: &str, delivered: &Delivered) -> ExitCode {
    let status = delivered.status;
    let (tone, verdict) =
        if delivered.is_accepted() { (Tone::Good, "accepted") } else { (Tone::Bad, "refused") };
    let verdict = tone.paint(format!("{verdict} with {status}"));
    let text = format!("{}: {verdict}{}", plain(what), trailing(&delivered.answer));
    let json = serde_json::json!({ "event": what, "status": status, "answer": delivered.answer });
    output.tell(&text, &json);
    if delivered.is_accepted() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn trailing(answer: &str) -> String {
    if answer.is_empty() { String::new() } else { format!("\n{}", plain_lines(answer)) }
}
