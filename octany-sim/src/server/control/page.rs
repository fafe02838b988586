//! The page.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use maud::{Markup, html};

use super::deliveries;
use crate::engine::{Account, Engine};
use crate::server::pages;
use crate::server::state::Shared;

/// How many rows of each table are shown.
pub(super) const SHOWN: usize = 50;

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
    html! { (accounts) (deliveries::list(&deliveries)) }
}

fn clock(engine: &Engine) -> Markup {
    let now = engine.now();
    html! {
        section aria-labelledby="clock" {
            h2 id="clock" { "Clock" }
            p.time {
                time datetime=(now.format("%Y-%m-%dT%H:%M:%SZ")) { (now.format("%-d %B %Y, %H:%M:%S")) }
                " UTC"
            }
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
    let heading = format!("account-{}", account.number);
    html! {
        section aria-labelledby=(heading) {
            h2 id=(heading) { "Account " (account.number) }
            dl {
                dt { "UUID" } dd { code { (account.uuid) } }
                dt { "API" } dd { code { (base) "/api" } }
                dt { "API key" } dd { code { (account.api_key) } }
            }
            (subscriptions(account))
            (products(account, base))
            (endpoints(account))
        }
    }
}

fn products(account: &Account, base: &str) -> Markup {
    html! {
        h3 { "Products" }
        table.stack {
            thead { tr {
                th scope="col" { "Id" } th scope="col" { "Name" }
                th.number scope="col" { "Price" } th scope="col" { "Checkout" }
            } }
            tbody {
                @for product in account.products.values().take(SHOWN) {
                    tr id={ "product-" (product.id) } {
                        td data-label="Id" { (product.id) }
                        td data-label="Name" { (product.name) }
                        td.number data-label="Price" {
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

fn subscriptions(account: &Account) -> Markup {
    html! {
        h3 { "Subscriptions (" (account.subscriptions.len()) ")" }
        @if account.subscriptions.is_empty() { p { "None yet. Buy something below." } }
        @else { table.stack {
            thead { tr {
                th scope="col" { "Id" } th scope="col" { "Reference" } th scope="col" { "Status" }
                th scope="col" { "Renews" } th scope="col" { "Ends" } th scope="col" { "Do" }
            } }
            tbody {
                @for it in account.subscriptions.values().rev().take(SHOWN) {
                    tr id={ "subscription-" (it.id) } {
                        td data-label="Id" { (it.id) }
                        td.long data-label="Reference" { (it.visitor.reference_id.as_deref().unwrap_or("–")) }
                        td data-label="Status" { (it.status) }
                        td.day data-label="Renews" { (day(it.renews_at)) }
                        td.day data-label="Ends" { (day(it.ends_at)) }
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
        } }
    }
}

fn endpoints(account: &Account) -> Markup {
    html! {
        h3 { "Webhook endpoints" }
        @if !account.endpoints.is_empty() { table.stack {
            thead { tr { th scope="col" { "URL" } th scope="col" { "Secret" } } }
            tbody {
                @for endpoint in &account.endpoints {
                    tr {
                        td data-label="URL" { code { (endpoint.url) } }
                        td data-label="Secret" { code { (endpoint.secret) } }
                    }
                }
            }
        } }
        div.row {
            form.wide method="post" {
                input type="hidden" name="account" value=(account.uuid);
                label for={ "url-" (account.number) } { "Endpoint URL" }
                input id={ "url-" (account.number) } name="url" required;
                button name="action" value="register" { "Register" }
            }
            form method="post" {
                input type="hidden" name="account" value=(account.uuid);
                button name="action" value="test_hook" { "Send test hook" }
            }
        }
    }
}

fn day(instant: Option<chrono::DateTime<chrono::Utc>>) -> String {
    instant.map_or_else(|| "–".to_owned(), |at| at.date_naive().to_string())
}
