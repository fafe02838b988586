//! Which deliveries were dealt with.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::{DeliveryId, Snapshot};
use octany_entitlement::{Claim, ClaimToken, DeliveryLog, Entered, Ledger, StoreError};

use crate::RedisStore;
use crate::record::{applied, damaged, instant, lease_end};
use crate::script::{Lua, Request, lua};
use crate::server::Repeat;

static CLAIM: Lua = lua!("order", "claiming", "claim");
static ENTER: Lua = lua!("order", "claiming", "applying", "enter");
static COMPLETE: Lua = lua!("complete");
static RELEASE: Lua = lua!("release");

/// How much longer than its lease a claim is kept. Leases are told by the caller's clock and keys
/// expire by the server's, so it is more than clocks ever differ; and a holder who is late may still
/// complete.
const MARGIN: Duration = Duration::from_hours(24);
/// The longest that a key is told to live.
const LONGEST: Duration = Duration::from_hours(100 * 365 * 24);

#[async_trait]
impl DeliveryLog for RedisStore {
    /// Leases end by the caller's clock. The server forgets a claim by its own, a day after the
    /// lease.
    async fn claim(
        &self,
        delivery: &DeliveryId,
        now: DateTime<Utc>,
        lease: Duration,
    ) -> Result<Claim, StoreError> {
        let token = ClaimToken::random();
        let request = Request::script(&CLAIM, &[self.delivery(delivery)]);
        let request = claim(request, token, now, lease);
        let outcome: String = self.server.call(Repeat::Safe, request).await?;
        claimed(&outcome, token)
    }

    /// Completing again with the same token answers `true` again.
    async fn complete(
        &self,
        delivery: &DeliveryId,
        token: ClaimToken,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let request = Request::script(&COMPLETE, &[self.delivery(delivery)])
            .arg(token.as_i64())
            .arg(now.timestamp_micros())
            .arg(millis(self.kept));
        self.server.call(Repeat::Safe, request).await
    }

    async fn release(&self, delivery: &DeliveryId, token: ClaimToken) -> Result<bool, StoreError> {
        let request = Request::script(&RELEASE, &[self.delivery(delivery)]).arg(token.as_i64());
        self.server.call(Repeat::Unsafe, request).await
    }
}

#[async_trait]
impl Ledger for RedisStore {
    /// In one script: a claim and its report, or neither.
    async fn enter(
        &self,
        delivery: &DeliveryId,
        now: DateTime<Utc>,
        lease: Duration,
        snapshot: &Snapshot,
    ) -> Result<Entered, StoreError> {
        let token = ClaimToken::random();
        let [record, link] = self.subscription(&snapshot.subscription);
        let request = Request::script(&ENTER, &[record, link, self.delivery(delivery)]);
        let request = self.report(claim(request, token, now, lease), snapshot);
        let outcome: Vec<String> = self.server.call(Repeat::Safe, request).await?;
        match outcome.as_slice() {
            [claim] => Ok(Entered { claim: claimed(claim, token)?, applied: None }),
            [claim, report] => {
                Ok(Entered { claim: claimed(claim, token)?, applied: Some(applied(report)?) })
            }
            _ => Err(damaged("the outcome")),
        }
    }
}

/// A request with a claim as the script wants it.
fn claim(request: Request, token: ClaimToken, now: DateTime<Utc>, lease: Duration) -> Request {
    request
        .arg(token.as_i64())
        .arg(now.timestamp_micros())
        .arg(lease_end(now, lease).timestamp_micros())
        .arg(millis(lease.saturating_add(MARGIN)))
}

fn claimed(outcome: &str, token: ClaimToken) -> Result<Claim, StoreError> {
    Ok(match outcome {
        "fresh" => Claim::Fresh(token),
        "duplicate" => Claim::Duplicate,
        until => Claim::InFlight { until: instant(until, "claimed_until")? },
    })
}

impl RedisStore {
    fn delivery(&self, delivery: &DeliveryId) -> String {
        self.prefix.key("delivery", delivery)
    }
}

/// For how long, as the server wants it: at least one, since none would forget at once.
fn millis(time: Duration) -> u64 {
    u64::try_from(time.min(LONGEST).as_millis()).unwrap_or(u64::MAX).max(1)
}
