//! One of several processes that make the same charges, each under an id of its own. It goes on until
//! it is killed, or has nothing left to do.
//!
//! `OCTANY_CHARGER_API`: the base URL of an Octany. `OCTANY_CHARGER_DATABASE`: the URL of a
//! PostgreSQL database that is migrated. `OCTANY_CHARGER_CHARGES`: how many charges there are.

use std::error::Error;
use std::time::Duration;

use octany_client::{ApiKey, ChargeRequest, Client, RateLimit};
use octany_sqlx::PostgresStore;

/// How many charges it makes at once.
const AT_ONCE: usize = 8;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let intents = PostgresStore::connect_lazy(&std::env::var("OCTANY_CHARGER_DATABASE")?)?;
    let account = "0b6f9a52-7c11-4b8e-9d55-6f1d0c3a2e41";
    let client = Client::builder(account, ApiKey::new("key")?).rate_limit(RateLimit::off());
    let client = client.base_url(std::env::var("OCTANY_CHARGER_API")?).build()?;
    let charges: usize = std::env::var("OCTANY_CHARGER_CHARGES")?.parse()?;
    let tasks: Vec<_> = (0..AT_ONCE)
        .map(|task| {
            let (client, intents) = (client.clone(), intents.clone());
            tokio::spawn(async move {
                for number in (task..charges).step_by(AT_ONCE) {
                    make(&client, &intents, number).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await?;
    }
    Ok(())
}

/// Until it is known what became of it, or that this is not known.
async fn make(client: &Client, intents: &PostgresStore, number: usize) {
    let (subscription, id) = (format!("sub_{number}"), format!("invoice_{number}"));
    let request = ChargeRequest::new(55, 4995);
    loop {
        let subscription = subscription.as_str().into();
        if client.charge_once(intents, &subscription, &request, &id).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
