//! Deliveries that are handled in the background.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::DeliveryId;
use octany_core::signature::VerifiedBody;
use octany_entitlement::{
    ClaimToken, Claimed, DeadLetter, Depth, InboxStore, KeptLetter, Letter, Put, StoreError,
};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{FromRow, Row, Sqlite};

use super::SqliteStore;
use super::error::store_error;
use crate::inbox::{
    DeadRow, DepthRow, KeptRow, LetterRow, all_claimed, dead, dead_columns, depth, kept,
    kept_columns, letter_columns, limit,
};
use crate::row::lease_end;

const PUT: &str = "
    INSERT INTO octany_inbox (delivery_id, letter_key, event_name, version, received_at,
        secret_label, body, state, due_at, token, attempts)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?5, 0, 0)
    ON CONFLICT (delivery_id) DO NOTHING";

/// Of each key the one that ran when its lease ended, which was an attempt, and else the first that
/// waits.
const CLAIM: &str = concat!(
    "UPDATE octany_inbox SET token = ?2, due_at = ?3,
        attempts = attempts + CASE WHEN state = 1 THEN 1 ELSE 0 END, state = 1
    WHERE arrival IN (
        SELECT i.arrival FROM octany_inbox AS i
        WHERE i.state < 2 AND i.due_at <= ?1 AND (i.state = 1 OR (
            NOT EXISTS (
                SELECT 1 FROM octany_inbox AS running
                WHERE running.state = 1 AND running.letter_key = i.letter_key)
            AND NOT EXISTS (
                SELECT 1 FROM octany_inbox AS earlier
                WHERE earlier.state < 2 AND earlier.letter_key = i.letter_key
                    AND (earlier.version, earlier.arrival) < (i.version, i.arrival))))
        ORDER BY i.due_at, i.arrival LIMIT ?4)
    RETURNING ",
    letter_columns!()
);

const EXTEND: &str = "
    UPDATE octany_inbox SET due_at = ?3 WHERE delivery_id = ?1 AND token = ?2 AND state = 1";

/// Who settled a letter may say so again, here and below.
const DONE: &str = "
    UPDATE octany_inbox SET settled_at = coalesce(settled_at, ?3), state = 3
    WHERE delivery_id = ?1 AND token = ?2 AND state IN (1, 3)";

const RETRY: &str = "
    UPDATE octany_inbox SET due_at = ?3, last_error = ?4,
        attempts = attempts + CASE WHEN state = 1 THEN 1 ELSE 0 END, state = 0
    WHERE delivery_id = ?1 AND token = ?2 AND (state = 1 OR (state = 0 AND due_at = ?3))";

const POSTPONE: &str = "
    UPDATE octany_inbox SET due_at = ?3, state = 0
    WHERE delivery_id = ?1 AND token = ?2 AND (state = 1 OR (state = 0 AND due_at = ?3))";

/// It is due from now on, for when it is replayed.
const BURY: &str = "
    UPDATE octany_inbox SET due_at = ?3, last_error = ?4, settled_at = coalesce(settled_at, ?3),
        attempts = attempts + CASE WHEN state = 1 THEN 1 ELSE 0 END, state = 2
    WHERE delivery_id = ?1 AND token = ?2 AND state IN (1, 2)";

const DEAD: &str = concat!(
    "SELECT ",
    dead_columns!(),
    " FROM octany_inbox WHERE state = 2 AND arrival > ?1 ORDER BY arrival LIMIT ?2"
);

/// What is done has no index by arrival, and there is most of it.
const LETTERS: &str = concat!(
    "SELECT ",
    kept_columns!("state"),
    " FROM octany_inbox WHERE (state < 2 OR state = 2) AND arrival > ?1
    ORDER BY arrival LIMIT ?2"
);

const LETTER: &str = concat!(
    "SELECT ",
    kept_columns!("state"),
    ", secret_label, body FROM octany_inbox WHERE delivery_id = ?1"
);

const REPLAY: &str = "
    UPDATE octany_inbox SET attempts = 0, settled_at = NULL, state = 0
    WHERE delivery_id = ?1 AND state = 2";

const REPLAY_ALL: &str = "
    UPDATE octany_inbox SET attempts = 0, settled_at = NULL, state = 0 WHERE state = 2";

const DISCARD: &str = "UPDATE octany_inbox SET state = 3 WHERE delivery_id = ?1 AND state = 2";

/// In portions, so that no writer waits long.
const PRUNE: &str = "
    DELETE FROM octany_inbox WHERE arrival IN (
        SELECT arrival FROM octany_inbox WHERE state = 3 AND settled_at < ?1 LIMIT 1000)";

/// The first condition of each finds the index.
const DEPTH: &str = "
    SELECT (SELECT count(*) FROM octany_inbox WHERE state < 2 AND state = 0),
        (SELECT count(*) FROM octany_inbox WHERE state = 1),
        (SELECT count(*) FROM octany_inbox WHERE state = 2)";

pub(super) type Query = sqlx::query::Query<'static, Sqlite, SqliteArguments>;

impl SqliteStore {
    /// How many rows a statement wrote.
    pub(super) async fn written(
        &self,
        statement: &'static str,
        bind: impl FnOnce(Query) -> Query,
    ) -> Result<u64, StoreError> {
        let session = self.database.write().await?;
        let done = bind(sqlx::query(self.tables.sql(statement))).execute(session.pool()).await;
        Ok(session.answer(done)?.rows_affected())
    }
}

#[async_trait]
impl InboxStore for SqliteStore {
    async fn put(&self, letter: &Letter) -> Result<Put, StoreError> {
        let bind = |query: Query| {
            query
                .bind(letter.id.to_string())
                .bind(letter.key.clone())
                .bind(letter.event.clone())
                .bind(letter.version.as_i64())
                .bind(letter.received_at.timestamp_micros())
                .bind(letter.body.secret_label().to_owned())
                .bind(letter.body.bytes().to_vec())
        };
        Ok(match self.written(PUT, bind).await? {
            0 => Put::Known,
            _ => Put::Stored,
        })
    }

    async fn claim(
        &self,
        now: DateTime<Utc>,
        lease: Duration,
        most: usize,
    ) -> Result<Vec<Claimed>, StoreError> {
        let session = self.database.write().await?;
        let token = ClaimToken::random();
        let query = sqlx::query(self.tables.sql(CLAIM))
            .bind(now.timestamp_micros())
            .bind(token.as_i64())
            .bind(lease_end(now, lease).timestamp_micros())
            .bind(limit(most));
        // To the end of the rows, where the commit is.
        let rows = query.fetch_all(session.pool()).await;
        let rows = session.answer(rows)?;
        all_claimed(rows.iter().map(|row| LetterRow::from_row(row).map_err(store_error)), token)
    }

    async fn extend(
        &self,
        id: &DeliveryId,
        token: ClaimToken,
        until: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let until = until.timestamp_micros();
        Ok(self.written(EXTEND, |query| held(query, id, token).bind(until)).await? == 1)
    }

    async fn done(
        &self,
        id: &DeliveryId,
        token: ClaimToken,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let now = now.timestamp_micros();
        Ok(self.written(DONE, |query| held(query, id, token).bind(now)).await? == 1)
    }

    async fn retry(
        &self,
        id: &DeliveryId,
        token: ClaimToken,
        at: DateTime<Utc>,
        error: &str,
    ) -> Result<bool, StoreError> {
        let (at, error) = (at.timestamp_micros(), error.to_owned());
        Ok(self.written(RETRY, |query| held(query, id, token).bind(at).bind(error)).await? == 1)
    }

    async fn postpone(
        &self,
        id: &DeliveryId,
        token: ClaimToken,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let at = at.timestamp_micros();
        Ok(self.written(POSTPONE, |query| held(query, id, token).bind(at)).await? == 1)
    }

    async fn bury(
        &self,
        id: &DeliveryId,
        token: ClaimToken,
        error: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let (now, error) = (now.timestamp_micros(), error.to_owned());
        Ok(self.written(BURY, |query| held(query, id, token).bind(now).bind(error)).await? == 1)
    }

    async fn dead(&self, after: i64, most: usize) -> Result<Vec<DeadLetter>, StoreError> {
        let session = self.database.read().await?;
        let query = sqlx::query(self.tables.sql(DEAD)).bind(after).bind(limit(most));
        let rows = query.fetch_all(session.pool()).await;
        let rows = session.answer(rows)?;
        let row = |row| DeadRow::from_row(row).map_err(store_error);
        rows.iter().map(|letter| dead(row(letter)?)).collect()
    }

    async fn letters(&self, after: i64, most: usize) -> Result<Vec<KeptLetter>, StoreError> {
        let session = self.database.read().await?;
        let query = sqlx::query(self.tables.sql(LETTERS)).bind(after).bind(limit(most));
        let rows = query.fetch_all(session.pool()).await;
        session.answer(rows)?.iter().map(kept_row).collect()
    }

    async fn letter(
        &self,
        id: &DeliveryId,
    ) -> Result<Option<(KeptLetter, VerifiedBody)>, StoreError> {
        let session = self.database.read().await?;
        let query = sqlx::query(self.tables.sql(LETTER)).bind(id.to_string());
        let row = query.fetch_optional(session.pool()).await;
        let row = session.answer(row)?;
        row.map(|row| Ok((kept_row(&row)?, body(&row).map_err(store_error)?))).transpose()
    }

    async fn replay(&self, id: &DeliveryId) -> Result<bool, StoreError> {
        Ok(self.written(REPLAY, |query| query.bind(id.to_string())).await? == 1)
    }

    async fn replay_all(&self) -> Result<u64, StoreError> {
        self.written(REPLAY_ALL, |query| query).await
    }

    async fn discard(&self, id: &DeliveryId) -> Result<bool, StoreError> {
        Ok(self.written(DISCARD, |query| query.bind(id.to_string())).await? == 1)
    }

    async fn prune(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let (before, mut forgotten) = (before.timestamp_micros(), 0);
        loop {
            match self.written(PRUNE, |query| query.bind(before)).await? {
                0 => return Ok(forgotten),
                rows => forgotten += rows,
            }
        }
    }

    async fn depth(&self) -> Result<Depth, StoreError> {
        let session = self.database.read().await?;
        let row = sqlx::query(self.tables.sql(DEPTH)).fetch_one(session.pool()).await;
        let row = session.answer(row)?;
        DepthRow::from_row(&row).map(depth).map_err(store_error)
    }
}

/// The letter that somebody has.
fn held(query: Query, id: &DeliveryId, token: ClaimToken) -> Query {
    query.bind(id.to_string()).bind(token.as_i64())
}

fn kept_row(row: &SqliteRow) -> Result<KeptLetter, StoreError> {
    kept(KeptRow::from_row(row).map_err(store_error)?)
}

fn body(row: &SqliteRow) -> Result<VerifiedBody, sqlx::Error> {
    let (label, body): (String, Vec<u8>) = (row.try_get(10)?, row.try_get(11)?);
    Ok(VerifiedBody::danger_verified_before_storing(body, label))
}
