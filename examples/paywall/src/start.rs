//! Runs the application on the Octany of the environment, or else beside a local one.

use std::env;
use std::future::Future;
use std::net::TcpListener;
use std::pin::Pin;

use tracing_subscriber::EnvFilter;

use crate::local::Local;
use crate::settings::{Settings, address};
use crate::{Error, demo};

/// Done when the application is to stop.
pub type Stop = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Serves the application until it is to stop.
pub trait Serve {
    /// Serves it.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from starting or from serving.
    fn serve(
        &self,
        listener: TcpListener,
        settings: Settings,
        stop: Stop,
    ) -> impl Future<Output = Result<(), Error>>;
}

impl<F: AsyncFn(TcpListener, Settings, Stop) -> Result<(), Error>> Serve for F {
    fn serve(
        &self,
        listener: TcpListener,
        settings: Settings,
        stop: Stop,
    ) -> impl Future<Output = Result<(), Error>> {
        self(listener, settings, stop)
    }
}

/// Does what the command line and the environment ask for.
///
/// # Errors
///
/// Whatever keeps it from that; the first thing that the demonstration did not expect.
pub async fn run(app: impl Serve) -> Result<(), Error> {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| "error".into()))
        .with_writer(std::io::stderr)
        .init();
    match env::args().nth(1).as_deref() {
        Some("--demo") => demo::run(&app).await,
        Some(other) => Err(format!("{other} is not known; there is --demo").into()),
        None => match Settings::from_env()? {
            Some(settings) => on_octany(&app, settings).await,
            None => beside_a_local_octany(&app).await,
        },
    }
}

#[expect(clippy::print_stdout, reason = "somebody wants to know where it listens")]
async fn on_octany(app: &impl Serve, settings: Settings) -> Result<(), Error> {
    let listener = TcpListener::bind(address().as_deref().unwrap_or("127.0.0.1:3000"))?;
    println!("The app         http://{}", listener.local_addr()?);
    app.serve(listener, settings, interrupted()).await
}

#[expect(clippy::print_stdout, reason = "somebody wants to know where they listen")]
async fn beside_a_local_octany(app: &impl Serve) -> Result<(), Error> {
    let listener = TcpListener::bind(address().as_deref().unwrap_or("127.0.0.1:0"))?;
    let local = Local::start(listener.local_addr()?, chrono::Utc::now()).await?;
    println!("The app         {}", local.settings().url);
    println!("A local Octany  {}", local.simulator().base_url());
    println!("\nSign in, subscribe and pay; no money moves. The second sets the clock forward.");
    println!("Ctrl-C stops both.");
    app.serve(listener, local.settings().clone(), interrupted()).await
}

fn interrupted() -> Stop {
    Box::pin(async { drop(tokio::signal::ctrl_c().await) })
}
