//! A paid page on axum and SQLite.
//!
//! `cargo run -p axum-paywall -- --demo` plays a recorded month against it;
//! `cargo run -p axum-paywall` serves it.

mod app;
mod user;

use axum::Router;
use paywall::Error;
use paywall::demo::{self, Running};
use paywall::settings::{self, Settings};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tracing_subscriber::EnvFilter;

use crate::app::App;

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| "error".into()))
        .with_writer(std::io::stderr)
        .init();
    match std::env::args().nth(1).as_deref() {
        Some("--demo") => demo::run(start).await,
        Some(other) => Err(format!("{other} is not known; there is --demo").into()),
        None => serve().await,
    }
}

#[expect(clippy::print_stdout, reason = "somebody wants to know where it listens")]
async fn serve() -> Result<(), Error> {
    let (app, router) = App::open(Settings::from_env()?).await?;
    let listener = TcpListener::bind(settings::address()).await?;
    println!("http://{}", listener.local_addr()?);
    let stopped = async { drop(tokio::signal::ctrl_c().await) };
    axum::serve(listener, router).with_graceful_shutdown(stopped).await?;
    app.close().await;
    Ok(())
}

async fn start(settings: Settings) -> Result<Running, Error> {
    let (app, router): (App, Router) = App::open(settings).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(async move {
        let stopped = async { drop(stopped.await) };
        let served = axum::serve(listener, router).with_graceful_shutdown(stopped).await;
        app.close().await;
        served
    });
    let stop = Box::pin(async move {
        drop(stop);
        drop(serving.await);
    });
    Ok(Running { address, stop })
}
