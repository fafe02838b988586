//! The parts together.

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use static_assertions::{assert_impl_all, assert_not_impl_any};

use super::*;

assert_impl_all!(Verifier: Send, Sync, Clone);
assert_impl_all!(VerifiedBody: Send, Sync, Clone);
assert_impl_all!(Signature: Send, Sync, Clone);
assert_impl_all!(SignatureError: Send, Sync, std::error::Error);
// Comparing any of these with `==` would be a leak; printing a secret, a bigger one.
assert_not_impl_any!(Signature: PartialEq);
assert_not_impl_any!(SigningSecret: PartialEq, std::fmt::Display);
// A verified body is made by verifying and in no other way.
assert_not_impl_any!(VerifiedBody: From<Bytes>, From<Vec<u8>>, Default);

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn secret(text: &str) -> SigningSecret {
    SigningSecret::new(text).unwrap()
}

fn refused(verifier: &Verifier, body: &'static str, signature: &Signature) -> SignatureError {
    verifier.verify(Bytes::from(body), signature, || NOW).unwrap_err()
}

#[test]
fn the_clock_is_not_asked_while_no_secret_can_expire() {
    let verifier = Verifier::new(secret("a")).with_secret("b", secret("b"));
    let signature = secret("b").sign(b"{}");
    let never = || panic!("the clock was asked");
    assert!(verifier.verify(Bytes::from("{}"), &signature, never).is_ok());
}

#[test]
fn a_rotation_tells_which_secret_matched() {
    let verifier = Verifier::labelled("new", secret("a"))
        .with_secret("next", secret("b"))
        .with_expiring_secret("old", secret("c"), NOW + TimeDelta::seconds(1));
    for (key, label) in [("a", "new"), ("b", "next"), ("c", "old")] {
        let signature = secret(key).sign(b"{}");
        let body = verifier.verify(Bytes::from("{}"), &signature, || NOW).unwrap();
        assert_eq!(body.secret_label(), label);
    }
    let nobody = secret("d").sign(b"{}");
    assert_eq!(refused(&verifier, "{}", &nobody), SignatureError::Mismatch { hint: None });
}

#[test]
fn the_first_of_equal_secrets_is_told() {
    let verifier = Verifier::labelled("first", secret("a")).with_secret("second", secret("a"));
    let body = verifier.verify(Bytes::from("{}"), &secret("a").sign(b"{}"), || NOW);
    assert_eq!(body.unwrap().secret_label(), "first");
}

#[test]
fn a_secret_is_over_at_the_very_instant_of_its_expiry() {
    let end = NOW + TimeDelta::hours(1);
    let verifier = Verifier::new(secret("a")).with_expiring_secret("old", secret("b"), end);
    let verify = |now| verifier.verify(Bytes::from("{}"), &secret("b").sign(b"{}"), || now);
    assert!(verify(end - TimeDelta::nanoseconds(1)).is_ok());
    let over = SignatureError::Mismatch { hint: Some(Hint::ExpiredSecret) };
    assert_eq!(verify(end).unwrap_err(), over);
    assert_eq!(verify(DateTime::<Utc>::MAX_UTC).unwrap_err(), over);
}

#[test]
fn hints_can_be_switched_off() {
    let verifier = Verifier::new(secret("a\n"));
    let signature = secret("a").sign(b"{}");
    let hint = Some(Hint::SecretWhitespace);
    assert_eq!(refused(&verifier, "{}", &signature), SignatureError::Mismatch { hint });
    let quiet = verifier.without_hints();
    assert_eq!(refused(&quiet, "{}", &signature), SignatureError::Mismatch { hint: None });
}

#[test]
fn debug_output_holds_neither_secret_nor_body() {
    let verifier = Verifier::new(secret("hunter2")).with_expiring_secret("old", secret("x"), NOW);
    let signature = secret("hunter2").sign(b"Anna");
    let body = verifier.verify(Bytes::from("Anna"), &signature, || NOW).unwrap();
    assert_eq!(format!("{body:?}"), r#"VerifiedBody { len: 4, secret_label: "default" }"#);
    assert_eq!(format!("{verifier:?}"), r#"{"default": None, "old": Some(1970-01-01T00:00:00Z)}"#);
}

#[test]
fn an_error_names_its_hint_as_its_source() {
    use std::error::Error;

    let error = SignatureError::Mismatch { hint: Some(Hint::Reencoded) };
    assert_eq!(error.to_string(), "the signature does not match the body");
    assert_eq!(error.source().unwrap().to_string(), Hint::Reencoded.to_string());
    assert!(SignatureError::Mismatch { hint: None }.source().is_none());
}

#[test]
fn the_bytes_are_shared_and_not_copied() {
    let body = Bytes::from(vec![b'x'; 1024]);
    let signature = secret("a").sign(&body);
    let verified = Verifier::new(secret("a")).verify(body.clone(), &signature, || NOW).unwrap();
    assert_eq!(verified.bytes().as_ptr(), body.as_ptr());
    assert_eq!(verified.len(), 1024);
    assert!(!verified.is_empty());
    assert_eq!(verified.into_bytes().as_ptr(), body.as_ptr());
}

proptest! {
    #[test]
    fn what_was_signed_is_verified(key in "[!-~]{1,80}", body: Vec<u8>) {
        let signature = secret(&key).sign(&body);
        for header in [signature.to_string(), signature.to_string().to_uppercase()] {
            let signature = Signature::from_headers([header]).unwrap();
            let verified =
                Verifier::new(secret(&key)).verify(body.clone().into(), &signature, || NOW);
            prop_assert_eq!(verified.unwrap().into_bytes(), &body);
        }
    }

    #[test]
    fn a_single_flipped_bit_is_refused(
        body in prop::collection::vec(any::<u8>(), 1..300),
        at: prop::sample::Index,
        bit in 0..8_u8,
        digest_at in 0..32_usize,
    ) {
        let key = secret("0123456789abcdef0123456789abcdef");
        let verifier = Verifier::new(key.clone());
        let signature = key.sign(&body);

        let mut other = body.clone();
        other[at.index(body.len())] ^= 1 << bit;
        prop_assert!(verifier.verify(other.into(), &signature, || NOW).is_err());

        let mut digest: [u8; 32] =
            const_hex::decode_to_array(signature.to_string()).unwrap();
        digest[digest_at] ^= 1 << bit;
        prop_assert!(verifier.verify(body.into(), &Signature::new(digest), || NOW).is_err());
    }

    #[test]
    fn another_secret_is_refused(a in "[!-~]{1,80}", b in "[!-~]{1,80}", body: Vec<u8>) {
        prop_assume!(a != b);
        let signature = secret(&a).sign(&body);
        let refused = Verifier::new(secret(&b)).verify(body.into(), &signature, || NOW);
        prop_assert_eq!(refused.unwrap_err(), SignatureError::Mismatch { hint: None });
    }
}
