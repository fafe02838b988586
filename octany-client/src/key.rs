//! The key of an account.

use std::fmt;

use http::HeaderValue;
use zeroize::Zeroizing;

/// An API key, as Octany's admin shows it once. It is sent as `X-API-KEY`.
///
/// `Debug` shows nothing, and there is no way to get it back.
///
/// ```
/// use octany_client::{ApiKey, ApiKeyError};
///
/// let key = ApiKey::new("a-key-out-of-the-environment\n")?; // white space around it is dropped
/// assert_eq!(format!("{key:?}"), "ApiKey(..)");
///
/// assert_eq!(ApiKey::new("").unwrap_err(), ApiKeyError::Empty);
/// # Ok::<_, ApiKeyError>(())
/// ```
#[derive(Clone)]
pub struct ApiKey(HeaderValue);

/// Why a text is no API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApiKeyError {
    /// There is nothing in it but white space.
    #[error("the API key is empty")]
    Empty,
    /// It holds what no header can.
    #[error("the API key holds characters that a header cannot")]
    Invalid,
}

impl ApiKey {
    /// Takes a key.
    ///
    /// # Errors
    ///
    /// [`ApiKeyError`] for one that is empty or no header's value.
    pub fn new(key: impl Into<String>) -> Result<Self, ApiKeyError> {
        let key = Zeroizing::new(key.into());
        let key = key.trim_ascii();
        if key.is_empty() {
            return Err(ApiKeyError::Empty);
        }
        let mut value = HeaderValue::from_str(key).map_err(|_| ApiKeyError::Invalid)?;
        value.set_sensitive(true);
        Ok(Self(value))
    }

    pub(crate) fn header(&self) -> &HeaderValue {
        &self.0
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(..)")
    }
}
