//! What is looked at: the verifier, and a comparison that leaks.

use bytes::Bytes;
use chrono::DateTime;
use octany_core::signature::{Signature, SigningSecret, Verifier};

/// A body, its signature and who can tell.
pub(crate) struct Delivery {
    body: Bytes,
    secret: SigningSecret,
    verifier: Verifier,
    without_hints: Verifier,
    pub(crate) right: Signature,
}

impl Delivery {
    pub(crate) fn new() -> Self {
        let secret = SigningSecret::new("0123456789abcdef0123456789abcdef").expect("a secret");
        let verifier = Verifier::new(secret.clone());
        // Short, so that a difference is not lost in the hashing.
        let body = Bytes::from_static(br#"{"id":1,"name":"test.hook","data":[]}"#);
        let right = secret.sign(&body);
        let without_hints = verifier.clone().without_hints();
        Self { body, secret, verifier, without_hints, right }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    Verifier,
    WithoutHints,
    /// The control: it stops at the first difference.
    Leaky,
}

impl Subject {
    pub(crate) const ALL: [Self; 3] = [Self::Verifier, Self::WithoutHints, Self::Leaky];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Verifier => "verifier",
            Self::WithoutHints => "without-hints",
            Self::Leaky => "leaky",
        }
    }
}

/// Whether the signature is taken for the body's. Callgrind knows it by its name.
#[inline(never)]
pub(crate) fn verify_once(subject: Subject, delivery: &Delivery, signature: &Signature) -> bool {
    let verified = |verifier: &Verifier| {
        verifier.verify(delivery.body.clone(), signature, || DateTime::UNIX_EPOCH).is_ok()
    };
    match subject {
        Subject::Verifier => verified(&delivery.verifier),
        Subject::WithoutHints => verified(&delivery.without_hints),
        Subject::Leaky => leaky(delivery, signature),
    }
}

fn leaky(delivery: &Delivery, signature: &Signature) -> bool {
    let ours = delivery.secret.sign(&delivery.body).to_string();
    let theirs = signature.to_string();
    for (our, their) in ours.bytes().zip(theirs.bytes()) {
        if std::hint::black_box(our) != their {
            return false;
        }
    }
    true
}
