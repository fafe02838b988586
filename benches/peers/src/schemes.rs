//! How each peer's sender signs. Those whose timestamps must be fresh get one of now: the deliveries are
//! good for five minutes.

use bytes::Bytes;
use chrono::Utc;
use hmac::{Hmac, KeyInit, Mac};
use octany_benches::delivery::{Deliveries, Delivery, SECRET};
use sha2::Sha256;
use standardwebhooks::{
    HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook,
};

const JSON: (&str, &str) = ("content-type", "application/json");

/// Standard Webhooks: what `standardwebhooks` and `svix` verify.
pub(crate) fn standard(body: &Bytes) -> Delivery {
    let (id, now) = ("msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", Utc::now().timestamp());
    let signature = standard_webhook().sign(id, now, body).expect("the body is text");
    signed(
        body,
        &[
            (HEADER_WEBHOOK_ID, id.to_owned()),
            (HEADER_WEBHOOK_TIMESTAMP, now.to_string()),
            (HEADER_WEBHOOK_SIGNATURE, signature),
        ],
    )
}

pub(crate) fn standard_webhook() -> Webhook {
    Webhook::from_bytes(SECRET.into()).expect("the secret is one")
}

/// GitHub's: what `tower-github-webhook` verifies.
pub(crate) fn github(body: &Bytes) -> Delivery {
    let signature = format!("sha256={}", const_hex::encode(mac(body)));
    signed(body, &[("x-hub-signature-256", signature)])
}

/// That of `webhooksmith`.
pub(crate) fn webhooksmith(body: &Bytes) -> Delivery {
    let now = Utc::now().timestamp();
    let signature = webhooksmith::signing::sign(SECRET, now, body).expect("the secret is one");
    signed(
        body,
        &[
            ("x-hooksmith-signature", signature),
            ("x-hooksmith-timestamp", now.to_string()),
            ("x-hooksmith-event-type", "subscription.renewed".to_owned()),
            ("x-hooksmith-event-id", "10000000".to_owned()),
        ],
    )
}

/// Stripe's, around the same resource, in an envelope of its own. Its type is none of Stripe's, so it
/// is read as JSON of no particular shape.
pub(crate) fn stripe(body: &Bytes) -> Delivery {
    let event: serde_json::Value = serde_json::from_slice(body).expect("it is JSON");
    let envelope = serde_json::json!({
        "id": "evt_10000000", "object": "event", "api_version": "2025-01-27.acacia",
        "created": 1_780_000_000, "data": { "object": event["data"] }, "livemode": true,
        "pending_webhooks": 1, "request": null, "type": "subscription.renewed",
    });
    let envelope = envelope.to_string();
    let signature = stripe_webhook::Webhook::generate_test_header(&envelope, SECRET, None);
    signed(&envelope.into(), &[("stripe-signature", signature)])
}

/// The same signature in every request.
pub(crate) fn same(delivery: Delivery) -> Deliveries {
    Deliveries::Same(delivery)
}

pub(crate) fn keyed() -> Hmac<Sha256> {
    Hmac::new_from_slice(SECRET.as_bytes()).expect("HMAC takes keys of any length")
}

fn mac(body: &[u8]) -> [u8; 32] {
    keyed().chain_update(body).finalize().into_bytes().into()
}

fn signed(body: &Bytes, headers: &[(&'static str, String)]) -> Delivery {
    let mut headers = headers.to_vec();
    headers.push((JSON.0, JSON.1.to_owned()));
    Delivery { headers, body: body.clone() }
}
