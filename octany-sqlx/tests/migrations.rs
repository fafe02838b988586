//! The schema, through this crate and through the app's own migrator.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use octany_test_trace as _;

mod common;

use common::{Place, kind, report};
use octany_core::Applied;
use octany_entitlement::{StoreErrorKind, SubscriptionStore};
use octany_sqlx::SqliteStore;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use sqlx::{SqlSafeStr, query_scalar};

async fn tables(pool: &SqlitePool) -> Vec<String> {
    query_scalar("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
        .fetch_all(pool)
        .await
        .unwrap()
}

const OURS: [&str; 4] =
    ["octany_access", "octany_deliveries", "octany_links", "octany_subscriptions"];
const ALL: [&str; 4] = ["0001_octany", "0002_inbox", "0003_charges", "0004_checkouts"];

#[tokio::test(flavor = "multi_thread")]
async fn migrating_twice_does_it_once() {
    let place = Place::new();
    let store = place.store().await;
    store.apply(&report(1, "active")).await.unwrap();
    store.migrate().await.unwrap();
    store.migrate().await.unwrap();
    assert_eq!(store.apply(&report(1, "active")).await.unwrap(), Applied::Unchanged);
    let pool = place.pool().await;
    let done: i64 =
        query_scalar("SELECT count(*) FROM octany_migrations").fetch_one(&pool).await.unwrap();
    assert_eq!(usize::try_from(done).unwrap(), SqliteStore::migrations().len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_that_start_on_a_new_file_at_once_all_start() {
    for _ in 0..5 {
        let place = Place::new();
        let tasks: Vec<_> = (0..8)
            .map(|task| {
                let path = place.path();
                tokio::spawn(async move {
                    let store = SqliteStore::open(path).await.unwrap();
                    store.apply(&report(task, "active")).await.unwrap();
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let known = place.store().await.subscriptions(&"user_42".into()).await.unwrap();
        assert_eq!(known[0].as_of(), common::at(7));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_bears_the_prefix() {
    let place = Place::new();
    place.store().await;
    for name in tables(&place.pool().await).await {
        assert!(name.starts_with("octany_"), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_record_is_apart_from_the_apps_own() {
    let place = Place::new();
    let pool = place.pool().await;
    let users = "CREATE TABLE users (id INTEGER PRIMARY KEY)".into_sql_str();
    let app = [Migration::new(1, "users".into(), MigrationType::Simple, users, false)];
    let app = Migrator::with_migrations(app.into());
    app.run(&pool).await.unwrap();
    let store = SqliteStore::new(pool.clone());
    store.migrate().await.unwrap();
    // Neither finds the other's in its record.
    app.run(&pool).await.unwrap();
    store.migrate().await.unwrap();
    SqliteStore::migrator().run(&pool).await.unwrap();
    assert_eq!(store.apply(&report(1, "active")).await.unwrap(), Applied::Inserted);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_told_whoever_made_the_rest() {
    let place = Place::new();
    let pool = place.pool().await;
    sqlx::query("CREATE TABLE users (id INTEGER PRIMARY KEY)").execute(&pool).await.unwrap();
    let store = SqliteStore::new(pool.clone());
    let missing = async |store: &SqliteStore| store.missing_migrations().await.unwrap();
    assert_eq!(missing(&store).await, ALL);
    Migrator::with_migrations(SqliteStore::migrations()).run(&pool).await.unwrap();
    assert_eq!(missing(&store).await, [""; 0]);
    sqlx::query("DROP TABLE octany_charges").execute(&pool).await.unwrap();
    assert_eq!(missing(&store).await, ["0003_charges"]);
    assert_eq!(missing(&store.with_prefix("shop_").unwrap()).await, ALL);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_file_lacks_everything_and_is_not_corrupt() {
    let place = Place::new();
    std::fs::File::create(place.path()).unwrap();
    let options = SqliteConnectOptions::new().filename(place.path()).read_only(true);
    let store = SqliteStore::new(SqlitePoolOptions::new().connect_lazy_with(options));
    // However often it is asked, and also once somebody else has made the tables.
    for _ in 0..2 {
        assert_eq!(store.missing_migrations().await.unwrap(), ALL);
    }
    assert_eq!(place.path().metadata().unwrap().len(), 0);
    place.store().await.close().await;
    assert_eq!(store.missing_migrations().await.unwrap(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_cut_off_is_corrupt_and_not_empty() {
    let place = Place::new();
    place.store().await.close().await;
    let store = SqliteStore::new(place.pool().await);
    assert_eq!(store.missing_migrations().await.unwrap(), [""; 0]);
    std::fs::File::options().write(true).open(place.path()).unwrap().set_len(0).unwrap();
    assert_eq!(kind(store.missing_migrations().await), StoreErrorKind::Corrupt);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_runs_the_copied_file_under_a_number_of_its_own() {
    let place = Place::new();
    let folder = place.at("migrations");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("0001_users.sql"), "CREATE TABLE users (id INTEGER PRIMARY KEY);")
        .unwrap();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite/0001_octany.sql");
    std::fs::copy(file, folder.join("0002_octany.sql")).unwrap();

    let pool = place.pool().await;
    Migrator::new(folder).await.unwrap().run(&pool).await.unwrap();
    let store = SqliteStore::new(pool.clone());
    assert_eq!(store.apply(&report(1, "active")).await.unwrap(), Applied::Inserted);
    assert_eq!(store.subscriptions(&"user_42".into()).await.unwrap().len(), 1);
    assert!(!tables(&pool).await.contains(&"octany_migrations".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_adds_them_to_its_own_list() {
    let place = Place::new();
    let pool = place.pool().await;
    let users = "CREATE TABLE users (id INTEGER PRIMARY KEY)".into_sql_str();
    let mut all = vec![Migration::new(1, "users".into(), MigrationType::Simple, users, false)];
    for mut migration in SqliteStore::migrations() {
        migration.version += 100;
        all.push(migration);
    }
    Migrator::with_migrations(all).run(&pool).await.unwrap();
    let tables = tables(&pool).await;
    assert!(OURS.iter().all(|ours| tables.iter().any(|table| table == ours)));
    // Having it run by the crate as well does no harm.
    let store = SqliteStore::new(pool);
    store.migrate().await.unwrap();
    assert_eq!(store.apply(&report(1, "active")).await.unwrap(), Applied::Inserted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_that_was_not_migrated_is_corrupt_and_not_empty() {
    let place = Place::new();
    let store = SqliteStore::new(place.pool().await);
    assert_eq!(kind(store.subscriptions(&"user_42".into()).await), StoreErrorKind::Corrupt);
    assert_eq!(kind(store.apply(&report(1, "active")).await), StoreErrorKind::Corrupt);
    store.migrate().await.unwrap();
    assert!(store.subscriptions(&"user_42".into()).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_a_newer_release_are_refused() {
    let place = Place::new();
    place.store().await;
    let pool = place.pool().await;
    let newer =
        "INSERT INTO octany_migrations (version, description, success, checksum, execution_time)
        VALUES (9999, 'from the future', TRUE, x'00', 0)";
    sqlx::query(newer).execute(&pool).await.unwrap();
    assert_eq!(kind(SqliteStore::open(place.path()).await), StoreErrorKind::Corrupt);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_in_memory_is_a_store_too() {
    let pool =
        SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
    let store = SqliteStore::new(pool);
    store.migrate().await.unwrap();
    assert_eq!(store.apply(&report(1, "active")).await.unwrap(), Applied::Inserted);
    assert_eq!(store.subscriptions(&"user_42".into()).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_and_embedded_migrations_are_the_same() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite");
    let files = Migrator::new(std::path::Path::new(folder)).await.unwrap();
    let embedded = SqliteStore::migrations();
    assert_eq!(files.iter().len(), embedded.len());
    for (file, embedded) in files.iter().zip(&embedded) {
        assert_eq!(file.version, embedded.version);
        assert_eq!(file.checksum, embedded.checksum);
        assert_eq!(file.description, embedded.description);
    }
}
