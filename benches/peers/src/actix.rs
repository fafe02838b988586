//! Peers on actix-web.

use std::hint::black_box;

use actix_web::web::{self, ServiceConfig};
use actix_web::{Error, HttpRequest, HttpResponse, error};
use actix_web_lab::extract::{RequestSignature, RequestSignatureScheme};
use bytes::Bytes;
use hmac::{Hmac, Mac};
use octany_benches::delivery::SECRET;
use octany_benches::typed::Owned;
use octany_core::signature::SIGNATURE_HEADER;
use sha2::Sha256;
use webhooksmith_actix::{TypedWebhook, VerifiedWebhook, WebhookSecret};

use crate::schemes::keyed;

pub(crate) fn request_signature(app: &mut ServiceConfig) {
    let handler = async |body: RequestSignature<Bytes, Octany>| done(body.into_parts());
    app.app_data(keyed()).route("/", web::post().to(handler));
}

pub(crate) fn request_signature_typed(app: &mut ServiceConfig) {
    let handler =
        async |event: RequestSignature<web::Json<Owned>, Octany>| done(event.into_parts());
    app.app_data(keyed()).route("/", web::post().to(handler));
}

/// It reads the body as JSON, too.
pub(crate) fn webhooksmith(app: &mut ServiceConfig) {
    let handler = async |webhook: VerifiedWebhook| done(webhook);
    app.app_data(WebhookSecret::new(SECRET)).route("/", web::post().to(handler));
}

pub(crate) fn webhooksmith_typed(app: &mut ServiceConfig) {
    let handler = async |event: TypedWebhook<Owned>| done(event);
    app.app_data(WebhookSecret::new(SECRET)).route("/", web::post().to(handler));
}

fn done<T>(event: T) -> HttpResponse {
    black_box(event);
    HttpResponse::NoContent().finish()
}

/// Octany's scheme, as somebody would write it for the extractor: the key's states are computed once.
struct Octany(Hmac<Sha256>);

impl RequestSignatureScheme for Octany {
    type Signature = ();
    type Error = Error;

    async fn init(request: &HttpRequest) -> Result<Self, Error> {
        let key = request.app_data::<Hmac<Sha256>>();
        Ok(Self(key.ok_or_else(|| error::ErrorInternalServerError("no key"))?.clone()))
    }

    async fn consume_chunk(&mut self, _: &HttpRequest, chunk: Bytes) -> Result<(), Error> {
        self.0.update(&chunk);
        Ok(())
    }

    async fn finalize(self, request: &HttpRequest) -> Result<(), Error> {
        let header = request.headers().get(SIGNATURE_HEADER);
        let claimed = header.and_then(|header| const_hex::decode(header.as_bytes()).ok());
        let claimed = claimed.ok_or_else(|| error::ErrorUnauthorized("no signature"))?;
        self.0.verify_slice(&claimed).map_err(|_| error::ErrorUnauthorized("not signed"))
    }
}
