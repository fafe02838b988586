//! A local Octany with a shop in it.

use std::process::Command;

use chrono::Utc;
use octany_sim::engine::{AccountKey, CheckoutRequest, Engine, Interval, PaymentMethod, Product};
use octany_sim::server::{Simulator, run};
use tokio::net::TcpListener;

use crate::place::Place;
use crate::run::{Told, octany, told};

pub(crate) const MONTHLY: u64 = 42;
pub(crate) const ONCE: u64 = 43;

/// A local Octany that runs, and a shop that sells on it.
pub(crate) struct Octany {
    pub(crate) simulator: Simulator,
    pub(crate) shop: AccountKey,
}

impl Octany {
    pub(crate) async fn open() -> Self {
        let mut engine = Engine::new(1, Utc::now());
        let shop = engine.add_account();
        engine.add_product(shop, Product::recurring(MONTHLY, "Reports", Interval::Month, 9_900));
        engine.add_product(shop, Product::one_time(ONCE, "A report", 4_995));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let simulator = Simulator::new(engine, base);
        tokio::spawn(run(listener, simulator.clone(), std::future::pending()));
        Self { simulator, shop }
    }

    /// Somebody subscribes.
    pub(crate) fn subscribe(&self, reference: &str) -> u64 {
        self.simulator.with(|engine| {
            let request = CheckoutRequest::of(MONTHLY).reference(reference);
            let session = engine.open_checkout(self.shop, request).unwrap();
            engine.pay(self.shop, &session, PaymentMethod::Card).unwrap().subscriptions[0]
        })
    }

    /// The key of the account.
    pub(crate) fn key(&self) -> String {
        self.simulator.with(|engine| engine.account(self.shop).api_key.clone())
    }

    /// What the command says of it and of a store, and never the key.
    pub(crate) fn asked(&self, place: &Place, arguments: &[&str]) -> Told {
        let mut command = octany(arguments);
        told(place.given_to(self.given_to(&mut command))).without(&self.key())
    }

    /// Tells the command of it.
    pub(crate) fn given_to<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        let account = self.simulator.with(|engine| engine.account(self.shop).uuid.clone());
        command
            .env("OCTANY_URL", format!("{}/api", self.simulator.base_url()))
            .env("OCTANY_ACCOUNT", account)
            .env("OCTANY_API_KEY", self.key())
    }
}
