//! Which checkouts visitors were sent to.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::ReferenceId;
use octany_entitlement::{Checkout, CheckoutLog, StoreError};

use crate::RedisStore;
use crate::record::{damaged, instant};
use crate::script::{Lua, Request, lua};
use crate::server::Repeat;

static BEGIN: Lua = lua!("damaged", "begin");
static RETURNED: Lua = lua!("damaged", "returned");
static BEGUN: Lua = lua!("damaged", "begun");
static FORGET: Lua = lua!("damaged", "forget");

/// How long those of a user are kept after one began. No payment takes as long.
const KEPT: Duration = Duration::from_hours(90 * 24);
/// How many are forgotten at once, so that nobody waits long for a script.
const PORTION: usize = 1_000;

/// When they began is compared as doubles, which are exact to the microsecond until the year 2255.
#[async_trait]
impl CheckoutLog for RedisStore {
    async fn begin(&self, checkout: &Checkout) -> Result<(), StoreError> {
        let [begun, checkouts] = self.of_user(&checkout.user);
        let begun_at = checkout.begun_at.timestamp_micros();
        let kept = i64::try_from(KEPT.as_micros()).unwrap_or(i64::MAX);
        let request = Request::script(&BEGIN, &[begun, checkouts, self.prefix.only("begun")])
            .arg(checkout.user.as_str())
            .arg(checkout.reference.as_str())
            .arg(checkout.product.as_str())
            .arg(begun_at)
            .arg(begun_at.saturating_sub(kept))
            .arg(kept / 1_000);
        self.server.call(Repeat::Safe, request).await
    }

    async fn returned(
        &self,
        user: &ReferenceId,
        since: DateTime<Utc>,
        at: DateTime<Utc>,
    ) -> Result<Option<Checkout>, StoreError> {
        let request = Request::script(&RETURNED, &self.of_user(user))
            .arg(since.timestamp_micros())
            .arg(at.timestamp_micros());
        let found: Vec<String> = self.server.call(Repeat::Safe, request).await?;
        read(user, &found).next().transpose()
    }

    async fn begun(
        &self,
        user: &ReferenceId,
        since: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<Checkout>, StoreError> {
        let request = Request::script(&BEGUN, &self.of_user(user))
            .arg(since.timestamp_micros())
            .arg(i64::try_from(limit).unwrap_or(i64::MAX));
        let found: Vec<String> = self.server.call(Repeat::Safe, request).await?;
        read(user, &found).collect()
    }

    async fn forget_begun_before(&self, instant: DateTime<Utc>) -> Result<u64, StoreError> {
        let mut forgotten = 0;
        loop {
            let request = Request::script(&FORGET, &[self.prefix.only("begun")])
                .arg(self.prefix.as_str())
                .arg(instant.timestamp_micros())
                .arg(PORTION);
            // What a first run forgot would not be counted by a second.
            let (found, portion): (usize, u64) = self.server.call(Repeat::Unsafe, request).await?;
            forgotten += portion;
            if found < PORTION {
                return Ok(forgotten);
            }
        }
    }
}

impl RedisStore {
    /// The keys of a user's checkouts.
    fn of_user(&self, user: &ReferenceId) -> [String; 2] {
        ["begun", "checkouts"].map(|kind| self.prefix.key(kind, user))
    }
}

/// References, each followed by its checkout.
fn read<'a>(
    user: &'a ReferenceId,
    found: &'a [String],
) -> impl Iterator<Item = Result<Checkout, StoreError>> + 'a {
    found.chunks(2).map(|pair| match pair {
        [reference, known] => checkout(user, reference, known),
        _ => Err(damaged("a checkout")),
    })
}

/// A checkout from when it began, when the user returned, and the product.
fn checkout(user: &ReferenceId, reference: &str, known: &str) -> Result<Checkout, StoreError> {
    let mut parts = known.splitn(3, ' ');
    let (Some(begun_at), Some(returned_at), Some(product)) =
        (parts.next(), parts.next(), parts.next())
    else {
        return Err(damaged("a checkout"));
    };
    let begun_at = instant(begun_at, "begun_at")?;
    let mut checkout = Checkout::new(reference, user.clone().into_owned(), product, begun_at);
    if returned_at != "-" {
        checkout.returned_at = Some(instant(returned_at, "returned_at")?);
    }
    Ok(checkout)
}
