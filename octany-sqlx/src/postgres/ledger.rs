//! Claim and report in one statement.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::{DeliveryId, Snapshot};
use octany_entitlement::{Entered, Ledger, StoreError};

use super::PostgresStore;
use crate::entry::{Delivery, Entry};

#[async_trait]
impl Ledger for PostgresStore {
    /// What is news in one statement, one round trip and one commit, together with what else is
    /// waiting to be taken in: both or nothing. Of a report that is no news, a second statement tells.
    /// If that fails, and the report was news until another one came at the same moment, its claim
    /// stays until the lease ends.
    async fn enter(
        &self,
        delivery: &DeliveryId,
        now: DateTime<Utc>,
        lease: Duration,
        snapshot: &Snapshot,
    ) -> Result<Entered, StoreError> {
        let delivery = Some(Delivery::new(delivery, now, lease));
        let entry = Entry { delivery, report: Some(snapshot.into()) };
        self.entries.call(entry).await?.entered()
    }
}
