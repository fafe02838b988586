//! A store, copies of it and a guard, under any sequence of what they are for, against a model.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use arbitrary::Arbitrary;
use chrono::{DateTime, TimeDelta, Utc};
use octany_core::{
    AccessPolicy, Applied, Rank, ReferenceId, Snapshot, Source, SubscriptionId, SubscriptionStatus,
    Version, evaluate,
};
use octany_entitlement::{
    Cached, Claim, ClaimToken, DeliveryLog, Gate, ManualClock, MemoryStore, OnOutage,
    SubscriptionLinks, SubscriptionStore,
};
use tokio::runtime::{Builder, Runtime};

/// How many subscriptions, references and deliveries there are.
const MANY: u8 = 4;
const LEASE: Duration = Duration::from_secs(60);

/// What happens next.
#[derive(Arbitrary, Debug)]
pub enum Step {
    /// A report arrives.
    Report(Report),
    /// A subscription is linked to a reference.
    Link(u8, u8),
    /// Time passes, in seconds.
    Wait(u8),
    /// A delivery is claimed.
    Claim(u8),
    /// Whoever got a claim, counted from the first, has done it.
    Complete(u8),
    /// Or gives it back.
    Release(u8),
}

/// A report, of one of few moments.
#[derive(Arbitrary, Debug)]
pub struct Report {
    subscription: u8,
    reference: Option<u8>,
    status: u8,
    product: Option<u8>,
    second: u8,
    source: u8,
    renews_at: Option<u8>,
    ends_at: Option<u8>,
    trial_ends_at: Option<u8>,
}

impl Report {
    fn snapshot(&self) -> Snapshot {
        let source = match self.source % 5 {
            0 => Source::Webhook(Rank::Created),
            1 => Source::Webhook(Rank::Updated),
            2 => Source::Webhook(Rank::Renewed),
            3 => Source::Webhook(Rank::Cancelled),
            _ => Source::Api,
        };
        let status = usize::from(self.status) % (SubscriptionStatus::KNOWN.len() + 1);
        let status = SubscriptionStatus::KNOWN.get(status).map_or("paused", |known| known.as_str());
        let version = Version::new(at((self.second % 8).into()), source);
        let id = u64::from(self.subscription % MANY);
        let mut snapshot = Snapshot::new(SubscriptionId::from(id), status, version);
        snapshot.reference = self.reference.map(reference);
        snapshot.product = self.product.map(|product| u64::from(product % 2).into());
        let date = |second: Option<u8>| second.map(|second| at(second.into()));
        snapshot.renews_at = date(self.renews_at);
        snapshot.ends_at = date(self.ends_at);
        snapshot.trial_ends_at = date(self.trial_ends_at);
        snapshot
    }
}

fn at(second: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(second)
}

fn reference(number: u8) -> ReferenceId {
    format!("user_{}", number % MANY).into()
}

/// What should be known, in the simplest form.
#[derive(Default)]
struct Model {
    reports: BTreeMap<SubscriptionId, Snapshot>,
    links: BTreeMap<SubscriptionId, ReferenceId>,
    deliveries: BTreeMap<u8, Held>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Held {
    By(u8, DateTime<Utc>),
    Given,
    Done(u8),
}

impl Model {
    fn apply(&mut self, report: &Snapshot) -> Applied {
        let known = self.reports.get(&report.subscription);
        let applied = match known.map(|known| known.version.cmp(&report.version)) {
            None => Applied::Inserted,
            Some(std::cmp::Ordering::Less) => Applied::Updated,
            Some(std::cmp::Ordering::Greater) => Applied::Stale,
            Some(_) if known.is_some_and(|known| same(known, report)) => Applied::Unchanged,
            Some(_) => Applied::Contested,
        };
        if applied.changed() {
            let mut report = report.clone();
            report.contested = applied == Applied::Contested;
            self.reports.insert(report.subscription.clone(), report);
        }
        applied
    }

    fn of(&self, reference: &ReferenceId) -> Vec<Snapshot> {
        let owner = |report: &Snapshot| {
            report.reference.clone().or_else(|| self.links.get(&report.subscription).cloned())
        };
        self.reports
            .values()
            .filter(|report| owner(report).as_ref() == Some(reference))
            .cloned()
            .collect()
    }
}

/// The same report, but for whose it is called.
fn same(one: &Snapshot, other: &Snapshot) -> bool {
    let parts = |it: &Snapshot| {
        let dates = (it.renews_at, it.ends_at, it.trial_ends_at);
        (
            it.subscription.clone(),
            it.reference.clone(),
            it.product.clone(),
            it.status.clone(),
            dates,
        )
    };
    parts(one) == parts(other)
}

/// The real ones, and what they are asked with.
struct Real {
    clock: ManualClock,
    store: Arc<MemoryStore>,
    copies: Arc<Cached<Arc<MemoryStore>>>,
    gates: [Gate; 2],
    /// What was claimed: which delivery, by which token.
    claims: Vec<(u8, ClaimToken)>,
}

/// Takes every step, and compares after each.
///
/// # Panics
///
/// On the first promise that does not hold.
pub fn check(steps: &[Step]) {
    thread_local!(static RUNTIME: OnceCell<Runtime> = const { OnceCell::new() });
    RUNTIME.with(|runtime| {
        let make = || Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.get_or_init(make).block_on(walk(steps));
    });
}

async fn walk(steps: &[Step]) {
    let (mut model, mut real) = (Model::default(), Real::new());
    for step in steps {
        real.take(step, &mut model).await;
        for number in 0..MANY {
            real.agrees(&model, &reference(number)).await;
        }
    }
}

impl Real {
    fn new() -> Self {
        let (clock, store) = (ManualClock::at(at(0)), Arc::new(MemoryStore::new()));
        let copies = Arc::new(Cached::linked(store.clone()).clock(clock.clone()));
        let gate = |store: Arc<dyn SubscriptionStore>| {
            Gate::new(store, policy(), OnOutage::Deny).clock(clock.clone())
        };
        let gates = [gate(store.clone()), gate(copies.clone())];
        Self { clock, store, copies, gates, claims: Vec::new() }
    }

    async fn take(&mut self, step: &Step, model: &mut Model) {
        let now = octany_entitlement::Clock::now(&self.clock);
        match step {
            Step::Report(report) => {
                let report = report.snapshot();
                assert_eq!(told(self.copies.apply(&report)).await, model.apply(&report));
            }
            Step::Link(subscription, to) => {
                let id = SubscriptionId::from(u64::from(subscription % MANY));
                told(self.copies.link(&id, &reference(*to))).await;
                model.links.insert(id, reference(*to));
            }
            Step::Wait(seconds) => self.clock.advance(TimeDelta::seconds((*seconds).into())),
            Step::Claim(number) => self.claim(number % MANY, now, model).await,
            Step::Complete(nth) => self.end(*nth, model, Some(now)).await,
            Step::Release(nth) => self.end(*nth, model, None).await,
        }
    }

    async fn claim(&mut self, number: u8, now: DateTime<Utc>, model: &mut Model) {
        let claimed = told(self.store.claim(&u64::from(number).into(), now, LEASE)).await;
        let known = model.deliveries.get(&number).copied();
        match claimed {
            Claim::Duplicate => assert!(matches!(known, Some(Held::Done(_)))),
            Claim::InFlight { until } => {
                assert!(matches!(known, Some(Held::By(_, end)) if end == until && end > now));
            }
            Claim::Fresh(token) => {
                assert!(match known {
                    None | Some(Held::Given) => true,
                    Some(Held::By(_, end)) => end <= now,
                    Some(Held::Done(_)) => false,
                });
                let nth = u8::try_from(self.claims.len()).unwrap_or(u8::MAX);
                if nth < u8::MAX {
                    self.claims.push((number, token));
                    model.deliveries.insert(number, Held::By(nth, now + LEASE));
                } else {
                    assert!(told(self.store.release(&u64::from(number).into(), token)).await);
                    model.deliveries.insert(number, Held::Given);
                }
            }
        }
    }

    /// Completes a claim, or gives it back: only whoever holds it can.
    async fn end(&mut self, nth: u8, model: &mut Model, done: Option<DateTime<Utc>>) {
        let nth = nth % u8::try_from(self.claims.len().max(1)).unwrap_or(u8::MAX);
        let Some((number, token)) = self.claims.get(usize::from(nth)).copied() else { return };
        let (id, held) = (u64::from(number).into(), model.deliveries.get(&number).copied());
        let holds = matches!(held, Some(Held::By(by, _)) if by == nth);
        let ended = match done {
            Some(now) => {
                let completed = told(self.store.complete(&id, token, now)).await;
                assert_eq!(completed, holds || held == Some(Held::Done(nth)));
                Held::Done(nth)
            }
            None => {
                assert_eq!(told(self.store.release(&id, token)).await, holds);
                Held::Given
            }
        };
        if holds {
            model.deliveries.insert(number, ended);
        }
    }

    /// Store, copies and guards say of a reference what the model says.
    async fn agrees(&self, model: &Model, reference: &ReferenceId) {
        let expected = model.of(reference);
        let known = [
            told(self.store.subscriptions(reference)).await,
            told(self.copies.subscriptions(reference)).await,
            told(self.copies.look_up(reference)).await.to_vec(),
        ];
        for mut known in known {
            known.sort_by(|one, other| one.subscription.cmp(&other.subscription));
            assert_eq!(known.len(), expected.len(), "{reference}");
            for (known, expected) in known.iter().zip(&expected) {
                let mut named = expected.clone();
                named.reference = Some(reference.clone());
                assert!(same(known, &named), "{known:?}\n{expected:?}");
                assert_eq!(known.version, expected.version);
                assert_eq!(known.contested, expected.contested);
            }
        }
        let now = octany_entitlement::Clock::now(&self.clock);
        let verdict = evaluate(&policy(), &expected, now);
        for gate in &self.gates {
            let decision = gate.decide(reference).await.expect("nothing is away");
            assert_eq!(decision.is_allowed(), verdict.is_allowed(), "{reference}");
            assert_eq!(decision.reason(), verdict.reason);
        }
    }
}

fn policy() -> AccessPolicy {
    AccessPolicy::new().grace(TimeDelta::seconds(30)).enforce_trial_end(TimeDelta::seconds(5))
}

/// Nothing fails that is in memory.
async fn told<T, E: std::fmt::Debug>(call: impl Future<Output = Result<T, E>>) -> T {
    call.await.expect("it is in memory")
}
