//! What is probably wrong when nothing matches.

use subtle::Choice;

use super::reencode::as_php;
use super::{Signature, SigningSecret};

/// Why a signature that is otherwise Octany's does not match: a guess for whoever sets this up.
///
/// Each is tried only after a mismatch, and changes nothing about the refusal. Since it takes the
/// secret to make a signature that earns a hint, a forger never sees one. The `Display` text is
/// meant for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Hint {
    /// The signature matches the body as PHP, which Octany signs with, would have encoded it.
    ///
    /// Something in front of the verifier parsed the JSON and wrote it anew. Verify the bytes as
    /// they arrived.
    #[error("the body was parsed and encoded anew before it was verified")]
    Reencoded,
    /// The signature matches without the white space around the configured secret; mostly the
    /// line break at the end of a file.
    #[error("the configured secret has white space around it")]
    SecretWhitespace,
    /// The signature matches a secret that is past its expiry.
    ///
    /// Octany still signs with the old secret, or somebody replays what was recorded before.
    #[error("the body was signed with a secret that has expired")]
    ExpiredSecret,
}

/// Longer bodies get no hint: Octany's are a few KiB, and forged ones should not be worth much
/// work. At this length all of it takes less time than one hash over a body of 1 MiB.
const MAX_BODY: usize = 16 * 1024;

/// Costs, on top of the one hash per active secret that found no match: one more per secret, one
/// pass over the body, and one hash of at most three times the length per active secret.
pub(super) fn find<'a>(
    active: impl Iterator<Item = &'a SigningSecret> + Clone,
    expired: impl Iterator<Item = &'a SigningSecret>,
    body: &[u8],
    signature: &Signature,
) -> Option<Hint> {
    if body.len() > MAX_BODY {
        return None;
    }
    if any(active.clone().map(|secret| secret.matches_trimmed(body, signature))) {
        return Some(Hint::SecretWhitespace);
    }
    if any(expired.map(|secret| secret.matches(body, signature))) {
        return Some(Hint::ExpiredSecret);
    }
    let reencoded = as_php(std::str::from_utf8(body).ok()?)?;
    if reencoded.as_bytes() == body {
        return None;
    }
    any(active.map(|secret| secret.matches(reencoded.as_bytes(), signature)))
        .then_some(Hint::Reencoded)
}

/// Without stopping at the first.
fn any(choices: impl Iterator<Item = Choice>) -> bool {
    choices.fold(Choice::from(0), |found, choice| found | choice).into()
}

#[cfg(test)]
mod tests {
    use std::iter;

    use super::*;

    fn hint(secret: &str, received: &str, signed: &str) -> Option<Hint> {
        let signature = SigningSecret::new("s3cret").unwrap().sign(signed.as_bytes());
        let secret = SigningSecret::new(secret).unwrap();
        find(iter::once(&secret), iter::empty(), received.as_bytes(), &signature)
    }

    #[test]
    fn a_body_that_middleware_encoded_anew_is_recognised() {
        let signed = r#"{"url":"https:\/\/a.example\/\u00e5","data":[]}"#;
        let by_javascript = r#"{"url":"https://a.example/å","data":[]}"#;
        let by_python = "{\"url\": \"https://a.example/\\u00e5\", \"data\": []}\n";
        assert_eq!(hint("s3cret", by_javascript, signed), Some(Hint::Reencoded));
        assert_eq!(hint("s3cret", by_python, signed), Some(Hint::Reencoded));
    }

    #[test]
    fn a_line_break_behind_the_secret_is_recognised() {
        assert_eq!(hint("s3cret\n", "{}", "{}"), Some(Hint::SecretWhitespace));
        assert_eq!(hint(" s3cret", "{}", "{}"), Some(Hint::SecretWhitespace));
    }

    #[test]
    fn a_forged_body_gets_no_hint() {
        assert_eq!(hint("s3cret", "{\"a\":2}", "{\"a\":1}"), None);
        assert_eq!(hint("another", "{\"a\": 1}", "{\"a\":1}"), None);
    }

    #[test]
    fn a_long_body_gets_no_hint() {
        let signed = format!("\"{}\"", "x".repeat(MAX_BODY));
        assert_eq!(hint("s3cret", &format!("{signed} "), &signed), None);
        assert_eq!(hint("s3cret ", &signed, &signed), None);
    }

    #[test]
    fn neither_depth_nor_garbage_harms() {
        let deep = "[".repeat(8_000) + &"]".repeat(8_000);
        assert_eq!(hint("s3cret", &format!("{deep} "), &deep), Some(Hint::Reencoded));
        for garbage in ["\"", "\"\\", "\"\\u12", "\"\\q\"", "]]]{", ""] {
            assert_eq!(hint("s3cret", garbage, "{}"), None);
        }
    }
}
