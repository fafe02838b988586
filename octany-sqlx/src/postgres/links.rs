//! Whose a subscription is that comes without a reference.

use async_trait::async_trait;
use octany_core::{ReferenceId, SubscriptionId};
use octany_entitlement::{StoreError, SubscriptionLinks};
use sqlx::Row;

use super::PostgresStore;
use super::connections::Repeat;
use super::error::store_error;

const LINK: &str = "
    INSERT INTO octany_links AS l (subscription_id, reference_id) VALUES ($1, $2)
    ON CONFLICT (subscription_id) DO UPDATE SET reference_id = excluded.reference_id
    WHERE l.reference_id <> excluded.reference_id";

const OWNER: &str = "
    SELECT coalesce(s.reference_id, l.reference_id)
    FROM octany_subscriptions AS s
    LEFT JOIN octany_links AS l ON l.subscription_id = s.subscription_id
    WHERE s.subscription_id = $1";

#[async_trait]
impl SubscriptionLinks for PostgresStore {
    async fn link(
        &self,
        subscription: &SubscriptionId,
        reference: &ReferenceId,
    ) -> Result<(), StoreError> {
        let statement = || {
            sqlx::query(self.tables.sql(LINK)).bind(subscription.as_str()).bind(reference.as_str())
        };
        self.connections.rows(Repeat::Safe, statement).await.map(drop)
    }

    async fn owner(
        &self,
        subscription: &SubscriptionId,
    ) -> Result<Option<ReferenceId>, StoreError> {
        let statement = || sqlx::query(self.tables.sql(OWNER)).bind(subscription.as_str());
        let rows = self.connections.rows(Repeat::Safe, statement).await?;
        let owner = rows.first().map_or(Ok(None), |row| row.try_get(0)).map_err(store_error)?;
        Ok(owner.map(|owner: String| owner.into()))
    }
}
