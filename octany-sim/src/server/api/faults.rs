//! What goes wrong with the API.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::StatusCode;

use super::ApiError;
use crate::server::ApiFaults;
use crate::server::state::Shared;

/// What strikes one call.
#[derive(Default)]
struct Struck {
    before: Option<ApiError>,
    slow_by: Option<Duration>,
    cut: bool,
    failed: bool,
}

pub(super) async fn strike(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let struck = draw(&shared, &request);
    if let Some(slow_by) = struck.slow_by {
        tokio::time::sleep(slow_by).await;
    }
    if let Some(error) = struck.before {
        return error.into_response();
    }
    let response = next.run(request).await;
    if struck.failed {
        return ApiError::Failed(StatusCode::INTERNAL_SERVER_ERROR).into_response();
    }
    if struck.cut { cut(response) } else { response }
}

fn draw(shared: &Shared, request: &Request) -> Struck {
    let mut state = shared.state();
    let faults = state.faults.api.clone();
    if faults == ApiFaults::default() {
        return Struck::default();
    }
    let random = &mut state.luck.of_call(request.method(), request.uri());
    let too_many = ApiError::TooMany { retry_after: faults.retry_after };
    let too_many = faults.too_many.strikes(random).then_some(too_many);
    let unavailable = ApiError::Failed(StatusCode::SERVICE_UNAVAILABLE);
    let unavailable = faults.unavailable.strikes(random).then_some(unavailable);
    Struck {
        before: too_many.or(unavailable),
        slow_by: faults.slow.strikes(random).then_some(faults.slow_by),
        cut: faults.cut.strikes(random),
        failed: faults.failed_afterwards.strikes(random),
    }
}

/// The head of an answer, and then nothing: the connection ends where the body should be.
fn cut(response: Response) -> Response {
    let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    let body = futures_util::stream::once(async { Err::<Bytes, _>(broken) });
    response.map(|_| Body::from_stream(body))
}
