//! The URL of the hosted checkout.

use std::fmt;

use super::encode::{Query, account_segment, product_segment};
use super::{CheckoutError, MAX_REFERENCE_LENGTH, SignedReference, link};
use crate::{AccountUuid, ProductId, ReferenceId};

/// Where the checkout is, unless Octany gave you a dedicated environment.
pub const CHECKOUT_BASE: &str = "https://checkout.octany.com";

/// Builds the URL of a hosted checkout.
///
/// Parameters are those of Octany's documentation of the hosted checkout (section "Query
/// parameters"). All but the product are optional. An empty text leaves its parameter out, so that
/// a name you do not know can be passed as it is; setting one again replaces it. Whoever opens the
/// URL can change every parameter in it.
///
/// `Debug` shows which parameters are set and none of their values. The built URL holds them:
/// redirect to it, and keep it out of logs.
///
/// ```
/// use octany_core::checkout::{CheckoutError, CheckoutUrl, LinkError};
///
/// let account = "0b6f9a52-7c11-4b8e-9d55-6f1d0c3a2e41";
/// let checkout = CheckoutUrl::new(account, 42).reference_id("user_99");
/// assert_eq!(
///     checkout.clone().success_url("https://app.example/welcome").build()?,
///     "https://checkout.octany.com/checkout/0b6f9a52-7c11-4b8e-9d55-6f1d0c3a2e41/product/42\
///      ?successUrl=https%3A%2F%2Fapp.example%2Fwelcome&referenceId=user_99",
/// );
///
/// let refused = checkout.success_url("http://app.example/welcome").build();
/// assert_eq!(refused.unwrap_err(), CheckoutError::SuccessUrl(LinkError::NotHttps));
/// # Ok::<_, CheckoutError>(())
/// ```
#[derive(Clone)]
#[must_use = "nothing is sent to Octany: build the URL and redirect the visitor to it"]
pub struct CheckoutUrl {
    account: AccountUuid,
    product: ProductId,
    base: Option<String>,
    allow_localhost: bool,
    success_url: Option<String>,
    reference: Option<Reference>,
    amount: Option<i64>,
    lists: Vec<(&'static str, Vec<String>)>,
    texts: Vec<(&'static str, String)>,
}

#[derive(Clone)]
struct Reference {
    id: ReferenceId,
    signed_for: Option<Offer>,
}

#[derive(Clone)]
struct Offer {
    product: ProductId,
    amount: Option<i64>,
}

impl CheckoutUrl {
    /// A checkout of this product, on the account with this UUID.
    pub fn new(account: impl Into<AccountUuid>, product: impl Into<ProductId>) -> Self {
        Self {
            account: account.into(),
            product: product.into(),
            base: None,
            allow_localhost: false,
            success_url: None,
            reference: None,
            amount: None,
            lists: Vec::new(),
            texts: Vec::new(),
        }
    }

    /// Another host than [`CHECKOUT_BASE`], for a dedicated environment or a simulator.
    pub fn base(mut self, base: impl Into<String>) -> Self {
        self.base = Some(base.into());
        self
    }

    /// Lets success and base URL be plain HTTP to `localhost`, `127.0.0.0/8` or `[::1]`: for
    /// development.
    pub fn allow_localhost(mut self) -> Self {
        self.allow_localhost = true;
        self
    }

    /// Where the visitor lands after a successful payment; HTTPS.
    ///
    /// Landing there proves nothing: look the subscription up.
    pub fn success_url(mut self, url: impl Into<String>) -> Self {
        self.success_url = Some(url.into());
        self
    }

    /// Your own key for the user; it comes back on the subscription, its orders and their events.
    ///
    /// The visitor can put another one in its place. If that harms, use
    /// [`signed_reference`](Self::signed_reference).
    pub fn reference_id(mut self, reference: impl Into<ReferenceId>) -> Self {
        self.reference = Some(Reference { id: reference.into(), signed_for: None });
        self
    }

    /// The same, signed; it must have been signed for the product of this checkout.
    ///
    /// If it was signed with an amount, and the checkout [sets](Self::amount) one, they must be the
    /// same. An amount that is set and not signed is bound to nothing.
    pub fn signed_reference(mut self, reference: &SignedReference) -> Self {
        self.reference = Some(Reference {
            id: reference.as_reference_id().clone(),
            signed_for: Some(Offer {
                product: reference.product().clone(),
                amount: reference.amount(),
            }),
        });
        self
    }

    /// A price in minor units (öre, cents) in place of the product's, for "name your price".
    ///
    /// The visitor can change it: what was paid stands on the order. A reference that is signed
    /// [with the amount](super::ReferenceKey::sign_with_amount) still tells what was offered.
    pub fn amount(mut self, minor_units: i64) -> Self {
        self.amount = Some(minor_units);
        self
    }

    /// Several roles for the user.
    pub fn roles<R: Into<String>>(self, roles: impl IntoIterator<Item = R>) -> Self {
        self.list("roles", roles)
    }

    /// The payment methods to offer.
    ///
    /// Octany names this parameter only on a newer page and does not say how its values are
    /// written; they are sent comma-separated, as roles are.
    pub fn methods<M: Into<String>>(self, methods: impl IntoIterator<Item = M>) -> Self {
        self.list("methods", methods)
    }

    /// The URL, with every value percent-encoded.
    ///
    /// # Errors
    ///
    /// [`CheckoutError`] if Octany could not take what is in it, or a visitor should not be sent
    /// there.
    pub fn build(&self) -> Result<String, CheckoutError> {
        let base =
            link::check_base(self.base.as_deref().unwrap_or(CHECKOUT_BASE), self.allow_localhost)
                .map_err(CheckoutError::Base)?;
        let mut url = Query::new(format!(
            "{base}/checkout/{}/product/{}",
            account_segment(&self.account)?,
            product_segment(&self.product)?,
        ));
        if let Some(success_url) = &self.success_url {
            link::check_link(success_url, self.allow_localhost)
                .map_err(CheckoutError::SuccessUrl)?;
            url.push("successUrl", success_url);
        }
        if let Some(reference) = &self.reference {
            url.push("referenceId", reference.check(&self.product, self.amount)?);
        }
        if let Some(amount) = self.amount {
            let amount = u64::try_from(amount).map_err(|_| CheckoutError::NegativeAmount)?;
            url.push("amount", &amount.to_string());
        }
        for (name, entries) in &self.lists {
            if entries.iter().any(|entry| entry.trim().is_empty() || entry.contains(',')) {
                return Err(CheckoutError::InvalidList { parameter: name });
            }
            url.push(name, &entries.join(","));
        }
        for (name, value) in &self.texts {
            url.push(name, value);
        }
        Ok(url.finish())
    }

    fn list<T: Into<String>>(
        mut self,
        name: &'static str,
        entries: impl IntoIterator<Item = T>,
    ) -> Self {
        self.lists.retain(|(set, _)| *set != name);
        let entries: Vec<String> = entries.into_iter().map(Into::into).collect();
        if !entries.is_empty() {
            self.lists.push((name, entries));
        }
        self
    }

    fn text(mut self, name: &'static str, value: String) -> Self {
        self.texts.retain(|(set, _)| *set != name);
        if !value.is_empty() {
            self.texts.push((name, value));
        }
        self
    }
}

macro_rules! texts {
    ($($(#[$doc:meta])* $method:ident = $name:literal;)+) => {
        impl CheckoutUrl {$(
            $(#[$doc])*
            pub fn $method(self, $method: impl Into<String>) -> Self {
                self.text($name, $method.into())
            }
        )+}
    };
}

texts! {
    /// A name for people, shown beside the reference in Octany's admin UI.
    reference_name = "referenceName";
    /// Fills in the e-mail address.
    email = "email";
    /// Fills in the first name.
    first_name = "firstName";
    /// Fills in the last name.
    last_name = "lastName";
    /// Fills in the company's name.
    company_name = "companyName";
    /// One role for the user.
    role = "role";
    /// Language of the checkout, such as `sv` or `en`; otherwise the account's.
    locale = "locale";
    /// Where the visit came from: kept on the order.
    utm_source = "utm_source";
    /// The kind of link that was followed: kept on the order.
    utm_medium = "utm_medium";
    /// The campaign: kept on the order.
    utm_campaign = "utm_campaign";
    /// Which of several links in one place: kept on the order.
    utm_content = "utm_content";
    /// The search term: kept on the order.
    utm_term = "utm_term";
}

impl fmt::Debug for CheckoutUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let single = [
            self.success_url.as_ref().map(|_| "successUrl"),
            self.reference.as_ref().map(|_| "referenceId"),
            self.amount.map(|_| "amount"),
        ];
        let lists = self.lists.iter().map(|(name, _)| *name);
        let texts = self.texts.iter().map(|(name, _)| *name);
        let set: Vec<_> = single.into_iter().flatten().chain(lists).chain(texts).collect();
        f.debug_struct("CheckoutUrl")
            .field("account", &self.account)
            .field("product", &self.product)
            .field("set", &set)
            .finish_non_exhaustive()
    }
}

impl Reference {
    fn check(&self, product: &ProductId, amount: Option<i64>) -> Result<&str, CheckoutError> {
        let signed = self.signed_for.as_ref();
        let signed_amount = signed.and_then(|offer| offer.amount);
        let id = self.id.as_str();
        let length = id.chars().count();
        if id.trim().is_empty() {
            Err(CheckoutError::EmptyReference)
        } else if length > MAX_REFERENCE_LENGTH {
            Err(CheckoutError::ReferenceTooLong { length })
        } else if signed.is_some_and(|offer| offer.product != *product) {
            Err(CheckoutError::ReferenceForOtherProduct)
        } else if signed_amount.zip(amount).is_some_and(|(signed, amount)| signed != amount) {
            Err(CheckoutError::ReferenceForOtherAmount)
        } else {
            Ok(id)
        }
    }
}
