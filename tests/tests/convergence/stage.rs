//! What goes wrong inside of the app's handler, and where a run holds it.

use std::collections::HashMap;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use octany_core::Event;
use octany_entitlement::Clock;
use tokio::sync::Notify;

use super::database::{Database, Write};
use super::flaw::Flaw;
use super::octany::VirtualTime;

/// What a handler does beside its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mishap {
    /// It fails before it did anything.
    Refuses,
    /// It fails, and its transaction rolls back.
    RollsBack,
    /// It fails after its transaction was committed.
    FailsAfterwards,
    Panics,
    /// It waits until the run lets it go on.
    Holds,
    /// It gets no further: the run ends its process.
    HangsBefore,
    /// The same, with its work done.
    HangsAfterwards,
}

/// What a run and the handlers of its app share. It outlives the app.
#[derive(Default)]
pub(crate) struct Stage {
    inner: Mutex<Inner>,
    arrived: Notify,
    goes_on: Notify,
}

#[derive(Default)]
struct Inner {
    seed: u64,
    /// In how many of a hundred deliveries something goes wrong.
    per_cent: u64,
    /// What is to happen to the next delivery.
    wish: Option<Mishap>,
    /// Which delivery the wish came true for.
    held: Option<String>,
    tried: HashMap<String, u64>,
    committed: Vec<String>,
}

impl Stage {
    pub(crate) fn new(seed: u64, per_cent: u64) -> Arc<Self> {
        let inner = Inner { seed, per_cent, ..Inner::default() };
        Arc::new(Self { inner: Mutex::new(inner), ..Self::default() })
    }

    /// From now on, all goes well.
    pub(crate) fn calm(&self) {
        self.inner().per_cent = 0;
    }

    /// Wishes for something to happen to the next delivery.
    pub(crate) fn wish(&self, mishap: Mishap) {
        self.inner().wish = Some(mishap);
    }

    /// No longer.
    pub(crate) fn wish_nothing(&self) {
        self.inner().wish = None;
    }

    /// Waits until a wish has come true, and gives the delivery.
    pub(crate) async fn arrival(&self) -> String {
        self.arrived.notified().await;
        self.inner().held.take().unwrap()
    }

    pub(crate) fn go_on(&self) {
        self.goes_on.notify_one();
    }

    /// The deliveries whose effects were committed.
    pub(crate) fn committed(&self) -> Vec<String> {
        self.inner().committed.clone()
    }

    /// What happens to a delivery, this time.
    fn mishap(&self, delivery: &str) -> Option<Mishap> {
        use Mishap::{FailsAfterwards, Panics, Refuses, RollsBack};
        let mut inner = self.inner();
        if let Some(wish) = inner.wish.take() {
            return Some(wish);
        }
        let tried = inner.tried.entry(delivery.to_owned()).or_default();
        *tried += 1;
        let number = delivery
            .bytes()
            .fold(*tried, |number, byte| number.wrapping_mul(31).wrapping_add(u64::from(byte)));
        let mut random = fastrand::Rng::with_seed(inner.seed ^ number);
        let strikes = random.u64(0..100) < inner.per_cent;
        let any = [Refuses, RollsBack, FailsAfterwards, Panics];
        strikes.then(|| any[random.usize(..any.len())])
    }

    async fn hang(&self, delivery: &str) {
        self.tell(delivery);
        std::future::pending::<()>().await;
    }

    fn tell(&self, delivery: &str) {
        self.inner().held = Some(delivery.to_owned());
        self.arrived.notify_one();
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The app's own work on a delivery.
#[derive(Clone)]
pub(crate) struct Handler {
    pub(crate) database: Database,
    pub(crate) stage: Arc<Stage>,
    pub(crate) clock: VirtualTime,
    pub(crate) flaw: Option<Flaw>,
}

impl Handler {
    /// Does it, and gives the status that is answered.
    pub(crate) async fn handle(&self, event: &Event) -> u16 {
        match self.work(event).await {
            Ok(()) => 204,
            Err(()) if self.flaw == Some(Flaw::SwallowsFailures) => 204,
            Err(()) => 503,
        }
    }

    async fn work(&self, event: &Event) -> Result<(), ()> {
        let delivery = event.id.as_str();
        let mishap = self.stage.mishap(delivery);
        match mishap {
            Some(Mishap::Refuses) => return Err(()),
            // As a panic, without a word on the terminal.
            Some(Mishap::Panics) => resume_unwind(Box::new("as planned")),
            Some(Mishap::HangsBefore) => self.stage.hang(delivery).await,
            Some(Mishap::Holds) => {
                self.stage.tell(delivery);
                self.stage.goes_on.notified().await;
            }
            _ => {}
        }
        let write = match self.flaw {
            Some(Flaw::ForgetsDeliveries | Flaw::ClaimsApart) => Write::Apart,
            _ if mishap == Some(Mishap::RollsBack) => Write::RolledBack,
            _ => Write::Claimed,
        };
        let written = self.database.effect(event, write, self.clock.now()).await.map_err(drop)?;
        if written {
            self.stage.inner().committed.push(delivery.to_owned());
        }
        if mishap == Some(Mishap::HangsAfterwards) {
            self.stage.hang(delivery).await;
        }
        let fails = matches!(mishap, Some(Mishap::RollsBack | Mishap::FailsAfterwards));
        if fails { Err(()) } else { Ok(()) }
    }
}
