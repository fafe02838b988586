//! Claim and report in one transaction.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::{DeliveryId, Snapshot};
use octany_entitlement::{Entered, Ledger, StoreError};

use super::SqliteStore;
use super::writes::Write;
use crate::entry::{Delivery, Entry};

#[async_trait]
impl Ledger for SqliteStore {
    /// In one commit with what else is waiting to be written: both or nothing.
    async fn enter(
        &self,
        delivery: &DeliveryId,
        now: DateTime<Utc>,
        lease: Duration,
        snapshot: &Snapshot,
    ) -> Result<Entered, StoreError> {
        let delivery = Some(Delivery::new(delivery, now, lease));
        let write = Write::Entry(Entry { delivery, report: Some(snapshot.into()) });
        self.writes.call(write).await?.entry()?.entered()
    }
}
