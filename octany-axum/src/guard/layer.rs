//! How a guard is set up.

use std::fmt;
use std::sync::Arc;

use http::request::Parts;
use octany_entitlement::{Denial, Gate, GuardPages, IntoSubject};
use tower_layer::Layer;

use super::service::Rules;
use super::{FromAsync, FromExtension, FromParts, SubscriptionGuard};
use crate::answer::StandardAnswers;

/// Lets a request pass only if whoever sends it has paid.
///
/// Who that is comes from the app: a closure gives the reference that the checkout was started
/// with. The [`Gate`] decides. A request that passes carries the
/// [`Decision`](octany_entitlement::Decision) in its extensions; the extractor
/// [`ActiveSubscription`](super::ActiveSubscription) reads it. One that does not is answered, and
/// the response carries the typed [`Denial`] in *its* extensions, for outer layers.
///
/// A gate [in shadow](Gate::shadow) lets everybody pass to the handler, those too that nobody
/// knows, and only records. What it would have said stands in the request's extensions. A handler
/// that takes the subscription itself still turns away who has none: while in shadow, let it take
/// an `Option` of it.
///
/// Put it on with `route_layer`, so that paths which do not exist stay 404, and inside of what
/// signs people in.
///
/// ```
/// use std::sync::Arc;
///
/// use axum::body::Body;
/// use axum::routing::get;
/// use axum::{Extension, Router, http::Request, http::StatusCode};
/// use octany_axum::{ActiveSubscription, RequireSubscription};
/// use octany_core::{AccessPolicy, ReferenceId, Snapshot, Source, Version};
/// use octany_entitlement::{Gate, MemoryStore, OnOutage, SubscriptionStore};
/// use tower::ServiceExt;
///
/// #[derive(Clone)]
/// struct CurrentUser {
///     id: u64,
/// }
///
/// impl CurrentUser {
///     fn reference_id(&self) -> ReferenceId {
///         format!("user_{}", self.id).into()
///     }
/// }
///
/// async fn reports(subscription: ActiveSubscription) -> String {
///     format!("paid by {}", subscription.subscription)
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = Arc::new(MemoryStore::new());
/// # let version = Version::new(chrono::Utc::now(), Source::Api);
/// let mut report = Snapshot::new(76963688, "active", version);
/// report.reference = Some("user_42".into());
/// store.apply(&report).await?;
///
/// let gate = Gate::new(store, AccessPolicy::new(), OnOutage::Deny);
/// let paid = Router::new()
///     .route("/reports", get(reports))
///     .route_layer(RequireSubscription::new(gate, |user: &CurrentUser| user.reference_id()));
///
/// // This stands for the layer that signs people in.
/// let as_user = |id| paid.clone().layer(Extension(CurrentUser { id }));
/// let request = || Request::get("/reports").body(Body::empty());
///
/// assert_eq!(as_user(42).oneshot(request()?).await?.status(), StatusCode::OK);
/// assert_eq!(as_user(43).oneshot(request()?).await?.status(), StatusCode::PAYMENT_REQUIRED);
/// assert_eq!(paid.oneshot(request()?).await?.status(), StatusCode::UNAUTHORIZED);
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use]
pub struct RequireSubscription<I, D = StandardAnswers> {
    rules: Rules<I, D>,
}

impl<T, F> RequireSubscription<FromExtension<T, F>> {
    /// Asks a closure over what the app's sign-in left in the request's extensions.
    ///
    /// It answers with a reference, or with an `Option` of one. A request without a `T` counts as
    /// signed out; so does every request, if the guard stands outside of the sign-in.
    pub fn new<A>(gate: Gate, ask: F) -> Self
    where
        F: Fn(&T) -> A,
        A: IntoSubject,
    {
        Self::with(gate, FromExtension::new(ask))
    }
}

impl<F> RequireSubscription<FromParts<F>> {
    /// Asks a closure over the head of the request.
    ///
    /// ```
    /// use http::request::Parts;
    /// use octany_axum::RequireSubscription;
    /// use octany_core::ReferenceId;
    /// # use octany_core::AccessPolicy;
    /// # use octany_entitlement::{Gate, MemoryStore, OnOutage};
    ///
    /// # let gate = Gate::new(MemoryStore::new(), AccessPolicy::new(), OnOutage::Deny);
    /// // Behind a proxy that signs people in and sets this header, whatever the client sent.
    /// let guard = RequireSubscription::from_parts(gate, |parts: &Parts| {
    ///     let user = parts.headers.get("x-authenticated-user")?;
    ///     Some(ReferenceId::from(user.to_str().ok()?))
    /// });
    /// # axum::Router::<()>::new().layer(guard);
    /// ```
    pub fn from_parts<A>(gate: Gate, ask: F) -> Self
    where
        F: Fn(&Parts) -> A,
        A: IntoSubject,
    {
        Self::with(gate, FromParts::new(ask))
    }
}

impl<F> RequireSubscription<FromAsync<F>> {
    /// Asks a closure that has to wait for the answer, such as for a session's row.
    ///
    /// It is given the head of the request as a copy of its own, so that it can keep it while it
    /// waits, and run the app's extractors on it. A look-up that fails is no "signed out": answer
    /// with a [`StoreError`](octany_entitlement::StoreError), and the request is answered 503.
    ///
    /// ```
    /// use http::request::Parts;
    /// use octany_axum::RequireSubscription;
    /// use octany_core::ReferenceId;
    /// use octany_entitlement::StoreError;
    /// # use octany_core::AccessPolicy;
    /// # use octany_entitlement::{Gate, MemoryStore, OnOutage};
    ///
    /// #[derive(Clone)]
    /// struct Sessions; // over a pool of connections
    ///
    /// impl Sessions {
    ///     async fn user_of(&self, cookies: &str) -> Result<Option<u64>, std::io::Error> {
    ///         Ok((cookies == "session=alice").then_some(42))
    ///     }
    /// }
    ///
    /// # let gate = Gate::new(MemoryStore::new(), AccessPolicy::new(), OnOutage::Deny);
    /// let sessions = Sessions;
    /// let guard = RequireSubscription::from_async(gate, move |parts: Parts| {
    ///     let sessions = sessions.clone();
    ///     async move {
    ///         let Some(cookies) = parts.headers.get("cookie").and_then(|c| c.to_str().ok()) else {
    ///             return Ok(None);
    ///         };
    ///         let user = sessions.user_of(cookies).await.map_err(StoreError::unavailable)?;
    ///         Ok(user.map(|id| ReferenceId::from(format!("user_{id}"))))
    ///     }
    /// });
    /// # axum::Router::<()>::new().layer(guard);
    /// ```
    pub fn from_async<Fut>(gate: Gate, ask: F) -> Self
    where
        F: Fn(Parts) -> Fut,
        Fut: Future<Output: IntoSubject>,
    {
        Self::with(gate, FromAsync::new(ask))
    }
}

impl<I> RequireSubscription<I> {
    fn with(gate: Gate, identify: I) -> Self {
        let pages = GuardPages::new();
        Self { rules: Rules { gate, identify, pages, answers: StandardAnswers } }
    }
}

impl<I, D> RequireSubscription<I, D> {
    /// Where people are sent that may not pass; without pages, every answer is a problem document.
    pub fn pages(mut self, pages: GuardPages) -> Self {
        self.rules.pages = pages;
        self
    }

    /// Answers requests that may not pass in your own way.
    ///
    /// The closure gives a response, or an `Option` of one where `None` leaves the answer as it
    /// is.
    ///
    /// ```
    /// use axum::http::StatusCode;
    /// use axum::response::{Html, IntoResponse};
    /// use octany_axum::RequireSubscription;
    /// use octany_entitlement::Denial;
    /// # use octany_core::{AccessPolicy, ReferenceId};
    /// # use octany_entitlement::{Gate, MemoryStore, OnOutage};
    ///
    /// # let gate = Gate::new(MemoryStore::new(), AccessPolicy::new(), OnOutage::Deny);
    /// let guard = RequireSubscription::new(gate, |user: &ReferenceId| user.clone())
    ///     .on_denied(|denial, parts| {
    ///         let Denial::NotPaid(decision) = denial else { return None };
    ///         let page = format!("<p>{} is for members: {}.", parts.uri, decision.reason());
    ///         Some((StatusCode::PAYMENT_REQUIRED, Html(page)).into_response())
    ///     });
    /// # axum::Router::<()>::new().layer(guard);
    /// ```
    pub fn on_denied<F, A>(self, answers: F) -> RequireSubscription<I, F>
    where
        F: Fn(&Denial, &Parts) -> A,
    {
        let Rules { gate, identify, pages, answers: _ } = self.rules;
        RequireSubscription { rules: Rules { gate, identify, pages, answers } }
    }
}

impl<S, I: Clone, D: Clone> Layer<S> for RequireSubscription<I, D> {
    type Service = SubscriptionGuard<S, I, D>;

    fn layer(&self, inner: S) -> Self::Service {
        SubscriptionGuard::new(inner, Arc::new(self.rules.clone()))
    }
}

impl<I, D> fmt::Debug for RequireSubscription<I, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RequireSubscription").field(&self.rules).finish()
    }
}
