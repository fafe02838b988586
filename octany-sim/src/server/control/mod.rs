//! The page from which a person runs the simulator, and the same as an API.
//!
//! `GET /control/state` tells everything, `POST /control/commands` takes a [`Command`] and tells
//! everything too, or the time alone to who asks for it with `Prefer: return=minimal`; both in JSON. Whoever reaches the simulator may do all of it, secrets included: keep it on this machine. A
//! browser may only from the simulator's own page, under a name of this machine or the simulator's.

mod command;
mod deliveries;
mod origin;
mod page;
mod state;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Form, Json, State};
use axum::middleware;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};

pub(super) use self::command::Command;
use super::state::Shared;

const SCRIPT: &str = include_str!("control.js");

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/", get(page::show).post(submit))
        .route("/control/main", get(page::main))
        .route("/control/control.js", get(script))
        .route("/control/state", get(tell))
        .route("/control/commands", post(take))
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), origin::same))
        .with_state(shared)
}

async fn script() -> Response {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT).into_response()
}

/// A form of the page.
async fn submit(State(shared): State<Arc<Shared>>, Form(command): Form<Command>) -> Response {
    match command.take(&shared) {
        Ok(()) => Redirect::to("/").into_response(),
        Err(why) => super::pages::refused(StatusCode::CONFLICT, "That cannot be done", &why),
    }
}

async fn tell(State(shared): State<Arc<Shared>>) -> Response {
    Json(state::of(&shared)).into_response()
}

async fn take(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Json(command): Json<Command>,
) -> Response {
    match command.take(&shared) {
        Ok(()) if wants_little(&headers) => {
            let now = shared.with(|engine| engine.now());
            let applied = [("preference-applied", "return=minimal")];
            (applied, Json(serde_json::json!({ "now": now }))).into_response()
        }
        Ok(()) => Json(state::of(&shared)).into_response(),
        Err(why) => {
            let error = serde_json::json!({ "error": { "message": why } });
            (StatusCode::CONFLICT, Json(error)).into_response()
        }
    }
}

/// Thousands of subscriptions take longer to be told than to be renewed.
fn wants_little(headers: &HeaderMap) -> bool {
    let preferences = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    preferences.flat_map(|value| value.split(',')).any(|it| it.trim() == "return=minimal")
}
