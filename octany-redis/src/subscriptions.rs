//! The state of subscriptions.

use async_trait::async_trait;
use octany_core::{Applied, ReferenceId, Snapshot, SubscriptionId};
use octany_entitlement::{StoreError, SubscriptionStore};

use crate::RedisStore;
use crate::record::{Record, applied, fields, snapshot};
use crate::script::{Lua, Request, lua};
use crate::server::Repeat;

static APPLY: Lua = lua!("order", "applying", "apply");
static SUBSCRIPTIONS: Lua = lua!("order", "subscriptions");

#[async_trait]
impl SubscriptionStore for RedisStore {
    /// In one script and one round trip.
    ///
    /// After a connection broke, the answer is that of the second run: `Unchanged` for what the
    /// first one wrote.
    async fn apply(&self, snapshot: &Snapshot) -> Result<Applied, StoreError> {
        let request = Request::script(&APPLY, &self.subscription(&snapshot.subscription));
        let request = self.report(request, snapshot);
        let outcome: String = self.server.call(Repeat::Safe, request).await?;
        applied(&outcome)
    }

    async fn subscriptions(&self, reference: &ReferenceId) -> Result<Vec<Snapshot>, StoreError> {
        let request = Request::script(&SUBSCRIPTIONS, &[self.prefix.key("ref", reference)])
            .arg(self.prefix.as_str())
            .arg(reference.as_str());
        let found: Vec<Record> = self.server.call(Repeat::Safe, request).await?;
        found.into_iter().map(|record| snapshot(record, reference)).collect()
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
        let record = self.prefix.key("sub", subscription);
        let request = Request::command("HGET").arg(record).arg("resource");
        self.server.call(Repeat::Safe, request).await
    }
}

impl RedisStore {
    /// A request with a report as the script wants it.
    pub(crate) fn report(&self, request: Request, snapshot: &Snapshot) -> Request {
        let (digest, reference) = (snapshot.digest(), snapshot.reference.as_ref());
        let request = request
            .arg(self.prefix.as_str())
            .arg(snapshot.subscription.as_str())
            .arg(snapshot.version.as_i64())
            .arg(digest)
            .arg(u8::from(reference.is_some()))
            .arg(reference.map_or("", ReferenceId::as_str));
        fields(snapshot, digest)
            .fold(request, |request, (field, value)| request.arg(field).arg(&*value))
    }

    /// The keys of a subscription's record and link.
    pub(crate) fn subscription(&self, subscription: &SubscriptionId) -> [String; 2] {
        ["sub", "link"].map(|kind| self.prefix.key(kind, subscription))
    }
}
