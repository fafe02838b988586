//! PHP, which Octany signs with, as the referee: what its `hash_hmac` signed and its `json_encode`
//! wrote is verified, read and written again; one flipped bit is refused.
//!
//! The committed deliveries need no PHP. Where there is one, it is asked as well: see [`live`].

use octany_test_trace as _;

mod bits;
mod coverage;
mod document;
mod live;
mod nested;
mod php;
mod quirks;
mod reading;

use bytes::Bytes;
use chrono::DateTime;
use octany_core::Event;
use octany_core::signature::{Signature, SignatureError, SigningSecret, VerifiedBody, Verifier};

fn verifier(secret: impl Into<Vec<u8>>) -> Verifier {
    Verifier::new(SigningSecret::new(secret).expect("no secret in these tests is empty"))
}

/// Verifies as a service does: header first, then body.
fn verify(
    verifier: &Verifier,
    signature: &[u8],
    body: &Bytes,
) -> Result<VerifiedBody, SignatureError> {
    let signature = Signature::from_headers([signature])?;
    verifier.verify(body.clone(), &signature, || DateTime::UNIX_EPOCH)
}

/// Checks that a signed body verifies, is an event, and is written again as it came; returns the
/// event. `name` is what a failure calls it.
fn read_and_write(name: &str, secret: &str, signature: &str, body: &Bytes) -> Event {
    let verified = verify(&verifier(secret), signature.as_bytes(), body);
    let verified = verified.unwrap_or_else(|error| unreachable!("{name}: {error}"));
    let event = Event::parse(verified).unwrap_or_else(|error| unreachable!("{name}: {error}"));

    let written = serde_json::to_string(&event).expect("an event can be written");
    let sent = std::str::from_utf8(body).expect("json_encode writes UTF-8");
    assert_eq!(document::difference(sent, &written), None, "{name}");

    let kept = serde_json::to_string(&event.clone().into_owned());
    assert_eq!(kept.expect("a copy can be written"), written, "{name}");
    event
}
