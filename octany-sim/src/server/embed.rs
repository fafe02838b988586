//! The embeddable cart.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE};

use super::state::Shared;

/// `window.Octany`, as it is documented: enough to develop against.
const LOADER: &str = include_str!("embed/loader.js");

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/loader.js", get(loader))
        .route("/embed/{account}/products", get(products))
        .with_state(shared)
}

async fn loader() -> Response {
    let headers = [(CONTENT_TYPE, "text/javascript; charset=utf-8"), (CACHE_CONTROL, "no-store")];
    (headers, LOADER).into_response()
}

/// What the cart shows of products: names and prices, which everybody may see.
async fn products(State(shared): State<Arc<Shared>>, Path(account): Path<String>) -> Response {
    let products = shared.with(|engine| {
        let account = engine.account(engine.find_account(&account)?);
        let shown = account.products.values().map(|it| {
            let price = super::pages::money(it.price, &it.currency);
            (
                it.id.to_string(),
                serde_json::json!({
                    "name": it.name, "price": it.price, "currency": it.currency, "shown": price,
                }),
            )
        });
        Some(serde_json::Value::Object(shown.collect()).to_string())
    });
    match products {
        Some(products) => {
            let headers = [(CONTENT_TYPE, "application/json"), (ACCESS_CONTROL_ALLOW_ORIGIN, "*")];
            (headers, products).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
