//! How the application is started.

use std::env;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use octany_core::checkout::CheckoutUrl;
use octany_core::signature::SigningSecret;
use octany_entitlement::{Clock, SystemClock};

use crate::Error;

/// The account whose checkout the paywall links to; yours stands in the URLs of Octany's admin.
const ACCOUNT: &str = "00000000-0000-4000-8000-000000000000";
const PRODUCT: u64 = 42;

/// How the application is started.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The SQLite file.
    pub database: PathBuf,
    /// The secret of the webhook endpoint.
    pub secret: SigningSecret,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// How long a delivery's handler may take.
    pub lease: Duration,
    /// How long the mail server takes.
    pub mail_delay: Duration,
}

impl Settings {
    /// From the environment; see the README of the examples.
    ///
    /// # Errors
    ///
    /// A variable that is missing or cannot be read.
    pub fn from_env() -> Result<Self, Error> {
        let secret = env::var("OCTANY_WEBHOOK_SECRET").map_err(|_| {
            "set OCTANY_WEBHOOK_SECRET to the secret of your webhook endpoint, \
             or run with --demo, which needs none"
        })?;
        let seconds = |name: &str, default: u64| -> Result<Duration, Error> {
            let set = env::var(name).ok().map(|seconds| seconds.parse::<u64>()).transpose();
            let seconds = set.map_err(|_| format!("{name} must be a number of seconds"))?;
            Ok(Duration::from_secs(seconds.unwrap_or(default)))
        };
        Ok(Self {
            database: env::var_os("PAYWALL_DATABASE").unwrap_or("paywall.sqlite".into()).into(),
            secret: SigningSecret::new(secret)?,
            clock: Arc::new(SystemClock),
            lease: seconds("PAYWALL_LEASE_SECONDS", 60)?,
            mail_delay: seconds("PAYWALL_MAIL_SECONDS", 0)?,
        })
    }

    /// Where a user subscribes.
    ///
    /// # Errors
    ///
    /// A user whose key is no reference.
    pub fn checkout(user: &str) -> Result<String, Error> {
        let url = CheckoutUrl::new(ACCOUNT, PRODUCT)
            .reference_id(user)
            .success_url("https://app.example.com/welcome");
        Ok(url.build()?)
    }
}

/// Where the server listens, unless `PAYWALL_ADDRESS` says otherwise.
pub fn address() -> String {
    env::var("PAYWALL_ADDRESS").unwrap_or_else(|_| "127.0.0.1:3000".to_owned())
}
