//! The engine: what Octany does, without a network and with a clock of its own.
//!
//! Everything follows from a seed and from what is done, in this order: the same calls give the
//! same state, ids and secrets included.
//!
//! ```
//! use octany_core::SubscriptionStatus;
//! use octany_sim::engine::{CheckoutRequest, Engine, Interval, PaymentMethod, Product};
//!
//! let mut engine = Engine::new(7, "2026-11-30T12:00:00Z".parse()?);
//! let shop = engine.add_account();
//! engine.add_product(shop, Product::recurring(42, "Reports", Interval::Month, 9_900));
//!
//! let session = engine.open_checkout(shop, CheckoutRequest::of(42).reference("user_42"))?;
//! let bought = engine.pay(shop, &session, PaymentMethod::Card)?;
//! let id = bought.subscriptions[0];
//! engine.fail_payments(shop, id, 1)?;
//!
//! // A month later the renewal fails, and a day after that it succeeds.
//! engine.advance_to("2026-12-30T12:00:00Z".parse()?);
//! assert_eq!(engine.subscription(shop, id)?.status, SubscriptionStatus::Delayed);
//! engine.advance_to("2026-12-31T12:00:00Z".parse()?);
//! assert_eq!(engine.subscription(shop, id)?.status, SubscriptionStatus::Active);
//!
//! // A checkout is paid once.
//! assert!(engine.pay(shop, &session, PaymentMethod::Card).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod account;
mod calendar;
mod catalogue;
mod checkout;
mod error;
mod event;
mod life;
mod manage;
mod names;
mod order;
mod payment;
mod product;
mod save;
mod session;
mod subscription;
#[cfg(test)]
mod tests;
mod visitor;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SubsecRound, Utc};
use octany_core::EventName;
use serde::{Deserialize, Serialize};

pub use self::account::{Account, AccountKey, Endpoint, Habits};
pub use self::calendar::Interval;
pub use self::catalogue::ProductChange;
pub use self::checkout::{Bought, CheckoutRequest};
pub use self::error::EngineError;
pub use self::event::{About, Happened};
pub use self::manage::Charge;
pub use self::order::Order;
pub use self::payment::PaymentMethod;
pub use self::product::{Product, ProductKind};
pub use self::save::LoadError;
pub use self::session::{Outcome, Session};
pub use self::subscription::Subscription;
pub use self::visitor::Visitor;

/// An Octany of your own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Engine {
    now: DateTime<Utc>,
    /// What all that is random follows from.
    seed: u64,
    /// The next id of any kind.
    next: u64,
    accounts: Vec<Account>,
    /// What was not yet taken by [`take_events`](Self::take_events).
    events: Vec<Happened>,
    /// What time alone will change. It follows from the rest.
    #[serde(skip)]
    due: BTreeSet<(DateTime<Utc>, AccountKey, Due)>,
}

/// What can be due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Order(u64),
    Subscription(u64),
}

impl Engine {
    /// An engine without accounts, whose clock shows that instant. Octany counts in whole seconds,
    /// and so does the engine.
    pub fn new(seed: u64, now: DateTime<Utc>) -> Self {
        Self {
            now: now.trunc_subsecs(0),
            seed,
            next: 76_963_000,
            accounts: Vec::new(),
            events: Vec::new(),
            due: BTreeSet::new(),
        }
    }

    /// What its clock shows.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Another account, with an id, a key and nothing in it.
    pub fn add_account(&mut self) -> AccountKey {
        let key = AccountKey(self.accounts.len());
        let number = self.next_id();
        let account = Account {
            uuid: self.uuid(),
            number,
            api_key: self.letters(40),
            locale: "en".to_owned(),
            habits: Habits::default(),
            products: BTreeMap::new(),
            sessions: BTreeMap::new(),
            subscriptions: BTreeMap::new(),
            orders: BTreeMap::new(),
            endpoints: Vec::new(),
        };
        self.accounts.push(account);
        key
    }

    /// All accounts.
    pub fn accounts(&self) -> impl Iterator<Item = (AccountKey, &Account)> {
        self.accounts.iter().enumerate().map(|(key, account)| (AccountKey(key), account))
    }

    /// The account whose UUID this is.
    pub fn find_account(&self, uuid: &str) -> Option<AccountKey> {
        self.accounts().find_map(|(key, account)| (account.uuid == uuid).then_some(key))
    }

    /// An account. A key of another engine may name another account, or none, and then panics.
    pub fn account(&self, account: AccountKey) -> &Account {
        &self.accounts[account.0]
    }

    /// How an account behaves, to change it.
    pub fn habits(&mut self, account: AccountKey) -> &mut Habits {
        &mut self.accounts[account.0].habits
    }

    /// A subscription.
    ///
    /// # Errors
    ///
    /// [`EngineError::NotFound`]
    pub fn subscription(&self, account: AccountKey, id: u64) -> Result<&Subscription, EngineError> {
        let found = self.account(account).subscriptions.get(&id);
        found.ok_or(EngineError::NotFound("subscription"))
    }

    /// An order.
    ///
    /// # Errors
    ///
    /// [`EngineError::NotFound`]
    pub fn order(&self, account: AccountKey, id: u64) -> Result<&Order, EngineError> {
        self.account(account).orders.get(&id).ok_or(EngineError::NotFound("order"))
    }

    /// Registers a URL for webhooks, and gives the secret that its deliveries are signed with.
    ///
    /// # Errors
    ///
    /// [`EngineError::Refused`] for one that is registered already.
    pub fn register_endpoint(
        &mut self,
        account: AccountKey,
        url: &str,
    ) -> Result<String, EngineError> {
        if self.account(account).endpoints.iter().any(|endpoint| endpoint.url == url) {
            return Err(EngineError::Refused("the URL is registered already"));
        }
        let secret = self.letters(32);
        let endpoint = Endpoint { url: url.to_owned(), secret: secret.clone() };
        self.accounts[account.0].endpoints.push(endpoint);
        Ok(secret)
    }

    /// Sends no more webhooks to a URL. What is on its way to it still arrives.
    ///
    /// # Errors
    ///
    /// [`EngineError::NotFound`]
    pub fn remove_endpoint(&mut self, account: AccountKey, url: &str) -> Result<(), EngineError> {
        let endpoints = &mut self.accounts[account.0].endpoints;
        let found = endpoints.iter().position(|endpoint| endpoint.url == url);
        endpoints.remove(found.ok_or(EngineError::NotFound("endpoint"))?);
        Ok(())
    }

    /// Gives an endpoint a new secret, which deliveries are signed with from now on.
    ///
    /// # Errors
    ///
    /// [`EngineError::NotFound`]
    pub fn rotate_secret(&mut self, account: AccountKey, url: &str) -> Result<String, EngineError> {
        let secret = self.letters(32);
        let endpoints = &mut self.accounts[account.0].endpoints;
        let endpoint = endpoints.iter_mut().find(|endpoint| endpoint.url == url);
        endpoint.ok_or(EngineError::NotFound("endpoint"))?.secret.clone_from(&secret);
        Ok(secret)
    }

    /// Presses the admin's test button.
    pub fn test_hook(&mut self, account: AccountKey) {
        self.tell(account, EventName::TestHook, About::Nothing);
    }

    /// What happened since it was last taken, in order.
    pub fn take_events(&mut self) -> Vec<Happened> {
        std::mem::take(&mut self.events)
    }

    fn tell(&mut self, account: AccountKey, name: EventName, about: impl Into<About>) {
        let id = self.next_id();
        let (at, about) = (self.now, about.into());
        self.events.push(Happened { id, account, name, at, about });
    }

    fn next_id(&mut self) -> u64 {
        // Gaps, so that nobody counts on there being none.
        self.next += 1 + self.random().u64(0..1_000);
        self.next
    }

    /// Draws from what is random, and moves on.
    fn random(&mut self) -> fastrand::Rng {
        let mut random = fastrand::Rng::with_seed(self.seed);
        self.seed = random.u64(..);
        random
    }

    fn letters(&mut self, count: usize) -> String {
        let mut random = self.random();
        std::iter::repeat_with(|| random.alphanumeric()).take(count).collect()
    }

    fn uuid(&mut self) -> String {
        let hex = format!("{:032x}", self.random().u128(..));
        let (a, b, c, d) = (&hex[..8], &hex[8..12], &hex[13..16], &hex[17..20]);
        format!("{a}-{b}-4{c}-8{d}-{}", &hex[20..])
    }
}
