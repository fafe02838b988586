//! The proof that a body was signed.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use sha2::{Digest, Sha256};

/// A body whose signature matched.
///
/// Only [`Verifier::verify`](super::Verifier::verify) makes one, so that to hold one is to know
/// who wrote it. Cloning shares the bytes. `Debug` shows the length and the label, never the
/// content, which is about people and their money.
#[derive(Clone)]
pub struct VerifiedBody {
    bytes: Bytes,
    label: Arc<str>,
}

impl VerifiedBody {
    pub(super) fn new(bytes: Bytes, label: Arc<str>) -> Self {
        Self { bytes, label }
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
