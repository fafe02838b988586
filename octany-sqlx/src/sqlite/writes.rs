//! Deliveries and reports, several in one transaction.

use std::sync::Arc;

use octany_entitlement::{ClaimToken, StoreError};
use sqlx::{Connection, SqliteConnection};

use super::database::{Database, Session};
use super::deliveries::{claim, complete, release};
use super::error::{is_refusal, store_error};
use super::ledger::enter;
use super::subscriptions::apply;
use crate::entry::{Entry, Outcome};
use crate::group::{Work, to_each};
use crate::tables::Tables;

/// What is written.
pub(super) enum Write {
    Entry(Entry),
    Completion(Completion),
}

/// A claim whose delivery was dealt with.
pub(super) struct Completion {
    pub(super) delivery: String,
    pub(super) token: ClaimToken,
    pub(super) now: i64,
}

/// What became of it.
pub(super) enum Written {
    Entry(Outcome),
    Completion(bool),
}

/// Writes: the disk is waited for once for all that go together.
pub(super) struct Writes {
    database: Arc<Database>,
    tables: Tables,
}

impl Writes {
    pub(super) fn new(database: &Arc<Database>, tables: &Tables) -> Self {
        Self { database: Arc::clone(database), tables: tables.clone() }
    }

    /// By itself, where that is one statement.
    async fn one(&self, write: &Write) -> Result<Written, StoreError> {
        if matches!(write, Write::Entry(Entry { delivery: Some(_), report: Some(_) })) {
            return match self.in_transaction(&[write]).await?.pop() {
                Some(written) => written,
                None => Err(StoreError::unavailable("nothing was written")),
            };
        }
        let session = self.database.write().await?;
        let written = async {
            let mut connection = session.pool().acquire().await?;
            end_what_sqlite_ended(&mut connection).await;
            self.write(&mut connection, write).await
        };
        let written = written.await;
        session.answer(written)
    }

    /// All or nothing, except for what is refused by itself.
    async fn in_transaction(
        &self,
        writes: &[&Write],
    ) -> Result<Vec<Result<Written, StoreError>>, StoreError> {
        let session = self.database.write().await?;
        let written = self.run(&session, writes).await;
        session.answer(written)
    }

    async fn run(
        &self,
        session: &Session,
        writes: &[&Write],
    ) -> Result<Vec<Result<Written, StoreError>>, sqlx::Error> {
        let mut connection = session.pool().acquire().await?;
        end_what_sqlite_ended(&mut connection).await;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        let mut written = Vec::with_capacity(writes.len());
        for write in writes {
            written.push(match self.write(&mut transaction, write).await {
                Ok(done) => Ok(done),
                // SQLite undoes a statement that it refuses, and leaves the transaction as it was.
                Err(error) if is_refusal(&error) => Err(store_error(error)),
                Err(error) => return Err(error),
            });
        }
        transaction.commit().await?;
        Ok(written)
    }

    async fn write(
        &self,
        connection: &mut SqliteConnection,
        write: &Write,
    ) -> Result<Written, sqlx::Error> {
        match write {
            Write::Entry(entry) => {
                take_in(connection, &self.tables, entry).await.map(Written::Entry)
            }
            Write::Completion(done) => {
                complete(connection, &self.tables, done).await.map(Written::Completion)
            }
        }
    }
}

impl Work for Writes {
    type Call = Write;
    type Answer = Written;
    const AT_ONCE: usize = 1;

    /// One after the other in a transaction, each sees what those before it wrote.
    fn keys(_: &Write) -> [Option<&str>; 2] {
        [None, None]
    }

    async fn together(&self, writes: &[&Write]) -> Vec<Option<Result<Written, StoreError>>> {
        if let [write] = writes {
            return vec![Some(self.one(write).await)];
        }
        match self.in_transaction(writes).await {
            Ok(written) => written.into_iter().map(Some).collect(),
            Err(error) => to_each(error, writes.len()).map(|error| Some(Err(error))).collect(),
        }
    }

    async fn alone(&self, write: &Write) -> Result<Written, StoreError> {
        self.one(write).await
    }
}

impl Written {
    pub(super) fn entry(self) -> Result<Outcome, StoreError> {
        match self {
            Self::Entry(outcome) => Ok(outcome),
            Self::Completion(_) => Err(StoreError::corrupt("another call's answer")),
        }
    }

    pub(super) fn completion(self) -> Result<bool, StoreError> {
        match self {
            Self::Completion(held) => Ok(held),
            Self::Entry(_) => Err(StoreError::corrupt("another call's answer")),
        }
    }
}

/// On a full disk SQLite ends the whole transaction by itself. sqlx's own rollback then fails, and
/// it takes the transaction for open as long as the connection lives, and begins no other: until
/// there is one that can be rolled back.
async fn end_what_sqlite_ended(connection: &mut SqliteConnection) {
    if connection.is_in_transaction() {
        // If one is open after all, the rollback is for that.
        drop(sqlx::query("BEGIN").execute(&mut *connection).await);
        // One that is not begun is rolled back, too.
        drop(connection.begin_with("BEGIN").await);
    }
}

/// Takes an entry in, on a connection that is in a transaction if the entry has both parts.
pub(super) async fn take_in(
    connection: &mut SqliteConnection,
    tables: &Tables,
    entry: &Entry,
) -> Result<Outcome, sqlx::Error> {
    let mut outcome = Outcome { claim: None, applied: None };
    match (&entry.delivery, &entry.report) {
        (Some(delivery), Some(report)) => {
            let entered = enter(connection, tables, delivery, report).await;
            if entered.is_err() {
                // Both or nothing.
                release(connection, tables, delivery).await?;
            }
            return entered;
        }
        (Some(delivery), None) => {
            outcome.claim = Some(claim(connection, tables, delivery).await?);
        }
        (None, Some(report)) => outcome.applied = Some(apply(connection, tables, report).await?),
        (None, None) => {}
    }
    Ok(outcome)
}
