//! `GET /portal/{page}`: into Octany's billing portal.

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use octany_client::{Client, ErrorKind};
use octany_core::checkout::check_link;
use octany_core::resource::{PortalUrl, Subscription};
use octany_core::{ReferenceId, SubscriptionId};
use octany_entitlement::{Answer, Decision, Denial};

use crate::answers::{problem, see_other};
use crate::{Billing, Head};

/// Fetches a subscription as it is now, for its links into the portal. An
/// [`octany_client::Client`] does.
///
/// The links are signed and expire, so nothing that was kept will do.
#[async_trait]
pub trait Portal: Send + Sync {
    /// The subscription, fetched for this call.
    ///
    /// # Errors
    ///
    /// [`PortalError`] if it could not be fetched.
    async fn subscription(&self, id: &SubscriptionId) -> Result<Arc<Subscription>, PortalError>;
}

/// Why a subscription could not be fetched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PortalError {
    /// The engine has no such subscription.
    #[error("there is no such subscription")]
    NotFound,
    /// The engine is away or has no time. The same call may succeed later.
    #[error("the subscription could not be fetched right now")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// The engine refused the call, or its answer could not be read.
    #[error("the subscription could not be fetched")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}

/// A page of the portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PortalPage {
    /// Where the card is changed (`/portal/card`).
    Card,
    /// Where the invoices are (`/portal/invoices`).
    Invoices,
    /// Where the subscription is cancelled (`/portal/cancel`).
    Cancel,
}

#[async_trait]
impl Portal for Client {
    async fn subscription(&self, id: &SubscriptionId) -> Result<Arc<Subscription>, PortalError> {
        use ErrorKind::{Connect, Interrupted, NotFound, RateLimited, Server, Timeout};

        let answered = Client::subscription(self, id).await;
        answered.map(|answered| answered.value).map_err(|error| match error.kind() {
            NotFound => PortalError::NotFound,
            Connect | Interrupted | RateLimited | Server | Timeout => {
                PortalError::Unavailable(error.into())
            }
            _ => PortalError::Failed(error.into()),
        })
    }
}

impl PortalPage {
    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Card, Self::Invoices, Self::Cancel].into_iter().find(|page| page.as_str() == name)
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Invoices => "invoices",
            Self::Cancel => "cancel",
        }
    }

    fn of(self, subscription: &Subscription) -> Option<&PortalUrl> {
        match self {
            Self::Card => subscription.update_card_url.as_ref(),
            Self::Invoices => subscription.invoices_url.as_ref(),
            Self::Cancel => subscription.cancel_url.as_ref(),
        }
    }
}

impl Billing {
    pub(crate) async fn portal(
        &self,
        page: PortalPage,
        user: &ReferenceId,
        head: &Head<'_>,
    ) -> Answer {
        let Some(portal) = &self.inner.portal else { return no_subscription() };
        let decision = match self.decide(user).await {
            Ok(decision) => decision,
            Err(denial) => return self.denied(&denial, head),
        };
        let Some(id) = chosen(&decision, head) else {
            return self.without_subscription(decision, head);
        };
        let subscription = match portal.subscription(&id).await {
            Ok(subscription) if subscription.id == id => subscription,
            Ok(_) => return failed("another subscription was answered"),
            Err(PortalError::NotFound) => return no_subscription(),
            Err(error @ PortalError::Unavailable(_)) => {
                tracing::warn!(error = &error as &dyn Error, "the billing portal is out of reach");
                let title = "The billing portal cannot be reached right now";
                return problem(503, "unavailable", title, "portal_unavailable");
            }
            Err(error) => {
                tracing::error!(error = &error as &dyn Error, "no link into the billing portal");
                return bad_gateway();
            }
        };
        let Some(link) = page.of(&subscription) else {
            let title = "The billing portal has no such page for this subscription";
            return problem(404, "no-portal-page", title, "no_portal_page");
        };
        let link = link.expose();
        match check_link(&link, self.inner.allow_localhost) {
            Ok(()) => see_other(link.into_owned()),
            Err(_) => failed("the link is none that a visitor could be sent to"),
        }
    }

    /// To the paywall, as a guard sends there, or not found.
    fn without_subscription(&self, decision: Decision, head: &Head<'_>) -> Answer {
        let named = head.parameter("subscription").is_some();
        if named || decision.is_allowed() {
            return no_subscription();
        }
        let denial = Denial::NotPaid(Box::new(decision));
        let answer = denial.answer(head.accept, &self.inner.pages);
        if answer.status == 303 { answer } else { no_subscription() }
    }
}

/// The one that is named, if it is the user's own; else the one that the decision is about.
fn chosen(decision: &Decision, head: &Head<'_>) -> Option<SubscriptionId> {
    let own = match head.parameter("subscription") {
        Some(named) => decision.subscriptions().iter().find(|known| known.subscription == *named),
        None => decision.subscription(),
    };
    own.map(|own| own.subscription.clone())
}

fn no_subscription() -> Answer {
    problem(404, "no-subscription", "There is no such subscription", "no_subscription")
}

fn failed(why: &str) -> Answer {
    tracing::error!(why, "no link into the billing portal");
    bad_gateway()
}

fn bad_gateway() -> Answer {
    problem(502, "portal", "The billing portal gave no usable answer", "portal_failed")
}
