//! The guard as an extractor.

use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use octany_core::ReferenceId;
use octany_entitlement::{Admission, Denial, Gate, IntoSubject, Subscriber};

use super::{ActiveSubscription, GuardRejection, SubscribedRejection};
use crate::data::app_data;

/// A user who has paid: the guard as an extractor, which cannot be forgotten in the router.
///
/// It asks the [`Gate`] in the app's `app_data`, as it is or in a `web::Data`, and is made of the
/// app's own extractor for users. Without a gate, nobody is believed to have paid: the answer is
/// 500. Browsers are sent to the [`GuardPages`](octany_entitlement::GuardPages) in the `app_data`,
/// if there are any. A gate in shadow has nothing to give for who has not paid.
///
/// ```
/// use std::future::{Ready, ready};
///
/// use actix_web::dev::Payload;
/// use actix_web::error::ErrorUnauthorized;
/// use actix_web::http::StatusCode;
/// use actix_web::test::{TestRequest, call_service, init_service};
/// use actix_web::{App, Error, FromRequest, HttpRequest, web};
/// use octany_actix::Subscribed;
/// use octany_core::{AccessPolicy, ReferenceId, Snapshot, Source, Version};
/// use octany_entitlement::{Gate, MemoryStore, OnOutage, Subscriber, SubscriptionStore};
///
/// struct CurrentUser(String);
///
/// impl FromRequest for CurrentUser {
///     type Error = Error;
///     type Future = Ready<Result<Self, Error>>;
///
///     fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
///         // This stands for a look at the session.
///         let user = request.headers().get("x-user").and_then(|user| user.to_str().ok());
///         ready(user.map(|user| Self(user.to_owned())).ok_or(ErrorUnauthorized("who are you?")))
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
/// # #[actix_web::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = MemoryStore::new();
/// # let mut report = Snapshot::new(1, "active", Version::new(chrono::Utc::now(), Source::Api));
/// # report.reference = Some("alice".into());
/// # store.apply(&report).await?;
/// let gate = Gate::new(store, AccessPolicy::new(), OnOutage::Deny);
/// let app = App::new().app_data(gate).route("/reports", web::get().to(reports));
/// let app = init_service(app).await;
///
/// let as_user = |user| {
///     TestRequest::get().uri("/reports").insert_header(("x-user", user)).to_request()
/// };
/// assert_eq!(call_service(&app, as_user("alice")).await.status(), StatusCode::OK);
/// assert_eq!(call_service(&app, as_user("bob")).await.status(), StatusCode::PAYMENT_REQUIRED);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Subscribed<U> {
    /// The user.
    pub user: U,
    /// What grants access.
    pub subscription: ActiveSubscription,
}

impl<U> FromRequest for Subscribed<U>
where
    U: FromRequest + Subscriber + 'static,
{
    type Error = SubscribedRejection<U::Error>;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let user = U::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let user = user.await.map_err(SubscribedRejection::User)?;
            match subscription(app_data(&request), user.reference_id()).await {
                Ok(subscription) => Ok(Self { user, subscription }),
                Err(denial) => Err(GuardRejection::new(denial, &request).into()),
            }
        })
    }
}

async fn subscription(
    gate: Option<&Gate>,
    reference: Option<ReferenceId>,
) -> Result<ActiveSubscription, Denial> {
    let gate = gate.ok_or_else(|| {
        tracing::error!("`Subscribed` has no `Gate` to ask: put one into the `app_data`");
        Denial::NoGuard
    })?;
    let admission = match gate.try_admit(reference.into_subject()) {
        Ok(admission) => admission,
        Err(reference) => gate.admit(&reference).await,
    };
    match admission {
        Admission::Passes(decision) => ActiveSubscription::granted(decision),
        Admission::PassesUndecided(denial) | Admission::TurnedAway(denial) => Err(denial),
    }
}
