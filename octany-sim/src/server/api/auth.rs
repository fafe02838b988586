//! Whose key it is.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;
use serde::Deserialize;

use super::ApiError;
use crate::engine::AccountKey;
use crate::server::state::Shared;

/// The account in the URL, asked by a key of its own.
pub(super) struct Account(pub(super) AccountKey);

#[derive(Deserialize)]
struct Segments {
    account: String,
}

impl FromRequestParts<Arc<Shared>> for Account {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, ApiError> {
        let segments = Path::<Segments>::from_request_parts(parts, shared).await;
        let key = parts.headers.get("x-api-key").and_then(|key| key.to_str().ok());
        let key = key.ok_or(ApiError::Unauthorized)?;
        let state = shared.state();
        let holder = state.engine.accounts().find(|(_, account)| account.api_key == key);
        let (holder, account) = holder.ok_or(ApiError::Unauthorized)?;
        // A key of another account does not tell whether there is such an account.
        let named = segments.is_ok_and(|Path(segments)| segments.account == account.uuid);
        if named { Ok(Self(holder)) } else { Err(ApiError::NotFound("account")) }
    }
}
