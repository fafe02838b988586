//! What can be wrong with a checkout or a signed reference.

use super::{LinkError, MAX_REFERENCE_LENGTH, SignedReference};

/// Why no checkout URL was built. Holds nothing of what was filled in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckoutError {
    /// The account is not a UUID. The number in a webhook's envelope is another thing.
    #[error("the account of a checkout URL must be a UUID")]
    AccountNotUuid,
    /// The product's id is empty or has characters beyond letters, digits, `-` and `_`.
    #[error("the product id cannot stand in a URL's path")]
    InvalidProduct,
    /// The base URL cannot be one.
    #[error("the checkout's base URL cannot be used")]
    Base(#[source] LinkError),
    /// Nobody should be sent to this success URL.
    #[error("the success URL cannot be used")]
    SuccessUrl(#[source] LinkError),
    /// The reference is empty, or nothing but white space.
    #[error("the reference is empty")]
    EmptyReference,
    /// The reference is longer than Octany takes.
    #[error("the reference has {length} characters, and {MAX_REFERENCE_LENGTH} are allowed")]
    ReferenceTooLong {
        /// Its length in characters.
        length: usize,
    },
    /// The reference was signed for another product than the one of this checkout.
    #[error("the reference was signed for another product")]
    ReferenceForOtherProduct,
    /// The reference was signed with another amount than the one of this checkout.
    #[error("the reference was signed with another amount")]
    ReferenceForOtherAmount,
    /// The amount is below zero.
    #[error("the amount is negative")]
    NegativeAmount,
    /// An entry of a comma-separated parameter is empty or has a comma in it.
    #[error("an entry of `{parameter}` is empty or has a comma in it")]
    InvalidList {
        /// Name of the parameter.
        parameter: &'static str,
    },
}

/// Why a reference was not signed, or not opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReferenceError {
    /// User or product to be signed for is empty.
    #[error("a reference is signed for a user and a product, and one of them is empty")]
    Empty,
    /// The amount to be signed is below zero.
    #[error("a reference is signed with an amount, and it is negative")]
    NegativeAmount,
    /// It is longer than Octany takes: on signing, because the user's id is too long (about 120
    /// bytes fit).
    #[error("the signed reference has {length} bytes, and {MAX_REFERENCE_LENGTH} are allowed")]
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// It does not claim to be signed: a plain reference, from before, or made by a visitor.
    #[error("the reference is not signed")]
    NotSigned,
    /// It claims to be signed and is not of the form that signing produces.
    #[error("the signed reference is malformed")]
    Malformed,
    /// None of the keys signed it.
    #[error("the signed reference is forged, or its key is unknown")]
    Forged,
    /// It is genuine, and was over at the instant asked about.
    ///
    /// Do not drop it: a subscription that reports such a reference has been paid for, by whoever
    /// is named here.
    #[error("the signed reference had expired")]
    Expired(Box<SignedReference>),
}

/// Why a key for references was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReferenceKeyError {
    /// The key is shorter than the digest it makes.
    #[error("the key has {length} bytes, and at least 32 are needed")]
    TooShort {
        /// Its length in bytes.
        length: usize,
    },
}
