//! Who is signed in: a stub. Your application has its own sessions.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{COOKIE, LOCATION, SET_COOKIE};
use actix_web::middleware::Next;
use actix_web::web::Query;
use actix_web::{Error, HttpMessage, HttpResponse};
use octany_core::ReferenceId;
use serde::Deserialize;

/// Who is signed in.
#[derive(Clone, Debug)]
pub(crate) struct CurrentUser {
    pub(crate) id: String,
}

impl CurrentUser {
    /// The key that goes to the checkout as `referenceId` and comes back with every report.
    pub(crate) fn reference_id(&self) -> ReferenceId {
        ReferenceId::from(self.id.as_str())
    }
}

/// Puts whoever is signed in into the request. Anybody can write this cookie: sign yours.
pub(crate) async fn authenticate(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let cookies = request.headers().get(COOKIE).and_then(|cookies| cookies.to_str().ok());
    let user = cookies.and_then(|cookies| {
        cookies.split("; ").find_map(|cookie| cookie.strip_prefix("user=").map(str::to_owned))
    });
    if let Some(id) = user {
        request.extensions_mut().insert(CurrentUser { id });
    }
    next.call(request).await
}

/// Whom to sign in as.
#[derive(Deserialize)]
pub(crate) struct SignIn {
    user: String,
}

pub(crate) async fn sign_in(Query(SignIn { user }): Query<SignIn>) -> HttpResponse {
    let harmless: String =
        user.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    HttpResponse::SeeOther()
        .insert_header((SET_COOKIE, format!("user={harmless}; HttpOnly; SameSite=Lax")))
        .insert_header((LOCATION, "/"))
        .finish()
}
