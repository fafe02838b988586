//! The secret that Octany and one endpoint share.

use std::fmt;
use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::Choice;
use zeroize::Zeroizing;

use super::{SecretError, Signature};

/// The signing secret of one webhook endpoint, as Octany's admin UI shows it.
///
/// Octany's are 32 characters and used as they are: they look like hex, but are not decoded.
///
/// The text itself is wiped as soon as the two hash states that HMAC needs are derived from it,
/// and those are wiped when the last clone is dropped. (What the compiler spilled to the stack on
/// the way is beyond reach.) `Debug` shows nothing, and there is no way to get the secret back.
///
/// ```
/// use octany_core::signature::{SecretError, SigningSecret};
///
/// let secret = SigningSecret::new("0123456789abcdef0123456789abcdef")?;
/// assert_eq!(format!("{secret:?}"), "SigningSecret(..)");
///
/// // An unset environment variable, or a file with nothing but a line break.
/// assert_eq!(SigningSecret::new("").unwrap_err(), SecretError::Empty);
/// assert_eq!(SigningSecret::new("\n").unwrap_err(), SecretError::Empty);
/// # Ok::<_, SecretError>(())
/// ```
#[derive(Clone)]
pub struct SigningSecret(Arc<Keys>);

struct Keys {
    exact: Hmac<Sha256>,
    /// For [`Hint::SecretWhitespace`](super::Hint), and only where trimming changes anything.
    trimmed: Option<Hmac<Sha256>>,
}

impl SigningSecret {
    /// Takes the secret byte for byte; white space around it is part of it.
    ///
    /// # Errors
    ///
    /// [`SecretError::Empty`] if there is nothing in it but white space.
    pub fn new(secret: impl Into<Vec<u8>>) -> Result<Self, SecretError> {
        let secret = Zeroizing::new(secret.into());
        let trimmed = secret.trim_ascii();
        if trimmed.is_empty() {
            return Err(SecretError::Empty);
        }
        Ok(Self(Arc::new(Keys {
            exact: keyed(&secret),
            trimmed: (trimmed.len() != secret.len()).then(|| keyed(trimmed)),
        })))
    }

    /// Signs a body as Octany would: for tests, simulators and tools.
    pub fn sign(&self, body: &[u8]) -> Signature {
        digest(&self.0.exact, body)
    }

    /// Whether this secret made `signature`, found out in a time that does not depend on it.
    pub(super) fn matches(&self, body: &[u8], signature: &Signature) -> Choice {
        self.sign(body).matches(signature)
    }

    /// The same for the secret without the white space around it; no if there is none.
    pub(super) fn matches_trimmed(&self, body: &[u8], signature: &Signature) -> Choice {
        match &self.0.trimmed {
            Some(key) => digest(key, body).matches(signature),
            None => Choice::from(0),
        }
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret(..)")
    }
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}

/// Cloning the keyed state costs a seventh of deriving it.
fn digest(key: &Hmac<Sha256>, body: &[u8]) -> Signature {
    Signature::new(key.clone().chain_update(body).finalize().into_bytes().into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use static_assertions::assert_impl_all;
    use zeroize::ZeroizeOnDrop;

    use super::*;

    // The state that `Hmac` keeps two of. Holds only with the feature `zeroize` of `sha2`.
    assert_impl_all!(Sha256: ZeroizeOnDrop);
    assert_impl_all!(SigningSecret: Send, Sync, Clone);

    #[test]
    fn only_white_space_is_no_secret() {
        for empty in ["", " ", "\t\r\n", "    "] {
            assert_eq!(SigningSecret::new(empty).unwrap_err(), SecretError::Empty);
        }
        assert!(SigningSecret::new(vec![0]).is_ok());
    }

    #[test]
    fn debug_shows_nothing() {
        let secret = SigningSecret::new("hunter2 ").unwrap();
        assert_eq!(format!("{secret:?} {:#?}", Some(&secret)).matches("hunter2").count(), 0);
    }

    #[test]
    fn the_digests_are_those_of_rfc_4231() {
        let long = [0xaa; 131];
        let cases: [(&[u8], &[u8], &str); 5] = [
            (
                &[0x0b; 20],
                b"Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                &[0xaa; 20],
                &[0xdd; 50],
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
            ),
            (
                &long,
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
            (
                &long,
                b"This is a test using a larger than block-size key and a larger than block-size \
                  data. The key needs to be hashed before being used by the HMAC algorithm.",
                "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
            ),
        ];
        for (key, data, digest) in cases {
            assert_eq!(SigningSecret::new(key).unwrap().sign(data).to_string(), digest);
        }
    }

    #[test]
    fn the_digest_is_the_one_that_php_computes() {
        // php -r 'echo hash_hmac("sha256", json_encode(["name" => "Åsa/2", "data" => []]),
        //                        "0123456789abcdef0123456789abcdef");'
        let secret = SigningSecret::new("0123456789abcdef0123456789abcdef").unwrap();
        let signature = secret.sign(br#"{"name":"\u00c5sa\/2","data":[]}"#);
        assert_eq!(
            signature.to_string(),
            "cd0f4183bac9a29877b710c3a158d41736676f1503ca27c3d633a58c7adc7361"
        );
    }

    proptest! {
        #[test]
        fn the_secret_is_used_byte_for_byte(secret in "[!-~]{1,100}", body: Vec<u8>) {
            let exact = SigningSecret::new(secret.clone()).unwrap();
            let spaced = SigningSecret::new(format!(" {secret}\n")).unwrap();
            let signature = exact.sign(&body);
            prop_assert!(bool::from(exact.matches(&body, &signature)));
            prop_assert!(!bool::from(exact.matches_trimmed(&body, &signature)));
            prop_assert!(!bool::from(spaced.matches(&body, &signature)));
            prop_assert!(bool::from(spaced.matches_trimmed(&body, &signature)));
        }
    }
}
