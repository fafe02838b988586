//! The hosted checkout: a URL to send the visitor to, and a reference nobody can change on the way.
//!
//! There is nothing to create at Octany first: the checkout is a page, and everything it should
//! know stands in the query (Octany's documentation of the hosted checkout). So the visitor can
//! change all of it. Two things follow:
//!
//! - Access is granted by what Octany reports, webhook or API, and never because somebody came back
//!   to the success URL.
//! - A `referenceId` that is a bare user id can be replaced by another user's. Where that matters,
//!   sign it with a [`ReferenceKey`], and open what comes back.
//!
//! A signature binds what was *offered*: the user, the product, the expiry and, if you like, the
//! amount. It keeps nobody from paying for something else: the visitor can still edit product and
//! amount in the URL, and use one reference for several purchases. So what was bought is compared
//! with what was offered when it is reported: [`SignedReference::compare`], and
//! `ReceiverBuilder::quarantine` of `octany-entitlement`, which does it for every report.
//!
//! ```
//! use chrono::{DateTime, TimeDelta};
//! use octany_core::checkout::{CheckoutUrl, ReferenceError, ReferenceKey};
//! use octany_core::{AccountUuid, ProductId, ReferenceId};
//!
//! # let now = DateTime::UNIX_EPOCH;
//! let key = ReferenceKey::new(b"32 bytes out of a random source.".to_vec())?;
//! let (user, product) = (ReferenceId::from("user_42"), ProductId::from(7));
//! let reference = key.sign(&user, &product, now + TimeDelta::hours(2))?;
//!
//! let account = AccountUuid::from("0b6f9a52-7c11-4b8e-9d55-6f1d0c3a2e41");
//! let url = CheckoutUrl::new(account, product)
//!     .signed_reference(&reference)
//!     .success_url("https://app.example/welcome")
//!     .email("anna@example.com")
//!     .build()?;
//! assert!(url.starts_with("https://checkout.octany.com/checkout/0b6f9a52-"));
//!
//! // Later a subscription reports this reference. Who is it?
//! let created_at = now + TimeDelta::minutes(5);
//! let opened = key.open(reference.as_reference_id(), created_at)?;
//! assert_eq!(opened.user(), &user);
//!
//! // Somebody put another user's id in its place.
//! let refused = key.open(&ReferenceId::from("user_1"), created_at);
//! assert_eq!(refused.unwrap_err(), ReferenceError::NotSigned);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod encode;
mod error;
mod key;
mod link;
mod offer;
mod reference;
#[cfg(test)]
mod tests;
mod url;

pub use self::error::{CheckoutError, ReferenceError, ReferenceKeyError};
pub use self::key::ReferenceKey;
pub use self::link::{LinkError, check_link};
pub use self::offer::Bought;
pub use self::reference::SignedReference;
pub use self::url::{CHECKOUT_BASE, CheckoutUrl};

/// The longest reference that Octany takes, in characters (documented for its older widget).
pub const MAX_REFERENCE_LENGTH: usize = 250;
