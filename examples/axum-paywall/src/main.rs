//! A paid page on axum and SQLite.
//!
//! `cargo run -p axum-paywall` serves it beside a local Octany, or on yours if the environment names
//! it; `cargo run -p axum-paywall -- --demo` walks through it.

mod app;
mod user;

use paywall::Error;
use paywall::settings::Settings;
use paywall::start::{self, Stop};
use tokio::net::TcpListener;

use crate::app::App;

#[tokio::main]
async fn main() -> Result<(), Error> {
    start::run(serve).await
}

async fn serve(
    listener: std::net::TcpListener,
    settings: Settings,
    stop: Stop,
) -> Result<(), Error> {
    let app = App::open(settings).await?;
    listener.set_nonblocking(true)?;
    let listener = TcpListener::from_std(listener)?;
    axum::serve(listener, app.router()).with_graceful_shutdown(stop).await?;
    app.close().await;
    Ok(())
}
