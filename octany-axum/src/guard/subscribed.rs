//! The guard as an extractor.

use axum_core::extract::{FromRef, FromRequestParts};
use http::request::Parts;
use octany_core::ReferenceId;
use octany_entitlement::{Admission, Denial, Gate, IntoSubject, Subscriber};

use super::{ActiveSubscription, GuardRejection, SubscribedRejection};

/// A user who has paid: the guard as an extractor, which cannot be forgotten in the router.
///
/// It asks the [`Gate`] in the app's state, and is made of the app's own extractor for users.
/// Browsers are sent to the [`GuardPages`](octany_entitlement::GuardPages) in the request's
/// extensions, if there are any. A gate in shadow has nothing to give for who has not paid.
///
/// ```
/// use axum::body::Body;
/// use axum::extract::FromRequestParts;
/// use axum::http::{Request, StatusCode, request::Parts};
/// use axum::{Router, routing::get};
/// use octany_axum::Subscribed;
/// use octany_core::{AccessPolicy, ReferenceId, Snapshot, Source, Version};
/// use octany_entitlement::{Gate, MemoryStore, OnOutage, Subscriber, SubscriptionStore};
/// # use tower::ServiceExt;
///
/// struct CurrentUser(String);
///
/// impl<S: Sync> FromRequestParts<S> for CurrentUser {
///     type Rejection = StatusCode;
///
///     async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
///         // This stands for a look at the session.
///         let user = parts.headers.get("x-user").and_then(|user| user.to_str().ok());
///         user.map(|user| Self(user.to_owned())).ok_or(StatusCode::UNAUTHORIZED)
///     }
/// }
///
/// impl Subscriber for CurrentUser {
///     fn reference_id(&self) -> Option<ReferenceId> {
///         Some(self.0.as_str().into())
///     }
/// }
///
/// async fn reports(Subscribed { user, subscription }: Subscribed<CurrentUser>) -> String {
///     format!("{} paid with {}", user.0, subscription.subscription)
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = MemoryStore::new();
/// # let mut report = Snapshot::new(1, "active", Version::new(chrono::Utc::now(), Source::Api));
/// # report.reference = Some("alice".into());
/// # store.apply(&report).await?;
/// let gate = Gate::new(store, AccessPolicy::new(), OnOutage::Deny);
/// let app = Router::new().route("/reports", get(reports)).with_state(gate);
///
/// let as_user = |user| Request::get("/reports").header("x-user", user).body(Body::empty());
/// assert_eq!(app.clone().oneshot(as_user("alice")?).await?.status(), StatusCode::OK);
/// assert_eq!(app.oneshot(as_user("bob")?).await?.status(), StatusCode::PAYMENT_REQUIRED);
/// # Ok(()) }
/// ```
///
/// An app whose state has no gate does not compile:
///
/// ```compile_fail
/// # use axum::{Router, routing::get};
/// # use octany_axum::Subscribed;
/// # use octany_entitlement::Subscriber;
/// # struct CurrentUser;
/// # impl<S: Sync> axum::extract::FromRequestParts<S> for CurrentUser {
/// #     type Rejection = ();
/// #     async fn from_request_parts(_: &mut http::request::Parts, _: &S) -> Result<Self, ()> {
/// #         Ok(Self)
/// #     }
/// # }
/// # impl Subscriber for CurrentUser {
/// #     fn reference_id(&self) -> Option<octany_core::ReferenceId> {
/// #         None
/// #     }
/// # }
/// # async fn reports(_: Subscribed<CurrentUser>) {}
/// let app: Router = Router::new().route("/reports", get(reports)).with_state(());
/// ```
#[derive(Clone, Debug)]
pub struct Subscribed<U> {
    /// The user.
    pub user: U,
    /// What grants access.
    pub subscription: ActiveSubscription,
}

impl<S, U> FromRequestParts<S> for Subscribed<U>
where
    S: Send + Sync,
    Gate: FromRef<S>,
    U: FromRequestParts<S> + Subscriber + Send,
{
    type Rejection = SubscribedRejection<U::Rejection>;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let user = U::from_request_parts(parts, state).await.map_err(SubscribedRejection::User)?;
        match subscription(&Gate::from_ref(state), user.reference_id()).await {
            Ok(subscription) => Ok(Self { user, subscription }),
            Err(denial) => Err(GuardRejection::new(denial, parts).into()),
        }
    }
}

async fn subscription(
    gate: &Gate,
    reference: Option<ReferenceId>,
) -> Result<ActiveSubscription, Denial> {
    let admission = match gate.try_admit(reference.into_subject()) {
        Ok(admission) => admission,
        Err(reference) => gate.admit(&reference).await,
    };
    match admission {
        Admission::Passes(decision) => ActiveSubscription::granted(decision),
        Admission::PassesUndecided(denial) | Admission::TurnedAway(denial) => Err(denial),
    }
}
