//! The delivery that everybody is given: a renewal with all that an older document has, as Octany's
//! PHP writes it, in about 1.3 KB.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use octany_core::signature::{SIGNATURE_HEADER, SigningSecret, Verifier};

/// The secret of the endpoint.
pub const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// How many subscriptions the deliveries of [`Deliveries::fresh`] are about.
pub const SUBSCRIPTIONS: u64 = 10_000;

/// What stands between the parts that differ: the delivery's id, its instant, the subscription's id,
/// and that again in the reference.
pub const PIECES: [&str; 5] = [
    r#"{"id":"#,
    r#","name":"subscription.renewed","account":1207,"created_at":""#,
    r#"","data":{"id":"#,
    concat!(
        r#","price":9900,"vat":2500,"currency":"SEK","created_at":"2026-01-01T09:30:00+00:00","#,
        r#""renews_at":"2036-04-01T09:30:00+00:00","ends_at":null,"trial_ends_at":null,"#,
        r#""status":"active","reference_id":"user_"#,
    ),
    concat!(
        r#"","reference_name":"Anna \u00c5kesson","update_card_url":"https:\/\/app.octany.example\/"#,
        r#"billing\/76963688\/card?expires=1772370000&signature=c0bdf8ec4cd9c8cfedf5ddd5f007c7b2abe"#,
        r#"1956c06f158ca9daab564fbfa13cb","invoices_url":"https:\/\/app.octany.example\/billing\/769"#,
        r#"63688\/invoices?expires=1772370000&signature=a73f4994fcb70a87aa49b538610116a8257f5320911a"#,
        r#"90e3bc406ca55be6f1cd","cancel_url":"https:\/\/app.octany.example\/billing\/76963688\/canc"#,
        r#"el?expires=1772370000&signature=31517597fc1f921839a7de092d457f14d7c909ae07f484e728be5f63c"#,
        r#"d7fa5fd","custom_fields":[{"id":7,"label":"Personnummer","type":"text","value":"19850709-"#,
        r#"9805"}],"metadata":{"seats":3,"k\u00e4lla":"kampanj\/v\u00e5r"},"product":{"id":311,"name"#,
        r#"":"M\u00e5nadskort","type":"Recurring","price":9900,"currency":"sek","vat_rate":2500,"int"#,
        r#"erval":"1 month"},"customer":{"id":880012,"name":"Anna \u00c5kesson","email":"anna.akesso"#,
        r#"n@kund.example","phone":"+46 70-174 06 05"}}}"#,
    ),
];

/// A signed request: what one scheme or another wants in its headers, and the body.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Names and values.
    pub headers: Vec<(&'static str, String)>,
    /// What was signed.
    pub body: Bytes,
}

/// Where a contestant's deliveries come from.
#[derive(Clone, Debug)]
pub enum Deliveries {
    /// The same one each time.
    Same(Delivery),
    /// One that is newer than those before it, each time, about the next subscription.
    Fresh(Arc<AtomicU64>),
}

impl Deliveries {
    /// Newer and newer ones, signed as Octany does.
    pub fn fresh() -> Self {
        Self::Fresh(Arc::default())
    }

    /// The next one.
    pub fn next(&self) -> Delivery {
        match self {
            Self::Same(delivery) => delivery.clone(),
            Self::Fresh(count) => octany(body(count.fetch_add(1, Ordering::Relaxed)).into()),
        }
    }
}

/// A body, signed as Octany does.
pub fn octany(body: Bytes) -> Delivery {
    let signature = secret().sign(&body).to_string();
    let headers =
        vec![(SIGNATURE_HEADER, signature), ("content-type", "application/json".to_owned())];
    Delivery { headers, body }
}

/// The endpoint's secret.
pub fn secret() -> SigningSecret {
    SigningSecret::new(SECRET).unwrap()
}

/// A verifier with that secret.
pub fn verifier() -> Verifier {
    Verifier::new(secret())
}

/// What differs in the delivery of a number: its id, its instant and its subscription, all of one
/// width.
pub fn parts(number: u64) -> (String, String, String) {
    let at = DateTime::<Utc>::from_timestamp(1_780_000_000, 0).unwrap();
    let at = at + TimeDelta::seconds(number.try_into().unwrap());
    (
        (10_000_000 + number).to_string(),
        at.to_rfc3339_opts(SecondsFormat::Secs, false),
        subscription(number).to_string(),
    )
}

/// The subscription that the delivery of a number is about.
pub fn subscription(number: u64) -> u64 {
    10_000_000 + number % SUBSCRIPTIONS
}

/// The body of the delivery of a number.
pub fn body(number: u64) -> String {
    let (id, at, subscription) = parts(number);
    let [begin, before_at, before_subscription, before_reference, end] = PIECES;
    let envelope = [begin, &id, before_at, &at].concat();
    [&envelope, before_subscription, &subscription, before_reference, &subscription, end].concat()
}

/// A text of so many bytes that is no JSON: for what does not look into it.
pub fn bytes(length: usize) -> Bytes {
    (b' '..=b'~').cycle().take(length).collect()
}

/// The same event with metadata that make it so many bytes long, if it is not longer already.
pub fn padded(length: usize) -> Bytes {
    let short = body(0);
    let padding = "x".repeat(length.saturating_sub(short.len() + r#","note":"""#.len()));
    short.replacen(r#""seats":3"#, &format!(r#""seats":3,"note":"{padding}""#), 1).into()
}
