//! Connections to one file.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use octany_entitlement::StoreError;
use sqlx::pool::PoolOptions;
use sqlx::sqlite::{
    Sqlite, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqliteSynchronous,
};

use super::error::{is_busy, store_error};
use super::file::{self, DatabaseFile};
use super::migrate::migrate;
use crate::tables::Tables;

/// How long a statement waits for another process's lock, a call for a connection, and opening for
/// another process that is opening the same file.
const PATIENCE: Duration = Duration::from_secs(5);
/// A look-up is short, and each connection is a thread.
const READERS: u32 = 4;
/// Only a file with these tables is one of this store's.
const PROBE: &str = "SELECT 1 FROM octany_subscriptions LIMIT 1";

/// What a store talks to.
pub(super) struct Pools {
    pub(super) writer: SqlitePool,
    pub(super) readers: SqlitePool,
    pub(super) file: DatabaseFile,
}

impl Pools {
    /// Those of an app.
    pub(super) fn given(writer: SqlitePool, readers: SqlitePool) -> Self {
        let file = DatabaseFile::of_pool(writer.connect_options().get_filename());
        Self { writer, readers, file }
    }

    /// Opens a file, and makes it where there is none.
    pub(super) async fn open(path: PathBuf, tables: &Tables) -> Result<Self, StoreError> {
        Self::connect(writer_options(&path).create_if_missing(true), path, tables).await
    }

    /// Opens a file that took the place of another. It must hold this store's tables: an empty
    /// database would answer "no subscription" to everybody.
    pub(super) async fn open_existing(path: PathBuf, tables: &Tables) -> Result<Self, StoreError> {
        file::whole(&path)?;
        let probe = pool_of(1).connect_lazy_with(reader_options(&path).read_only(true));
        let found = sqlx::query(tables.sql(PROBE)).fetch_all(&probe);
        let found = found.await.map_err(store_error);
        // To the end, before anybody moves files again: closing can remove a log, by its name.
        probe.close().await;
        found?;
        Self::connect(writer_options(&path), path, tables).await
    }

    async fn connect(
        options: SqliteConnectOptions,
        path: PathBuf,
        tables: &Tables,
    ) -> Result<Self, StoreError> {
        let writer = connect(options).await?;
        // A connection that is made later must not make a new, empty file.
        writer.set_connect_options(writer_options(&path));
        let readers = pool_of(READERS).connect_lazy_with(reader_options(&path));
        let file = match prepare(&writer, &readers, tables).await {
            Ok(()) => DatabaseFile::opened(path).map_err(StoreError::from),
            Err(error) => Err(error),
        };
        match file {
            Ok(file) => Ok(Self { writer, readers, file }),
            Err(error) => {
                close(&writer, &readers).await;
                Err(error)
            }
        }
    }

    pub(super) async fn close(&self) {
        close(&self.writer, &self.readers).await;
    }
}

async fn prepare(
    writer: &SqlitePool,
    readers: &SqlitePool,
    tables: &Tables,
) -> Result<(), StoreError> {
    migrate(writer, tables).await?;
    // The tables belong into the file itself, whatever becomes of the log beside it.
    let checkpoint = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").fetch_all(writer);
    checkpoint.await.map_err(store_error)?;
    // All of them now: one that is opened later could find another file at the path.
    let mut held = Vec::new();
    for _ in 0..READERS {
        held.push(readers.acquire().await.map_err(store_error)?);
    }
    Ok(())
}

async fn close(writer: &SqlitePool, readers: &SqlitePool) {
    readers.close().await;
    writer.close().await;
}

/// What [`SqliteStore::open`](super::SqliteStore::open) writes with, except that it makes the file.
pub(super) fn writer_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(PATIENCE)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        // Where `fsync` alone leaves data in the drive's cache (macOS).
        .pragma("fullfsync", "ON")
}

fn reader_options(path: &Path) -> SqliteConnectOptions {
    // No journal mode: the file remembers it, and setting it takes a lock.
    SqliteConnectOptions::new().filename(path).busy_timeout(PATIENCE).pragma("query_only", "ON")
}

fn pool_of(connections: u32) -> PoolOptions<Sqlite> {
    PoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(PATIENCE)
        // Asking a connection whether it lives costs as much as the call. A dead one fails the
        // call, and is replaced when it is given back.
        .test_before_acquire(false)
        // The last connection to close removes the log, so the writer stays.
        .idle_timeout(None)
        .max_lifetime(None)
}

/// A pool of one connection. Turning to write-ahead logging takes a lock that SQLite does not wait
/// for, so several processes that start on a new file take turns here.
async fn connect(options: SqliteConnectOptions) -> Result<SqlitePool, StoreError> {
    let started = Instant::now();
    loop {
        match pool_of(1).connect_with(options.clone()).await {
            Err(error) if is_busy(&error) && started.elapsed() < PATIENCE => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            connected => return connected.map_err(store_error),
        }
    }
}
