//! The `Octany-Signature` header.

use std::fmt;

use http::HeaderName;
use subtle::{Choice, ConstantTimeEq};

use super::{MalformedSignature, SignatureError};

/// Name of the header that carries the signature, in lower case.
pub const SIGNATURE_HEADER: &str = "octany-signature";

/// The same name for a look-up in a [`http::HeaderMap`], which is faster than by text.
pub static SIGNATURE_HEADER_NAME: HeaderName = HeaderName::from_static(SIGNATURE_HEADER);

const LENGTH: usize = 32;

/// An HMAC-SHA256 digest: what a delivery claims, until a [`Verifier`](super::Verifier) has
/// recomputed it.
///
/// `Display` writes lower-case hex, as Octany does. There is no `==`: it would invite comparing
/// signatures in a time that depends on where they differ.
#[derive(Clone)]
pub struct Signature([u8; LENGTH]);

impl Signature {
    /// Reads the values of all headers named [`SIGNATURE_HEADER`] in a request, of which there
    /// must be exactly one.
    ///
    /// # Errors
    ///
    /// [`Missing`](SignatureError::Missing) without a value,
    /// [`Repeated`](SignatureError::Repeated) with more than one, even if they are equal, and
    /// [`Malformed`](SignatureError::Malformed) if it is not a signature.
    ///
    /// ```
    /// use http::HeaderMap;
    /// use octany_core::signature::{SIGNATURE_HEADER_NAME, Signature, SignatureError};
    ///
    /// let mut headers = HeaderMap::new();
    /// headers.append(&SIGNATURE_HEADER_NAME, "ab".repeat(32).parse()?);
    /// assert!(Signature::from_headers(headers.get_all(&SIGNATURE_HEADER_NAME)).is_ok());
    ///
    /// headers.append(&SIGNATURE_HEADER_NAME, "ab".repeat(32).parse()?);
    /// let refused = Signature::from_headers(headers.get_all(&SIGNATURE_HEADER_NAME));
    /// assert_eq!(refused.unwrap_err(), SignatureError::Repeated);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_headers<V: AsRef<[u8]>>(
        values: impl IntoIterator<Item = V>,
    ) -> Result<Self, SignatureError> {
        let mut values = values.into_iter();
        let value = values.next().ok_or(SignatureError::Missing)?;
        if values.next().is_some() {
            return Err(SignatureError::Repeated);
        }
        Ok(Self::parse(value.as_ref())?)
    }

    /// Reads one header value: exactly 64 hex digits of either case, and nothing around them.
    ///
    /// # Errors
    ///
    /// [`MalformedSignature`] for everything else, white space and prefixes included.
    pub fn parse(value: &[u8]) -> Result<Self, MalformedSignature> {
        if value.len() != 2 * LENGTH {
            return Err(MalformedSignature::Length { length: value.len() });
        }
        // The decoder skips a leading `0x`. At this length that leaves two digits too few, which
        // it refuses.
        const_hex::decode_to_array(value).map(Self).map_err(|_| MalformedSignature::NotHex)
    }

    pub(super) fn new(digest: [u8; LENGTH]) -> Self {
        Self(digest)
    }

    pub(super) fn matches(&self, other: &Self) -> Choice {
        // Eight bytes at a time; `subtle` would take slices byte by byte.
        let (ours, theirs) = (self.words(), other.words());
        ours.zip(theirs).fold(Choice::from(1), |equal, (a, b)| equal & a.ct_eq(&b))
    }

    fn words(&self) -> impl Iterator<Item = u64> {
        self.0.as_chunks().0.iter().map(|bytes| u64::from_ne_bytes(*bytes))
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(const_hex::const_encode::<LENGTH, false>(&self.0).as_str())
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Beside a logged body it would be all that a replay needs.
        f.write_str("Signature(..)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refused(value: impl AsRef<[u8]>) -> MalformedSignature {
        Signature::parse(value.as_ref()).unwrap_err()
    }

    #[test]
    fn both_cases_of_hex_are_read_and_lower_case_is_written() {
        let lower = "0123456789abcdef".repeat(4);
        for value in [lower.clone(), lower.to_uppercase(), "0123456789aBcDeF".repeat(4)] {
            assert_eq!(Signature::parse(value.as_bytes()).unwrap().to_string(), lower);
        }
    }

    #[test]
    fn nothing_may_stand_around_the_digits() {
        let digits = "ab".repeat(32);
        for value in [
            format!(" {digits}"),
            format!("{digits}\n"),
            format!("0x{digits}"),
            format!("sha256={digits}"),
            format!("{digits},{digits}"),
        ] {
            let length = value.len();
            assert_eq!(refused(value), MalformedSignature::Length { length });
        }
    }

    #[test]
    fn a_prefix_is_refused_within_the_right_length_too() {
        assert_eq!(refused(format!("0x{}", "ab".repeat(31))), MalformedSignature::NotHex);
        assert_eq!(refused(format!("0X{}", "ab".repeat(31))), MalformedSignature::NotHex);
        assert_eq!(refused(format!(" {} ", "ab".repeat(31))), MalformedSignature::NotHex);
    }

    #[test]
    fn debug_does_not_show_the_digits() {
        let signature = Signature::parse("ab".repeat(32).as_bytes()).unwrap();
        assert_eq!(format!("{signature:?}"), "Signature(..)");
    }

    #[test]
    fn exactly_one_header_is_read() {
        let one = "ab".repeat(32);
        let other = "cd".repeat(32);
        let read = |values: &[&String]| Signature::from_headers(values.iter());
        assert!(read(&[&one]).is_ok());
        assert_eq!(read(&[]).unwrap_err(), SignatureError::Missing);
        assert_eq!(read(&[&one, &one]).unwrap_err(), SignatureError::Repeated);
        assert_eq!(read(&[&one, &other]).unwrap_err(), SignatureError::Repeated);
        let empty = SignatureError::Malformed(MalformedSignature::Length { length: 0 });
        assert_eq!(read(&[&String::new()]).unwrap_err(), empty);
    }

    proptest! {
        #[test]
        fn every_wrong_length_is_refused(digits in "[0-9a-f]{0,200}") {
            let length = digits.len();
            prop_assume!(length != 64);
            prop_assert_eq!(refused(digits), MalformedSignature::Length { length });
        }

        #[test]
        fn what_is_not_a_hex_digit_is_refused_anywhere(at in 0..64_usize, byte: u8) {
            prop_assume!(!byte.is_ascii_hexdigit());
            let mut value = [b'0'; 64];
            value[at] = byte;
            prop_assert_eq!(refused(value), MalformedSignature::NotHex);
        }

        #[test]
        fn what_is_written_is_read_back(digest: [u8; 32]) {
            let text = Signature::new(digest).to_string();
            prop_assert_eq!(Signature::parse(text.as_bytes()).unwrap().0, digest);
        }
    }
}
