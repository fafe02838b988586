//! A file that goes away takes no answer with it, and comes back without a restart.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use octany_test_trace as _;

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use common::{Place, at, kind, report};
use octany_core::Applied;
use octany_entitlement::{
    AccessLog, DeliveryLog, StoreErrorKind, SubscriptionLinks, SubscriptionStore,
};
use octany_sqlx::SqliteStore;
use sqlx::sqlite::SqlitePool;

/// Every call fails, and at once.
async fn assert_out(store: &SqliteStore, expected: StoreErrorKind) {
    let calls = async {
        assert_eq!(kind(store.apply(&report(99, "expired")).await), expected);
        assert_eq!(kind(store.subscriptions(&"user_42".into()).await), expected);
        assert_eq!(kind(store.link(&1.into(), &"bob".into()).await), expected);
        assert_eq!(kind(store.announce(&"a".into(), true, None, at(0)).await), expected);
        let claim = store.claim(&"d".into(), at(0), Duration::from_secs(1)).await;
        assert_eq!(kind(claim), expected);
        assert_eq!(kind(store.prune_deliveries(at(0)).await), expected);
        assert_eq!(kind(store.resource(&1.into()).await), expected);
    };
    tokio::time::timeout(Duration::from_secs(2), calls).await.expect("no call may hang");
}

/// The state before the loss, and nothing that was tried meanwhile.
async fn assert_back(store: &SqliteStore) {
    let known = store.subscriptions(&"user_42".into()).await.unwrap();
    assert_eq!((known.len(), known[0].as_of()), (1, at(1)));
    assert_eq!(store.apply(&report(1, "active")).await.unwrap(), Applied::Unchanged);
    assert_eq!(store.apply(&report(2, "active")).await.unwrap(), Applied::Updated);
    let known = store.subscriptions(&"user_42".into()).await.unwrap();
    assert_eq!(known[0].as_of(), at(2));
}

async fn paying(place: &Place) -> SqliteStore {
    let store = place.store().await;
    assert_eq!(store.apply(&report(1, "active")).await.unwrap(), Applied::Inserted);
    store
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", path.display()))
}

const GARBAGE: &str = "this was a database once";

#[tokio::test(flavor = "multi_thread")]
async fn moved_away_and_back() {
    let place = Place::new();
    let store = paying(&place).await;
    fs::rename(place.path(), place.at("away")).unwrap();
    assert_out(&store, StoreErrorKind::Unavailable).await;
    assert!(!place.path().exists(), "no new file is made");
    fs::rename(place.at("away"), place.path()).unwrap();
    assert_back(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_directory_moved_away_and_back() {
    let place = Place::new();
    fs::create_dir(place.at("data")).unwrap();
    let store = SqliteStore::open(place.at("data").join("billing.db")).await.unwrap();
    store.apply(&report(1, "active")).await.unwrap();
    fs::rename(place.at("data"), place.at("away")).unwrap();
    assert_out(&store, StoreErrorKind::Unavailable).await;
    fs::rename(place.at("away"), place.at("data")).unwrap();
    assert_back(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replaced_by_garbage_and_put_back() {
    let place = Place::new();
    let store = paying(&place).await;
    for garbage in [GARBAGE.to_owned(), GARBAGE.repeat(512), String::new()] {
        fs::rename(place.path(), place.at("away")).unwrap();
        fs::write(place.path(), garbage).unwrap();
        assert_out(&store, StoreErrorKind::Unavailable).await;
        fs::rename(place.at("away"), place.path()).unwrap();
    }
    assert_back(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn overwritten_in_place_and_written_back() {
    let place = Place::new();
    let store = paying(&place).await;
    let bytes = fs::read(place.path()).unwrap();
    for garbage in [GARBAGE, ""] {
        fs::write(place.path(), garbage).unwrap();
        assert_out(&store, StoreErrorKind::Corrupt).await;
        fs::write(place.path(), &bytes).unwrap();
    }
    assert_back(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_permission_for_anybody_and_with() {
    let place = Place::new();
    let store = paying(&place).await;
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o000)).unwrap();
    assert_out(&store, StoreErrorKind::Unavailable).await;
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o444)).unwrap();
    assert_eq!(kind(store.apply(&report(9, "active")).await), StoreErrorKind::Unavailable);
    assert_eq!(store.subscriptions(&"user_42".into()).await.unwrap().len(), 1);
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o600)).unwrap();
    assert_back(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_log_and_with() {
    let place = Place::new();
    let store = paying(&place).await;
    for suffix in ["-wal", "-shm"] {
        let log = beside(&place.path(), suffix);
        fs::rename(&log, place.at("away")).unwrap();
        assert_out(&store, StoreErrorKind::Unavailable).await;
        fs::write(&log, "").unwrap();
        assert_out(&store, StoreErrorKind::Unavailable).await;
        fs::rename(place.at("away"), &log).unwrap();
    }
    assert_back(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_link_it_is_the_file_that_counts() {
    let place = Place::new();
    std::os::unix::fs::symlink(place.path(), place.at("link.db")).unwrap();
    let store = SqliteStore::open(place.at("link.db")).await.unwrap();
    store.apply(&report(1, "active")).await.unwrap();
    for name in [place.path(), beside(&place.path(), "-wal"), place.at("link.db")] {
        fs::rename(&name, place.at("away")).unwrap();
        assert_out(&store, StoreErrorKind::Unavailable).await;
        fs::rename(place.at("away"), &name).unwrap();
    }
    assert_back(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_was_deleted_is_saved_by_closing() {
    let place = Place::new();
    let store = paying(&place).await;
    fs::remove_file(beside(&place.path(), "-wal")).unwrap();
    assert_out(&store, StoreErrorKind::Unavailable).await;
    store.close().await;
    assert_back(&place.store().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_and_restored_from_a_copy_of_all_files() {
    let place = Place::new();
    let store = paying(&place).await;
    let names = ["", "-wal", "-shm"].map(|suffix| beside(&place.path(), suffix));
    let copies = names.each_ref().map(|name| fs::read(name).unwrap());
    for name in &names {
        fs::remove_file(name).unwrap();
    }
    assert_out(&store, StoreErrorKind::Unavailable).await;
    // In the order of a restore that takes its time: the main file comes last.
    for (name, bytes) in names.iter().zip(copies).take(2).rev() {
        fs::write(name, bytes).unwrap();
    }
    assert_back(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replaced_by_a_backup_and_opened_anew() {
    let place = Place::new();
    let store = paying(&place).await;
    let pool = place.pool().await;
    let backup = format!("VACUUM INTO '{}'", place.at("backup").display());
    sqlx::query(sqlx::AssertSqlSafe(backup)).execute(&pool).await.unwrap();
    pool.close().await;
    store.apply(&report(50, "expired")).await.unwrap();

    fs::rename(place.at("backup"), place.path()).unwrap();
    // The former file's log is still there, and would be mixed into the backup.
    assert_out(&store, StoreErrorKind::Unavailable).await;
    for suffix in ["-wal", "-shm"] {
        fs::remove_file(beside(&place.path(), suffix)).unwrap();
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_back(&store).await;

    // And it is the backup that took the write.
    store.close().await;
    let known = place.store().await.subscriptions(&"user_42".into()).await.unwrap();
    assert_eq!(known[0].as_of(), at(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_database_in_its_place_is_not_taken_for_it() {
    let place = Place::new();
    let store = paying(&place).await;
    fs::create_dir(place.at("away")).unwrap();
    for suffix in ["", "-wal", "-shm"] {
        fs::rename(beside(&place.path(), suffix), beside(&place.at("away/it"), suffix)).unwrap();
    }
    let other = place.pool().await;
    sqlx::query("CREATE TABLE unrelated (x)").execute(&other).await.unwrap();
    other.close().await;
    assert_eq!(kind(store.subscriptions(&"user_42".into()).await), StoreErrorKind::Corrupt);
    assert_eq!(kind(store.apply(&report(9, "active")).await), StoreErrorKind::Unavailable);
    for suffix in ["", "-wal", "-shm"] {
        fs::rename(beside(&place.at("away/it"), suffix), beside(&place.path(), suffix)).unwrap();
    }
    assert_back(&store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_acknowledged_while_the_file_came_and_went_is_in_it() {
    let place = Place::new();
    let store = paying(&place).await;
    let writer = tokio::spawn({
        let store = store.clone();
        async move {
            let (mut acknowledged, mut refused) = (1, 0);
            for second in 2..600 {
                match store.apply(&report(second, "active")).await {
                    Ok(_) => acknowledged = second,
                    Err(error) => {
                        assert_eq!(error.kind(), StoreErrorKind::Unavailable);
                        refused += 1;
                    }
                }
            }
            (acknowledged, refused)
        }
    });
    while !writer.is_finished() {
        fs::rename(place.path(), place.at("away")).unwrap();
        tokio::time::sleep(Duration::from_millis(3)).await;
        fs::rename(place.at("away"), place.path()).unwrap();
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
    let (acknowledged, refused) = writer.await.unwrap();
    assert!(refused > 0, "the file did go away");
    store.close().await;
    let known = place.store().await.subscriptions(&"user_42".into()).await.unwrap();
    assert!(known[0].as_of() >= at(acknowledged));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_over_a_pool_refuses_and_recovers_too() {
    let place = Place::new();
    let store = SqliteStore::new(place.pool().await);
    store.migrate().await.unwrap();
    store.apply(&report(1, "active")).await.unwrap();
    fs::rename(place.path(), place.at("away")).unwrap();
    assert_out(&store, StoreErrorKind::Unavailable).await;
    fs::write(place.path(), GARBAGE).unwrap();
    assert_out(&store, StoreErrorKind::Unavailable).await;
    fs::rename(place.at("away"), place.path()).unwrap();
    assert_back(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_whose_file_was_never_there_is_unavailable() {
    let place = Place::new();
    let options = SqliteStore::connect_options(place.path());
    let store = SqliteStore::new(SqlitePool::connect_lazy_with(options.clone()));
    assert_out(&store, StoreErrorKind::Unavailable).await;
    drop(SqlitePool::connect_with(options.create_if_missing(true)).await.unwrap());
    store.migrate().await.unwrap();
    assert_eq!(store.apply(&report(1, "active")).await.unwrap(), Applied::Inserted);
}
