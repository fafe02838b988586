//! Where a subscription or an order stands.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::resource::field::plain_names;

/// Declares an enum over names on the wire, with `Unknown` for those that will come.
macro_rules! names {
    (
        $(#[$doc:meta])*
        pub enum $name:ident {
            $($(#[$vdoc:meta])* $variant:ident = $wire:literal,)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$vdoc])* $variant,)+
            /// One that this version does not know, by its name on the wire.
            Unknown(String),
        }

        impl $name {
            /// All that are known, in lifecycle order.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant),+];

            /// The name on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $wire,)+
                    Self::Unknown(name) => name,
                }
            }
        }

        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                match name {
                    $($wire => Self::$variant,)+
                    _ => Self::Unknown(name.to_owned()),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        plain_names!($name);
    };
}

names! {
    /// Where a subscription stands (`openapi.yaml`, `SubscriptionStatus`).
    pub enum SubscriptionStatus {
        /// Created; the first payment has not arrived.
        Pending = "pending",
        /// Starts at a later day.
        FutureStart = "future_start",
        /// In its trial.
        Trialing = "trialing",
        /// Paid and running.
        Active = "active",
        /// The renewal is overdue and being retried: transient.
        Delayed = "delayed",
        /// The retries failed. An administrator can still revive it.
        Unpaid = "unpaid",
        /// Cancelled. What was paid for runs until `ends_at`.
        Cancelled = "cancelled",
        /// A fixed number of cycles has run out.
        Expired = "expired",
    }
}

names! {
    /// How far an order has come (`openapi.yaml`, `OrderState`).
    pub enum OrderState {
        /// Made.
        Created = "created",
        /// Confirmed by the visitor.
        Confirmed = "confirmed",
        /// Waiting for the payer.
        PaymentPendingUser = "payment_pending_user",
        /// Waiting for the payment provider.
        PaymentPending = "payment_pending",
        /// The payment failed.
        PaymentFailed = "payment_failed",
        /// The payment was cancelled.
        PaymentCancelled = "payment_cancelled",
        /// The payment was given back.
        PaymentRefunded = "payment_refunded",
        /// Paid.
        Paid = "paid",
    }
}
