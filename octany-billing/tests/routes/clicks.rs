//! Which requests are for a route, and which are taken from a browser.

use crate::support::{App, ask, header, reason};

#[tokio::test]
async fn paths_and_methods_are_exact() {
    let app = App::new();
    for (request, status, allow) in [
        ("GET /", 404, None),
        ("GET ", 404, None),
        ("GET /elsewhere", 404, None),
        ("POST /subscribe/", 404, None),
        ("GET /pending/", 404, None),
        ("GET //pending", 200, None),
        ("GET /pending//status", 404, None),
        ("GET /PENDING", 404, None),
        ("GET /portal", 404, None),
        ("GET /portal/", 404, None),
        ("GET /portal/card/x", 404, None),
        ("GET /portal/money", 404, None),
        ("GET /%70ending", 200, None),
        ("HEAD /pending", 200, None),
        ("GET /subscribe", 405, Some("POST")),
        ("HEAD /subscribe", 405, Some("POST")),
        ("OPTIONS /subscribe", 405, Some("POST")),
        ("POST /pending", 405, Some("GET, HEAD")),
        ("DELETE /pending/status", 405, Some("GET, HEAD")),
        ("POST /portal/cancel", 405, Some("GET, HEAD")),
        ("get /pending", 405, Some("GET, HEAD")),
    ] {
        let answer = ask(&app.billing, Some("user_42"), request, "", &[]).await;
        assert_eq!((answer.status, header(&answer, "allow")), (status, allow), "{request}");
    }
}

#[tokio::test]
async fn a_form_is_taken_from_the_apps_own_pages_only() {
    let app = App::new();
    let own = "https://app.example";
    for (headers, taken) in [
        (&[][..], true),
        (&[("sec-fetch-site", "same-origin"), ("origin", own)], true),
        (&[("sec-fetch-site", "none")], true),
        // An app's page with `Referrer-Policy: no-referrer` sends this.
        (&[("sec-fetch-site", "same-origin"), ("origin", "null")], true),
        (&[("origin", own)], true),
        (&[("sec-fetch-site", "cross-site"), ("origin", own)], false),
        (&[("sec-fetch-site", "same-site"), ("origin", "https://blog.app.example")], false),
        (&[("sec-fetch-site", "")], false),
        (&[("sec-fetch-site", "SAME-ORIGIN, cross-site")], false),
        (&[("origin", "https://evil.example")], false),
        (&[("origin", "https://app.example.evil.example")], false),
        (&[("origin", "http://app.example")], false),
        (&[("origin", "https://app.example:8443")], false),
        (&[("origin", "null")], false),
        (&[("origin", "")], false),
        // Whoever sends a request chooses its `Host`.
        (&[("origin", "https://evil.example"), ("host", "evil.example")], false),
    ] {
        let answer = ask(&app.billing, Some("user_42"), "POST /subscribe", "", headers).await;
        if taken {
            assert_eq!(answer.status, 303, "{headers:?}");
        } else {
            assert_eq!((answer.status, &*reason(&answer)), (403, "cross_site"), "{headers:?}");
        }
        // Links from everywhere are followed: a visitor comes back from the checkout by one.
        let answer = ask(&app.billing, Some("user_42"), "GET /pending", "", headers).await;
        assert_eq!(answer.status, 200, "{headers:?}");
    }
}

#[tokio::test]
async fn what_is_no_form_is_refused() {
    let app = App::new();
    for (kind, status) in [
        ("application/x-www-form-urlencoded", 303),
        ("Application/X-WWW-Form-Urlencoded; charset=utf-8", 303),
        ("multipart/form-data; boundary=x", 415),
        ("application/json", 415),
        ("text/plain", 415),
        ("", 415),
    ] {
        let headers = [("content-type", kind)];
        let answer = ask(&app.billing, Some("user_42"), "POST /subscribe", "", &headers).await;
        assert_eq!(answer.status, status, "{kind}");
    }
}
