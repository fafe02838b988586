//! The pages, as HTML.

use octany_core::Snapshot;
use octany_entitlement::Decision;

/// Everybody's page.
pub fn home(user: Option<&str>) -> String {
    let who = match user {
        Some(user) => format!("You are {}.", escape(user)),
        None => "Nobody is signed in.".to_owned(),
    };
    page(
        "Free page",
        &format!(
            "<p>{who}</p><ul>\
             <li><a href=\"/sign-in?user=user_42\">Sign in as Anna</a></li>\
             <li><a href=\"/sign-in?user=user_43\">Sign in as Bob</a></li>\
             <li><a href=\"/reports\">The reports</a>, for subscribers</li>\
             <li><a href=\"/me\">Who am I?</a></li></ul>"
        ),
    )
}

/// The page that is paid for.
pub fn reports(subscription: &Snapshot) -> String {
    let id = escape(subscription.subscription.as_str());
    page("Reports", &format!("<p>Everything went up. Thank you for subscription {id}.</p>"))
}

/// Where a browser lands that has not paid.
pub fn paywall(checkout: &str) -> String {
    let checkout = escape(checkout);
    page(
        "Subscribe",
        &format!("<p>The reports are for subscribers. <a href=\"{checkout}\">Subscribe</a></p>"),
    )
}

/// What is known of whoever asks.
pub fn me(user: &str, decision: &Decision, mails: i64) -> String {
    let access = if decision.is_allowed() { "open" } else { "closed" };
    let until = decision.valid_until().map_or("-".to_owned(), |end| end.to_rfc3339());
    page(
        "Who am I?",
        &format!(
            "<dl><dt>user</dt><dd>{}</dd><dt>reports</dt><dd>{access}</dd>\
             <dt>reason</dt><dd>{}</dd><dt>until</dt><dd>{until}</dd>\
             <dt>welcome mails</dt><dd>{mails}</dd></dl>",
            escape(user),
            decision.reason(),
        ),
    )
}

fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\
         <body><main><h1>{title}</h1>{body}<p><a href=\"/\">Start</a></p></main></body></html>"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
