//! Services: the bare handler, one that verifies by hand, and ours.

use std::hint::black_box;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::web::{self, ServiceConfig};
use actix_web::{Error, FromRequest, HttpRequest, HttpResponse, error};
use bytes::Bytes;
use octany_actix::{OctanyEvent, OctanyWebhookLayer, RequireSubscription, VerifiedBody};
use octany_core::ReferenceId;
use octany_core::signature::SIGNATURE_HEADER;
use octany_entitlement::{Gate, MemoryStore};

use crate::delivery::{SECRET, verifier};
use crate::floor::Key;
use crate::typed::{Owned, Raw};

static SIGNATURE_HEADER_NAME: HeaderName = HeaderName::from_static(SIGNATURE_HEADER);

/// Reads the body.
pub fn bare(app: &mut ServiceConfig) {
    app.route("/", web::post().to(take));
}

/// An extractor by hand.
pub fn by_hand(app: &mut ServiceConfig) {
    app.app_data(Key::new(SECRET.as_bytes()))
        .route("/", web::post().to(async |Verified(body): Verified| taken(&body)));
}

/// An extractor by hand, and serde with strings of their own.
pub fn by_hand_owned(app: &mut ServiceConfig) {
    let handler = async |Verified(body): Verified| match serde_json::from_slice::<Owned>(&body) {
        Ok(event) => {
            black_box(event);
            HttpResponse::NoContent().finish()
        }
        Err(_) => HttpResponse::BadRequest().finish(),
    };
    app.app_data(Key::new(SECRET.as_bytes())).route("/", web::post().to(handler));
}

/// An extractor by hand, and serde with strings left raw.
pub fn by_hand_raw(app: &mut ServiceConfig) {
    let handler = async |Verified(body): Verified| match serde_json::from_slice::<Raw<'_>>(&body) {
        Ok(event) => {
            black_box(event);
            HttpResponse::NoContent().finish()
        }
        Err(_) => HttpResponse::BadRequest().finish(),
    };
    app.app_data(Key::new(SECRET.as_bytes())).route("/", web::post().to(handler));
}

/// Our extractor of a verified body.
pub fn verified(app: &mut ServiceConfig) {
    app.app_data(verifier()).route("/", web::post().to(ours));
}

/// Our layer, and the body.
pub fn verified_layer(app: &mut ServiceConfig) {
    let layer = OctanyWebhookLayer::new(verifier());
    app.service(web::resource("/").wrap(layer).route(web::post().to(ours)));
}

/// Our extractor of an event.
pub fn typed(app: &mut ServiceConfig) {
    app.app_data(verifier()).route("/", web::post().to(event));
}

/// Our layer, and the event.
pub fn typed_layer(app: &mut ServiceConfig) {
    let layer = OctanyWebhookLayer::new(verifier());
    app.service(web::resource("/").wrap(layer).route(web::post().to(event)));
}

/// Our layer, with a store in memory that is kept in sync before the handler is given the event.
pub fn synced(app: &mut ServiceConfig) {
    let layer = OctanyWebhookLayer::new(verifier()).sync(MemoryStore::new());
    app.service(web::resource("/").wrap(layer).route(web::post().to(event)));
}

/// A route without a guard.
pub fn unguarded(app: &mut ServiceConfig) {
    app.service(web::resource("/").route(web::get().to(page)));
}

/// A guarded route.
pub fn guarded(app: &mut ServiceConfig, gate: Gate) {
    let guard = RequireSubscription::new(gate, |user: &CurrentUser| user.0.clone());
    app.service(web::resource("/").wrap(guard).route(web::get().to(page)));
}

/// Who is there, as a sign-in leaves it in the request's extensions.
#[derive(Clone, Debug)]
pub struct CurrentUser(pub ReferenceId);

/// Takes a body, and nothing more.
pub async fn take(body: Bytes) -> HttpResponse {
    taken(&body)
}

async fn ours(body: VerifiedBody) -> HttpResponse {
    taken(body.bytes())
}

async fn event(event: OctanyEvent) -> HttpResponse {
    black_box(&event.payload);
    HttpResponse::NoContent().finish()
}

async fn page() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

fn taken(body: &[u8]) -> HttpResponse {
    black_box(body);
    HttpResponse::NoContent().finish()
}

/// A body that was verified by hand.
struct Verified(Bytes);

impl FromRequest for Verified {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, body) = (request.clone(), Bytes::from_request(request, payload));
        Box::pin(async move {
            let body = body.await?;
            let key = request.app_data::<Key>();
            let key = key.ok_or_else(|| error::ErrorInternalServerError("no key"))?;
            if header(request.headers()).is_some_and(|header| key.verify(header, &body)) {
                Ok(Self(body))
            } else {
                Err(error::ErrorUnauthorized("not signed"))
            }
        })
    }
}

/// The header, if there is exactly one.
fn header(headers: &HeaderMap) -> Option<&[u8]> {
    let mut values = headers.get_all(&SIGNATURE_HEADER_NAME);
    let value = values.next()?;
    values.next().is_none().then(|| value.as_bytes())
}
