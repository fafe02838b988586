//! `octany listen`

mod heard;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use clap::Args;
use http::StatusCode;
use octany_core::signature::SIGNATURE_HEADER;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use self::heard::{Answer, Heard};
use super::advance::SimUrl;
use super::deliver::{deliver, http};
use super::replay::Recorded;
use crate::failure::Failure;
use crate::interrupt::interrupted;
use crate::output::{Output, Tone};

/// As large as anything that Octany sends, and more.
const LIMIT: usize = 4 * 1024 * 1024;

/// Receive what a local Octany sends, print it, and forward it to an app.
///
/// The body and its signature are forwarded as they came, and the app's answer goes back. The app
/// needs the secret that is printed at the beginning. Until Ctrl-C, this is one of the local Octany's
/// endpoints, and then no more.
#[derive(Debug, Args)]
pub(crate) struct Listen {
    /// Where to forward to; without it, everything is accepted.
    #[arg(long, value_name = "URL")]
    forward_to: Option<String>,
    /// Write deliveries down, for `octany replay`. They hold customers' data, so nobody else can read
    /// the file.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    #[command(flatten)]
    sim: SimUrl,
}

struct Ear {
    http: reqwest::Client,
    forward_to: Option<String>,
    record: Option<(PathBuf, tokio::sync::Mutex<tokio::fs::File>)>,
    output: Output,
}

impl Listen {
    pub(crate) async fn run(self, output: Output) -> Result<ExitCode, Failure> {
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.map_err(|error| Failure::Io("listen", error))?;
        let address = listener.local_addr().map_err(|error| Failure::Io("listen", error))?;
        let url = format!("http://{address}/");
        let record = self.record.map(|path| {
            match crate::file::own().append(true).create(true).open(&path) {
                Ok(file) => Ok((path, tokio::sync::Mutex::new(tokio::fs::File::from_std(file)))),
                Err(error) => Err(Failure::Write(path, error)),
            }
        });
        let record = record.transpose()?;
        let ear = Ear { http: http()?, forward_to: self.forward_to, record, output };
        let app = Router::new().fallback(hear).with_state(Arc::new(ear));
        let command = |action| serde_json::json!({ "action": action, "url": url });
        let stopped = interrupted();
        let state = self.sim.command(&command("register")).await?;
        let secret = secret_of(&state, &url)
            .ok_or_else(|| Failure::Refused("that is no local Octany".to_owned()))?;
        output.tell(
            &format!("Listening as {url}\nThe endpoint's secret: {}", Tone::Strong.paint(&secret)),
            &serde_json::json!({ "url": url, "secret": secret }),
        );
        let served = axum::serve(listener, app).with_graceful_shutdown(stopped).await;
        // Who sends to it would not be answered any more.
        let removed = self.sim.command(&command("unregister")).await;
        served.map_err(|error| Failure::Io("listen", error))?;
        match removed {
            // It has ended before, and has nobody left to tell.
            Err(Failure::Unreachable(..)) => Ok(ExitCode::SUCCESS),
            removed => removed.map(|_| ExitCode::SUCCESS),
        }
    }
}

fn secret_of(state: &str, url: &str) -> Option<String> {
    let state: serde_json::Value = serde_json::from_str(state).ok()?;
    let accounts = state["accounts"].as_array()?.iter();
    let mut endpoints = accounts.filter_map(|it| it["endpoints"].as_array()).flatten();
    let own = endpoints.find(|endpoint| endpoint["url"] == url)?;
    own["secret"].as_str().map(str::to_owned)
}

async fn hear(State(ear): State<Arc<Ear>>, request: Request<Body>) -> Response {
    let signature = request.headers().get(SIGNATURE_HEADER).and_then(|it| it.to_str().ok());
    let signature = signature.unwrap_or_default().to_owned();
    let Ok(body) = to_bytes(request.into_body(), LIMIT).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let heard = Heard::of(&body);
    if let Some((path, file)) = &ear.record {
        let body = String::from_utf8_lossy(&body).into_owned();
        let recorded = Recorded { signature: signature.clone(), body };
        let mut line = serde_json::to_vec(&recorded).expect("it has string keys");
        line.push(b'\n');
        let mut file = file.lock().await;
        // Without a flush, an error is told to whoever writes next.
        let written = async { file.write_all(&line).await.and(file.flush().await) };
        if let Err(error) = written.await {
            ear.output.failed(&Failure::Write(path.clone(), error));
        }
    }
    let began = Instant::now();
    let Some(url) = &ear.forward_to else {
        heard.tell(ear.output, None, began.elapsed());
        return StatusCode::OK.into_response();
    };
    match deliver(&ear.http, url, body, &signature).await {
        Ok(delivered) => {
            heard.tell(ear.output, Some(&Answer::Came(&delivered)), began.elapsed());
            let status = StatusCode::from_u16(delivered.status).unwrap_or(StatusCode::BAD_GATEWAY);
            (status, delivered.answer).into_response()
        }
        Err(failure) => {
            heard.tell(ear.output, Some(&Answer::None), began.elapsed());
            ear.output.failed(&failure);
            StatusCode::BAD_GATEWAY.into_response()
        }
    }
}
