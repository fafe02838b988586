//! JSON that is handed on as it came.

use std::fmt;

use bytestring::ByteString;
use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::json::{Fields, Raw};

/// A JSON value as it stood in the verified body: whatever has no published shape, or none of its
/// own here.
///
/// `Debug` shows only the size, since anything may be in it.
///
/// ```
/// use octany_core::RawJson;
///
/// let metadata = RawJson::parse(r#"{"seats": 3}"#)?;
/// let seats: u32 = metadata.get("seats").unwrap().decode()?;
/// assert_eq!(seats, 3);
///
/// assert!(RawJson::parse("{").is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct RawJson(ByteString);

impl RawJson {
    /// Checks that `text` is one JSON value.
    ///
    /// # Errors
    ///
    /// The parser's error where it is not.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        let value: &RawValue = serde_json::from_str(text)?;
        Ok(Self(ByteString::from(value.get())))
    }

    /// The JSON text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same value as PHP's `json_encode` writes it, which is what Octany signs: no white space,
    /// `/` as `\/`, and everything outside ASCII as `\uXXXX`. Numbers stay as they are.
    ///
    /// For simulators and tools. What was signed is verified as it came, never after writing it
    /// anew.
    ///
    /// ```
    /// use octany_core::RawJson;
    ///
    /// let link = RawJson::parse(r#"{ "at": "https://app.example/å" }"#)?;
    /// assert_eq!(link.to_php(), r#"{"at":"https:\/\/app.example\/\u00e5"}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn to_php(&self) -> String {
        crate::signature::as_php(&self.0).expect("what was parsed once has well-formed strings")
    }

    /// Reads the value into a type of your own.
    ///
    /// # Errors
    ///
    /// The parser's error where the value has another shape. It says where, and not what stands
    /// there, since anything may.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.0).map_err(without_text)
    }

    /// A member of an object; `None` if there is none, or if this is no object.
    pub fn get(&self, key: &str) -> Option<Self> {
        struct Find<'k>(&'k str, Option<RawJson>);
        impl Fields for Find<'_> {
            fn field(&mut self, key: &str, value: Raw<'_>) {
                if key == self.0 {
                    self.1 = Some(RawJson::share(value));
                }
            }
        }
        let mut find = Find(key, None);
        self.raw().read_object(&mut find).ok()?;
        find.1
    }

    /// Whether this is `[]` or `{}`: PHP writes both for "nothing".
    pub fn is_empty_collection(&self) -> bool {
        self.raw().is_empty_collection()
    }

    /// A copy that no longer keeps the delivery's body alive.
    #[must_use]
    pub fn into_owned(self) -> Self {
        Self(ByteString::from(&*self.0))
    }

    pub(crate) fn share(value: Raw<'_>) -> Self {
        Self(value.share())
    }

    pub(crate) fn raw(&self) -> Raw<'_> {
        Raw::new(&self.0, &self.0)
    }
}

/// The parser quotes what it did not expect.
fn without_text(error: serde_json::Error) -> serde_json::Error {
    if !error.is_data() {
        return error;
    }
    let (line, column) = (error.line(), error.column());
    // It reads the place off the end of the message.
    serde::de::Error::custom(format_args!("another shape at line {line} column {column}"))
}

impl fmt::Debug for RawJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawJson({} bytes)", self.0.len())
    }
}

impl Serialize for RawJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::from_str::<&RawValue>(&self.0)
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_where_and_does_not_quote() {
        let raw = RawJson::parse(r#"{"mail": "anna@example.com"}"#).unwrap();
        let error = raw.get("mail").unwrap().decode::<u32>().unwrap_err();
        assert_eq!(error.to_string(), "another shape at line 1 column 18");
        assert!(error.is_data() && (error.line(), error.column()) == (1, 18));
        let error = raw.decode::<Vec<String>>().unwrap_err();
        assert!(!format!("{error:?}").contains("anna"), "{error:?}");
    }
}
