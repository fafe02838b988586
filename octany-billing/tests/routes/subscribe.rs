//! From the button to the checkout.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use octany_billing::{Billing, BillingBuilder, Offer};
use octany_core::{AccessPolicy, ReferenceId};
use octany_entitlement::{CheckoutLog, Gate, MemoryStore, OnOutage};
use url::Url;
use url::form_urlencoded::byte_serialize;

use crate::support::{
    ACCOUNT, App, Away, BROWSER, ask, builder, header, key, location, parameter, reason, start,
};

#[tokio::test]
async fn the_button_leads_to_a_checkout_whose_reference_is_signed_and_noted() {
    let app = App::new();
    let answer = app.ask("POST /subscribe", "return_to=%2Freports%3Fweek%3D7").await;
    assert_eq!(answer.status, 303);
    assert_eq!(header(&answer, "cache-control"), Some("no-store"));
    assert_eq!(header(&answer, "referrer-policy"), Some("no-referrer"));
    let url = Url::parse(location(&answer)).unwrap();
    assert_eq!(url.host_str(), Some("checkout.octany.com"));
    assert!(url.path().ends_with("/product/42"), "{url}");
    assert_eq!(
        parameter(&url, "successUrl").unwrap(),
        "https://app.example/billing/pending?to=%2Freports%3Fweek%3D7",
    );
    assert_eq!(parameter(&url, "amount"), None);

    let text = ReferenceId::from(parameter(&url, "referenceId").unwrap());
    let signed = key().open(&text, start()).unwrap();
    assert_eq!((signed.user().as_str(), signed.product().as_str()), ("user_42", "42"));
    let begun = app.store.begun(&"user_42".into(), start(), 9).await.unwrap();
    assert_eq!(begun.len(), 1);
    assert_eq!((&begun[0].reference, begun[0].product.as_str()), (&text, "42"));
    assert_eq!((begun[0].begun_at, begun[0].returned_at), (start(), None));
}

#[tokio::test]
async fn on_one_day_a_user_is_told_one_reference() {
    let app = App::new();
    let reference = |url: Url| parameter(&url, "referenceId").unwrap();
    let first = reference(app.subscribe("").await);
    app.later(60 * 60);
    assert_eq!(reference(app.subscribe("").await), first);
    assert_ne!(reference(app.subscribe("product=support").await), first);
    app.later(24 * 60 * 60);
    assert_ne!(reference(app.subscribe("").await), first);
    let begun = app.store.begun(&"user_42".into(), start(), 9).await.unwrap();
    assert_eq!(begun.len(), 3);
    // It is good for as long as was said, at least.
    let month = start() + TimeDelta::days(30);
    assert!(key().open(&first.into(), month).is_ok());
}

#[tokio::test]
async fn an_offer_with_an_amount_is_sold_at_it_and_nothing_else_is_for_sale() {
    let app = App::new();
    let url = app.subscribe("product=support&amount=1").await;
    assert!(url.path().ends_with("/product/support"), "{url}");
    assert_eq!(parameter(&url, "amount").as_deref(), Some("19900"));
    let text = ReferenceId::from(parameter(&url, "referenceId").unwrap());
    assert_eq!(key().open(&text, start()).unwrap().amount(), Some(19_900));
    for product in ["product=43", "product=", "product=42%20", "product=../42"] {
        let answer = app.ask("POST /subscribe", product).await;
        assert_eq!((answer.status, &*reason(&answer)), (400, "unknown_product"), "{product}");
    }
}

#[tokio::test]
async fn of_several_offers_without_a_default_one_must_be_named() {
    let build = |offers: &[u64]| {
        let gate = Gate::new(MemoryStore::new(), AccessPolicy::new(), OnOutage::Deny);
        let builder = Billing::builder(ACCOUNT, "https://a.example", gate, MemoryStore::new());
        let offers = offers.iter().map(|product| Offer::new(*product));
        offers.fold(builder.signed(key()), BillingBuilder::offer).build().unwrap()
    };
    let (several, one) = (build(&[1, 2]), build(&[1]));
    for (billing, form, status) in [
        (&several, "", 400),
        (&several, "product=2", 303),
        (&one, "", 303),
        (&one, "product=2", 400),
    ] {
        let answer = ask(billing, Some("user_42"), "POST /subscribe", form, &[]).await;
        assert_eq!(answer.status, status, "{form}");
    }
}

#[tokio::test]
async fn who_pays_already_goes_where_they_wanted_to_and_not_to_pay_again() {
    let app = App::new();
    let checkout = app.subscribe("").await;
    app.octany.paid("sub_1", &checkout);
    // No webhook came; the gate asks before it denies, and so before anything is sold twice.
    let answer = app.ask("POST /subscribe", "return_to=/reports/7").await;
    assert_eq!((answer.status, location(&answer)), (303, "/reports/7"));
    let answer = app.ask("POST /subscribe", "").await;
    assert_eq!((answer.status, location(&answer)), (303, "/reports"));
    let begun = app.store.begun(&"user_42".into(), start(), 9).await.unwrap();
    assert_eq!(begun.len(), 1);
}

#[tokio::test]
async fn who_is_back_from_a_checkout_waits_for_it_before_they_can_buy_again() {
    let app = App::new();
    let first = app.subscribe("").await;
    // One who did not come back can begin anew.
    assert!(location(&app.ask("POST /subscribe", "").await).starts_with("https://checkout."));
    app.ask("GET /pending", "").await;
    let again = app.ask("POST /subscribe", "return_to=%2Freports%3Fweek%3D7").await;
    assert_eq!(again.status, 303);
    assert_eq!(location(&again), "/billing/pending?to=%2Freports%3Fweek%3D7");
    // The page has stopped waiting: a direct debit takes days, but a failed payment would be final.
    app.later(2 * 60);
    assert_eq!(app.subscribe("").await.path(), first.path());
}

#[tokio::test]
async fn nobody_is_sent_back_to_where_others_want_them() {
    let app = App::new();
    for target in ["https://evil.example/", "//evil.example", "/\\evil.example", "other://x", ""] {
        let target: String = byte_serialize(target.as_bytes()).collect();
        let answer = app.ask("POST /subscribe", &format!("return_to={target}")).await;
        assert_eq!((answer.status, &*reason(&answer)), (400, "return_target"), "{target}");
    }
    let url = app.subscribe("return_to=myapp://billing/success").await;
    assert_eq!(
        parameter(&url, "successUrl").unwrap(),
        "https://app.example/billing/pending?to=myapp%3A%2F%2Fbilling%2Fsuccess",
    );
}

#[tokio::test]
async fn nobody_signed_in_is_answered_as_a_guard_answers() {
    let app = App::new();
    for request in ["POST /subscribe", "GET /pending", "GET /pending/status", "GET /portal/card"] {
        let browser = ask(&app.billing, None, request, "", &[("accept", BROWSER)]).await;
        assert_eq!((browser.status, location(&browser)), (303, "/sign-in"), "{request}");
        let program = ask(&app.billing, None, request, "", &[]).await;
        assert_eq!((program.status, &*reason(&program)), (401, "signed_out"), "{request}");
    }
}

#[tokio::test]
async fn during_an_outage_nothing_is_sold() {
    let gate = Gate::new(Away, AccessPolicy::new(), OnOutage::Deny);
    let store = Arc::new(MemoryStore::new());
    let billing = builder(gate, store.clone()).build().unwrap();
    for user in ["user_42", "unclear"] {
        let answer = ask(&billing, Some(user), "POST /subscribe", "", &[]).await;
        assert_eq!((answer.status, &*reason(&answer)), (503, "could_not_tell"));
        assert!(header(&answer, "retry-after").is_some());
        assert!(!answer.body.contains("hunter2"));
    }
    let begun = store.begun(&"user_42".into(), DateTime::<Utc>::MIN_UTC, 9).await;
    assert_eq!(begun.unwrap(), []);
}

#[tokio::test]
async fn a_checkout_that_cannot_be_noted_does_not_begin() {
    let gate = Gate::new(MemoryStore::new(), AccessPolicy::new(), OnOutage::Deny);
    let billing = builder(gate, Away).build().unwrap();
    let answer = ask(&billing, Some("user_42"), "POST /subscribe", "", &[]).await;
    assert_eq!((answer.status, &*reason(&answer)), (503, "not_noted"));
    assert!(header(&answer, "retry-after").is_some() && header(&answer, "location").is_none());
}

#[tokio::test]
async fn a_user_whose_reference_cannot_be_signed_is_told_and_nothing_panics() {
    let app = App::new();
    for user in ["", &"x".repeat(300)] {
        let answer = ask(&app.billing, Some(user), "POST /subscribe", "", &[]).await;
        assert_eq!((answer.status, &*reason(&answer)), (500, "checkout_impossible"));
    }
}

#[tokio::test]
async fn a_checkout_is_filled_in_with_what_is_known_of_the_user() {
    let app = App::with(|builder| {
        builder.prefill(|user, checkout| async move {
            let checkout = checkout.email(format!("{user}@example.com")).first_name("Anna");
            // What this crate sets, nobody else does.
            checkout.success_url("https://evil.example/").reference_id("user_1").amount(1)
        })
    });
    let url = app.subscribe("product=support").await;
    assert_eq!(parameter(&url, "email").as_deref(), Some("user_42@example.com"));
    assert_eq!(parameter(&url, "firstName").as_deref(), Some("Anna"));
    assert_eq!(parameter(&url, "amount").as_deref(), Some("19900"));
    assert!(parameter(&url, "successUrl").unwrap().starts_with("https://app.example/billing/"));
    assert!(parameter(&url, "referenceId").unwrap().starts_with("o1."));
}

#[tokio::test]
async fn plain_references_are_told_as_they_are() {
    let app = App::with(BillingBuilder::plain_references);
    let url = app.subscribe("").await;
    assert_eq!(parameter(&url, "referenceId").as_deref(), Some("user_42"));
}
