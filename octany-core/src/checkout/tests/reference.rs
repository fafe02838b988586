//! Signed references, and every way to break one.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use static_assertions::assert_impl_all;

use crate::ReferenceId;
use crate::checkout::*;

assert_impl_all!(ReferenceKey: Send, Sync, Clone);
assert_impl_all!(SignedReference: Send, Sync);

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn key(text: &str) -> ReferenceKey {
    ReferenceKey::new(text.repeat(32)).unwrap()
}

fn sign(user: &str, product: &str, seconds: i64) -> SignedReference {
    let expires_at = NOW + TimeDelta::seconds(seconds);
    key("k").sign(&user.into(), &product.into(), expires_at).unwrap()
}

fn sign_amount(user: &str, product: &str, seconds: i64, amount: Option<i64>) -> SignedReference {
    let Some(amount) = amount else { return sign(user, product, seconds) };
    let expires_at = NOW + TimeDelta::seconds(seconds);
    key("k").sign_with_amount(&user.into(), &product.into(), amount, expires_at).unwrap()
}

/// What was made under the key, and never by signing.
fn join(signed: &str) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    let mac = Hmac::<sha2::Sha256>::new_from_slice("k".repeat(32).as_bytes()).unwrap();
    let mac = mac.chain_update("octany-core checkout reference\0").chain_update(signed);
    reference::join(signed, mac.finalize().into_bytes().into())
}

fn open(reference: &str, seconds: i64) -> Result<SignedReference, ReferenceError> {
    key("k").open(&reference.into(), NOW + TimeDelta::seconds(seconds))
}

#[test]
fn a_short_key_is_refused() {
    for length in [0, 1, 31] {
        let refused = ReferenceKey::new(vec![7; length]).unwrap_err();
        assert_eq!(refused, ReferenceKeyError::TooShort { length });
    }
    assert!(ReferenceKey::new(vec![7; 32]).is_ok());
}

#[test]
fn debug_shows_no_key() {
    let key = key("hunter2").with_previous(key("old"));
    assert_eq!(format!("{key:?}"), "ReferenceKey { previous: 1, .. }");
}

#[test]
fn the_form_is_the_one_documented() {
    // An independent computation of what must not change as long as the version is 1:
    // printf 'octany-core checkout reference\0o1.dXNlcl80Mg.Nw.7200' |
    //     openssl dgst -sha256 -hmac kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk -binary |
    //     basenc --base64url | tr -d =
    let expected = "o1.dXNlcl80Mg.Nw.7200.PYV3Agic_Y3HozerFY5mVa7IZSBFT1r84-lT-sQ3Bq0";
    assert_eq!(sign("user_42", "7", 7200).as_reference_id(), expected);
}

#[test]
fn the_form_with_an_amount_is_the_one_documented() {
    // Computed as the one above.
    let expected = "o1.dXNlcl80Mg.Nw.7200.9900.kKDb1QEqFl0LvG86asP7yp2S0f7YRsvNJLqpnyZ0Ww4";
    let reference = sign_amount("user_42", "7", 7200, Some(9_900));
    assert_eq!(reference.as_reference_id(), expected);
    assert_eq!(open(expected, 0).unwrap().amount(), Some(9_900));
}

#[test]
fn a_reference_without_an_amount_tells_none() {
    let text = sign("user_42", "7", 60).as_reference_id().to_string();
    assert_eq!(open(&text, 0).unwrap().amount(), None);
}

#[test]
fn an_amount_is_not_added_taken_away_or_changed() {
    let without = sign("user_42", "7", 60).as_reference_id().to_string();
    let with = sign_amount("user_42", "7", 60, Some(1)).as_reference_id().to_string();
    let (signed, mac) = without.rsplit_once('.').unwrap();
    let (signed_with, mac_with) = with.rsplit_once('.').unwrap();
    for edited in [
        format!("{signed}.1.{mac}"),
        format!("{signed}.{mac_with}"),
        format!("{signed_with}0.{mac_with}"),
        format!("{signed_with}.1.{mac_with}"),
    ] {
        assert_eq!(open(&edited, 0), Err(ReferenceError::Forged), "{edited}");
    }
}

#[test]
fn what_signing_never_writes_does_not_open_even_under_its_key() {
    assert!(open(&join("o1.dQ.Nw.60"), 0).is_ok());
    assert!(open(&join("o1.dQ.Nw.60.0"), 0).is_ok());
    for signed in [
        "o1.dQ.Nw",
        "o1.dQ.Nw.60.",
        "o1.dQ.Nw.60.-1",
        "o1.dQ.Nw.60.1,5",
        "o1.dQ.Nw.60.9223372036854775808",
        "o1.dQ.Nw.60.1.2",
        "o1.dQ.Nw.x.1",
        "o1.dQ.Nw.+60",
        "o1.dQ.Nw.060",
        "o1.dQ.Nw.-0",
        "o1.dQ.Nw.60.+1",
        "o1.dQ.Nw.60.01",
        "o1..Nw.60",
        "o1.dQ..60",
    ] {
        assert_eq!(open(&join(signed), 0), Err(ReferenceError::Malformed), "{signed}");
    }
}

#[test]
fn a_reference_is_over_at_the_very_instant_of_its_expiry() {
    let reference = sign("user_42", "7", 60);
    let text = reference.as_reference_id().as_str();
    assert_eq!(open(text, 59).unwrap(), reference);
    let over = ReferenceError::Expired(Box::new(reference.clone()));
    assert_eq!(open(text, 60).unwrap_err(), over);
    assert_eq!(open(text, 1_000_000).unwrap_err(), over);
}

#[test]
fn a_fraction_of_a_second_is_dropped_and_never_added() {
    let expires_at = NOW + TimeDelta::milliseconds(59_999);
    let reference = key("k").sign(&"u".into(), &"7".into(), expires_at).unwrap();
    assert_eq!(reference.expires_at(), NOW + TimeDelta::seconds(59));
    assert_eq!(open(reference.as_reference_id().as_str(), 58).unwrap(), reference);
}

#[test]
fn a_plain_reference_is_told_apart_from_a_broken_one() {
    for plain in ["", "user_42", "o1", "O1.dXNlcl80Mg", "o2.a.b.c.d", " o1.a.b.1.c"] {
        assert_eq!(open(plain, 0), Err(ReferenceError::NotSigned), "{plain}");
    }
    for broken in ["o1.", "o1.user", "o1.a.b.c.d", "o1.....", "o1.å"] {
        assert_eq!(open(broken, 0), Err(ReferenceError::Malformed), "{broken}");
    }
}

#[test]
fn nothing_may_stand_around_a_reference() {
    let text = sign("user_42", "7", 60).as_reference_id().to_string();
    for suffix in ["=", ".", " ", "A", "\n", ".A"] {
        assert_eq!(open(&format!("{text}{suffix}"), 0), Err(ReferenceError::Malformed));
    }
    assert_eq!(open(&text[..text.len() - 1], 0), Err(ReferenceError::Malformed));
}

#[test]
fn another_key_does_not_open_it_and_a_previous_one_does() {
    let reference = sign("user_42", "7", 60);
    let text = reference.as_reference_id();
    assert_eq!(key("x").open(text, NOW), Err(ReferenceError::Forged));
    let rotated = key("x").with_previous(key("y").with_previous(key("k")));
    assert_eq!(rotated.open(text, NOW).unwrap(), reference);

    let newer = rotated.sign(&"user_42".into(), &"7".into(), reference.expires_at()).unwrap();
    assert!(key("x").open(newer.as_reference_id(), NOW).is_ok());
    assert_eq!(key("k").open(newer.as_reference_id(), NOW), Err(ReferenceError::Forged));
}

#[test]
fn a_webhook_signature_of_the_same_key_is_no_reference() {
    let secret = crate::signature::SigningSecret::new("k".repeat(32)).unwrap();
    let signed = "o1.dXNlcl80Mg.Nw.7200";
    let digest = const_hex::decode_to_array(secret.sign(signed.as_bytes()).to_string());
    let forged = reference::join(signed, digest.unwrap());
    assert_eq!(open(&forged, 0), Err(ReferenceError::Forged));
}

#[test]
fn what_does_not_fit_is_refused() {
    let long = ReferenceId::from("x".repeat(200));
    let refused = key("k").sign(&long, &7.into(), NOW).unwrap_err();
    assert_eq!(refused, ReferenceError::TooLong { length: 3 + 267 + 1 + 2 + 1 + 1 + 1 + 43 });
    let empty = Err(ReferenceError::Empty);
    assert_eq!(key("k").sign(&"".into(), &7.into(), NOW), empty);
    assert_eq!(key("k").sign(&"u".into(), &"".into(), NOW), empty);
    let negative = key("k").sign_with_amount(&"u".into(), &7.into(), -1, NOW);
    assert_eq!(negative, Err(ReferenceError::NegativeAmount));
    assert_eq!(key("k").sign_with_amount(&"".into(), &7.into(), 1, NOW), empty);
    let text = format!("o1.{}.{}", "a".repeat(250), "A".repeat(43));
    assert_eq!(open(&text, 0), Err(ReferenceError::TooLong { length: 297 }));
}

#[test]
fn a_user_id_of_120_bytes_fits_with_a_common_product() {
    let user = "x".repeat(120);
    let year_9999 = 253_402_300_799;
    let reference = sign(&user, "76963688", year_9999);
    assert!(reference.as_reference_id().as_str().len() <= MAX_REFERENCE_LENGTH);
    let reference = sign_amount(&user, "76963688", 4_000_000_000, Some(i64::MAX));
    assert_eq!(reference.as_reference_id().as_str().len(), MAX_REFERENCE_LENGTH);
}

proptest! {
    #[test]
    fn what_was_signed_opens(
        user in ".{1,20}", product in ".{1,10}", seconds in -10_000_000_000..10_000_000_000_i64,
        amount in prop::option::of(0..=i64::MAX),
    ) {
        let reference = sign_amount(&user, &product, seconds, amount);
        let text = reference.as_reference_id().as_str();
        prop_assert!(text.len() <= MAX_REFERENCE_LENGTH);
        prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b)));

        let opened = open(text, seconds - 1).unwrap();
        prop_assert_eq!(opened.user(), user.as_str());
        prop_assert_eq!(opened.product(), product.as_str());
        prop_assert_eq!(opened.expires_at(), NOW + TimeDelta::seconds(seconds));
        prop_assert_eq!(opened.amount(), amount);
        prop_assert_eq!(opened, reference);
    }

    #[test]
    fn a_changed_character_never_opens(
        user in "[a-z0-9_]{1,40}", amount in prop::option::of(0..=i64::MAX),
        at: prop::sample::Index, char in "[A-Za-z0-9._=-]",
    ) {
        let mut text = sign_amount(&user, "7", 60, amount).as_reference_id().to_string();
        let at = at.index(text.len());
        prop_assume!(text[at..=at] != char);
        text.replace_range(at..=at, &char);
        prop_assert!(open(&text, 0).is_err());
    }

    #[test]
    fn a_removed_character_never_opens(
        user in "[a-z0-9_]{1,40}", amount in prop::option::of(0..=i64::MAX),
        at: prop::sample::Index,
    ) {
        let mut text = sign_amount(&user, "7", 60, amount).as_reference_id().to_string();
        text.remove(at.index(text.len()));
        prop_assert!(open(&text, 0).is_err());
    }

    #[test]
    fn the_mac_of_other_fields_never_opens(
        a in ("[.a-z]{1,6}", "[.0-9]{1,6}", 1..9_i64, prop::option::of(0..9_i64)),
        b in ("[.a-z]{1,6}", "[.0-9]{1,6}", 1..9_i64, prop::option::of(0..9_i64)),
    ) {
        prop_assume!(a != b);
        let [a, b] = [a, b].map(|(user, product, end, amount)| {
            sign_amount(&user, &product, end, amount)
        });
        let signed = a.as_reference_id().as_str().rsplit_once('.').unwrap().0;
        let mac = b.as_reference_id().as_str().rsplit_once('.').unwrap().1;
        prop_assert_eq!(open(&format!("{signed}.{mac}"), 0), Err(ReferenceError::Forged));
    }

    #[test]
    fn what_is_signed_tells_its_fields_apart(
        a in ("[.a-z0-9-]{1,6}", "[.a-z0-9-]{1,6}", -9..9_i64, prop::option::of(0..9_i64)),
        b in ("[.a-z0-9-]{1,6}", "[.a-z0-9-]{1,6}", -9..9_i64, prop::option::of(0..9_i64)),
    ) {
        let texts = [&a, &b].map(|(user, product, end, amount)| {
            sign_amount(user, product, *end, *amount)
        });
        prop_assert_eq!(a == b, texts[0].as_reference_id() == texts[1].as_reference_id());
    }

    #[test]
    fn no_text_makes_it_panic(text in "(o1\\.)?.*") {
        prop_assert!(open(&text, 0).is_err());
    }
}
