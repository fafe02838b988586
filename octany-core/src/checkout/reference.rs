//! The text of a signed reference.

use std::fmt::Display;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use chrono::{DateTime, Utc};

use super::ReferenceError;
use crate::{ProductId, ReferenceId};

/// What signed references of this form begin with: the version of the form.
pub(super) const PREFIX: &str = "o1.";

/// A reference that a [`ReferenceKey`](super::ReferenceKey) made or opened: this user may buy this
/// product, for this amount if one is told, begun before that instant.
///
/// Its text is `o1.<user>.<product>.<expiry>.<mac>`, or `o1.<user>.<product>.<expiry>.<amount>.<mac>`:
/// user, product and MAC in unpadded URL-safe base64, the expiry in seconds since 1970, the amount in
/// minor units. It can be read by everyone who sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedReference {
    text: ReferenceId,
    user: ReferenceId,
    product: ProductId,
    expires_at: DateTime<Utc>,
    amount: Option<i64>,
}

impl SignedReference {
    /// The reference as Octany gets it, and as it comes back.
    ///
    /// Two signings for one user differ unless product, amount and expiry are the same. To ask the API for
    /// the subscriptions of this checkout (`filter[reference_id]`), keep this text, for instance
    /// in the visitor's session.
    pub fn as_reference_id(&self) -> &ReferenceId {
        &self.text
    }

    /// Your own key for the user.
    pub fn user(&self) -> &ReferenceId {
        &self.user
    }

    /// The product that was offered. The visitor can still buy another one with this reference:
    /// compare it with what was bought.
    pub fn product(&self) -> &ProductId {
        &self.product
    }

    /// The instant from which it no longer opens, in whole seconds.
    pub fn expires_at(&self) -> DateTime<Utc> {
        self.expires_at
    }

    /// The price that was offered, in minor units (öre, cents), if one was signed. The visitor can
    /// still pay another one: compare it with what was paid.
    pub fn amount(&self) -> Option<i64> {
        self.amount
    }

    pub(super) fn new(text: String, claims: Claims) -> Self {
        let Claims { user, product, expires_at, amount } = claims;
        Self { text: text.into(), user, product, expires_at, amount }
    }
}

impl From<SignedReference> for ReferenceId {
    fn from(reference: SignedReference) -> Self {
        reference.text
    }
}

/// What is signed.
pub(super) struct Claims {
    pub(super) user: ReferenceId,
    pub(super) product: ProductId,
    pub(super) expires_at: DateTime<Utc>,
    pub(super) amount: Option<i64>,
}

impl Claims {
    /// Drops the fraction of a second, which the text does not hold.
    pub(super) fn new(
        user: &ReferenceId,
        product: &ProductId,
        expires_at: DateTime<Utc>,
        amount: Option<i64>,
    ) -> Self {
        let expires_at = DateTime::from_timestamp(expires_at.timestamp(), 0)
            .expect("the second that an instant is in is itself an instant");
        Self { user: user.clone(), product: product.clone(), expires_at, amount }
    }

    /// The signed text: no field can hold the dot that ends it.
    pub(super) fn encode(&self) -> String {
        let (user, product) = (encode(self.user.as_str()), encode(self.product.as_str()));
        let signed = format!("{PREFIX}{user}.{product}.{}", self.expires_at.timestamp());
        self.amount.map(|amount| format!("{signed}.{amount}")).unwrap_or(signed)
    }

    /// Reads what [`encode`](Self::encode) wrote, once its MAC has been verified.
    pub(super) fn decode(signed: &str) -> Option<Self> {
        let mut fields = signed.strip_prefix(PREFIX)?.split('.');
        let claims = Self {
            user: text(fields.next()?)?.into(),
            product: text(fields.next()?)?.into(),
            expires_at: DateTime::from_timestamp(fields.next()?.parse().ok()?, 0)?,
            amount: match fields.next() {
                Some(field) => Some(amount(field)?),
                None => None,
            },
        };
        // Numbers could be written in other ways, and a signed text has one.
        (claims.is_whole() && claims.encode() == signed).then_some(claims)
    }

    /// Whether it says who may buy what.
    pub(super) fn is_whole(&self) -> bool {
        !self.user.as_str().is_empty() && !self.product.as_str().is_empty()
    }
}

/// Splits a reference into the signed text and the MAC it claims.
pub(super) fn split(reference: &str) -> Result<(&str, [u8; 32]), ReferenceError> {
    if !reference.starts_with(PREFIX) {
        return Err(ReferenceError::NotSigned);
    }
    let (signed, mac) = reference.rsplit_once('.').ok_or(ReferenceError::Malformed)?;
    let mut bytes = [0; 32];
    // A longer one is refused by the decoder, which has no room for it.
    match Base64UrlUnpadded::decode(mac, &mut bytes).map(<[u8]>::len) {
        Ok(32) => Ok((signed, bytes)),
        _ => Err(ReferenceError::Malformed),
    }
}

/// Puts both together again.
pub(super) fn join(signed: impl Display, mac: [u8; 32]) -> String {
    format!("{signed}.{}", encode(mac))
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    Base64UrlUnpadded::encode_string(bytes.as_ref())
}

fn text(field: &str) -> Option<String> {
    String::from_utf8(Base64UrlUnpadded::decode_vec(field).ok()?).ok()
}

fn amount(field: &str) -> Option<i64> {
    field.parse().ok().filter(|amount| *amount >= 0)
}
