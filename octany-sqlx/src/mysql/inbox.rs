//! Deliveries that are handled in the background.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::DeliveryId;
use octany_core::signature::VerifiedBody;
use octany_entitlement::{
    ClaimToken, Claimed, DeadLetter, Depth, InboxStore, KeptLetter, Letter, Put, StoreError,
};
use sqlx::mysql::MySqlRow;
use sqlx::{FromRow, MySql, Row};

use super::MySqlStore;
use super::connections::Repeat;
use super::error::store_error;
use super::text::{bytes, key_bytes, long_bytes, text, text_if_any};
use crate::connections::Statement;
use crate::inbox::{DeadRow, DepthRow, dead, dead_columns, depth, kept, kept_columns, limit};
use crate::row::lease_end;

/// The answer leaves the statement as its "last insert id": 0 of one that is known, and else the
/// row's own number. A second run finds the letter that the first one stored. It is as well known.
const PUT: &str = "
    INSERT INTO octany_inbox (delivery_id, letter_key, event_name, version, received_at,
        secret_label, `body`, state, due_at, token, attempts)
    VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, 0, 0)
    ON DUPLICATE KEY UPDATE token = IF(0 = LAST_INSERT_ID(0 * arrival), token, token)";

const KNOWN: u64 = 0;

const EXTEND: &str = "
    UPDATE octany_inbox SET due_at = ? WHERE delivery_id = ? AND token = ? AND state = 1";

/// Who settled a letter may say so again, here and below.
const DONE: &str = "
    UPDATE octany_inbox SET settled_at = COALESCE(settled_at, ?), state = 3
    WHERE delivery_id = ? AND token = ? AND state IN (1, 3)";

/// The state is assigned last: what comes before it depends on what it was.
const RETRY: &str = "
    UPDATE octany_inbox
    SET attempts = attempts + IF(state = 1, 1, 0), last_error = ?, due_at = ?, state = 0
    WHERE delivery_id = ? AND token = ? AND (state = 1 OR (state = 0 AND due_at = ?))";

const POSTPONE: &str = "
    UPDATE octany_inbox SET due_at = ?, state = 0
    WHERE delivery_id = ? AND token = ? AND (state = 1 OR (state = 0 AND due_at = ?))";

/// It is due from now on, for when it is replayed.
const BURY: &str = "
    UPDATE octany_inbox
    SET attempts = attempts + IF(state = 1, 1, 0), last_error = ?, due_at = ?,
        settled_at = COALESCE(settled_at, ?), state = 2
    WHERE delivery_id = ? AND token = ? AND state IN (1, 2)";

const DEAD: &str = concat!(
    "SELECT ",
    dead_columns!(),
    " FROM octany_inbox FORCE INDEX (octany_inbox_done)
    WHERE state = 2 AND arrival > ? ORDER BY arrival LIMIT ?"
);

const LETTERS: &str = concat!(
    "SELECT ",
    kept_columns!("state"),
    " FROM octany_inbox FORCE INDEX (octany_inbox_due)
    WHERE state IN (0, 1, 2) AND arrival > ? ORDER BY arrival LIMIT ?"
);

const LETTER: &str = concat!(
    "SELECT ",
    kept_columns!("state"),
    ", secret_label, `body` FROM octany_inbox WHERE delivery_id = ?"
);

const REPLAY: &str = "
    UPDATE octany_inbox SET attempts = 0, settled_at = NULL, state = 0
    WHERE delivery_id = ? AND state = 2";

const REPLAY_ALL: &str = "
    UPDATE octany_inbox FORCE INDEX (octany_inbox_done)
    SET attempts = 0, settled_at = NULL, state = 0 WHERE state = 2";

const DISCARD: &str = "UPDATE octany_inbox SET state = 3 WHERE delivery_id = ? AND state = 2";

/// In portions, so that no statement takes long.
const PRUNE: &str = "
    DELETE FROM octany_inbox WHERE state = 3 AND settled_at < ?
    ORDER BY state, settled_at LIMIT 1000";

const DEPTH: &str = "
    SELECT (SELECT COUNT(*) FROM octany_inbox WHERE state = 0),
        (SELECT COUNT(*) FROM octany_inbox WHERE state = 1),
        (SELECT COUNT(*) FROM octany_inbox WHERE state = 2)";

impl MySqlStore {
    /// How many rows a statement found. sqlx asks for those, written or not.
    pub(super) async fn found<'q>(
        &self,
        repeat: Repeat,
        statement: impl Fn() -> Statement<'q, MySql> + Send + Sync,
    ) -> Result<u64, StoreError> {
        Ok(self.connections.answer(repeat, statement).await?.done.rows_affected())
    }
}

#[async_trait]
impl InboxStore for MySqlStore {
    /// A letter whose id, label, key or event is too long for its column is rejected.
    async fn put(&self, letter: &Letter) -> Result<Put, StoreError> {
        let (id, key) = (bytes(letter.id.as_str())?, key_bytes(&letter.key)?);
        let event = long_bytes(&letter.event)?;
        let label = bytes(letter.body.secret_label())?;
        let received_at = letter.received_at.timestamp_micros();
        let statement = || {
            sqlx::query(self.tables.sql(PUT))
                .bind(id)
                .bind(key)
                .bind(event)
                .bind(letter.version.as_i64())
                .bind(received_at)
                .bind(label)
                .bind(&letter.body.bytes()[..])
                .bind(received_at)
        };
        let answer = self.connections.answer(Repeat::Safe, statement).await?;
        Ok(match answer.done.last_insert_id() {
            KNOWN => Put::Known,
            _ => Put::Stored,
        })
    }

    /// At most 64 at once. It finds them without a lock, gives them out in one statement that decides
    /// anew, and reads what it has given out.
    async fn claim(
        &self,
        now: DateTime<Utc>,
        lease: Duration,
        most: usize,
    ) -> Result<Vec<Claimed>, StoreError> {
        let until = lease_end(now, lease).timestamp_micros();
        self.give_out(now.timestamp_micros(), until, most).await
    }

    async fn extend(
        &self,
        id: &DeliveryId,
        token: ClaimToken,
        until: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let (id, token, until) = (bytes(id.as_str())?, token.as_i64(), until.timestamp_micros());
        let statement = || sqlx::query(self.tables.sql(EXTEND)).bind(until).bind(id).bind(token);
        Ok(self.found(Repeat::Safe, statement).await? == 1)
    }

    async fn done(
        &self,
        id: &DeliveryId,
        token: ClaimToken,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let (id, token, now) = (bytes(id.as_str())?, token.as_i64(), now.timestamp_micros());
        let statement = || sqlx::query(self.tables.sql(DONE)).bind(now).bind(id).bind(token);
        Ok(self.found(Repeat::Safe, statement).await? == 1)
    }

    async fn retry(
        &self,
        id: &DeliveryId,
        token: ClaimToken,
        at: DateTime<Utc>,
        error: &str,
    ) -> Result<bool, StoreError> {
        let (id, token, at) = (bytes(id.as_str())?, token.as_i64(), at.timestamp_micros());
        let error = long_bytes(error)?;
        let statement = || {
            sqlx::query(self.tables.sql(RETRY)).bind(error).bind(at).bind(id).bind(token).bind(at)
        };
        Ok(self.found(Repeat::Safe, statement).await? == 1)
    }

    async fn postpone(
        &self,
        id: &DeliveryId,
        token: ClaimToken,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let (id, token, at) = (bytes(id.as_str())?, token.as_i64(), at.timestamp_micros());
        let statement =
            || sqlx::query(self.tables.sql(POSTPONE)).bind(at).bind(id).bind(token).bind(at);
        Ok(self.found(Repeat::Safe, statement).await? == 1)
    }

    async fn bury(
        &self,
        id: &DeliveryId,
        token: ClaimToken,
        error: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let (id, token, now) = (bytes(id.as_str())?, token.as_i64(), now.timestamp_micros());
        let error = long_bytes(error)?;
        let statement = || {
            sqlx::query(self.tables.sql(BURY)).bind(error).bind(now).bind(now).bind(id).bind(token)
        };
        Ok(self.found(Repeat::Safe, statement).await? == 1)
    }

    async fn dead(&self, after: i64, most: usize) -> Result<Vec<DeadLetter>, StoreError> {
        let statement = || sqlx::query(self.tables.sql(DEAD)).bind(after).bind(limit(most));
        let rows = self.connections.rows(Repeat::Safe, statement).await?;
        rows.iter().map(|row| dead(dead_row(row)?)).collect()
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
        let id = bytes(id.as_str())?;
        let statement = || sqlx::query(self.tables.sql(LETTER)).bind(id);
        let rows = self.connections.rows(Repeat::Safe, statement).await?;
        rows.first().map(|row| Ok((kept_row(row)?, body(row)?))).transpose()
    }

    async fn replay(&self, id: &DeliveryId) -> Result<bool, StoreError> {
        let id = bytes(id.as_str())?;
        let statement = || sqlx::query(self.tables.sql(REPLAY)).bind(id);
        Ok(self.found(Repeat::Unsafe, statement).await? == 1)
    }

    async fn replay_all(&self) -> Result<u64, StoreError> {
        self.found(Repeat::Unsafe, || sqlx::query(self.tables.sql(REPLAY_ALL))).await
    }

    async fn discard(&self, id: &DeliveryId) -> Result<bool, StoreError> {
        let id = bytes(id.as_str())?;
        let statement = || sqlx::query(self.tables.sql(DISCARD)).bind(id);
        Ok(self.found(Repeat::Unsafe, statement).await? == 1)
    }

    async fn prune(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let (before, mut forgotten) = (before.timestamp_micros(), 0);
        let statement = || sqlx::query(self.tables.sql(PRUNE)).bind(before);
        loop {
            match self.found(Repeat::Unsafe, statement).await? {
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

fn dead_row(row: &MySqlRow) -> Result<DeadRow, StoreError> {
    let number = |column: usize| row.try_get(column).map_err(store_error);
    let words = |column| text(row, column).map(str::to_owned);
    // To some modes, an empty text is none.
    let error = text_if_any(row, 7)?.unwrap_or_default().to_owned();
    let (arrival, received_at, died_at, attempts) =
        (number(0)?, number(4)?, number(5)?, number(6)?);
    Ok((arrival, words(1)?, words(2)?, words(3)?, received_at, died_at, attempts, error))
}

fn kept_row(row: &MySqlRow) -> Result<KeptLetter, StoreError> {
    let number = |column: usize| row.try_get(column).map_err(store_error);
    let words = |column| text(row, column).map(str::to_owned);
    let settled_at: Option<i64> = row.try_get(7).map_err(store_error)?;
    let error = text_if_any(row, 9)?.unwrap_or_default().to_owned();
    let (state, due_at, attempts) = (number(5)?, number(6)?, number(8)?);
    let (id, key, event) = (words(1)?, words(2)?, words(3)?);
    kept((number(0)?, id, key, event, number(4)?, state, due_at, settled_at, attempts, error))
}

fn body(row: &MySqlRow) -> Result<VerifiedBody, StoreError> {
    let label = text(row, 10)?;
    let body: Option<Vec<u8>> = row.try_get(11).map_err(store_error)?;
    Ok(VerifiedBody::danger_verified_before_storing(body.unwrap_or_default(), label))
}
