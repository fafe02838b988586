//! The stores on SQLite.

mod access;
mod charges;
mod checkouts;
mod database;
mod deliveries;
mod error;
mod file;
mod inbox;
mod ledger;
mod links;
mod migrate;
mod pools;
mod subscriptions;
mod transaction;
mod writes;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use octany_entitlement::StoreError;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};

use self::database::Database;
use self::writes::Writes;
use crate::group::Group;
use crate::tables::Tables;

/// The state of subscriptions, deliveries, links, announced access and an inbox in one SQLite file.
///
/// It implements [`SubscriptionStore`], [`DeliveryLog`], [`SubscriptionLinks`], [`AccessLog`],
/// [`InboxStore`] and [`ChargeIntents`].
/// Clones share the connections. Any number of stores and processes may work on one file at once:
/// what each promises is decided inside of single statements.
///
/// # Durability
///
/// A file that [`open`](Self::open) opened has a write-ahead log and `synchronous = FULL`: what was
/// answered with `Ok` survives a power cut. One connection writes, so that tasks queue in order
/// instead of fighting for SQLite's lock; four read, and no reader waits for the writer.
///
/// # Waiting
///
/// A statement waits up to 5 s for the lock of another process, and a call up to 5 s for a
/// connection. Then it fails as unavailable: there is no hidden retry, since whoever sent the
/// delivery repeats it.
///
/// # When the file goes away
///
/// A connection holds on to the file it opened, even after that was moved or deleted; it would go
/// on acknowledging what no restart will find. So the store looks the path up before and after each
/// call, at the cost of some microseconds:
///
/// | at the path | a call |
/// |---|---|
/// | the file that was opened | works |
/// | nothing, or nothing that can be reached | is unavailable, until the file is back |
/// | the file, without read (or, for writes, write) permission for anybody | is unavailable |
/// | the file, cut off or overwritten to a size that no database has | is corrupt |
/// | the file, but its `-wal` or `-shm` was removed or replaced | is unavailable: what was committed last is only there. Put them back, or [`close`](Self::close) the store, which saves it |
/// | the file, overwritten with as many whole pages | is corrupt as soon as it meets a damaged one |
/// | another file, and the former's `-wal` or `-shm` beside it | is unavailable: SQLite would mix the two. Put the former back, or remove those files |
/// | another database with this store's tables | opens that and works |
/// | another file that is none | is corrupt or unavailable |
///
/// Nothing of it needs a restart, and what was answered with `Ok` is in the file that came back. A
/// store over [your own pool](Self::new) refuses in the same cases, but never opens another file, and cannot
/// tell if your pool has opened connections to one meanwhile.
///
/// [`SubscriptionStore`]: octany_entitlement::SubscriptionStore
/// [`DeliveryLog`]: octany_entitlement::DeliveryLog
/// [`SubscriptionLinks`]: octany_entitlement::SubscriptionLinks
/// [`AccessLog`]: octany_entitlement::AccessLog
/// [`InboxStore`]: octany_entitlement::InboxStore
/// [`ChargeIntents`]: octany_entitlement::ChargeIntents
#[derive(Clone)]
pub struct SqliteStore {
    database: Arc<Database>,
    tables: Tables,
    writes: Arc<Group<Writes>>,
}

impl SqliteStore {
    /// Opens the file at `path`, makes it if there is none, and [migrates](Self::migrate) it. The
    /// directory must exist.
    ///
    /// Call it within a tokio runtime.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: unavailable if the file cannot be opened or made, or another process kept it
    /// locked for 5 s; corrupt if it is no database, or a newer release has migrated it.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::open_tables(path.as_ref(), Tables::default()).await
    }

    /// The same, with tables whose names begin with `prefix` instead of `octany_`.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), and rejected if the prefix is not made of up to 24 lower case
    /// letters, digits and underscores, the first one no digit.
    pub async fn open_with_prefix(
        path: impl AsRef<Path>,
        prefix: &str,
    ) -> Result<Self, StoreError> {
        let tables = Tables::default().with_prefix(prefix)?;
        Self::open_tables(path.as_ref(), tables).await
    }

    async fn open_tables(path: &Path, tables: Tables) -> Result<Self, StoreError> {
        // Absolute, so that it means the same after a change of directory.
        let path = std::path::absolute(path).map_err(StoreError::rejected)?;
        let database = Database::open(path, tables.clone()).await?;
        Ok(Self::of(Arc::new(database), tables))
    }

    /// A store over your own pool, for reading and writing. It does not [migrate](Self::migrate).
    ///
    /// Durability, waiting and the number of writers are as your pool has them. Prefer
    /// [`from_pools`](Self::from_pools): with one pool of many connections, each write fights for
    /// SQLite's lock.
    pub fn new(pool: SqlitePool) -> Self {
        Self::from_pools(pool.clone(), pool)
    }

    /// A store over your own pools on one file: `writer` best has a single connection, made with
    /// [`connect_options`](Self::connect_options); `readers` a few. It does not
    /// [migrate](Self::migrate).
    pub fn from_pools(writer: SqlitePool, readers: SqlitePool) -> Self {
        Self::of(Arc::new(Database::given(writer, readers)), Tables::default())
    }

    fn of(database: Arc<Database>, tables: Tables) -> Self {
        let writes = Arc::new(Group::new(Writes::new(&database, &tables)));
        Self { database, tables, writes }
    }

    /// For a store over your own pools: its tables' names begin with `prefix` instead of `octany_`.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: rejected if the prefix is not made of up to 24 lower case letters, digits
    /// and underscores, the first one no digit, or if the store has
    /// [opened](Self::open_with_prefix) its file by itself.
    pub fn with_prefix(self, prefix: &str) -> Result<Self, StoreError> {
        if self.database.opens() {
            return Err(StoreError::rejected("this store has made its tables already"));
        }
        Ok(Self::of(self.database, self.tables.with_prefix(prefix)?))
    }

    /// The options that [`open`](Self::open) writes with, for a pool of your own: write-ahead log,
    /// `synchronous = FULL`, a busy timeout of 5 s. They do not make the file.
    pub fn connect_options(path: impl AsRef<Path>) -> SqliteConnectOptions {
        pools::writer_options(path.as_ref())
    }

    /// Closes all connections, those of your own pools included, once their calls have ended. Calls
    /// that come later are unavailable.
    ///
    /// The last one to close a file writes its log into it. Nothing is lost without.
    pub async fn close(&self) {
        self.database.close().await;
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.database.path()).finish_non_exhaustive()
    }
}
