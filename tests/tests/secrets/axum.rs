//! `octany-axum`, through its router.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, to_bytes};
use axum::extract::{FromRef, FromRequestParts, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use octany_axum::answer::StandardAnswers;
use octany_axum::{
    ActiveSubscription, BillingRoutes, Decision, GuardRejection, OctanyEvent, OctanyWebhookLayer,
    RequireSubscription, Subscribed, SubscribedRejection, VerifiedBody, WebhookRejection,
    acknowledge,
};
use octany_core::ReferenceId;
use octany_entitlement::{Gate, Subscriber};
use tower::{Layer, Service, ServiceExt, service_fn};

use crate::app::{App, BODY_LIMIT, User};
use crate::planted::{EMAIL, SESSION, delivery, secret, subscription, verifier};
use crate::requests::{Sent, all};
use crate::search::Search;

type Shared = Arc<Mutex<Search>>;

/// What handlers have.
#[derive(Clone)]
struct Server {
    search: Shared,
    gate: Gate,
}

impl FromRef<Server> for Shared {
    fn from_ref(server: &Server) -> Self {
        server.search.clone()
    }
}

impl FromRef<Server> for Gate {
    fn from_ref(server: &Server) -> Self {
        server.gate.clone()
    }
}

/// What cannot be had from outside: how a layer identifies.
const OWN: [&str; 3] = [
    "octany_axum::guard::subject::FromAsync",
    "octany_axum::guard::subject::FromExtension",
    "octany_axum::guard::subject::FromParts",
];

#[tokio::test]
async fn nothing_planted_is_shown_by_axum() {
    let search = Shared::new(Mutex::new(Search::of("octany-axum").without(&OWN)));
    let app = App::new().await;
    let router = router(&app, &search);
    for sent in all(&app) {
        let case = sent.case.clone();
        let response = router.clone().oneshot(request(sent)).await.expect("infallible");
        let (head, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("it is in memory");
        let headers = head.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        lock(&search).answer(&case, head.status.as_u16(), headers, &body);
    }
    // Those that pass, whose handlers show what they were given.
    let body = delivery("d2", "subscription.updated", &subscription());
    for path in ["/shown/event", "/shown/body"] {
        let signature = secret().sign(&body).to_string();
        let request = Request::post(path).header("octany-signature", signature);
        let request = request.body(Body::from(body.clone())).expect("a request");
        let response = router.clone().oneshot(request).await.expect("infallible");
        assert_eq!(response.status(), 200, "{path}");
    }
    for path in ["/shown/subscription", "/shown/decision", "/shown/subscribed"] {
        let request = Request::get(path).header("x-user", "user_42").body(Body::empty());
        let response = router.clone().oneshot(request.expect("a request")).await;
        assert_eq!(response.expect("infallible").status(), 200, "{path}");
    }
    drop(router);
    let search = Arc::into_inner(search).expect("nobody else has it");
    let mut search = search.into_inner().unwrap_or_else(PoisonError::into_inner);
    layers(&mut search, &app);
    search.end(320);
}

fn lock(search: &Shared) -> std::sync::MutexGuard<'_, Search> {
    search.lock().unwrap_or_else(PoisonError::into_inner)
}

fn request(sent: Sent) -> Request {
    let mut request = Request::builder().method(sent.method).uri(sent.uri);
    for (name, value) in sent.headers {
        request = request.header(name, value);
    }
    request.body(Body::from(sent.body)).expect("a request")
}

/// Layers, their services and futures, with requests in them.
fn layers(search: &mut Search, app: &App) {
    let inner = service_fn(async |_: Request| Ok::<_, Infallible>(Response::new(Body::empty())));
    let sent = || all(app).into_iter().next().expect("there are some");
    let hook = OctanyWebhookLayer::new(verifier()).receiver(app.receiver.clone());
    search.debug(&hook);
    let mut hook = hook.layer(Plain(inner));
    search.debug(&hook);
    search.debug(&hook.call(request(sent())));
    let guard = RequireSubscription::new(app.gate.clone(), User::reference);
    search.debug(&guard);
    search.debug(&guard.clone().pages(app.pages.clone()));
    let mut guard = guard.layer(Plain(inner));
    search.debug(&guard);
    search.debug(&guard.call(request(sent())));
    for billing in app.billing.values() {
        let mut routes = BillingRoutes::new(billing.clone(), User::reference);
        search.debug(&routes);
        search.debug(&Service::<Request>::call(&mut routes, request(sent())));
    }
    search.debug(&StandardAnswers);
    search.debug(&SubscribedRejection::<StatusCode>::User(StatusCode::UNAUTHORIZED));
}

/// A service that shows nothing of itself.
#[derive(Clone, Copy)]
struct Plain<S>(S);

impl<S> std::fmt::Debug for Plain<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Plain")
    }
}

impl<S: Service<R>, R> Service<R> for Plain<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(
        &mut self,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> S::Future {
        self.0.call(request)
    }
}

fn router(app: &App, search: &Shared) -> Router {
    let hook = || OctanyWebhookLayer::new(verifier()).body_limit(BODY_LIMIT);
    let guard = |gate| RequireSubscription::new(gate, User::reference);
    let by_session =
        RequireSubscription::from_async(app.gate.clone(), async |_: Parts| App::session());
    let mut router = Router::new()
        .route("/webhook", post(acknowledge).layer(hook().receiver(app.receiver.clone())))
        .route("/webhook/away", post(acknowledge).layer(hook().receiver(app.away.clone())))
        .route("/webhook/fails", post(fails).layer(hook()))
        .route("/webhook/panics", post(panics).layer(hook()))
        .route("/webhook/bare", post(bare))
        .route("/webhook/bare/body", post(bare_body).layer(Extension(verifier())))
        .route("/paid", get(subscription_shown).layer(guard(app.gate.clone())))
        .route(
            "/paid/pages",
            get(subscription_shown).layer(guard(app.gate.clone()).pages(app.pages.clone())),
        )
        .route("/paid/away", get(subscription_shown).layer(guard(app.gate_away.clone())))
        .route("/paid/session", get(subscription_shown).layer(by_session))
        .route("/paid/bare", get(bare_guard))
        .route("/paid/bare/decision", get(decision_shown))
        .route("/paid/subscribed", get(bare_subscribed))
        .route("/shown/event", post(event_shown).layer(hook()))
        .route("/shown/body", post(body_shown).layer(hook()))
        .route("/shown/subscription", get(subscription_shown).layer(guard(app.gate.clone())))
        .route("/shown/decision", get(decision_shown).layer(guard(app.gate.clone())))
        .route("/shown/subscribed", get(subscribed_shown));
    for (mount, billing) in &app.billing {
        router = router.nest_service(mount, BillingRoutes::new(billing.clone(), User::reference));
    }
    router
        .layer(from_fn(sign_in))
        .with_state(Server { search: search.clone(), gate: app.gate.clone() })
}

async fn sign_in(mut request: Request, next: Next) -> Response {
    let user = request.headers().get("x-user").and_then(|user| user.to_str().ok());
    if let Some(user) = user.map(ToOwned::to_owned) {
        request.extensions_mut().insert(User(user));
    }
    next.run(request).await
}

async fn fails(_: OctanyEvent) -> StatusCode {
    StatusCode::INTERNAL_SERVER_ERROR
}

async fn panics(event: OctanyEvent) -> StatusCode {
    unreachable!("{event:?} of {EMAIL} in {SESSION}")
}

async fn bare(
    State(search): State<Shared>,
    event: Result<OctanyEvent, WebhookRejection>,
) -> WebhookRejection {
    rejected(&search, event.expect_err("there is no layer"))
}

async fn bare_body(
    State(search): State<Shared>,
    body: Result<VerifiedBody, WebhookRejection>,
) -> WebhookRejection {
    rejected(&search, body.expect_err("it is not signed"))
}

fn rejected(search: &Shared, rejection: WebhookRejection) -> WebhookRejection {
    lock(search).error(&rejection);
    lock(search).text("a body", &rejection.body_text());
    rejection
}

async fn bare_guard(
    State(search): State<Shared>,
    subscription: Result<ActiveSubscription, GuardRejection>,
) -> GuardRejection {
    let rejection = subscription.expect_err("there is no guard");
    lock(&search).error(&rejection);
    lock(&search).text("a body", &rejection.body_text());
    rejection
}

async fn bare_subscribed(
    State(search): State<Shared>,
    subscribed: Result<Subscribed<SignedIn>, SubscribedRejection<StatusCode>>,
) -> Response {
    let rejection = subscribed.expect_err("nobody has paid");
    lock(&search).debug(&rejection);
    rejection.into_response()
}

async fn event_shown(State(search): State<Shared>, event: OctanyEvent) {
    lock(&search).debug(&event);
}

async fn body_shown(State(search): State<Shared>, body: VerifiedBody) {
    lock(&search).debug(&body);
}

async fn subscription_shown(State(search): State<Shared>, subscription: ActiveSubscription) {
    lock(&search).debug(&subscription);
}

async fn decision_shown(State(search): State<Shared>, decision: Decision) {
    lock(&search).debug(&decision);
}

async fn subscribed_shown(State(search): State<Shared>, subscribed: Subscribed<SignedIn>) {
    lock(&search).debug(&subscribed);
}

/// A user that can be extracted.
#[derive(Debug)]
struct SignedIn(ReferenceId);

impl Subscriber for SignedIn {
    fn reference_id(&self) -> Option<ReferenceId> {
        Some(self.0.clone())
    }
}

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let user = parts.extensions.get::<User>().map(|user| Self(user.reference()));
        user.ok_or(StatusCode::UNAUTHORIZED)
    }
}
