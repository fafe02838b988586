//! How one member of a resource is read and kept.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::json::{self, Raw};
use crate::{RawJson, Text};

/// A member's type. What it cannot read stays raw in the resource's `extra`.
pub(crate) trait Field: Sized + Serialize {
    /// `false` for what may be handed on but never kept: see [`PortalUrl`](super::PortalUrl).
    const KEPT: bool = true;

    fn read(value: Raw<'_>) -> Option<Self>;
    fn into_owned(self) -> Self;
}

/// Implements [`Field`] by a type's own `from_json` and `into_owned`.
macro_rules! sharing_fields {
    ($($type:ty),+ $(,)?) => {$(
        impl $crate::resource::field::Field for $type {
            fn read(value: $crate::json::Raw<'_>) -> Option<Self> {
                Self::from_json(value)
            }

            fn into_owned(self) -> Self {
                Self::into_owned(self)
            }
        }
    )+};
}

/// Implements [`Field`] for types that share nothing with the document, by a function that reads.
macro_rules! plain_fields {
    ($($type:ty: $read:expr),+ $(,)?) => {$(
        impl $crate::resource::field::Field for $type {
            fn read(value: $crate::json::Raw<'_>) -> Option<Self> {
                let read: fn($crate::json::Raw<'_>) -> Option<Self> = $read;
                read(value)
            }

            fn into_owned(self) -> Self {
                self
            }
        }
    )+};
}
pub(crate) use plain_fields;

sharing_fields!(
    Text,
    crate::AccountNumber,
    crate::AccountUuid,
    crate::CustomerId,
    crate::DeliveryId,
    crate::OrderId,
    crate::ProductId,
    crate::ReferenceId,
    crate::SubscriptionId,
);

impl Field for RawJson {
    fn read(value: Raw<'_>) -> Option<Self> {
        Some(Self::share(value))
    }

    fn into_owned(self) -> Self {
        Self::into_owned(self)
    }
}

plain_fields! {
    i64: |value| value.text().parse().ok(),
    bool: |value| value.text().parse().ok(),
    DateTime<Utc>: instant,
}

/// ISO 8601 with a zone: as RFC 3339 writes it, with PHP's older `+0200`, and with a year of more
/// digits and `Z`, as such an instant is written again.
/// Without a zone the instant is not known, and none is guessed.
fn instant(value: Raw<'_>) -> Option<DateTime<Utc>> {
    let (text, escaped) = value.string()?;
    let text: Cow<'_, str> = if escaped { json::unescape(text).into() } else { text.into() };
    let older = |text: &str| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z").ok();
    DateTime::parse_from_rfc3339(&text)
        .ok()
        .or_else(|| older(&text))
        .or_else(|| older(&format!("{}+0000", text.strip_suffix('Z')?)))
        .map(|instant| instant.to_utc())
}

/// Implements [`Field`] for an enum over names.
macro_rules! plain_names {
    ($type:ty) => {
        $crate::resource::field::plain_fields! {
            $type: |value| {
                let (name, escaped) = value.string()?;
                Some(if escaped {
                    Self::from(&*$crate::json::unescape(name))
                } else {
                    Self::from(name)
                })
            },
        }
    };
}
pub(crate) use plain_names;
