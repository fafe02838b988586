//! How a client is set up.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use octany_core::AccountUuid;
use url::Url;

use crate::transport::{Priority, Transport};
use crate::{ApiKey, Client};

/// Where the API is, unless Octany gave you a dedicated environment. The account follows it.
pub const API_BASE: &str = "https://api.octany.com/api";

/// Sets a [`Client`] up.
#[derive(Clone, Debug)]
#[must_use]
pub struct ClientBuilder {
    account: AccountUuid,
    key: ApiKey,
    base_url: String,
    locale: Option<String>,
    timeout: Duration,
    connect_timeout: Duration,
    http: Option<reqwest::Client>,
}

/// Why a client could not be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The base URL, or the account below it, is none.
    #[error("the base URL is not one")]
    BaseUrl(#[source] url::ParseError),
    /// The base URL is not HTTPS, nor one of this machine.
    #[error("the API key would go over plain HTTP")]
    NotHttps,
    /// The locale is no header's value.
    #[error("the locale holds characters that a header cannot")]
    Locale,
    /// TLS could not be set up.
    #[error("the HTTP client could not be set up")]
    Http(#[source] reqwest::Error),
}

impl ClientBuilder {
    pub(crate) fn new(account: AccountUuid, key: ApiKey) -> Self {
        Self {
            account,
            key,
            base_url: API_BASE.to_owned(),
            locale: None,
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            http: None,
        }
    }

    /// Another base than [`API_BASE`], for a dedicated environment or a simulator. HTTPS, or plain
    /// HTTP to this machine.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = base_url.into();
        self
    }

    /// The language of texts in answers, such as `sv` or `en` (`X-Locale`); the account's unless
    /// set.
    pub fn locale(mut self, locale: impl Into<String>) -> Self {
        self.locale = Some(locale.into());
        self
    }

    /// How long one attempt may take, its answer included; 30 seconds unless set.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long connecting may take; 10 seconds unless set.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// The client.
    ///
    /// # Errors
    ///
    /// [`BuildError`] for what cannot be sent, or would be sent to where it should not.
    pub fn build(self) -> Result<Client, BuildError> {
        let mut base = Url::parse(&self.base_url).map_err(BuildError::BaseUrl)?;
        let is_this_machine = match base.host() {
            Some(url::Host::Domain(name)) => name == "localhost",
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        };
        if base.scheme() != "https" && !(base.scheme() == "http" && is_this_machine) {
            return Err(BuildError::NotHttps);
        }
        base.path_segments_mut()
            .map_err(|()| BuildError::BaseUrl(url::ParseError::RelativeUrlWithCannotBeABaseBase))?
            .pop_if_empty()
            .push(self.account.as_str());
        let locale = self.locale.as_deref().map(HeaderValue::from_str).transpose();
        let locale = locale.map_err(|_| BuildError::Locale)?;
        let http = match self.http {
            Some(http) => http,
            None => reqwest::Client::builder()
                .connect_timeout(self.connect_timeout)
                .redirect(reqwest::redirect::Policy::none())
                .user_agent(concat!("octany-rs/", env!("CARGO_PKG_VERSION")))
                .build()
                .map_err(BuildError::Http)?,
        };
        let transport = Transport { http, base, key: self.key, locale, timeout: self.timeout };
        Ok(Client { transport: Arc::new(transport), priority: Priority::Person })
    }
}
