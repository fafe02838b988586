//! Which deliveries were dealt with.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::{DeliveryId, Snapshot};
use octany_entitlement::{Claim, ClaimToken, DeliveryLog, Entered, Ledger, StoreError};

use crate::RedisStore;
use crate::record::{applied, instant, lease_end};
use crate::script::{Lua, Request, lua};
use crate::server::Repeat;
use crate::subscriptions::with_report;

static CLAIM: Lua = lua!("damaged", "claiming", "claim");
static ENTER: Lua = lua!("damaged", "claiming", "report", "applying", "enter");
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
        match outcome.as_str() {
            "fresh" => Ok(Claim::Fresh(token)),
            _ => in_the_way(&outcome),
        }
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
        let keys = [self.delivery(delivery), self.prefix.key("sub", &snapshot.subscription)];
        let request = claim(Request::script(&ENTER, &keys), token, now, lease);
        let request = with_report(request, snapshot);
        let outcome: String = self.server.call(Repeat::Safe, request).await?;
        Ok(match applied(&outcome) {
            Ok(applied) => Entered { claim: Claim::Fresh(token), applied: Some(applied) },
            Err(_) => Entered { claim: in_the_way(&outcome)?, applied: None },
        })
    }
}

/// A request with a claim as the script wants it.
fn claim(request: Request, token: ClaimToken, now: DateTime<Utc>, lease: Duration) -> Request {
    let until = lease_end(now, lease).timestamp_micros();
    request
        .arg(format!("{} {until}", token.as_i64()))
        .arg(millis(lease.saturating_add(MARGIN)))
        .arg(now.timestamp_micros())
}

fn in_the_way(outcome: &str) -> Result<Claim, StoreError> {
    Ok(match outcome {
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
