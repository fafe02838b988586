//! The code in the README compiles: it stands here as well, and is compared.

#![allow(
    dead_code,
    clippy::let_and_return,
    clippy::print_stdout,
    clippy::unused_async,
    reason = "the README's code is compiled, not run"
)]

use octany_test_trace as _;

use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use octany_core::resource::{Order, Subscription};

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

async fn welcome(_: &Subscription) -> StatusCode {
    StatusCode::NO_CONTENT
}

async fn send_receipt(_: &Order) -> StatusCode {
    StatusCode::NO_CONTENT
}

async fn mark_as_charged() {}

async fn look_again_later() {}

mod receive {
    use super::*;

    use octany_core::Payload;
    use octany_core::signature::{SigningSecret, Verifier};
    use octany_sqlx::SqliteStore;

    async fn both() -> Result<(Arc<SqliteStore>, Verifier)> {
        let store = Arc::new(SqliteStore::open("app.sqlite").await?);
        let verifier = Verifier::new(SigningSecret::new(std::env::var("OCTANY_WEBHOOK_SECRET")?)?);
        Ok((store, verifier))
    }

    mod axum {
        use super::*;

        use octany_axum::{OctanyEvent, OctanyWebhookLayer};

        fn main(store: &Arc<SqliteStore>, verifier: Verifier) -> Router {
            let app = Router::new()
                .route("/octany/webhook", post(on_event))
                .layer(OctanyWebhookLayer::new(verifier).ledger(store.clone()));
            app
        }

        async fn on_event(event: OctanyEvent) -> StatusCode {
            match &event.payload {
                Payload::SubscriptionCreated(subscription) => welcome(subscription).await,
                Payload::OrderPaid(order) => send_receipt(order).await,
                _ => StatusCode::NO_CONTENT,
            }
        }
    }

    mod actix {
        use super::*;

        use actix_web::{App, HttpResponse, web};
        use octany_actix::{OctanyEvent, OctanyWebhookLayer};

        async fn welcome(_: &Subscription) -> HttpResponse {
            HttpResponse::NoContent().finish()
        }

        async fn send_receipt(_: &Order) -> HttpResponse {
            HttpResponse::NoContent().finish()
        }

        fn main(store: &Arc<SqliteStore>, verifier: Verifier) {
            let webhook = OctanyWebhookLayer::new(verifier).ledger(store.clone());

            drop(
                App::new().service(
                    web::resource("/octany/webhook")
                        .route(web::post().to(on_event))
                        .wrap(webhook.clone()),
                ),
            );
        }

        async fn on_event(event: OctanyEvent) -> HttpResponse {
            match &event.payload {
                Payload::SubscriptionCreated(subscription) => welcome(subscription).await,
                Payload::OrderPaid(order) => send_receipt(order).await,
                _ => HttpResponse::NoContent().finish(),
            }
        }
    }
}

mod exactly_once {
    use super::*;

    use chrono::Utc;

    async fn main(
        pool: sqlx::PgPool,
        store: octany_sqlx::PostgresStore,
        event: octany_core::Event,
    ) -> Result<()> {
        let mut transaction = pool.begin().await?;
        if store.claim_in(&mut transaction, &event.id, Utc::now()).await? {
            let sold = sqlx::query("UPDATE stock SET seats = seats - 1");
            sold.execute(&mut *transaction).await?;
            transaction.commit().await?;
        }
        Ok(())
    }
}

mod copies {
    use super::*;

    use octany_entitlement::Cached;
    use octany_sqlx::PostgresStore;

    async fn main(url: String) -> Result<Arc<Cached<PostgresStore>>> {
        let store = PostgresStore::connect(&url).await?;
        let nodes = store.invalidation();
        let store = Arc::new(Cached::linked(store).invalidation(nodes));
        Ok(store)
    }
}

mod reconciliation {
    use super::*;

    use octany_client::{ApiKey, Client, Reconciler};
    use octany_entitlement::Receiver;

    use octany_client::{AuditMode, Backfill, Sample};

    use octany_client::Cursor;

    type Store = Arc<octany_sqlx::SqliteStore>;

    fn set_up(
        gate: octany_entitlement::Gate,
        account: &str,
        store: &Store,
    ) -> Result<octany_entitlement::Gate> {
        let key = ApiKey::new(std::env::var("OCTANY_API_KEY")?)?;
        let client = Client::builder(account, key).build()?;
        let receiver = Receiver::builder().store(store.clone()).build();
        let reconciler =
            Reconciler::builder(client, receiver, store.clone()).links(store.clone()).build();

        let gate = gate.refresh_before_deny(reconciler.clone());
        Ok(gate)
    }

    async fn keep(_: Cursor) -> std::io::Result<()> {
        Ok(())
    }

    async fn all(reconciler: Reconciler, saved: Cursor) -> Result<u64> {
        let backfill = Backfill::resume(saved);
        reconciler.backfill(backfill, |progress| keep(progress.cursor)).await?;

        let audit = reconciler.audit(Sample::Pages(10), AuditMode::Repair).await?;
        Ok(audit.repaired)
    }
}

mod sweeps {
    use std::time::Duration;

    fn main(receiver: octany_entitlement::Receiver) {
        tokio::spawn(receiver.sweep_every(Duration::from_mins(1)));
    }
}

mod background {
    use super::*;

    use octany_axum::OctanyWebhookLayer;
    use octany_core::Payload;
    use octany_core::signature::Verifier;
    use octany_sqlx::SqliteStore;

    use octany_core::Event;
    use octany_entitlement::{Inbox, Receiver};

    type MailError = std::io::Error;

    async fn mail_receipt(_: &Order) -> Result<(), MailError> {
        Ok(())
    }

    async fn shutdown() {}

    fn main(store: Arc<SqliteStore>, verifier: Verifier) -> OctanyWebhookLayer {
        let behind = Receiver::builder().store(store.clone()).deliveries(store.clone()).build();
        let inbox = Inbox::builder(store, behind, handle).build();
        tokio::spawn(inbox.clone().run(shutdown()));

        let webhook = OctanyWebhookLayer::new(verifier).inbox(inbox.clone());
        webhook
    }

    async fn handle(event: Arc<Event>) -> Result<(), MailError> {
        match &event.payload {
            Payload::OrderPaid(order) => mail_receipt(order).await,
            _ => Ok(()),
        }
    }
}

mod guard {
    use super::*;

    use octany_core::AccessPolicy;
    use octany_entitlement::{Gate, OnOutage};

    struct CurrentUser(String);

    impl CurrentUser {
        fn reference_id(&self) -> octany_core::ReferenceId {
            self.0.as_str().into()
        }
    }

    fn both(store: Arc<octany_sqlx::SqliteStore>) -> Gate {
        let gate = Gate::new(store, AccessPolicy::new(), OnOutage::Deny);
        gate
    }

    mod axum {
        use super::*;

        use octany_axum::{ActiveSubscription, RequireSubscription};

        fn main(gate: Gate) -> Router {
            let app = Router::new().route("/reports", get(reports)).route_layer(
                RequireSubscription::new(gate, |user: &CurrentUser| user.reference_id()),
            );
            app
        }

        async fn reports(subscription: ActiveSubscription) -> String {
            format!("paid by {}", subscription.subscription)
        }
    }

    mod actix {
        use super::*;

        use actix_web::{App, web};
        use octany_actix::{ActiveSubscription, RequireSubscription};

        fn main(gate: Gate) {
            let paid = RequireSubscription::new(gate, |user: &CurrentUser| user.reference_id());

            drop(App::new().service(
                web::resource("/reports").route(web::get().to(reports)).wrap(paid.clone()),
            ));
        }

        async fn reports(subscription: ActiveSubscription) -> String {
            format!("paid by {}", subscription.subscription)
        }
    }
}

mod charges {
    use super::*;

    use octany_client::{ChargeRequest, Charged};

    async fn usage(
        client: &octany_client::Client,
        store: Arc<octany_sqlx::SqliteStore>,
        subscription: octany_core::SubscriptionId,
    ) -> Result<()> {
        let usage = ChargeRequest::new(55, 4995);
        match client.charge_once(&store, &subscription, &usage, "usage-2026-11-1077").await? {
            Charged::Created(_) | Charged::AlreadyCreated(_) => mark_as_charged().await,
            Charged::Unknown(_) => look_again_later().await,
        }
        Ok(())
    }
}

mod checkout {
    use super::*;

    use std::time::Duration;

    use octany_core::checkout::ReferenceKey;
    use octany_entitlement::Gate;
    use octany_entitlement::GuardPages;
    use octany_entitlement::{Quarantined, Receiver, References};
    use octany_sqlx::SqliteStore;

    fn alert(_: octany_core::SubscriptionId) {}

    fn receiver(store: Arc<SqliteStore>, key: ReferenceKey) -> Receiver {
        let receiver = Receiver::builder()
            .ledger(store.clone())
            .references(References::signed(key))
            .quarantine(store, |it: Quarantined| alert(it.subscription))
            .build();
        receiver
    }

    fn gate(gate: Gate, store: Arc<SqliteStore>) -> (Gate, GuardPages) {
        let gate = gate.checkouts(store, Duration::from_mins(15));
        let pages = GuardPages::new().paywall("/pricing").pending("/billing/pending");
        (gate, pages)
    }
}

mod call {
    use super::*;

    use octany_client::{ApiKey, Client};

    async fn main() -> Result<()> {
        let key = ApiKey::new(std::env::var("OCTANY_API_KEY")?)?;
        let octany = Client::builder("0b6f9a52-7c11-4b8e-9d55-6f1d0c3a2e41", key).build()?;

        let mut theirs = octany.subscriptions().reference("user_42").stream();
        while let Some(subscription) = theirs.try_next().await? {
            println!("{} is {}", subscription.value.id, subscription.value.status);
        }
        Ok(())
    }
}

mod billing {
    use super::*;

    use octany_billing::{Billing, Offer};
    use octany_core::checkout::ReferenceKey;

    use octany_client::{Client, Reconciler};
    use octany_entitlement::{Gate, MemoryStore};

    #[derive(Clone)]
    struct CurrentUser(String);

    impl CurrentUser {
        fn reference_id(&self) -> octany_core::ReferenceId {
            self.0.as_str().into()
        }
    }

    fn both(
        (account, key): (&str, &[u8]),
        (gate, checkouts): (Gate, Arc<MemoryStore>),
        (reconciler, client): (Reconciler, Client),
    ) -> Result<Billing> {
        let billing = Billing::builder(account, "https://app.example", gate, checkouts)
            .signed(ReferenceKey::new(key)?)
            .offer(Offer::new(42))
            .return_to("/reports")
            .refresh(reconciler)
            .portal(client)
            .build()?;
        Ok(billing)
    }

    mod axum {
        use super::*;

        use octany_axum::BillingRoutes;

        fn main(billing: Billing) -> Router {
            let routes = BillingRoutes::new(billing, |user: &CurrentUser| user.reference_id());
            let app = Router::new().nest_service("/billing", routes);
            app
        }
    }

    mod actix {
        use super::*;

        use actix_web::{App, web};
        use octany_actix::BillingRoutes;

        fn main(billing: Billing) {
            let routes = BillingRoutes::new(billing, |user: &CurrentUser| user.reference_id());
            drop(App::new().service(web::scope("/billing").service(routes.clone())));
        }
    }
}

mod store {
    use super::*;

    use octany_core::{Applied, ReferenceId, Snapshot};
    use octany_entitlement::{StoreError, SubscriptionStore};

    struct MyDatabase(octany_entitlement::MemoryStore);

    impl MyDatabase {
        fn empty() -> Self {
            Self(octany_entitlement::MemoryStore::new())
        }
    }

    #[async_trait]
    impl SubscriptionStore for MyDatabase {
        async fn apply(&self, snapshot: &Snapshot) -> Result<Applied, StoreError> {
            self.0.apply(snapshot).await
        }

        async fn subscriptions(
            &self,
            reference: &ReferenceId,
        ) -> Result<Vec<Snapshot>, StoreError> {
            self.0.subscriptions(reference).await
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_suite_is_called_as_the_readme_says() {
        octany_entitlement::conformance::subscription_store(async || MyDatabase::empty()).await;
    }
}

/// Without white space, so that indentation and line breaks do not matter.
fn dense(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[test]
fn every_statement_of_the_readme_stands_here() {
    let readme = include_str!("../../README.md");
    let compiled = dense(include_str!("readme.rs"));
    let blocks: Vec<_> =
        readme.split("```rust\n").skip(1).filter_map(|block| block.split("```").next()).collect();
    assert_eq!(blocks.len(), 21);
    for block in blocks {
        for paragraph in block.split("\n\n").flat_map(|paragraph| paragraph.split('…')) {
            // A body that is left out, and its braces, are not compared; nor are comments.
            let code: String =
                paragraph.lines().filter(|line| !line.trim_start().starts_with("///")).collect();
            let code = dense(&code).replace(",)", ")");
            let code = code.trim_matches(['{', '}']);
            assert!(compiled.replace(",)", ")").contains(code), "not compiled: {paragraph}");
        }
    }
}
