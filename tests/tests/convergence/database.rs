//! The app's own database: Octany's tables, and one of the app's beside them.

use std::error::Error;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use octany_core::Event;
use octany_entitlement::{Checkout, CheckoutLog};
use octany_sqlx::{PostgresStore, SqliteStore};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqlitePool, SqlitePoolOptions};

use super::place::Place;

const TABLE: &str = "CREATE TABLE effects (delivery TEXT NOT NULL, event TEXT NOT NULL)";
const EFFECT: &str = "INSERT INTO effects (delivery, event) VALUES ($1, $2)";
const EFFECTS: &str = "SELECT delivery, count(*) FROM effects GROUP BY delivery ORDER BY delivery";
const ROWS: &str = "SELECT count(*) FROM octany_subscriptions";

/// Where a database is. It outlives whoever works on it.
#[derive(Clone)]
pub(crate) enum Where {
    Sqlite(PathBuf),
    Postgres(Box<PgConnectOptions>),
}

impl Where {
    /// A file in a folder.
    pub(crate) async fn in_file(folder: &std::path::Path) -> Self {
        let place = Self::Sqlite(folder.join("app.sqlite"));
        place.make_table().await;
        place
    }

    /// A schema of a server's database.
    pub(crate) async fn in_schema(place: &Place, schema: &str) -> Self {
        place.execute(&format!("CREATE SCHEMA {schema}")).await;
        let place = Self::Postgres(Box::new(place.options().options([("search_path", schema)])));
        place.make_table().await;
        place
    }

    pub(crate) async fn open(&self) -> Database {
        match self {
            Self::Sqlite(path) => {
                let store = SqliteStore::open(path).await.unwrap();
                let pool = SqlitePoolOptions::new().max_connections(1);
                let pool = pool.connect_with(SqliteStore::connect_options(path)).await.unwrap();
                Database::Sqlite { store, pool }
            }
            Self::Postgres(options) => {
                let pool = PgPoolOptions::new().max_connections(6).test_before_acquire(false);
                let pool = pool.connect_with((**options).clone()).await.unwrap();
                let store = PostgresStore::new(pool.clone());
                store.migrate().await.unwrap();
                Database::Postgres { store, pool }
            }
        }
    }

    async fn make_table(&self) {
        match self.open().await {
            Database::Sqlite { store, pool } => {
                sqlx::query(TABLE).execute(&pool).await.unwrap();
                pool.close().await;
                store.close().await;
            }
            Database::Postgres { store, pool } => {
                sqlx::query(TABLE).execute(&pool).await.unwrap();
                store.close().await;
            }
        }
    }
}

/// An open database.
#[derive(Clone)]
pub(crate) enum Database {
    Sqlite { store: SqliteStore, pool: SqlitePool },
    Postgres { store: PostgresStore, pool: PgPool },
}

/// How the app's own write goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Write {
    /// In one transaction with the claim.
    Claimed,
    /// The same, and then the transaction rolls back.
    RolledBack,
    /// By itself.
    Apart,
}

/// Both databases have the same calls.
macro_rules! write {
    ($store:expr, $transaction:expr, $event:expr, $write:expr, $now:expr) => {{
        let mut transaction = $transaction;
        if $write != Write::Apart && !$store.claim_in(&mut transaction, &$event.id, $now).await? {
            return Ok(false);
        }
        let effect = sqlx::query(EFFECT).bind($event.id.as_str()).bind($event.name.to_string());
        effect.execute(&mut *transaction).await?;
        if $write == Write::RolledBack {
            transaction.rollback().await?;
            return Ok(false);
        }
        transaction.commit().await?;
        Ok(true)
    }};
}

impl Database {
    /// Writes the effect of a delivery. `false` if it is not there by this call.
    pub(crate) async fn effect(
        &self,
        event: &Event,
        write: Write,
        now: DateTime<Utc>,
    ) -> Result<bool, Box<dyn Error + Send + Sync>> {
        match self {
            Self::Sqlite { store, pool } => {
                write!(store, pool.begin_with("BEGIN IMMEDIATE").await?, event, write, now)
            }
            Self::Postgres { store, pool } => {
                write!(store, pool.begin().await?, event, write, now)
            }
        }
    }

    /// The deliveries that have an effect, and how often.
    pub(crate) async fn effects(&self) -> Vec<(String, i64)> {
        match self {
            Self::Sqlite { pool, .. } => sqlx::query_as(EFFECTS).fetch_all(pool).await.unwrap(),
            Self::Postgres { pool, .. } => sqlx::query_as(EFFECTS).fetch_all(pool).await.unwrap(),
        }
    }

    /// How many subscriptions are stored, of whomever.
    pub(crate) async fn subscriptions(&self) -> usize {
        let count: i64 = match self {
            Self::Sqlite { pool, .. } => sqlx::query_scalar(ROWS).fetch_one(pool).await.unwrap(),
            Self::Postgres { pool, .. } => sqlx::query_scalar(ROWS).fetch_one(pool).await.unwrap(),
        };
        usize::try_from(count).unwrap()
    }

    /// Notes that a visitor is sent to a checkout.
    pub(crate) async fn begin(&self, checkout: &Checkout) {
        let noted = match self {
            Self::Sqlite { store, .. } => store.begin(checkout).await,
            Self::Postgres { store, .. } => store.begin(checkout).await,
        };
        noted.unwrap();
    }
}
