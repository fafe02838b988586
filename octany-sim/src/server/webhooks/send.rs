//! Trying to deliver.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use http::header::{CONTENT_TYPE, USER_AGENT};
use octany_core::signature::SIGNATURE_HEADER;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::UnboundedReceiver;
use url::{Position, Url};

use super::log::{Attempt, Progress};
use super::plan::Job;
use crate::server::state::Shared;

/// How many are under way at once.
const AT_ONCE: usize = 32;
/// How long an endpoint may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long to wait before the second attempt, the third and so on. Octany publishes no schedule.
const WAITS: [Duration; 8] = [
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_mins(1),
    Duration::from_mins(5),
    Duration::from_mins(15),
];

/// Sends what is planned, for as long as it runs.
pub(in crate::server) async fn send(mut jobs: UnboundedReceiver<Job>, shared: Arc<Shared>) {
    let http = client().build();
    let Ok(http) = http.inspect_err(|error| tracing::error!(%error, "webhooks cannot be sent"))
    else {
        return;
    };
    let room = Arc::new(Semaphore::new(AT_ONCE));
    while let Some(job) = jobs.recv().await {
        tokio::spawn(deliver(http.clone(), job, Arc::clone(&shared), Arc::clone(&room)));
    }
}

/// What sends them.
pub(super) fn client() -> reqwest::ClientBuilder {
    let none = reqwest::redirect::Policy::none();
    reqwest::Client::builder().timeout(TIMEOUT).redirect(none).no_proxy()
}

async fn deliver(http: reqwest::Client, mut job: Job, shared: Arc<Shared>, room: Arc<Semaphore>) {
    tokio::time::sleep(job.wait).await;
    loop {
        // It is never closed.
        let turn = room.acquire().await;
        let again = try_once(&http, &mut job, &shared, Utc::now()).await;
        drop(turn);
        let Some(wait) = again else { return };
        tokio::time::sleep(wait).await;
    }
}

/// Makes an attempt and notes what came of it. Gives how long to wait before the next one, if there
/// is to be one.
pub(super) async fn try_once(
    http: &reqwest::Client,
    job: &mut Job,
    shared: &Shared,
    at: DateTime<Utc>,
) -> Option<Duration> {
    let cut = std::mem::take(&mut job.cut);
    let attempt = if cut { cut_off(job, at).await } else { attempt(http, job, at).await };
    let delivered = attempt.status.is_some_and(|status| (200..300).contains(&status));
    let wait = WAITS.get(job.attempts).filter(|_| !delivered && !job.forged);
    job.attempts += 1;
    let progress = match wait {
        _ if job.forged => None,
        _ if delivered => Some(Progress::Delivered),
        Some(_) => Some(Progress::Open),
        None => Some(Progress::GivenUp),
    };
    shared.state().log.note(job.number, attempt, progress);
    // What was cut is repeated at once: that is what it is for.
    wait.map(|wait| if cut { Duration::ZERO } else { *wait })
}

async fn attempt(http: &reqwest::Client, job: &Job, at: DateTime<Utc>) -> Attempt {
    let fault = job.forged.then_some("forged");
    let sent = http
        .post(&job.url)
        .header(USER_AGENT, "Octany/1.0")
        .header(CONTENT_TYPE, "application/json")
        .header(SIGNATURE_HEADER, &job.signature)
        .body(job.body.to_string())
        .send()
        .await;
    match sent {
        Ok(answer) => {
            let status = Some(answer.status().as_u16());
            let mut answer = answer.text().await.unwrap_or_default();
            answer.truncate(answer.floor_char_boundary(500));
            Attempt { at, status, answer, fault }
        }
        Err(error) => Attempt { at, status: None, answer: error.without_url().to_string(), fault },
    }
}

/// Sends half of it and hangs up.
async fn cut_off(job: &Job, at: DateTime<Utc>) -> Attempt {
    let answer = match half(job).await {
        Ok(()) => "the connection was cut".to_owned(),
        Err(error) => error.to_string(),
    };
    Attempt { at, status: None, answer, fault: Some("cut") }
}

async fn half(job: &Job) -> std::io::Result<()> {
    let url = Url::parse(&job.url).map_err(std::io::Error::other)?;
    let (host, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default());
    let mut stream = TcpStream::connect((host, port.unwrap_or(80))).await?;
    let length = job.body.len();
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Octany/1.0\r\n\
         Content-Type: application/json\r\n{SIGNATURE_HEADER}: {}\r\n\
         Content-Length: {length}\r\n\r\n",
        &url[Position::BeforePath..Position::AfterQuery],
        job.signature,
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&job.body.as_bytes()[..length / 2]).await?;
    stream.shutdown().await
}
