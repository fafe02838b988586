//! The hosted checkout: from its URL to a session, and through a page to a payment.

mod page;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Form, Path, RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use http::StatusCode;
use serde::Deserialize;
use url::{Url, form_urlencoded};

pub(super) use self::page::methods;
use super::pages;
use super::state::Shared;
use crate::engine::{AccountKey, CheckoutRequest, Engine, EngineError, PaymentMethod, Session};

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/checkout/{account}/product/{product}", get(open))
        .route("/checkout/{account}/cart", get(open_cart))
        .route("/pay/checkout/{account}/{session}", get(show).post(act))
        .with_state(shared)
}

/// The URL that an app sends its visitor to.
async fn open(
    State(shared): State<Arc<Shared>>,
    Path((account, product)): Path<(String, u64)>,
    RawQuery(query): RawQuery,
) -> Response {
    begin(&shared, &account, vec![(product, 1)], query.as_deref())
}

/// The same for what the embedded cart has in it: `items=42:1,43:2`.
async fn open_cart(
    State(shared): State<Arc<Shared>>,
    Path(account): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let pairs = form_urlencoded::parse(query.as_deref().unwrap_or_default().as_bytes());
    let items = pairs.filter(|(name, _)| name == "items").flat_map(|(_, items)| {
        let items: Vec<_> = items.split(',').filter_map(item).collect();
        items
    });
    begin(&shared, &account, items.collect(), query.as_deref())
}

fn item(text: &str) -> Option<(u64, u32)> {
    let (product, pieces) = text.split_once(':')?;
    Some((product.parse().ok()?, pieces.parse().ok()?))
}

fn begin(shared: &Shared, uuid: &str, items: Vec<(u64, u32)>, query: Option<&str>) -> Response {
    let request = match read(items, query) {
        Ok(request) => request,
        Err(why) => return pages::refused(StatusCode::BAD_REQUEST, "No checkout", why),
    };
    shared.with(|engine| {
        let Some(account) = engine.find_account(uuid) else { return no_such("account") };
        match engine.open_checkout(account, request) {
            Ok(session) => Redirect::to(&format!("/pay/checkout/{uuid}/{session}")).into_response(),
            Err(error) => refused(&error),
        }
    })
}

/// Reads the documented parameters; others are left aside.
fn read(items: Vec<(u64, u32)>, query: Option<&str>) -> Result<CheckoutRequest, &'static str> {
    let mut request = CheckoutRequest { items, ..CheckoutRequest::default() };
    let visitor = &mut request.visitor;
    for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        let value = value.into_owned();
        if value.is_empty() {
            continue;
        }
        match &*name {
            "successUrl" => request.success_url = Some(success_url(value)?),
            "referenceId" => visitor.reference_id = Some(value),
            "referenceName" => visitor.reference_name = Some(value),
            "email" => visitor.email = Some(value),
            "firstName" => visitor.first_name = Some(value),
            "lastName" => visitor.last_name = Some(value),
            "companyName" => visitor.company_name = Some(value),
            "role" => visitor.roles.push(value),
            "roles" => visitor.roles.extend(value.split(',').map(str::to_owned)),
            "amount" => {
                let amount =
                    value.parse().map_err(|_| "The amount is no number of minor units.")?;
                request.amount = Some(amount);
            }
            "locale" => request.locale = Some(value),
            utm if utm.starts_with("utm_") => request.utm.push((utm.to_owned(), value)),
            _ => {}
        }
    }
    Ok(request)
}

/// HTTPS, or this machine, where apps are developed.
fn success_url(url: String) -> Result<String, &'static str> {
    let parsed = Url::parse(&url).map_err(|_| "The successUrl is no URL.")?;
    let is_local = match parsed.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    let is_web = parsed.scheme() == "https" || (parsed.scheme() == "http" && is_local);
    is_web.then_some(url).ok_or("The successUrl is not HTTPS.")
}

async fn show(
    State(shared): State<Arc<Shared>>,
    Path((account, session)): Path<(String, String)>,
) -> Response {
    shared.with(|engine| match find(engine, &account, &session) {
        Ok((account, session)) => page::show(engine, account, session, None),
        Err(error) => refused(&error),
    })
}

#[derive(Deserialize)]
struct Sent {
    action: String,
    #[serde(default)]
    method: String,
    email: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
}

async fn act(
    State(shared): State<Arc<Shared>>,
    Path((uuid, id)): Path<(String, String)>,
    Form(sent): Form<Sent>,
) -> Response {
    shared.with(|engine| match take(engine, &uuid, &id, sent) {
        Ok(response) => response,
        Err(error) => refused(&error),
    })
}

fn take(engine: &mut Engine, uuid: &str, id: &str, sent: Sent) -> Result<Response, EngineError> {
    let account = find(engine, uuid, id)?.0;
    let visitor = engine.visitor(account, id)?;
    fill(&mut visitor.email, sent.email);
    fill(&mut visitor.first_name, sent.first_name);
    fill(&mut visitor.last_name, sent.last_name);
    match sent.action.as_str() {
        "pay" => {
            let method = PaymentMethod::ALL.into_iter().find(|it| it.as_str() == sent.method);
            engine.pay(account, id, method.ok_or(EngineError::NotFound("payment method"))?)?;
            let success_url = engine.session(account, id)?.success_url.clone();
            let to = success_url.unwrap_or_else(|| format!("/pay/checkout/{uuid}/{id}"));
            Ok(Redirect::to(&to).into_response())
        }
        "leave" => {
            engine.abandon(account, id)?;
            Ok(Redirect::to(&format!("/pay/checkout/{uuid}/{id}")).into_response())
        }
        _ => {
            let session = engine.session(account, id)?;
            let failed = "The payment failed. Nothing was charged; you can try again.";
            Ok(page::show(engine, account, session, Some(failed)))
        }
    }
}

/// Takes what was filled in; a field that was not sent keeps what it has.
fn fill(field: &mut Option<String>, sent: Option<String>) {
    if let Some(text) = sent {
        *field = Some(text).filter(|text| !text.trim().is_empty());
    }
}

fn find<'a>(
    engine: &'a Engine,
    uuid: &str,
    session: &str,
) -> Result<(AccountKey, &'a Session), EngineError> {
    let account = engine.find_account(uuid).ok_or(EngineError::NotFound("account"))?;
    Ok((account, engine.session(account, session)?))
}

fn no_such(what: &'static str) -> Response {
    refused(&EngineError::NotFound(what))
}

/// A page for what cannot be done.
pub(super) fn refused(error: &EngineError) -> Response {
    let status = match error {
        EngineError::NotFound(_) => StatusCode::NOT_FOUND,
        EngineError::Refused(_) => StatusCode::CONFLICT,
        EngineError::Declined { .. } => StatusCode::PAYMENT_REQUIRED,
    };
    pages::refused(status, "That cannot be done", &error.to_string())
}
