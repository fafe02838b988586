//! `octany-entitlement`.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use octany_core::resource::Subscription;
use octany_core::signature::{Signature, SignatureError};
use octany_core::{
    AccessPolicy, DeliveryId, Event, EventName, Reason, ReferenceId, Source, Version,
};
use octany_entitlement::{
    Access, AccessChanged, Admission, Announced, Answer, Begun, Cached, Cause, Charge,
    ChargeIntents, ChargePrepared, ChargeState, Checkout, CheckoutLog, Claim, ClaimToken,
    DecisionSource, Denial, Depth, Entered, Gate, GateError, GuardPages, Inbox, InboxStore, Known,
    Letter, LetterState, ManualClock, MemoryStore, OnOutage, OrdersBefore, Put, Quarantined,
    Receipt, Receiver, References, Refreshed, Refusal, StoreError, StoreErrorKind, Subject,
    SubscriptionStore, SystemClock,
};
use octany_tests::away::Away;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::planted::{
    EMAIL, NAME, PORTAL, SESSION, customer, delivery, event, order, reference_key, subscription,
    verified,
};
use crate::search::Search;

#[tokio::test]
async fn nothing_planted_is_shown_by_the_entitlement() {
    let mut search = Search::of("octany-entitlement");
    receivers(&mut search).await;
    inboxes(&mut search).await;
    gates(&mut search).await;
    charges(&mut search).await;
    answers(&mut search).await;
    what_holds_only_numbers_and_names(&mut search);
    search.end(300);
}

async fn receivers(search: &mut Search) {
    let store = Arc::new(MemoryStore::new());
    let (tell, mut told) = unbounded_channel();
    let references = References::signed(reference_key()).or_plain();
    search.debug(&references);
    let builder = Receiver::builder()
        .ledger(store.clone())
        .references(references)
        .on_access_change(AccessPolicy::new(), store.clone(), move |change: AccessChanged| {
            drop(tell.send(change));
        });
    search.debug(&builder);
    let receiver = builder.build();
    search.debug(&receiver);

    let event = active("r1");
    let begun = receiver.begin(&event).await.expect("memory");
    search.debug(&begun);
    search.debug(&receiver.begin(&event).await.expect("memory"));
    let Begun::Fresh(delivery) = begun else { unreachable!("it is the first") };
    search.debug(&delivery);
    delivery.complete().await.expect("memory");
    search.debug(&receiver.begin(&event).await.expect("memory"));
    let change = told.recv().await.expect("access was granted");
    search.debug(&change);
    search.debug(&change.cause);

    let handled = receiver.receive(&active("r2"), async || Ok::<_, Infallible>(())).await;
    search.debug(&handled.expect("memory"));
    let other = active("r3");
    let failed = receiver.receive(&other, async || Err::<(), _>(StoreError::rejected("no"))).await;
    search.error(&failed.expect_err("the handler failed"));
    let away = Receiver::builder().store(Away).build();
    let failed = away.receive(&other, async || Ok::<_, StoreError>(())).await;
    search.error(&failed.expect_err("the store is away"));
    search.debug(&receiver.reference_of(&event));
    search.debug(&*store);
    let known = store.subscriptions(&"user_42".into()).await.expect("memory");
    assert_eq!(known.len(), 1);
    search.debug(&Known::from(known.clone()));
    search.debug(&Known::from([known.clone(), known].concat()));
    quarantines(search).await;
}

/// One whose reference was signed for another product, with whatever else is reported.
async fn quarantines(search: &mut Search) {
    let store = MemoryStore::new();
    let (tell, mut told): (_, UnboundedReceiver<Quarantined>) = unbounded_channel();
    let receiver = Receiver::builder()
        .store(store)
        .references(References::signed(reference_key()))
        .quarantine(MemoryStore::new(), move |quarantined| drop(tell.send(quarantined)))
        .build();
    let signed = reference_key().sign(&"user_42".into(), &"7".into(), Utc::now());
    let signed = signed.expect("it is short").as_reference_id().to_string();
    let report = subscription().replace("user_42", &signed);
    let report = Arc::new(Subscription::parse(report).expect("it has an id and a status"));
    search.debug(&receiver.report(&report, Utc::now()).await.expect("memory"));
    search.debug(&receiver.read(&report, Utc::now()));
    search.debug(&told.recv().await.expect("it is another product"));
}

async fn inboxes(search: &mut Search) {
    let store = Arc::new(MemoryStore::new());
    let behind = Receiver::builder().store(store.clone()).build();
    let builder = Inbox::builder(store.clone(), behind, async |_| Err::<(), _>("it does not work"));
    search.debug(&builder);
    let inbox = builder.workers(1).attempts(1).poll(Duration::from_millis(5)).build();
    search.debug(&inbox);
    search.debug(&Receiver::builder().inbox(inbox.clone()).build());
    search.debug(&inbox.put(&active("i1")).await.expect("memory"));
    let unbodied = inbox.put(&active("i2").into_owned()).await;
    search.error(&unbodied.expect_err("it has no body"));
    for name in ["order.paid", "somebody.unknown"] {
        let body = delivery(name, name, &order());
        let event = Event::parse(verified(body)).expect("it is an event");
        inbox.put(&event).await.expect("memory");
        search.debug(&Letter::of(&event, Utc::now()).expect("it has a body"));
    }
    // For so short a time that a worker gets it all the same.
    let claimed = InboxStore::claim(&*store, Utc::now(), Duration::from_millis(1), 1).await;
    let claimed = claimed.expect("memory").pop().expect("there are three");
    search.debug(&claimed);
    search.debug(&claimed.letter);

    let run = tokio::spawn(inbox.clone().run(std::future::pending()));
    while inbox.depth().await.expect("memory").dead < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    run.abort();
    search.debug_all(inbox.dead(0, 10).await.expect("memory"));
    search.debug_all(InboxStore::letters(&*store, 0, 10).await.expect("memory"));
    search.debug(&InboxStore::letter(&*store, &"i1".into()).await.expect("memory"));
    search.debug(&inbox.depth().await.expect("memory"));
}

async fn gates(search: &mut Search) {
    let store = Arc::new(MemoryStore::new());
    let receiver = Receiver::builder().store(store.clone()).build();
    drop(receiver.begin(&active("g1")).await.expect("memory"));
    let cached = Cached::new(store.clone());
    let gate = |store: Arc<dyn SubscriptionStore>| {
        Gate::new(store, AccessPolicy::new(), OnOutage::AllowLastKnown { at_most: Duration::ZERO })
    };
    let open = gate(Arc::new(cached)).checkouts(store.clone(), Duration::from_mins(15));
    search.debug(&open);
    let user: ReferenceId = "user_42".into();
    let decision = open.decide(&user).await.expect("memory");
    assert!(decision.is_allowed(), "{decision:?}");
    search.debug(&decision);
    search.debug(&decision.source());
    search.debug(&open.admit(&user).await);
    let cached = Cached::linked(store.clone());
    drop(cached.subscriptions(&user).await.expect("memory"));
    search.debug(&cached);

    let checkout = Checkout::new("o1.signed", "visitor", "42", Utc::now());
    search.debug(&checkout);
    store.begin(&checkout).await.expect("memory");
    let since = Utc::now() - TimeDelta::hours(1);
    search.debug(&store.returned(&"visitor".into(), since, Utc::now()).await.expect("memory"));
    let in_flight = open.admit(&"visitor".into()).await;
    assert!(
        matches!(&in_flight, Admission::TurnedAway(it) if it.as_str() == "checkout_in_flight"),
        "{in_flight:?}"
    );
    search.debug(&in_flight);
    let away = gate(Arc::new(Away));
    search.error(&away.decide(&user).await.expect_err("the store is away"));
    search.debug(&away.admit(&user).await);
    search.debug(&away.shadow().admit(&user).await);
    search.debug(&Subject::Reference(user));
    search.debug(&Subject::NotKnown(StoreError::unavailable("away")));
}

async fn charges(search: &mut Search) {
    let store = MemoryStore::new();
    let charge = Charge::new("sub_1", "42", 100, None, None, Some(EMAIL));
    let now = Utc::now();
    let lease = Duration::from_mins(1);
    search.debug(&charge);
    search.debug(&store.prepare("c1", &charge, now, lease).await.expect("memory"));
    let known = store.prepare("c1", &charge, now, lease).await.expect("memory");
    search.debug(&known);
    let ChargePrepared::Known(intent) = known else { unreachable!("it is there") };
    search.debug(&intent);
    search.debug(&intent.state);
    search.debug(&store.prepare("c2", &charge, now, lease).await.expect("memory"));
    let other = Charge::new("sub_1", "42", 100, None, None, Some(NAME));
    search.debug(&store.prepare("c1", &other, now, lease).await.expect("memory"));
    search.debug(&ChargeState::Created("o1".into()));
    search.debug(&OrdersBefore { as_of: now, latest: vec!["o1".into()], complete: true });
    for stored in
        [customer(), format!("\"{EMAIL}\""), format!("[1,[\"o1\"],\"{SESSION}\"]"), NAME.into()]
    {
        search.error(&OrdersBefore::from_json(&stored).expect_err("it is none"));
    }
    search.error(&OrdersBefore::from_json("[9223372036854775807,[],true]").expect_err("beyond"));
}

/// What the outside is told, and what it is told of.
async fn answers(search: &mut Search) {
    let pages = GuardPages::new().sign_in("/sign-in").paywall("/pricing").checkout_url("/buy");
    search.debug(&pages);
    let redirect = Answer::empty(303)
        .with("location", PORTAL)
        .with("Location", PORTAL)
        .with("set-cookie", format!("session={SESSION}"))
        .with("Set-Cookie", format!("session={SESSION}"))
        .body(format!("<a href=\"{PORTAL}\">{NAME}</a>"));
    search.debug(&redirect);

    let gate = Gate::new(MemoryStore::new(), AccessPolicy::new(), OnOutage::Deny);
    let decision = gate.decide(&"user_42".into()).await.expect("memory");
    let broken = Event::parse(verified(format!("{{\"id\":{EMAIL}"))).expect_err("it is cut");
    let away = GateError::CouldNotTell(StoreError::unavailable("away"));
    let denials = [
        Denial::SignedOut,
        Denial::NotPaid(Box::new(decision)),
        Denial::CouldNotTell(Arc::new(away)),
        Denial::NoGuard,
    ];
    for denial in denials {
        search.debug(&denial);
        let answer = denial.answer(Some("*/*"), &pages);
        search.debug(&answer);
        let headers = answer.headers.iter().map(|(name, value)| (*name, value.as_bytes()));
        search.answer(denial.as_str(), answer.status, headers, answer.body.as_bytes());
    }
    let malformed = Signature::parse(SESSION.as_bytes()).expect_err("it is none");
    let refusals = [
        Refusal::Signature(SignatureError::Missing),
        Refusal::Signature(SignatureError::Repeated),
        Refusal::Signature(SignatureError::Malformed(malformed)),
        Refusal::Signature(SignatureError::Mismatch { hint: None }),
        Refusal::TooLarge { limit: 1 },
        Refusal::TimedOut,
        Refusal::Interrupted,
        Refusal::NotAnEvent(Arc::new(broken)),
        Refusal::InFlight { retry_after: Duration::ZERO },
        Refusal::Store(Arc::new(StoreError::unavailable("away"))),
        Refusal::HandlerPanicked,
        Refusal::NoLayer,
    ];
    for refusal in refusals {
        search.debug(&refusal);
        let answer = refusal.answer();
        let headers = answer.headers.iter().map(|(name, value)| (*name, value.as_bytes()));
        search.answer(refusal.as_str(), answer.status, headers, answer.body.as_bytes());
    }
}

/// Ids are shown, as is said of them, so nothing is planted there.
fn what_holds_only_numbers_and_names(search: &mut Search) {
    search.debug(&Access::Granted);
    search.debug(&Announced::Changed);
    search.debug(&Claim::Fresh(ClaimToken::random()));
    search.debug(&ClaimToken::random());
    search.debug(&DecisionSource::Memory);
    search.debug(&Entered { claim: Claim::Duplicate, applied: None });
    search.debug(&LetterState::Waiting { due_at: Utc::now() });
    search.debug(&ManualClock::at(DateTime::UNIX_EPOCH));
    search.debug(&SystemClock);
    search.debug(&OnOutage::Deny);
    search.debug(&Refreshed::Applied);
    search.debug(&Put::Stored);
    search.debug(&Receipt::Handled(()));
    search.debug(&Depth::default());
    search.debug_all([
        StoreErrorKind::Unavailable,
        StoreErrorKind::Corrupt,
        StoreErrorKind::Rejected,
    ]);
    let id = || DeliveryId::from("d1");
    search.debug_all([
        Cause::Delivery { id: id(), name: EventName::from(NAME) },
        Cause::Answer { subscription: "1".into() },
        Cause::Link { subscription: "1".into() },
        Cause::Time,
        Cause::Earlier,
    ]);
    search.debug(&Version::new(Utc::now(), Source::Api));
    search.debug(&Reason::Active);
}

/// A report that grants access, with everything planted that a report can hold.
fn active(id: &str) -> Event {
    let read = event(id);
    let body = read.body().expect("it was parsed from one").bytes();
    let body = String::from_utf8_lossy(body).replace(&format!(r#""ends_at":"{EMAIL}","#), "");
    Event::parse(verified(body)).expect("it is an event")
}
