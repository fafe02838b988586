//! The API of the contract.

mod auth;
mod endpoints;
mod error;
mod faults;
mod orders;
mod products;
mod query;
mod sent;
mod subscriptions;

use std::sync::Arc;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use chrono::{DateTime, Utc};
use http::header::{CONTENT_TYPE, DATE};

use self::error::ApiError;
use super::state::Shared;

pub(super) fn router(shared: Arc<Shared>) -> Router {
    let account = Router::new()
        .route("/subscriptions", get(subscriptions::list))
        .route("/subscription/{id}", get(subscriptions::one))
        .route("/subscription/{id}/cancel", post(subscriptions::cancel))
        .route("/subscription/{id}/product", post(subscriptions::swap))
        .route("/subscription/{id}/orders", get(orders::list))
        .route("/subscription/{id}/order", post(orders::charge))
        .route("/order/{id}", get(orders::one))
        .route("/products", get(products::list))
        .route("/product/{id}", get(products::one).post(products::update).delete(products::delete))
        .route("/webhooks/endpoints", post(endpoints::register))
        .fallback(|| async { ApiError::NotFound("page") })
        .method_not_allowed_fallback(|| async { ApiError::WrongMethod });
    Router::new()
        .nest("/api/{account}", account)
        .layer(axum::middleware::from_fn_with_state(Arc::clone(&shared), faults::strike))
        .with_state(shared)
}

/// What the API says, as of the engine's clock.
struct Said {
    body: String,
    at: DateTime<Utc>,
}

type Answer = Result<Said, ApiError>;

impl IntoResponse for Said {
    fn into_response(self) -> Response {
        let date = self.at.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        ([(CONTENT_TYPE, "application/json".to_owned()), (DATE, date)], self.body).into_response()
    }
}
