//! `octany sim`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use clap::Args;
use octany_sim::engine::{Engine, Interval, Product, ProductKind};
use octany_sim::server::{Simulator, run};
use tokio::net::TcpListener;

use crate::failure::Failure;
use crate::output::Output;

/// Run a local Octany: API, checkout, portal, webhooks, and a page to control it.
///
/// It has one account with a few products. Nothing leaves this machine, and no money moves.
#[derive(Debug, Args)]
pub(crate) struct Sim {
    /// The port; 0 for one that is free.
    #[arg(long, default_value_t = 4000)]
    port: u16,
    /// Keep the accounts in this file: it is read at the start and written at the end. If it is
    /// there, the seed and the instant are those in it.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// What ids, keys and secrets follow from: the same seed, the same ones.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The instant at which its clock begins; now unless set.
    #[arg(long, value_name = "INSTANT")]
    at: Option<DateTime<Utc>>,
    /// Let the clock stand still; `octany advance` moves it.
    #[arg(long)]
    standing_clock: bool,
}

impl Sim {
    pub(crate) async fn run(self, output: Output) -> Result<ExitCode, Failure> {
        let engine = match self.state.as_deref().map(load).transpose()?.flatten() {
            Some(engine) => engine,
            None => shop(self.seed, self.at.unwrap_or_else(Utc::now)),
        };
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await;
        let listener = listener.map_err(|error| Failure::Io("listen on the port", error))?;
        let address = listener.local_addr().map_err(|error| Failure::Io("listen", error))?;
        let base = format!("http://{address}");
        let mut simulator = Simulator::new(engine, &base);
        if self.standing_clock {
            simulator = simulator.with_standing_clock();
        }
        welcome(output, &simulator, &base);
        let served = run(listener, simulator.clone(), interrupted()).await;
        served.map_err(|error| Failure::Io("serve", error))?;
        if let Some(path) = self.state {
            let saved = simulator.with(|engine| engine.save());
            save(&path, &saved).map_err(|error| Failure::Write(path, error))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// A shop with something of each kind.
fn shop(seed: u64, now: DateTime<Utc>) -> Engine {
    let mut engine = Engine::new(seed, now);
    let shop = engine.add_account();
    let donation = ProductKind::Donation { interval: Interval::Month };
    for product in [
        Product::recurring(42, "Reports, monthly", Interval::Month, 9_900),
        Product::recurring(43, "Reports, yearly", Interval::Year, 99_000),
        Product::recurring(44, "Reports, with a trial", Interval::Month, 9_900).with_trial(14),
        Product::recurring(45, "Reports, for a quarter", Interval::Month, 9_900).with_cycles(3),
        Product::one_time(46, "A single report", 4_995),
        Product::new(47, "A donation", donation, 5_000),
    ] {
        engine.add_product(shop, product);
    }
    engine
}

fn welcome(output: Output, simulator: &Simulator, base: &str) {
    let (uuid, key) = simulator.with(|engine| {
        let account = engine.accounts().next().map(|(_, account)| account);
        account.map(|it| (it.uuid.clone(), it.api_key.clone())).unwrap_or_default()
    });
    let text = format!(
        "Control page  {base}/\n\
         API base URL  {base}/api\n\
         Checkout      {base}\n\
         Account       {uuid}\n\
         API key       {key}\n\
         Press Ctrl-C to stop."
    );
    let json = serde_json::json!({
        "control": format!("{base}/"), "api": format!("{base}/api"), "checkout": base,
        "account": uuid, "api_key": key,
    });
    output.tell(&text, &json);
}

fn load(path: &Path) -> Result<Option<Engine>, Failure> {
    match std::fs::read_to_string(path) {
        Ok(saved) => {
            Engine::load(&saved).map(Some).map_err(|error| Failure::State(path.to_owned(), error))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::Read(path.to_owned(), error)),
    }
}

/// The whole file or none of it.
fn save(path: &Path, saved: &str) -> std::io::Result<()> {
    let beside = path.with_extension("new");
    std::fs::write(&beside, saved)?;
    std::fs::rename(&beside, path)
}

/// Until somebody presses Ctrl-C, or the process is told to end.
pub(super) async fn interrupted() {
    let ended = async {
        #[cfg(unix)]
        if let Ok(mut end) =
            tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
        {
            end.recv().await;
            return;
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = ended => {}
    }
}
