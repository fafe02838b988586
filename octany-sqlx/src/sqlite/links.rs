//! Whose a subscription is that comes without a reference.

use async_trait::async_trait;
use octany_core::{ReferenceId, SubscriptionId};
use octany_entitlement::{StoreError, SubscriptionLinks};

use super::SqliteStore;

const LINK: &str = "
    INSERT INTO octany_links (subscription_id, reference_id) VALUES (?1, ?2)
    ON CONFLICT (subscription_id) DO UPDATE SET reference_id = excluded.reference_id
    WHERE octany_links.reference_id <> excluded.reference_id";

const OWNER: &str = "
    SELECT coalesce(s.reference_id, l.reference_id)
    FROM octany_subscriptions AS s
    LEFT JOIN octany_links AS l ON l.subscription_id = s.subscription_id
    WHERE s.subscription_id = ?1";

#[async_trait]
impl SubscriptionLinks for SqliteStore {
    async fn link(
        &self,
        subscription: &SubscriptionId,
        reference: &ReferenceId,
    ) -> Result<(), StoreError> {
        let session = self.database.write().await?;
        let query =
            sqlx::query(self.tables.sql(LINK)).bind(subscription.as_str()).bind(reference.as_str());
        let done = query.execute(session.pool()).await;
        session.answer(done).map(drop)
    }
    async fn owner(
        &self,
        subscription: &SubscriptionId,
    ) -> Result<Option<ReferenceId>, StoreError> {
        let session = self.database.read().await?;
        let query = sqlx::query_scalar(self.tables.sql(OWNER)).bind(subscription.as_str());
        let owner: Result<Option<Option<String>>, _> = query.fetch_optional(session.pool()).await;
        Ok(session.answer(owner)?.flatten().map(ReferenceId::from))
    }
}
