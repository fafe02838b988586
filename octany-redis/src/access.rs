//! Which access was last announced.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::ReferenceId;
use octany_entitlement::{AccessLog, Announced, StoreError};

use crate::RedisStore;
use crate::record::damaged;
use crate::script::{Lua, Request, lua};
use crate::server::Repeat;

static ANNOUNCE: Lua = lua!("damaged", "announce");

#[async_trait]
impl AccessLog for RedisStore {
    async fn announce(
        &self,
        reference: &ReferenceId,
        granted: bool,
        until: Option<DateTime<Utc>>,
        at: DateTime<Utc>,
    ) -> Result<Announced, StoreError> {
        let until = until.filter(|_| granted);
        let keys = [self.prefix.key("access", reference), self.prefix.only("ends")];
        let request = Request::script(&ANNOUNCE, &keys)
            .arg(reference.as_str())
            .arg(u8::from(granted))
            .arg(until.map_or_else(String::new, |until| until.timestamp_micros().to_string()))
            .arg(at.timestamp_micros());
        // A second run would find what the first one wrote, and take it for told.
        let outcome: String = self.server.call(Repeat::Unsafe, request).await?;
        match outcome.as_str() {
            "changed" => Ok(Announced::Changed),
            "noted" => Ok(Announced::Noted),
            "unchanged" => Ok(Announced::Unchanged),
            _ => Err(damaged("the outcome")),
        }
    }

    /// Ends are in a sorted set, whose doubles are exact to the microsecond until the year 2255.
    async fn due(&self, now: DateTime<Utc>, limit: usize) -> Result<Vec<ReferenceId>, StoreError> {
        let request = Request::command("ZRANGEBYSCORE")
            .arg(self.prefix.only("ends"))
            .arg("-inf")
            .arg(now.timestamp_micros())
            .arg("LIMIT")
            .arg(0)
            .arg(i64::try_from(limit).unwrap_or(i64::MAX));
        let due: Vec<String> = self.server.call(Repeat::Safe, request).await?;
        Ok(due.into_iter().map(Into::into).collect())
    }
}
