//! The schema, through this crate and through the app's own migrator.

use octany_core::Applied;
use octany_entitlement::{StoreErrorKind, SubscriptionStore};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{SqlSafeStr, query_scalar};

use crate::place::{FOLDER, ISOLATION, Place, Store, TABLES};
use crate::server::reports::{at, kind, report};

#[tokio::test(flavor = "multi_thread")]
async fn migrating_twice_does_it_once() {
    let place = Place::new().await;
    let store = place.store().await;
    store.apply(&report(1, "active")).await.unwrap();
    store.migrate().await.unwrap();
    assert_eq!(store.apply(&report(1, "active")).await.unwrap(), Applied::Unchanged);
    let pool = place.pool().await;
    let done: i64 =
        query_scalar("SELECT count(*) FROM octany_migrations").fetch_one(&pool).await.unwrap();
    assert_eq!(usize::try_from(done).unwrap(), Store::migrations().len());
    let tables = place.tables().await;
    assert_eq!(tables.len(), TABLES);
    assert!(tables.iter().all(|name| name.starts_with("octany_")), "{tables:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_that_start_on_a_new_database_at_once_all_start() {
    for isolation in ISOLATION {
        let place = Place::new().await;
        let mut tasks = Vec::new();
        for task in 0..8 {
            let store = Store::new(place.pool_at(isolation).await);
            tasks.push(tokio::spawn(async move {
                store.migrate().await.unwrap();
                store.apply(&report(task, "active")).await.unwrap();
                store.close().await;
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        let known = place.store().await.subscriptions(&"user_42".into()).await.unwrap();
        assert_eq!(known[0].as_of(), at(7));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_record_is_apart_from_the_apps_own() {
    let place = Place::new().await;
    let pool = place.pool().await;
    let users = "CREATE TABLE users (id BIGINT PRIMARY KEY)".into_sql_str();
    let app = [Migration::new(1, "users".into(), MigrationType::Simple, users, false)];
    let app = Migrator::with_migrations(app.into());
    app.run(&pool).await.unwrap();
    let store = Store::new(pool.clone());
    store.migrate().await.unwrap();
    // Neither finds the other's in its record.
    app.run(&pool).await.unwrap();
    store.migrate().await.unwrap();
    Store::migrator().run(&pool).await.unwrap();
    assert_eq!(store.apply(&report(1, "active")).await.unwrap(), Applied::Inserted);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_adds_them_to_its_own_list() {
    let place = Place::new().await;
    let pool = place.pool().await;
    let mut all = Store::migrations();
    for migration in &mut all {
        migration.version += 100;
    }
    Migrator::with_migrations(all).run(&pool).await.unwrap();
    assert!(!place.tables().await.contains(&"octany_migrations".to_owned()));
    // Having it run by the crate as well does no harm.
    let store = Store::new(pool);
    assert_eq!(store.apply(&report(1, "active")).await.unwrap(), Applied::Inserted);
    store.migrate().await.unwrap();
    assert_eq!(store.apply(&report(1, "active")).await.unwrap(), Applied::Unchanged);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_told_whoever_made_the_rest() {
    let place = Place::new().await;
    let pool = place.pool().await;
    let store = Store::new(pool.clone());
    let missing = async |store: &Store| store.missing_migrations().await.unwrap();
    let all = ["0001_octany", "0002_inbox", "0003_charges", "0004_checkouts"];
    assert_eq!(missing(&store).await, all);
    Migrator::with_migrations(Store::migrations()).run(&pool).await.unwrap();
    assert_eq!(missing(&store).await, [""; 0]);
    place.execute("DROP TABLE octany_charges").await;
    assert_eq!(missing(&store).await, ["0003_charges"]);
    assert_eq!(missing(&store.with_prefix("shop_").unwrap()).await, all);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_that_was_not_migrated_is_corrupt_and_not_empty() {
    let place = Place::new().await;
    let store = Store::new(place.pool().await);
    assert_eq!(kind(store.subscriptions(&"user_42".into()).await), StoreErrorKind::Corrupt);
    assert_eq!(kind(store.apply(&report(1, "active")).await), StoreErrorKind::Corrupt);
    store.migrate().await.unwrap();
    assert!(store.subscriptions(&"user_42".into()).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_a_newer_release_are_refused() {
    let place = Place::new().await;
    place.store().await.close().await;
    let newer =
        "INSERT INTO octany_migrations (version, description, success, checksum, execution_time)
        VALUES (9999, 'from the future', TRUE, '', 0)";
    place.execute(newer).await;
    assert_eq!(kind(Store::connect(&place.url()).await), StoreErrorKind::Corrupt);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_and_embedded_migrations_are_the_same() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(FOLDER);
    let files = Migrator::new(folder).await.unwrap();
    let embedded = Store::migrations();
    assert_eq!(files.iter().len(), embedded.len());
    for (file, embedded) in files.iter().zip(&embedded) {
        assert_eq!(file.version, embedded.version);
        assert_eq!(file.checksum, embedded.checksum);
        assert_eq!(file.description, embedded.description);
    }
}
