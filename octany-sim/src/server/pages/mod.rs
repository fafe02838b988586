//! What all pages look like.

use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("style.css");

/// A page without scripts.
pub(super) fn page(title: &str, locale: &str, content: &Markup) -> Response {
    with_script(title, locale, content, None)
}

/// A page with a script of this server.
pub(super) fn with_script(
    title: &str,
    locale: &str,
    content: &Markup,
    script: Option<&str>,
) -> Response {
    let page = html! {
        (DOCTYPE)
        html lang=(locale) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                link rel="icon" href="data:,";
                title { (title) }
                style { (PreEscaped(STYLE)) }
                @if let Some(script) = script {
                    script src=(script) defer {}
                }
            }
            body {
                main { (content) }
                footer { "A local Octany, for development. No money moves." }
            }
        }
    };
    // No `form-action`: browsers hold a redirect to the app's own page against it.
    let policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; \
                  connect-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'";
    let headers = [
        (CACHE_CONTROL, "no-store"),
        // With none at all, browsers send forms with an origin of `null`.
        (REFERRER_POLICY, "same-origin"),
        (CONTENT_SECURITY_POLICY, policy),
    ];
    (headers, Html(page.into_string())).into_response()
}

/// A page that says why there is nothing else.
pub(super) fn refused(status: StatusCode, title: &str, why: &str) -> Response {
    let content = html! {
        div.narrow {
            h1 { (title) }
            p role="alert" { (why) }
        }
    };
    (status, page(title, "en", &content)).into_response()
}

/// An amount of minor units.
pub(super) fn money(minor_units: i64, currency: &str) -> String {
    match currency.parse() {
        Ok(currency) => octany_core::Money::new(minor_units, currency).to_string(),
        Err(_) => format!("{minor_units} {currency}"),
    }
}
