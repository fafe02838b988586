//! The proof that a body was signed.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use sha2::{Digest, Sha256};

/// A body whose signature matched.
///
/// [`Verifier::verify`](super::Verifier::verify) makes one, so that to hold one is to know who wrote
/// it; a body that was verified, stored and read again comes back by
/// [a way of its own](Self::danger_verified_before_storing). Cloning shares the bytes. `Debug` shows
/// the length and the label, never the content, which is about people and their money.
#[derive(Clone)]
pub struct VerifiedBody {
    bytes: Bytes,
    label: Arc<str>,
}

impl VerifiedBody {
    pub(super) fn new(bytes: Bytes, label: Arc<str>) -> Self {
        Self { bytes, label }
    }

    /// A body that a [`Verifier`](super::Verifier) verified before it was stored, and that now comes
    /// back from there. `secret_label` is what [`secret_label`](Self::secret_label) said then.
    ///
    /// **Nothing is verified here.** Whoever calls it vouches that these are the bytes that were
    /// verified, and that nobody but the app can write where they were kept. Bytes from anywhere
    /// else are forged deliveries.
    ///
    /// ```
    /// use octany_core::Event;
    /// use octany_core::signature::VerifiedBody;
    /// # use octany_core::signature::{SigningSecret, Verifier};
    ///
    /// # let body = br#"{"id":1,"name":"test.hook","created_at":"2026-03-01T12:00:00+00:00"}"#;
    /// # let secret = SigningSecret::new("0123456789abcdef0123456789abcdef")?;
    /// # let (signature, now) = (secret.sign(body), chrono::DateTime::UNIX_EPOCH);
    /// # let verified = Verifier::new(secret).verify(body[..].into(), &signature, || now)?;
    /// // Verified, and put away.
    /// let (bytes, label) = (verified.bytes().to_vec(), verified.secret_label().to_owned());
    ///
    /// // Later, from the app's own table, into which only this code writes.
    /// let stored = VerifiedBody::danger_verified_before_storing(bytes, label);
    /// assert_eq!(Event::parse(stored)?.id, "1");
    ///
    /// // It is as true as what was put there, and no truer.
    /// let damaged = VerifiedBody::danger_verified_before_storing("{}", "default");
    /// assert!(Event::parse(damaged).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn danger_verified_before_storing(
        bytes: impl Into<Bytes>,
        secret_label: impl Into<Arc<str>>,
    ) -> Self {
        Self::new(bytes.into(), secret_label.into())
    }

    /// The bytes as they arrived.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The bytes as they arrived, without the proof.
    pub fn into_bytes(self) -> Bytes {
        self.bytes
    }

    /// Label of the secret that matched: during a rotation, it tells when Octany has moved on to
    /// the new one.
    pub fn secret_label(&self) -> &str {
        &self.label
    }

    /// The body's SHA-256 in hex: tells in a log which body it was, and not what is in it.
    pub fn sha256(&self) -> String {
        const_hex::encode(Sha256::digest(&self.bytes))
    }

    /// Number of bytes.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether there are none; an empty body can be signed like any other.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

impl fmt::Debug for VerifiedBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedBody")
            .field("len", &self.len())
            .field("secret_label", &self.secret_label())
            .finish()
    }
}
