//! On SQLite, with a write-ahead log and `synchronous = FULL`.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use octany_entitlement::{Claim, ClaimToken, Ledger};
use octany_sqlx::SqliteStore;
use rusqlite::{Connection, params};

use crate::measure::compare;
use crate::reports::{at, report};

const LEASE: Duration = Duration::from_mins(1);

const CLAIM: &str = "
    INSERT INTO octany_deliveries (delivery_id, token, claimed_until, completed_at)
    VALUES (?1, ?2, ?3, NULL)
    ON CONFLICT (delivery_id) DO UPDATE SET
        token = excluded.token, claimed_until = excluded.claimed_until
    WHERE completed_at IS NULL AND claimed_until <= ?4";

const APPLY: &str = "
    INSERT INTO octany_subscriptions AS s (subscription_id, reference_id, status, renews_at, version,
        digest, contested, resource, revision, ties)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, 1, 0)
    ON CONFLICT (subscription_id) DO UPDATE SET
        reference_id = excluded.reference_id, status = excluded.status,
        renews_at = excluded.renews_at, version = excluded.version, digest = excluded.digest,
        resource = excluded.resource
    WHERE excluded.version > s.version";

/// Measures in files of its own.
pub(crate) async fn measure() {
    for (what, goal, tasks) in [
        ("SQLite: claim + apply, one at a time", None, 1),
        ("SQLite: claim + apply, 32 at once", Some(2.0), 32),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ours.sqlite");
        let store = SqliteStore::open(&path).await.unwrap();
        let bare = directory.path().join("bare.sqlite");
        SqliteStore::open(&bare).await.unwrap().close().await;
        let bare = Connection::open(bare).unwrap();
        bare.pragma_update(None, "journal_mode", "wal").unwrap();
        bare.pragma_update(None, "synchronous", "full").unwrap();
        let bare = Arc::new(Mutex::new(bare));
        compare(
            what,
            goal,
            tasks,
            // What is in process has one writer, however many want to write.
            move |task, number| {
                let bare = Arc::clone(&bare);
                async move {
                    if task == 0 {
                        tokio::task::block_in_place(|| {
                            bare_single(&mut bare.lock().unwrap(), number);
                        });
                        return true;
                    }
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    false
                }
            },
            move |_, number| {
                let store = store.clone();
                async move { ours(&store, number).await }
            },
        )
        .await;
    }
}

fn bare_single(connection: &mut Connection, number: u64) {
    let report = report(number);
    let until = at().timestamp_micros() + 60_000_000;
    let transaction = connection.transaction().unwrap();
    let mut claim = transaction.prepare_cached(CLAIM).unwrap();
    let token = ClaimToken::random().as_i64();
    claim.execute(params![number.to_string(), token, until, at().timestamp_micros()]).unwrap();
    let mut apply = transaction.prepare_cached(APPLY).unwrap();
    apply
        .execute(params![
            report.subscription.as_str(),
            report.reference.as_ref().map(|reference| reference.as_str().to_owned()),
            report.status.as_str(),
            report.renews_at.map(|at| at.timestamp_micros()),
            report.version.as_i64(),
            report.digest(),
            report.resource_json(),
        ])
        .unwrap();
    drop((claim, apply));
    transaction.commit().unwrap();
}

async fn ours(store: &SqliteStore, number: u64) -> bool {
    let entered = store.enter(&number.into(), at(), LEASE, &report(number)).await.unwrap();
    matches!(entered.claim, Claim::Fresh(_))
}
