//! Why a signature, or a secret, was refused.

use super::Hint;

/// Why a delivery was refused.
///
/// `Display` is short and holds neither secret, body nor digest. The details are in
/// [`source`](std::error::Error::source): print the chain in a log, and none of it to the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The request has no signature header.
    #[error("the signature header is missing")]
    Missing,
    /// The request has more than one signature header, be they equal or not.
    ///
    /// Octany sends one. Whoever sends two hopes that somebody on the way reads the other one.
    #[error("the signature header is repeated")]
    Repeated,
    /// The header holds something other than 64 hex digits.
    #[error("the signature header is malformed")]
    Malformed(#[from] MalformedSignature),
    /// No secret that counts now made this signature over these bytes.
    #[error("the signature does not match the body")]
    Mismatch {
        /// What is probably wrong in the set-up, if it shows.
        #[source]
        hint: Option<Hint>,
    },
}

/// What a signature header holds instead of 64 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MalformedSignature {
    /// It is shorter or longer: cut off, prefixed, padded, or of another algorithm.
    #[error("expected 64 hex digits, found {length} bytes")]
    Length {
        /// Length of the header's value in bytes.
        length: usize,
    },
    /// It is 64 bytes long, but not all of them are hex digits.
    #[error("expected 64 hex digits, found another character")]
    NotHex,
}

/// Why a signing secret was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// The secret is empty or only white space: anybody could sign with it.
    #[error("the signing secret is empty")]
    Empty,
}
