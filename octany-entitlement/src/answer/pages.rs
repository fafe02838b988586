//! Where a guard sends people.

/// Where a guard sends people it does not let pass.
///
/// ```
/// use octany_entitlement::GuardPages;
///
/// let pages = GuardPages::new()
///     .sign_in("/sign-in")
///     .paywall("/pricing")
///     .pending("/billing/pending")
///     .checkout_url("https://checkout.octany.com/checkout/…/product/42");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GuardPages {
    pub(super) sign_in: Option<String>,
    pub(super) paywall: Option<String>,
    pub(super) pending: Option<String>,
    pub(super) checkout: Option<String>,
}

impl GuardPages {
    /// None: every answer is a problem document.
    pub fn new() -> Self {
        Self::default()
    }

    /// Where a browser goes that is not signed in, instead of a 401.
    #[must_use]
    pub fn sign_in(mut self, url: impl AsRef<str>) -> Self {
        self.sign_in = Some(header_safe(url.as_ref()));
        self
    }

    /// Where a browser goes that has not paid, instead of a 402.
    #[must_use]
    pub fn paywall(mut self, url: impl AsRef<str>) -> Self {
        self.paywall = Some(header_safe(url.as_ref()));
        self
    }

    /// Where a browser goes that is back from a [checkout](crate::Gate::checkouts) that has not been
    /// reported yet, instead of to the paywall.
    #[must_use]
    pub fn pending(mut self, url: impl AsRef<str>) -> Self {
        self.pending = Some(header_safe(url.as_ref()));
        self
    }

    /// What a program is told in `checkout_url` of the 402.
    #[must_use]
    pub fn checkout_url(mut self, url: impl AsRef<str>) -> Self {
        self.checkout = Some(url.as_ref().to_owned());
        self
    }
}

/// A URL that can stand in a header: all but visible ASCII is percent-encoded.
fn header_safe(url: &str) -> String {
    use std::fmt::Write;

    let mut safe = String::with_capacity(url.len());
    for byte in url.bytes() {
        if byte.is_ascii_graphic() {
            safe.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(safe, "%{byte:02X}");
        }
    }
    safe
}
