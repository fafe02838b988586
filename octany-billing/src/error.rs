//! What can be wrong with how the routes are set up.

use octany_core::ProductId;
use octany_core::checkout::{CheckoutError, LinkError};

/// Why the routes could not be set up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The app's origin is none that a visitor could come back to.
    #[error("the origin of the app cannot be used")]
    Origin(#[source] LinkError),
    /// There is more than scheme, host and port.
    #[error("the origin of the app is scheme, host and port, without a path")]
    OriginWithPath,
    /// The path where the routes are mounted does not begin with a slash, or ends with one.
    #[error("the mount is a path, such as `/billing`")]
    Mount,
    /// Nothing is for sale.
    #[error("there is no offer")]
    NoOffer,
    /// A checkout of this offer cannot be made.
    #[error("no checkout can be made of the offer of product {product}")]
    Offer {
        /// The product.
        product: ProductId,
        /// Why not.
        source: CheckoutError,
    },
    /// It was not said whether references are signed.
    #[error("say `signed(key)`, or `plain_references()`")]
    NoReferences,
    /// It is no scheme of an app's own.
    #[error("`{0}` is no scheme that an app can have for itself")]
    Scheme(String),
    /// Nobody should be sent back there.
    #[error("`{0}` is neither a path of the app nor a link of a registered scheme")]
    ReturnTarget(String),
    /// The page that waits would ask without a pause, or not before somebody has closed it.
    #[error(
        "the page that waits asks every tenth of a second at the most, and once an hour at the least"
    )]
    PollEvery,
    /// The page that waits has no texts.
    #[error("the page that waits has no texts")]
    NoTexts,
}
