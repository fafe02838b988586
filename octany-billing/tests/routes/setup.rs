//! What can be wrong with how the routes are set up.

use std::time::Duration;

use octany_billing::{Billing, BillingBuilder, BuildError, Offer};
use octany_core::AccessPolicy;
use octany_core::checkout::{CheckoutError, LinkError};
use octany_entitlement::{Gate, MemoryStore, OnOutage};

use crate::support::{ACCOUNT, ask, key};

fn at(account: &str, origin: &str) -> BillingBuilder {
    let gate = Gate::new(MemoryStore::new(), AccessPolicy::new(), OnOutage::Deny);
    Billing::builder(account, origin, gate, MemoryStore::new())
}

fn complete() -> BillingBuilder {
    at(ACCOUNT, "https://app.example").signed(key()).offer(Offer::new(42))
}

fn refused(builder: BillingBuilder) -> BuildError {
    builder.build().map(|_| ()).unwrap_err()
}

#[test]
fn what_was_left_out_or_could_never_work_is_found_when_it_is_built() {
    let offer = |product: &str, source| BuildError::Offer { product: product.into(), source };
    for (builder, error) in [
        (at(ACCOUNT, "https://app.example").offer(Offer::new(42)), BuildError::NoReferences),
        (at(ACCOUNT, "https://app.example").signed(key()), BuildError::NoOffer),
        (complete().offer(Offer::new("a/b")), offer("a/b", CheckoutError::InvalidProduct)),
        (complete().offer(Offer::new(7).amount(-1)), offer("7", CheckoutError::NegativeAmount)),
        (complete().texts([]), BuildError::NoTexts),
        (complete().app_scheme("https"), BuildError::Scheme("https".into())),
        (complete().return_to("//evil"), BuildError::ReturnTarget("//evil".into())),
        (complete().return_to("myapp://x"), BuildError::ReturnTarget("myapp://x".into())),
        (
            complete().checkout_base("http://localhost:4000"),
            offer("42", CheckoutError::Base(LinkError::NotHttps)),
        ),
    ] {
        assert_eq!(refused(builder), error);
    }
    let account = at("1234", "https://app.example").signed(key()).offer(Offer::new(42));
    assert_eq!(refused(account), offer("42", CheckoutError::AccountNotUuid));
    for pause in [Duration::ZERO, Duration::from_micros(99_999), Duration::MAX] {
        assert_eq!(refused(complete().poll_every(pause)), BuildError::PollEvery, "{pause:?}");
    }
    assert!(complete().poll_every(Duration::from_millis(100)).build().is_ok());
    for mount in ["", "/", "billing", "/billing/", "//billing", "/a/../b", "/b?x", "/b#x"] {
        assert_eq!(refused(complete().mount(mount)), BuildError::Mount, "{mount}");
    }
}

#[test]
fn an_origin_is_https_with_nothing_behind_the_host() {
    let build = |origin| at(ACCOUNT, origin).signed(key()).offer(Offer::new(42)).build();
    for origin in ["https://app.example", "https://app.example/", "https://app.example:8443"] {
        assert!(build(origin).is_ok(), "{origin}");
    }
    for (origin, error) in [
        ("app.example", BuildError::Origin(LinkError::Invalid)),
        ("http://app.example", BuildError::Origin(LinkError::NotHttps)),
        ("http://localhost:3000", BuildError::Origin(LinkError::NotHttps)),
        ("https://me@app.example", BuildError::Origin(LinkError::Credentials)),
        ("https://app.example/app", BuildError::OriginWithPath),
        ("https://app.example?x", BuildError::OriginWithPath),
        ("https://app.example#x", BuildError::OriginWithPath),
    ] {
        assert_eq!(build(origin).map(|_| ()).unwrap_err(), error, "{origin}");
    }
}

#[tokio::test]
async fn an_origin_is_known_by_how_browsers_write_it() {
    for (origin, sent) in [
        ("HTTPS://App.Example:443/", "https://app.example"),
        ("http://localhost:80", "http://localhost"),
        ("http://localhost:3000", "http://localhost:3000"),
    ] {
        let builder = at(ACCOUNT, origin).signed(key()).offer(Offer::new(42)).allow_localhost();
        let billing = builder.build().unwrap();
        let headers = [("origin", sent)];
        let answer = ask(&billing, Some("user_42"), "POST /subscribe", "", &headers).await;
        assert_eq!(answer.status, 303, "{origin}");
    }
}

#[test]
fn debug_shows_no_key_and_nothing_of_a_user() {
    let builder = complete().prefill(|_, checkout| async { checkout.email("anna@example.com") });
    let shown = format!("{builder:?} {:?}", complete().build().unwrap());
    assert!(shown.contains("https://app.example") && !shown.contains("random"), "{shown}");
}
