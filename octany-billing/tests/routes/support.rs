//! An app's billing, and an Octany that says what it is told to.

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use octany_billing::{Billing, BillingBuilder, Head, Offer, Portal, PortalError};
use octany_core::checkout::ReferenceKey;
use octany_core::resource::{PortalUrl, Subscription};
use octany_core::{AccessPolicy, Applied, ReferenceId, Snapshot, SubscriptionId};
use octany_entitlement::{
    Answer, Checkout, CheckoutLog, Clock, Gate, GuardPages, ManualClock, MemoryStore, OnOutage,
    Receiver, References, Refresh, Refreshed, StoreError, Subject, SubscriptionStore,
};
use url::Url;

pub(crate) const ACCOUNT: &str = "0b6f9a52-7c11-4b8e-9d55-6f1d0c3a2e41";
pub(crate) const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// A Thursday in 2026, some hours into the day.
pub(crate) fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_500_000, 0).unwrap()
}

pub(crate) fn key() -> ReferenceKey {
    ReferenceKey::new(b"32 bytes out of a random source.".to_vec()).unwrap()
}

/// Octany, as far as the API shows it. No webhook comes from it.
#[derive(Clone)]
pub(crate) struct Octany {
    known: Arc<Mutex<Vec<Arc<Subscription>>>>,
    pub(crate) asked: Arc<Mutex<u32>>,
    receiver: Receiver,
    log: Arc<MemoryStore>,
    clock: ManualClock,
}

impl Octany {
    /// A checkout that was paid becomes a subscription with the reference of its URL.
    pub(crate) fn paid(&self, id: &str, checkout: &Url) {
        let mut subscription = Subscription::new(id, "active");
        subscription.reference_id = parameter(checkout, "referenceId").map(ReferenceId::from);
        subscription.created_at = Some(self.clock.now());
        self.known.lock().unwrap().push(Arc::new(subscription));
    }
}

/// As the reconciler will: by the references that Octany was told, through the receiver.
#[async_trait]
impl Refresh for Octany {
    async fn refresh(&self, user: &ReferenceId) -> Result<Refreshed, Box<dyn Error + Send + Sync>> {
        *self.asked.lock().unwrap() += 1;
        let begun = self.log.begun(user, DateTime::<Utc>::MIN_UTC, 5).await?;
        let known = self.known.lock().unwrap().clone();
        for subscription in known {
            let told = |checkout: &Checkout| {
                Some(&checkout.reference) == subscription.reference_id.as_ref()
            };
            if begun.iter().any(told) {
                self.receiver.report(&subscription, self.clock.now()).await?;
            }
        }
        Ok(Refreshed::Applied)
    }
}

/// Subscriptions and their links into the portal, by id; what is named `down` or `broken` is.
#[derive(Clone, Default)]
pub(crate) struct Links(pub(crate) Arc<Mutex<HashMap<String, Arc<Subscription>>>>);

impl Links {
    pub(crate) fn set(&self, id: &str, subscription: Subscription) {
        self.0.lock().unwrap().insert(id.to_owned(), Arc::new(subscription));
    }
}

#[async_trait]
impl Portal for Links {
    async fn subscription(&self, id: &SubscriptionId) -> Result<Arc<Subscription>, PortalError> {
        match id.as_str() {
            "down" => Err(PortalError::Unavailable("password=hunter2".into())),
            "broken" => Err(PortalError::Failed("password=hunter2".into())),
            id => self.0.lock().unwrap().get(id).cloned().ok_or(PortalError::NotFound),
        }
    }
}

pub(crate) fn with_links(id: &str, base: &str) -> Subscription {
    let mut subscription = Subscription::new(id, "active");
    subscription.update_card_url = Some(PortalUrl::new(format!("{base}/card?signature=s3cret")));
    subscription.invoices_url = Some(PortalUrl::new(format!("{base}/invoices?signature=s3cret")));
    subscription.cancel_url = Some(PortalUrl::new(format!("{base}/cancel?signature=s3cret")));
    subscription
}

/// A log or store that is away.
pub(crate) struct Away;

#[async_trait]
impl CheckoutLog for Away {
    async fn begin(&self, _: &Checkout) -> Result<(), StoreError> {
        Err(StoreError::unavailable("password=hunter2"))
    }

    async fn returned(
        &self,
        _: &ReferenceId,
        _: DateTime<Utc>,
        _: DateTime<Utc>,
    ) -> Result<Option<Checkout>, StoreError> {
        Err(StoreError::unavailable("password=hunter2"))
    }

    async fn begun(
        &self,
        _: &ReferenceId,
        _: DateTime<Utc>,
        _: usize,
    ) -> Result<Vec<Checkout>, StoreError> {
        std::future::pending().await
    }

    async fn forget_begun_before(&self, _: DateTime<Utc>) -> Result<u64, StoreError> {
        Err(StoreError::unavailable("password=hunter2"))
    }
}

#[async_trait]
impl SubscriptionStore for Away {
    async fn apply(&self, _: &Snapshot) -> Result<Applied, StoreError> {
        Err(StoreError::unavailable("password=hunter2"))
    }

    async fn subscriptions(&self, _: &ReferenceId) -> Result<Vec<Snapshot>, StoreError> {
        Err(StoreError::unavailable("password=hunter2"))
    }
}

/// All of it.
pub(crate) struct App {
    pub(crate) clock: ManualClock,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) octany: Octany,
    pub(crate) links: Links,
    pub(crate) billing: Billing,
}

impl App {
    pub(crate) fn new() -> Self {
        Self::with(|builder| builder)
    }

    pub(crate) fn with(change: impl FnOnce(BillingBuilder) -> BillingBuilder) -> Self {
        let (clock, store) = (ManualClock::at(start()), Arc::new(MemoryStore::new()));
        let receiver =
            Receiver::builder().store(store.clone()).references(References::signed(key()));
        let octany = Octany {
            known: Arc::default(),
            asked: Arc::default(),
            receiver: receiver.build(),
            log: store.clone(),
            clock: clock.clone(),
        };
        let links = Links::default();
        let gate = Gate::new(store.clone(), AccessPolicy::new(), OnOutage::Deny);
        let gate = gate.clock(clock.clone()).refresh_before_deny(octany.clone());
        let billing =
            change(builder(gate, store.clone()).clock(clock.clone()).portal(links.clone()));
        Self { clock, store, octany, links, billing: billing.build().unwrap() }
    }

    pub(crate) fn later(&self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
    }

    pub(crate) async fn ask(&self, request: &str, form: &str) -> Answer {
        ask(&self.billing, Some("user_42"), request, form, &[("accept", BROWSER)]).await
    }

    /// Presses the button, and gives where the visitor is sent.
    pub(crate) async fn subscribe(&self, form: &str) -> Url {
        let answer = self.ask("POST /subscribe", form).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        Url::parse(location(&answer)).unwrap()
    }
}

pub(crate) fn builder(gate: Gate, log: impl CheckoutLog + 'static) -> BillingBuilder {
    Billing::builder(ACCOUNT, "https://app.example", gate, log)
        .signed(key())
        .default_offer(Offer::new(42))
        .offer(Offer::new("support").amount(19_900))
        .return_to("/reports")
        .app_scheme("myapp")
        .pages(GuardPages::new().sign_in("/sign-in").paywall("/pricing"))
}

/// Asks for `METHOD /path?query` as somebody, or nobody.
pub(crate) async fn ask(
    billing: &Billing,
    user: Option<&str>,
    request: &str,
    form: &str,
    headers: &[(&'static str, &str)],
) -> Answer {
    let (method, uri) = request.split_once(' ').unwrap();
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    let header = |name| headers.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    let head = Head::new(method, path, Some(query), header);
    let user = match user {
        Some("unclear") => Subject::NotKnown(StoreError::unavailable("password=hunter2")),
        Some(user) => Subject::Reference(user.into()),
        None => Subject::SignedOut,
    };
    match billing.route(&head) {
        Ok(route) => billing.answer(route, &head, user, form.as_bytes()).await,
        Err(answer) => answer,
    }
}

pub(crate) fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| &**value)
}

pub(crate) fn location(answer: &Answer) -> &str {
    header(answer, "location").unwrap_or_else(|| panic!("{} {}", answer.status, answer.body))
}

pub(crate) fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The name of the case in a problem document.
pub(crate) fn reason(answer: &Answer) -> String {
    let start = answer.body.find(r#""reason":""#).unwrap_or_else(|| panic!("{}", answer.body)) + 10;
    answer.body[start..].split('"').next().unwrap().to_owned()
}
