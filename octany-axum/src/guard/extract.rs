//! What a guarded handler asks for.

use std::ops::Deref;

use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;
use octany_core::Snapshot;
use octany_entitlement::{self as entitlement, Denial};

use super::GuardRejection;

/// The subscription that a guard let pass.
///
/// It comes from the [`RequireSubscription`](super::RequireSubscription) around the route. Without
/// one, nobody is believed to have paid: the answer is 500 and says what is missing.
///
/// Under a gate [in shadow](octany_entitlement::Gate::shadow) there may be none. A handler that
/// takes this type then answers as the guard would have, with 402; one that takes an `Option` of
/// it finds out.
///
/// ```
/// use axum::body::Body;
/// use axum::routing::get;
/// use axum::{Extension, Router, http::Request, http::StatusCode};
/// use octany_axum::{ActiveSubscription, RequireSubscription};
/// # use octany_core::{AccessPolicy, ReferenceId, Snapshot, Source, Version};
/// # use octany_entitlement::{Gate, MemoryStore, OnOutage, SubscriptionStore};
/// # use tower::ServiceExt;
///
/// async fn export(subscription: ActiveSubscription) -> StatusCode {
///     if subscription.decision().has_feature("export") {
///         StatusCode::OK
///     } else {
///         StatusCode::FORBIDDEN
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = MemoryStore::new();
/// # let mut report = Snapshot::new(1, "active", Version::new(chrono::Utc::now(), Source::Api));
/// # report.reference = Some("user_42".into());
/// # store.apply(&report).await?;
/// # let gate = Gate::new(store, AccessPolicy::new(), OnOutage::Deny);
/// let app = Router::new().route("/export", get(export));
/// let guarded = app
///     .clone()
///     .route_layer(RequireSubscription::new(gate, |user: &ReferenceId| user.clone()))
///     .layer(Extension(ReferenceId::from("user_42")));
///
/// let request = || Request::get("/export").body(Body::empty());
/// assert_eq!(guarded.oneshot(request()?).await?.status(), StatusCode::FORBIDDEN);
/// // Somebody forgot the guard.
/// assert_eq!(app.oneshot(request()?).await?.status(), StatusCode::INTERNAL_SERVER_ERROR);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct ActiveSubscription {
    decision: entitlement::Decision,
    subscription: Snapshot,
}

impl ActiveSubscription {
    /// The subscription that grants access.
    pub fn subscription(&self) -> &Snapshot {
        &self.subscription
    }

    /// The decision that let the request pass.
    pub fn decision(&self) -> &entitlement::Decision {
        &self.decision
    }

    pub(super) fn granted(decision: entitlement::Decision) -> Result<Self, Denial> {
        match decision.subscription().cloned() {
            Some(subscription) if decision.is_allowed() => Ok(Self { decision, subscription }),
            _ => Err(Denial::NotPaid(Box::new(decision))),
        }
    }
}

impl Deref for ActiveSubscription {
    type Target = Snapshot;

    fn deref(&self) -> &Snapshot {
        &self.subscription
    }
}

impl<S: Sync> FromRequestParts<S> for ActiveSubscription {
    type Rejection = GuardRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, GuardRejection> {
        decided(parts).and_then(Self::granted).map_err(|denial| GuardRejection::new(denial, parts))
    }
}

/// `None` is what a guard in shadow would have denied; a guard there must still be.
impl<S: Sync> OptionalFromRequestParts<S> for ActiveSubscription {
    type Rejection = GuardRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, GuardRejection> {
        unless_no_guard(decided(parts).and_then(Self::granted), parts)
    }
}

/// What a guard decided, for a handler that wants to know why.
///
/// Like [`ActiveSubscription`], it needs a guard around the route.
#[derive(Clone, Debug)]
pub struct Decision(pub entitlement::Decision);

impl Deref for Decision {
    type Target = entitlement::Decision;

    fn deref(&self) -> &entitlement::Decision {
        &self.0
    }
}

impl<S: Sync> FromRequestParts<S> for Decision {
    type Rejection = GuardRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, GuardRejection> {
        decided(parts).map(Self).map_err(|denial| GuardRejection::new(denial, parts))
    }
}

/// `None` is where a guard in shadow could not tell, or nobody is signed in; a guard there must
/// still be.
impl<S: Sync> OptionalFromRequestParts<S> for Decision {
    type Rejection = GuardRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, GuardRejection> {
        unless_no_guard(decided(parts).map(Self), parts)
    }
}

/// What the guard left in the request; a denial, where it is in shadow and came to no decision.
fn decided(parts: &Parts) -> Result<entitlement::Decision, Denial> {
    match (parts.extensions.get(), parts.extensions.get()) {
        (Some(decision), _) => Ok(entitlement::Decision::clone(decision)),
        (None, Some(denial)) => Err(Denial::clone(denial)),
        (None, None) => Err(Denial::NoGuard),
    }
}

fn unless_no_guard<T>(
    found: Result<T, Denial>,
    parts: &Parts,
) -> Result<Option<T>, GuardRejection> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(Denial::NoGuard) => Err(GuardRejection::new(Denial::NoGuard, parts)),
        Err(_) => Ok(None),
    }
}
