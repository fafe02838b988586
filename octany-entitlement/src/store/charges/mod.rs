//! Which charges are made.

mod intent;
mod orders_before;

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::OrderId;

pub use self::intent::{Charge, ChargeIntent, ChargePrepared, ChargeState};
pub use self::orders_before::OrdersBefore;
use super::{ClaimToken, StoreError};

/// Remembers which charges are being made, so that none is made twice, whatever breaks: Octany knows
/// no idempotency keys.
///
/// An intent is a charge with an id of your choice. It is *prepared*, *sent*, and then *created* (its
/// order is known) or *refused* (nothing was charged, and the same id may try again). One that was
/// sent and whose answer got lost stays *sent*: it is **unknown** from the end of its lease until its
/// order is found or somebody [abandons](Self::abandon) it.
///
/// Of one subscription, one intent is open (prepared or sent) at a time. Two charges of the same
/// amount could not be told apart in a list of orders.
///
/// Each method is **one atomic step**, whatever runs at the same time, in this process or another.
/// What is written is durable when the method returns. A token is that of
/// [`prepare`](Self::prepare): who lost an intent can do nothing with it. What a holder says a second
/// time, since the first answer was lost, is answered `true` again. The suite behind the feature
/// `conformance` proves an implementation.
///
/// # Who may post
///
/// Only who got `true` from [`sending`](Self::sending), and once. So a prepared intent whose lease
/// ended was never sent, and may be taken up again; a sent one never.
#[async_trait]
pub trait ChargeIntents: Send + Sync {
    /// Prepares a charge until `now + lease`. Of any number of callers at the same time, with the
    /// same id or with others on the same subscription, one gets [`ChargePrepared::Fresh`].
    ///
    /// A prepared intent whose lease ended is taken up by its own id, and counts as refused where it
    /// is in another id's way.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether it is prepared. Nothing may be sent then.
    async fn prepare(
        &self,
        id: &str,
        charge: &Charge,
        now: DateTime<Utc>,
        lease: Duration,
    ) -> Result<ChargePrepared, StoreError>;

    /// A prepared intent is about to be sent, and is held until another instant. `false` if it is not
    /// held under this token: then it must not be sent.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether that is noted. It must not be sent.
    async fn sending(
        &self,
        id: &str,
        token: ClaimToken,
        before: &OrdersBefore,
        until: DateTime<Utc>,
    ) -> Result<bool, StoreError>;

    /// The order of an intent that was sent is known, for good: by the answer, or because it was
    /// found. `false` if the intent was not sent or has another order, or if the order is another
    /// intent's. An abandoned intent may still learn its order.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether it is noted.
    async fn created(
        &self,
        id: &str,
        order: &OrderId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;

    /// Nothing was charged, and nothing will be: the same id may try again. `false` if it is not held
    /// under this token.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether it is noted.
    async fn refused(
        &self,
        id: &str,
        token: ClaimToken,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;

    /// What became of an intent that was sent is not known: its lease ends now. `false` if it is not
    /// held under this token.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether it is noted; the lease ends by itself.
    async fn doubted(
        &self,
        id: &str,
        token: ClaimToken,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;

    /// Gives an open intent up whose lease has ended: its subscription can be charged under another
    /// id. `false` if it is not open, or held at this moment.
    ///
    /// This is a **person's decision**. Octany may have made the order, or make it yet: look for it in
    /// Octany's admin first. An order that turns up only after this may be taken for that of the next
    /// charge of the same amount, if that one's answer gets lost.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether it was given up.
    async fn abandon(&self, id: &str, now: DateTime<Utc>) -> Result<bool, StoreError>;

    /// An intent; `None` if there is none of this id.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it could not be found out.
    async fn intent(&self, id: &str) -> Result<Option<ChargeIntent>, StoreError>;

    /// The id of the intent whose order this is, if it is known to be one's.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it could not be found out.
    async fn made_by(&self, order: &OrderId) -> Result<Option<String>, StoreError>;

    /// Intents that were sent and whose lease has ended: at most `limit` of them, those first whose
    /// lease ended first. They are to be settled, or else abandoned.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it could not be found out.
    async fn unknown(
        &self,
        now: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<ChargeIntent>, StoreError>;
}
