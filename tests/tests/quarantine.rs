//! What was bought with a signed reference is compared with what it was signed for, by webhook and by
//! API, in every order and many at once.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use octany_test_trace as _;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use octany_core::checkout::{ReferenceKey, SignedReference};
use octany_core::resource::Subscription;
use octany_core::signature::{SigningSecret, Verifier};
use octany_core::{AccessPolicy, Event, ReferenceId, SubscriptionId};
use octany_entitlement::{
    Access, AccessBook, AccessChanged, Begun, Cause, Ledger, ManualClock, MemoryStore, Quarantined,
    Receipt, ReceiveError, Receiver, ReceiverBuilder, References, StoreError, SubscriptionLinks,
    SubscriptionStore,
};
use octany_sqlx::SqliteStore;
use serde_json::{Value, json};
use tokio::sync::Barrier;

const OFFERED: (u64, i64) = (7, 9_900);

type Told = Arc<Mutex<Vec<Quarantined>>>;

/// How a report comes in.
#[derive(Clone, Copy, Debug)]
enum Way {
    Webhook(&'static str),
    Api,
}
use Way::{Api, Webhook};

const CREATED: Way = Webhook("subscription.created");
const UPDATED: Way = Webhook("subscription.updated");

/// A report: which way, when, and of what.
#[derive(Clone, Debug)]
struct Reported(Way, i64, Value);

fn tells(way: Way, seconds: i64, (product, price): (u64, i64)) -> Reported {
    Reported(way, seconds, json!({"product": {"id": product}, "price": price}))
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::seconds(seconds)
}

fn key() -> ReferenceKey {
    ReferenceKey::new("0123456789abcdef0123456789abcdef").unwrap()
}

fn offer() -> SignedReference {
    key().sign_with_amount(&"user".into(), &OFFERED.0.into(), OFFERED.1, at(3_600)).unwrap()
}

fn without_amount() -> SignedReference {
    key().sign(&"user".into(), &OFFERED.0.into(), at(3_600)).unwrap()
}

trait Store: Ledger + AccessBook {}
impl<T: Ledger + AccessBook> Store for T {}

/// A receiver with a quarantine, and what it works on.
struct Bench {
    store: Arc<dyn Store>,
    receiver: Receiver,
    told: Told,
    offer: SignedReference,
}

impl Bench {
    fn new(store: &Arc<dyn Store>, offer: SignedReference, parts: Parts) -> Self {
        let told = Told::default();
        let seen = Arc::clone(&told);
        let observer = move |it: Quarantined| seen.lock().unwrap().push(it);
        let receiver = parts(Receiver::builder(), Arc::clone(store))
            .references(References::signed(key()))
            .quarantine(Arc::clone(store), observer)
            .clock(ManualClock::at(at(1_000)))
            .build();
        Self { store: Arc::clone(store), receiver, told, offer }
    }

    fn resource(&self, subscription: &str, members: &Value) -> Value {
        let mut resource = json!({
            "id": subscription, "status": "active", "created_at": at(0),
            "reference_id": self.offer.as_reference_id().as_str(),
        });
        resource.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        resource
    }

    fn event(&self, subscription: &str, name: &str, seconds: i64, members: &Value) -> Event {
        let data = self.resource(subscription, members);
        let id = format!("{subscription} {name} {seconds} {members}");
        let body = json!({"id": id, "name": name, "created_at": at(seconds), "data": data});
        let (body, secret) = (body.to_string(), SigningSecret::new("0123456789abcdef").unwrap());
        let signature = secret.sign(body.as_bytes());
        let verified = Verifier::new(secret).verify(body.into(), &signature, Utc::now).unwrap();
        Event::parse(verified).unwrap()
    }

    async fn take(&self, subscription: &str, Reported(way, seconds, members): &Reported) {
        match way {
            Webhook(name) => {
                let event = self.event(subscription, name, *seconds, members);
                // One that was delivered before, or is being dealt with, is as good.
                self.receiver.receive(&event, async || Ok::<_, ()>(())).await.unwrap();
            }
            Api => {
                let resource = self.resource(subscription, members).to_string();
                let resource = Arc::new(Subscription::parse(resource).unwrap());
                self.receiver.report(&resource, at(*seconds)).await.unwrap();
            }
        }
    }

    async fn owner(&self, subscription: &str) -> Option<ReferenceId> {
        let owner = self.store.owner(&subscription.into()).await.unwrap();
        let known = self.store.subscriptions(&"user".into()).await.unwrap();
        let found = known.iter().any(|known| known.subscription == *subscription);
        assert_eq!(found, owner.is_some(), "who owns it finds it");
        owner
    }

    fn told(&self) -> Vec<Quarantined> {
        std::mem::take(&mut self.told.lock().unwrap())
    }
}

type Parts = fn(ReceiverBuilder, Arc<dyn Store>) -> ReceiverBuilder;

/// Each way in which a receiver takes a delivery in.
const PARTS: [Parts; 3] = [
    |builder, store| builder.ledger(store),
    |builder, store| builder.store(Arc::clone(&store)).deliveries(store),
    |builder, store| {
        let book = Arc::clone(&store);
        builder.ledger(store).on_access_change(AccessPolicy::new(), book, |_: AccessChanged| {})
    },
];

/// Runs a case on each store, each way. References are told apart by `subscription`.
async fn everywhere(case: impl AsyncFn(&dyn Fn(SignedReference) -> Bench)) {
    for parts in PARTS {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        case(&|offer| Bench::new(&store, offer, parts)).await;

        let directory = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(directory.path().join("db.sqlite")).await.unwrap();
        let store: Arc<dyn Store> = Arc::new(store);
        case(&|offer| Bench::new(&store, offer, parts)).await;
    }
}

fn permutations<T: Clone>(of: &[T]) -> Vec<Vec<T>> {
    let Some((first, rest)) = of.split_first() else { return vec![Vec::new()] };
    let mut all = Vec::new();
    for shorter in permutations(rest) {
        for place in 0..of.len() {
            let mut order = shorter.clone();
            order.insert(place, first.clone());
            all.push(order);
        }
    }
    all
}

#[expect(clippy::unnecessary_wraps, reason = "it is compared with what was found")]
fn user() -> Option<ReferenceId> {
    Some("user".into())
}

#[tokio::test]
async fn every_order_of_a_match_a_swap_and_an_answer_that_tells_neither_ends_in_one_owner() {
    everywhere(async |bench| {
        for (index, offer) in [offer(), without_amount()].into_iter().enumerate() {
            let bench = bench(offer);
            for answered in [-5, 5, 15] {
                let reports = [
                    tells(CREATED, 0, OFFERED),
                    tells(UPDATED, 10, (8, 19_900)),
                    Reported(Api, answered, json!({})),
                ];
                for (number, order) in permutations(&reports).iter().enumerate() {
                    let subscription = format!("{index} {answered} {number}");
                    for report in order {
                        bench.take(&subscription, report).await;
                    }
                    assert_eq!(bench.owner(&subscription).await, user(), "{order:?}");
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_cheap_product_with_the_reference_for_an_expensive_one_grants_nothing() {
    everywhere(async |bench| {
        for (index, offer) in [offer(), without_amount()].into_iter().enumerate() {
            let bench = bench(offer.clone());
            let reports = [tells(CREATED, 0, (8, 100)), tells(Api, 5, (8, 100))];
            for (number, order) in permutations(&reports).iter().enumerate() {
                let subscription = format!("{index} {number}");
                for report in order {
                    bench.take(&subscription, report).await;
                    assert_eq!(bench.owner(&subscription).await, None, "{report:?}");
                }
                bench.take(&subscription, &reports[1]).await;
                let quarantined = bench.told();
                assert_eq!(quarantined.len(), 3, "an answer that is repeated is told again");
                for told in quarantined {
                    assert_eq!(
                        (told.subscription, told.user),
                        ((&*subscription).into(), "user".into())
                    );
                    assert_eq!(told.offered_product, "7");
                    assert_eq!(told.offered_amount, offer.amount());
                    assert_eq!(told.reported_product, Some(8.into()));
                    assert_eq!((told.reported_amount, told.owner), (Some(100), None));
                }

                let accepted = SubscriptionId::from(&*subscription);
                bench.receiver.link(&bench.store, &accepted, &"user".into()).await.unwrap();
                assert_eq!(bench.owner(&subscription).await, user());
                bench.take(&subscription, &tells(UPDATED, 10, (9, 200))).await;
                assert_eq!(bench.owner(&subscription).await, user(), "a later swap");
                assert_eq!(bench.told()[0].owner, user());
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_edited_amount_grants_nothing_and_one_that_was_not_signed_is_not_judged() {
    everywhere(async |bench| {
        let edited = json!({"product": {"id": OFFERED.0}, "price": 1});
        for (way, name) in [(CREATED, "webhook"), (Api, "api")] {
            let bound = bench(offer());
            bound.take(name, &Reported(way, 0, edited.clone())).await;
            assert_eq!(bound.owner(name).await, None);
            bound.take(name, &Reported(way, 1, json!({"price": 1}))).await;
            assert_eq!(bound.owner(name).await, None, "without the product, too");

            let free = format!("{name}, any price");
            let unbound = bench(without_amount());
            unbound.take(&free, &Reported(way, 0, edited.clone())).await;
            assert_eq!(unbound.owner(&free).await, user());
            assert!(unbound.told().is_empty());
        }
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_told_is_the_users_and_linked_to_nobody() {
    everywhere(async |bench| {
        let cases = [
            (without_amount(), json!({"price": 1})),
            (offer(), json!({"product": {"id": OFFERED.0}})),
            (offer(), json!({})),
        ];
        for (index, (offer, members)) in cases.into_iter().enumerate() {
            let (bench, subscription) = (bench(offer), index.to_string());
            bench.take(&subscription, &Reported(CREATED, 0, members)).await;
            assert_eq!(bench.owner(&subscription).await, user());
            bench.take(&subscription, &tells(UPDATED, 1, (8, 1))).await;
            assert_eq!(bench.owner(&subscription).await, None, "it was linked to nobody");
        }
    })
    .await;
}

#[tokio::test]
async fn a_plain_reference_is_not_judged() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let observer = |it: Quarantined| unreachable!("{it:?}");
    for references in [References::plain(), References::signed(key()).or_plain()] {
        let receiver = Receiver::builder()
            .store(Arc::clone(&store))
            .references(references)
            .quarantine(Arc::clone(&store), observer)
            .build();
        let resource =
            r#"{"id": 1, "status": "active", "price": 1, "product_id": 8, "reference_id": "user"}"#;
        receiver.report(&Arc::new(Subscription::parse(resource).unwrap()), at(0)).await.unwrap();
        assert_eq!(store.owner(&1.into()).await.unwrap(), user());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_once_and_again_end_in_one_owner() {
    everywhere(async |bench| {
        let bench = Arc::new(bench(offer()));
        let swapped = [tells(UPDATED, 10, (8, 100)), tells(Api, 12, (8, 100))];
        let matching = [tells(CREATED, 0, OFFERED), tells(Api, 5, OFFERED)];
        for (reports, owner, name) in [
            ([&swapped[..], &matching].concat(), user(), "a match among them"),
            (swapped.to_vec(), None, "none as offered"),
        ] {
            for round in 0..4 {
                let subscription = format!("{name} {round}");
                let start = Arc::new(Barrier::new(32));
                let tasks = (0..32).map(|task| {
                    let (bench, start) = (Arc::clone(&bench), Arc::clone(&start));
                    let (subscription, mut reports) = (subscription.clone(), reports.clone());
                    let first = task % reports.len();
                    reports.rotate_left(first);
                    tokio::spawn(async move {
                        start.wait().await;
                        for report in &reports {
                            bench.take(&subscription, report).await;
                        }
                    })
                });
                for task in tasks.collect::<Vec<_>>() {
                    task.await.unwrap();
                }
                assert_eq!(bench.owner(&subscription).await, owner, "{subscription}");
                assert!(!bench.told().is_empty());
            }
        }
    })
    .await;
}

/// Links that can be taken away.
struct Fragile(Arc<MemoryStore>, AtomicBool);

#[async_trait]
impl SubscriptionLinks for Fragile {
    async fn link(&self, id: &SubscriptionId, reference: &ReferenceId) -> Result<(), StoreError> {
        if self.1.load(Ordering::SeqCst) {
            return Err(StoreError::unavailable("taken away"));
        }
        self.0.link(id, reference).await
    }

    async fn owner(&self, id: &SubscriptionId) -> Result<Option<ReferenceId>, StoreError> {
        if self.1.load(Ordering::SeqCst) {
            return Err(StoreError::unavailable("taken away"));
        }
        self.0.owner(id).await
    }
}

#[tokio::test]
async fn what_could_not_be_linked_or_told_is_delivered_again() {
    for parts in PARTS {
        for (product, told_times) in [(OFFERED, 0), ((8, 100), 1)] {
            let memory = Arc::new(MemoryStore::new());
            let links = Arc::new(Fragile(Arc::clone(&memory), AtomicBool::new(true)));
            let store: Arc<dyn Store> = memory;
            let Bench { store, receiver, told: seen, offer } = Bench::new(&store, offer(), parts);
            let tell = Arc::clone(&seen);
            let observer = move |it: Quarantined| tell.lock().unwrap().push(it);
            let receiver = receiver.into_builder().quarantine(Arc::clone(&links), observer).build();
            let bench = Bench { store, receiver, told: seen, offer };
            let Reported(_, _, members) = tells(CREATED, 0, product);
            let event = bench.event("sub", "subscription.created", 0, &members);

            let refused = bench.receiver.receive(&event, async || Ok::<_, ()>(())).await;
            assert!(matches!(refused, Err(ReceiveError::Store(_))), "{refused:?}");
            assert_eq!(bench.owner("sub").await, None);
            assert!(bench.told().is_empty());

            links.1.store(false, Ordering::SeqCst);
            let repeated = bench.receiver.receive(&event, async || Ok::<_, ()>(())).await;
            assert_eq!(repeated.unwrap(), Receipt::Handled(()));
            assert_eq!(bench.owner("sub").await.is_some(), told_times == 0);
            assert_eq!(bench.told().len(), told_times);
        }
    }
}

#[tokio::test]
async fn what_is_told_is_told_again_until_the_delivery_is_completed() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let bench = Bench::new(&store, offer(), PARTS[0]);
    let event = bench.event("sub", "subscription.created", 0, &json!({"price": 1}));
    for _ in 0..2 {
        let failed = bench.receiver.receive(&event, async || Err::<(), _>("no")).await;
        assert!(matches!(failed, Err(ReceiveError::Handler("no"))));
        assert_eq!(bench.told().len(), 1);
    }
    let Begun::Fresh(delivery) = bench.receiver.begin(&event).await.unwrap() else {
        unreachable!("it was given back");
    };
    delivery.complete().await.unwrap();
    assert_eq!(bench.told().len(), 1);
    assert!(matches!(bench.receiver.begin(&event).await.unwrap(), Begun::Duplicate));
    assert!(bench.told().is_empty());
}

#[tokio::test]
async fn access_is_told_by_the_report_that_matched() {
    let store = Arc::new(MemoryStore::new());
    let changes = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&changes);
    let observed: Arc<dyn Store> = store.clone();
    let Bench { store, receiver, told: quarantined, offer } =
        Bench::new(&observed, offer(), PARTS[0]);
    let receiver = receiver
        .into_builder()
        .on_access_change(AccessPolicy::new(), Arc::clone(&observed), move |it: AccessChanged| {
            seen.lock().unwrap().push(it);
        })
        .build();
    let bench = Bench { store, receiver, told: quarantined, offer };
    bench.take("sub", &tells(UPDATED, 10, (8, 100))).await;
    assert!(changes.lock().unwrap().is_empty());
    // The older report comes late: it is stale, and tells whose it is.
    bench.take("sub", &tells(CREATED, 0, OFFERED)).await;
    let changes = std::mem::take(&mut *changes.lock().unwrap());
    assert_eq!(changes.len(), 1);
    assert_eq!((&changes[0].reference, changes[0].after), (&"user".into(), Access::Granted));
    assert!(matches!(&changes[0].cause, Cause::Delivery { .. }), "{:?}", changes[0].cause);
}
