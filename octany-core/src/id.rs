//! Opaque identifiers: integers today, strings elsewhere, compared by their text.
//!
//! Octany's summary (`llms.txt`, "Resource IDs") asks integrators to treat ids as opaque. Each
//! newtype here takes both forms, compares and hashes by the text, and is written back to JSON in
//! the form it came in.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use bytestring::ByteString;
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::json::Raw;

/// The text of an id and whether it stood in JSON as a number.
#[derive(Clone)]
struct Id {
    text: ByteString,
    number: bool,
}

impl Id {
    fn from_json(value: Raw<'_>) -> Option<Self> {
        if let Some(digits) = value.integer() {
            return Some(Self { text: digits, number: true });
        }
        let (raw, escaped) = value.string()?;
        let text = if escaped { crate::json::unescape(&raw).into() } else { raw };
        (!text.is_empty()).then_some(Self { text, number: false })
    }

    fn into_owned(self) -> Self {
        Self { text: String::from(&*self.text).into(), number: self.number }
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.number {
            // Through the raw value, so that digits beyond 2^53 (or 2^64) stay exact.
            RawValue::from_string(self.text.to_string())
                .map_err(S::Error::custom)?
                .serialize(serializer)
        } else {
            serializer.serialize_str(&self.text)
        }
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(Id);

        impl $name {
            /// An id of textual form.
            pub fn new(text: impl Into<String>) -> Self {
                Self(Id { text: text.into().into(), number: false })
            }

            /// The id's text; the digits for one that arrived as a number.
            pub fn as_str(&self) -> &str {
                &self.0.text
            }

            /// A copy that no longer keeps the delivery's body alive.
            #[must_use]
            pub fn into_owned(self) -> Self {
                Self(self.0.into_owned())
            }

            pub(crate) fn from_json(value: Raw<'_>) -> Option<Self> {
                Id::from_json(value).map(Self)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::new(text)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }

        impl From<u64> for $name {
            /// An id of numeric form: written to JSON as a number.
            fn from(number: u64) -> Self {
                Self(Id { text: number.to_string().into(), number: true })
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
                self.as_str() == other.as_str()
            }
        }

        impl Eq for $name {}

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.as_str() == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> Ordering {
                self.as_str().cmp(other.as_str())
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
