//! Deliveries that were dealt with, several at once.

use std::sync::Arc;

use octany_entitlement::{ClaimToken, StoreError};
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::connections::{Connections, PgQuery};
use super::error::store_error;
use super::together::Part::{Alone, Failed, Row as Answered};
use super::together::{LongWaits, together};
use crate::group::Work;
use crate::tables::Tables;

/// Who completed a delivery may say so again. A second run finds what the first one completed.
///
/// Rows are locked in the order in which they are claimed: neither waits for the other for ever.
const COMPLETE: &str = "
    WITH columns AS MATERIALIZED (
        SELECT set_config('lock_timeout', coalesce($1, current_setting('lock_timeout')), true),
            $2::text[] AS a, $3::bigint[] AS b, $4::bigint[] AS c
    ), given AS MATERIALIZED (
        SELECT r.* FROM columns, unnest(a, b, c) WITH ORDINALITY AS r (delivery_id, token, now, n)
    ), held AS MATERIALIZED (
        SELECT g.n, g.now, d.delivery_id
        FROM (SELECT * FROM given ORDER BY delivery_id) AS g CROSS JOIN LATERAL (
            SELECT d.delivery_id FROM octany_deliveries AS d
            WHERE d.delivery_id = g.delivery_id AND d.token = g.token LIMIT 1 FOR UPDATE
        ) AS d
    ), completed AS (
        UPDATE octany_deliveries AS d SET completed_at = coalesce(d.completed_at, g.now)
        FROM held AS g WHERE d.delivery_id = g.delivery_id
        RETURNING g.n
    )
    SELECT c.n IS NOT NULL FROM given AS g LEFT JOIN completed AS c ON c.n = g.n ORDER BY g.n";

/// A claim whose delivery was dealt with.
pub(super) struct Completion {
    pub(super) delivery: String,
    pub(super) token: ClaimToken,
    pub(super) now: i64,
}

/// Marks deliveries as dealt with.
pub(super) struct Complete {
    connections: Arc<Connections>,
    tables: Tables,
    long_waits: LongWaits,
}

impl Complete {
    pub(super) fn new(connections: &Arc<Connections>, tables: &Tables) -> Self {
        let long_waits = LongWaits::new(connections);
        Self { connections: Arc::clone(connections), tables: tables.clone(), long_waits }
    }
}

impl Work for Complete {
    type Call = Completion;
    type Answer = bool;
    const AT_ONCE: usize = 2;

    fn keys(completion: &Completion) -> [Option<&str>; 2] {
        [Some(&completion.delivery), None]
    }

    async fn together(&self, completions: &[&Completion]) -> Vec<Option<Result<bool, StoreError>>> {
        let statement = |patience| complete(&self.tables, patience, completions);
        let answer = |part| match part {
            Alone => None,
            Failed(error) => Some(Err(error)),
            Answered(row) => Some(was_held(&row)),
        };
        let parts = together(&self.connections, completions.len(), statement).await;
        parts.into_iter().map(answer).collect()
    }

    async fn alone(&self, completion: &Completion) -> Result<bool, StoreError> {
        let completions = [completion];
        let statement = |patience| complete(&self.tables, patience, &completions);
        let rows = self.long_waits.rows(&self.connections, statement).await?;
        rows.first().map_or(Ok(false), was_held)
    }
}

fn complete<'q>(
    tables: &Tables,
    patience: Option<&'q str>,
    completions: &[&'q Completion],
) -> PgQuery<'q> {
    let deliveries: Vec<_> = completions.iter().map(|it| it.delivery.as_str()).collect();
    let tokens: Vec<_> = completions.iter().map(|it| it.token.as_i64()).collect();
    let nows: Vec<_> = completions.iter().map(|it| it.now).collect();
    sqlx::query(tables.sql(COMPLETE)).bind(patience).bind(deliveries).bind(tokens).bind(nows)
}

fn was_held(row: &PgRow) -> Result<bool, StoreError> {
    row.try_get(0).map_err(store_error)
}
