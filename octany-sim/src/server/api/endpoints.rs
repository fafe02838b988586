//! Webhook endpoints.

use std::sync::Arc;

use axum::extract::State;
use serde::Deserialize;

use super::auth::Account;
use super::sent::Sent;
use super::{Answer, ApiError, Said};
use crate::server::state::Shared;
use crate::server::webhooks::endpoint_url;

#[derive(Deserialize)]
pub(super) struct Endpoint {
    url: String,
}

/// The secret is not in the answer, as it is not in Octany's: the control page shows it.
pub(super) async fn register(
    State(shared): State<Arc<Shared>>,
    Account(account): Account,
    Sent(sent): Sent<Endpoint>,
) -> Answer {
    let refused = || ApiError::Invalid("The URL is none that webhooks can be sent to.".to_owned());
    let url = endpoint_url(&sent.url).ok_or_else(refused)?;
    shared.with(|engine| {
        engine.register_endpoint(account, url.as_str())?;
        Ok(Said { body: "[]".to_owned(), at: engine.now() })
    })
}
