//! How the routes are mounted.

use std::fmt;

use actix_web::HttpRequest;
use octany_billing::Billing;
use octany_entitlement::IntoSubject;

use crate::guard::{FromAsync, FromExtension, FromHttpRequest};

/// The routes of an app's billing, as one service.
///
/// Who is there comes from the app: a closure gives the reference that the guards ask for, too.
/// [`Billing`] decides everything else. Mount it in a scope where [`Billing::mount`] says, and inside
/// of what signs people in.
///
/// ```
/// use std::sync::Arc;
///
/// use actix_web::http::StatusCode;
/// use actix_web::test::{TestRequest, call_service, init_service};
/// use actix_web::{App, HttpMessage, web};
/// use octany_actix::BillingRoutes;
/// use octany_billing::{Billing, Offer};
/// use octany_core::{AccessPolicy, ReferenceId, checkout::ReferenceKey};
/// use octany_entitlement::{Gate, MemoryStore, OnOutage};
///
/// #[derive(Clone)]
/// struct CurrentUser(ReferenceId);
///
/// # #[actix_web::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = Arc::new(MemoryStore::new());
/// let gate = Gate::new(store.clone(), AccessPolicy::new(), OnOutage::Deny);
/// let account = "0b6f9a52-7c11-4b8e-9d55-6f1d0c3a2e41";
/// let billing = Billing::builder(account, "https://app.example", gate, store)
///     .signed(ReferenceKey::new(b"32 bytes out of a random source.".to_vec())?)
///     .offer(Offer::new(42))
///     .build()?;
///
/// let routes = BillingRoutes::new(billing, |user: &CurrentUser| user.0.clone());
/// let app = App::new().service(web::scope("/billing").service(routes.clone()));
/// let app = init_service(app).await;
///
/// let subscribe = || TestRequest::post().uri("/billing/subscribe").to_request();
/// let signed_in = subscribe();
/// signed_in.extensions_mut().insert(CurrentUser("user_42".into())); // for the sign-in
/// let sent_on = call_service(&app, signed_in).await;
/// assert_eq!(sent_on.status(), StatusCode::SEE_OTHER);
/// let checkout = sent_on.headers().get("location").unwrap().to_str()?;
/// assert!(checkout.starts_with("https://checkout.octany.com/checkout/0b6f9a52-"));
///
/// // Nobody is signed in.
/// assert_eq!(call_service(&app, subscribe()).await.status(), StatusCode::UNAUTHORIZED);
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use]
pub struct BillingRoutes<I> {
    pub(super) billing: Billing,
    pub(super) identify: I,
}

impl<T, F> BillingRoutes<FromExtension<T, F>> {
    /// Asks a closure over what the app's sign-in left in the request's extensions.
    ///
    /// It answers with a reference, or with an `Option` of one. A request without a `T` counts as
    /// signed out.
    pub fn new<A>(billing: Billing, ask: F) -> Self
    where
        F: Fn(&T) -> A,
        A: IntoSubject,
    {
        Self { billing, identify: FromExtension::new(ask) }
    }
}

impl<F> BillingRoutes<FromHttpRequest<F>> {
    /// Asks a closure over the request.
    pub fn from_request<A>(billing: Billing, ask: F) -> Self
    where
        F: Fn(&HttpRequest) -> A,
        A: IntoSubject,
    {
        Self { billing, identify: FromHttpRequest::new(ask) }
    }
}

impl<F> BillingRoutes<FromAsync<F>> {
    /// Asks a closure that has to wait for the answer, such as for a session's row.
    ///
    /// It is given the request as a clone of its own. A look-up that fails is no "signed out": answer
    /// with a [`StoreError`](octany_entitlement::StoreError).
    pub fn from_async<Fut>(billing: Billing, ask: F) -> Self
    where
        F: Fn(HttpRequest) -> Fut,
        Fut: Future<Output: IntoSubject>,
    {
        Self { billing, identify: FromAsync::new(ask) }
    }
}

impl<I> fmt::Debug for BillingRoutes<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BillingRoutes").field("billing", &self.billing).finish_non_exhaustive()
    }
}
