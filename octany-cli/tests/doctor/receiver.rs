//! A receiver written by hand, with one mistake.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::any;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, Method, StatusCode};
use octany_core::signature::SigningSecret;
use serde_json::Value;

use crate::support::SECRET;

/// What somebody got wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mistake {
    None,
    NoVerification,
    VerifiesReencoded,
    VerifiesWithoutSpaces,
    ComparesPrefix,
    ComparesShortest,
    AnyCaseAndPrefix,
    OkOnForged,
    OkOnMalformed,
    FailsOnUnknownEvent,
    Redirects,
    NoLimit,
    Slow,
    NeedsContentType,
    CountsRepetitions,
    FailsOnRepetition,
    FailsAtOnce,
    RefusesOlder,
    RefusesOld,
    WrongSecret,
    SecretWithLineBreak,
    NoSecret,
    ClockAhead,
    AnswersGet,
    Csrf,
    SignIn,
    SignInPage,
    Spa,
    Panics,
    Fails,
    WantsPrefix,
    WantsBase64,
    FirstOfTwo,
    OtherHeader,
    Unpacks,
    ShowsSignature,
    ParsesFirst,
    FailsUnsigned,
    FailsOnMalformed,
    FailsOnDepth,
    WrongPath,
    GetOnly,
}

struct App {
    mistake: Mistake,
    secret: SigningSecret,
    calls: AtomicUsize,
    at_work: Mutex<BTreeSet<String>>,
    done: Mutex<BTreeSet<String>>,
    newest: Mutex<Option<String>>,
}

pub(crate) fn receiver(mistake: Mistake) -> Router {
    let secret = match mistake {
        Mistake::WrongSecret => "fedcba9876543210fedcba9876543210".to_owned(),
        Mistake::SecretWithLineBreak => format!("{SECRET}\n"),
        Mistake::NoSecret => "\0".to_owned(),
        _ => SECRET.to_owned(),
    };
    let app = Arc::new(App {
        mistake,
        secret: SigningSecret::new(secret).expect("it is not empty"),
        calls: AtomicUsize::new(0),
        at_work: Mutex::default(),
        done: Mutex::default(),
        newest: Mutex::default(),
    });
    Router::new().fallback(any(answer)).with_state(app)
}

async fn answer(State(app): State<Arc<App>>, request: Request) -> Response {
    let is_get = request.method() == Method::GET;
    match app.mistake {
        Mistake::Redirects => return (StatusCode::FOUND, [("location", "/login")]).into_response(),
        Mistake::Slow => tokio::time::sleep(Duration::from_secs(3)).await,
        Mistake::Csrf => return (StatusCode::FORBIDDEN, "CSRF token mismatch").into_response(),
        Mistake::SignIn => {
            let wants = [("www-authenticate", "Bearer realm=\"app\"")];
            return (StatusCode::UNAUTHORIZED, wants).into_response();
        }
        Mistake::SignInPage => {
            return (StatusCode::UNAUTHORIZED, Html("Sign in")).into_response();
        }
        Mistake::Spa => return Html("<div id=app></div>").into_response(),
        Mistake::Panics => unreachable!("as planted"),
        Mistake::Fails => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Mistake::WrongPath => return StatusCode::NOT_FOUND.into_response(),
        Mistake::AnswersGet if is_get => return "ok".into_response(),
        Mistake::GetOnly if !is_get => return StatusCode::METHOD_NOT_ALLOWED.into_response(),
        _ => {}
    }
    if is_get {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let mut response = match taken(&app, request).await {
        Ok(said) => said.into_response(),
        Err(status) => status.into_response(),
    };
    if app.mistake == Mistake::ClockAhead {
        let ahead = Utc::now() + TimeDelta::hours(2);
        let date = ahead.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        response.headers_mut().insert("date", date.parse().expect("it is text"));
    }
    response
}

async fn taken(app: &App, request: Request) -> Result<String, (StatusCode, String)> {
    let (head, body) = request.into_parts();
    let limit = if app.mistake == Mistake::NoLimit { usize::MAX } else { 1 << 20 };
    let too_large = |_| refused(StatusCode::PAYLOAD_TOO_LARGE);
    let body = to_bytes(body, limit).await.map_err(too_large)?;
    if app.mistake == Mistake::NeedsContentType && !head.headers.contains_key("content-type") {
        return Err(refused(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    if app.mistake == Mistake::ParsesFirst {
        parsed(&body)?;
    }
    let body = verified(app, &head.headers, body)?;
    if app.mistake == Mistake::FailsOnDepth {
        // Where another runtime's stack would run over.
        assert!(!body.windows(2_000).any(|part| part.iter().all(|byte| *byte == b'[')), "planted");
    }
    let failed = || refused(StatusCode::INTERNAL_SERVER_ERROR);
    let event = match parsed(&body) {
        Err(_) if app.mistake == Mistake::OkOnMalformed => return Ok(String::new()),
        Err(_) if app.mistake == Mistake::FailsOnMalformed => return Err(failed()),
        other => other?,
    };
    handled(app, &event).await
}

fn refused(status: StatusCode) -> (StatusCode, String) {
    (status, String::new())
}

fn parsed(body: &[u8]) -> Result<Value, (StatusCode, String)> {
    let event: Value =
        serde_json::from_slice(body).map_err(|_| refused(StatusCode::BAD_REQUEST))?;
    if event["id"].is_null() { Err(refused(StatusCode::BAD_REQUEST)) } else { Ok(event) }
}

fn verified(app: &App, headers: &HeaderMap, body: Bytes) -> Result<Bytes, (StatusCode, String)> {
    let mut given: Vec<_> = headers.get_all("octany-signature").iter().collect();
    if app.mistake == Mistake::OtherHeader {
        given.extend(headers.get("signature"));
    }
    let given: Vec<_> = given.iter().map(|it| it.to_str().unwrap_or_default()).collect();
    let body = match app.mistake {
        Mistake::Unpacks if headers.contains_key("content-encoding") => {
            let whole = include_bytes!("../../src/commands/doctor/checks/packed.json");
            Bytes::from_static(whole)
        }
        _ => body,
    };
    if app.mistake == Mistake::NoVerification {
        return Ok(body);
    }
    if app.mistake == Mistake::FailsUnsigned && given.is_empty() {
        return Err(refused(StatusCode::INTERNAL_SERVER_ERROR));
    }
    let is_one = given.len() == 1 || (given.len() > 1 && app.mistake == Mistake::FirstOfTwo);
    let right = app.secret.sign(&body).to_string();
    if is_one && matches(app, given[0], &right, &body) {
        return Ok(body);
    }
    Err(match app.mistake {
        Mistake::OkOnForged => (StatusCode::OK, "{\"error\":\"signature\"}".to_owned()),
        Mistake::ShowsSignature => (StatusCode::UNAUTHORIZED, format!("expected {right}")),
        _ => refused(StatusCode::UNAUTHORIZED),
    })
}

fn matches(app: &App, given: &str, right: &str, body: &[u8]) -> bool {
    let reencoded = || {
        let value: Value = serde_json::from_slice(body).unwrap_or_default();
        app.secret.sign(value.to_string().as_bytes()).to_string()
    };
    let without_spaces = || {
        let text = String::from_utf8_lossy(body).replace("\": ", "\":");
        app.secret.sign(text.as_bytes()).to_string()
    };
    match app.mistake {
        Mistake::VerifiesReencoded => given == reencoded(),
        Mistake::VerifiesWithoutSpaces => given == right || given == without_spaces(),
        Mistake::ComparesPrefix => given.len() == 64 && given[..8] == right[..8],
        Mistake::ComparesShortest => as_far_as_it_goes(given, right),
        Mistake::AnyCaseAndPrefix => {
            let bare = given.to_lowercase();
            bare.strip_prefix("sha256=").unwrap_or(&bare) == right
        }
        Mistake::WantsPrefix => given.strip_prefix("sha256=") == Some(right),
        Mistake::WantsBase64 => given.len() == 44 && given.ends_with('='),
        _ => given == right,
    }
}

/// As a loop over the shorter one compares.
fn as_far_as_it_goes(given: &str, right: &str) -> bool {
    !given.is_empty() && given.chars().zip(right.chars()).all(|(a, b)| a == b)
}

async fn handled(app: &App, event: &Value) -> Result<String, (StatusCode, String)> {
    let (id, name) = (event["id"].to_string(), event["name"].as_str().unwrap_or_default());
    let failed = || refused(StatusCode::INTERNAL_SERVER_ERROR);
    let at = event["created_at"].as_str().unwrap_or_default();
    match app.mistake {
        Mistake::FailsOnUnknownEvent if name == "doctor.unknown" => return Err(failed()),
        Mistake::RefusesOld => {
            let at = DateTime::parse_from_rfc3339(at).map_err(|_| failed())?;
            if Utc::now() - at.to_utc() > TimeDelta::minutes(5) {
                return Err(refused(StatusCode::BAD_REQUEST));
            }
        }
        Mistake::RefusesOlder if name.starts_with("subscription.") => {
            let mut newest = app.newest.lock().unwrap_or_else(PoisonError::into_inner);
            if newest.as_deref().is_some_and(|newest| newest > at) {
                return Err(refused(StatusCode::CONFLICT));
            }
            *newest = Some(at.to_owned());
        }
        Mistake::FailsAtOnce => {
            if !locked(&app.at_work).insert(id.clone()) {
                return Err(failed());
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
            locked(&app.at_work).remove(&id);
        }
        _ => {}
    }
    let calls = app.calls.fetch_add(1, Ordering::Relaxed);
    let is_new = locked(&app.done).insert(id);
    match app.mistake {
        Mistake::FailsOnRepetition if !is_new => Err(failed()),
        Mistake::CountsRepetitions => Ok(format!("{{\"handled\":{calls}}}")),
        _ => Ok("ok".to_owned()),
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
