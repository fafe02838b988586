//! Whose a subscription is that comes without a reference.

use async_trait::async_trait;
use octany_core::{ReferenceId, SubscriptionId};
use octany_entitlement::{StoreError, SubscriptionLinks};

use super::MySqlStore;
use super::connections::Repeat;
use super::text::{bytes, text_if_any};

const LINK: &str = "
    INSERT INTO octany_links (subscription_id, reference_id) VALUES (?, ?)
    ON DUPLICATE KEY UPDATE reference_id = VALUES(reference_id)";

const OWNER: &str = "
    SELECT COALESCE(s.reference_id, l.reference_id)
    FROM octany_subscriptions AS s
    LEFT JOIN octany_links AS l ON l.subscription_id = s.subscription_id
    WHERE s.subscription_id = ?";

#[async_trait]
impl SubscriptionLinks for MySqlStore {
    async fn link(
        &self,
        subscription: &SubscriptionId,
        reference: &ReferenceId,
    ) -> Result<(), StoreError> {
        let (subscription, reference) = (bytes(subscription.as_str())?, bytes(reference.as_str())?);
        let statement = || sqlx::query(self.tables.sql(LINK)).bind(subscription).bind(reference);
        self.connections.answer(Repeat::Safe, statement).await.map(drop)
    }

    async fn owner(
        &self,
        subscription: &SubscriptionId,
    ) -> Result<Option<ReferenceId>, StoreError> {
        let subscription = bytes(subscription.as_str())?;
        let statement = || sqlx::query(self.tables.sql(OWNER)).bind(subscription);
        let rows = self.connections.rows(Repeat::Safe, statement).await?;
        let owner = rows.first().map_or(Ok(None), |row| text_if_any(row, 0))?;
        Ok(owner.map(Into::into))
    }
}
