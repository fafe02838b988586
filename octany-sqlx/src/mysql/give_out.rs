//! Which letters are given out.

use octany_entitlement::{ClaimToken, Claimed, StoreError};
use sqlx::mysql::MySqlRow;
use sqlx::{MySql, Row};

use super::MySqlStore;
use super::connections::Repeat;
use super::error::store_error;
use super::text::text;
use crate::connections::Statement;
use crate::error::is_duplicate;
use crate::inbox::{LetterRow, all_claimed, limit};

/// How many letters are given out at once at the most.
const MOST: usize = 64;

/// One for each of [`MOST`].
macro_rules! arrivals {
    () => {
        "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, \
         ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    };
}

/// Of each key the one that ran when its lease ended, which was an attempt, and else the first that
/// waits. It locks nothing, so who finds nothing is in nobody's way.
const HEADS: &str = "
    SELECT arrival FROM (
        (SELECT i.due_at, i.arrival FROM octany_inbox AS i FORCE INDEX (octany_inbox_due)
            WHERE i.state = 1 AND i.due_at <= ? ORDER BY i.due_at, i.arrival LIMIT ?)
        UNION ALL
        (SELECT i.due_at, i.arrival FROM octany_inbox AS i FORCE INDEX (octany_inbox_due)
            WHERE i.state = 0 AND i.due_at <= ?
                AND NOT EXISTS (
                    SELECT 1 FROM octany_inbox AS running WHERE running.running_key = i.letter_key)
                AND i.arrival = (
                    SELECT head.arrival FROM octany_inbox AS head FORCE INDEX (octany_inbox_order)
                    WHERE head.letter_key = i.letter_key AND head.state = 0
                    ORDER BY head.version, head.arrival LIMIT 1)
            ORDER BY i.due_at, i.arrival LIMIT ?)
    ) AS heads
    ORDER BY due_at, arrival LIMIT ?";

/// Decides against the rows as they are once nobody else writes them, whatever happened since they
/// were found. What of one key runs already is known to the unique index, which has the last word.
///
/// The rows come in the order of their primary key, so that two calls do not wait for each other.
const GIVE_OUT: &str = concat!(
    "UPDATE octany_inbox AS i FORCE INDEX (PRIMARY)
    LEFT JOIN octany_inbox AS earlier FORCE INDEX (octany_inbox_order)
        ON i.state = 0 AND earlier.letter_key = i.letter_key AND earlier.state = 0
            AND (earlier.version < i.version
                OR (earlier.version = i.version AND earlier.arrival < i.arrival))
    SET i.token = ?, i.due_at = ?, i.attempts = i.attempts + IF(i.state = 1, 1, 0), i.state = 1
    WHERE i.due_at <= ? AND i.state IN (0, 1) AND earlier.arrival IS NULL AND i.arrival IN ",
    arrivals!()
);

/// The columns of a [`LetterRow`], in its order. One of them is a word of its own to MariaDB's `ORACLE`
/// mode.
const GIVEN_OUT: &str = concat!(
    "SELECT delivery_id, letter_key, event_name, version, received_at, secret_label, `body`, attempts
    FROM octany_inbox FORCE INDEX (PRIMARY) WHERE token = ? AND state = 1 AND arrival IN ",
    arrivals!()
);

/// How often others may be faster in a row.
const CONFLICTS: usize = 16;

impl MySqlStore {
    /// Gives letters out until an instant.
    ///
    /// Each step may be repeated: what an earlier run gave out, the last step finds by its token.
    pub(super) async fn give_out(
        &self,
        now: i64,
        until: i64,
        most: usize,
    ) -> Result<Vec<Claimed>, StoreError> {
        let token = ClaimToken::random();
        for _ in 0..CONFLICTS {
            let heads = self.heads(now, most.min(MOST)).await?;
            if heads.is_empty() {
                break;
            }
            let statement = || {
                let query = sqlx::query(self.tables.sql(GIVE_OUT));
                of(&heads, query.bind(token.as_i64()).bind(until).bind(now))
            };
            match self.connections.try_answer(Repeat::Safe, statement).await {
                // One of the same key was given out by another call meanwhile.
                Err(error) if !is_duplicate(&error) => return Err(store_error(error)),
                _ => {}
            }
            let statement =
                || of(&heads, sqlx::query(self.tables.sql(GIVEN_OUT)).bind(token.as_i64()));
            let rows = self.connections.rows(Repeat::Safe, statement).await?;
            if !rows.is_empty() {
                return all_claimed(rows.iter().map(letter), token);
            }
        }
        Ok(Vec::new())
    }

    async fn heads(&self, now: i64, most: usize) -> Result<Vec<i64>, StoreError> {
        let most = limit(most);
        let statement = || {
            let query = sqlx::query(self.tables.sql(HEADS));
            query.bind(now).bind(most).bind(now).bind(most).bind(most)
        };
        let rows = self.connections.rows(Repeat::Safe, statement).await?;
        rows.iter().map(|row| row.try_get(0).map_err(store_error)).collect()
    }
}

/// The last one stands for those that there are not.
fn of<'q>(heads: &[i64], query: Statement<'q, MySql>) -> Statement<'q, MySql> {
    let last = heads.last().copied().unwrap_or_default();
    let all = heads.iter().copied().chain(std::iter::repeat(last));
    all.take(MOST).fold(query, Statement::bind)
}

fn letter(row: &MySqlRow) -> Result<LetterRow, StoreError> {
    let number = |column: usize| row.try_get(column).map_err(store_error);
    let words = |column| text(row, column).map(str::to_owned);
    let body: Option<_> = row.try_get(6).map_err(store_error)?;
    let (version, received_at, attempts) = (number(3)?, number(4)?, number(7)?);
    Ok((
        words(0)?,
        words(1)?,
        words(2)?,
        version,
        received_at,
        words(5)?,
        body.unwrap_or_default(),
        attempts,
    ))
}
