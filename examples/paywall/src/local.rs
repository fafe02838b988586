//! An Octany in this process, for an application that has none: API, checkout, portal, webhooks, and
//! a page to set its clock forward. An application of yours needs nothing of this.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use octany_billing::Offer;
use octany_client::ApiKey;
use octany_core::checkout::ReferenceKey;
use octany_core::signature::SigningSecret;
use octany_entitlement::Clock;
use octany_sim::engine::{Engine, Interval, Product};
use octany_sim::server::{Simulator, run};
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::Error;
use crate::settings::Settings;

/// What is for sale, and for how many öre.
const PRODUCT: u64 = 42;
const PRICE: i64 = 9_900;

/// A local Octany that is running. It ends with the process.
#[derive(Debug)]
pub struct Local {
    simulator: Simulator,
    settings: Settings,
    _directory: TempDir,
}

impl Local {
    /// Starts one on a free port, whose clock shows this instant and goes on, for an application
    /// that listens at this address.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from listening.
    pub async fn start(app: SocketAddr, now: DateTime<Utc>) -> Result<Self, Error> {
        let mut engine = Engine::new(1, now);
        let shop = engine.add_account();
        engine.add_product(shop, Product::recurring(PRODUCT, "Reports", Interval::Month, PRICE));
        let url = format!("http://{app}");
        let webhook_secret = engine.register_endpoint(shop, &format!("{url}/octany/webhook"))?;
        let account = engine.account(shop);
        let (account, api_key) = (account.uuid.clone(), account.api_key.clone());

        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let octany = format!("http://{}", listener.local_addr()?);
        let simulator = Simulator::new(engine, &octany);
        tokio::spawn(run(listener, simulator.clone(), std::future::pending()));

        let directory = tempfile::tempdir()?;
        let settings = Settings {
            database: directory.path().join("paywall.sqlite"),
            url,
            account,
            api_key: ApiKey::new(api_key)?,
            webhook_secret: SigningSecret::new(webhook_secret)?,
            reference_key: ReferenceKey::new("good enough where no money moves")?,
            offer: Offer::new(PRODUCT).amount(PRICE),
            api_url: format!("{octany}/api"),
            checkout_url: octany,
            clock: Arc::new(ItsClock(simulator.clone())),
            lease: Duration::from_mins(1),
            mail_delay: Duration::ZERO,
        };
        Ok(Self { simulator, settings, _directory: directory })
    }

    /// How the application is set up to live on it.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// It.
    pub fn simulator(&self) -> &Simulator {
        &self.simulator
    }
}

/// The application lives in the same time, or a month that is skipped would be one for Octany only.
#[derive(Debug)]
struct ItsClock(Simulator);

impl Clock for ItsClock {
    fn now(&self) -> DateTime<Utc> {
        self.0.now()
    }
}
