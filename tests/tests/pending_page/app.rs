//! An app with a button, and an Octany with a checkout that takes everybody's word for having paid.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_billing::{Billing, Offer};
use octany_core::checkout::ReferenceKey;
use octany_core::resource::Subscription;
use octany_core::{AccessPolicy, ReferenceId};
use octany_entitlement::{
    CheckoutLog as _, Gate, MemoryStore, OnOutage, Receiver, References, Refresh, Refreshed,
    StoreError,
};

pub(crate) const PRICING: &str = r#"<!doctype html><html lang="en"><title>Pricing</title><link rel="icon" href="data:,">
<form method="post" action="/billing/subscribe">
<input type="hidden" name="return_to" value="/reports?week=7">
<button style="position:fixed;inset:0;width:100%">Subscribe</button></form>"#;

/// The page that is paid for.
pub(crate) fn report(paid_by: &str) -> String {
    format!(
        r#"<!doctype html><title>paid by {paid_by}</title><link rel="icon" href="data:,">Reports"#
    )
}

/// How it is to go.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    /// The question, counted from 1, at which Octany has the subscription.
    pub(crate) appears_at: u32,
    pub(crate) give_up_after: Duration,
}

impl Default for Plan {
    fn default() -> Self {
        Self { appears_at: u32::MAX, give_up_after: Duration::from_mins(10) }
    }
}

/// A running app.
pub(crate) struct App {
    pub(crate) address: SocketAddr,
    pub(crate) octany: Octany,
    /// Keeps it running.
    pub(crate) _runtime: Option<tokio::runtime::Runtime>,
}

impl App {
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Waits until so many requests met an outage.
    pub(crate) fn wait_for_refusals(&self, number: u32) {
        let start = Instant::now();
        while self.octany.0.refused.load(Ordering::SeqCst) < number {
            assert!(start.elapsed() < Duration::from_mins(1), "nobody asks any more");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Octany as its API shows it. No webhook comes from it.
#[derive(Clone)]
pub(crate) struct Octany(Arc<Inner>);

struct Inner {
    receiver: Receiver,
    log: Arc<MemoryStore>,
    /// The references of checkouts that somebody went through.
    paid: Mutex<Vec<String>>,
    asked: AtomicU32,
    appears_at: AtomicU32,
    away: AtomicBool,
    refused: AtomicU32,
}

impl Octany {
    /// Somebody is at the checkout, and goes through it. Gives where to send them.
    pub(crate) fn check_out(&self, reference: &str, success_url: &str) -> String {
        let mut paid = self.0.paid.lock().unwrap_or_else(PoisonError::into_inner);
        paid.push(reference.to_owned());
        success_url.to_owned()
    }

    pub(crate) fn asked(&self) -> u32 {
        self.0.asked.load(Ordering::SeqCst)
    }

    pub(crate) fn appear_now(&self) {
        self.0.appears_at.store(0, Ordering::SeqCst);
    }

    pub(crate) fn away(&self, away: bool) {
        self.0.away.store(away, Ordering::SeqCst);
    }

    /// Who is signed in, as far as the app can tell.
    pub(crate) fn user(&self) -> Result<ReferenceId, StoreError> {
        if self.0.away.load(Ordering::SeqCst) {
            self.0.refused.fetch_add(1, Ordering::SeqCst);
            return Err(StoreError::unavailable("sessions are away"));
        }
        Ok("user_42".into())
    }
}

#[async_trait]
impl Refresh for Octany {
    async fn refresh(&self, user: &ReferenceId) -> Result<Refreshed, Box<dyn Error + Send + Sync>> {
        let asked = self.0.asked.fetch_add(1, Ordering::SeqCst) + 1;
        if asked >= self.0.appears_at.load(Ordering::SeqCst) {
            for checkout in self.0.log.begun(user, DateTime::<Utc>::MIN_UTC, 5).await? {
                let paid = self.0.paid.lock().unwrap_or_else(PoisonError::into_inner).clone();
                if paid.iter().any(|paid| checkout.reference == **paid) {
                    let mut subscription = Subscription::new("sub_1", "active");
                    subscription.reference_id = Some(checkout.reference);
                    self.0.receiver.report(&Arc::new(subscription), Utc::now()).await?;
                }
            }
        }
        Ok(Refreshed::Applied)
    }
}

/// What both frameworks serve.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) octany: Octany,
    pub(crate) gate: Gate,
    pub(crate) billing: Billing,
}

pub(crate) fn parts(address: SocketAddr, plan: Plan) -> Parts {
    let key = ReferenceKey::new(b"32 bytes out of a random source.".to_vec()).expect("32 bytes");
    let store = Arc::new(MemoryStore::new());
    let receiver = Receiver::builder().store(store.clone());
    let octany = Octany(Arc::new(Inner {
        receiver: receiver.references(References::signed(key.clone())).build(),
        log: store.clone(),
        paid: Mutex::default(),
        asked: AtomicU32::new(0),
        appears_at: AtomicU32::new(plan.appears_at),
        away: AtomicBool::new(false),
        refused: AtomicU32::new(0),
    }));
    let gate = Gate::new(store.clone(), AccessPolicy::new(), OnOutage::Deny);
    let gate = gate.refresh_before_deny(octany.clone());
    let account = "0b6f9a52-7c11-4b8e-9d55-6f1d0c3a2e41";
    let billing = Billing::builder(account, format!("http://{address}"), gate.clone(), store)
        .signed(key)
        .offer(Offer::new(42))
        .checkout_base(format!("http://{address}"))
        .allow_localhost()
        .poll_every(Duration::from_millis(150))
        .give_up_after(plan.give_up_after)
        .build()
        .expect("it is complete");
    Parts { octany, gate, billing }
}
