//! Serves what keeps its state somewhere, for a load generator outside.
//!
//! `serve-stores WHAT FOLDER`: writes the generator's scripts to the folder, prints the port, and serves
//! until it is ended. Deliveries: `bare`, `memory`, `sqlite`, `postgres`. Requests: `unguarded`, and
//! `guarded` over copies of what is in PostgreSQL.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "it prints, and stops where it cannot"
)]

mod guard;

use std::path::Path;

use axum::Router;
use axum::routing::post;
use octany_axum::{OctanyWebhookLayer, acknowledge};
use octany_benches::database::Database;
use octany_benches::delivery::{Deliveries, verifier};
use octany_benches::{axum as routers, load};
use octany_entitlement::{Ledger, MemoryStore};
use octany_sqlx::{PostgresStore, SqliteStore};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().expect("what to serve");
    let folder = arguments.next().expect("a folder for scripts");
    let folder = Path::new(&folder);
    match what.as_str() {
        "bare" => serve(deliveries(folder, routers::bare())).await,
        "memory" => serve(deliveries(folder, into(MemoryStore::new()))).await,
        "sqlite" => {
            let place = tempfile::tempdir().unwrap();
            let store = SqliteStore::open(place.path().join("app.sqlite")).await.unwrap();
            serve(deliveries(folder, into(store))).await;
        }
        "postgres" => {
            let database = Database::create("ingest").await;
            let store = PostgresStore::connect(&database.url()).await.unwrap();
            serve(deliveries(folder, into(store))).await;
            database.remove().await;
        }
        "unguarded" => {
            guard::scripts(folder);
            serve(routers::unguarded()).await;
        }
        "guarded" => {
            guard::scripts(folder);
            let database = Database::create("guard").await;
            serve(guard::router(&database).await).await;
            database.remove().await;
        }
        _ => unreachable!("nothing of this name is served"),
    }
}

/// Claims each delivery and applies what it reports, in one commit.
fn into(ledger: impl Ledger + 'static) -> Router {
    let layer = OctanyWebhookLayer::new(verifier()).ledger(ledger);
    Router::new().route("/", post(acknowledge)).layer(layer)
}

fn deliveries(folder: &Path, router: Router) -> Router {
    load::write(folder, &Deliveries::fresh());
    router
}

/// Until a signal asks to end.
async fn serve(router: Router) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    println!("{}", listener.local_addr().unwrap().port());
    let mut ended = signal(SignalKind::terminate()).unwrap();
    tokio::select! {
        served = axum::serve(listener, router) => served.unwrap(),
        _ = ended.recv() => {}
    }
}
