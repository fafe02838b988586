//! Whether what was bought is what was offered.

use super::SignedReference;
use crate::ProductId;
use crate::resource::{Order, Subscription};

/// Whether what was bought with a [signed reference](SignedReference) is what it was signed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bought {
    /// It is, as far as the report tells: the amount, where one was signed, else the product.
    AsOffered,
    /// Product or amount is another one.
    Otherwise,
    /// The report tells nothing that contradicts the offer, and too little to confirm it.
    CannotTell,
}

impl SignedReference {
    /// Compares the offer with a subscription that came of it: its product, and its `price` where
    /// an amount was signed.
    ///
    /// A later change of product or price, by the user or an admin, reads [`Bought::Otherwise`], too.
    /// Currencies are not compared, since none is signed.
    ///
    /// ```
    /// # use chrono::{DateTime, TimeDelta};
    /// # use octany_core::checkout::{Bought, ReferenceKey};
    /// # use octany_core::resource::Subscription;
    /// # let expires_at = DateTime::UNIX_EPOCH + TimeDelta::hours(2);
    /// let key = ReferenceKey::new("an example, and not a random one")?;
    /// let offer = key.sign_with_amount(&"user_42".into(), &7.into(), 9_900, expires_at)?;
    ///
    /// let paid = Subscription::parse(r#"{"id": 1, "status": "active", "price": 9900}"#)?;
    /// assert_eq!(offer.compare(&paid), Bought::AsOffered);
    ///
    /// // Somebody edited the amount in the checkout's URL.
    /// let edited = Subscription::parse(r#"{"id": 1, "status": "active", "price": 100}"#)?;
    /// assert_eq!(offer.compare(&edited), Bought::Otherwise);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn compare(&self, subscription: &Subscription) -> Bought {
        self.judge(subscription.product(), [subscription.price, None])
    }

    /// Compares the offer with a one-off order that came of it: its product where it tells one, and
    /// its sum where an amount was signed. The sum may be the amount with or without VAT.
    ///
    /// For the handler of `order.paid`, before it delivers what was paid for. The order's items are
    /// not looked at.
    pub fn compare_order(&self, order: &Order) -> Bought {
        let product = order.product.as_ref().and_then(|product| product.read().ok());
        self.judge(product.map(|product| product.id), [order.total, order.total_with_vat])
    }

    /// One of the amounts has to be the one that was signed.
    fn judge(&self, product: Option<ProductId>, amounts: [Option<i64>; 2]) -> Bought {
        let same_product = product.map(|product| product == *self.product());
        let signed = self.amount().filter(|_| amounts.iter().any(Option::is_some));
        let same_amount = signed.map(|signed| amounts.contains(&Some(signed)));
        let decisive = if self.amount().is_some() { same_amount } else { same_product };
        match (same_product, same_amount) {
            (Some(false), _) | (_, Some(false)) => Bought::Otherwise,
            _ if decisive.is_some() => Bought::AsOffered,
            _ => Bought::CannotTell,
        }
    }
}
