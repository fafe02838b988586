//! One of several processes that serve one app: a webhook whose handler writes to a table of the
//! app's own. It listens on a free port, prints which, and serves until it is killed.
//!
//! `OCTANY_NODE_DATABASE`: the URL of a PostgreSQL database that is migrated and has a table
//! `effects`. `OCTANY_NODE_LEASE_MS`: how long a claim holds.

#![allow(clippy::print_stdout, reason = "whoever started it reads where it listens")]

use std::error::Error;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use chrono::Utc;
use octany_axum::{OctanyEvent, OctanyWebhookLayer};
use octany_core::signature::Verifier;
use octany_entitlement::Receiver;
use octany_sqlx::PostgresStore;
use octany_tests::example::secret;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

#[derive(Clone)]
struct App {
    store: PostgresStore,
    pool: PgPool,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("OCTANY_NODE_DATABASE")?;
    let lease = Duration::from_millis(std::env::var("OCTANY_NODE_LEASE_MS")?.parse()?);
    let pool = PgPoolOptions::new().max_connections(6).test_before_acquire(false);
    let pool = pool.connect(&url).await?;
    let store = PostgresStore::new(pool.clone());
    let receiver = Receiver::builder().ledger(store.clone()).lease(lease).build();
    let webhook = OctanyWebhookLayer::new(Verifier::new(secret())).receiver(receiver);
    let app = Router::new()
        .route("/octany/webhook", post(on_event).layer(webhook))
        .with_state(App { store, pool });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

/// The effect and the claim are one transaction: once, whatever happens to this process.
async fn on_event(State(app): State<App>, event: OctanyEvent) -> StatusCode {
    match effect(&app, &event).await {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

async fn effect(app: &App, event: &OctanyEvent) -> Result<(), Box<dyn Error>> {
    let mut transaction = app.pool.begin().await?;
    if !app.store.claim_in(&mut transaction, &event.id, Utc::now()).await? {
        return Ok(());
    }
    let effect = sqlx::query("INSERT INTO effects (delivery) VALUES ($1)").bind(event.id.as_str());
    effect.execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(())
}
