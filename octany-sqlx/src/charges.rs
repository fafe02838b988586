//! Charges out of their rows, and how one is prepared, whatever the database.

use chrono::{DateTime, Utc};
use octany_core::BasisPoints;
use octany_entitlement::{
    Charge, ChargeIntent, ChargePrepared, ChargeState, ClaimToken, OrdersBefore, StoreError,
};

use crate::row::from_micros;

/// The columns of a [`ChargeRow`], in its order.
macro_rules! charge_columns {
    () => {
        "charge_id, subscription_id, product_id, amount, quantity, vat, digest, state, begun_at, \
         claimed_until, orders_before, order_id"
    };
}
pub(crate) use charge_columns;

/// How often others may be faster in a row.
const CONFLICTS: usize = 16;

pub(crate) type ChargeRow = (
    String,
    String,
    String,
    i64,
    i64,
    Option<i64>,
    i64,
    i16,
    i64,
    i64,
    Option<String>,
    Option<String>,
);

#[derive(Debug, thiserror::Error)]
#[error("column {0} of a charge cannot be read")]
struct Damaged(&'static str);

#[derive(Debug, thiserror::Error)]
#[error("others were faster, again and again")]
struct Outrun;

/// What preparing a charge is made of. Each is one statement.
pub(crate) trait PrepareCharge: Sync {
    /// Prepares it, and tells whether it did: if there is none of this id, or one that may be prepared
    /// anew, and nothing else is open on its subscription.
    fn take(&self, charge: &Charge) -> impl Future<Output = Result<bool, StoreError>> + Send;

    fn known(&self) -> impl Future<Output = Result<Option<ChargeIntent>, StoreError>> + Send;

    /// What is open on a subscription.
    fn open(
        &self,
        charge: &Charge,
    ) -> impl Future<Output = Result<Option<ChargeIntent>, StoreError>> + Send;

    /// What was prepared and left counts as refused from now on.
    fn displace(&self, left: &str) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Prepares a charge, or says why not. Only [`take`](PrepareCharge::take) decides. What is read after
/// it explains, and if that was overtaken, it is tried again.
pub(crate) async fn prepare(
    intents: &impl PrepareCharge,
    charge: &Charge,
    now: DateTime<Utc>,
    token: ClaimToken,
) -> Result<ChargePrepared, StoreError> {
    for _ in 0..CONFLICTS {
        if intents.take(charge).await? {
            return Ok(ChargePrepared::Fresh(token));
        }
        if let Some(known) = intents.known().await? {
            if known.charge.digest != charge.digest {
                return Ok(ChargePrepared::Different);
            }
            if !known.may_be_prepared(now) {
                return Ok(ChargePrepared::Known(known));
            }
        }
        match intents.open(charge).await? {
            Some(open) if open.may_be_prepared(now) => intents.displace(&open.id).await?,
            Some(open) => return Ok(ChargePrepared::Busy(open)),
            None => {}
        }
    }
    Err(StoreError::unavailable(Outrun))
}

pub(crate) fn intent(row: ChargeRow) -> Result<ChargeIntent, StoreError> {
    let (id, subscription, product, amount, quantity, vat, digest, state, begun_at, until, ..) =
        &row;
    let quantity =
        u32::try_from(*quantity).map_err(|_| StoreError::corrupt(Damaged("quantity")))?;
    let charge = Charge {
        subscription: subscription.as_str().into(),
        product: product.as_str().into(),
        amount: *amount,
        quantity,
        vat: vat.map(BasisPoints),
        digest: *digest,
    };
    let (begun_at, claimed_until) =
        (from_micros(*begun_at, "begun_at")?, from_micros(*until, "claimed_until")?);
    let (id, state) = (id.clone(), self::state(*state, row.10, row.11)?);
    Ok(ChargeIntent { id, charge, state, begun_at, claimed_until })
}

fn state(
    state: i16,
    before: Option<String>,
    order: Option<String>,
) -> Result<ChargeState, StoreError> {
    let damaged = |column| StoreError::corrupt(Damaged(column));
    Ok(match state {
        0 => ChargeState::Prepared,
        1 => {
            let before = before.ok_or_else(|| damaged("orders_before"))?;
            ChargeState::Sent(OrdersBefore::from_json(&before)?)
        }
        2 => ChargeState::Created(order.ok_or_else(|| damaged("order_id"))?.into()),
        3 => ChargeState::Refused,
        4 => ChargeState::Abandoned,
        _ => return Err(damaged("state")),
    })
}
