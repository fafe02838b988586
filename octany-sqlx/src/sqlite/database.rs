//! The file behind a store, for as long as the store lives.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use octany_entitlement::StoreError;
use sqlx::sqlite::SqlitePool;
use tokio::sync::Mutex;

use super::error::store_error;
use super::file::{Access, Lost};
use super::pools::Pools;
use crate::tables::Tables;

/// How often a file that took the place of another is tried.
const BETWEEN_TRIES: Duration = Duration::from_millis(250);

pub(super) struct Database {
    current: RwLock<Arc<Pools>>,
    /// For a store that opened its file by itself.
    opener: Option<Opener>,
}

struct Opener {
    path: PathBuf,
    tables: Tables,
    last_try: Mutex<Option<Instant>>,
}

#[derive(Debug, thiserror::Error)]
#[error(
    "another file took the database's place while the former's write-ahead log lies beside it: put \
     the former back, or remove the files that end in -wal and -shm"
)]
struct LogLeft;

impl Database {
    pub(super) async fn open(path: PathBuf, tables: Tables) -> Result<Self, StoreError> {
        let pools = Pools::open(path.clone(), &tables).await?;
        let opener = Opener { path, tables, last_try: Mutex::default() };
        Ok(Self { current: RwLock::new(Arc::new(pools)), opener: Some(opener) })
    }

    pub(super) fn given(writer: SqlitePool, readers: SqlitePool) -> Self {
        let pools = Pools::given(writer, readers);
        Self { current: RwLock::new(Arc::new(pools)), opener: None }
    }

    /// Whether this opened its file by itself.
    pub(super) fn opens(&self) -> bool {
        self.opener.is_some()
    }

    /// For a call that reads.
    pub(super) async fn read(&self) -> Result<Session, StoreError> {
        self.session(Access::Read).await
    }

    /// For a call that writes.
    pub(super) async fn write(&self) -> Result<Session, StoreError> {
        self.session(Access::Write).await
    }

    pub(super) fn path(&self) -> PathBuf {
        self.current().file.path().to_owned()
    }

    pub(super) async fn close(&self) {
        self.current().close().await;
    }

    fn current(&self) -> Arc<Pools> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    async fn session(&self, access: Access) -> Result<Session, StoreError> {
        let pools = self.current();
        let pools = match (pools.file.check(access), &self.opener) {
            (Ok(()), _) => pools,
            (Err(Lost::Replaced(_)), Some(opener)) => self.reopen(opener, &pools, access).await?,
            (Err(lost), _) => return Err(lost.into()),
        };
        Ok(Session { pools, access })
    }

    /// Opens the file that is there now. One caller does; those who waited for it take the result.
    async fn reopen(
        &self,
        opener: &Opener,
        lost: &Arc<Pools>,
        access: Access,
    ) -> Result<Arc<Pools>, StoreError> {
        let mut last_try = opener.last_try.lock().await;
        let current = self.current();
        if !Arc::ptr_eq(&current, lost) {
            current.file.check(access)?;
            return Ok(current);
        }
        if last_try.is_some_and(|last| last.elapsed() < BETWEEN_TRIES) {
            return Err(Lost::Replaced(opener.path.clone()).into());
        }
        *last_try = Some(Instant::now());
        if lost.file.left_its_log() {
            return Err(StoreError::unavailable(LogLeft));
        }
        let fresh = Arc::new(Pools::open_existing(opener.path.clone(), &opener.tables).await?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&fresh);
        tracing::warn!(path = %opener.path.display(), "opened the database file that took the place of the former one");
        // SQLite leaves a file that was moved, and its log, as they are.
        lost.close().await;
        Ok(fresh)
    }
}

/// One call.
pub(super) struct Session {
    pools: Arc<Pools>,
    access: Access,
}

impl Session {
    pub(super) fn pool(&self) -> &SqlitePool {
        match self.access {
            Access::Read => &self.pools.readers,
            Access::Write => &self.pools.writer,
        }
    }

    /// Whether nobody has written to the file yet. It has no pages then, as one that was cut off.
    pub(super) fn is_blank(&self) -> bool {
        self.pools.file.is_blank()
    }

    /// The answer, if it came from the file that is where it should be. A write that went elsewhere
    /// must not be acknowledged.
    pub(super) fn answer<T>(self, answer: Result<T, sqlx::Error>) -> Result<T, StoreError> {
        let answer = answer.map_err(store_error)?;
        self.pools.file.confirm(self.access)?;
        Ok(answer)
    }
}
