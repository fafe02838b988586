//! An app on a simulated Octany, and what both frameworks serve of it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::request::Parts as Head;
use octany_billing::{Billing, Offer};
use octany_client::{ApiKey, Client, Reconciler};
use octany_core::checkout::ReferenceKey;
use octany_core::signature::{SigningSecret, Verifier};
use octany_core::{AccessPolicy, ReferenceId};
use octany_entitlement::{
    Access, AccessChanged, Cached, Gate, GuardPages, MemoryStore, OnOutage, Receiver, References,
};
use octany_sim::engine::{AccountKey, Engine, Interval, Product};
use octany_sim::server::{Simulator, run};
use tokio::net::TcpListener;

pub(crate) const PRODUCT: u64 = 42;
pub(crate) const OTHER: u64 = 43;
pub(crate) const PRICE: i64 = 9_900;

/// How the app hears of what happens at Octany.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hears {
    Webhooks,
    Answers,
    Both,
}

/// A running app, and its Octany.
pub(crate) struct App {
    pub(crate) base: String,
    pub(crate) octany: Octany,
    pub(crate) changes: Changes,
}

/// Octany, with a shop on it.
#[derive(Clone)]
pub(crate) struct Octany {
    pub(crate) simulator: Simulator,
    pub(crate) account: AccountKey,
}

/// Whose access began or ended.
#[derive(Clone, Default)]
pub(crate) struct Changes(Arc<Mutex<Vec<(String, Access)>>>);

impl Changes {
    pub(crate) fn all(&self) -> Vec<(String, Access)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, change: &AccessChanged) {
        let told = (change.reference.as_str().to_owned(), change.after);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(told);
    }
}

/// What both frameworks serve.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) verifier: Verifier,
    pub(crate) receiver: Receiver,
    pub(crate) gate: Gate,
    pub(crate) billing: Billing,
    pub(crate) pages: GuardPages,
}

impl Octany {
    /// Whose clock stands.
    pub(crate) async fn open() -> Self {
        let mut engine = Engine::new(3, chrono::Utc::now());
        let account = engine.add_account();
        engine.habits(account).nests = true;
        for (id, name, price) in [(PRODUCT, "Reports", PRICE), (OTHER, "Cheap", 100)] {
            engine.add_product(account, Product::recurring(id, name, Interval::Month, price));
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("it listens"));
        let simulator = Simulator::new(engine, base).with_standing_clock();
        tokio::spawn(run(listener, simulator.clone(), std::future::pending()));
        Self { simulator, account }
    }

    /// What an app at this address is made of.
    pub(crate) fn parts(&self, app: SocketAddr, hears: Hears) -> (Parts, Changes) {
        let (base, webhook) = (format!("http://{app}"), format!("http://{app}/octany/webhook"));
        let (uuid, api_key) = self.simulator.with(|engine| {
            let account = engine.account(self.account);
            (account.uuid.clone(), account.api_key.clone())
        });
        let secret = match hears {
            Hears::Answers => "nobody sends anything to this app".to_owned(),
            Hears::Webhooks | Hears::Both => {
                let account = self.account;
                let secret = self.simulator.with(|it| it.register_endpoint(account, &webhook));
                secret.expect("it is new")
            }
        };
        let secret = SigningSecret::new(secret).expect("it is not empty");
        let api_key = ApiKey::new(api_key).expect("it is a key");
        let octany = self.simulator.base_url();
        let client = Client::builder(uuid.as_str(), api_key).base_url(format!("{octany}/api"));
        let client = client.build().expect("it can be built");

        let key = ReferenceKey::new(b"32 bytes out of a random source.".to_vec());
        let key = key.expect("there are 32 bytes");
        let store = Arc::new(Cached::linked(MemoryStore::new()));
        let (changes, policy) = (Changes::default(), AccessPolicy::new());
        let told = changes.clone();
        let receiver = Receiver::builder()
            .ledger(Arc::clone(&store))
            .references(References::signed(key.clone()))
            .quarantine(Arc::clone(&store), |_| ())
            .on_access_change(policy.clone(), Arc::clone(&store), move |change: AccessChanged| {
                told.note(&change);
            })
            .build();
        let mut gate = Gate::new(Arc::clone(&store), policy, OnOutage::Deny);
        if hears != Hears::Webhooks {
            let reconciler =
                Reconciler::builder(client.clone(), receiver.clone(), Arc::clone(&store))
                    .checkouts(Arc::clone(&store))
                    // Each question counts here, and they come faster than people ask.
                    .min_interval(Duration::ZERO)
                    .build();
            gate = gate.refresh_before_deny(reconciler);
        }
        let gate = gate.checkouts(Arc::clone(&store), Duration::from_mins(15));
        let billing = Billing::builder(uuid, base, gate.clone(), store)
            .signed(key)
            .offer(Offer::new(PRODUCT).amount(PRICE))
            .checkout_base(octany)
            .allow_localhost()
            .portal(client)
            .build()
            .expect("it is complete");
        let pages = GuardPages::new().paywall("/pricing").pending("/billing/pending");
        let verifier = Verifier::new(secret);
        (Parts { verifier, receiver, gate, billing, pages }, changes)
    }
}

/// Who is signed in: whom the header names.
pub(crate) fn user(named: Option<&str>) -> Option<ReferenceId> {
    named.map(ReferenceId::from)
}

/// The same out of the head of a request.
pub(crate) fn user_of(head: &Head) -> Option<ReferenceId> {
    user(head.headers.get("x-user").and_then(|it| it.to_str().ok()))
}
