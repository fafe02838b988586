//! A paid page on actix-web and SQLite.
//!
//! `cargo run -p actix-paywall` serves it beside a local Octany, or on yours if the environment names
//! it; `cargo run -p actix-paywall -- --demo` walks through it.

mod app;
mod user;

use std::net::TcpListener;

use actix_web::middleware::from_fn;
use actix_web::{App as Actix, HttpServer};
use paywall::Error;
use paywall::settings::Settings;
use paywall::start::{self, Stop};

use crate::app::App;

#[actix_web::main]
async fn main() -> Result<(), Error> {
    start::run(serve).await
}

async fn serve(listener: TcpListener, settings: Settings, stop: Stop) -> Result<(), Error> {
    let app = App::open(settings).await?;
    // The closure runs once for each worker; what they share was made before.
    let shared = app.clone();
    let server = HttpServer::new(move || {
        Actix::new().wrap(from_fn(user::authenticate)).configure(|config| shared.routes(config))
    });
    server.workers(2).shutdown_signal(stop).listen(listener)?.run().await?;
    app.close().await;
    Ok(())
}
