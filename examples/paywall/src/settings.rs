//! How the application is set up.

use std::env;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use octany_billing::Offer;
use octany_client::{API_BASE, ApiKey};
use octany_core::checkout::{CHECKOUT_BASE, ReferenceKey};
use octany_core::signature::SigningSecret;
use octany_entitlement::{Clock, SystemClock};

use crate::Error;

/// How the application is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The SQLite file.
    pub database: PathBuf,
    /// Where visitors reach it, such as `https://app.example`.
    pub url: String,
    /// The UUID of the account at Octany.
    pub account: String,
    /// The account's API key.
    pub api_key: ApiKey,
    /// The secret of the webhook endpoint.
    pub webhook_secret: SigningSecret,
    /// Signs who pays, for what.
    pub reference_key: ReferenceKey,
    /// What is for sale.
    pub offer: Offer,
    /// Where Octany's API is.
    pub api_url: String,
    /// Where Octany's checkout is.
    pub checkout_url: String,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// How long a delivery's handler may take.
    pub lease: Duration,
    /// How long the mail server takes.
    pub mail_delay: Duration,
}

impl Settings {
    /// From the environment, as the README has it; `None` where that names no account.
    ///
    /// # Errors
    ///
    /// A variable that is missing or cannot be read.
    pub fn from_env() -> Result<Option<Self>, Error> {
        let Some(account) = read("OCTANY_ACCOUNT") else {
            return match OF_AN_ACCOUNT.into_iter().find(|name| read(name).is_some()) {
                Some(name) => Err(format!("{name} is set, and OCTANY_ACCOUNT is not").into()),
                None => Ok(None),
            };
        };
        let mut offer = Offer::new(needed("PAYWALL_PRODUCT")?.as_str());
        if let Some(amount) = number("PAYWALL_AMOUNT")? {
            offer = offer.amount(i64::try_from(amount)?);
        }
        let seconds = |name| Ok::<_, Error>(number(name)?.map(Duration::from_secs));
        Ok(Some(Self {
            database: read("PAYWALL_DATABASE").unwrap_or("paywall.sqlite".into()).into(),
            url: needed("PAYWALL_URL")?,
            account,
            api_key: ApiKey::new(needed("OCTANY_API_KEY")?)?,
            webhook_secret: SigningSecret::new(needed("OCTANY_WEBHOOK_SECRET")?)?,
            reference_key: ReferenceKey::new(needed("PAYWALL_REFERENCE_KEY")?)?,
            offer,
            api_url: read("OCTANY_API_URL").unwrap_or(API_BASE.into()),
            checkout_url: read("OCTANY_CHECKOUT_URL").unwrap_or(CHECKOUT_BASE.into()),
            clock: Arc::new(SystemClock),
            lease: seconds("PAYWALL_LEASE_SECONDS")?.unwrap_or(Duration::from_mins(1)),
            mail_delay: seconds("PAYWALL_MAIL_SECONDS")?.unwrap_or(Duration::ZERO),
        }))
    }

    /// Whether this is for development: visitors come by plain HTTP, and so from this machine.
    pub(crate) fn is_on_this_machine(&self) -> bool {
        self.url.starts_with("http://")
    }
}

/// What means nothing without an account. It is set where somebody forgot that.
const OF_AN_ACCOUNT: [&str; 2] = ["OCTANY_API_KEY", "OCTANY_WEBHOOK_SECRET"];

/// Where to listen, if `PAYWALL_ADDRESS` says so.
pub(crate) fn address() -> Option<String> {
    read("PAYWALL_ADDRESS")
}

fn read(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn needed(name: &str) -> Result<String, Error> {
    read(name).ok_or_else(|| format!("OCTANY_ACCOUNT is set, and {name} is not").into())
}

fn number(name: &str) -> Result<Option<u64>, Error> {
    let number = read(name).map(|number| number.parse()).transpose();
    number.map_err(|_| format!("{name} must be a number").into())
}
