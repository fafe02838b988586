//! The routes.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use octany_core::checkout::CheckoutUrl;
use octany_core::{AccountUuid, ReferenceId};
use octany_entitlement::{
    Answer, CheckoutLog, Clock, Decision, Denial, Gate, GateError, GuardPages, StoreError, Subject,
};

use crate::builder::References;
use crate::pending::Page;
use crate::target::Targets;
use crate::{BillingBuilder, Head, Offer, Portal, Route};

/// How long the log of checkouts may take before it counts as out of reach.
const LOG_TIMEOUT: Duration = Duration::from_secs(5);

/// Fills a checkout in for a user.
pub(crate) type Prefill = Arc<
    dyn Fn(ReferenceId, CheckoutUrl) -> Pin<Box<dyn Future<Output = CheckoutUrl> + Send>>
        + Send
        + Sync,
>;

/// What the routes of an app's billing answer, on every framework. [The crate](crate) has the story.
///
/// Cheap to clone.
#[derive(Clone)]
pub struct Billing {
    pub(crate) inner: Arc<Inner>,
}

/// All that the routes know.
pub(crate) struct Inner {
    pub(crate) account: AccountUuid,
    /// Scheme, host and port.
    pub(crate) origin: String,
    pub(crate) mount: String,
    pub(crate) gate: Gate,
    pub(crate) checkouts: Arc<dyn CheckoutLog>,
    pub(crate) references: References,
    pub(crate) valid_for: Duration,
    pub(crate) offers: Vec<Offer>,
    pub(crate) default_offer: Option<usize>,
    pub(crate) prefill: Option<Prefill>,
    pub(crate) checkout_base: Option<String>,
    pub(crate) allow_localhost: bool,
    pub(crate) targets: Targets,
    pub(crate) return_to: String,
    pub(crate) pages: GuardPages,
    pub(crate) portal: Option<Arc<dyn Portal>>,
    pub(crate) page: Page,
    pub(crate) give_up_after: Duration,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Billing {
    /// Starts with what there is no default for: the account's UUID, where visitors reach the app
    /// (`https://app.example`), the gate that its guards ask, and where checkouts are noted.
    pub fn builder(
        account: impl Into<AccountUuid>,
        origin: impl AsRef<str>,
        gate: Gate,
        checkouts: impl CheckoutLog + 'static,
    ) -> BillingBuilder {
        BillingBuilder::new(account.into(), origin.as_ref(), gate, Arc::new(checkouts))
    }

    /// The path that the routes are mounted at.
    pub fn mount(&self) -> &str {
        &self.inner.mount
    }

    /// The answer to a request on a [route](Self::route), with its body if that takes one.
    pub async fn answer(
        &self,
        route: Route,
        head: &Head<'_>,
        user: Subject,
        form: &[u8],
    ) -> Answer {
        let answer = match (user, route) {
            (Subject::Reference(user), Route::Subscribe) => self.subscribe(&user, head, form).await,
            (Subject::Reference(user), Route::Pending) => self.pending(&user, head).await,
            (Subject::Reference(user), Route::Status) => self.status(&user, head).await,
            (Subject::Reference(user), Route::Portal(page)) => self.portal(page, &user, head).await,
            (Subject::SignedOut, _) => self.denied(&Denial::SignedOut, head),
            (Subject::NotKnown(error), route) => {
                let denial = Denial::CouldNotTell(Arc::new(GateError::CouldNotTell(error)));
                match route {
                    Route::Pending => self.pending_unknown(&denial, head),
                    _ => self.denied(&denial, head),
                }
            }
        };
        tracing::debug!(route = route.as_str(), status = answer.status, "billing");
        answer
    }

    pub(crate) async fn decide(&self, user: &ReferenceId) -> Result<Decision, Denial> {
        let decided = self.inner.gate.decide(user).await;
        decided.map_err(|error| Denial::CouldNotTell(Arc::new(error)))
    }

    /// Where to send somebody back to; `None` where nobody should be sent.
    pub(crate) fn target(&self, named: Option<&str>) -> Option<String> {
        match named {
            Some(named) => self.inner.targets.read(named),
            None => Some(self.inner.return_to.clone()),
        }
    }

    /// Waits for the log of checkouts, and not for ever.
    pub(crate) async fn noted<T>(
        &self,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        tokio::time::timeout(LOG_TIMEOUT, call).await.unwrap_or_else(|elapsed| {
            let elapsed: Box<dyn Error + Send + Sync> = elapsed.into();
            Err(StoreError::unavailable(elapsed))
        })
    }

    /// When a checkout must have begun that can still become something.
    pub(crate) fn since(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let valid_for = chrono::TimeDelta::from_std(self.inner.valid_for).ok();
        valid_for
            .and_then(|valid_for| now.checked_sub_signed(valid_for))
            .unwrap_or(DateTime::<Utc>::MIN_UTC)
    }
}

impl fmt::Debug for Billing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Billing")
            .field("origin", &self.inner.origin)
            .field("mount", &self.inner.mount)
            .field("gate", &self.inner.gate)
            .field("offers", &self.inner.offers)
            .finish_non_exhaustive()
    }
}
