//! Octany's resources: subscriptions, orders and products, and what is nested in them.
//!
//! A resource shares the bytes it was read from. Its strings are [`Text`](crate::Text), decoded
//! when they are read; what is nested is [`Nested`], read when it is asked for. The shapes are
//! those of the API contract (`openapi.yaml`), with the members of Octany's older documents beside
//! them. What neither names is kept in [`Extra`], so that what was read can be written again.
//!
//! ```
//! use octany_core::resource::Subscription;
//!
//! let subscription = Subscription::parse(
//!     r#"{"id": 76963688, "status": "active", "price": 9900, "currency": "sek", "vat": "?"}"#,
//! )?;
//! assert_eq!(subscription.id, "76963688");
//! assert_eq!(subscription.money().unwrap().to_string(), "99.00 SEK");
//! // What could not be read is kept, and named.
//! assert!(subscription.vat.is_none());
//! assert_eq!(subscription.mistyped().collect::<Vec<_>>(), ["vat"]);
//!
//! // Without a status it is no subscription.
//! let refused = Subscription::parse(r#"{"id": 76963688}"#).unwrap_err();
//! assert_eq!(refused.to_string(), "`status` is missing");
//! # Ok::<(), octany_core::resource::ResourceError>(())
//! ```

mod customer;
mod error;
mod extra;
pub(crate) mod field;
mod macros;
mod nested;
mod order;
mod portal;
mod presence;
mod product;
mod quantity;
mod subscription;

use bytes::Bytes;
use bytestring::ByteString;
use serde::ser::SerializeMap;

use crate::json::{Fields, Raw};

pub use self::customer::{BillingMethod, CustomField, Customer, Person, Phone};
pub(crate) use self::error::Defect;
pub use self::error::{Problem, ResourceError};
pub use self::extra::Extra;
pub use self::nested::{Nested, NestedList};
pub use self::order::{Order, OrderItem};
pub use self::portal::PortalUrl;
pub(crate) use self::portal::is_portal_member;
pub(crate) use self::presence::Presence;
pub use self::product::{PlanProduct, Product};
pub use self::quantity::Quantity;
pub use self::subscription::Subscription;

/// What a `resource!` can do for the rest of the crate.
pub(crate) trait Resource: Sized {
    /// A resource that is still being read.
    type Draft: Fields + Default;

    fn finish(draft: Self::Draft) -> Result<Self, Defect>;

    /// Writes all members, or those that may be kept.
    fn serialize_members<M: SerializeMap>(
        &self,
        map: &mut M,
        kept_only: bool,
    ) -> Result<(), M::Error>;
}

/// Reads a resource from a value that is a slice of a document.
pub(crate) fn read<R: Resource>(value: Raw<'_>) -> Result<R, ResourceError> {
    let mut draft = R::Draft::default();
    if !value.read_object(&mut draft)? {
        return Err(Defect::not_an_object().into());
    }
    Ok(R::finish(draft)?)
}

/// Reads a resource from a document of its own.
pub(crate) fn parse<R: Resource>(document: Bytes) -> Result<R, ResourceError> {
    let document = ByteString::try_from(document)?;
    read(Raw::new(&document, &document))
}
