//! Deliveries that are handled in the background.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::DeliveryId;
use octany_core::signature::VerifiedBody;
use octany_entitlement::{
    ClaimToken, Claimed, DeadLetter, Depth, InboxStore, KeptLetter, Letter, Put, StoreError,
};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, Row};

use super::PostgresStore;
use super::connections::{PgQuery, Repeat};
use super::error::{is_of_duplicate, store_error};
use crate::inbox::{
    DeadRow, DepthRow, KeptRow, LetterRow, all_claimed, dead, dead_columns, depth, kept,
    kept_columns, letter_columns, limit,
};
use crate::row::lease_end;

/// A second run finds the letter that the first one stored. It is as well known.
const PUT: &str = "
    INSERT INTO octany_inbox (delivery_id, letter_key, event_name, version, received_at,
        secret_label, body, state, due_at, token, attempts)
    VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $5, 0, 0)
    ON CONFLICT (delivery_id) DO NOTHING";

/// Of each key the one that ran when its lease ended, which was an attempt, and else the first that
/// waits.
///
/// What another call is giving out is locked and skipped; those behind it still see it wait before
/// them. Once that call has committed, a row is looked at again as it is now, and is not due any
/// more. One race is left: a letter that goes before one that is being given out is put meanwhile,
/// and given out by a third call that sees it, but not yet that the other runs. There the unique
/// index has the last word.
const CLAIM: &str = concat!(
    "WITH heads AS (
        SELECT i.arrival FROM octany_inbox AS i
        WHERE i.state < 2 AND i.due_at <= $1 AND (i.state = 1 OR (
            NOT EXISTS (
                SELECT FROM octany_inbox AS running
                WHERE running.state = 1 AND running.letter_key = i.letter_key)
            AND NOT EXISTS (
                SELECT FROM octany_inbox AS earlier
                WHERE earlier.state < 2 AND earlier.letter_key = i.letter_key
                    AND (earlier.version, earlier.arrival) < (i.version, i.arrival))))
        ORDER BY i.due_at, i.arrival LIMIT $4
        FOR UPDATE OF i SKIP LOCKED
    )
    UPDATE octany_inbox AS i SET token = $2, due_at = $3,
        attempts = i.attempts + CASE WHEN i.state = 1 THEN 1 ELSE 0 END, state = 1
    FROM heads WHERE i.arrival = heads.arrival
    RETURNING ",
    letter_columns!()
);

/// How often the unique index may have the last word in a row.
const CONFLICTS: usize = 16;

const EXTEND: &str = "
    UPDATE octany_inbox SET due_at = $3 WHERE delivery_id = $1 AND token = $2 AND state = 1";

/// Who settled a letter may say so again, here and below.
const DONE: &str = "
    UPDATE octany_inbox SET settled_at = coalesce(settled_at, $3), state = 3
    WHERE delivery_id = $1 AND token = $2 AND state IN (1, 3)";

const RETRY: &str = "
    UPDATE octany_inbox SET due_at = $3, last_error = $4,
        attempts = attempts + CASE WHEN state = 1 THEN 1 ELSE 0 END, state = 0
    WHERE delivery_id = $1 AND token = $2 AND (state = 1 OR (state = 0 AND due_at = $3))";

const POSTPONE: &str = "
    UPDATE octany_inbox SET due_at = $3, state = 0
    WHERE delivery_id = $1 AND token = $2 AND (state = 1 OR (state = 0 AND due_at = $3))";

/// It is due from now on, for when it is replayed.
const BURY: &str = "
    UPDATE octany_inbox SET due_at = $3, last_error = $4, settled_at = coalesce(settled_at, $3),
        attempts = attempts + CASE WHEN state = 1 THEN 1 ELSE 0 END, state = 2
    WHERE delivery_id = $1 AND token = $2 AND state IN (1, 2)";

const DEAD: &str = concat!(
    "SELECT ",
    dead_columns!(),
    " FROM octany_inbox WHERE state = 2 AND arrival > $1 ORDER BY arrival LIMIT $2"
);

/// What is done has no index by arrival, and there is most of it.
const LETTERS: &str = concat!(
    "SELECT ",
    kept_columns!("CAST(state AS BIGINT)"),
    " FROM octany_inbox WHERE (state < 2 OR state = 2) AND arrival > $1
    ORDER BY arrival LIMIT $2"
);

const LETTER: &str = concat!(
    "SELECT ",
    kept_columns!("CAST(state AS BIGINT)"),
    ", secret_label, body FROM octany_inbox WHERE delivery_id = $1"
);

const REPLAY: &str = "
    UPDATE octany_inbox SET attempts = 0, settled_at = NULL, state = 0
    WHERE delivery_id = $1 AND state = 2";

const REPLAY_ALL: &str = "
    UPDATE octany_inbox SET attempts = 0, settled_at = NULL, state = 0 WHERE state = 2";

const DISCARD: &str = "UPDATE octany_inbox SET state = 3 WHERE delivery_id = $1 AND state = 2";

/// In portions, so that no statement takes long. Rows that somebody else deletes at this moment are
/// left to them.
const PRUNE: &str = "
    DELETE FROM octany_inbox WHERE arrival = ANY (ARRAY(
        SELECT arrival FROM octany_inbox WHERE state = 3 AND settled_at < $1
        LIMIT 1000 FOR UPDATE SKIP LOCKED))";

const DEPTH: &str = "
    SELECT (SELECT count(*) FROM octany_inbox WHERE state < 2 AND state = 0),
        (SELECT count(*) FROM octany_inbox WHERE state = 1),
        (SELECT count(*) FROM octany_inbox WHERE state = 2)";

impl PostgresStore {
    /// How many rows a statement wrote.
    pub(super) async fn written(
        &self,
        repeat: Repeat,
        statement: &'static str,
        bind: impl Fn(PgQuery<'static>) -> PgQuery<'static> + Send + Sync,
    ) -> Result<u64, StoreError> {
        let statement = || bind(sqlx::query(self.tables.sql(statement)));
        Ok(self.connections.answer(repeat, statement).await?.done.rows_affected())
    }
}

#[async_trait]
impl InboxStore for PostgresStore {
    async fn put(&self, letter: &Letter) -> Result<Put, StoreError> {
        let bind = |query: PgQuery<'static>| {
            query
                .bind(letter.id.to_string())
                .bind(letter.key.clone())
                .bind(letter.event.clone())
                .bind(letter.version.as_i64())
                .bind(letter.received_at.timestamp_micros())
                .bind(letter.body.secret_label().to_owned())
                .bind(letter.body.bytes().to_vec())
        };
        Ok(match self.written(Repeat::Safe, PUT, bind).await? {
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
        let token = ClaimToken::random();
        let statement = || {
            sqlx::query(self.tables.sql(CLAIM))
                .bind(now.timestamp_micros())
                .bind(token.as_i64())
                .bind(lease_end(now, lease).timestamp_micros())
                .bind(limit(most))
        };
        let mut conflicts = 0;
        let rows = loop {
            // A second run would not find what the first one gave out.
            match self.connections.rows(Repeat::Unsafe, statement).await {
                // One of the same key was given out by another call meanwhile.
                Err(error) if is_of_duplicate(&error) && conflicts < CONFLICTS => conflicts += 1,
                rows => break rows?,
            }
        };
        all_claimed(rows.iter().map(|row| LetterRow::from_row(row).map_err(store_error)), token)
    }

    async fn extend(
        &self,
        id: &DeliveryId,
        token: ClaimToken,
        until: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let bind = |query| held(query, id, token).bind(until.timestamp_micros());
        Ok(self.written(Repeat::Safe, EXTEND, bind).await? == 1)
    }

    async fn done(
        &self,
        id: &DeliveryId,
        token: ClaimToken,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let bind = |query| held(query, id, token).bind(now.timestamp_micros());
        Ok(self.written(Repeat::Safe, DONE, bind).await? == 1)
    }

    async fn retry(
        &self,
        id: &DeliveryId,
        token: ClaimToken,
        at: DateTime<Utc>,
        error: &str,
    ) -> Result<bool, StoreError> {
        let bind =
            |query| held(query, id, token).bind(at.timestamp_micros()).bind(error.to_owned());
        Ok(self.written(Repeat::Safe, RETRY, bind).await? == 1)
    }

    async fn postpone(
        &self,
        id: &DeliveryId,
        token: ClaimToken,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let bind = |query| held(query, id, token).bind(at.timestamp_micros());
        Ok(self.written(Repeat::Safe, POSTPONE, bind).await? == 1)
    }

    async fn bury(
        &self,
        id: &DeliveryId,
        token: ClaimToken,
        error: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let bind =
            |query| held(query, id, token).bind(now.timestamp_micros()).bind(error.to_owned());
        Ok(self.written(Repeat::Safe, BURY, bind).await? == 1)
    }

    async fn dead(&self, after: i64, most: usize) -> Result<Vec<DeadLetter>, StoreError> {
        let statement = || sqlx::query(self.tables.sql(DEAD)).bind(after).bind(limit(most));
        let rows = self.connections.rows(Repeat::Safe, statement).await?;
        let row = |row| DeadRow::from_row(row).map_err(store_error);
        rows.iter().map(|letter| dead(row(letter)?)).collect()
    }

    async fn letters(&self, after: i64, most: usize) -> Result<Vec<KeptLetter>, StoreError> {
        let statement = || sqlx::query(self.tables.sql(LETTERS)).bind(after).bind(limit(most));
        let rows = self.connections.rows(Repeat::Safe, statement).await?;
        rows.iter().map(kept_row).collect()
    }

    async fn letter(
        &self,
        id: &DeliveryId,
    ) -> Result<Option<(KeptLetter, VerifiedBody)>, StoreError> {
        let statement = || sqlx::query(self.tables.sql(LETTER)).bind(id.to_string());
        let rows = self.connections.rows(Repeat::Safe, statement).await?;
        let letter = |row| Ok((kept_row(row)?, body(row).map_err(store_error)?));
        rows.first().map(letter).transpose()
    }

    async fn replay(&self, id: &DeliveryId) -> Result<bool, StoreError> {
        let bind = |query: PgQuery<'static>| query.bind(id.to_string());
        Ok(self.written(Repeat::Unsafe, REPLAY, bind).await? == 1)
    }

    async fn replay_all(&self) -> Result<u64, StoreError> {
        self.written(Repeat::Unsafe, REPLAY_ALL, |query| query).await
    }

    async fn discard(&self, id: &DeliveryId) -> Result<bool, StoreError> {
        let bind = |query: PgQuery<'static>| query.bind(id.to_string());
        Ok(self.written(Repeat::Unsafe, DISCARD, bind).await? == 1)
    }

    async fn prune(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let mut forgotten = 0;
        loop {
            let bind = |query: PgQuery<'static>| query.bind(before.timestamp_micros());
            match self.written(Repeat::Unsafe, PRUNE, bind).await? {
                0 => return Ok(forgotten),
                rows => forgotten += rows,
            }
        }
    }

    async fn depth(&self) -> Result<Depth, StoreError> {
        let statement = || sqlx::query(self.tables.sql(DEPTH));
        let rows = self.connections.rows(Repeat::Safe, statement).await?;
        let row = rows.first().ok_or_else(|| store_error(sqlx::Error::RowNotFound))?;
        DepthRow::from_row(row).map(depth).map_err(store_error)
    }
}

/// The letter that somebody has.
fn held(query: PgQuery<'static>, id: &DeliveryId, token: ClaimToken) -> PgQuery<'static> {
    query.bind(id.to_string()).bind(token.as_i64())
}

fn kept_row(row: &PgRow) -> Result<KeptLetter, StoreError> {
    kept(KeptRow::from_row(row).map_err(store_error)?)
}

fn body(row: &PgRow) -> Result<VerifiedBody, sqlx::Error> {
    let (label, body): (String, Vec<u8>) = (row.try_get(10)?, row.try_get(11)?);
    Ok(VerifiedBody::danger_verified_before_storing(body, label))
}
