//! Connections to one database, and what is repeated when one of them fails.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

use octany_entitlement::StoreError;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgPool, PgPoolOptions, PgRow};
use sqlx::query::Query;
use sqlx::{Connection, Postgres};

use super::error::{Aftermath, store_error};

/// How long a call waits for a connection, and goes on after conflicts with others.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest pause after a conflict.
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

pub(super) type PgQuery<'q> = Query<'q, Postgres, PgArguments>;

/// Whether a statement of which it is not known whether it ran may run again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// It does nothing that the first run did not do, and its answer is as good.
    Safe,
    /// It would answer something else.
    Unsafe,
}

pub(super) struct Connections {
    pool: PgPool,
}

/// The pool of a store that has its own.
pub(super) fn pool(options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false)
        .connect_lazy_with(options)
}

impl Connections {
    pub(super) fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    pub(super) fn pool(&self) -> &PgPool {
        &self.pool
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }

    /// The rows of one statement. It is repeated where that is safe.
    pub(super) async fn rows<'q>(
        &self,
        repeat: Repeat,
        query: impl Fn() -> PgQuery<'q> + Send + Sync,
    ) -> Result<Vec<PgRow>, StoreError> {
        let started = Instant::now();
        let mut lost = false;
        let mut pause = Duration::from_millis(1);
        loop {
            let connection = if lost { self.answering().await } else { self.pool.acquire().await };
            let mut connection = connection.map_err(store_error)?;
            // To the end of the rows, where the commit is.
            let error = match query().fetch_all(&mut *connection).await {
                Ok(rows) => return Ok(rows),
                Err(error) => error,
            };
            let aftermath = Aftermath::of(&error);
            match aftermath {
                Aftermath::Final => return Err(store_error(error)),
                Aftermath::Undone if started.elapsed() >= PATIENCE => {
                    return Err(store_error(error));
                }
                Aftermath::Undone => {
                    drop(connection);
                    tokio::time::sleep(up_to(pause)).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                Aftermath::Ended | Aftermath::Unknown => {
                    drop(connection.detach());
                    let unknown = aftermath == Aftermath::Unknown;
                    if lost || (unknown && repeat == Repeat::Unsafe) {
                        return Err(store_error(error));
                    }
                    lost = true;
                }
            }
        }
    }

    /// A connection that is alive. When one is dead the others in the pool mostly are, too.
    async fn answering(&self) -> Result<PoolConnection<Postgres>, sqlx::Error> {
        let started = Instant::now();
        loop {
            let mut connection = self.pool.acquire().await?;
            match connection.ping().await {
                Ok(()) => return Ok(connection),
                Err(error) => {
                    drop(connection.detach());
                    if started.elapsed() >= PATIENCE {
                        return Err(error);
                    }
                }
            }
        }
    }
}

/// Some time below `most`, so that those who were in each other's way come back one by one.
fn up_to(most: Duration) -> Duration {
    let random = RandomState::new().hash_one(most);
    most.mul_f64(f64::from(u32::try_from(random >> 32).unwrap_or_default()) / f64::from(u32::MAX))
}
