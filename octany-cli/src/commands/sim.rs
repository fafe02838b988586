//! `octany sim`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use clap::Args;
use octany_sim::engine::Engine;
use octany_sim::server::{Simulator, run};
use tokio::net::TcpListener;

use super::shop::{Style, shop};
use crate::failure::Failure;
use crate::interrupt::interrupted;
use crate::output::{Output, Tone};

/// Run a local Octany: API, checkout, portal, webhooks, and a page to control it.
///
/// It has one account with a few products. Nothing leaves this machine, and no money moves.
#[derive(Debug, Args)]
pub(crate) struct Sim {
    /// The port; 0 for one that is free.
    #[arg(long, default_value_t = 4000)]
    port: u16,
    /// Keep the accounts in this file: it is read at the start and written at the end, for nobody else
    /// to read, since it holds their keys. If it is there, the seed and the instant are those in it.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// What ids, keys and secrets follow from: the same seed, the same ones.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The instant at which its clock begins; now unless set.
    #[arg(long, value_name = "INSTANT")]
    at: Option<DateTime<Utc>>,
    /// With so many customers, who bought a subscription each.
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    customers: u32,
    /// What documents look like, where Octany's own differ.
    #[arg(long, value_enum, default_value_t = Style::Today)]
    style: Style,
    /// Let the clock stand still; `octany advance` moves it.
    #[arg(long)]
    standing_clock: bool,
}

impl Sim {
    pub(crate) async fn run(self, output: Output) -> Result<ExitCode, Failure> {
        let saved = self.state.as_deref().map(load).transpose()?.flatten();
        let engine = saved.map_or_else(|| self.shop(), Ok)?;
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await;
        let listener = listener.map_err(|error| Failure::Io("listen on the port", error))?;
        let address = listener.local_addr().map_err(|error| Failure::Io("listen", error))?;
        let base = format!("http://{address}");
        let mut simulator = Simulator::new(engine, &base);
        if self.standing_clock {
            simulator = simulator.with_standing_clock();
        }
        let stopped = interrupted();
        welcome(output, &simulator, &base);
        let served = run(listener, simulator.clone(), stopped).await;
        served.map_err(|error| Failure::Io("serve", error))?;
        if let Some(path) = self.state {
            let saved = simulator.with(|engine| engine.save());
            crate::file::replace(&path, &saved).map_err(|error| Failure::Write(path, error))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn shop(&self) -> Result<Engine, Failure> {
        let now = self.at.unwrap_or_else(Utc::now);
        let shop = shop(self.seed, now, self.style, self.customers);
        shop.map_err(|error| Failure::Usage(error.to_string()))
    }
}

fn welcome(output: Output, simulator: &Simulator, base: &str) {
    let (uuid, key) = simulator.with(|engine| {
        let account = engine.accounts().next().map(|(_, account)| account);
        account.map(|it| (it.uuid.clone(), it.api_key.clone())).unwrap_or_default()
    });
    let name = |name| Tone::Strong.paint(name);
    let text = format!(
        "{}  {base}/\n{}  {base}/api\n{}      {base}\n{}       {uuid}\n{}       {key}\n{}",
        name("Control page"),
        name("API base URL"),
        name("Checkout"),
        name("Account"),
        name("API key"),
        Tone::Faint.paint("Press Ctrl-C to stop."),
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
