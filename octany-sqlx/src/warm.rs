//! Connections between two calls.
//!
//! Taking a connection out of sqlx's pool and giving it back costs as much as a call: the pool asks
//! each one that comes back whether it lives. So those that were just used stay here for a moment.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sqlx::pool::PoolConnection;
use sqlx::{Database, Error, Pool};
use tokio::runtime::{Builder, Handle};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long a connection waits here for the next call.
const IDLE: Duration = Duration::from_millis(10);
/// How long it stays away from the pool, where others wait for it, and which limits its age.
const AWAY: Duration = Duration::from_millis(100);

pub(crate) struct Warm<DB: Database> {
    pool: Pool<DB>,
    /// As many as the pool has, so that those who wait do so here.
    permits: Arc<Semaphore>,
    /// Held once more by each call that waits for the pool.
    asking: Arc<()>,
    rest: Mutex<Rest<DB>>,
}

struct Rest<DB: Database> {
    connections: Vec<Resting<DB>>,
    /// Whether somebody brings back to the pool what has rested.
    watched: bool,
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
        let rest = Mutex::new(Rest { connections: Vec::new(), watched: false });
        Arc::new(Self { pool, permits, asking: Arc::default(), rest })
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
        let resting = self.rest().connections.pop();
        if let Some(Resting { connection, taken_at, .. }) = resting {
            return Ok(Lent { connection, taken_at, permit });
        }
        let _asking = Arc::clone(&self.asking);
        let connection = self.pool.acquire().await?;
        Ok(Lent { connection, taken_at: Instant::now(), permit })
    }

    /// Keeps a connection for the next call, if none waits for the pool to have one.
    pub(crate) fn keep(self: &Arc<Self>, lent: Lent<DB>) {
        let Lent { connection, taken_at, permit } = lent;
        let since = Instant::now();
        let wanted = Arc::strong_count(&self.asking) > 1;
        if wanted || self.pool.is_closed() || since.duration_since(taken_at) > AWAY {
            return;
        }
        let watched = {
            let mut rest = self.rest();
            rest.connections.push(Resting { connection, taken_at, since });
            std::mem::replace(&mut rest.watched, true)
        };
        drop(permit);
        if !watched {
            tokio::spawn(Watch { warm: Arc::clone(self), ended: false }.run());
        }
    }

    /// Closes all connections, once their calls have ended.
    pub(crate) async fn close(&self) {
        let resting = std::mem::take(&mut self.rest().connections);
        drop(resting);
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

    fn rest(&self) -> MutexGuard<'_, Rest<DB>> {
        // No panic can leave it half changed.
        self.rest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Brings back what has rested.
struct Watch<DB: Database> {
    warm: Arc<Warm<DB>>,
    ended: bool,
}

impl<DB: Database> Watch<DB> {
    async fn run(mut self) {
        while !self.end_if_none_rests() {
            tokio::time::sleep(IDLE).await;
            let rested = {
                let mut rest = self.warm.rest();
                let now = Instant::now();
                let fresh = |it: &Resting<DB>| now.duration_since(it.since) < IDLE;
                // The last ones that came are taken first, so those that rested are in front.
                let connections = &mut rest.connections;
                let rested = connections.iter().position(fresh).unwrap_or(connections.len());
                connections.drain(..rested).collect::<Vec<_>>()
            };
            drop(rested);
        }
    }

    /// In one step, so that what comes to rest is watched.
    fn end_if_none_rests(&mut self) -> bool {
        let mut rest = self.warm.rest();
        self.ended = rest.connections.is_empty();
        rest.watched = !self.ended;
        self.ended
    }
}

/// Where the runtime ended, the next call starts anew.
impl<DB: Database> Drop for Watch<DB> {
    fn drop(&mut self) {
        if !self.ended {
            self.warm.rest().watched = false;
        }
    }
}

impl<DB: Database> Drop for Warm<DB> {
    fn drop(&mut self) {
        let resting = std::mem::take(&mut self.rest().connections);
        if resting.is_empty() || Handle::try_current().is_ok() {
            return;
        }
        // The pool takes connections back within a runtime only, and panics outside of one.
        match Builder::new_current_thread().build() {
            Ok(runtime) => {
                let _within = runtime.enter();
                drop(resting);
            }
            Err(_) => std::mem::forget(resting),
        }
    }
}
