//! The page itself.

use octany_billing::Texts;
use sha2::{Digest, Sha256};

use crate::support::{App, ask, header};

fn between<'a>(page: &'a str, start: &str, end: &str) -> &'a str {
    page.split_once(start).unwrap().1.split_once(end).unwrap().0
}

#[tokio::test]
async fn the_policy_lets_the_pages_own_script_and_style_run_and_nothing_else() {
    let app = App::new();
    app.subscribe("").await;
    let page = app.ask("GET /pending", "").await;
    let policy = header(&page, "content-security-policy").unwrap();
    for (part, name) in [("script", "script-src"), ("style", "style-src")] {
        let source = between(&page.body, &format!("<{part}>"), &format!("</{part}>"));
        let hash = Sha256::digest(source);
        let hash = <base64ct::Base64 as base64ct::Encoding>::encode_string(&hash);
        assert!(policy.contains(&format!("{name} 'sha256-{hash}';")), "{policy}");
    }
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{policy}");
    for (name, value) in [
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("content-type", "text/html; charset=utf-8"),
        ("vary", "accept-language"),
    ] {
        assert_eq!(header(&page, name), Some(value));
    }
    // No attribute that the policy would block.
    assert!(!page.body.contains(" style=") && !page.body.contains(" onclick="));
}

#[tokio::test]
async fn the_page_can_be_heard_and_works_without_a_script() {
    let app = App::new();
    app.subscribe("").await;
    let page = app.ask("GET /pending?to=%2Fa%3Fb%3D1%26c", "").await.body;
    for part in [
        r#"<html lang="en">"#,
        "<title>Confirming your payment</title>",
        "<main ",
        "<h1>Confirming your payment</h1>",
        r#"role="status" aria-live="polite""#,
        r#"<noscript><meta http-equiv="refresh" content="3"></noscript>"#,
        r#"data-every="2500""#,
        r#"data-status="pending/status?to=%2Fa%3Fb%3D1%26c""#,
        r#"href="/a?b=1&amp;c""#,
        "prefers-reduced-motion",
        "prefers-color-scheme",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
}

#[tokio::test]
async fn the_page_speaks_the_visitors_language_and_texts_can_be_replaced() {
    let swedish = [("accept-language", "sv-SE,sv;q=0.9,en;q=0.8")];
    let app = App::new();
    let page = ask(&app.billing, Some("user_42"), "GET /pending", "", &swedish).await;
    assert!(page.body.contains(r#"<html lang="sv">"#) && page.body.contains("autogiro"));

    let mut own = Texts::english();
    own.heading = "</title><script>alert('1')</script> & \"more\"".into();
    let app = App::with(|builder| builder.texts([own]));
    let page = ask(&app.billing, Some("user_42"), "GET /pending", "", &swedish).await;
    assert!(page.body.contains(
        "<h1>&lt;/title&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;more&quot;</h1>"
    ));
    assert_eq!(page.body.matches("<script>").count(), 1);
}
