//! What the keys of a store begin with.

use std::fmt::Display;
use std::sync::Arc;

use octany_entitlement::StoreError;

/// The beginning of every key of a store, which ends with a colon.
///
/// No key of one store can be that of another: what comes before the first slash is the prefix and
/// a name without a colon, and neither has a slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Prefix(Arc<str>);

#[derive(Debug, thiserror::Error)]
#[error(
    "a key prefix has letters, digits and any of _ - . : {{ }}, at most 100 of them, and ends with \
     a colon"
)]
struct BadPrefix;

impl Prefix {
    pub(crate) fn new(prefix: &str) -> Result<Self, StoreError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.:{}".contains(&byte);
        if prefix.len() <= 100 && prefix.ends_with(':') && prefix.bytes().all(allowed) {
            Ok(Self(prefix.into()))
        } else {
            Err(StoreError::rejected(BadPrefix))
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The key of a store's only thing of a kind.
    pub(crate) fn only(&self, kind: &str) -> String {
        format!("{}{kind}", self.0)
    }

    /// The key of one of many things of a kind.
    pub(crate) fn key(&self, kind: &str, id: impl Display) -> String {
        format!("{}{kind}/{id}", self.0)
    }
}

impl Default for Prefix {
    fn default() -> Self {
        Self("octany:".into())
    }
}

#[cfg(test)]
mod tests {
    use octany_entitlement::StoreErrorKind;

    use super::Prefix;

    #[test]
    fn a_prefix_ends_with_a_colon_and_has_no_slash() {
        for good in [":", "octany:", "my-app:test_1:", "{billing}.eu:"] {
            assert_eq!(Prefix::new(good).unwrap().as_str(), good);
        }
        let long = "a".repeat(100) + ":";
        for bad in ["", "octany", "a/b:", "a b:", "å:", "a\0:", "a\n:", "a*:", long.as_str()] {
            let error = Prefix::new(bad).unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::Rejected, "{bad:?}");
        }
    }
}
