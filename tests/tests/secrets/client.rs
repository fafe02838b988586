//! `octany-client`.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use octany_client::{
    API_BASE, ApiKey, AuditMode, Backfill, ChargeError, ChargeRequest, Charged, Client, Cursor,
    DriftedField, Error, ErrorKind, NewSubscription, Priority, ProductUpdate, RateLimit,
    ReconcileError, Reconciler, RetryPolicy, Sample, Settled,
};
use octany_core::SubscriptionId;
use octany_entitlement::{
    Charge, ChargeIntents, ManualClock, MemoryStore, OrdersBefore, Receiver, References,
};

use crate::api::{ACCOUNT, Says, builder, client, start};
use crate::planted::{
    API_KEY, EMAIL, NAME, PASSWORD, PERSONAL_NUMBER, PORTAL, SESSION, api_key, order, product,
    reference_key, subscription,
};
use crate::search::Search;

#[tokio::test]
async fn nothing_planted_is_shown_by_the_client() {
    let mut search = Search::of("octany-client");
    builders(&mut search);
    requests(&mut search);
    resources(&mut search).await;
    refusals(&mut search).await;
    broken_answers(&mut search).await;
    connections(&mut search).await;
    charges(&mut search).await;
    reconciliation(&mut search).await;
    search.end(8_000);
}

fn builders(search: &mut Search) {
    search.debug(&api_key());
    search.error(&ApiKey::new(" ").expect_err("it is empty"));
    search.error(&ApiKey::new(format!("{API_KEY}\n{API_KEY}")).expect_err("no header takes it"));
    let plain = || Client::builder(ACCOUNT, api_key());
    let host = "octany.example";
    let wrong = [
        plain().base_url(format!("https://{EMAIL}:{PASSWORD}")),
        plain().base_url(format!("https://app:{PASSWORD}@{host}/api")),
        plain().base_url(format!("https://{host}/api?key={API_KEY}")),
        plain().base_url(format!("http://app:{PASSWORD}@{host}/api")),
        Client::builder("", api_key()),
        plain().locale("sv\n"),
        plain().user_agent(format!("{EMAIL}\n")),
        plain().http(reqwest::Client::builder().user_agent(format!("{EMAIL}\n"))),
    ];
    for wrong in wrong {
        search.debug(&wrong);
        search.error(&wrong.build().expect_err("each is wrong"));
    }
    search.debug(&plain().build().expect(API_BASE));
    search.debug(&RetryPolicy::new());
    search.debug(&RateLimit::off());
    search.debug(&Priority::Person);
}

fn requests(search: &mut Search) {
    let mut charge = ChargeRequest::new(42, 100);
    charge.description = Some(format!("for {NAME}, {EMAIL}"));
    search.debug(&charge);
    let mut wanted = NewSubscription::paid_as(1, 42);
    wanted.reference_name = Some(format!("{NAME} {PERSONAL_NUMBER}"));
    search.debug(&wanted);
    search.debug(&ProductUpdate::default());
}

fn page(of: &str) -> Says {
    let pagination = r#"{"total":1,"count":1,"per_page":20,"current_page":1,"total_pages":1}"#;
    Says::json(200, format!(r#"{{"data":[{of}],"pagination":{pagination}}}"#))
}

/// What is answered well.
async fn resources(search: &mut Search) {
    let one = |of: &str| client(start(Says::json(200, format!(r#"{{"data":{of}}}"#))));
    let (id, data) = (SubscriptionId::from(1), subscription());
    search.debug(&one(&data).subscription(&id).await.expect("it is one"));
    search.debug(&one(&order()).order(&5.into()).await.expect("it is one"));
    search.debug(&one(&product()).product(&42.into()).await.expect("it is one"));
    let list = client(start(page(&data))).subscriptions().reference("user_42").email(EMAIL);
    search.debug(&list);
    let listed = list.clone().send().await.expect("it is a page");
    search.debug(&listed);
    search.debug(&list.clone().pages());
    search.debug(&list.clone().stream());
    let mut stream = list.stream();
    search.debug(&stream.try_next().await.expect("it is one"));
    let odd = format!(r#"{data},{{"id":2,"mail":"{EMAIL}"}},"{EMAIL}""#);
    let (page, unreadable) =
        client(start(page(&odd))).subscriptions().send_for_readable().await.expect("it is a page");
    search.debug(&page);
    assert_eq!(unreadable.len(), 2);
    search.errors(&unreadable);
}

/// Every call, as it fails at a server that says this.
async fn failures(client: &Client) -> Vec<Error> {
    let (id, mut charge) = (SubscriptionId::from(1), ChargeRequest::new(42, 100));
    charge.description = Some(EMAIL.to_owned());
    let list = client.subscriptions().reference("user_42").email(EMAIL);
    let wanted = NewSubscription::paid_as(1, 42);
    [
        client.subscription(&id).await.err(),
        client.order(&5.into()).await.err(),
        client.charge(&id, &charge).await.err(),
        client.create_subscription(&wanted).await.err(),
        client.update_product(&42.into(), &ProductUpdate::default()).await.err(),
        client.delete_product(&42.into()).await.err(),
        client.orders(&id).send().await.err(),
        list.clone().send().await.err(),
        list.clone().send_for_readable().await.err(),
        list.clone().stream().try_next().await.err(),
        list.pages().try_next().await.err(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

async fn search_failures(search: &mut Search, client: &Client, kind: ErrorKind) {
    let failures = failures(client).await;
    assert!(failures.len() > 6, "{kind:?}: {failures:?}");
    for error in failures {
        search.error(&error);
        search.debug(&error.kind());
        search.debug_all(error.fields());
        assert_eq!(error.kind(), kind, "{error:?}");
    }
}

async fn refusals(search: &mut Search) {
    use ErrorKind::{
        Forbidden, NotFound, PaymentRequired, RateLimited, Rejected, Server, Timeout, Unauthorized,
        Validation,
    };
    for (status, kind) in [
        (400, Validation),
        (401, Unauthorized),
        (402, PaymentRequired),
        (403, Forbidden),
        (404, NotFound),
        (408, Timeout),
        (410, NotFound),
        (418, Rejected),
        (422, Validation),
        (429, RateLimited),
        (500, Server),
        (503, Server),
    ] {
        search_failures(search, &client(start(Says::refusal(status))), kind).await;
        let Says::Answer(_, _, body) = Says::refusal(status) else { unreachable!("it is one") };
        // What stands for the request, and where it is sent instead.
        let headers = format!("x-request-id: {API_KEY}\r\nlocation: {PORTAL}\r\n");
        let says = Says::Answer(status, headers, body.replace(API_KEY, EMAIL));
        search_failures(search, &client(start(says)), kind).await;
        for body in [EMAIL.to_owned(), format!("<p>{EMAIL}, {SESSION}</p>"), format!("\"{NAME}\"")]
        {
            search_failures(search, &client(start(Says::json(status, body))), kind).await;
        }
    }
}

async fn broken_answers(search: &mut Search) {
    let whole = format!(r#"{{"data":{}}}"#, subscription());
    let bodies = [
        EMAIL.to_owned(),
        format!("\"{EMAIL}\""),
        format!("[\"{EMAIL}\"]"),
        format!("<!doctype html><p>{EMAIL}</p>"),
        format!(r#"{{"data":"{EMAIL}"}}"#),
        format!(r#"{{"data":["{EMAIL}"],"pagination":"{SESSION}"}}"#),
        format!(r#"{{"data":{{"id":["{EMAIL}"],"status":"{NAME}"}}}}"#),
        format!(r#"{{"data":{{"mail":"{EMAIL}"}}}}"#),
        whole[..whole.len() / 2].to_owned(),
        whole[..whole.find("never-shown").expect("it is planted") + 3].to_owned(),
        format!("{whole}{SESSION}"),
    ];
    for body in bodies {
        for error in failures(&client(start(Says::json(200, body)))).await {
            search.error(&error);
        }
    }
    let refused = format!(r#"{{"error":{{"code":"{EMAIL}","message":"{NAME}"}}}}"#);
    for error in failures(&client(start(Says::json(200, refused)))).await {
        search.error(&error);
    }
    let small = builder(start(Says::json(200, whole))).answer_limit(100).build();
    search_failures(search, &small.expect("it is this machine"), ErrorKind::Decode).await;
}

async fn connections(search: &mut Search) {
    let cut = format!("HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n{{\"mail\":\"{EMAIL}\"");
    let garbage = format!("{EMAIL} {SESSION}\r\n\r\n");
    let header = format!("HTTP/1.1 200 OK\r\nx {EMAIL}: {SESSION}\r\n\r\n");
    for bytes in [cut, garbage, header] {
        let server = start(Says::Bytes(bytes.into_bytes()));
        search_failures(search, &client(server), ErrorKind::Interrupted).await;
    }
    let silent = builder(start(Says::Nothing)).timeout(Duration::from_millis(20)).build();
    search_failures(search, &silent.expect("it is this machine"), ErrorKind::Timeout).await;
    search_failures(search, &client(nobody()), ErrorKind::Connect).await;
    // Through a proxy that has a password, and is not there.
    let proxy = format!("http://app:{PASSWORD}@{}", nobody());
    let proxied = reqwest::Client::builder().proxy(reqwest::Proxy::all(proxy).expect("a URL"));
    let proxied = builder(nobody()).base_url(API_BASE).http(proxied);
    search.debug(&proxied);
    search_failures(search, &proxied.build().expect("it is one"), ErrorKind::Connect).await;
}

/// Where nobody listens.
fn nobody() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it listens")
}

async fn charges(search: &mut Search) {
    let id = SubscriptionId::from("1");
    let mut request = ChargeRequest::new(42, 100);
    request.description = Some(EMAIL.to_owned());
    let store = MemoryStore::new();
    let refusing = client(start(Says::refusal(422)));
    let refused = refusing.charge_once(&store, &id, &request, "c1").await;
    search.error(&refused.expect_err("the orders cannot be listed"));

    let unknown = client(start(Says::json(200, order())));
    let made = unknown.charge_once(&store, &id, &request, "c2").await;
    search.error(&made.expect_err("that is no list"));
    let listing = client(start(page("")));
    let charged = listing.charge_once(&store, &id, &request, "c3").await;
    search.debug(&charged.expect("it is not known"));
    let again = listing.charge_once(&store, &id, &request, "c3").await;
    search.debug(&again.expect("it is not known yet"));
    let busy = listing.charge_once(&store, &id, &request, "c4").await;
    search.error(&busy.expect_err("another is open"));
    request.description = Some(NAME.to_owned());
    let different = listing.charge_once(&store, &id, &request, "c3").await;
    search.error(&different.expect_err("it stands for another"));
    search.error(&listing.settle_charge(&store, "c9").await.expect_err("there is none"));

    // One whose answer never came, long ago.
    let store = MemoryStore::new();
    let long_ago = Utc::now() - TimeDelta::hours(1);
    let charge = Charge::new("1", "42", 100, None, None, Some(EMAIL));
    let prepared = store.prepare("c5", &charge, long_ago, Duration::from_secs(1)).await;
    let octany_entitlement::ChargePrepared::Fresh(token) = prepared.expect("memory") else {
        unreachable!("it is the first")
    };
    let before = OrdersBefore { as_of: long_ago, latest: vec![], complete: true };
    assert!(store.sending("c5", token, &before, long_ago).await.expect("memory"));
    search.error(&refusing.settle_charge(&store, "c5").await.expect_err("it cannot be listed"));
    search.debug(&listing.settle_charge(&store, "c5").await.expect("it is not there"));
    assert!(store.abandon("c5", Utc::now()).await.expect("memory"));
    search.error(&listing.settle_charge(&store, "c5").await.expect_err("it was given up"));

    let created = Charged::Created(Box::new(
        octany_core::resource::Order::parse(order()).expect("it has an id"),
    ));
    search.debug(&created);
    search.debug(&Settled::NotCharged);
    let away = octany_entitlement::StoreError::unavailable("away");
    search.error(&ChargeError::Store(away));
    search.error(&ChargeError::InFlight { until: Utc::now() });
}

async fn reconciliation(search: &mut Search) {
    let store = Arc::new(MemoryStore::new());
    let receiver =
        || Receiver::builder().references(References::signed(reference_key()).or_plain());
    let reconciler = |client: Client| {
        let receiver = receiver().store(store.clone()).build();
        Reconciler::builder(client, receiver, store.clone())
            .clock(ManualClock::at(Utc::now()))
            .min_interval(Duration::ZERO)
    };
    let data = format!(r#"{},{{"mail":"{EMAIL}"}}"#, subscription());
    let builder = reconciler(client(start(page(&data))));
    search.debug(&builder);
    let listing = builder.build();
    search.debug(&listing);
    let audit = listing.audit(Sample::All, AuditMode::Report).await.expect("it is a page");
    search.debug(&audit);
    search.debug(audit.drifts.first().expect("it is missing"));
    let user = "user_42".into();
    search.debug(&listing.reconcile(&user).await.expect("it is a page"));
    let kept = async |_| Ok::<_, Infallible>(());
    let progress = listing.backfill(Backfill::new(), kept).await.expect("it is a page");
    search.debug(&progress);
    let lost = async |_| Err(std::io::Error::other("the disk is full"));
    let stopped = listing.backfill(Backfill::new(), lost).await.expect_err("it was not kept");
    search.error(&stopped);
    search.error(&stopped.cause);

    let refusing = reconciler(client(start(Says::refusal(401)))).build();
    search.error(&refusing.reconcile(&user).await.expect_err("it is refused"));
    search.error(&refusing.refresh(&1.into()).await.expect_err("it is refused"));
    search.error(&refusing.audit(Sample::All, AuditMode::Repair).await.expect_err("it is refused"));
    let stopped = refusing.backfill(Backfill::new(), kept).await.expect_err("it is refused");
    search.error(&stopped);
    search.error(&stopped.cause);
    let one = format!(r#"{{"data":{}}}"#, subscription());
    let storeless = Reconciler::builder(
        client(start(Says::json(200, one))),
        receiver().build(),
        MemoryStore::new(),
    );
    search.error(&storeless.build().refresh(&1.into()).await.expect_err("it has no store"));
    let away = octany_entitlement::StoreError::unavailable("away");
    search.error(&ReconcileError::Store(Arc::new(away)));
    search.error(&ReconcileError::TimedOut);
    search.error(&ReconcileError::GivenUp);
    search.debug(&Backfill::new());
    search.debug(&Cursor::default());
    search.debug(&DriftedField::Missing);
    search.debug(&Sample::All);
    search.debug(&AuditMode::Report);
}
