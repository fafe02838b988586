//! Routers: the bare handler, one that verifies by hand, and ours.

use std::convert::Infallible;
use std::hint::black_box;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, FromRequest, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use octany_axum::{OctanyEvent, OctanyWebhookLayer, RequireSubscription, VerifiedBody};
use octany_core::ReferenceId;
use octany_core::signature::SIGNATURE_HEADER_NAME;
use octany_entitlement::{Gate, MemoryStore};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::delivery::{SECRET, verifier};
use crate::floor::Key;
use crate::typed::{Owned, Raw};

const LIMIT: usize = 1 << 20;

/// Reads the body.
pub fn bare() -> Router {
    served(Router::new().route("/", post(take)))
}

/// An extractor by hand.
pub fn by_hand() -> Router {
    Router::new()
        .route("/", post(async |Verified(body): Verified| taken(&body)))
        .with_state(Arc::new(Key::new(SECRET.as_bytes())))
}

/// A layer by hand.
pub fn by_hand_layer() -> Router {
    let key = Arc::new(Key::new(SECRET.as_bytes()));
    served(Router::new().route("/", post(take)).layer(from_fn_with_state(key, verify)))
}

/// An extractor by hand, and serde with strings of their own.
pub fn by_hand_owned() -> Router {
    let handler = async |Verified(body): Verified| match serde_json::from_slice::<Owned>(&body) {
        Ok(event) => {
            black_box(event);
            StatusCode::NO_CONTENT
        }
        Err(_) => StatusCode::BAD_REQUEST,
    };
    Router::new().route("/", post(handler)).with_state(Arc::new(Key::new(SECRET.as_bytes())))
}

/// An extractor by hand, and serde with strings left raw.
pub fn by_hand_raw() -> Router {
    let handler = async |Verified(body): Verified| match serde_json::from_slice::<Raw<'_>>(&body) {
        Ok(event) => {
            black_box(event);
            StatusCode::NO_CONTENT
        }
        Err(_) => StatusCode::BAD_REQUEST,
    };
    Router::new().route("/", post(handler)).with_state(Arc::new(Key::new(SECRET.as_bytes())))
}

/// Our extractor of a verified body.
pub fn verified() -> Router {
    served(Router::new().route("/", post(ours)).layer(Extension(verifier())))
}

/// Our layer, and the body.
pub fn verified_layer() -> Router {
    served(Router::new().route("/", post(ours)).layer(OctanyWebhookLayer::new(verifier())))
}

/// Our extractor of an event.
pub fn typed() -> Router {
    served(Router::new().route("/", post(event)).layer(Extension(verifier())))
}

/// Our layer, and the event.
pub fn typed_layer() -> Router {
    served(Router::new().route("/", post(event)).layer(OctanyWebhookLayer::new(verifier())))
}

/// Our layer, with a store in memory that is kept in sync before the handler is given the event.
pub fn synced() -> Router {
    let layer = OctanyWebhookLayer::new(verifier()).sync(MemoryStore::new());
    served(Router::new().route("/", post(event)).layer(layer))
}

/// A route in a layer that does nothing.
pub fn unguarded() -> Router {
    served(Router::new().route("/", get(page)).route_layer(Nothing))
}

/// A guarded route.
pub fn guarded(gate: Gate) -> Router {
    let guard = RequireSubscription::new(gate, |user: &CurrentUser| user.0.clone());
    served(Router::new().route("/", get(page)).route_layer(guard))
}

/// As axum's server makes it: what depends on the state is built once, not for each request.
pub fn served(router: Router) -> Router {
    router.with_state(())
}

/// Who is there, as a sign-in leaves it in the request's extensions.
#[derive(Clone, Debug)]
pub struct CurrentUser(pub ReferenceId);

/// Takes a body, and nothing more.
pub async fn take(body: Bytes) -> StatusCode {
    taken(&body)
}

async fn ours(body: VerifiedBody) -> StatusCode {
    taken(body.bytes())
}

async fn event(event: OctanyEvent) -> StatusCode {
    black_box(&event.payload);
    StatusCode::NO_CONTENT
}

async fn page() -> StatusCode {
    StatusCode::NO_CONTENT
}

fn taken(body: &[u8]) -> StatusCode {
    black_box(body);
    StatusCode::NO_CONTENT
}

/// A body that was verified by hand.
struct Verified(Bytes);

impl FromRequest<Arc<Key>> for Verified {
    type Rejection = Response;

    async fn from_request(request: Request, key: &Arc<Key>) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let refused = || StatusCode::UNAUTHORIZED.into_response();
        let header = header(&parts.headers).ok_or_else(refused)?;
        let body = axum::body::to_bytes(body, LIMIT).await;
        let body = body.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE.into_response())?;
        if key.verify(header, &body) { Ok(Self(body)) } else { Err(refused()) }
    }
}

async fn verify(State(key): State<Arc<Key>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, LIMIT).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    if !header(&parts.headers).is_some_and(|header| key.verify(header, &body)) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    next.run(Request::from_parts(parts, Body::from(body))).await
}

/// The header, if there is exactly one.
fn header(headers: &HeaderMap) -> Option<&[u8]> {
    let mut values = headers.get_all(&SIGNATURE_HEADER_NAME).iter();
    let value = values.next()?;
    values.next().is_none().then(|| value.as_bytes())
}

/// A layer that does nothing, with a future that has a name: what a layer costs at least.
#[derive(Clone, Copy, Debug)]
pub struct Nothing;

impl<S> Layer<S> for Nothing {
    type Service = DoesNothing<S>;

    fn layer(&self, inner: S) -> DoesNothing<S> {
        DoesNothing(inner)
    }
}

/// The service of [`Nothing`].
#[derive(Clone, Debug)]
pub struct DoesNothing<S>(S);

impl<S: Service<Request, Error = Infallible>> Service<Request> for DoesNothing<S> {
    type Response = S::Response;
    type Error = Infallible;
    type Future = NothingFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        NothingFuture { inner: self.0.call(request) }
    }
}

pin_project! {
    /// The future of [`DoesNothing`].
    #[derive(Debug)]
    pub struct NothingFuture<F> {
        #[pin]
        inner: F,
    }
}

impl<F: Future> Future for NothingFuture<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().inner.poll(cx)
    }
}
