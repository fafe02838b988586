//! Deliveries and reports, several at once.

use std::sync::Arc;

use octany_entitlement::{Claim, StoreError};
use sqlx::Row;
use sqlx::postgres::{PgConnection, PgRow};

use super::connections::{Connections, PgQuery};
use super::error::store_error;
use super::together::Part::{Alone, Failed, Row as Answered};
use super::together::{LongWaits, together};
use crate::entry::{Delivery, Entry, Outcome};
use crate::group::Work;
use crate::row::{applied, claimed};
use crate::tables::Tables;

/// What an upsert does with a report where there is one: newest wins, and of a tie the later one.
macro_rules! newest_wins {
    () => {
        "ON CONFLICT (subscription_id) DO UPDATE SET
            reference_id = excluded.reference_id,
            product_id = excluded.product_id,
            status = excluded.status,
            renews_at = excluded.renews_at,
            ends_at = excluded.ends_at,
            trial_ends_at = excluded.trial_ends_at,
            version = excluded.version,
            digest = excluded.digest,
            contested = excluded.contested OR excluded.version = s.version,
            resource = excluded.resource,
            revision = s.revision + 1,
            ties = CASE WHEN excluded.version = s.version THEN s.ties + 1 ELSE 0 END
        WHERE excluded.version > s.version
            OR (excluded.version = s.version AND excluded.digest <> s.digest)"
    };
}

/// `dealt` and `known` are rows as they were when the statement began. What was completed by then,
/// or is newer, stays so: nothing is locked or written for it.
///
/// Anything else is decided by the upserts, against the rows as they are once nobody else writes
/// them. `claimed` has those deliveries whose claim was got, those included that are under the
/// caller's own token: that of a first run whose answer was lost. `written` has those reports that
/// were written, and tells which write it was: the first of its subscription (`revision`), or one of
/// the same version (`ties`). A report that comes with a delivery is written if the claim was got.
///
/// Where nothing was written, `dealt` and `known` say why. They do not if the row that stood in the
/// way came after the statement began.
///
/// `LATERAL … LIMIT 1` keeps the planner to the primary key while it knows nothing of a table yet
/// that has grown.
/// An array that is a parameter would be planned for anew at each run, by how long it is; one that is
/// a column is not.
///
/// The order of rows is the order of locks: two of these do not wait for each other.
const TAKE_IN: &str = concat!(
    "
    WITH columns AS MATERIALIZED (
        SELECT set_config('lock_timeout', coalesce($1, current_setting('lock_timeout')), true),
            $2::text[] AS a, $3::bigint[] AS b, $4::bigint[] AS c, $5::bigint[] AS d,
            $6::text[] AS e, $7::text[] AS f, $8::text[] AS g, $9::text[] AS h,
            $10::bigint[] AS i, $11::bigint[] AS j, $12::bigint[] AS k, $13::bigint[] AS l,
            $14::bigint[] AS m, $15::boolean[] AS o, $16::text[] AS p
    ), given AS MATERIALIZED (
        SELECT r.* FROM columns, unnest(a, b, c, d, e, f, g, h, i, j, k, l, m, o, p)
            WITH ORDINALITY AS r (delivery_id, token, now, until, subscription_id, reference_id,
                product_id, status, renews_at, ends_at, trial_ends_at, version, digest, contested,
                resource, n)
    ), dealt AS (
        SELECT g.n, d.claimed_until, d.completed_at
        FROM given AS g CROSS JOIN LATERAL (
            SELECT * FROM octany_deliveries AS d WHERE d.delivery_id = g.delivery_id LIMIT 1
        ) AS d
    ), claimed AS (
        INSERT INTO octany_deliveries AS d (delivery_id, token, claimed_until, completed_at)
        SELECT g.delivery_id, g.token, g.until, NULL
        FROM given AS g LEFT JOIN dealt ON dealt.n = g.n
        WHERE g.delivery_id IS NOT NULL AND dealt.completed_at IS NULL
        ORDER BY g.delivery_id
        ON CONFLICT (delivery_id) DO UPDATE SET
            token = excluded.token,
            claimed_until = excluded.claimed_until
        WHERE d.completed_at IS NULL AND (d.token = excluded.token OR d.claimed_until <= (
            SELECT g.now FROM given AS g WHERE g.delivery_id = excluded.delivery_id))
        RETURNING delivery_id
    ), known AS (
        SELECT g.n, s.version, s.digest
        FROM given AS g CROSS JOIN LATERAL (
            SELECT * FROM octany_subscriptions AS s
            WHERE s.subscription_id = g.subscription_id LIMIT 1
        ) AS s
    ), written AS (
        INSERT INTO octany_subscriptions AS s (subscription_id, reference_id, product_id, status,
            renews_at, ends_at, trial_ends_at, version, digest, contested, resource, revision, ties)
        SELECT g.subscription_id, g.reference_id, g.product_id, g.status, g.renews_at, g.ends_at,
            g.trial_ends_at, g.version, g.digest, g.contested, g.resource, 1, 0
        FROM given AS g LEFT JOIN known ON known.n = g.n
        WHERE g.subscription_id IS NOT NULL
            AND (g.delivery_id IS NULL OR EXISTS (
                SELECT FROM claimed AS c WHERE c.delivery_id = g.delivery_id))
            AND (known.n IS NULL OR known.version < g.version
                OR (known.version = g.version AND known.digest <> g.digest))
        ORDER BY g.subscription_id
        ",
    newest_wins!(),
    "
        RETURNING subscription_id, revision, ties
    )
    SELECT c.delivery_id IS NOT NULL, dealt.claimed_until, dealt.completed_at,
        CASE WHEN w.subscription_id IS NOT NULL THEN w.revision ELSE 0 END,
        CASE WHEN w.subscription_id IS NOT NULL THEN w.ties
            WHEN known.version > g.version THEN 1
            WHEN known.version = g.version AND known.digest = g.digest THEN 0 END
    FROM given AS g
    LEFT JOIN dealt ON dealt.n = g.n
    LEFT JOIN claimed AS c ON c.delivery_id = g.delivery_id
    LEFT JOIN known ON known.n = g.n
    LEFT JOIN written AS w ON w.subscription_id = g.subscription_id
    ORDER BY g.n"
);

/// One delivery that comes for the first time, with a report that is news: the usual case. It answers
/// with no row if it is anything else, and wrote nothing, for [`TAKE_ONE_IN`] to say what; unless it was
/// news until somebody else wrote the same row meanwhile, when the claim is there for it.
const TAKE_NEWS_IN: &str = concat!(
    "
    WITH patience AS MATERIALIZED (
        SELECT set_config('lock_timeout', coalesce($1, current_setting('lock_timeout')), true)
    ), claimed AS (
        INSERT INTO octany_deliveries AS d (delivery_id, token, claimed_until, completed_at)
        SELECT $2, $3, $5, NULL FROM patience
        WHERE $2 IS NOT NULL AND NOT EXISTS (
            SELECT FROM octany_deliveries WHERE delivery_id = $2 AND completed_at IS NOT NULL)
        AND NOT EXISTS (
            SELECT FROM octany_subscriptions WHERE subscription_id = $6
            AND (version > $13 OR (version = $13 AND digest = $14)))
        ON CONFLICT (delivery_id) DO UPDATE SET
            token = excluded.token,
            claimed_until = excluded.claimed_until
        WHERE d.completed_at IS NULL AND (d.token = excluded.token OR d.claimed_until <= $4)
        RETURNING 1
    )
    INSERT INTO octany_subscriptions AS s (subscription_id, reference_id, product_id, status,
        renews_at, ends_at, trial_ends_at, version, digest, contested, resource, revision, ties)
    SELECT $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 1, 0 FROM patience
    WHERE $2 IS NULL OR EXISTS (SELECT FROM claimed)
    ",
    newest_wins!(),
    "
    RETURNING $2 IS NOT NULL, NULL::bigint, NULL::bigint, revision, ties"
);

/// The same for one entry.
const TAKE_ONE_IN: &str = concat!(
    "
    WITH patience AS MATERIALIZED (
        SELECT set_config('lock_timeout', coalesce($1, current_setting('lock_timeout')), true)
    ), dealt AS MATERIALIZED (
        SELECT d.claimed_until, d.completed_at
        FROM patience, octany_deliveries AS d WHERE d.delivery_id = $2
    ), claimed AS (
        INSERT INTO octany_deliveries AS d (delivery_id, token, claimed_until, completed_at)
        SELECT $2, $3, $5, NULL FROM patience
        WHERE $2 IS NOT NULL AND NOT EXISTS (SELECT FROM dealt WHERE completed_at IS NOT NULL)
        ON CONFLICT (delivery_id) DO UPDATE SET
            token = excluded.token,
            claimed_until = excluded.claimed_until
        WHERE d.completed_at IS NULL AND (d.token = excluded.token OR d.claimed_until <= $4)
        RETURNING 1
    ), known AS MATERIALIZED (
        SELECT s.version, s.digest FROM octany_subscriptions AS s WHERE s.subscription_id = $6
    ), written AS (
        INSERT INTO octany_subscriptions AS s (subscription_id, reference_id, product_id, status,
            renews_at, ends_at, trial_ends_at, version, digest, contested, resource, revision, ties)
        SELECT $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 1, 0 FROM patience
        WHERE $6 IS NOT NULL AND ($2 IS NULL OR EXISTS (SELECT FROM claimed))
            AND NOT EXISTS (SELECT FROM known WHERE version > $13 OR (version = $13 AND digest = $14))
        ",
    newest_wins!(),
    "
        RETURNING revision, ties
    )
    SELECT EXISTS (SELECT FROM claimed), dealt.claimed_until, dealt.completed_at,
        coalesce(w.revision, 0),
        CASE WHEN w.revision IS NOT NULL THEN w.ties
            WHEN known.version > $13 THEN 1
            WHEN known.version = $13 AND known.digest = $14 THEN 0 END
    FROM patience LEFT JOIN dealt ON true LEFT JOIN known ON true LEFT JOIN written AS w ON true"
);

/// How often an entry is tried again whose rows somebody else wrote while it was tried.
const TRIES: usize = 8;

#[derive(Debug, thiserror::Error)]
#[error("others wrote the same rows, again and again")]
struct Crowded;

/// Takes entries in.
pub(super) struct TakeIn {
    connections: Arc<Connections>,
    tables: Tables,
    long_waits: LongWaits,
}

impl TakeIn {
    pub(super) fn new(connections: &Arc<Connections>, tables: &Tables) -> Self {
        let long_waits = LongWaits::new(connections);
        Self { connections: Arc::clone(connections), tables: tables.clone(), long_waits }
    }
}

impl Work for TakeIn {
    type Call = Entry;
    type Answer = Outcome;
    const AT_ONCE: usize = 2;

    fn keys(entry: &Entry) -> [Option<&str>; 2] {
        let delivery = entry.delivery.as_ref().map(|delivery| delivery.id.as_str());
        [delivery, entry.report.as_ref().map(|report| report.subscription.as_str())]
    }

    async fn together(&self, entries: &[&Entry]) -> Vec<Option<Result<Outcome, StoreError>>> {
        let statement = |patience| match entries {
            [entry] if entry.report.is_some() => {
                take_one_in(TAKE_NEWS_IN, &self.tables, patience, entry)
            }
            entries => take_in(&self.tables, patience, entries),
        };
        let answers = together(&self.connections, entries.len(), statement).await;
        let outcome = |(row, entry): (_, &&Entry)| match row {
            Alone => None,
            Failed(error) => Some(Err(error)),
            Answered(row) => outcome(entry, &row).transpose(),
        };
        answers.into_iter().zip(entries).map(outcome).collect()
    }

    async fn alone(&self, entry: &Entry) -> Result<Outcome, StoreError> {
        let entries = [entry];
        for _ in 0..TRIES {
            let statement = |patience| take_in(&self.tables, patience, &entries);
            let rows = self.long_waits.rows(&self.connections, statement).await?;
            if let Some(outcome) = of_one(entry, &rows)? {
                return Ok(outcome);
            }
        }
        Err(StoreError::unavailable(Crowded))
    }
}

/// Takes an entry in on a connection of the app's.
pub(super) async fn take_in_on(
    connection: &mut PgConnection,
    tables: &Tables,
    entry: &Entry,
) -> Result<Outcome, StoreError> {
    for _ in 0..TRIES {
        let rows = take_in(tables, None, &[entry]).fetch_all(&mut *connection).await;
        if let Some(outcome) = of_one(entry, &rows.map_err(store_error)?)? {
            return Ok(outcome);
        }
    }
    Err(StoreError::unavailable(Crowded))
}

/// The statement, which waits for locks for `patience`, or as long as the connection has it.
fn take_in<'q>(tables: &Tables, patience: Option<&'q str>, entries: &[&'q Entry]) -> PgQuery<'q> {
    if let [entry] = entries {
        return take_one_in(TAKE_ONE_IN, tables, patience, entry);
    }
    let deliveries: Vec<_> = entries.iter().map(|entry| entry.delivery.as_ref()).collect();
    let reports: Vec<_> = entries.iter().map(|entry| entry.report.as_ref()).collect();
    sqlx::query(tables.sql(TAKE_IN))
        .bind(patience)
        .bind(column(&deliveries, |delivery| Some(delivery.id.as_str())))
        .bind(column(&deliveries, |delivery| Some(delivery.token.as_i64())))
        .bind(column(&deliveries, |delivery| Some(delivery.now)))
        .bind(column(&deliveries, |delivery| Some(delivery.until)))
        .bind(column(&reports, |report| Some(report.subscription.as_str())))
        .bind(column(&reports, |report| report.reference.as_deref()))
        .bind(column(&reports, |report| report.product.as_deref()))
        .bind(column(&reports, |report| Some(report.status.as_str())))
        .bind(column(&reports, |report| report.renews_at))
        .bind(column(&reports, |report| report.ends_at))
        .bind(column(&reports, |report| report.trial_ends_at))
        .bind(column(&reports, |report| Some(report.version)))
        .bind(column(&reports, |report| Some(report.digest)))
        .bind(column(&reports, |report| Some(report.contested)))
        .bind(column(&reports, |report| report.resource.as_deref()))
}

fn column<'q, P, T>(
    parts: &[Option<&'q P>],
    member: impl Fn(&'q P) -> Option<T>,
) -> Vec<Option<T>> {
    parts.iter().map(|part| part.and_then(&member)).collect()
}

fn take_one_in<'q>(
    sql: &'static str,
    tables: &Tables,
    patience: Option<&'q str>,
    entry: &'q Entry,
) -> PgQuery<'q> {
    let (delivery, report) = (entry.delivery.as_ref(), entry.report.as_ref());
    sqlx::query(tables.sql(sql))
        .bind(patience)
        .bind(delivery.map(|delivery| delivery.id.as_str()))
        .bind(delivery.map(|delivery| delivery.token.as_i64()))
        .bind(delivery.map(|delivery| delivery.now))
        .bind(delivery.map(|delivery| delivery.until))
        .bind(report.map(|report| report.subscription.as_str()))
        .bind(report.and_then(|report| report.reference.as_deref()))
        .bind(report.and_then(|report| report.product.as_deref()))
        .bind(report.map(|report| report.status.as_str()))
        .bind(report.and_then(|report| report.renews_at))
        .bind(report.and_then(|report| report.ends_at))
        .bind(report.and_then(|report| report.trial_ends_at))
        .bind(report.map(|report| report.version))
        .bind(report.map(|report| report.digest))
        .bind(report.map(|report| report.contested))
        .bind(report.and_then(|report| report.resource.as_deref()))
}

fn of_one(entry: &Entry, rows: &[PgRow]) -> Result<Option<Outcome>, StoreError> {
    rows.first().map_or(Ok(None), |row| outcome(entry, row))
}

/// What a row says of its entry; `None` if somebody else wrote what stood in the way meanwhile.
fn outcome(entry: &Entry, row: &PgRow) -> Result<Option<Outcome>, StoreError> {
    let mut outcome = Outcome { claim: None, applied: None };
    if let Some(delivery) = &entry.delivery {
        let Some(claim) = claim_of(delivery, row)? else { return Ok(None) };
        outcome.claim = Some(claim);
        if !matches!(claim, Claim::Fresh(_)) {
            return Ok(Some(outcome));
        }
    }
    if entry.report.is_some() {
        let revision = row.try_get(3).map_err(store_error)?;
        let ties_or_newer: Option<i64> = row.try_get(4).map_err(store_error)?;
        let Some(ties_or_newer) = ties_or_newer else { return Ok(None) };
        outcome.applied = Some(applied(revision, ties_or_newer));
    }
    Ok(Some(outcome))
}

fn claim_of(delivery: &Delivery, row: &PgRow) -> Result<Option<Claim>, StoreError> {
    let fresh: bool = row.try_get(0).map_err(store_error)?;
    let until: Option<i64> = row.try_get(1).map_err(store_error)?;
    let completed: Option<i64> = row.try_get(2).map_err(store_error)?;
    let said = fresh || completed.is_some() || until.is_some_and(|until| until > delivery.now);
    said.then(|| claimed(fresh, until.unwrap_or_default(), completed, delivery.token)).transpose()
}
