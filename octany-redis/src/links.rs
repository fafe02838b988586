//! Whose a subscription is that comes without a reference.

use async_trait::async_trait;
use octany_core::{ReferenceId, SubscriptionId};
use octany_entitlement::{StoreError, SubscriptionLinks};

use crate::RedisStore;
use crate::script::{Lua, Request, lua};
use crate::server::Repeat;

static LINK: Lua = lua!("report", "link");
static OWNER: Lua = lua!("damaged", "report", "owner");

#[async_trait]
impl SubscriptionLinks for RedisStore {
    async fn link(
        &self,
        subscription: &SubscriptionId,
        reference: &ReferenceId,
    ) -> Result<(), StoreError> {
        let request =
            Request::script(&LINK, &self.subscription(subscription)).arg(reference.as_str());
        self.server.call(Repeat::Safe, request).await
    }

    async fn owner(
        &self,
        subscription: &SubscriptionId,
    ) -> Result<Option<ReferenceId>, StoreError> {
        let request = Request::script(&OWNER, &self.subscription(subscription));
        let owner: Option<String> = self.server.call(Repeat::Safe, request).await?;
        Ok(owner.map(Into::into))
    }
}
