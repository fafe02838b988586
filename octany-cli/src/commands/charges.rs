//! `octany charges`

use std::process::ExitCode;

use chrono::Utc;
use clap::{Args, Subcommand};
use octany_client::{ChargeError, Client, Settled};
use octany_entitlement::{ChargeIntent, ChargeIntents, ChargeState};
use serde_json::{Value, json};

use super::confirm::Confirm;
use crate::api::ApiSource;
use crate::failure::Failure;
use crate::output::{Cell, Output, Table, Tone};
use crate::store::{Access, StoreSource};
use crate::time::{away, shown};

/// Look after charges of which it is not known whether they were made.
#[derive(Debug, Args)]
pub(crate) struct Charges {
    #[command(subcommand)]
    command: ChargesCommand,
}

#[derive(Debug, Subcommand)]
enum ChargesCommand {
    List(List),
    Settle(Settle),
    Abandon(Abandon),
}

/// List charges that were sent, whose answer got lost, and that are in the way of others on their
/// subscription.
#[derive(Debug, Args)]
struct List {
    /// At most so many.
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    limit: usize,
    #[command(flatten)]
    store: StoreSource,
}

/// Look for the orders of charges that are unknown, and note them. It charges nothing.
///
/// Exit codes: 1 if one of them is still unknown.
#[derive(Debug, Args)]
struct Settle {
    /// Which ones, by the ids that the app chose.
    #[arg(required_unless_present = "all", value_name = "ID")]
    ids: Vec<String>,
    /// All that are unknown, a thousand at most.
    #[arg(long, conflicts_with = "ids")]
    all: bool,
    #[command(flatten)]
    store: StoreSource,
    #[command(flatten)]
    api: ApiSource,
}

/// Give a charge up without knowing, so that its subscription can be charged again.
///
/// Octany may have made the order, or make it yet: look for it in Octany's admin first.
///
/// Exit codes: 1 if it is not open, or somebody is at it at this moment.
#[derive(Debug, Args)]
struct Abandon {
    /// Which one, by the id that the app chose.
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    confirm: Confirm,
    #[command(flatten)]
    store: StoreSource,
}

impl Charges {
    pub(crate) async fn run(self, output: Output) -> Result<ExitCode, Failure> {
        match self.command {
            ChargesCommand::List(command) => command.run(output).await,
            ChargesCommand::Settle(command) => command.run(output).await,
            ChargesCommand::Abandon(command) => command.run(output).await,
        }
    }
}

impl List {
    async fn run(self, output: Output) -> Result<ExitCode, Failure> {
        let charges = self.store.open(Access::Read).await?.charges()?;
        let unknown = charges.unknown(Utc::now(), self.limit).await?;
        let mut table = Table::new(["Charge", "Subscription", "Product", "Amount", "Begun"]);
        for intent in &unknown {
            let charge = &intent.charge;
            table.row([
                Cell::from(&intent.id),
                Cell::from(&charge.subscription),
                Cell::from(&charge.product),
                format!("{} × {}", charge.quantity, minor(charge.amount)).into(),
                format!("{} ({})", shown(intent.begun_at), away(intent.begun_at, Utc::now()))
                    .into(),
            ]);
        }
        let documents: Vec<_> = unknown.iter().map(document).collect();
        output.list(&table, "No charge is unknown.", &documents);
        Ok(ExitCode::SUCCESS)
    }
}

impl Settle {
    async fn run(self, output: Output) -> Result<ExitCode, Failure> {
        let client = self.api.client()?;
        let charges = self.store.open(Access::Write).await?.charges()?;
        let ids = if self.all {
            let unknown = charges.unknown(Utc::now(), 1_000).await?;
            unknown.into_iter().map(|intent| intent.id).collect()
        } else {
            self.ids
        };
        let mut table = Table::new(["Charge", "Result", "Order"]);
        let (mut documents, mut all) = (Vec::new(), true);
        for id in ids {
            let (tone, result, order) = settle(&client, &*charges, &id).await?;
            all &= tone == Tone::Good;
            let shown = order.as_deref().unwrap_or_default();
            table.row([Cell::from(&id), tone.cell(&result), Cell::from(shown)]);
            documents.push(json!({
                "charge": id, "settled": tone == Tone::Good, "result": result, "order": order,
            }));
        }
        output.list(&table, "No charge is unknown.", &documents);
        Ok(if all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

impl Abandon {
    async fn run(self, output: Output) -> Result<ExitCode, Failure> {
        let charges = self.store.open(Access::Write).await?.charges()?;
        let id = &self.id;
        if charges.intent(id).await?.is_none() {
            return Err(no_such(id));
        }
        self.confirm.ask(&format!("Give the charge {id} up, though it may have been made?"))?;
        if !charges.abandon(id, Utc::now()).await? {
            let why = "is not open, or somebody is at it at this moment";
            return Err(Failure::Refused(format!("the charge {id} {why}")));
        }
        let text = format!("The charge {} is given up.", Tone::Strong.paint(id));
        output.tell(&text, &json!({ "charge": id, "abandoned": true }));
        Ok(ExitCode::SUCCESS)
    }
}

/// What became of a charge, and its order.
async fn settle(
    client: &Client,
    charges: &dyn ChargeIntents,
    id: &str,
) -> Result<(Tone, String, Option<String>), Failure> {
    let (tone, result) = match client.settle_charge(charges, id).await {
        Ok(Settled::Created(order)) => {
            return Ok((Tone::Good, "charged".to_owned(), Some(order.to_string())));
        }
        Ok(Settled::NotCharged) => (Tone::Good, "not charged".to_owned()),
        Ok(Settled::StillUnknown) => (Tone::Bad, "still unknown".to_owned()),
        Ok(Settled::NotFound { since }) => {
            (Tone::Bad, format!("no new order since {}", shown(since)))
        }
        Err(error @ (ChargeError::InFlight { .. } | ChargeError::Abandoned)) => {
            (Tone::Warn, error.to_string())
        }
        Err(ChargeError::NoSuchIntent) => return Err(no_such(id)),
        Err(error) => return Err(Failure::because(format!("{id} could not be settled"), error)),
    };
    Ok((tone, result, None))
}

fn no_such(id: &str) -> Failure {
    Failure::Refused(format!("there is no charge {id}"))
}

fn document(intent: &ChargeIntent) -> Value {
    let state = match intent.state {
        ChargeState::Prepared => "prepared",
        ChargeState::Sent(_) => "sent",
        ChargeState::Created(_) => "created",
        ChargeState::Refused => "refused",
        ChargeState::Abandoned => "abandoned",
    };
    json!({
        "charge": intent.id, "subscription": intent.charge.subscription.as_str(),
        "product": intent.charge.product.as_str(), "amount": intent.charge.amount,
        "quantity": intent.charge.quantity, "state": state, "begun_at": intent.begun_at,
        "held_until": intent.claimed_until,
    })
}

/// Minor units as people read them: what the currency is, is not stored.
fn minor(amount: i64) -> String {
    format!(
        "{}{}.{:02}",
        if amount < 0 { "-" } else { "" },
        amount.unsigned_abs() / 100,
        amount.unsigned_abs() % 100
    )
}
