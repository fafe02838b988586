//! `octany inbox show`

use std::process::ExitCode;

use chrono::Utc;
use clap::Args;

use super::list::{document, state};
use super::redact::redacted;
use crate::failure::Failure;
use crate::output::{Cell, Output, Table, Tone, plain_lines};
use crate::store::{Access, StoreSource};
use crate::time::shown;

/// Show a letter and its body.
///
/// Of the body, only ids, states, instants and amounts are shown, and in what is left out nothing but
/// its form: it holds customers' data and links into Octany's portal. --reveal shows all of it.
///
/// Exit codes: 1 if there is no such letter.
#[derive(Debug, Args)]
pub(super) struct Show {
    /// Which delivery.
    #[arg(value_name = "ID")]
    id: String,
    /// Show the whole body, customers' data and portal links included.
    #[arg(long)]
    reveal: bool,
    #[command(flatten)]
    store: StoreSource,
}

impl Show {
    pub(super) async fn run(self, output: Output) -> Result<ExitCode, Failure> {
        let inbox = self.store.open(Access::Read).await?.inbox()?;
        let found = inbox.letter(&self.id.as_str().into()).await?;
        let (letter, body) =
            found.ok_or_else(|| Failure::Refused(format!("there is no letter {}", self.id)))?;
        let body = match serde_json::from_slice(body.bytes()) {
            Ok(body) if self.reveal => body,
            Ok(body) => redacted(body),
            // It was verified, so it is Octany's; what it says is as unknown as it is strange.
            Err(_) => serde_json::Value::Null,
        };
        let mut table = Table::new(["Letter", ""]);
        for (name, value) in [
            ("Delivery", Cell::from(&letter.id)),
            ("State", state(letter.state, Utc::now())),
            ("Event", Cell::from(&letter.event)),
            ("About", Cell::from(&letter.key)),
            ("Received", shown(letter.received_at).into()),
            ("Tried", letter.attempts.into()),
            ("Last error", Cell::from(&letter.last_error)),
        ] {
            table.row([Tone::Strong.cell(name), value]);
        }
        let text = serde_json::to_string_pretty(&body).expect("it is JSON");
        let mut json = document(&letter);
        json["body"] = body;
        output.tell(&format!("{table}\n\n{}", plain_lines(&text)), &json);
        Ok(ExitCode::SUCCESS)
    }
}
