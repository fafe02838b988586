//! `octany inbox list`

use std::process::ExitCode;

use chrono::{DateTime, Utc};
use clap::Args;
use octany_entitlement::{KeptLetter, LetterState};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::output::{Cell, Output, Table, Tone};
use crate::store::{Access, StoreSource};
use crate::time::{away, shown};

/// How many letters are asked for at once.
const PORTION: usize = 500;

/// List letters that are not done, in the order in which they came.
#[derive(Debug, Args)]
pub(super) struct List {
    /// Only those that nobody tries any more.
    #[arg(long)]
    dead: bool,
    /// At most so many.
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    limit: usize,
    #[command(flatten)]
    store: StoreSource,
}

impl List {
    pub(super) async fn run(self, output: Output) -> Result<ExitCode, Failure> {
        let inbox = self.store.open(Access::Read).await?.inbox()?;
        let depth = inbox.depth().await?;
        let (mut letters, mut after) = (Vec::new(), 0);
        while letters.len() < self.limit {
            let portion = PORTION.min(self.limit - letters.len());
            let found = if self.dead {
                inbox.dead(after, portion).await?.into_iter().map(as_kept).collect()
            } else {
                inbox.letters(after, portion).await?
            };
            let Some(last) = found.last() else { break };
            after = last.number;
            letters.extend(found);
        }
        let now = Utc::now();
        let mut table =
            Table::new(["Delivery", "State", "Event", "About", "Received", "Tried", "Last error"]);
        for letter in &letters {
            table.row([
                Cell::from(&letter.id),
                state(letter.state, now),
                Cell::from(&letter.event),
                Cell::from(&letter.key),
                shown(letter.received_at).into(),
                letter.attempts.into(),
                Cell::from(&letter.last_error),
            ]);
        }
        let documents: Vec<_> = letters.iter().map(document).collect();
        output.list(&table, "No such letters.", &documents);
        let dead = format!("{} dead", depth.dead);
        let dead = if depth.dead > 0 { Tone::Bad.paint(dead) } else { dead };
        output.note(&format!("{} waiting, {} running, {dead}", depth.waiting, depth.running));
        Ok(ExitCode::SUCCESS)
    }
}

fn as_kept(dead: octany_entitlement::DeadLetter) -> KeptLetter {
    KeptLetter {
        number: dead.number,
        id: dead.id,
        key: dead.key,
        event: dead.event,
        received_at: dead.received_at,
        state: LetterState::Dead { died_at: dead.died_at },
        attempts: dead.attempts,
        last_error: dead.last_error,
    }
}

/// Where it stands, and since or until when.
pub(super) fn state(state: LetterState, now: DateTime<Utc>) -> Cell {
    let name = state.as_str();
    match state {
        LetterState::Waiting { due_at } if due_at <= now => Tone::Plain.cell(name),
        LetterState::Waiting { due_at } => {
            Tone::Warn.cell(format!("{name}, due {}", away(due_at, now)))
        }
        LetterState::Running { until } if until <= now => {
            Tone::Warn.cell(format!("{name}, left {}", away(until, now)))
        }
        LetterState::Running { .. } => Tone::Good.cell(name),
        LetterState::Dead { died_at } => Tone::Bad.cell(format!("{name}, {}", away(died_at, now))),
        LetterState::Done { done_at } => Tone::Good.cell(format!("{name}, {}", away(done_at, now))),
    }
}

pub(super) fn document(letter: &KeptLetter) -> Value {
    let at = match letter.state {
        LetterState::Waiting { due_at: at }
        | LetterState::Running { until: at }
        | LetterState::Dead { died_at: at }
        | LetterState::Done { done_at: at } => at,
    };
    json!({
        "delivery": letter.id.as_str(), "number": letter.number, "state": letter.state.as_str(),
        "state_at": at, "event": letter.event, "about": letter.key,
        "received_at": letter.received_at, "attempts": letter.attempts,
        "last_error": letter.last_error,
    })
}
