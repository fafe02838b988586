//! Signing references, and opening them.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

use super::reference::{self, Claims};
use super::{MAX_REFERENCE_LENGTH, ReferenceError, ReferenceKeyError, SignedReference};
use crate::{ProductId, ReferenceId};

/// Absorbed before every text, so that no other use of the same key makes a MAC that fits here.
const CONTEXT: &[u8] = b"octany-core checkout reference\0";

const MIN_LENGTH: usize = 32;

/// Signs the `referenceId` of a checkout, so that nobody can pay as somebody else.
///
/// Take at least 32 bytes out of a random source, and not the secret of a webhook endpoint. The
/// MAC is HMAC-SHA256. `Debug` shows no key, and the keys are wiped when the last clone is dropped.
///
/// # Open a reference as of the beginning, not as of now
///
/// A reference comes back on every event of its subscription, for years. Its expiry limits when a
/// checkout may *begin* to count: [`open`](Self::open) it as of the instant at which the
/// subscription was created, which is in every report about it. As of now, every subscription would
/// lose its user as soon as the reference is over. Leave room in the expiry for slow payments: a
/// subscription is activated only when its first order is paid, and a direct debit takes days.
///
/// ```
/// use chrono::{DateTime, TimeDelta};
/// use octany_core::checkout::{ReferenceError, ReferenceKey};
///
/// # let now = DateTime::UNIX_EPOCH;
/// let key = ReferenceKey::new("an example, and not a random one")?;
/// let reference = key.sign(&"user_42".into(), &7.into(), now + TimeDelta::hours(2))?;
///
/// let in_time = key.open(reference.as_reference_id(), now + TimeDelta::minutes(119))?;
/// assert_eq!(in_time.user(), "user_42");
///
/// let late = key.open(reference.as_reference_id(), now + TimeDelta::hours(2));
/// assert_eq!(late.unwrap_err(), ReferenceError::Expired(Box::new(reference)));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct ReferenceKey {
    current: Arc<Hmac<Sha256>>,
    previous: Vec<Arc<Hmac<Sha256>>>,
}

impl ReferenceKey {
    /// Takes a key of at least 32 bytes.
    ///
    /// # Errors
    ///
    /// [`ReferenceKeyError::TooShort`] for a shorter one.
    pub fn new(key: impl Into<Vec<u8>>) -> Result<Self, ReferenceKeyError> {
        let key = Zeroizing::new(key.into());
        if key.len() < MIN_LENGTH {
            return Err(ReferenceKeyError::TooShort { length: key.len() });
        }
        Ok(Self { current: Arc::new(keyed(&key)), previous: Vec::new() })
    }

    /// Also opens what another key signed; new references are signed with the current one only.
    ///
    /// Keep a previous key for as long as a subscription that began under it may be reported.
    #[must_use]
    pub fn with_previous(mut self, key: Self) -> Self {
        self.previous.push(key.current);
        self.previous.extend(key.previous);
        self
    }

    /// Signs a reference to `user`, your own key for them, buying `product`.
    ///
    /// # Errors
    ///
    /// [`TooLong`](ReferenceError::TooLong) if the user's id leaves no room for the rest,
    /// [`Empty`](ReferenceError::Empty) if user or product is empty.
    pub fn sign(
        &self,
        user: &ReferenceId,
        product: &ProductId,
        expires_at: DateTime<Utc>,
    ) -> Result<SignedReference, ReferenceError> {
        self.sign_claims(Claims::new(user, product, expires_at, None))
    }

    /// The same, with the price that is offered, in minor units (öre, cents).
    ///
    /// Sign the price that the subscription is to report: the amount of the
    /// [checkout](super::CheckoutUrl::amount) if it sets one, else the product's own.
    ///
    /// ```
    /// # use chrono::{DateTime, TimeDelta};
    /// # use octany_core::checkout::{ReferenceError, ReferenceKey};
    /// # let now = DateTime::UNIX_EPOCH;
    /// # let key = ReferenceKey::new("an example, and not a random one")?;
    /// let (user, product, expires_at) = ("user_42".into(), 7.into(), now + TimeDelta::hours(2));
    /// let reference = key.sign_with_amount(&user, &product, 9_900, expires_at)?;
    /// assert_eq!(key.open(reference.as_reference_id(), now)?.amount(), Some(9_900));
    ///
    /// let refused = key.sign_with_amount(&user, &product, -1, expires_at);
    /// assert_eq!(refused.unwrap_err(), ReferenceError::NegativeAmount);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`sign`](Self::sign), and [`NegativeAmount`](ReferenceError::NegativeAmount).
    pub fn sign_with_amount(
        &self,
        user: &ReferenceId,
        product: &ProductId,
        amount: i64,
        expires_at: DateTime<Utc>,
    ) -> Result<SignedReference, ReferenceError> {
        if amount < 0 {
            return Err(ReferenceError::NegativeAmount);
        }
        self.sign_claims(Claims::new(user, product, expires_at, Some(amount)))
    }
    /// Opens a reference that came back, as of the instant `at` at which its subscription was
    /// created. A reference with `expires_at == at` is over.
    ///
    /// The MAC is verified before any of the fields is read.
    ///
    /// # Errors
    ///
    /// [`NotSigned`](ReferenceError::NotSigned) for a plain reference,
    /// [`Forged`](ReferenceError::Forged), [`Expired`](ReferenceError::Expired), and
    /// [`Malformed`](ReferenceError::Malformed) or [`TooLong`](ReferenceError::TooLong) for what
    /// [`sign`](Self::sign) never writes.
    pub fn open(
        &self,
        reference: &ReferenceId,
        at: DateTime<Utc>,
    ) -> Result<SignedReference, ReferenceError> {
        let text = reference.as_str();
        let (signed, claimed) = reference::split(text)?;
        check_length(text)?;
        if !bool::from(self.made(signed, &claimed)) {
            return Err(ReferenceError::Forged);
        }
        let claims = Claims::decode(signed).ok_or(ReferenceError::Malformed)?;
        let is_over = claims.expires_at <= at;
        let opened = SignedReference::new(text.to_owned(), claims);
        if is_over { Err(ReferenceError::Expired(Box::new(opened))) } else { Ok(opened) }
    }

    fn sign_claims(&self, claims: Claims) -> Result<SignedReference, ReferenceError> {
        if !claims.is_whole() {
            return Err(ReferenceError::Empty);
        }
        let signed = claims.encode();
        let text = reference::join(&signed, mac(&self.current, &signed));
        check_length(&text)?;
        Ok(SignedReference::new(text, claims))
    }

    /// Tries every key, so that the time taken does not tell which one it was.
    fn made(&self, signed: &str, claimed: &[u8; 32]) -> Choice {
        let keys = [&self.current].into_iter().chain(&self.previous);
        keys.fold(Choice::from(0), |made, key| made | mac(key, signed).ct_eq(claimed))
    }
}

impl fmt::Debug for ReferenceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReferenceKey")
            .field("previous", &self.previous.len())
            .finish_non_exhaustive()
    }
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::<Sha256>::new_from_slice(key)
        .expect("HMAC takes keys of any length")
        .chain_update(CONTEXT)
}

fn mac(key: &Hmac<Sha256>, signed: &str) -> [u8; 32] {
    key.clone().chain_update(signed).finalize().into_bytes().into()
}

fn check_length(text: &str) -> Result<(), ReferenceError> {
    let length = text.len();
    if length > MAX_REFERENCE_LENGTH { Err(ReferenceError::TooLong { length }) } else { Ok(()) }
}
