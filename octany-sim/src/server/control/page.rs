//! The page.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use maud::{Markup, html};

use crate::engine::{Account, Engine};
use crate::server::pages;
use crate::server::state::Shared;
use crate::server::webhooks::{Logged, Progress};

/// How many rows of each table are shown.
const SHOWN: usize = 50;

pub(super) async fn show(State(shared): State<Arc<Shared>>) -> Response {
    let content = html! {
        h1 { "Local Octany" }
        div id="live" { (everything(&shared)) }
    };
    pages::with_script("Local Octany", "en", &content, Some("/control/control.js"))
}

/// What changes, for the page's script.
pub(super) async fn main(State(shared): State<Arc<Shared>>) -> Response {
    Html(everything(&shared).into_string()).into_response()
}

fn everything(shared: &Shared) -> Markup {
    let accounts = shared.with(|engine| {
        html! {
            (clock(engine))
            @for (_, account) in engine.accounts() { (of_account(account, shared.links.base())) }
        }
    });
    let deliveries = shared.state().log.all();
    html! { (accounts) (list(&deliveries)) }
}

fn clock(engine: &Engine) -> Markup {
    html! {
        section aria-labelledby="clock" {
            h2 id="clock" { "Clock" }
            p { "It is " strong { (engine.now().format("%Y-%m-%d %H:%M:%S")) } " UTC." }
            div.row {
                @for (by, label) in [
                    ("1day", "Advance 1 day"), ("1month", "Advance 1 month"),
                    ("renewal", "To the next renewal"),
                ] {
                    form method="post" {
                        input type="hidden" name="action" value="advance";
                        button name="by" value=(by) { (label) }
                    }
                }
            }
        }
    }
}

fn of_account(account: &Account, base: &str) -> Markup {
    html! {
        section aria-label={ "Account " (account.number) } {
            h2 { "Account " (account.number) }
            dl {
                dt { "UUID" } dd { code { (account.uuid) } }
                dt { "API" } dd { code { (base) "/api" } }
                dt { "API key" } dd { code { (account.api_key) } }
            }
            (products(account, base))
            (subscriptions(account))
            (endpoints(account))
        }
    }
}

fn products(account: &Account, base: &str) -> Markup {
    html! {
        div.wide {
            table {
                caption { "Products" }
                thead { tr {
                    th scope="col" { "Id" } th scope="col" { "Name" }
                    th.number scope="col" { "Price" } th scope="col" { "Checkout" }
                } }
                tbody {
                    @for product in account.products.values().take(SHOWN) {
                        tr {
                            td { (product.id) }
                            td { (product.name) }
                            td.number {
                                (pages::money(product.price, &product.currency))
                                @if let Some(interval) = product.kind.interval() {
                                    " / " (interval.as_str())
                                }
                            }
                            td {
                                a href={ (base) "/checkout/" (account.uuid) "/product/" (product.id) } {
                                    "Buy " (product.name)
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn subscriptions(account: &Account) -> Markup {
    html! {
        div.wide {
            table {
                caption { "Subscriptions (" (account.subscriptions.len()) ")" }
                thead { tr {
                    th scope="col" { "Id" } th scope="col" { "Reference" } th scope="col" { "Status" }
                    th scope="col" { "Renews" } th scope="col" { "Ends" } th scope="col" { "Do" }
                } }
                tbody {
                    @for it in account.subscriptions.values().rev().take(SHOWN) {
                        tr {
                            td { (it.id) }
                            td { (it.visitor.reference_id.as_deref().unwrap_or("–")) }
                            td { (it.status) }
                            td { (day(it.renews_at)) }
                            td { (day(it.ends_at)) }
                            td { div.row {
                                @for (action, label) in [
                                    ("fail_next_renewal", "Fail next renewal"),
                                    ("cancel", "Cancel"), ("revive", "Revive"),
                                ] {
                                    form method="post" {
                                        input type="hidden" name="account" value=(account.uuid);
                                        input type="hidden" name="subscription" value=(it.id);
                                        button name="action" value=(action)
                                            aria-label={ (label) " of " (it.id) } { (label) }
                                    }
                                }
                            } }
                        }
                    }
                }
            }
        }
    }
}

fn endpoints(account: &Account) -> Markup {
    html! {
        div.wide {
            table {
                caption { "Webhook endpoints" }
                thead { tr { th scope="col" { "URL" } th scope="col" { "Secret" } } }
                tbody {
                    @for endpoint in &account.endpoints {
                        tr { td { code { (endpoint.url) } } td { code { (endpoint.secret) } } }
                    }
                }
            }
        }
        div.row {
            form method="post" {
                input type="hidden" name="account" value=(account.uuid);
                label { "Endpoint URL " input name="url" required; }
                button name="action" value="register" { "Register" }
            }
            form method="post" {
                input type="hidden" name="account" value=(account.uuid);
                button name="action" value="test_hook" { "Send test hook" }
            }
        }
    }
}

fn list(deliveries: &[Logged]) -> Markup {
    html! {
        section aria-labelledby="deliveries" {
            h2 id="deliveries" { "Deliveries" }
            @if deliveries.is_empty() { p { "None yet." } }
            @for it in deliveries.iter().rev().take(SHOWN) {
                details id={ "delivery-" (it.number) } {
                    summary {
                        (it.event) " to " (it.url) ": " (progress(it.progress))
                        @if let Some(attempt) = it.attempts.last() {
                            @match attempt.status {
                                Some(status) => { " (" (status) ")" }
                                None => { " (no answer)" }
                            }
                        }
                    }
                    form method="post" {
                        input type="hidden" name="number" value=(it.number);
                        button name="action" value="redeliver" aria-label={ "Send delivery " (it.number) " again" } { "Send again" }
                    }
                    pre { (it.body) }
                    @for attempt in &it.attempts {
                        p {
                            (attempt.at.format("%H:%M:%S")) " "
                            @if let Some(fault) = attempt.fault { (fault) ": " }
                            @match attempt.status {
                                Some(status) => { (status) " " (attempt.answer) }
                                None => { (attempt.answer) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn progress(progress: Progress) -> &'static str {
    match progress {
        Progress::Open => "on its way",
        Progress::Delivered => "delivered",
        Progress::GivenUp => "given up",
        Progress::Dropped => "dropped",
    }
}

fn day(instant: Option<chrono::DateTime<chrono::Utc>>) -> String {
    instant.map_or_else(|| "–".to_owned(), |at| at.date_naive().to_string())
}
