//! How a guard is set up.

use std::fmt;
use std::future::{Ready, ready};
use std::rc::Rc;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::{Error, HttpRequest};
use octany_entitlement::{Denial, Gate, GuardPages, IntoSubject};

use super::service::Rules;
use super::{FromAsync, FromExtension, FromHttpRequest, Identify, SubscriptionGuard};
use crate::answer::{AnswerDenial, StandardAnswers};

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
/// Put it around a resource, so that paths which do not exist stay 404, or around a scope, where
/// they are guarded too; and inside of what signs people in, which means: `wrap` it first.
///
/// ```
/// use std::sync::Arc;
///
/// use actix_web::http::StatusCode;
/// use actix_web::test::{TestRequest, call_service, init_service};
/// use actix_web::{App, HttpMessage, web};
/// use octany_actix::{ActiveSubscription, RequireSubscription};
/// use octany_core::{AccessPolicy, ReferenceId, Snapshot, Source, Version};
/// use octany_entitlement::{Gate, MemoryStore, OnOutage, SubscriptionStore};
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
/// # #[actix_web::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = Arc::new(MemoryStore::new());
/// # let version = Version::new(chrono::Utc::now(), Source::Api);
/// let mut report = Snapshot::new(76963688, "active", version);
/// report.reference = Some("user_42".into());
/// store.apply(&report).await?;
///
/// let gate = Gate::new(store, AccessPolicy::new(), OnOutage::Deny);
/// let guard = RequireSubscription::new(gate, |user: &CurrentUser| user.reference_id());
/// let reports = web::resource("/reports").wrap(guard).route(web::get().to(reports));
/// let app = init_service(App::new().service(reports)).await;
///
/// let request = || TestRequest::get().uri("/reports").to_request();
/// let as_user = |id| {
///     // This stands for the middleware that signs people in.
///     let request = request();
///     request.extensions_mut().insert(CurrentUser { id });
///     request
/// };
/// assert_eq!(call_service(&app, as_user(42)).await.status(), StatusCode::OK);
/// assert_eq!(call_service(&app, as_user(43)).await.status(), StatusCode::PAYMENT_REQUIRED);
/// assert_eq!(call_service(&app, request()).await.status(), StatusCode::UNAUTHORIZED);
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

impl<F> RequireSubscription<FromHttpRequest<F>> {
    /// Asks a closure over the request.
    ///
    /// ```
    /// use actix_web::HttpRequest;
    /// use octany_actix::RequireSubscription;
    /// use octany_core::ReferenceId;
    /// # use octany_core::AccessPolicy;
    /// # use octany_entitlement::{Gate, MemoryStore, OnOutage};
    ///
    /// # let gate = Gate::new(MemoryStore::new(), AccessPolicy::new(), OnOutage::Deny);
    /// // Behind a proxy that signs people in and sets this header, whatever the client sent.
    /// let guard = RequireSubscription::from_request(gate, |request: &HttpRequest| {
    ///     let user = request.headers().get("x-authenticated-user")?;
    ///     Some(ReferenceId::from(user.to_str().ok()?))
    /// });
    /// # actix_web::App::new().wrap(guard);
    /// ```
    pub fn from_request<A>(gate: Gate, ask: F) -> Self
    where
        F: Fn(&HttpRequest) -> A,
        A: IntoSubject,
    {
        Self::with(gate, FromHttpRequest::new(ask))
    }
}

impl<F> RequireSubscription<FromAsync<F>> {
    /// Asks a closure that has to wait for the answer, such as for a session's row.
    ///
    /// It is given the request as a clone of its own, so that it can keep it while it waits, and run
    /// the app's extractors on it. It must not keep it for longer: actix panics when it routes a
    /// request of which there is another clone. A look-up that fails is no "signed out": answer with
    /// a [`StoreError`](octany_entitlement::StoreError), and the request is answered 503.
    ///
    /// ```
    /// use actix_web::HttpRequest;
    /// use octany_actix::RequireSubscription;
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
    /// let guard = RequireSubscription::from_async(gate, move |request: HttpRequest| {
    ///     let sessions = sessions.clone();
    ///     async move {
    ///         let cookies = request.headers().get("cookie").and_then(|c| c.to_str().ok());
    ///         let Some(cookies) = cookies else { return Ok(None) };
    ///         let user = sessions.user_of(cookies).await.map_err(StoreError::unavailable)?;
    ///         Ok(user.map(|id| ReferenceId::from(format!("user_{id}"))))
    ///     }
    /// });
    /// # actix_web::App::new().wrap(guard);
    /// ```
    pub fn from_async<Fut>(gate: Gate, ask: F) -> Self
    where
        F: Fn(HttpRequest) -> Fut,
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
    /// use actix_web::HttpResponse;
    /// use actix_web::http::header::ContentType;
    /// use octany_actix::RequireSubscription;
    /// use octany_entitlement::Denial;
    /// # use octany_core::{AccessPolicy, ReferenceId};
    /// # use octany_entitlement::{Gate, MemoryStore, OnOutage};
    ///
    /// # let gate = Gate::new(MemoryStore::new(), AccessPolicy::new(), OnOutage::Deny);
    /// let guard = RequireSubscription::new(gate, |user: &ReferenceId| user.clone())
    ///     .on_denied(|denial, request| {
    ///         let Denial::NotPaid(decision) = denial else { return None };
    ///         let page = format!("<p>{} is for members: {}.", request.uri(), decision.reason());
    ///         Some(HttpResponse::PaymentRequired().content_type(ContentType::html()).body(page))
    ///     });
    /// # actix_web::App::new().wrap(guard);
    /// ```
    pub fn on_denied<F, A>(self, answers: F) -> RequireSubscription<I, F>
    where
        F: Fn(&Denial, &HttpRequest) -> A,
    {
        let Rules { gate, identify, pages, answers: _ } = self.rules;
        RequireSubscription { rules: Rules { gate, identify, pages, answers } }
    }
}

impl<S, I, D, B> Transform<S, ServiceRequest> for RequireSubscription<I, D>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    I: Identify + Clone,
    D: AnswerDenial + Clone,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type InitError = ();
    type Transform = SubscriptionGuard<S, I, D>;
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(SubscriptionGuard::new(service, Rc::new(self.rules.clone()))))
    }
}

impl<I, D> fmt::Debug for RequireSubscription<I, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RequireSubscription").field(&self.rules).finish()
    }
}
