//! The billing routes that both servers have, and what is asked of them.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use octany_billing::{Billing, FORM_LIMIT, Offer, Portal, PortalError};
use octany_core::SubscriptionId;
use octany_core::checkout::ReferenceKey;
use octany_core::resource::{PortalUrl, Subscription};
use octany_entitlement::{CheckoutLog, Gate, GuardPages, ManualClock, MemoryStore};
use octany_tests::away::Away;

use super::cases::Add;
use super::http::Sent;

/// Each is mounted at its name.
pub(crate) type Mounts = HashMap<&'static str, Billing>;

/// One with everything, and one whose store and log are away and that has no portal.
pub(crate) fn mounts(
    gate: Gate,
    gate_away: Gate,
    pages: &GuardPages,
    clock: &ManualClock,
) -> Mounts {
    let account = "0b6f9a52-7c11-4b8e-9d55-6f1d0c3a2e41";
    let key = ReferenceKey::new(b"32 bytes out of a random source.".to_vec()).expect("32 bytes");
    let billing = |gate, log: Arc<dyn CheckoutLog>| {
        Billing::builder(account, "https://app.example", gate, log)
            .signed(key.clone())
            .default_offer(Offer::new(42))
            .offer(Offer::new("support").amount(100))
            .app_scheme("myapp")
            .return_to("/free")
            .prefill(|user, checkout| async move { checkout.email(format!("{user}@example.com")) })
            .clock(clock.clone())
    };
    let log = Arc::new(MemoryStore::new());
    let whole = billing(gate.clone(), log.clone()).portal(Links).pages(pages.clone());
    HashMap::from([
        ("/billing", whole.build().expect("it is complete")),
        ("/billing/plain", billing(gate.clone(), log).build().expect("it is complete")),
        ("/billing/unnoted", billing(gate, Arc::new(Away)).build().expect("it is complete")),
        (
            "/billing/away",
            billing(gate_away, Arc::new(Away)).portal(Links).build().expect("so too"),
        ),
    ])
}

/// Links of every kind, by the status that the subscription is named after.
struct Links;

#[async_trait]
impl Portal for Links {
    async fn subscription(&self, id: &SubscriptionId) -> Result<Arc<Subscription>, PortalError> {
        let mut subscription = Subscription::new(id.clone(), "active");
        match id.as_str() {
            "trialing" => return Err(PortalError::NotFound),
            "delayed" => return Err(PortalError::Unavailable("away".into())),
            "unpaid" => return Err(PortalError::Failed("refused".into())),
            "expired" => {
                subscription.update_card_url = Some(PortalUrl::new("http://plain.example"));
            }
            id => {
                let link = format!("https://portal.example/{id}?signature=x&y=1");
                subscription.update_card_url = Some(PortalUrl::new(link.clone()));
                subscription.invoices_url = Some(PortalUrl::new(link));
            }
        }
        Ok(Arc::new(subscription))
    }
}

const MOUNTS: [&str; 4] = ["/billing", "/billing/plain", "/billing/unnoted", "/billing/away"];
const USERS: [Option<&str>; 4] = [None, Some("active"), Some("unpaid"), Some("stranger")];
const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// A request as somebody.
fn ask(line: &str, user: Option<&str>, headers: &[(&str, &str)], form: &str) -> Sent {
    let mut all: Vec<_> = user.iter().map(|user| ("x-user", *user)).collect();
    all.extend_from_slice(headers);
    if !form.is_empty() {
        all.push(("content-type", "application/x-www-form-urlencoded"));
    }
    Sent::new(&format!("{line} HTTP/1.1"), &all, form.as_bytes())
}

pub(crate) fn cases(add: Add<'_>) {
    paths(add);
    people(add);
    subscribing(add);
    forms(add);
    targets(add);
    portal(add);
}

fn paths(add: Add<'_>) {
    for mount in MOUNTS {
        for path in [
            "",
            "/",
            "/elsewhere",
            "/subscribe",
            "/subscribe/",
            "/pending",
            "/pending/",
            "/pending/status",
            "/pending/status/",
            "//pending",
            "/%70ending",
            "/pending%2Fstatus",
            "/pending%2fstatus",
            "/PENDING",
            "/portal",
            "/portal/",
            "/portal/card",
            "/portal/invoices",
            "/portal/cancel",
            "/portal/money",
            "/portal/card/more",
            "/portal/card/",
            "/p%C3%A5",
            "/%ff",
            "/pending?to",
            "/pending?to=%ff&to=/x",
            "/./pending",
            "/pending/../pending",
            "/pending;a=b",
        ] {
            for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"] {
                let line = format!("{method} {mount}{path}");
                add(&line, vec![ask(&line, Some("active"), &[], "")]);
            }
        }
    }
}

fn people(add: Add<'_>) {
    for mount in MOUNTS {
        for route in [
            "POST /subscribe",
            "GET /pending",
            "GET /pending/status",
            "GET /portal/card",
            "GET /portal/cancel",
        ] {
            let line = route.replacen(' ', &format!(" {mount}"), 1);
            for user in USERS.into_iter().chain([Some("frozen"), Some(""), Some("active_over")]) {
                for accept in [None, Some("*/*"), Some("application/json"), Some(BROWSER)] {
                    let accept: Vec<_> = accept.iter().map(|accept| ("accept", *accept)).collect();
                    add(
                        &format!("{line} as {user:?}, {accept:?}"),
                        vec![ask(&line, user, &accept, "")],
                    );
                }
            }
            for language in ["sv", "sv-SE,sv;q=0.9,en;q=0.8", "de", "", "*"] {
                let headers = [("accept-language", language)];
                add(
                    &format!("{line} in {language:?}"),
                    vec![ask(&line, Some("stranger"), &headers, "")],
                );
            }
        }
    }
}

fn subscribing(add: Add<'_>) {
    let begin = ask("POST /billing/subscribe", Some("buyer"), &[], "return_to=/paid");
    let back = ask("GET /billing/pending?to=%2Fpaid", Some("buyer"), &[], "");
    let status = ask("GET /billing/pending/status?to=%2Fpaid", Some("buyer"), &[], "");
    add("a checkout, and back", vec![back.clone(), begin, back, status]);
    for site in ["same-origin", "none", "same-site", "cross-site", "", "x"] {
        for origin in
            [None, Some("https://app.example"), Some("https://evil.example"), Some("null")]
        {
            let mut headers = vec![("sec-fetch-site", site)];
            headers.extend(origin.map(|origin| ("origin", origin)));
            let sent = ask("POST /billing/subscribe", Some("stranger"), &headers, "");
            add(&format!("a form from {site:?}, {origin:?}"), vec![sent]);
        }
    }
    for origin in
        ["https://app.example", "https://app.example:443", "http://app.example", "null", ""]
    {
        let sent = ask("POST /billing/subscribe", Some("stranger"), &[("origin", origin)], "");
        add(&format!("a form from {origin:?} alone"), vec![sent]);
    }
}

fn forms(add: Add<'_>) {
    let line = "POST /billing/subscribe HTTP/1.1";
    let form = ("content-type", "application/x-www-form-urlencoded");
    let user = ("x-user", "stranger");
    for body in [
        "product=42",
        "product=support",
        "product=43",
        "product=",
        "product",
        "product=42&product=43",
        "product=%34%32",
        "product=4+2",
        "&&&",
        "=",
        "%",
        "%ff=%ff",
        "product=42;return_to=/x",
        "amount=1",
        "return_to=%2Ffree",
        "return_to=%252Ffree",
    ] {
        add(
            &format!("the form {body:?}"),
            vec![ask("POST /billing/subscribe", Some("stranger"), &[], body)],
        );
    }
    for kind in [
        "application/x-www-form-urlencoded; charset=utf-8",
        "APPLICATION/X-WWW-FORM-URLENCODED",
        "multipart/form-data; boundary=x",
        "application/json",
        "text/plain",
        "",
        "*/*",
    ] {
        let headers = [user, ("content-type", kind)];
        add(&format!("a form as {kind:?}"), vec![Sent::new(line, &headers, b"product=42")]);
    }
    let long = |length: usize| format!("product=42&x={}", "y".repeat(length - 13));
    for (name, length) in [("as large as allowed", FORM_LIMIT), ("too large", FORM_LIMIT + 1)] {
        add(
            &format!("a form {name}"),
            vec![Sent::new(line, &[user, form], long(length).as_bytes())],
        );
        let mut chunks = String::new();
        for chunk in long(length).as_bytes().chunks(1000) {
            let chunk = std::str::from_utf8(chunk).expect("ASCII");
            chunks = format!("{chunks}{:x}\r\n{chunk}\r\n", chunk.len());
        }
        let headers = [user, form, ("transfer-encoding", "chunked")];
        let chunks = format!("{chunks}0\r\n\r\n");
        add(
            &format!("a form {name}, in chunks"),
            vec![Sent::raw(line, &headers, chunks.as_bytes())],
        );
    }
    let huge = [user, form, ("content-length", "99999999")];
    add("a form far too large, as announced", vec![Sent::raw(line, &huge, b"p")]);
    let signed_out = [form, ("content-length", "99999999")];
    add("a form far too large, of nobody", vec![Sent::raw(line, &signed_out, b"p")]);
    for (name, sent) in [
        ("GET", "GET /billing/pending HTTP/1.1"),
        ("POST where GET is", "POST /billing/pending HTTP/1.1"),
        ("POST nowhere", "POST /billing/elsewhere HTTP/1.1"),
    ] {
        add(
            &format!("a body that nobody reads: {name}"),
            vec![Sent::new(sent, &[user, form], b"a=b")],
        );
    }
}

fn targets(add: Add<'_>) {
    for target in [
        "/",
        "/free",
        "/free?a=b#c",
        "/%C3%A5",
        "//evil.example",
        "/%2Fevil.example",
        "/%5Cevil.example",
        "/a//b",
        "/../x",
        "https://evil.example",
        "https://app.example/",
        "myapp://done",
        "myapp:/done",
        "MYAPP://done",
        "other://x",
        "javascript:alert(1)",
        "\\\\evil",
        "/\u{e5}",
        "/ ",
        "/\"<>'",
    ] {
        let to = target.bytes().fold(String::new(), |to, byte| to + &format!("%{byte:02X}"));
        for user in ["active", "stranger"] {
            for line in [
                format!("GET /billing/pending?to={to}"),
                format!("GET /billing/pending/status?to={to}"),
            ] {
                add(&format!("{line} ({target}) as {user}"), vec![ask(&line, Some(user), &[], "")]);
            }
            let form = format!("return_to={to}");
            let sent = ask("POST /billing/subscribe", Some(user), &[], &form);
            add(&format!("subscribing, back to {target} as {user}"), vec![sent]);
        }
    }
}

fn portal(add: Add<'_>) {
    for user in [
        "active",
        "trialing",
        "delayed",
        "unpaid",
        "expired",
        "cancelled_paid",
        "frozen",
        "stranger",
    ] {
        for page in ["card", "invoices", "cancel"] {
            for named in ["", "?subscription=", "?subscription=active", "?subscription=unpaid"] {
                for accept in ["*/*", BROWSER] {
                    let line = format!("GET /billing/portal/{page}{named}");
                    let sent = ask(&line, Some(user), &[("accept", accept)], "");
                    add(&format!("{line} as {user}, {accept}"), vec![sent]);
                }
            }
        }
    }
}
