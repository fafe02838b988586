//! A paid page on actix-web and SQLite.
//!
//! `cargo run -p actix-paywall -- --demo` plays a recorded month against it;
//! `cargo run -p actix-paywall` serves it.

mod app;
mod user;

use std::net::ToSocketAddrs;

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::{App as Actix, HttpServer};
use paywall::Error;
use paywall::demo::{self, Running};
use paywall::settings::{self, Settings};
use tracing_subscriber::EnvFilter;

use crate::app::App;

#[actix_web::main]
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
    let app = App::open(Settings::from_env()?).await?;
    let (server, address) = bind(&app, settings::address())?;
    println!("http://{address}");
    server.await?;
    app.close().await;
    Ok(())
}

async fn start(settings: Settings) -> Result<Running, Error> {
    let app = App::open(settings).await?;
    let (server, address) = bind(&app, "127.0.0.1:0")?;
    let handle = server.handle();
    actix_web::rt::spawn(server);
    let stop = Box::pin(async move {
        handle.stop(true).await;
        app.close().await;
    });
    Ok(Running { address, stop })
}

/// The closure runs once for each worker; what they share was made before.
fn bind(app: &App, address: impl ToSocketAddrs) -> Result<(Server, std::net::SocketAddr), Error> {
    let app = app.clone();
    let server = HttpServer::new(move || {
        Actix::new().wrap(from_fn(user::authenticate)).configure(|config| app.routes(config))
    });
    let server = server.workers(2).bind(address)?;
    let address = server.addrs().first().copied().ok_or("it listens nowhere")?;
    Ok((server.run(), address))
}
