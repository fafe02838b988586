//! `octany inbox`

mod list;
mod redact;
mod show;

use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use octany_core::DeliveryId;
use octany_entitlement::InboxStore;
use serde_json::json;

use super::confirm::Confirm;
use crate::failure::Failure;
use crate::output::{Cell, Output, Table, Tone};
use crate::store::{Access, StoreSource};

/// Look after the inbox: what waits, what runs, and the dead letters that nobody tries any more.
#[derive(Debug, Args)]
pub(crate) struct Inbox {
    #[command(subcommand)]
    command: InboxCommand,
}

#[derive(Debug, Subcommand)]
enum InboxCommand {
    List(list::List),
    Show(show::Show),
    Replay(Replay),
    Discard(Discard),
}

/// Have dead letters tried again, as if they had never been tried.
///
/// A worker of the app takes them up when it looks next.
///
/// Exit codes: 1 if one of them is no dead letter.
#[derive(Debug, Args)]
struct Replay {
    /// Which deliveries.
    #[arg(required_unless_present = "all", value_name = "ID")]
    ids: Vec<String>,
    /// All dead letters.
    #[arg(long, conflicts_with = "ids")]
    all: bool,
    #[command(flatten)]
    store: StoreSource,
}

/// Give dead letters up, for good: they count as done.
///
/// Exit codes: 1 if one of them is no dead letter.
#[derive(Debug, Args)]
struct Discard {
    /// Which deliveries.
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
    #[command(flatten)]
    confirm: Confirm,
    #[command(flatten)]
    store: StoreSource,
}

impl Inbox {
    pub(crate) async fn run(self, output: Output) -> Result<ExitCode, Failure> {
        match self.command {
            InboxCommand::List(command) => command.run(output).await,
            InboxCommand::Show(command) => command.run(output).await,
            InboxCommand::Replay(command) => command.run(output).await,
            InboxCommand::Discard(command) => command.run(output).await,
        }
    }
}

impl Replay {
    async fn run(self, output: Output) -> Result<ExitCode, Failure> {
        let inbox = self.store.open(Access::Write).await?.inbox()?;
        if self.all {
            let replayed = inbox.replay_all().await?;
            let text = format!("{replayed} dead letters wait again.");
            output.tell(&text, &json!({ "replayed": replayed }));
            return Ok(ExitCode::SUCCESS);
        }
        let replay = async |id: DeliveryId| inbox.replay(&id).await;
        each(output, self.ids, "waits again", replay).await
    }
}

impl Discard {
    async fn run(self, output: Output) -> Result<ExitCode, Failure> {
        let inbox: Arc<dyn InboxStore> = self.store.open(Access::Write).await?.inbox()?;
        let letters = if self.ids.len() == 1 { "letter" } else { "letters" };
        self.confirm.ask(&format!("Give {} dead {letters} up for good?", self.ids.len()))?;
        let discard = async |id: DeliveryId| inbox.discard(&id).await;
        each(output, self.ids, "given up", discard).await
    }
}

/// Does something to each dead letter, and tells of which it was done.
async fn each(
    output: Output,
    ids: Vec<String>,
    done: &'static str,
    act: impl AsyncFn(DeliveryId) -> Result<bool, octany_entitlement::StoreError>,
) -> Result<ExitCode, Failure> {
    let mut table = Table::new(["Delivery", "Result"]);
    let (mut documents, mut all) = (Vec::new(), true);
    for id in ids {
        let acted = act(id.as_str().into()).await?;
        all &= acted;
        let (tone, told) = if acted { (Tone::Good, done) } else { (Tone::Bad, "no dead letter") };
        documents.push(json!({ "delivery": id, "done": acted, "result": told }));
        table.row([Cell::from(id), tone.cell(told)]);
    }
    output.list(&table, "Nothing was asked for.", &documents);
    Ok(if all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
