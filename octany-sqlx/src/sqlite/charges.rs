//! Which charges are made.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::OrderId;
use octany_entitlement::{
    Charge, ChargeIntent, ChargeIntents, ChargePrepared, ClaimToken, OrdersBefore, StoreError,
};
use sqlx::FromRow;

use super::SqliteStore;
use super::error::store_error;
use super::inbox::Query;
use crate::charges::{ChargeRow, PrepareCharge, charge_columns, intent, prepare};
use crate::error::is_duplicate;
use crate::inbox::limit;
use crate::row::lease_end;

/// Returns a row only to the one who prepared it. What else is open on the subscription is in the way
/// of the unique index.
const TAKE: &str = "
    INSERT INTO octany_charges (charge_id, subscription_id, product_id, amount, quantity, vat,
        digest, state, token, begun_at, claimed_until)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?9, ?10)
    ON CONFLICT (charge_id) DO UPDATE SET state = 0, token = excluded.token,
        begun_at = excluded.begun_at, claimed_until = excluded.claimed_until,
        orders_before = NULL, settled_at = NULL
    WHERE octany_charges.digest = excluded.digest AND (octany_charges.state = 3
        OR (octany_charges.state = 0 AND octany_charges.claimed_until <= excluded.begun_at))
    RETURNING 1";

const INTENT: &str =
    concat!("SELECT ", charge_columns!(), " FROM octany_charges WHERE charge_id = ?1");

const OPEN: &str = concat!(
    "SELECT ",
    charge_columns!(),
    " FROM octany_charges WHERE subscription_id = ?1 AND state < 2"
);

const DISPLACE: &str = "
    UPDATE octany_charges SET state = 3, settled_at = ?2
    WHERE charge_id = ?1 AND state = 0 AND claimed_until <= ?2";

/// Who said it may say it again, here and below.
const SENDING: &str = "
    UPDATE octany_charges SET state = 1, orders_before = ?3, claimed_until = ?4
    WHERE charge_id = ?1 AND token = ?2 AND state IN (0, 1)";

/// If the order is another's, it is in the way of the unique index.
const CREATED: &str = "
    UPDATE octany_charges SET state = 2, order_id = ?2, settled_at = coalesce(settled_at, ?3)
    WHERE charge_id = ?1 AND (state IN (1, 4) OR (state = 2 AND order_id = ?2))";

const REFUSED: &str = "
    UPDATE octany_charges SET state = 3, settled_at = ?3
    WHERE charge_id = ?1 AND token = ?2 AND state IN (0, 1, 3)";

const DOUBTED: &str = "
    UPDATE octany_charges SET claimed_until = ?3
    WHERE charge_id = ?1 AND token = ?2 AND state = 1";

const ABANDON: &str = "
    UPDATE octany_charges SET state = 4, settled_at = coalesce(settled_at, ?2)
    WHERE charge_id = ?1 AND (state = 4 OR (state < 2 AND claimed_until <= ?2))";

const MADE_BY: &str = "SELECT charge_id FROM octany_charges WHERE order_id = ?1";

const UNKNOWN: &str = concat!(
    "SELECT ",
    charge_columns!(),
    " FROM octany_charges WHERE state = 1 AND claimed_until <= ?1 ORDER BY claimed_until LIMIT ?2"
);

/// A charge that is to be prepared.
struct Preparing<'a> {
    store: &'a SqliteStore,
    id: &'a str,
    token: ClaimToken,
    now: i64,
    until: i64,
}

impl PrepareCharge for Preparing<'_> {
    async fn take(&self, charge: &Charge) -> Result<bool, StoreError> {
        let session = self.store.database.write().await?;
        let query = sqlx::query(self.store.tables.sql(TAKE))
            .bind(self.id)
            .bind(charge.subscription.as_str())
            .bind(charge.product.as_str())
            .bind(charge.amount)
            .bind(i64::from(charge.quantity))
            .bind(charge.vat.map(|vat| vat.0))
            .bind(charge.digest)
            .bind(self.token.as_i64())
            .bind(self.now)
            .bind(self.until);
        // To the end of the rows, where the commit is.
        match query.fetch_all(session.pool()).await {
            Err(error) if is_duplicate(&error) => Ok(false),
            rows => Ok(!session.answer(rows)?.is_empty()),
        }
    }

    async fn known(&self) -> Result<Option<ChargeIntent>, StoreError> {
        self.store.intent(self.id).await
    }

    async fn open(&self, charge: &Charge) -> Result<Option<ChargeIntent>, StoreError> {
        let subscription = charge.subscription.to_string();
        Ok(self.store.charges(OPEN, |query| query.bind(subscription)).await?.pop())
    }

    async fn displace(&self, left: &str) -> Result<(), StoreError> {
        let left = left.to_owned();
        self.store.written(DISPLACE, |query| query.bind(left).bind(self.now)).await.map(drop)
    }
}

impl SqliteStore {
    async fn charges(
        &self,
        statement: &'static str,
        bind: impl FnOnce(Query) -> Query,
    ) -> Result<Vec<ChargeIntent>, StoreError> {
        let session = self.database.read().await?;
        let rows = bind(sqlx::query(self.tables.sql(statement))).fetch_all(session.pool()).await;
        let rows = session.answer(rows)?;
        rows.iter().map(|row| intent(ChargeRow::from_row(row).map_err(store_error)?)).collect()
    }
}

#[async_trait]
impl ChargeIntents for SqliteStore {
    async fn prepare(
        &self,
        id: &str,
        charge: &Charge,
        now: DateTime<Utc>,
        lease: Duration,
    ) -> Result<ChargePrepared, StoreError> {
        let token = ClaimToken::random();
        let until = lease_end(now, lease).timestamp_micros();
        let preparing = Preparing { store: self, id, token, now: now.timestamp_micros(), until };
        prepare(&preparing, charge, now, token).await
    }

    async fn sending(
        &self,
        id: &str,
        token: ClaimToken,
        before: &OrdersBefore,
        until: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let (before, until) = (before.to_json(), until.timestamp_micros());
        let bind = |query| held(query, id, token).bind(before).bind(until);
        Ok(self.written(SENDING, bind).await? == 1)
    }

    async fn created(
        &self,
        id: &str,
        order: &OrderId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let session = self.database.write().await?;
        let query = sqlx::query(self.tables.sql(CREATED))
            .bind(id)
            .bind(order.as_str())
            .bind(now.timestamp_micros());
        match query.execute(session.pool()).await {
            Err(error) if is_duplicate(&error) => Ok(false),
            done => Ok(session.answer(done)?.rows_affected() == 1),
        }
    }

    async fn refused(
        &self,
        id: &str,
        token: ClaimToken,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let now = now.timestamp_micros();
        Ok(self.written(REFUSED, |query| held(query, id, token).bind(now)).await? == 1)
    }

    async fn doubted(
        &self,
        id: &str,
        token: ClaimToken,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let now = now.timestamp_micros();
        Ok(self.written(DOUBTED, |query| held(query, id, token).bind(now)).await? == 1)
    }

    async fn abandon(&self, id: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let (id, now) = (id.to_owned(), now.timestamp_micros());
        Ok(self.written(ABANDON, |query| query.bind(id).bind(now)).await? == 1)
    }

    async fn intent(&self, id: &str) -> Result<Option<ChargeIntent>, StoreError> {
        let id = id.to_owned();
        Ok(self.charges(INTENT, |query| query.bind(id)).await?.pop())
    }

    async fn made_by(&self, order: &OrderId) -> Result<Option<String>, StoreError> {
        let session = self.database.read().await?;
        let query = sqlx::query_scalar(self.tables.sql(MADE_BY)).bind(order.as_str());
        let id = query.fetch_optional(session.pool()).await;
        session.answer(id)
    }

    async fn unknown(
        &self,
        now: DateTime<Utc>,
        most: usize,
    ) -> Result<Vec<ChargeIntent>, StoreError> {
        let (now, most) = (now.timestamp_micros(), limit(most));
        self.charges(UNKNOWN, |query| query.bind(now).bind(most)).await
    }
}

/// The intent that somebody has.
fn held(query: Query, id: &str, token: ClaimToken) -> Query {
    query.bind(id.to_owned()).bind(token.as_i64())
}
