//! The page from which a person runs the simulator, and the same as an API.
//!
//! `GET /control/state` tells everything, `POST /control/commands` takes a [`Command`]; both in
//! JSON. Whoever reaches the simulator may do all of it, secrets included: keep it on this machine.

mod command;
mod page;
mod state;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Form, Json, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use http::header::{CONTENT_TYPE, HOST, ORIGIN};
use http::{Method, StatusCode};

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
        .layer(middleware::from_fn(same_origin))
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

async fn take(State(shared): State<Arc<Shared>>, Json(command): Json<Command>) -> Response {
    match command.take(&shared) {
        Ok(()) => Json(state::of(&shared)).into_response(),
        Err(why) => {
            let error = serde_json::json!({ "error": { "message": why } });
            (StatusCode::CONFLICT, Json(error)).into_response()
        }
    }
}

/// Any page that a browser shows can send forms here. None but our own are taken.
async fn same_origin(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let is_ours = match text(ORIGIN) {
        Some(origin) => origin.split_once("://").map(|(_, host)| host) == text(HOST),
        // No browser: those send one with every POST.
        None => true,
    };
    if request.method() == Method::POST && !is_ours {
        return StatusCode::FORBIDDEN.into_response();
    }
    next.run(request).await
}
