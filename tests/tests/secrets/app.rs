//! What both servers are, and the billing behind them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use octany_billing::{Billing, BillingBuilder, Offer};
use octany_core::{AccessPolicy, ReferenceId, Snapshot, Source, Version};
use octany_entitlement::{
    CheckoutLog, DeliveryLog, Gate, GuardPages, MemoryStore, OnOutage, Receiver, StoreError,
    SubscriptionStore,
};
use octany_tests::away::Away;

use crate::api::{ACCOUNT, Says, client, start};
use crate::planted::{EMAIL, NAME, PASSWORD, PORTAL, reference_key, subscription};

/// Bodies may be so large here.
pub(crate) const BODY_LIMIT: usize = 16 * 1024;
/// A delivery that somebody else deals with.
pub(crate) const IN_FLIGHT: &str = "in-flight";

/// What a server is made of.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) receiver: Receiver,
    pub(crate) away: Receiver,
    pub(crate) gate: Gate,
    pub(crate) gate_away: Gate,
    pub(crate) pages: GuardPages,
    /// By where they are mounted.
    pub(crate) billing: BTreeMap<&'static str, Billing>,
}

/// Who is signed in.
#[derive(Clone)]
pub(crate) struct User(pub(crate) String);

impl User {
    pub(crate) fn reference(&self) -> ReferenceId {
        self.0.as_str().into()
    }
}

pub(crate) fn billing(gate: Gate, log: impl CheckoutLog + 'static) -> BillingBuilder {
    Billing::builder(ACCOUNT, "https://app.example", gate, log)
        .signed(reference_key())
        .offer(Offer::new(42).amount(100))
        .prefill(|_, checkout| async move { checkout.email(EMAIL).first_name(NAME) })
}

/// Portals that give links, and those that fail.
fn portals() -> [(&'static str, Says); 7] {
    let one = |data: String| Says::json(200, format!(r#"{{"data":{data}}}"#));
    let with_link = |link: &str| one(subscription().replace(PORTAL, link));
    [
        ("/billing/refused", Says::refusal(422)),
        ("/billing/away", Says::refusal(503)),
        ("/billing/gone", Says::refusal(404)),
        ("/billing/broken", Says::json(200, EMAIL)),
        ("/billing/plain", with_link(&PORTAL.replace("https", "http"))),
        ("/billing/password", with_link(&format!("https://app:{PASSWORD}@octany.example/"))),
        ("/billing/other", one(subscription().replacen("\"id\":1", "\"id\":2", 1))),
    ]
}

impl App {
    pub(crate) async fn new() -> Self {
        let store = Arc::new(MemoryStore::new());
        let mut snapshot = Snapshot::new(1, "active", Version::new(Utc::now(), Source::Api));
        snapshot.reference = Some("user_42".into());
        store.apply(&snapshot).await.expect("memory");
        let lease = Duration::from_mins(1);
        store.claim(&IN_FLIGHT.into(), Utc::now(), lease).await.expect("memory");
        let policy = || AccessPolicy::new();
        let gate = Gate::new(store.clone(), policy(), OnOutage::Deny);
        let billing = portals().map(|(mount, says)| {
            let billing = billing(gate.clone(), MemoryStore::new()).mount(mount);
            let portal = client(start(says));
            (mount, billing.portal(portal).build().expect("it is complete"))
        });
        Self {
            receiver: Receiver::builder().ledger(store.clone()).build(),
            away: Receiver::builder().store(Away).build(),
            gate_away: Gate::new(Away, policy(), OnOutage::Deny),
            gate,
            pages: GuardPages::new().sign_in("/sign-in").paywall("/pricing"),
            billing: billing.into(),
        }
    }

    /// Whom a session says is there; here, its store is away.
    pub(crate) fn session() -> Result<Option<ReferenceId>, StoreError> {
        Err(StoreError::unavailable("sessions are away"))
    }
}
