//! The stores on MySQL and MariaDB.

mod access;
mod charges;
mod checkouts;
mod connections;
mod deliveries;
mod error;
mod give_out;
mod inbox;
mod ledger;
mod links;
mod migrate;
mod report;
mod subscriptions;
mod text;
mod transaction;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use octany_entitlement::StoreError;
use sqlx::mysql::{MySqlConnectOptions, MySqlPool};

use self::connections::Connections;
use self::error::store_error;
use crate::tables::Tables;

/// The state of subscriptions, deliveries, links, announced access and an inbox in a MySQL or
/// MariaDB database: MySQL from 8.0.19 and MariaDB from 10.6 on, in tables of `InnoDB`.
///
/// It implements [`SubscriptionStore`], [`DeliveryLog`], [`SubscriptionLinks`], [`AccessLog`],
/// [`InboxStore`] and [`ChargeIntents`].
/// Clones share the connections. Any number of stores, processes and machines may work on one
/// database at once: what each promises is decided inside of single statements, at every isolation
/// level. `READ UNCOMMITTED` lets a look-up see a report in the moment before it is durable.
///
/// # Durability
///
/// What was answered with `Ok` is as durable as the server makes it: it survives a power cut with
/// `innodb_flush_log_at_trx_commit = 1` and, where there is a binary log, `sync_binlog = 1`. Connect
/// to the server that writes: a replica lags behind what was acknowledged.
///
/// # When the server goes away
///
/// No connection is asked whether it lives before it is used: that costs as much as the call. A
/// dead one is noticed by the statement that fails on it, which is then repeated, up to twice, on a
/// connection that answers. [`release`], [`announce`], and an inbox's `replay`, `discard` and `prune`
/// cannot be repeated, and ask first, since these servers end a connection without a word. So after a
/// restart of the server the next call works.
///
/// | the failure | a call |
/// |---|---|
/// | the connection broke, and it is not known whether the statement ran | is repeated, where a second run does what the first did; those that cannot be repeated are unavailable |
/// | the server ended the connection, and said so | is repeated |
/// | a deadlock, or another conflict | is repeated for up to 5 s |
/// | a lock was not to be had within 5 s (of [`connect`](Self::connect); else as your server has it, often 50 s) | is unavailable |
/// | no connection within 5 s (of [`connect`](Self::connect); else as your pool has it) | is unavailable |
/// | the server refuses connections, stops, is full or read-only | is unavailable |
/// | other tables than these, or a row that cannot be read | is corrupt |
/// | a constraint, a missing permission, a text that is too long | is rejected |
///
/// A server that takes a statement and falls silent is waited for as long as the system's TCP does.
///
/// # Text
///
/// Ids, references and names are stored as the bytes of their UTF-8, so that no collation takes one
/// for another, and have 1024 of them at most: four for each of the 250 characters that Octany's
/// widget takes. A report, a look-up or a claim with a longer one is rejected, whatever the server's
/// `sql_mode`: nothing is ever cut, and it is never "no subscription". So is a letter of an inbox; its
/// key may have 1040 bytes, and the name of its event 2000.
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
pub struct MySqlStore {
    connections: Arc<Connections>,
    tables: Tables,
}

impl MySqlStore {
    /// Connects to the database at a URL, `mysql://user:password@host/database`, and
    /// [migrates](Self::migrate) it. Up to ten connections, made as they are needed.
    ///
    /// The tables' names begin with `octany_`; for others see [`connect_lazy`](Self::connect_lazy).
    /// For TLS, turn on one of sqlx's `tls-` features. A MySQL server that wants
    /// `caching_sha2_password`, as it does by default, asks for TLS or for sqlx's `mysql-rsa`.
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
    /// # use octany_sqlx::MySqlStore;
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let store = MySqlStore::connect_lazy("mysql://app:secret@db.internal/app")?
    ///     .with_prefix("shop_")?;
    /// store.migrate().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`StoreError`]: rejected if the URL cannot be read.
    pub fn connect_lazy(url: &str) -> Result<Self, StoreError> {
        let options = MySqlConnectOptions::from_str(url).map_err(store_error)?;
        Ok(Self::new(connections::pool(options)))
    }

    /// A store over your own pool. It does not [migrate](Self::migrate).
    ///
    /// Give the pool `test_before_acquire(false)`: the store notices dead connections itself. Its
    /// sessions must have `autocommit` on, as they do unless the server is set up otherwise, or
    /// nothing is ever durable; the `sql_mode` may be any.
    pub fn new(pool: MySqlPool) -> Self {
        let connections = Arc::new(Connections::new(pool));
        Self { connections, tables: Tables::default() }
    }

    /// The tables' names begin with `prefix` instead of `octany_`.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: rejected if the prefix is not made of up to 24 lower case letters, digits
    /// and underscores, the first one no digit.
    pub fn with_prefix(self, prefix: &str) -> Result<Self, StoreError> {
        Ok(Self { tables: self.tables.with_prefix(prefix)?, ..self })
    }

    /// Closes all connections, those of your own pool included, once their calls have ended. Calls
    /// that come later are unavailable.
    pub async fn close(&self) {
        self.connections.close().await;
    }
}

impl fmt::Debug for MySqlStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The options of the pool hold the password.
        f.debug_struct("MySqlStore").finish_non_exhaustive()
    }
}
