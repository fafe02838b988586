//! Who may control the simulator: whoever is on this machine, and no page of another site.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{HOST, ORIGIN};
use http::{HeaderMap, StatusCode};
use url::{Host, Url};

use crate::server::state::Shared;

/// Any page that a browser shows can send forms here, and a name that was made to mean this machine
/// is one origin with its own pages. So neither another origin nor another host is answered.
pub(super) async fn same(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    if is_ours(request.headers(), shared.links.base()) {
        return next.run(request).await;
    }
    let why = "Only pages of this simulator may control it, under its own name.";
    super::super::pages::refused(StatusCode::FORBIDDEN, "Not from there", why)
}

fn is_ours(headers: &HeaderMap, base: &str) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(host) = text(HOST) else { return false };
    if !is_here(host, base) {
        return false;
    }
    match (headers.get(ORIGIN), text(ORIGIN)) {
        // No browser, or one that only reads.
        (None, _) => true,
        // A page that sends no referrer has no origin either; this header tells whose it is, and no
        // script can write it.
        (_, Some("null")) => {
            headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin")
        }
        (_, Some(origin)) => origin.split_once("://").is_some_and(|(_, from)| from == host),
        (Some(_), None) => false,
    }
}

/// Whether a `Host` names this machine, or the place where the simulator says it is.
fn is_here(host: &str, base: &str) -> bool {
    let Ok(url) = Url::parse(&format!("http://{host}")) else { return false };
    match url.host() {
        Some(Host::Domain("localhost")) => true,
        Some(Host::Ipv4(ip)) if ip == Ipv4Addr::LOCALHOST => true,
        Some(Host::Ipv6(ip)) if ip == Ipv6Addr::LOCALHOST => true,
        Some(host) => Url::parse(base).is_ok_and(|base| base.host() == Some(host)),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn allowed(headers: &[(&'static str, &'static str)]) -> bool {
        let pairs = headers.iter().map(|(name, value)| {
            let name = http::HeaderName::from_static(name);
            (name, HeaderValue::from_static(value))
        });
        is_ours(&pairs.collect(), "http://octany.test:4000")
    }

    #[test]
    fn this_machine_and_the_simulators_own_name_are_answered() {
        for host in ["127.0.0.1:4000", "localhost:4000", "[::1]:4000", "octany.test:4000"] {
            assert!(allowed(&[("host", host)]), "{host}");
        }
        assert!(allowed(&[("host", "localhost:4000"), ("origin", "http://localhost:4000")]));
        let silent = [("host", "localhost:4000"), ("origin", "null")];
        assert!(allowed(&[silent[0], silent[1], ("sec-fetch-site", "same-origin")]));
    }

    #[test]
    fn a_name_that_somebody_made_mean_this_machine_is_not() {
        for host in ["evil.example:4000", "localhost.evil.example", "127.0.0.1.evil.example", ""] {
            assert!(!allowed(&[("host", host)]), "{host}");
        }
        assert!(!allowed(&[("host", "evil.example"), ("origin", "http://evil.example")]));
        assert!(!allowed(&[]));
    }

    #[test]
    fn a_page_of_another_origin_is_not() {
        let host = ("host", "127.0.0.1:4000");
        for origin in ["http://evil.example", "null", "http://127.0.0.1:5000", "", "127.0.0.1:4000"]
        {
            assert!(!allowed(&[host, ("origin", origin)]), "{origin}");
        }
        let foreign = ("sec-fetch-site", "cross-site");
        assert!(!allowed(&[host, ("origin", "null"), foreign]));
    }
}
