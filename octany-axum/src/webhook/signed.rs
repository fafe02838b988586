//! What can be told of a delivery before its body is read.

use http::HeaderMap;
use http_body::Body;
use octany_core::signature::{SIGNATURE_HEADER_NAME, Signature};
use octany_entitlement::Refusal;

use crate::body::{Limits, ReadBody};

/// The signature and the body that it is to be compared with, or why not to read on.
pub(super) fn open<B: Body>(
    headers: &HeaderMap,
    body: B,
    limits: Limits,
) -> Result<(Signature, ReadBody<B>), Refusal> {
    let signature = Signature::from_headers(headers.get_all(&SIGNATURE_HEADER_NAME))
        .map_err(Refusal::Signature)?;
    Ok((signature, ReadBody::new(headers, body, limits)?))
}
