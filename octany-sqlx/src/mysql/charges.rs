//! Which charges are made.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::OrderId;
use octany_entitlement::{
    Charge, ChargeIntent, ChargeIntents, ChargePrepared, ClaimToken, OrdersBefore, StoreError,
};
use sqlx::mysql::MySqlRow;
use sqlx::{MySql, Row};

use super::MySqlStore;
use super::connections::Repeat;
use super::error::store_error;
use super::text::{bytes, text, text_if_any};
use crate::charges::{ChargeRow, PrepareCharge, charge_columns, intent, prepare};
use crate::connections::Statement;
use crate::error::is_duplicate;
use crate::inbox::limit;
use crate::row::lease_end;

/// What is open on the subscription, or has this id, is in the way of a unique index.
const INSERT: &str = "
    INSERT INTO octany_charges (charge_id, subscription_id, product_id, amount, quantity, vat,
        digest, state, token, begun_at, claimed_until)
    VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)";

/// One under the caller's own token is the caller's: that of a first run whose answer was lost.
const TAKE_UP: &str = "
    UPDATE octany_charges
    SET token = ?, begun_at = ?, claimed_until = ?, orders_before = NULL, settled_at = NULL, state = 0
    WHERE charge_id = ? AND digest = ?
        AND (state = 3 OR (state = 0 AND (claimed_until <= ? OR token = ?)))";

const INTENT: &str =
    concat!("SELECT ", charge_columns!(), " FROM octany_charges WHERE charge_id = ?");

const OPEN: &str =
    concat!("SELECT ", charge_columns!(), " FROM octany_charges WHERE open_subscription = ?");

const DISPLACE: &str = "
    UPDATE octany_charges SET settled_at = ?, state = 3
    WHERE charge_id = ? AND state = 0 AND claimed_until <= ?";

/// Who said it may say it again, here and below.
const SENDING: &str = "
    UPDATE octany_charges SET orders_before = ?, claimed_until = ?, state = 1
    WHERE charge_id = ? AND token = ? AND state IN (0, 1)";

/// If the order is another's, it is in the way of the unique index.
const CREATED: &str = "
    UPDATE octany_charges SET order_id = ?, settled_at = COALESCE(settled_at, ?), state = 2
    WHERE charge_id = ? AND (state IN (1, 4) OR (state = 2 AND order_id = ?))";

const REFUSED: &str = "
    UPDATE octany_charges SET settled_at = ?, state = 3
    WHERE charge_id = ? AND token = ? AND state IN (0, 1, 3)";

const DOUBTED: &str = "
    UPDATE octany_charges SET claimed_until = ? WHERE charge_id = ? AND token = ? AND state = 1";

const ABANDON: &str = "
    UPDATE octany_charges SET settled_at = COALESCE(settled_at, ?), state = 4
    WHERE charge_id = ? AND (state = 4 OR (state IN (0, 1) AND claimed_until <= ?))";

const MADE_BY: &str = "SELECT charge_id FROM octany_charges WHERE order_id = ?";

const UNKNOWN: &str = concat!(
    "SELECT ",
    charge_columns!(),
    " FROM octany_charges WHERE state = 1 AND claimed_until <= ? ORDER BY claimed_until LIMIT ?"
);

/// A charge that is to be prepared.
struct Preparing<'a> {
    store: &'a MySqlStore,
    id: &'a str,
    token: ClaimToken,
    now: i64,
    until: i64,
}

impl PrepareCharge for Preparing<'_> {
    async fn take(&self, charge: &Charge) -> Result<bool, StoreError> {
        Ok(self.insert(charge).await? || self.take_up(charge).await?)
    }

    async fn known(&self) -> Result<Option<ChargeIntent>, StoreError> {
        self.store.intent(self.id).await
    }

    async fn open(&self, charge: &Charge) -> Result<Option<ChargeIntent>, StoreError> {
        let subscription = bytes(charge.subscription.as_str())?;
        let statement = || sqlx::query(self.store.tables.sql(OPEN)).bind(subscription);
        Ok(self.store.charges(statement).await?.pop())
    }

    async fn displace(&self, left: &str) -> Result<(), StoreError> {
        let left = bytes(left)?;
        let statement = || {
            sqlx::query(self.store.tables.sql(DISPLACE)).bind(self.now).bind(left).bind(self.now)
        };
        self.store.found(Repeat::Safe, statement).await.map(drop)
    }
}

impl Preparing<'_> {
    async fn insert(&self, charge: &Charge) -> Result<bool, StoreError> {
        let (id, subscription) = (bytes(self.id)?, bytes(charge.subscription.as_str())?);
        let product = bytes(charge.product.as_str())?;
        self.store
            .found_unless_duplicate(|| {
                sqlx::query(self.store.tables.sql(INSERT))
                    .bind(id)
                    .bind(subscription)
                    .bind(product)
                    .bind(charge.amount)
                    .bind(i64::from(charge.quantity))
                    .bind(charge.vat.map(|vat| vat.0))
                    .bind(charge.digest)
                    .bind(self.token.as_i64())
                    .bind(self.now)
                    .bind(self.until)
            })
            .await
    }

    async fn take_up(&self, charge: &Charge) -> Result<bool, StoreError> {
        let id = bytes(self.id)?;
        self.store
            .found_unless_duplicate(|| {
                sqlx::query(self.store.tables.sql(TAKE_UP))
                    .bind(self.token.as_i64())
                    .bind(self.now)
                    .bind(self.until)
                    .bind(id)
                    .bind(charge.digest)
                    .bind(self.now)
                    .bind(self.token.as_i64())
            })
            .await
    }
}

impl MySqlStore {
    async fn charges<'q>(
        &self,
        statement: impl Fn() -> Statement<'q, MySql> + Send + Sync,
    ) -> Result<Vec<ChargeIntent>, StoreError> {
        let rows = self.connections.rows(Repeat::Safe, statement).await?;
        rows.iter().map(|row| intent(charge_row(row)?)).collect()
    }

    /// Whether a statement found its row, and no unique index was in the way.
    async fn found_unless_duplicate<'q>(
        &self,
        statement: impl Fn() -> Statement<'q, MySql> + Send + Sync,
    ) -> Result<bool, StoreError> {
        match self.connections.try_answer(Repeat::Safe, statement).await {
            Ok(answer) => Ok(answer.done.rows_affected() == 1),
            Err(error) if is_duplicate(&error) => Ok(false),
            Err(error) => Err(store_error(error)),
        }
    }
}

#[async_trait]
impl ChargeIntents for MySqlStore {
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
        let (id, before) = (bytes(id)?, before.to_json());
        let statement = || {
            sqlx::query(self.tables.sql(SENDING))
                .bind(before.as_bytes())
                .bind(until.timestamp_micros())
                .bind(id)
                .bind(token.as_i64())
        };
        Ok(self.found(Repeat::Safe, statement).await? == 1)
    }

    async fn created(
        &self,
        id: &str,
        order: &OrderId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let (id, order) = (bytes(id)?, bytes(order.as_str())?);
        self.found_unless_duplicate(|| {
            sqlx::query(self.tables.sql(CREATED))
                .bind(order)
                .bind(now.timestamp_micros())
                .bind(id)
                .bind(order)
        })
        .await
    }

    async fn refused(
        &self,
        id: &str,
        token: ClaimToken,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let (id, token, now) = (bytes(id)?, token.as_i64(), now.timestamp_micros());
        let statement = || sqlx::query(self.tables.sql(REFUSED)).bind(now).bind(id).bind(token);
        Ok(self.found(Repeat::Safe, statement).await? == 1)
    }

    async fn doubted(
        &self,
        id: &str,
        token: ClaimToken,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let (id, token, now) = (bytes(id)?, token.as_i64(), now.timestamp_micros());
        let statement = || sqlx::query(self.tables.sql(DOUBTED)).bind(now).bind(id).bind(token);
        Ok(self.found(Repeat::Safe, statement).await? == 1)
    }

    async fn abandon(&self, id: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let (id, now) = (bytes(id)?, now.timestamp_micros());
        let statement = || sqlx::query(self.tables.sql(ABANDON)).bind(now).bind(id).bind(now);
        Ok(self.found(Repeat::Safe, statement).await? == 1)
    }

    async fn intent(&self, id: &str) -> Result<Option<ChargeIntent>, StoreError> {
        let id = bytes(id)?;
        Ok(self.charges(|| sqlx::query(self.tables.sql(INTENT)).bind(id)).await?.pop())
    }

    async fn made_by(&self, order: &OrderId) -> Result<Option<String>, StoreError> {
        let order = bytes(order.as_str())?;
        let statement = || sqlx::query(self.tables.sql(MADE_BY)).bind(order);
        let rows = self.connections.rows(Repeat::Safe, statement).await?;
        rows.first().map(|row| text(row, 0).map(str::to_owned)).transpose()
    }

    async fn unknown(
        &self,
        now: DateTime<Utc>,
        most: usize,
    ) -> Result<Vec<ChargeIntent>, StoreError> {
        let (now, most) = (now.timestamp_micros(), limit(most));
        self.charges(|| sqlx::query(self.tables.sql(UNKNOWN)).bind(now).bind(most)).await
    }
}

fn charge_row(row: &MySqlRow) -> Result<ChargeRow, StoreError> {
    let number = |column: usize| row.try_get(column).map_err(store_error);
    let words = |column| text(row, column).map(str::to_owned);
    let words_if_any = |column| text_if_any(row, column).map(|text| text.map(str::to_owned));
    let (vat, state) = (row.try_get(5).map_err(store_error)?, row.try_get(7).map_err(store_error)?);
    Ok((
        words(0)?,
        words(1)?,
        words(2)?,
        number(3)?,
        number(4)?,
        vat,
        number(6)?,
        state,
        number(8)?,
        number(9)?,
        words_if_any(10)?,
        words_if_any(11)?,
    ))
}
