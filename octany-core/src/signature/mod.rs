//! Is this delivery from Octany? Decided over the bytes as they arrived, before any is parsed.
//!
//! Octany signs the exact bytes of a webhook's body with HMAC-SHA256, keyed by the endpoint's
//! secret, and sends the digest in hex as `Octany-Signature` (Octany's webhook documentation).
//! There is no timestamp in it, so a signature says who wrote the body and not when it was sent:
//! a replay is told apart by the delivery id.
//!
//! The walk has two steps, so that a request without a usable header is refused before its body is
//! read:
//!
//! ```
//! use bytes::Bytes;
//! use chrono::DateTime;
//! use octany_core::signature::{Signature, SignatureError, SigningSecret, Verifier};
//!
//! # let now = DateTime::UNIX_EPOCH;
//! let secret = SigningSecret::new("0123456789abcdef0123456789abcdef")?;
//! let verifier = Verifier::new(secret.clone());
//!
//! // What Octany would send.
//! let body = Bytes::from_static(br#"{"id":1,"name":"test.hook"}"#);
//! let header = secret.sign(&body).to_string();
//!
//! // First the headers, then the body.
//! let signature = Signature::from_headers([&header])?;
//! let verified = verifier.verify(body, &signature, || now)?;
//! assert_eq!(verified.secret_label(), "default");
//!
//! // Other bytes under the same header, and a request that brings no header.
//! let forged = verifier.verify(Bytes::from_static(b"{}"), &signature, || now);
//! assert_eq!(forged.unwrap_err(), SignatureError::Mismatch { hint: None });
//! let unsigned = Signature::from_headers::<&str>([]);
//! assert_eq!(unsigned.unwrap_err(), SignatureError::Missing);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod body;
mod error;
mod header;
mod hint;
mod reencode;
mod secret;
#[cfg(test)]
mod tests;
mod verifier;

pub use self::body::VerifiedBody;
pub use self::error::{MalformedSignature, SecretError, SignatureError};
pub use self::header::{SIGNATURE_HEADER, SIGNATURE_HEADER_NAME, Signature};
pub use self::hint::Hint;
pub(crate) use self::reencode::as_php;
pub use self::secret::SigningSecret;
pub use self::verifier::Verifier;
