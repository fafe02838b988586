//! Octany's side of a run: what is sold there, and its clock.

use chrono::{DateTime, Utc};
use octany_client::{ApiKey, Client, RateLimit, RetryPolicy};
use octany_entitlement::Clock;
use octany_sim::engine::{
    AccountKey, Engine, Habits, Interval, Product, ProductKind, Subscription,
};
use octany_sim::server::{Simulator, run};
use octany_sim::wire;
use std::time::Duration;
use tokio::net::TcpListener;

pub(crate) const MONTHLY: u64 = 42;
pub(crate) const ONCE: u64 = 43;
pub(crate) const DONATION: u64 = 44;
pub(crate) const YEARLY: u64 = 45;
pub(crate) const TRIAL: u64 = 46;
pub(crate) const THREE_MONTHS: u64 = 47;

/// All that is sold, the usual more often than the rest.
pub(crate) const ON_SALE: [u64; 8] =
    [MONTHLY, MONTHLY, MONTHLY, ONCE, DONATION, YEARLY, TRIAL, THREE_MONTHS];
/// What can be subscribed to.
pub(crate) const RECURRING: [u64; 4] = [MONTHLY, YEARLY, TRIAL, THREE_MONTHS];

/// An Octany whose clock stands and that sends by hand, and a client that calls it.
#[derive(Clone)]
pub(crate) struct Octany {
    pub(crate) simulator: Simulator,
    pub(crate) account: AccountKey,
    pub(crate) client: Client,
}

impl Octany {
    pub(crate) async fn open(seed: u64, habits: impl FnOnce(&mut Habits)) -> Self {
        let noon = "2026-11-30T12:00:00Z".parse().unwrap();
        let mut engine = Engine::new(seed, noon);
        let account = engine.add_account();
        habits(engine.habits(account));
        for product in [MONTHLY, ONCE, DONATION, YEARLY, TRIAL, THREE_MONTHS] {
            engine.add_product(account, sold(product));
        }
        let (uuid, key) =
            (engine.account(account).uuid.clone(), engine.account(account).api_key.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let simulator = Simulator::new(engine, &base).with_standing_clock().with_webhooks_by_hand();
        tokio::spawn(run(listener, simulator.clone(), std::future::pending()));
        // What fails is tried again by the run, in its own time: neither pauses nor budgets of the
        // real clock may decide anything here. Nor may connections that rest.
        let http = reqwest::Client::builder().pool_max_idle_per_host(0);
        let never = RetryPolicy::new().attempts(1).pauses(Duration::ZERO, Duration::ZERO);
        let client = Client::builder(uuid, ApiKey::new(key).unwrap())
            .base_url(format!("{base}/api"))
            .http(http)
            .retry(never)
            .rate_limit(RateLimit::off());
        Self { simulator, account, client: client.build().unwrap() }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.simulator.now()
    }

    pub(crate) fn clock(&self) -> VirtualTime {
        VirtualTime(self.simulator.clone())
    }

    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut Engine, AccountKey) -> T) -> T {
        self.simulator.with(|engine| act(engine, self.account))
    }

    /// Looks at all subscriptions.
    pub(crate) fn subscriptions<T>(&self, look: impl Fn(&Subscription) -> T) -> Vec<T> {
        self.with(|engine, account| {
            engine.account(account).subscriptions.values().map(look).collect()
        })
    }

    /// As the API writes it.
    pub(crate) fn wire_id(&self, id: u64) -> octany_core::SubscriptionId {
        self.with(|engine, account| wire::subscription_id(&engine.account(account).habits, id))
    }
}

/// A product as it is at first.
pub(crate) fn sold(id: u64) -> Product {
    let monthly = |name: &str, price| Product::recurring(id, name, Interval::Month, price);
    match id {
        ONCE => Product::one_time(id, "Rapport", 4_995),
        DONATION => {
            Product::new(id, "Gåva", ProductKind::Donation { interval: Interval::Month }, 5_000)
        }
        YEARLY => Product::recurring(id, "Årsrapporter", Interval::Year, 99_000),
        TRIAL => monthly("Rapporter / prova", 9_900).with_trial(14),
        THREE_MONTHS => monthly("Tre månader", 12_900).with_cycles(3),
        _ => monthly("Rapporter", 9_900),
    }
}

/// Octany's clock is everybody's.
#[derive(Clone, Debug)]
pub(crate) struct VirtualTime(Simulator);

impl Clock for VirtualTime {
    fn now(&self) -> DateTime<Utc> {
        self.0.now()
    }
}
