//! The pages, as HTML.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use octany_billing::Offer;
use octany_core::{Currency, Money, Snapshot};
use octany_entitlement::Decision;

const STYLE: &str = include_str!("style.css");

/// Everybody's page.
pub fn home(user: Option<&str>) -> String {
    page(
        "A paywall",
        &html! {
            @match user {
                Some(user) => {
                    p { "You are signed in as " strong { (user) } ". " a href="/me" { "Who am I?" } }
                }
                None => { p { "Nobody is signed in." } }
            }
            p.row {
                a.button href="/sign-in?user=user_42" { "Sign in as Anna" }
                a.button href="/sign-in?user=user_43" { "Sign in as Bob" }
            }
            p { a href="/reports" { "The reports" } " are for subscribers." }
        },
    )
}

/// The page that is paid for.
pub fn reports(subscription: &Snapshot) -> String {
    page(
        "Reports",
        &html! {
            p { "Everything went up. Thank you for subscription " (subscription.subscription) "." }
            @if let Some(end) = subscription.ends_at {
                p role="status" { "They are yours until " (end.format("%-d %B %Y")) "." }
            }
            h2 { "Your subscription" }
            ul {
                li { a href="/billing/portal/card" { "Change how you pay" } }
                li { a href="/billing/portal/invoices" { "Invoices" } }
                li { a href="/billing/portal/cancel" { "Cancel" } }
            }
        },
    )
}

/// Where a browser lands that has not paid.
pub fn paywall(offer: &Offer) -> String {
    page(
        "Subscribe",
        &html! {
            p { "The reports are for subscribers." }
            @if let Some(price) = offer.amount {
                p.price { (Money::new(price, Currency::SEK)) small { " a month" } }
            }
            form method="post" action="/billing/subscribe" {
                input type="hidden" name="return_to" value="/reports";
                button type="submit" { "Subscribe" }
            }
        },
    )
}

/// What is known of whoever asks.
pub fn me(user: &str, decision: &Decision, mails: i64) -> String {
    let access = if decision.is_allowed() { "open" } else { "closed" };
    let until = decision.valid_until().map_or("-".to_owned(), |end| end.to_rfc3339());
    page(
        "Who am I?",
        &html! {
            dl {
                dt { "user" } dd { (user) }
                dt { "reports" } dd { (access) }
                dt { "reason" } dd { (decision.reason()) }
                dt { "until" } dd { (until) }
                dt { "welcome mails" } dd { (mails) }
            }
        },
    )
}

fn page(title: &str, content: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                link rel="icon" href="data:,";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header { nav aria-label="Pages" {
                    a href="/" { "Start" } a href="/reports" { "Reports" }
                } }
                main { h1 { (title) } (content) }
            }
        }
    };
    page.into_string()
}
