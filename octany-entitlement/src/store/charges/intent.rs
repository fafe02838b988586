//! An intent to charge.

use chrono::{DateTime, Utc};
use octany_core::{BasisPoints, OrderId, ProductId, SubscriptionId};
use sha2::{Digest, Sha256};

use super::OrdersBefore;
use crate::store::ClaimToken;

/// What is charged, as far as its order can be known by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Whose payment method.
    pub subscription: SubscriptionId,
    /// What for.
    pub product: ProductId,
    /// The price of one, in minor units (öre, cents).
    pub amount: i64,
    /// How many.
    pub quantity: u32,
    /// The VAT rate, where the request names one.
    pub vat: Option<BasisPoints>,
    /// All of the request as one number, the description included, which is not stored.
    pub digest: i64,
}

/// A charge that was begun, and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargeIntent {
    /// The id that the app chose.
    pub id: String,
    /// What is charged.
    pub charge: Charge,
    /// How far it has come.
    pub state: ChargeState,
    /// When it was prepared, the last time if more than once.
    pub begun_at: DateTime<Utc>,
    /// Until when somebody holds it, or held it.
    pub claimed_until: DateTime<Utc>,
}

/// How far a charge has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChargeState {
    /// Nothing was sent yet.
    Prepared,
    /// It may have been sent, when the subscription had these orders. What became of it is not known
    /// yet, or, once the lease has ended, at all.
    Sent(OrdersBefore),
    /// It was charged: this is its order.
    Created(OrderId),
    /// Nothing was charged.
    Refused,
    /// Somebody gave it up without knowing.
    Abandoned,
}

/// The answer to a charge that was to be prepared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChargePrepared {
    /// It is prepared, and the caller's.
    Fresh(ClaimToken),
    /// This id is known: somebody holds it, or it was sent, created or abandoned.
    Known(ChargeIntent),
    /// This id is known as that of another charge: another amount, product or subscription, or other
    /// words.
    Different,
    /// Another intent on the same subscription is open: this one.
    Busy(ChargeIntent),
}

impl Charge {
    /// What a request asks for. One piece, where it names no quantity.
    pub fn new(
        subscription: impl Into<SubscriptionId>,
        product: impl Into<ProductId>,
        amount: i64,
        quantity: Option<u32>,
        vat: Option<BasisPoints>,
        description: Option<&str>,
    ) -> Self {
        let (subscription, product) = (subscription.into(), product.into());
        let (quantity, digest) = (quantity.unwrap_or(1), 0);
        let charge = Self { subscription, product, amount, quantity, vat, digest };
        Self { digest: charge.digest_with(description.unwrap_or_default()), ..charge }
    }

    /// The sum of all pieces, in minor units.
    pub fn sum(&self) -> Option<i64> {
        self.amount.checked_mul(i64::from(self.quantity))
    }

    fn digest_with(&self, description: &str) -> i64 {
        let mut hash = Sha256::new();
        let vat = self.vat.map(|vat| vat.0.to_le_bytes());
        for part in [
            self.subscription.as_str().as_bytes(),
            self.product.as_str().as_bytes(),
            &self.amount.to_le_bytes(),
            &self.quantity.to_le_bytes(),
            vat.as_ref().map(|vat| &vat[..]).unwrap_or_default(),
            description.as_bytes(),
        ] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let hash: [u8; 32] = hash.finalize().into();
        i64::from_le_bytes(std::array::from_fn(|index| hash[index]))
    }
}

impl ChargeIntent {
    /// Whether it is in the way of other charges on its subscription.
    pub fn is_open(&self) -> bool {
        matches!(self.state, ChargeState::Prepared | ChargeState::Sent(_))
    }

    /// Whether its own id may prepare it anew: nothing was charged, and nobody holds it.
    pub fn may_be_prepared(&self, now: DateTime<Utc>) -> bool {
        match self.state {
            ChargeState::Refused => true,
            ChargeState::Prepared => self.claimed_until <= now,
            ChargeState::Sent(_) | ChargeState::Created(_) | ChargeState::Abandoned => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_tells_requests_apart_and_is_the_same_everywhere() {
        let charge = |amount, quantity, vat, words| {
            Charge::new("sub", 7, amount, quantity, vat, words).digest
        };
        let digest = charge(4995, None, None, None);
        assert_eq!(charge(4995, Some(1), None, Some("")), digest, "what is implied may be said");
        assert_ne!(charge(4996, None, None, None), digest);
        assert_ne!(charge(4995, Some(2), None, None), digest);
        assert_ne!(charge(4995, None, Some(BasisPoints(0)), None), digest);
        assert_ne!(charge(4995, None, None, Some("November")), digest);
        assert_ne!(Charge::new("sub7", "", 4995, None, None, None).digest, digest);
        assert_eq!(Charge::new("sub", "7", 4995, None, None, None).digest, digest);
        assert_eq!(digest, DIGEST, "stored digests stay comparable");
    }

    const DIGEST: i64 = 7_864_909_913_514_166_715;

    #[test]
    fn a_sum_beyond_all_numbers_is_none() {
        assert_eq!(Charge::new("sub", 7, 100, Some(3), None, None).sum(), Some(300));
        assert_eq!(Charge::new("sub", 7, i64::MAX, Some(2), None, None).sum(), None);
    }
}
