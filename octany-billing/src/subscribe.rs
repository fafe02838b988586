//! `POST /subscribe`: from the button to the checkout.

use std::error::Error;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use octany_core::ReferenceId;
use octany_core::checkout::{CheckoutError, CheckoutUrl, ReferenceError};
use octany_entitlement::{Answer, Checkout};

use crate::answers::{problem, see_other};
use crate::builder::References;
use crate::head::first;
use crate::{Billing, Head, Offer};

impl Billing {
    pub(crate) async fn subscribe(
        &self,
        user: &ReferenceId,
        head: &Head<'_>,
        form: &[u8],
    ) -> Answer {
        let Some(offer) = self.offer(first(form, "product").as_deref()) else {
            return problem(400, "unknown-product", "This is not for sale", "unknown_product");
        };
        let Some(target) = self.target(first(form, "return_to").as_deref()) else {
            let title = "Nobody is sent back there";
            return problem(400, "return-target", title, "return_target");
        };
        match self.decide(user).await {
            Ok(decision) if decision.is_allowed() => return see_other(target),
            Ok(_) => {}
            // Whoever has paid must not be sold the same again.
            Err(denial) => return self.denied(&denial, head),
        }
        let now = self.inner.clock.now();
        // Nor whoever may have, a moment ago.
        if self.waits(user, now).await {
            return see_other(self.inner.pending(&target));
        }
        let (reference, url) = match self.checkout(user, offer, &target, now).await {
            Ok(checkout) => checkout,
            Err(error) => {
                tracing::error!(error = &*error, "no checkout could be made for this user");
                let title = "No checkout could be made";
                return problem(500, "checkout", title, "checkout_impossible");
            }
        };
        // What is not noted could not be found again, if no webhook tells of it.
        let checkout = Checkout::new(reference, user.clone(), offer.product.clone(), now);
        if let Err(error) = self.noted(self.inner.checkouts.begin(&checkout)).await {
            let error: &dyn Error = &error;
            tracing::error!(error, "a checkout could not be noted, and does not begin");
            let title = "The checkout cannot begin right now";
            return problem(503, "unavailable", title, "not_noted");
        }
        see_other(url)
    }

    /// The offer of this product; the one that is made to all, where none is named.
    fn offer(&self, product: Option<&str>) -> Option<&Offer> {
        match product {
            Some(product) => self.inner.offers.iter().find(|offer| offer.product == product),
            None => self.inner.offers.get(self.inner.default_offer?),
        }
    }

    /// The URL of a checkout, and the reference that Octany is told.
    async fn checkout(
        &self,
        user: &ReferenceId,
        offer: &Offer,
        target: &str,
        now: DateTime<Utc>,
    ) -> Result<(ReferenceId, String), Box<dyn Error + Send + Sync>> {
        let mut url = CheckoutUrl::new(self.inner.account.clone(), offer.product.clone());
        if let Some(prefill) = &self.inner.prefill {
            url = prefill(user.clone(), url).await;
        }
        let expires_at = whole_days(now, self.inner.valid_for);
        let (reference, url) = self.inner.references.put(url, user, offer, expires_at)?;
        Ok((reference, self.inner.complete(url, offer, target).build()?))
    }
}

impl References {
    fn put(
        &self,
        url: CheckoutUrl,
        user: &ReferenceId,
        offer: &Offer,
        expires_at: DateTime<Utc>,
    ) -> Result<(ReferenceId, CheckoutUrl), ReferenceError> {
        match self {
            Self::Plain => Ok((user.clone(), url.reference_id(user.clone()))),
            Self::Signed(key) => {
                let product = &offer.product;
                let signed = match offer.amount {
                    Some(amount) => key.sign_with_amount(user, product, amount, expires_at)?,
                    None => key.sign(user, product, expires_at)?,
                };
                let url = url.signed_reference(&signed);
                Ok((signed.into(), url))
            }
        }
    }
}

impl crate::billing::Inner {
    /// All of a checkout but who pays.
    pub(crate) fn complete(&self, url: CheckoutUrl, offer: &Offer, target: &str) -> CheckoutUrl {
        let mut url = url.success_url(format!("{}{}", self.origin, self.pending(target)));
        if let Some(base) = &self.checkout_base {
            url = url.base(base.clone());
        }
        if self.allow_localhost {
            url = url.allow_localhost();
        }
        match offer.amount {
            Some(amount) => url.amount(amount),
            None => url,
        }
    }

    /// The page that waits, for whoever wants to go on there.
    fn pending(&self, target: &str) -> String {
        let to: String = form_urlencoded::byte_serialize(target.as_bytes()).collect();
        format!("{}/pending?to={to}", self.mount)
    }

    /// Whether a checkout can be made of an offer.
    pub(crate) fn check(&self, offer: &Offer) -> Result<(), CheckoutError> {
        let url = CheckoutUrl::new(self.account.clone(), offer.product.clone());
        self.complete(url, offer, &self.return_to).build().map(drop)
    }
}

/// The end of the day on which it is over, so that whoever comes again on the same day is told the
/// same reference, and has few of them.
fn whole_days(now: DateTime<Utc>, valid_for: Duration) -> DateTime<Utc> {
    const DAY: i64 = 24 * 60 * 60;
    let valid_for = TimeDelta::from_std(valid_for).unwrap_or(TimeDelta::MAX);
    let end = now.checked_add_signed(valid_for).unwrap_or(DateTime::<Utc>::MAX_UTC);
    let days = end.timestamp().div_euclid(DAY) + 1;
    DateTime::from_timestamp(days * DAY, 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
}
