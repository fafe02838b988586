//! Stores of a test's own, on every kind of server.

#[path = "../../../octany-sqlx/tests/mysql/place.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod mysql;
#[path = "../../../octany-sqlx/tests/postgres/place.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod postgres;
#[path = "../../../octany-redis/tests/redis/place.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod redis;

use std::any::Any;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use octany_entitlement::{
    ChargeIntents, CheckoutLog, InboxStore, Ledger, SubscriptionLinks, SubscriptionStore,
};
use octany_sqlx::{MySqlStore, PostgresStore, SqliteStore};
use tempfile::TempDir;

use crate::run::{Told, octany, told};

/// What a test writes with.
pub(crate) trait Store:
    SubscriptionStore + SubscriptionLinks + CheckoutLog + Ledger + Send + Sync
{
}

impl<S: SubscriptionStore + SubscriptionLinks + CheckoutLog + Ledger> Store for S {}

/// What the tables begin with unless an app says otherwise.
const USUAL: &str = "octany_";

/// A store, gone with the test, and how to tell the command of it.
pub(crate) struct Place {
    pub(crate) url: String,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) inbox: Option<Arc<dyn InboxStore>>,
    pub(crate) charges: Option<Arc<dyn ChargeIntents>>,
    prefix: Option<String>,
    /// Of a `SQLite` file.
    folder: Option<TempDir>,
    /// What takes away what is on a server.
    _server: Option<Box<dyn Any>>,
}

impl Place {
    /// One of each kind.
    pub(crate) async fn all() -> [Self; 4] {
        let [sqlite, postgres, mysql] = Self::sql().await;
        [sqlite, postgres, mysql, Self::redis().await]
    }

    /// One of each kind that keeps an inbox and charges.
    pub(crate) async fn sql() -> [Self; 3] {
        Self::sql_with_prefix(USUAL).await
    }

    /// The same with tables whose names begin otherwise.
    pub(crate) async fn sql_with_prefix(prefix: &str) -> [Self; 3] {
        [
            Self::sqlite_with_prefix(prefix).await,
            Self::postgres_with_prefix(prefix).await,
            Self::mysql_with_prefix(prefix).await,
        ]
    }

    pub(crate) async fn sqlite() -> Self {
        Self::sqlite_with_prefix(USUAL).await
    }

    pub(crate) async fn postgres() -> Self {
        Self::postgres_with_prefix(USUAL).await
    }

    pub(crate) async fn mysql() -> Self {
        Self::mysql_with_prefix(USUAL).await
    }

    pub(crate) async fn redis() -> Self {
        let place = redis::Place::new().await;
        Self {
            url: place.url().to_owned(),
            store: Arc::new(place.store().await),
            inbox: None,
            charges: None,
            prefix: Some(place.prefix().to_owned()),
            folder: None,
            _server: Some(Box::new(place)),
        }
    }

    async fn sqlite_with_prefix(prefix: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.db");
        let store = SqliteStore::open_with_prefix(&path, prefix).await.unwrap();
        let place = Self::of_sql(format!("sqlite:{}", path.display()), store, prefix);
        Self { folder: Some(folder), ..place }
    }

    async fn postgres_with_prefix(prefix: &str) -> Self {
        let place = postgres::Place::new().await;
        let store = PostgresStore::connect_lazy(&place.url()).unwrap();
        let store = store.with_prefix(prefix).unwrap();
        store.migrate().await.unwrap();
        Self::of_sql(place.url(), store, prefix).on(place)
    }

    async fn mysql_with_prefix(prefix: &str) -> Self {
        let place = mysql::Place::new().await;
        let store = MySqlStore::connect_lazy(&place.url()).unwrap();
        let store = store.with_prefix(prefix).unwrap();
        store.migrate().await.unwrap();
        Self::of_sql(place.url(), store, prefix).on(place)
    }

    fn of_sql<S>(url: String, store: S, prefix: &str) -> Self
    where
        S: Store + InboxStore + ChargeIntents + 'static,
    {
        let store = Arc::new(store);
        Self {
            url,
            store: store.clone(),
            inbox: Some(store.clone()),
            charges: Some(store),
            prefix: (prefix != USUAL).then(|| prefix.to_owned()),
            folder: None,
            _server: None,
        }
    }

    fn on(self, server: impl Any) -> Self {
        Self { _server: Some(Box::new(server)), ..self }
    }

    /// Tells the command of it.
    pub(crate) fn given_to<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        if let Some(prefix) = &self.prefix {
            command.env("OCTANY_STORE_PREFIX", prefix);
        }
        command.env("OCTANY_STORE_URL", &self.url)
    }

    /// What the command says of it.
    pub(crate) fn asked(&self, arguments: &[&str]) -> Told {
        told(self.given_to(&mut octany(arguments)))
    }

    /// The folder of a `SQLite` file.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.as_ref().expect("it is a file").path()
    }
}
