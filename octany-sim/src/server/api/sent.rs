//! What is sent.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use http::request::Parts;
use serde::de::{Deserialize, DeserializeOwned, Deserializer};

use super::ApiError;

/// The id in the URL, behind the account's.
pub(super) struct Id(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        // What is no text is nothing's id.
        path.map(|Path((_, id))| Self(id)).map_err(|_| ApiError::NotFound("page"))
    }
}

/// The body, whatever its type is said to be.
pub(super) struct Sent<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Sent<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let refused = |why| ApiError::Invalid(format!("The body is not what it should be: {why}."));
        let body = Bytes::from_request(request, state).await;
        let body = body.map_err(|rejection| refused(rejection.body_text()))?;
        // A struct would also be read from the list of its members.
        if !body.trim_ascii_start().starts_with(b"{") {
            return Err(refused("it is no object".to_owned()));
        }
        serde_json::from_slice(&body).map(Self).map_err(|error| refused(error.to_string()))
    }
}

/// Reads a member that may be left out, and may not be `null`.
pub(super) fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}
