//! What can be told of a delivery before its body is read.

use actix_web::http::header::{HeaderMap, HeaderName};
use octany_core::signature::{SIGNATURE_HEADER, Signature};
use octany_entitlement::Refusal;

use crate::body::{Limits, check_announced};

static SIGNATURE_HEADER_NAME: HeaderName = HeaderName::from_static(SIGNATURE_HEADER);

/// The signature that the body is to be compared with, or why not to read it.
pub(super) fn open(headers: &HeaderMap, limits: Limits) -> Result<Signature, Refusal> {
    let signature = Signature::from_headers(headers.get_all(&SIGNATURE_HEADER_NAME))
        .map_err(Refusal::Signature)?;
    check_announced(headers, limits)?;
    Ok(signature)
}
