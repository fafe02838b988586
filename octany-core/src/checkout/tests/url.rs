//! The checkout URL, read by a decoder of its own.

use chrono::{DateTime, TimeDelta};
use proptest::prelude::*;
use static_assertions::assert_impl_all;

use crate::checkout::*;

assert_impl_all!(CheckoutUrl: Send, Sync, Clone);
assert_impl_all!(CheckoutError: Send, Sync, std::error::Error);
assert_impl_all!(ReferenceError: Send, Sync, std::error::Error);

const ACCOUNT: &str = "0b6f9a52-7c11-4b8e-9d55-6f1d0c3a2e41";

fn checkout() -> CheckoutUrl {
    CheckoutUrl::new(ACCOUNT, 42)
}

fn refused(checkout: &CheckoutUrl) -> CheckoutError {
    checkout.build().unwrap_err()
}

/// The query as a server reads it: form decoding, byte by byte.
fn query(url: &str) -> Vec<(String, String)> {
    fn decode(text: &str) -> String {
        let mut bytes = text.bytes();
        let mut decoded = Vec::new();
        while let Some(byte) = bytes.next() {
            decoded.push(match byte {
                b'+' => b' ',
                b'%' => {
                    let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                    let [high, low] = digits.map(|d| char::from(d).to_digit(16).unwrap());
                    u8::try_from(high * 16 + low).unwrap()
                }
                byte => byte,
            });
        }
        String::from_utf8(decoded).unwrap()
    }
    let Some((_, query)) = url.split_once('?') else {
        return Vec::new();
    };
    let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap());
    pairs.map(|(name, value)| (decode(name), decode(value))).collect()
}

#[test]
fn the_product_alone_makes_a_checkout() {
    let expected = format!("https://checkout.octany.com/checkout/{ACCOUNT}/product/42");
    assert_eq!(checkout().build().unwrap(), expected);
}

#[test]
fn every_documented_parameter_arrives_under_its_name() {
    let url = checkout()
        .success_url("https://app.example/välkommen".replace('ä', "%C3%A4"))
        .reference_id("user_42")
        .amount(19_900)
        .roles(["member", "donor"])
        .methods(["card", "swish"])
        .reference_name("Anna & Åke")
        .email("anna+test@example.com")
        .first_name("Anna")
        .last_name("O'Neill")
        .company_name("100 % AB")
        .role("member")
        .locale("sv")
        .utm_source("news=letter")
        .utm_medium("email")
        .utm_campaign("spring")
        .utm_content("footer")
        .utm_term("a b")
        .build()
        .unwrap();
    let expected = [
        ("successUrl", "https://app.example/v%C3%A4lkommen"),
        ("referenceId", "user_42"),
        ("amount", "19900"),
        ("roles", "member,donor"),
        ("methods", "card,swish"),
        ("referenceName", "Anna & Åke"),
        ("email", "anna+test@example.com"),
        ("firstName", "Anna"),
        ("lastName", "O'Neill"),
        ("companyName", "100 % AB"),
        ("role", "member"),
        ("locale", "sv"),
        ("utm_source", "news=letter"),
        ("utm_medium", "email"),
        ("utm_campaign", "spring"),
        ("utm_content", "footer"),
        ("utm_term", "a b"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(query(&url), expected);
}

#[test]
fn the_last_value_counts_and_an_empty_one_leaves_the_parameter_out() {
    let url = checkout().email("a@example.com").email("b@example.com").locale("sv").locale("");
    let url = url.roles(["a"]).roles(Vec::<String>::new()).build().unwrap();
    assert_eq!(query(&url), [("email".to_owned(), "b@example.com".to_owned())]);
}

#[test]
fn neither_account_nor_product_can_leave_its_place_in_the_path() {
    for account in ["", "7", "0b6f9a52", &ACCOUNT.replace('-', ""), &format!("{ACCOUNT}/"), "../x"]
    {
        assert_eq!(refused(&CheckoutUrl::new(account, 42)), CheckoutError::AccountNotUuid);
    }
    for account in [ACCOUNT.replace('b', "g"), ACCOUNT.replace('b', "/"), format!("{ACCOUNT}-")] {
        assert_eq!(refused(&CheckoutUrl::new(account, 42)), CheckoutError::AccountNotUuid);
    }
    for product in ["", ".", "..", "1/../..", "1?x", "1#x", "1%2f", "1 ", "å", "1;x", "1\\2"] {
        assert_eq!(refused(&CheckoutUrl::new(ACCOUNT, product)), CheckoutError::InvalidProduct);
    }
    assert!(CheckoutUrl::new(ACCOUNT.to_uppercase(), "prod_8gKQz4-F2").build().is_ok());
}

#[test]
fn another_base_must_be_https_too() {
    let url = checkout().base("https://pay.example/octany/").build().unwrap();
    assert_eq!(url, format!("https://pay.example/octany/checkout/{ACCOUNT}/product/42"));
    let local = checkout().base("http://127.0.0.1:8080");
    assert_eq!(refused(&local), CheckoutError::Base(LinkError::NotHttps));
    assert!(local.allow_localhost().build().is_ok());
    let query = checkout().base("https://pay.example/?a=b");
    assert_eq!(refused(&query), CheckoutError::Base(LinkError::QueryOrFragment));
}

#[test]
fn a_success_url_must_be_https() {
    let local = checkout().success_url("http://localhost:3000/welcome");
    assert_eq!(refused(&local), CheckoutError::SuccessUrl(LinkError::NotHttps));
    assert!(local.allow_localhost().build().is_ok());
    let remote = checkout().success_url("http://app.example/").allow_localhost();
    assert_eq!(refused(&remote), CheckoutError::SuccessUrl(LinkError::NotHttps));
    let empty = checkout().success_url("");
    assert_eq!(refused(&empty), CheckoutError::SuccessUrl(LinkError::Invalid));
}

#[test]
fn a_reference_holds_between_1_and_250_characters() {
    assert!(checkout().reference_id("å".repeat(250)).build().is_ok());
    let long = checkout().reference_id("å".repeat(251));
    assert_eq!(refused(&long), CheckoutError::ReferenceTooLong { length: 251 });
    for empty in ["", " ", "\n"] {
        assert_eq!(refused(&checkout().reference_id(empty)), CheckoutError::EmptyReference);
    }
}

#[test]
fn a_negative_amount_is_refused() {
    assert!(checkout().amount(0).build().is_ok());
    assert!(checkout().amount(i64::MAX).build().is_ok());
    for amount in [-1, i64::MIN] {
        assert_eq!(refused(&checkout().amount(amount)), CheckoutError::NegativeAmount);
    }
}

#[test]
fn an_entry_that_would_read_as_two_or_none_is_refused() {
    for entries in [["a,b", "c"], ["a", ""], [" ", "b"]] {
        let refused = |checkout: CheckoutUrl| refused(&checkout);
        let roles = CheckoutError::InvalidList { parameter: "roles" };
        assert_eq!(refused(checkout().roles(entries)), roles);
        let methods = CheckoutError::InvalidList { parameter: "methods" };
        assert_eq!(refused(checkout().methods(entries)), methods);
    }
}

#[test]
fn a_signed_reference_goes_with_its_own_product_only() {
    let key = ReferenceKey::new("k".repeat(32)).unwrap();
    let end = DateTime::UNIX_EPOCH + TimeDelta::hours(1);
    let reference = key.sign(&"user_42".into(), &42.into(), end).unwrap();

    let url = checkout().signed_reference(&reference).build().unwrap();
    let text = reference.as_reference_id().as_str();
    assert!(url.ends_with(&format!("?referenceId={text}")), "it needs no encoding");

    let other = CheckoutUrl::new(ACCOUNT, 43).signed_reference(&reference);
    assert_eq!(refused(&other), CheckoutError::ReferenceForOtherProduct);
}

#[test]
fn a_signed_amount_goes_with_no_other_amount() {
    let key = ReferenceKey::new("k".repeat(32)).unwrap();
    let end = DateTime::UNIX_EPOCH + TimeDelta::hours(1);
    let (user, product) = ("user_42".into(), 42.into());
    let signed = key.sign_with_amount(&user, &product, 9_900, end).unwrap();

    let checkout = checkout().signed_reference(&signed);
    assert!(checkout.build().is_ok(), "the product's own price may be what was signed");
    assert!(checkout.clone().amount(9_900).build().is_ok());
    for other in [0, 99, 9_901] {
        let other = checkout.clone().amount(other);
        assert_eq!(refused(&other), CheckoutError::ReferenceForOtherAmount);
    }
    let unsigned = key.sign(&user, &product, end).unwrap();
    assert!(checkout.signed_reference(&unsigned).amount(1).build().is_ok());
}

#[test]
fn debug_and_errors_hold_no_values() {
    let checkout = checkout()
        .base("https://anna:secret@example.com")
        .success_url("https://app.example/anna")
        .reference_id("anna")
        .roles(["anna"])
        .email("anna@example.com");
    assert_eq!(
        format!("{checkout:?}"),
        "CheckoutUrl { account: AccountUuid(0b6f9a52-7c11-4b8e-9d55-6f1d0c3a2e41), \
         product: ProductId(42), set: [\"successUrl\", \"referenceId\", \"roles\", \"email\"], .. }"
    );
    let error = refused(&checkout);
    assert_eq!(error, CheckoutError::Base(LinkError::Credentials));
    assert!(!format!("{error:?} {error}").contains("anna"));
}

proptest! {
    #[test]
    fn every_value_arrives_as_it_was_given(
        reference in "\\PC{1,60}", email in ".{1,60}", role in "[^, ]{1,20}",
    ) {
        prop_assume!(!reference.trim().is_empty() && !role.trim().is_empty());
        let url = checkout().reference_id(&*reference).roles([&role, "b"]).email(&email);
        let url = url.build().unwrap();
        prop_assert!(url.bytes().all(|b| b.is_ascii_graphic()));
        prop_assert!(url.parse::<http::Uri>().is_ok());
        let expected = [
            ("referenceId".to_owned(), reference),
            ("roles".to_owned(), format!("{role},b")),
            ("email".to_owned(), email),
        ];
        prop_assert_eq!(query(&url), expected);
    }

    #[test]
    fn no_success_url_makes_it_panic(url in "(https?://)?.*") {
        let _ = checkout().allow_localhost().success_url(url).build();
    }
}
