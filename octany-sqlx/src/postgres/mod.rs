//! The stores on PostgreSQL.

mod access;
mod charges;
mod checkouts;
mod completions;
mod connections;
mod deliveries;
mod error;
mod inbox;
mod invalidation;
mod ledger;
mod links;
mod migrate;
mod subscriptions;
mod take_in;
mod together;
mod transaction;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use octany_entitlement::StoreError;
use sqlx::postgres::{PgConnectOptions, PgPool};

use self::completions::Complete;
use self::connections::Connections;
use self::error::store_error;
pub use self::invalidation::PostgresInvalidation;
use self::take_in::TakeIn;
use crate::group::Group;
use crate::tables::Tables;

/// The state of subscriptions, deliveries, links, announced access and an inbox in a PostgreSQL database.
///
/// It implements [`SubscriptionStore`], [`DeliveryLog`], [`SubscriptionLinks`], [`AccessLog`],
/// [`InboxStore`] and [`ChargeIntents`].
/// Clones share the connections. Any number of stores, processes and machines may work on one
/// database at once: what each promises is decided inside of single statements, at every isolation
/// level.
///
/// # Durability
///
/// What was answered with `Ok` is as durable as the server's `synchronous_commit` makes it. Connect
/// to the server that writes: a replica lags behind what was acknowledged.
///
/// # When the server goes away
///
/// No connection is asked whether it lives before it is used: that costs as much as the call. A
/// dead one is noticed by the statement that fails on it, which is then repeated, up to twice, on a
/// connection that answers. So after a restart of the server the next call works.
///
/// | the failure | a call |
/// |---|---|
/// | the connection broke, and it is not known whether the statement ran | is repeated, where a second run does what the first did; [`release`], [`announce`], and an inbox's `claim` and `replay` are unavailable |
/// | the server ended the connection, and said so | is repeated |
/// | a deadlock, or a serialization failure | is repeated for up to 5 s |
/// | no connection within 5 s (of [`connect`](Self::connect); else as your pool has it) | is unavailable |
/// | the server refuses connections, starts, stops, is full or read-only | is unavailable |
/// | other tables than these, or a row that cannot be read | is corrupt |
/// | a constraint, a missing permission, text with the character NUL | is rejected |
///
/// A server that takes a statement and falls silent is waited for as long as the system's TCP does;
/// set `statement_timeout` and TCP's keepalive for less.
///
/// # Text
///
/// PostgreSQL stores every character but NUL. A report, a look-up or a claim with NUL in an id or a
/// reference is rejected, and never "no subscription".
///
/// [`SubscriptionStore`]: octany_entitlement::SubscriptionStore
/// [`DeliveryLog`]: octany_entitlement::DeliveryLog
/// [`SubscriptionLinks`]: octany_entitlement::SubscriptionLinks
/// [`AccessLog`]: octany_entitlement::AccessLog
/// [`InboxStore`]: octany_entitlement::InboxStore
/// [`ChargeIntents`]: octany_entitlement::ChargeIntents
/// [`release`]: octany_entitlement::DeliveryLog::release
/// [`announce`]: octany_entitlement::AccessLog::announce
#[derive(Clone)]
pub struct PostgresStore {
    connections: Arc<Connections>,
    tables: Tables,
    entries: Arc<Group<TakeIn>>,
    completions: Arc<Group<Complete>>,
}

impl PostgresStore {
    /// Connects to the database at a URL, `postgres://user:password@host/database`, and
    /// [migrates](Self::migrate) it. Up to ten connections, made as they are needed.
    ///
    /// The tables are in the first schema of the connection's `search_path`, and their names begin
    /// with `octany_`; for others see [`connect_lazy`](Self::connect_lazy). For TLS, turn on one of
    /// sqlx's `tls-` features.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: rejected if the URL cannot be read or the server lets nobody in by it,
    /// unavailable if it cannot be reached within 5 s, corrupt if a newer release has migrated the
    /// database.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let store = Self::connect_lazy(url)?;
        store.migrate().await?;
        Ok(store)
    }

    /// The same without connecting and migrating: for giving the tables other names first.
    ///
    /// ```no_run
    /// # use octany_sqlx::PostgresStore;
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let store = PostgresStore::connect_lazy("postgres://app:secret@db.internal/app")?
    ///     .with_schema("billing")?
    ///     .with_prefix("shop_")?;
    /// store.migrate().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`StoreError`]: rejected if the URL cannot be read.
    pub fn connect_lazy(url: &str) -> Result<Self, StoreError> {
        let options = PgConnectOptions::from_str(url).map_err(store_error)?;
        Ok(Self::new(connections::pool(options)))
    }

    /// A store over your own pool. It does not [migrate](Self::migrate).
    ///
    /// Give the pool `test_before_acquire(false)`: the store notices dead connections itself. Behind
    /// a pooler that shares connections between transactions, prepared statements must be passed
    /// through (`PgBouncer` 1.21 and later) or turned off (`statement_cache_capacity(0)`).
    pub fn new(pool: PgPool) -> Self {
        Self::of(Arc::new(Connections::new(pool)), Tables::default())
    }

    fn of(connections: Arc<Connections>, tables: Tables) -> Self {
        let entries = Arc::new(Group::new(TakeIn::new(&connections, &tables)));
        let completions = Arc::new(Group::new(Complete::new(&connections, &tables)));
        Self { connections, tables, entries, completions }
    }

    /// The tables' names begin with `prefix` instead of `octany_`.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: rejected if the prefix is not made of up to 24 lower case letters, digits
    /// and underscores, the first one no digit.
    pub fn with_prefix(self, prefix: &str) -> Result<Self, StoreError> {
        Ok(Self::of(self.connections, self.tables.with_prefix(prefix)?))
    }

    /// The tables are in this schema, whatever the `search_path`. [`migrate`](Self::migrate) makes
    /// it where there is none.
    ///
    /// # Errors
    ///
    /// As [`with_prefix`](Self::with_prefix), for the schema's name.
    pub fn with_schema(self, schema: &str) -> Result<Self, StoreError> {
        Ok(Self::of(self.connections, self.tables.with_schema(schema)?))
    }

    /// Closes all connections, those of your own pool included, once their calls have ended. Calls
    /// that come later are unavailable.
    pub async fn close(&self) {
        self.connections.close().await;
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The options of the pool hold the password.
        f.debug_struct("PostgresStore").finish_non_exhaustive()
    }
}
