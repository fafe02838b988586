//! What is PostgreSQL's own about rows.

use std::error::Error;
use std::sync::Arc;

use octany_core::resource::Subscription;
use octany_core::{Applied, Snapshot};
use octany_entitlement::{
    AccessLog, Claim, DeliveryLog, Ledger, StoreErrorKind, SubscriptionLinks, SubscriptionStore,
};
use octany_sqlx::PostgresStore;
use sqlx::Row;

use crate::place::Place;
use crate::server::reports::{at, kind, report};

#[tokio::test(flavor = "multi_thread")]
async fn text_with_nul_is_rejected_by_every_call_and_harms_none_after_it() {
    let place = Place::new().await;
    let store = place.store().await;
    let nul = "a\0b";
    let minute = std::time::Duration::from_mins(1);
    let (subscription, reference) = (1.into(), nul.into());
    let mut snapshot = report(1, "active");
    snapshot.reference = Some(nul.into());
    let kinds = [
        kind(store.apply(&snapshot).await),
        kind(store.apply(&Snapshot::new(nul, "active", snapshot.version)).await),
        kind(store.apply(&Snapshot::new(1, nul, snapshot.version)).await),
        kind(store.subscriptions(&reference).await),
        kind(store.claim(&nul.into(), at(0), minute).await),
        kind(store.announce(&reference, true, None, at(0)).await),
        kind(store.link(&subscription, &reference).await),
        kind(store.owner(&nul.into()).await),
        kind(store.resource(&nul.into()).await),
    ];
    assert_eq!(kinds, [StoreErrorKind::Rejected; 9]);
    assert_eq!(store.apply(&report(1, "active")).await.unwrap(), Applied::Inserted);
}

/// Were it written before that is known, the claim would be left behind by a connection that ends then.
#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_is_no_news_is_claimed_by_the_statement_that_says_so() {
    let place = Place::new().await;
    let store = place.store().await;
    let minute = std::time::Duration::from_mins(1);
    place
        .execute(
            "CREATE TABLE writes (delivery_id text);
            CREATE FUNCTION wrote() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN INSERT INTO writes VALUES (NEW.delivery_id); RETURN NULL; END $$;
            CREATE TRIGGER wrote AFTER INSERT OR UPDATE ON octany_deliveries
                FOR EACH ROW EXECUTE FUNCTION wrote()",
        )
        .await;
    for (delivery, seconds, applied) in [
        ("first", 2, Applied::Inserted),
        ("repeated", 2, Applied::Unchanged),
        ("late", 1, Applied::Stale),
        ("newer", 3, Applied::Updated),
    ] {
        let report = report(seconds, "active");
        let entered = store.enter(&delivery.into(), at(0), minute, &report).await.unwrap();
        assert!(matches!(entered.claim, Claim::Fresh(_)), "{delivery}");
        assert_eq!(entered.applied, Some(applied), "{delivery}");
    }
    let writes = sqlx::query("SELECT delivery_id FROM writes ORDER BY delivery_id");
    let writes = writes.fetch_all(&place.pool().await).await.unwrap();
    let written: Vec<String> = writes.iter().map(|row| row.get(0)).collect();
    assert_eq!(written, ["first", "late", "newer", "repeated"], "each once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_is_looked_up_by_index_alone() {
    let place = Place::new().await;
    let store = place.store().await;
    let fill = "INSERT INTO octany_subscriptions
            SELECT i, 'r' || i, NULL, 'active', NULL, NULL, NULL, 0, 0, false, NULL, 1, 0
            FROM generate_series(1, 20000) AS i;
        INSERT INTO octany_links SELECT i, 'l' || i FROM generate_series(1, 20000) AS i;
        ANALYZE";
    place.execute(fill).await;
    assert_eq!(store.subscriptions(&"r7".into()).await.unwrap().len(), 1);
    let plan = sqlx::query(
        "EXPLAIN SELECT s.status FROM octany_subscriptions AS s
         WHERE s.reference_id = 'r7' UNION ALL
         SELECT s.status FROM octany_links AS l JOIN octany_subscriptions AS s
           ON s.subscription_id = l.subscription_id AND s.reference_id IS NULL
         WHERE l.reference_id = 'l7'",
    );
    for row in plan.fetch_all(&place.pool().await).await.unwrap() {
        let step: String = row.get(0);
        assert!(!step.contains("Seq Scan"), "{step}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_quotes_neither_the_row_nor_the_parameters() {
    let place = Place::new().await;
    let store = place.store().await;
    let chatty =
        format!("ALTER DATABASE {} SET log_parameter_max_length_on_error = -1", place.database());
    place.execute(&chatty).await;
    place.execute("ALTER TABLE octany_subscriptions ADD COLUMN must BIGINT NOT NULL").await;
    let document = r#"{"id": 1, "status": "active", "customer": {"email": "anna@example.com"}}"#;
    let subscription = Arc::new(Subscription::parse(document).unwrap());
    let snapshot = Snapshot::of(&subscription, report(1, "active").version);
    store.close().await;
    let store = PostgresStore::connect_lazy(&place.url()).unwrap();
    let error = store.apply(&snapshot).await.unwrap_err();
    let shown = format!("{error:?} {}", error.source().unwrap());
    assert!(shown.contains("23502") && shown.contains("must"), "{shown}");
    assert!(!shown.contains("anna") && !shown.contains("Failing row"), "{shown}");
}
