//! What PHP was given, word by word: the values that are easily misread.

use std::sync::Arc;

use octany_core::resource::{BillingMethod, Order, Phone, Subscription};
use octany_core::{BasisPoints, Event, Payload, SubscriptionStatus};
use octany_tests::fixtures::php_deliveries;

use crate::reading::event;

/// The event of the delivery whose file ends with `-<variant>.body`.
fn delivered(variant: &str) -> Event {
    let end = format!("-{variant}.body");
    let delivery = php_deliveries().into_iter().find(|delivery| delivery.file.ends_with(&end));
    event(&delivery.expect("there is a delivery of that variant"))
}

fn subscription(variant: &str) -> Arc<Subscription> {
    delivered(variant).payload.subscription().expect("it is about a subscription").clone()
}

fn order(variant: &str) -> Arc<Order> {
    match delivered(variant).payload {
        Payload::OrderConfirmed(order) | Payload::OrderPaid(order) => order,
        other => unreachable!("{other:?}"),
    }
}

#[test]
fn texts_are_decoded_to_the_letter() {
    let controls: String =
        (0..32_u8).map(char::from).chain("\u{2028}\u{2029}\u{feff}".chars()).collect();
    for (variant, text) in [
        ("swedish", "flygande bäckasiner söka hwila på mjuka tuvor – ÅÄÖ åäö é"),
        ("decomposed", "A\u{30a}kesson, O\u{308}berg"),
        ("emoji", "👍🏽 👩‍👩‍👧‍👦 🇸🇪 😀"),
        (
            "edges-of-unicode",
            "\u{7f}\u{80}\u{7ff}\u{800}\u{d7ff}\u{e000}\u{ffff}\u{10000}\u{10ffff}",
        ),
        ("slashes", r"https://kund.example/a//b\c\/d?e=/&f=</script>"),
        ("quotes", r#""citat" 'apostrof' \"redan\" \u00e5 \"#),
        ("controls", &controls),
        ("right-to-left", "שלום \u{202e}kartong\u{202c} مرحبا"),
        ("looks-like-json", r#"{"status":"active"},"status":"expired","id":[]}"#),
    ] {
        let subscription = subscription(&format!("text-{variant}"));
        assert_eq!(subscription.id, &*format!("sub_{text}"));
        assert_eq!(subscription.reference_id.as_ref().unwrap(), text);
        assert_eq!(subscription.reference_name.as_ref().unwrap(), text);
        assert_eq!(subscription.status, SubscriptionStatus::Active);
        assert!(subscription.extra.get(text).is_some(), "{variant}");
        let field = &subscription.custom_fields.as_ref().unwrap().read().unwrap()[0];
        assert_eq!(field.label.as_ref().unwrap(), text);
        assert_eq!(field.value.as_ref().unwrap().decode::<String>().unwrap(), text);
        assert!(subscription.metadata.as_ref().unwrap().get(text).is_some(), "{variant}");
    }
}

#[test]
fn an_id_of_any_size_keeps_its_digits() {
    for (variant, digits) in [
        ("beyond-double", "9007199254740993"),
        ("largest-of-php", "9223372036854775807"),
        ("largest-in-64-bits", "18446744073709551615"),
        ("beyond-64-bits", "18446744073709551617"),
        ("digits-as-string", "18446744073709551617"),
    ] {
        let event = delivered(&format!("id-{variant}"));
        assert_eq!(event.id, digits);
        assert_eq!(event.account.unwrap(), digits);
        let subscription = event.payload.subscription().unwrap();
        assert_eq!(subscription.id, digits);
        assert_eq!(subscription.product().unwrap(), digits);
        assert_eq!(subscription.customer_id.as_ref().unwrap(), digits);
        assert_eq!(subscription.reference_id.as_ref().unwrap(), digits);
    }
}

#[test]
fn a_phone_is_unset_absent_or_a_number() {
    let phones = |variant| {
        let subscription = subscription(variant);
        let billing: BillingMethod = subscription.billing_method.as_ref().unwrap().read().unwrap();
        let person = billing.person.unwrap().read().unwrap();
        [subscription.customer.as_ref().unwrap().read().unwrap().phone, person.phone]
    };
    let number = Phone::Number("+46 70-174 06 05".into());
    assert_eq!(phones("older-phone-false"), [Some(Phone::Unset), Some(Phone::Unset)]);
    assert_eq!(phones("older-phone-null"), [None, None]);
    assert_eq!(phones("older-phone-string"), [Some(number.clone()), Some(number)]);
}

#[test]
fn a_quantity_may_be_a_string() {
    let items = order("older-items").items.as_ref().unwrap().read().unwrap();
    let counts: Vec<_> = items.iter().map(|item| item.quantity.unwrap().count()).collect();
    assert_eq!(counts, [1, 2, 10]);
}

#[test]
fn a_rate_has_the_unit_of_its_place() {
    let rate = |event: Event| match event.payload {
        Payload::ProductUpdated(product) => product.vat_rate.clone().unwrap().to_basis_points(),
        other => unreachable!("{other:?}"),
    };
    assert_eq!(rate(delivered("fractional-vat")), BasisPoints(1250));
    assert_eq!(rate(delivered("product.updated-contract")), BasisPoints(2500));

    let subscription = subscription("older-phone-false");
    assert_eq!(subscription.vat, Some(BasisPoints(2500)));
    let nested = subscription.product.as_ref().unwrap().read().unwrap();
    assert_eq!(nested.vat_rate, Some(BasisPoints(2500)));
}

#[test]
fn the_case_of_a_currency_does_not_matter() {
    let [small, capital] = ["older-phone-false", "integer-id"].map(subscription);
    assert_eq!(small.money(), capital.money());
    assert_eq!(small.money().unwrap().to_string(), "99.00 SEK");
}

#[test]
fn arrays_and_objects_are_both_empty() {
    for variant in ["empty-arrays", "empty-objects"] {
        let subscription = subscription(variant);
        assert!(subscription.custom_fields.as_ref().unwrap().read().unwrap().is_empty());
        assert!(subscription.metadata.as_ref().unwrap().is_empty_collection());
        assert!(subscription.extra.get("links").unwrap().is_empty_collection());
    }
}

#[test]
fn dates_are_instants_whatever_their_offset() {
    let dates = subscription("dates");
    let written =
        |date: Option<_>| date.map(|date: chrono::DateTime<chrono::Utc>| date.to_rfc3339());
    assert_eq!(written(dates.created_at).unwrap(), "2026-01-01T08:30:00+00:00");
    assert_eq!(written(dates.renews_at).unwrap(), "2026-07-01T07:30:00+00:00");
    assert_eq!(written(dates.ends_at).unwrap(), "2026-12-31T22:59:59+00:00");
    assert_eq!(written(dates.starts_at).unwrap(), "2026-02-01T00:00:00.250+00:00");
    let local = delivered("local-time").created_at;
    assert_eq!(local.to_rfc3339(), "2026-07-01T10:00:00+00:00");
}
