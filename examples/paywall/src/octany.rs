//! What the application has of Octany, whatever its framework.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use octany_billing::Billing;
use octany_client::{Client, Reconciler};
use octany_core::signature::Verifier;
use octany_core::{AccessPolicy, Event, Payload, ReferenceId};
use octany_entitlement::{
    Cached, CheckoutLog, Clock, Gate, GateError, GuardPages, OnOutage, Quarantined, Receiver,
    References,
};
use octany_sqlx::SqliteStore;

use crate::Error;
use crate::settings::Settings;

/// What the application has of Octany.
#[derive(Clone, Debug)]
pub struct Octany {
    store: Arc<Cached<SqliteStore>>,
    /// Tells Octany's deliveries from others.
    pub verifier: Verifier,
    /// Takes in what Octany reports.
    pub receiver: Receiver,
    /// Says who may pass.
    pub gate: Gate,
    /// Where those are sent who may not.
    pub pages: GuardPages,
    /// From the button to the paid page, and into the portal.
    pub billing: Billing,
}

impl Octany {
    /// Opens the database, and puts everything together.
    ///
    /// # Errors
    ///
    /// The database's, and those of settings that cannot be right.
    pub async fn open(settings: &Settings) -> Result<Self, Error> {
        let store = SqliteStore::open(&settings.database).await?;
        let a_month_ago = settings.clock.now() - TimeDelta::days(30);
        store.prune_deliveries(a_month_ago).await?;
        store.forget_begun_before(a_month_ago).await?;
        // Guards are answered from memory; whatever is written here is seen at once.
        let store = Arc::new(Cached::linked(store).clock(settings.clock.clone()));

        // Receive: verified, stored, not handled twice, and nothing but what was offered.
        let receiver = Receiver::builder()
            .ledger(store.clone())
            .references(References::signed(settings.reference_key.clone()))
            .quarantine(store.clone(), |it: Quarantined| {
                tracing::warn!(subscription = %it.subscription, "this is not what was offered");
            })
            .lease(settings.lease)
            .clock(settings.clock.clone())
            .build();

        // Ask: whose webhook is late, or never comes, has paid all the same.
        let client = Client::builder(settings.account.as_str(), settings.api_key.clone())
            .base_url(&settings.api_url)
            .build()?;
        let reconciler = Reconciler::builder(client.clone(), receiver.clone(), store.clone())
            .checkouts(store.clone())
            .links(store.clone())
            .clock(settings.clock.clone())
            .build();

        // Guard: who has paid may pass.
        let gate = Gate::new(store.clone(), AccessPolicy::new(), OnOutage::Deny)
            .refresh_before_deny(reconciler)
            .checkouts(store.clone(), Duration::from_mins(15))
            .clock(settings.clock.clone());
        let pages = GuardPages::new().sign_in("/").paywall("/pricing").pending("/billing/pending");

        // Sell: the routes from the button to the paid page, and into the portal.
        let mut billing =
            Billing::builder(settings.account.as_str(), &settings.url, gate.clone(), store.clone())
                .signed(settings.reference_key.clone())
                .offer(settings.offer.clone())
                .checkout_base(&settings.checkout_url)
                .return_to("/reports")
                .pages(pages.clone())
                .portal(client)
                .clock(settings.clock.clone());
        if settings.is_on_this_machine() {
            billing = billing.allow_localhost();
        }
        let verifier = Verifier::new(settings.webhook_secret.clone());
        Ok(Self { store, verifier, receiver, gate, pages, billing: billing.build()? })
    }

    /// Who has just subscribed, by what an event says. Whoever bought something else than what was
    /// offered has not.
    ///
    /// # Errors
    ///
    /// It could not be told.
    pub async fn subscriber(&self, event: &Event) -> Result<Option<ReferenceId>, GateError> {
        let Payload::SubscriptionCreated(_) = event.payload else { return Ok(None) };
        let Some(user) = self.receiver.reference_of(event) else { return Ok(None) };
        Ok(self.gate.decide(&user).await?.is_allowed().then_some(user))
    }

    /// Closes the database.
    pub async fn close(&self) {
        self.store.inner().close().await;
    }
}
