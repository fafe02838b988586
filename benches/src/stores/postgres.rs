//! On PostgreSQL.

use std::sync::Arc;
use std::time::Duration;

use octany_benches::database::Database;
use octany_entitlement::{Claim, ClaimToken, Ledger, SubscriptionStore};
use octany_sqlx::PostgresStore;
use sqlx::ConnectOptions;
use sqlx::postgres::PgConnection;
use tokio::sync::Mutex;

use crate::measure::compare;
use crate::reports::{SUBSCRIPTIONS, at, reference, report};

const TASKS: usize = 32;
const LEASE: Duration = Duration::from_mins(1);

/// What a careful person would write by hand: claim and apply in one statement.
const BARE: &str = "
    WITH claimed AS (
        INSERT INTO octany_deliveries AS d (delivery_id, token, claimed_until, completed_at)
        VALUES ($1, $2, $3, NULL)
        ON CONFLICT (delivery_id) DO UPDATE SET
            token = excluded.token, claimed_until = excluded.claimed_until
        WHERE d.completed_at IS NULL AND d.claimed_until <= $4
        RETURNING 1
    )
    INSERT INTO octany_subscriptions AS s (subscription_id, reference_id, product_id, status,
        renews_at, ends_at, trial_ends_at, version, digest, contested, resource, revision, ties)
    SELECT $5, $6, NULL, $7, $8, NULL, NULL, $9, $10, false, $11, 1, 0
    WHERE EXISTS (SELECT FROM claimed)
    ON CONFLICT (subscription_id) DO UPDATE SET
        reference_id = excluded.reference_id, status = excluded.status,
        renews_at = excluded.renews_at, version = excluded.version, digest = excluded.digest,
        resource = excluded.resource
    WHERE excluded.version > s.version
    RETURNING 1";

/// Those of a reference, by their own word or by a link's.
const LOOK_UP: &str = "
    SELECT s.subscription_id, s.status, s.version, s.product_id, s.renews_at, s.ends_at,
        s.trial_ends_at, s.contested
    FROM octany_subscriptions AS s WHERE s.reference_id = $1
    UNION ALL
    SELECT s.subscription_id, s.status, s.version, s.product_id, s.renews_at, s.ends_at,
        s.trial_ends_at, s.contested
    FROM octany_links AS l JOIN octany_subscriptions AS s
        ON s.subscription_id = l.subscription_id AND s.reference_id IS NULL
    WHERE l.reference_id = $1";

/// Measures in a database of its own.
pub(crate) async fn measure() {
    let database = Database::create("stores").await;
    in_database(&database).await;
    database.remove().await;
}

async fn in_database(database: &Database) {
    let (options, store) = (database.options(), PostgresStore::connect(&database.url()).await);
    let store = store.unwrap();
    for number in 0..SUBSCRIPTIONS {
        store.apply(&report(number)).await.unwrap();
    }
    let mut connections = Vec::new();
    for _ in 0..TASKS {
        connections.push(Arc::new(Mutex::new(options.connect().await.unwrap())));
    }
    let connections: Arc<[_]> = connections.into();
    for (what, goal, tasks) in [
        ("PostgreSQL: claim + apply, one at a time", 0.95, 1),
        ("PostgreSQL: claim + apply, 32 at once", 1.5, TASKS),
    ] {
        let (store, connections) = (store.clone(), Arc::clone(&connections));
        compare(
            what,
            Some(goal),
            tasks,
            move |task, number| {
                let connection = Arc::clone(&connections[task]);
                async move { bare(&mut *connection.lock().await, number).await }
            },
            move |_, number| {
                let store = store.clone();
                async move { ours(&store, number).await }
            },
        )
        .await;
    }
    for (what, tasks) in [
        ("PostgreSQL: look-up, one at a time", 1),
        ("PostgreSQL: look-up, 32 at once (10 connections)", TASKS),
    ] {
        let (store, connections) = (store.clone(), Arc::clone(&connections));
        compare(
            what,
            Some(0.9),
            tasks,
            move |task, number| {
                let connection = Arc::clone(&connections[task % 10]);
                async move { bare_look_up(&mut *connection.lock().await, number).await }
            },
            move |_, number| {
                let store = store.clone();
                async move {
                    let known = store.subscriptions(&reference(spread(number)).into()).await;
                    known.unwrap().len() == 1
                }
            },
        )
        .await;
    }
    store.close().await;
}

async fn bare(connection: &mut PgConnection, number: u64) -> bool {
    let report = report(number);
    let until = at().timestamp_micros() + 60_000_000;
    let rows = sqlx::query(BARE)
        .bind(number.to_string())
        .bind(ClaimToken::random().as_i64())
        .bind(until)
        .bind(at().timestamp_micros())
        .bind(report.subscription.as_str())
        .bind(report.reference.as_ref().map(|reference| reference.as_str().to_owned()))
        .bind(report.status.as_str())
        .bind(report.renews_at.map(|at| at.timestamp_micros()))
        .bind(report.version.as_i64())
        .bind(report.digest())
        .bind(report.resource_json())
        .fetch_all(connection)
        .await;
    rows.unwrap().len() <= 1
}

async fn ours(store: &PostgresStore, number: u64) -> bool {
    let entered = store.enter(&number.into(), at(), LEASE, &report(number)).await.unwrap();
    matches!(entered.claim, Claim::Fresh(_))
}

async fn bare_look_up(connection: &mut PgConnection, number: u64) -> bool {
    let query = sqlx::query(LOOK_UP).bind(reference(spread(number)));
    query.fetch_all(connection).await.unwrap().len() == 1
}

/// Neighbouring numbers far from each other.
fn spread(number: u64) -> u64 {
    number.wrapping_mul(7_919)
}
