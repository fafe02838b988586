//! Strings that still stand where they arrived.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};

use bytestring::ByteString;
use serde::{Serialize, Serializer};

use crate::json::{self, Raw};

/// A string out of a verified body, decoded when it is read.
///
/// Octany's sender writes `/` as `\/` and everything outside ASCII as `\uXXXX`. A `Text` is a
/// slice of the bytes that arrived; [`decode`](Self::decode) borrows it where nothing is escaped
/// and unescapes it otherwise. It compares, hashes and displays as the decoded string.
///
/// `Debug` shows only the length: names, addresses and signed URLs travel in this type.
///
/// ```
/// use octany_core::Text;
///
/// let name = Text::from("Anna Åkesson");
/// assert_eq!(name, "Anna Åkesson");
/// assert_eq!(format!("{name:?}"), "Text(13 bytes)");
/// ```
#[derive(Clone)]
pub struct Text {
    /// What stands between the quotes; free of escapes unless `escaped`.
    raw: ByteString,
    escaped: bool,
}

impl Text {
    /// The string itself: borrowed where no character was escaped on the wire.
    pub fn decode(&self) -> Cow<'_, str> {
        if self.escaped { Cow::Owned(json::unescape(&self.raw)) } else { Cow::Borrowed(&self.raw) }
    }

    /// A copy that no longer keeps the delivery's body alive.
    #[must_use]
    pub fn into_owned(self) -> Self {
        Self::from(self.decode().into_owned())
    }

    /// The text of a JSON string; `None` for any other value and for one whose escapes name no
    /// character.
    pub(crate) fn from_json(value: Raw<'_>) -> Option<Self> {
        let (raw, escaped) = value.shared_string()?;
        Some(Self { raw, escaped })
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self { raw: text.into(), escaped: false }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.decode() == other.decode()
    }
}

impl Eq for Text {}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.decode() == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.decode().hash(state);
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.decode())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} bytes)", self.raw.len())
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.decode())
    }
}
