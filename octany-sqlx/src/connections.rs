//! Connections to one server, and what is repeated when one of them fails.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::TryStreamExt;
use octany_entitlement::StoreError;
use sqlx::pool::PoolOptions;
use sqlx::query::Query;
use sqlx::{Connection, Database, Either, Executor, IntoArguments, Pool};

use crate::warm::{Lent, Warm};

/// How long a call waits for a connection, and goes on after conflicts with others.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often a call goes on after its connection broke.
const REPEATS: u32 = 2;
/// The longest pause after a conflict.
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// What a database server says of its failures.
pub(crate) trait Server: Database {
    /// Whether it says so when it ends a connection that nobody uses at this moment.
    const TAKES_LEAVE: bool;

    fn aftermath(error: &sqlx::Error) -> Aftermath;

    /// Keeps as the source what may be shown.
    fn store_error(error: sqlx::Error) -> StoreError;
}

/// What a failed statement leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aftermath {
    /// Nothing happened, and the connection is as before: another call was in the way.
    Undone,
    /// Nothing happened, and the server ended the connection.
    Ended,
    /// The connection broke. Whether the statement ran is not known.
    Unknown,
    /// An answer.
    Final,
}

/// Whether a statement of which it is not known whether it ran may run again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// It does nothing that the first run did not do, and its answer is as good.
    Safe,
    /// It would answer something else.
    Unsafe,
}

pub(crate) type Statement<'q, DB> = Query<'q, DB, <DB as Database>::Arguments>;

/// All that a statement answered.
pub(crate) struct Answer<DB: Database> {
    pub(crate) rows: Vec<DB::Row>,
    pub(crate) done: DB::QueryResult,
}

pub(crate) struct Connections<DB: Database> {
    warm: Arc<Warm<DB>>,
}

/// How the pool of a store that has its own is made.
pub(crate) fn pool_options<DB: Database>() -> PoolOptions<DB> {
    PoolOptions::new().acquire_timeout(PATIENCE).test_before_acquire(false)
}

impl<DB: Database> Connections<DB> {
    pub(crate) fn new(pool: Pool<DB>) -> Self {
        Self { warm: Warm::new(pool) }
    }

    pub(crate) fn pool(&self) -> &Pool<DB> {
        self.warm.pool()
    }

    pub(crate) async fn close(&self) {
        self.warm.close().await;
    }
}

impl<DB: Server> Connections<DB>
where
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    /// The rows of one statement. It is repeated where that is safe.
    pub(crate) async fn rows<'q>(
        &self,
        repeat: Repeat,
        statement: impl Fn() -> Statement<'q, DB> + Send + Sync,
    ) -> Result<Vec<DB::Row>, StoreError> {
        self.answer(repeat, statement).await.map(|answer| answer.rows)
    }

    /// The same, with what the server says about the statement as a whole.
    pub(crate) async fn answer<'q>(
        &self,
        repeat: Repeat,
        statement: impl Fn() -> Statement<'q, DB> + Send + Sync,
    ) -> Result<Answer<DB>, StoreError> {
        self.try_answer(repeat, statement).await.map_err(DB::store_error)
    }

    /// The same, with the failure as it came.
    pub(crate) async fn try_answer<'q>(
        &self,
        repeat: Repeat,
        statement: impl Fn() -> Statement<'q, DB> + Send + Sync,
    ) -> Result<Answer<DB>, sqlx::Error> {
        let started = Instant::now();
        // What cannot be repeated must not run into a connection that has been dead for long.
        let ask_first = repeat == Repeat::Unsafe && !DB::TAKES_LEAVE;
        let mut lost = 0;
        let mut pause = Duration::from_millis(1);
        loop {
            let lent =
                if lost > 0 || ask_first { self.answering().await } else { self.warm.take().await };
            let mut lent = lent?;
            let error = match ask(&mut lent.connection, statement()).await {
                Ok(answer) => {
                    self.warm.keep(lent);
                    return Ok(answer);
                }
                Err(error) => error,
            };
            let aftermath = DB::aftermath(&error);
            match aftermath {
                Aftermath::Final => {
                    self.warm.keep(lent);
                    return Err(error);
                }
                Aftermath::Undone if started.elapsed() >= PATIENCE => return Err(error),
                Aftermath::Undone => {
                    drop(lent);
                    tokio::time::sleep(up_to(pause)).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                Aftermath::Ended | Aftermath::Unknown => {
                    drop(lent.connection.detach());
                    let unknown = aftermath == Aftermath::Unknown;
                    if lost == REPEATS || (unknown && repeat == Repeat::Unsafe) {
                        return Err(error);
                    }
                    lost += 1;
                }
            }
        }
    }

    /// A connection that is alive. When one is dead the others mostly are, too.
    async fn answering(&self) -> Result<Lent<DB>, sqlx::Error> {
        let started = Instant::now();
        loop {
            let mut lent = self.warm.take().await?;
            match lent.connection.ping().await {
                Ok(()) => return Ok(lent),
                Err(error) => {
                    drop(lent.connection.detach());
                    if started.elapsed() >= PATIENCE {
                        return Err(error);
                    }
                }
            }
        }
    }
}

/// To the end of the answer, where the commit is.
async fn ask<DB: Database>(
    connection: &mut DB::Connection,
    statement: Statement<'_, DB>,
) -> Result<Answer<DB>, sqlx::Error>
where
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    let mut answer: Answer<DB> = Answer { rows: Vec::new(), done: Default::default() };
    let mut parts = connection.fetch_many(statement);
    while let Some(part) = parts.try_next().await? {
        match part {
            Either::Left(done) => answer.done.extend([done]),
            Either::Right(row) => answer.rows.push(row),
        }
    }
    Ok(answer)
}

/// Some time below `most`, so that those who were in each other's way come back one by one.
fn up_to(most: Duration) -> Duration {
    let random = RandomState::new().hash_one(most);
    most.mul_f64(f64::from(u32::try_from(random >> 32).unwrap_or_default()) / f64::from(u32::MAX))
}
