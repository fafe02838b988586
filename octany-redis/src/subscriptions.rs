//! The state of subscriptions.

use async_trait::async_trait;
use octany_core::{Applied, ReferenceId, Snapshot, SubscriptionId};
use octany_entitlement::{StoreError, SubscriptionStore};

use crate::RedisStore;
use crate::record::{applied, report, snapshot};
use crate::script::{Lua, Request, lua};
use crate::server::Repeat;

static APPLY: Lua = lua!("damaged", "report", "applying", "apply");
static SUBSCRIPTIONS: Lua = lua!("damaged", "report", "subscriptions");

#[async_trait]
impl SubscriptionStore for RedisStore {
    /// In one script and one round trip.
    ///
    /// After a connection broke, the answer is that of the second run: `Unchanged` for what the
    /// first one wrote.
    async fn apply(&self, snapshot: &Snapshot) -> Result<Applied, StoreError> {
        let request = Request::script(&APPLY, &self.subscription(&snapshot.subscription));
        let request = with_report(request, snapshot);
        let outcome: String = self.server.call(Repeat::Safe, request).await?;
        applied(&outcome)
    }

    async fn subscriptions(&self, reference: &ReferenceId) -> Result<Vec<Snapshot>, StoreError> {
        let request = Request::script(&SUBSCRIPTIONS, &[self.prefix.key("ref", reference)])
            .arg(self.prefix.as_str())
            .arg(reference.as_str());
        let found: Vec<(String, String)> = self.server.call(Repeat::Safe, request).await?;
        found.into_iter().map(|(id, report)| snapshot(id, &report, reference)).collect()
    }
}

/// # Documents
impl RedisStore {
    /// The document of a subscription's newest report as JSON, without the portal's links. `None`
    /// if the subscription is not known or its report had no document.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it could not be found out.
    pub async fn resource(
        &self,
        subscription: &SubscriptionId,
    ) -> Result<Option<String>, StoreError> {
        let request =
            Request::command("HGET").arg(self.prefix.key("sub", subscription)).arg("resource");
        let resource: Option<String> = self.server.call(Repeat::Safe, request).await?;
        Ok(resource.filter(|resource| !resource.is_empty()))
    }
}

impl RedisStore {
    /// The keys of a subscription's record and link.
    pub(crate) fn subscription(&self, subscription: &SubscriptionId) -> [String; 2] {
        ["sub", "link"].map(|kind| self.prefix.key(kind, subscription))
    }
}

/// A request with a report as the scripts want it.
pub(crate) fn with_report(request: Request, snapshot: &Snapshot) -> Request {
    let (report, reference_end) = report(snapshot);
    // No document is empty.
    let resource = snapshot.resource_json().unwrap_or_default();
    request.arg(report).arg(reference_end).arg(resource)
}
