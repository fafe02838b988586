//! What asks Octany and takes the answers into the store.

use std::sync::Arc;

use async_trait::async_trait;
use clap::Args;
use octany_client::{Reconciler, ReconcilerBuilder};
use octany_core::{Applied, ReferenceId, Snapshot};
use octany_entitlement::{Quarantined, Receiver, StoreError, SubscriptionStore};

use crate::api::ApiSource;
use crate::failure::Failure;
use crate::output::{Output, plain};
use crate::references::{KEY, ReferenceSource, is_signed};
use crate::store::{Access, StoreSource};

/// Octany, the store, and how the app takes reports in.
#[derive(Debug, Args)]
pub(super) struct TakeIn {
    #[command(flatten)]
    api: ApiSource,
    #[command(flatten)]
    store: StoreSource,
    #[command(flatten)]
    references: ReferenceSource,
    /// Where references are signed: what is not as it was offered grants nothing, as in an app with a
    /// quarantine.
    #[arg(long, help_heading = "References")]
    quarantine: bool,
}

impl TakeIn {
    /// Puts it together, for the rest to be set.
    pub(super) async fn reconciler(
        &self,
        output: Output,
        access: Access,
    ) -> Result<ReconcilerBuilder, Failure> {
        let client = self.api.client()?;
        let is_signed = self.references.key()?.is_some();
        if self.quarantine && !is_signed {
            return Err(Failure::Usage(format!(
                "a quarantine compares with what was signed: {KEY}"
            )));
        }
        let store = self.store.open(access).await?;
        let subscriptions: Arc<dyn SubscriptionStore> = if is_signed {
            store.subscriptions()
        } else {
            Arc::new(PlainOnly(store.subscriptions()))
        };
        let receiver = Receiver::builder().references(self.references.references()?);
        let receiver = receiver.store(Arc::clone(&subscriptions));
        let receiver = if self.quarantine {
            receiver.quarantine(store.links(), move |it: Quarantined| {
                let subscription = plain(it.subscription.as_str());
                output.note(&format!("subscription {subscription} is not as it was offered"));
            })
        } else {
            receiver
        };
        let reconciler = Reconciler::builder(client, receiver.build(), subscriptions);
        Ok(reconciler.links(store.links()).checkouts(store.checkouts()))
    }

    /// Whom a reference names that was typed.
    pub(super) fn user(&self, typed: &str) -> Result<ReferenceId, Failure> {
        self.references.user(typed)
    }
}

/// A store that knows no signed reference: read without its key, it would take the subscription from
/// whom it names, and look as if it were somebody else's.
struct PlainOnly(Arc<dyn SubscriptionStore>);

#[derive(Debug, thiserror::Error)]
#[error("a reference is signed: {}", KEY)]
struct Signed;

#[async_trait]
impl SubscriptionStore for PlainOnly {
    async fn apply(&self, snapshot: &Snapshot) -> Result<Applied, StoreError> {
        refuse(snapshot.reference.as_ref())?;
        self.0.apply(snapshot).await
    }

    async fn subscriptions(&self, reference: &ReferenceId) -> Result<Vec<Snapshot>, StoreError> {
        refuse(Some(reference))?;
        self.0.subscriptions(reference).await
    }
}

fn refuse(reference: Option<&ReferenceId>) -> Result<(), StoreError> {
    match reference {
        Some(reference) if is_signed(reference) => Err(StoreError::rejected(Signed)),
        _ => Ok(()),
    }
}
