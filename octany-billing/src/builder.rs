//! How the routes are set up.

use std::fmt;
use std::future::Future;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use octany_core::checkout::{CheckoutUrl, ReferenceKey, check_link};
use octany_core::{AccountUuid, ReferenceId};
use octany_entitlement::{CheckoutLog, Clock, Gate, GuardPages, Refresh, SystemClock};

use crate::billing::{Inner, Prefill};
use crate::pending::Page;
use crate::target::{Targets, is_own_path};
use crate::{Billing, BuildError, Offer, Portal, Texts};

const DAY: Duration = Duration::from_hours(24);

/// Below it, visitors who wait would be a flood; a browser takes a time of weeks for none at all.
const POLL_EVERY: RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_hours(1);

/// What Octany is told about who pays.
#[derive(Clone, Debug)]
pub(crate) enum References {
    Plain,
    Signed(ReferenceKey),
}

/// Sets [`Billing`] up.
#[must_use]
pub struct BillingBuilder {
    account: AccountUuid,
    origin: String,
    mount: String,
    gate: Gate,
    checkouts: Arc<dyn CheckoutLog>,
    references: Option<References>,
    valid_for: Duration,
    offers: Vec<Offer>,
    default_offer: Option<usize>,
    prefill: Option<Prefill>,
    checkout_base: Option<String>,
    allow_localhost: bool,
    schemes: Vec<String>,
    return_to: String,
    pages: GuardPages,
    portal: Option<Arc<dyn Portal>>,
    texts: Vec<Texts>,
    poll_every: Duration,
    give_up_after: Duration,
    clock: Arc<dyn Clock>,
}

impl BillingBuilder {
    pub(crate) fn new(
        account: AccountUuid,
        origin: &str,
        gate: Gate,
        checkouts: Arc<dyn CheckoutLog>,
    ) -> Self {
        Self {
            account,
            origin: origin.to_owned(),
            mount: "/billing".to_owned(),
            gate,
            checkouts,
            references: None,
            valid_for: 30 * DAY,
            offers: Vec::new(),
            default_offer: None,
            prefill: None,
            checkout_base: None,
            allow_localhost: false,
            schemes: Vec::new(),
            return_to: "/".to_owned(),
            pages: GuardPages::new(),
            portal: None,
            texts: vec![Texts::english(), Texts::swedish()],
            poll_every: Duration::from_millis(2500),
            give_up_after: Duration::from_mins(2),
            clock: Arc::new(SystemClock),
        }
    }

    /// Signs references with this key, so that nobody can pay in another's name. The receiver must
    /// open them with the same one (`References::signed`).
    pub fn signed(mut self, key: ReferenceKey) -> Self {
        self.references = Some(References::Signed(key));
        self
    }

    /// Tells Octany the user's reference as it is. That is weaker: it stands in the checkout's URL,
    /// where a visitor can put somebody else's in its place.
    pub fn plain_references(mut self) -> Self {
        self.references = Some(References::Plain);
        self
    }

    /// How long a checkout may take from the button to the first payment; 30 days unless set, since
    /// a direct debit or an invoice takes its time. Signed references expire then, at the end of the
    /// day (UTC).
    pub fn checkouts_valid_for(mut self, time: Duration) -> Self {
        self.valid_for = time;
        self
    }

    /// What is for sale. A single offer need not be named in the form.
    pub fn offer(mut self, offer: Offer) -> Self {
        self.offers.push(offer);
        self
    }

    /// What is for sale, and meant by a form that names no product.
    pub fn default_offer(mut self, offer: Offer) -> Self {
        self.default_offer = Some(self.offers.len());
        self.offer(offer)
    }

    /// Fills the checkout in with what is known of a user, such as the e-mail address. It is waited
    /// for. It stands in the URL of the checkout and nowhere else: it is not logged.
    pub fn prefill<F, Fut>(mut self, fill: F) -> Self
    where
        F: Fn(ReferenceId, CheckoutUrl) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = CheckoutUrl> + Send + 'static,
    {
        self.prefill = Some(Arc::new(move |user, checkout| Box::pin(fill(user, checkout))));
        self
    }

    /// The path that the routes are mounted at, as the outside sees it; `/billing` unless set.
    pub fn mount(mut self, path: impl Into<String>) -> Self {
        self.mount = path.into();
        self
    }

    /// Where those go back to who do not say where; `/` unless set.
    pub fn return_to(mut self, target: impl Into<String>) -> Self {
        self.return_to = target.into();
        self
    }

    /// Also lets visitors go back to links of this scheme (`myapp`), which the app has registered on
    /// their device.
    pub fn app_scheme(mut self, scheme: impl Into<String>) -> Self {
        self.schemes.push(scheme.into());
        self
    }

    /// Where people are sent that are not signed in, or have no subscription to show in the portal.
    pub fn pages(mut self, pages: GuardPages) -> Self {
        self.pages = pages;
        self
    }

    /// Offers the ways into Octany's portal; without it, there is nothing at `/portal`. Give it an
    /// [`octany_client::Client`].
    pub fn portal(mut self, portal: impl Portal + 'static) -> Self {
        self.portal = Some(Arc::new(portal));
        self
    }

    /// Asks Octany about whoever waits, where the gate does not do so before it denies.
    pub fn refresh(mut self, refresh: impl Refresh + 'static) -> Self {
        self.gate = self.gate.refresh_before_deny(refresh);
        self
    }

    /// What the page that waits says, in one language or several; the first is for those who
    /// understand none. English and Swedish unless set.
    pub fn texts(mut self, texts: impl IntoIterator<Item = Texts>) -> Self {
        self.texts = texts.into_iter().collect();
        self
    }

    /// How often the page that waits asks; every 2.5 seconds unless set. From a tenth of a second to
    /// an hour.
    pub fn poll_every(mut self, pause: Duration) -> Self {
        self.poll_every = pause;
        self
    }

    /// How long the page waits, from when the visitor first came back; 2 minutes unless set. It then
    /// says that some ways to pay take days.
    pub fn give_up_after(mut self, time: Duration) -> Self {
        self.give_up_after = time;
        self
    }

    /// Another checkout than [`CHECKOUT_BASE`](octany_core::checkout::CHECKOUT_BASE), for a
    /// dedicated environment or a simulator.
    pub fn checkout_base(mut self, base: impl Into<String>) -> Self {
        self.checkout_base = Some(base.into());
        self
    }

    /// Lets the app, the checkout and the portal be on this machine, by plain HTTP: for development.
    pub fn allow_localhost(mut self) -> Self {
        self.allow_localhost = true;
        self
    }

    /// The clock; the system's unless set.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The routes.
    ///
    /// # Errors
    ///
    /// [`BuildError`] for what no visitor could be sent to, and for what was left out.
    pub fn build(self) -> Result<Billing, BuildError> {
        let origin = origin(&self.origin, self.allow_localhost)?;
        let is_mount =
            |path: &str| is_own_path(path) && !path.ends_with('/') && !path.contains(['?', '#']);
        if !is_mount(&self.mount) {
            return Err(BuildError::Mount);
        }
        if !POLL_EVERY.contains(&self.poll_every) {
            return Err(BuildError::PollEvery);
        }
        let mut targets = Targets::default();
        if let Some(refused) = self.schemes.into_iter().find(|scheme| !targets.register(scheme)) {
            return Err(BuildError::Scheme(refused));
        }
        let return_to = targets.read(&self.return_to);
        let return_to = return_to.ok_or(BuildError::ReturnTarget(self.return_to))?;
        let inner = Inner {
            account: self.account,
            origin,
            mount: self.mount,
            gate: self.gate,
            checkouts: self.checkouts,
            references: self.references.ok_or(BuildError::NoReferences)?,
            valid_for: self.valid_for,
            default_offer: self.default_offer.or((self.offers.len() == 1).then_some(0)),
            offers: self.offers,
            prefill: self.prefill,
            checkout_base: self.checkout_base,
            allow_localhost: self.allow_localhost,
            targets,
            return_to,
            pages: self.pages,
            portal: self.portal,
            page: Page::new(self.texts, self.poll_every).ok_or(BuildError::NoTexts)?,
            give_up_after: self.give_up_after,
            clock: self.clock,
        };
        if inner.offers.is_empty() {
            return Err(BuildError::NoOffer);
        }
        for offer in &inner.offers {
            let refused = |source| BuildError::Offer { product: offer.product.clone(), source };
            inner.check(offer).map_err(refused)?;
        }
        Ok(Billing { inner: Arc::new(inner) })
    }
}

/// An origin as browsers write it in `Origin`: in lower case, without the port that goes without
/// saying.
fn origin(text: &str, allow_localhost: bool) -> Result<String, BuildError> {
    let text = text.strip_suffix('/').unwrap_or(text);
    check_link(text, allow_localhost).map_err(BuildError::Origin)?;
    let text = text.to_ascii_lowercase();
    let (host, port) =
        if text.starts_with("https:") { ("https://", ":443") } else { ("http://", ":80") };
    if text[host.len()..].contains(['/', '?', '#']) {
        return Err(BuildError::OriginWithPath);
    }
    Ok(text.strip_suffix(port).unwrap_or(&text).to_owned())
}

impl fmt::Debug for BillingBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Nobody has looked yet whether the origin is one, and holds no password.
        f.debug_struct("BillingBuilder")
            .field("mount", &self.mount)
            .field("offers", &self.offers)
            .finish_non_exhaustive()
    }
}
