//! Into the billing portal.

use octany_billing::BillingBuilder;
use octany_core::resource::PortalUrl;
use octany_core::{AccessPolicy, Snapshot, Source, Version};
use octany_entitlement::{Gate, OnOutage, SubscriptionStore};

use crate::support::{
    App, Away, BROWSER, Links, ask, builder, header, location, reason, start, with_links,
};

const PORTAL: &str = "https://portal.example/x";

async fn knows(app: &App, id: &str, user: &str, status: &str) {
    let mut report = Snapshot::new(id, status, Version::new(start(), Source::Api));
    report.reference = Some(user.into());
    app.store.apply(&report).await.unwrap();
    app.links.set(id, with_links(id, &format!("{PORTAL}/{id}")));
}

#[tokio::test]
async fn each_page_is_reached_by_a_link_that_was_fetched_for_it() {
    let app = App::new();
    knows(&app, "sub_1", "user_42", "active").await;
    for page in ["card", "invoices", "cancel"] {
        let answer = app.ask(&format!("GET /portal/{page}"), "").await;
        let link = format!("{PORTAL}/sub_1/{page}?signature=s3cret");
        assert_eq!((answer.status, location(&answer)), (303, &*link));
        assert_eq!(header(&answer, "cache-control"), Some("no-store"));
        assert_eq!(header(&answer, "referrer-policy"), Some("no-referrer"));
        assert!(!format!("{answer:?}").contains("s3cret"));
    }
    app.links.set("sub_1", with_links("sub_1", "https://portal.example/new"));
    let answer = app.ask("GET /portal/card", "").await;
    assert!(location(&answer).starts_with("https://portal.example/new/card"));
}

#[tokio::test]
async fn of_several_the_best_is_shown_or_the_one_that_is_named() {
    let app = App::new();
    knows(&app, "sub_old", "user_42", "expired").await;
    knows(&app, "sub_new", "user_42", "active").await;
    knows(&app, "sub_other", "user_1", "active").await;
    let answer = app.ask("GET /portal/card", "").await;
    assert!(location(&answer).contains("/sub_new/"));
    let answer = app.ask("GET /portal/card?subscription=sub_old", "").await;
    assert!(location(&answer).contains("/sub_old/"));
    for foreign in ["sub_other", "sub_none", ""] {
        let answer = app.ask(&format!("GET /portal/card?subscription={foreign}"), "").await;
        assert_eq!((answer.status, &*reason(&answer)), (404, "no_subscription"), "{foreign}");
    }
}

#[tokio::test]
async fn who_is_not_let_in_can_still_change_the_card() {
    let app = App::new();
    knows(&app, "sub_1", "user_42", "unpaid").await;
    let answer = app.ask("GET /portal/card", "").await;
    assert!(location(&answer).contains("/sub_1/card"));
}

#[tokio::test]
async fn who_has_none_is_told_so_or_sent_to_the_paywall() {
    let app = App::new();
    let browser = app.ask("GET /portal/card", "").await;
    assert_eq!((browser.status, location(&browser)), (303, "/pricing"));
    let program = ask(&app.billing, Some("user_42"), "GET /portal/card", "", &[]).await;
    assert_eq!((program.status, &*reason(&program)), (404, "no_subscription"));
}

#[tokio::test]
async fn an_engine_that_fails_is_answered_without_its_words() {
    let app = App::new();
    for (id, status, reasons) in
        [("down", 503, "portal_unavailable"), ("broken", 502, "portal_failed")]
    {
        knows(&app, id, id, "active").await;
        let answer =
            ask(&app.billing, Some(id), "GET /portal/card", "", &[("accept", BROWSER)]).await;
        assert_eq!((answer.status, &*reason(&answer)), (status, reasons));
        assert_eq!(header(&answer, "retry-after").is_some(), status == 503);
        assert!(!answer.body.contains("hunter2"));
    }
    knows(&app, "gone", "gone", "active").await;
    app.links.0.lock().unwrap().clear();
    let answer = ask(&app.billing, Some("gone"), "GET /portal/card", "", &[]).await;
    assert_eq!((answer.status, &*reason(&answer)), (404, "no_subscription"));
}

#[tokio::test]
async fn nobody_is_sent_by_a_link_that_is_missing_odd_or_anothers() {
    let app = App::new();
    knows(&app, "sub_1", "user_42", "active").await;
    let mut without = with_links("sub_1", PORTAL);
    without.cancel_url = None;
    app.links.set("sub_1", without);
    let answer = app.ask("GET /portal/cancel", "").await;
    assert_eq!((answer.status, &*reason(&answer)), (404, "no_portal_page"));
    for link in [
        "http://portal.example/",
        "http://localhost/",
        "javascript:alert(1)",
        "//portal.example/",
        "https://user:secret@portal.example/",
        "https://portal.example/\r\nset-cookie: a=b",
        "",
    ] {
        let mut odd = with_links("sub_1", PORTAL);
        odd.update_card_url = Some(PortalUrl::new(link));
        app.links.set("sub_1", odd);
        let answer = app.ask("GET /portal/card", "").await;
        assert_eq!((answer.status, &*reason(&answer)), (502, "portal_failed"), "{link}");
    }
    app.links.set("sub_1", with_links("sub_2", PORTAL));
    assert_eq!(app.ask("GET /portal/card", "").await.status, 502);
}

#[tokio::test]
async fn a_portal_on_this_machine_is_for_development_only() {
    let app = App::with(BillingBuilder::allow_localhost);
    knows(&app, "sub_1", "user_42", "active").await;
    app.links.set("sub_1", with_links("sub_1", "http://localhost:4000"));
    assert_eq!(app.ask("GET /portal/card", "").await.status, 303);
}

#[tokio::test]
async fn during_an_outage_nobody_is_told_that_there_is_no_subscription() {
    let gate = Gate::new(Away, AccessPolicy::new(), OnOutage::Deny);
    let billing = builder(gate, Away).portal(Links::default()).build().unwrap();
    let answer = ask(&billing, Some("user_42"), "GET /portal/card", "", &[]).await;
    assert_eq!((answer.status, &*reason(&answer)), (503, "could_not_tell"));
}

#[tokio::test]
async fn without_a_portal_there_is_nothing_at_its_path() {
    let gate = Gate::new(Away, AccessPolicy::new(), OnOutage::Deny);
    let billing = builder(gate, Away).build().unwrap();
    assert_eq!(ask(&billing, None, "GET /portal/card", "", &[]).await.status, 404);
}
