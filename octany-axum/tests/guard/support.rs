//! Gates over what is known, in memory and further away, and over nothing.

use async_trait::async_trait;
use axum::body::Body;
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use chrono::Utc;
use http::Request;
use http_body_util::BodyExt;
use octany_axum::answer::AnswerDenial;
use octany_axum::guard::{FromExtension, Identify};
use octany_axum::{Decision, RequireSubscription};
use octany_core::{AccessPolicy, Applied, ReferenceId, Snapshot, Source, Version};
use octany_entitlement::{Denial, Gate, MemoryStore, OnOutage, StoreError, SubscriptionStore};
use tower::ServiceExt;

/// A user, as the app's sign-in leaves one in the extensions.
#[derive(Clone)]
pub(crate) struct User(pub(crate) &'static str);

impl User {
    pub(crate) fn reference(&self) -> ReferenceId {
        self.0.into()
    }
}

/// Knows `payer`, who is active, and `debtor`, who is unpaid.
pub(crate) async fn store() -> MemoryStore {
    let store = MemoryStore::new();
    for (id, reference, status) in [(1, "payer", "active"), (2, "debtor", "unpaid")] {
        let mut report = Snapshot::new(id, status, Version::new(Utc::now(), Source::Api));
        report.reference = Some(reference.into());
        store.apply(&report).await.unwrap();
    }
    store
}

/// Answers without waiting.
pub(crate) async fn gate() -> Gate {
    Gate::new(store().await, AccessPolicy::new(), OnOutage::Deny)
}

/// Has to be waited for.
pub(crate) async fn slow_gate() -> Gate {
    Gate::new(Slow(store().await), AccessPolicy::new(), OnOutage::Deny)
}

/// Never knows.
pub(crate) fn broken_gate() -> Gate {
    Gate::new(Broken, AccessPolicy::new(), OnOutage::Deny)
}

struct Slow(MemoryStore);

#[async_trait]
impl SubscriptionStore for Slow {
    async fn apply(&self, snapshot: &Snapshot) -> Result<Applied, StoreError> {
        self.0.apply(snapshot).await
    }

    async fn subscriptions(&self, reference: &ReferenceId) -> Result<Vec<Snapshot>, StoreError> {
        tokio::task::yield_now().await;
        self.0.subscriptions(reference).await
    }
}

struct Broken;

#[async_trait]
impl SubscriptionStore for Broken {
    async fn apply(&self, _: &Snapshot) -> Result<Applied, StoreError> {
        Err(StoreError::unavailable("password=hunter2"))
    }

    async fn subscriptions(&self, _: &ReferenceId) -> Result<Vec<Snapshot>, StoreError> {
        Err(StoreError::unavailable("password=hunter2"))
    }
}

pub(crate) fn guard(
    gate: Gate,
) -> RequireSubscription<FromExtension<User, impl Fn(&User) -> ReferenceId + Clone + Send + Sync>> {
    RequireSubscription::new(gate, |user: &User| user.reference())
}

async fn reason(decision: Option<Decision>) -> String {
    decision.map_or_else(|| "no decision".to_owned(), |decision| decision.reason().to_string())
}

/// Answers with the reason of the decision.
pub(crate) fn app<I, D>(guard: RequireSubscription<I, D>) -> Router
where
    I: Identify<Future: Send> + Clone + Send + Sync + 'static,
    D: AnswerDenial<Body> + Clone + Send + Sync + 'static,
{
    Router::new().route("/", get(reason)).route_layer(guard)
}

pub(crate) fn request() -> Request<Body> {
    Request::get("/").body(Body::empty()).unwrap()
}

pub(crate) fn by_browser() -> Request<Body> {
    let accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    Request::get("/").header("accept", accept).body(Body::empty()).unwrap()
}

pub(crate) async fn ask(
    app: Router,
    user: Option<&'static str>,
    request: Request<Body>,
) -> Response {
    let app = match user {
        Some(user) => app.layer(Extension(User(user))),
        None => app,
    };
    app.oneshot(request).await.unwrap()
}

pub(crate) fn denial(response: &Response) -> &Denial {
    response.extensions().get().unwrap()
}

pub(crate) async fn text(response: Response) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}
