//! Connections between two calls.
//!
//! Taking a connection out of sqlx's pool and giving it back costs as much as a call: the pool asks
//! each one that comes back whether it lives. So those that were just used stay here for a moment.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sqlx::pool::PoolConnection;
use sqlx::{Database, Error, Pool};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long a connection waits here for the next call.
const IDLE: Duration = Duration::from_millis(10);
/// How long it stays away from the pool, which limits the age of connections.
const AWAY: Duration = Duration::from_secs(1);

pub(crate) struct Warm<DB: Database> {
    pool: Pool<DB>,
    /// As many as the pool has, so that those who wait do so here.
    permits: Arc<Semaphore>,
    resting: Mutex<Vec<Resting<DB>>>,
    /// Whether somebody brings back to the pool what has rested.
    watched: AtomicBool,
}

struct Resting<DB: Database> {
    connection: PoolConnection<DB>,
    taken_at: Instant,
    since: Instant,
}

/// A connection for one call. Dropped, it goes back to the pool.
pub(crate) struct Lent<DB: Database> {
    pub(crate) connection: PoolConnection<DB>,
    taken_at: Instant,
    permit: OwnedSemaphorePermit,
}

impl<DB: Database> Warm<DB> {
    pub(crate) fn new(pool: Pool<DB>) -> Arc<Self> {
        let permits = usize::try_from(pool.options().get_max_connections()).unwrap_or(usize::MAX);
        let permits = Arc::new(Semaphore::new(permits.min(Semaphore::MAX_PERMITS)));
        let (resting, watched) = (Mutex::default(), AtomicBool::new(false));
        Arc::new(Self { pool, permits, resting, watched })
    }

    pub(crate) fn pool(&self) -> &Pool<DB> {
        &self.pool
    }

    /// A connection that was used a moment ago, or one from the pool.
    pub(crate) async fn take(&self) -> Result<Lent<DB>, Error> {
        if self.pool.is_closed() {
            return Err(Error::PoolClosed);
        }
        let permit = self.permit().await?;
        let resting = self.resting().pop();
        if let Some(Resting { connection, taken_at, .. }) = resting {
            return Ok(Lent { connection, taken_at, permit });
        }
        let connection = self.pool.acquire().await?;
        Ok(Lent { connection, taken_at: Instant::now(), permit })
    }

    /// Keeps a connection for the next call.
    pub(crate) fn keep(self: &Arc<Self>, lent: Lent<DB>) {
        let Lent { connection, taken_at, permit } = lent;
        let since = Instant::now();
        if self.pool.is_closed() || since.duration_since(taken_at) > AWAY {
            return;
        }
        self.resting().push(Resting { connection, taken_at, since });
        drop(permit);
        if !self.watched.swap(true, Ordering::AcqRel) {
            tokio::spawn(Watch(Arc::clone(self)).run());
        }
    }

    /// Closes all connections, once their calls have ended.
    pub(crate) async fn close(&self) {
        self.resting().clear();
        self.pool.close().await;
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit, Error> {
        if let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() {
            return Ok(permit);
        }
        let permit = Arc::clone(&self.permits).acquire_owned();
        let patience = self.pool.options().get_acquire_timeout();
        let permit = tokio::time::timeout(patience, permit).await;
        permit.map_err(|_| Error::PoolTimedOut)?.map_err(|_| Error::PoolClosed)
    }

    fn resting(&self) -> MutexGuard<'_, Vec<Resting<DB>>> {
        // No panic can leave it half changed.
        self.resting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Brings back what has rested.
struct Watch<DB: Database>(Arc<Warm<DB>>);

impl<DB: Database> Watch<DB> {
    async fn run(self) {
        let warm = &self.0;
        while !warm.resting().is_empty() {
            tokio::time::sleep(IDLE).await;
            let rested = {
                let mut resting = warm.resting();
                let now = Instant::now();
                let fresh = |it: &Resting<DB>| now.duration_since(it.since) < IDLE;
                // The last ones that came are taken first, so those that rested are in front.
                let rested = resting.iter().position(fresh).unwrap_or(resting.len());
                resting.drain(..rested).collect::<Vec<_>>()
            };
            drop(rested);
        }
    }
}

impl<DB: Database> Drop for Watch<DB> {
    fn drop(&mut self) {
        self.0.watched.store(false, Ordering::Release);
    }
}

impl<DB: Database> Drop for Warm<DB> {
    fn drop(&mut self) {
        if Handle::try_current().is_err() {
            // The pool takes connections back within a runtime only.
            for resting in self.resting().drain(..) {
                drop(resting.connection.detach());
            }
        }
    }
}
