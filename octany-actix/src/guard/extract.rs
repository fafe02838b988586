//! What a guarded handler asks for.

use std::future::{Ready, ready};
use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use octany_core::Snapshot;
use octany_entitlement::{self as entitlement, Denial};

use super::GuardRejection;

/// The subscription that a guard let pass.
///
/// It comes from the [`RequireSubscription`](super::RequireSubscription) around the route. Without
/// one, nobody is believed to have paid: the answer is 500 and says what is missing.
///
/// Under a gate [in shadow](octany_entitlement::Gate::shadow) there may be none. A handler that
/// takes this type then answers as the guard would have, with 402; one that takes a `Result` of it
/// and a [`GuardRejection`] finds out. An `Option` of it is `None` whatever the reason, as actix
/// would have it: there, a missing guard stands in the log only.
///
/// ```
/// use actix_web::http::StatusCode;
/// use actix_web::test::{TestRequest, call_service, init_service};
/// use actix_web::{App, HttpMessage, HttpResponse, web};
/// use octany_actix::{ActiveSubscription, RequireSubscription};
/// # use octany_core::{AccessPolicy, ReferenceId, Snapshot, Source, Version};
/// # use octany_entitlement::{Gate, MemoryStore, OnOutage, SubscriptionStore};
///
/// async fn export(subscription: ActiveSubscription) -> HttpResponse {
///     if subscription.decision().has_feature("export") {
///         HttpResponse::Ok().finish()
///     } else {
///         HttpResponse::Forbidden().finish()
///     }
/// }
///
/// # #[actix_web::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = MemoryStore::new();
/// # let mut report = Snapshot::new(1, "active", Version::new(chrono::Utc::now(), Source::Api));
/// # report.reference = Some("user_42".into());
/// # store.apply(&report).await?;
/// # let gate = Gate::new(store, AccessPolicy::new(), OnOutage::Deny);
/// let guard = RequireSubscription::new(gate, |user: &ReferenceId| user.clone());
/// let guarded = web::resource("/export").wrap(guard).route(web::get().to(export));
/// let app = App::new().service(guarded).route("/forgotten", web::get().to(export));
/// let app = init_service(app).await;
///
/// let request = |path| {
///     let request = TestRequest::get().uri(path).to_request();
///     request.extensions_mut().insert(ReferenceId::from("user_42"));
///     request
/// };
/// let refused = call_service(&app, request("/export")).await;
/// assert_eq!(refused.status(), StatusCode::FORBIDDEN);
/// // Somebody forgot the guard.
/// let refused = call_service(&app, request("/forgotten")).await;
/// assert_eq!(refused.status(), StatusCode::INTERNAL_SERVER_ERROR);
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

impl FromRequest for ActiveSubscription {
    type Error = GuardRejection;
    type Future = Ready<Result<Self, GuardRejection>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let granted = decided(request).and_then(Self::granted);
        ready(granted.map_err(|denial| GuardRejection::new(denial, request)))
    }
}

/// What a guard decided, for a handler that wants to know why.
///
/// Like [`ActiveSubscription`], it needs a guard around the route. Where a guard in shadow could not
/// tell, or nobody is signed in, there is none, and an `Option` of it is `None`.
#[derive(Clone, Debug)]
pub struct Decision(pub entitlement::Decision);

impl Deref for Decision {
    type Target = entitlement::Decision;

    fn deref(&self) -> &entitlement::Decision {
        &self.0
    }
}

impl FromRequest for Decision {
    type Error = GuardRejection;
    type Future = Ready<Result<Self, GuardRejection>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let decided = decided(request).map(Self);
        ready(decided.map_err(|denial| GuardRejection::new(denial, request)))
    }
}

/// What the guard left in the request; a denial, where it is in shadow and came to no decision.
fn decided(request: &HttpRequest) -> Result<entitlement::Decision, Denial> {
    let extensions = request.extensions();
    match (extensions.get(), extensions.get()) {
        (Some(decision), _) => Ok(entitlement::Decision::clone(decision)),
        (None, Some(denial)) => Err(Denial::clone(denial)),
        (None, None) => Err(Denial::NoGuard),
    }
}
