//! `octany advance`

use std::process::ExitCode;

use clap::Args;
use http::header::CONTENT_TYPE;
use serde::Deserialize;

use super::deliver::http;
use crate::failure::Failure;
use crate::output::{Output, Tone};

/// Set the clock of a local Octany forward.
#[derive(Debug, Args)]
pub(crate) struct Advance {
    /// By how much: 1day, 2months, 1year, or `renewal` to the instant at which a subscription is renewed
    /// next.
    by: String,
    #[command(flatten)]
    sim: SimUrl,
}

/// Which local Octany.
#[derive(Debug, Args)]
pub(super) struct SimUrl {
    /// Where the local Octany is.
    #[arg(
        long = "sim",
        value_name = "URL",
        default_value = "http://127.0.0.1:4000",
        env = "OCTANY_SIM"
    )]
    url: String,
}

#[derive(Deserialize)]
struct State {
    now: String,
}

#[derive(Deserialize)]
struct Refused {
    error: Why,
}

#[derive(Deserialize)]
struct Why {
    message: String,
}

impl Advance {
    pub(crate) async fn run(self, output: Output) -> Result<ExitCode, Failure> {
        let command = serde_json::json!({ "action": "advance", "by": self.by });
        let answer = self.sim.send(&command, "return=minimal").await?;
        let state: State = serde_json::from_str(&answer)
            .map_err(|_| Failure::Refused("that is no local Octany".to_owned()))?;
        let text = format!("It is now {}.", Tone::Strong.paint(&state.now));
        output.tell(&text, &serde_json::json!({ "now": state.now }));
        Ok(ExitCode::SUCCESS)
    }
}

impl SimUrl {
    /// Has something done, and gives what there is then.
    pub(super) async fn command(&self, command: &serde_json::Value) -> Result<String, Failure> {
        self.send(command, "return=representation").await
    }

    /// The same, and says how much it wants to be told.
    async fn send(&self, command: &serde_json::Value, prefer: &str) -> Result<String, Failure> {
        let unanswered = |error| Failure::unanswered(&self.url, error);
        let answer = http()?
            .post(format!("{}/control/commands", self.url.trim_end_matches('/')))
            .header(CONTENT_TYPE, "application/json")
            .header("prefer", prefer)
            .body(command.to_string())
            .send()
            .await
            .map_err(unanswered)?;
        let is_done = answer.status().is_success();
        let text = answer.text().await.map_err(unanswered)?;
        if is_done {
            return Ok(text);
        }
        let why = serde_json::from_str(&text).map(|refused: Refused| refused.error.message);
        Err(Failure::Refused(why.unwrap_or(text)))
    }
}
