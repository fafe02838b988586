//! Opaque identifiers: integers today, strings elsewhere, compared by their text.
//!
//! Octany's summary (`llms.txt`, "Resource IDs") asks integrators to treat ids as opaque. Each
//! newtype here takes both forms, compares and hashes by the text, and is written back to JSON in
//! the form it came in.

mod text;

use std::borrow::{Borrow, Cow};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use self::text::IdText;
use crate::json::Raw;

impl IdText {
    fn from_json(value: Raw<'_>) -> Option<Self> {
        if let Some(digits) = value.integer() {
            return Some(Self::new(digits, true));
        }
        let (raw, escaped) = value.string()?;
        let text = if escaped { crate::json::unescape(raw).into() } else { Cow::Borrowed(raw) };
        (!text.is_empty()).then(|| Self::new(&text, false))
    }
}

impl Serialize for IdText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_number() {
            // Through the raw value, so that digits beyond 2^53 (or 2^64) stay exact.
            RawValue::from_string(self.as_str().to_owned())
                .map_err(S::Error::custom)?
                .serialize(serializer)
        } else {
            serializer.serialize_str(self.as_str())
        }
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(IdText);

        impl $name {
            /// An id of textual form.
            pub fn new(text: impl Into<String>) -> Self {
                Self(IdText::new(&text.into(), false))
            }

            /// The id's text; the digits for one that arrived as a number.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }

            /// The bytes of the text, which take less to get at than the text.
            pub fn as_bytes(&self) -> &[u8] {
                self.0.as_bytes()
            }

            /// A copy that does not keep the delivery's body alive. No id does.
            #[must_use]
            pub fn into_owned(self) -> Self {
                self
            }

            pub(crate) fn from_json(value: Raw<'_>) -> Option<Self> {
                IdText::from_json(value).map(Self)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::new(text)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(IdText::new(text, false))
            }
        }

        impl From<u64> for $name {
            /// An id of numeric form: written to JSON as a number.
            fn from(number: u64) -> Self {
                Self(IdText::new(&number.to_string(), true))
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                self.as_str()
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.0.as_bytes() == other.0.as_bytes()
            }
        }

        impl Eq for $name {}

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.0.as_bytes() == other.as_bytes()
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.0.as_bytes() == other.as_bytes()
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> Ordering {
                // As strings compare, which is by their bytes.
                self.0.as_bytes().cmp(other.0.as_bytes())
            }
        }

        impl Hash for $name {
            fn hash<H: Hasher>(&self, state: &mut H) {
                // As `str` hashes, which `Borrow<str>` promises.
                self.as_str().hash(state);
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.serialize(serializer)
            }
        }
    )+};
}

ids! {
    /// One delivery of a webhook: the envelope's `id`, the same on every redelivery.
    DeliveryId;
    /// A subscription.
    SubscriptionId;
    /// An order.
    OrderId;
    /// A product; an integer, and stable, in every Octany document.
    ProductId;
    /// A customer (Octany's older documents).
    CustomerId;
    /// Your own key for the visitor, member or user: the `referenceId` of the checkout, which
    /// comes back as `reference_id`.
    ///
    /// It is shown by `Debug`, so that a log can say whom a decision was about. Use a key, not an
    /// e-mail address.
    ReferenceId;
    /// The account's UUID, as it stands in API and checkout URLs.
    AccountUuid;
    /// The account's number, as it stands in the webhook envelope; not the UUID of the URLs.
    AccountNumber;
}
