//! Gates over what is known, in memory and further away, and over nothing.

use std::pin::Pin;
use std::rc::Rc;

use actix_web::body::{MessageBody, to_bytes};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, Error, HttpMessage, HttpResponse, Route, web};
use async_trait::async_trait;
use chrono::Utc;
use octany_actix::answer::AnswerDenial;
use octany_actix::guard::{FromExtension, Identify};
use octany_actix::{Decision, RequireSubscription};
use octany_core::{AccessPolicy, Applied, ReferenceId, Snapshot, Source, Version};
use octany_entitlement::{Denial, Gate, MemoryStore, OnOutage, StoreError, SubscriptionStore};

/// A user, as the app's sign-in leaves one in the extensions.
#[derive(Clone, Debug)]
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

type LocalBoxFuture<T> = Pin<Box<dyn Future<Output = T>>>;

/// An app, without a socket, and who is signed in.
#[derive(Clone)]
pub(crate) struct Web(Rc<dyn Fn(TestRequest, Option<User>) -> LocalBoxFuture<HttpResponse>>);

impl Web {
    /// What [`init_service`] gives. Errors become responses, as a server would have it.
    pub(crate) fn new<S, Q, B>(service: S, make: fn(TestRequest) -> Q) -> Self
    where
        S: Service<Q, Response = ServiceResponse<B>, Error = Error, Future: 'static> + 'static,
        Q: HttpMessage + 'static,
        B: MessageBody + 'static,
    {
        Self(Rc::new(move |request, user| {
            let request = make(request);
            if let Some(user) = user {
                request.extensions_mut().insert(user);
            }
            let response = service.call(request);
            Box::pin(async move {
                match response.await {
                    Ok(response) => response.map_into_boxed_body().into_parts().1,
                    Err(error) => HttpResponse::from_error(error),
                }
            })
        }))
    }
}

/// One route, with the guard around its resource.
pub(crate) async fn guarded<I, D>(guard: RequireSubscription<I, D>, route: Route) -> Web
where
    I: Identify + Clone + 'static,
    D: AnswerDenial + Clone + 'static,
{
    let resource = web::resource("/").wrap(guard).route(route);
    Web::new(init_service(App::new().service(resource)).await, TestRequest::to_request)
}

/// Answers with the reason of the decision.
pub(crate) async fn app<I, D>(guard: RequireSubscription<I, D>) -> Web
where
    I: Identify + Clone + 'static,
    D: AnswerDenial + Clone + 'static,
{
    guarded(guard, web::get().to(reason)).await
}

pub(crate) fn request() -> TestRequest {
    TestRequest::get()
}

pub(crate) fn by_browser() -> TestRequest {
    let accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    request().insert_header(("accept", accept))
}

pub(crate) async fn ask(
    app: &Web,
    user: Option<&'static str>,
    request: TestRequest,
) -> HttpResponse {
    (app.0)(request, user.map(User)).await
}

pub(crate) fn denial(response: &HttpResponse) -> Denial {
    response.extensions().get().cloned().unwrap()
}

pub(crate) fn header<'a>(response: &'a HttpResponse, name: &str) -> &'a str {
    response.headers().get(name).unwrap().to_str().unwrap()
}

pub(crate) async fn text(response: HttpResponse) -> String {
    String::from_utf8(to_bytes(response.into_body()).await.unwrap().to_vec()).unwrap()
}
