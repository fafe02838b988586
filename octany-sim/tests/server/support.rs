//! A simulator with a shop in it.

use octany_client::{ApiKey, Client, RateLimit, RetryPolicy};
use octany_sim::engine::{
    AccountKey, CheckoutRequest, Engine, Interval, PaymentMethod, Product, ProductKind,
};
use octany_sim::server::{Simulator, run};
use tokio::net::TcpListener;

pub(crate) const MONTHLY: u64 = 42;
pub(crate) const ONCE: u64 = 43;
pub(crate) const DONATION: u64 = 44;

/// A simulator that runs, and a shop that sells on it.
pub(crate) struct Shop {
    pub(crate) simulator: Simulator,
    pub(crate) account: AccountKey,
}

impl Shop {
    /// Whose clock stands at noon.
    pub(crate) async fn open() -> Self {
        let mut engine = Engine::new(1, "2026-11-30T12:00:00Z".parse().expect("an instant"));
        let account = engine.add_account();
        let donation = ProductKind::Donation { interval: Interval::Month };
        engine.add_product(
            account,
            Product::recurring(MONTHLY, "Åsas rapporter", Interval::Month, 9_900),
        );
        engine.add_product(account, Product::one_time(ONCE, "Rapport", 4_995));
        engine.add_product(account, Product::new(DONATION, "Gåva", donation, 5_000));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let base = format!("http://{}", listener.local_addr().expect("it is bound"));
        let simulator = Simulator::new(engine, base).with_standing_clock();
        tokio::spawn(run(listener, simulator.clone(), std::future::pending()));
        Self { simulator, account }
    }

    pub(crate) fn uuid(&self) -> String {
        self.simulator.with(|engine| engine.account(self.account).uuid.clone())
    }

    /// A client with the account's own key.
    pub(crate) fn client(&self) -> Client {
        let account = self.account;
        let key = self.simulator.with(|engine| engine.account(account).api_key.clone());
        self.client_with(&key)
    }

    pub(crate) fn client_with(&self, key: &str) -> Client {
        let uuid = self.uuid();
        let key = ApiKey::new(key).expect("it is a key");
        let base = format!("{}/api", self.simulator.base_url());
        let client = Client::builder(uuid, key).base_url(base);
        let client = client.retry(RetryPolicy::never()).rate_limit(RateLimit::off());
        client.build().expect("it can be built")
    }

    /// Somebody buys, and gets a subscription if it is one.
    pub(crate) fn buy(&self, product: u64, reference: &str) -> u64 {
        let account = self.account;
        self.simulator.with(|engine| {
            let request = CheckoutRequest::of(product).reference(reference);
            let session = engine.open_checkout(account, request).expect("it is on sale");
            let bought = engine.pay(account, &session, PaymentMethod::Card).expect("it is open");
            bought.subscriptions.first().copied().unwrap_or_default()
        })
    }
}
