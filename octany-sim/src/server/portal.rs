//! The customer's own pages, behind signed links that expire.

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Form, Path, Query, State};
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;

use super::checkout::{methods, refused};
use super::pages;
use super::state::Shared;
use crate::engine::{AccountKey, Engine, EngineError, PaymentMethod};
use crate::wire::{Links, PortalPage};

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/portal/{account}/{subscription}/{page}", get(show).post(act))
        .with_state(shared)
}

#[derive(Deserialize)]
struct Signed {
    expires: i64,
    signature: String,
}

#[derive(Deserialize)]
struct Sent {
    #[serde(default)]
    method: String,
}

/// What a link opens.
struct Opened {
    account: AccountKey,
    subscription: u64,
    page: PortalPage,
}

async fn show(
    State(shared): State<Arc<Shared>>,
    Path((account, subscription, page)): Path<(String, u64, String)>,
    signed: Result<Query<Signed>, QueryRejection>,
) -> Response {
    shared.with(|engine| match open(engine, &account, subscription, &page, signed) {
        Some(opened) => render(engine, &opened, None),
        None => over(),
    })
}

async fn act(
    State(shared): State<Arc<Shared>>,
    Path((account, subscription, page)): Path<(String, u64, String)>,
    signed: Result<Query<Signed>, QueryRejection>,
    Form(sent): Form<Sent>,
) -> Response {
    shared.with(|engine| {
        let Some(opened) = open(engine, &account, subscription, &page, signed) else {
            return over();
        };
        match take(engine, &opened, &sent) {
            Ok(done) => render(engine, &opened, Some(done)),
            Err(error) => refused(&error),
        }
    })
}

fn open(
    engine: &Engine,
    uuid: &str,
    subscription: u64,
    page: &str,
    signed: Result<Query<Signed>, QueryRejection>,
) -> Option<Opened> {
    let Query(Signed { expires, signature }) = signed.ok()?;
    let account = engine.find_account(uuid)?;
    let page = PortalPage::ALL.into_iter().find(|it| it.as_str() == page)?;
    let now = engine.now();
    Links::opens(engine.account(account), subscription, page, expires, &signature, now)
        .then_some(Opened { account, subscription, page })
}

fn take(engine: &mut Engine, opened: &Opened, sent: &Sent) -> Result<&'static str, EngineError> {
    let Opened { account, subscription, page } = *opened;
    match page {
        PortalPage::Card => {
            let method = PaymentMethod::ALL.into_iter().find(|it| it.as_str() == sent.method);
            let method = method.ok_or(EngineError::NotFound("payment method"))?;
            engine.change_method(account, subscription, method)?;
            Ok("From now on you pay this way.")
        }
        PortalPage::Cancel => {
            engine.cancel(account, subscription)?;
            Ok("The subscription is cancelled.")
        }
        PortalPage::Invoices => Err(EngineError::Refused("there is nothing to change here")),
    }
}

fn render(engine: &Engine, opened: &Opened, done: Option<&str>) -> Response {
    let Ok(subscription) = engine.subscription(opened.account, opened.subscription) else {
        return refused(&EngineError::NotFound("subscription"));
    };
    let (title, content) = match opened.page {
        PortalPage::Card => ("How you pay", card(subscription.method)),
        PortalPage::Cancel => ("Cancel your subscription", cancel(subscription)),
        PortalPage::Invoices => ("Your invoices", invoices(engine, opened)),
    };
    let content = html! {
        div.narrow {
            h1 { (title) }
            @if let Some(done) = done { p.good role="status" { (done) } }
            (content)
        }
    };
    pages::page(title, "en", &content)
}

fn card(current: PaymentMethod) -> Markup {
    html! {
        form.card method="post" {
            (methods("Pay by", current))
            button.main type="submit" { "Save" }
        }
    }
}

fn cancel(subscription: &crate::engine::Subscription) -> Markup {
    html! {
        @if let Some(end) = subscription.ends_at {
            p { "It ends on " (end.format("%-d %B %Y")) "." }
        } @else {
            form.card method="post" {
                p { "It will not be renewed. What you paid for remains yours to its end." }
                button.main type="submit" { "Cancel the subscription" }
            }
        }
    }
}

fn invoices(engine: &Engine, opened: &Opened) -> Markup {
    let orders = engine.account(opened.account).orders.values().rev();
    let its = orders.filter(|order| order.subscription == Some(opened.subscription));
    html! {
        div.card {
            table.stack {
                thead {
                    tr {
                        th scope="col" { "Day" } th scope="col" { "For" }
                        th scope="col" { "State" } th.number scope="col" { "Sum" }
                    }
                }
                tbody {
                    @for order in its {
                        tr {
                            td.day data-label="Day" { (order.created_at.date_naive()) }
                            td data-label="For" { (order.description) }
                            td data-label="State" { (order.state) }
                            td.number data-label="Sum" {
                                (pages::money(order.total_with_vat(), &order.currency))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn over() -> Response {
    let why = "It is good for an hour. Go back to the app and open it anew.";
    pages::refused(StatusCode::FORBIDDEN, "This link is over", why)
}
