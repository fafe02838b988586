//! How a client is set up.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use octany_core::AccountUuid;
use url::Url;

use crate::retry::Retries;
use crate::transport::{Transport, is_segment};
use crate::{ApiKey, Client, Priority, RateLimit, RetryPolicy};

/// Where the API is, unless Octany gave you a dedicated environment. The account follows it.
pub const API_BASE: &str = "https://api.octany.com/api";

/// What this client calls itself.
const USER_AGENT: &str = concat!("octany-rs/", env!("CARGO_PKG_VERSION"));

/// Sets a [`Client`] up.
///
/// ```
/// use std::time::Duration;
///
/// use octany_client::{ApiKey, BuildError, Client, RateLimit, RetryPolicy};
///
/// let account = "0b6f9a52-7c11-4b8e-9d55-6f1d0c3a2e41";
/// let client = Client::builder(account, ApiKey::new("a-key")?)
///     .locale("sv")
///     .user_agent("bookshop/1.4")
///     .timeout(Duration::from_secs(10))
///     .retry(RetryPolicy::new().attempts(2))
///     .rate_limit(RateLimit::every(Duration::from_millis(500)))
///     .build()?;
/// # drop(client);
///
/// // The key does not go over plain HTTP to another machine.
/// let refused = Client::builder(account, ApiKey::new("a-key")?).base_url("http://example.com");
/// assert!(matches!(refused.build(), Err(BuildError::NotHttps)));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub struct ClientBuilder {
    account: AccountUuid,
    key: ApiKey,
    base_url: String,
    locale: Option<String>,
    user_agent: Option<String>,
    timeout: Duration,
    connect_timeout: Duration,
    answer_limit: usize,
    retry: RetryPolicy,
    rate_limit: RateLimit,
    http: Option<reqwest::ClientBuilder>,
}

/// Why a client could not be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The base URL is none.
    #[error("the base URL is not one")]
    BaseUrl(#[source] url::ParseError),
    /// The base URL holds a user, a query or a fragment.
    #[error("the base URL has more than a host and a path")]
    NoBase,
    /// The base URL is not HTTPS, nor one of this machine.
    #[error("the API key would go over plain HTTP")]
    NotHttps,
    /// The account is no part of a path.
    #[error("the account is empty")]
    Account,
    /// The locale is no header's value.
    #[error("the locale holds characters that a header cannot")]
    Locale,
    /// The user agent is no header's value.
    #[error("the user agent holds characters that a header cannot")]
    UserAgent,
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
            user_agent: None,
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            answer_limit: 16 * 1024 * 1024,
            retry: RetryPolicy::new(),
            rate_limit: RateLimit::default(),
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

    /// What your app calls itself, such as `bookshop/1.4`. It is put before what this client does.
    pub fn user_agent(mut self, app: impl Into<String>) -> Self {
        self.user_agent = Some(app.into());
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

    /// How large an answer may be; 16 MiB unless set.
    pub fn answer_limit(mut self, bytes: usize) -> Self {
        self.answer_limit = bytes;
        self
    }

    /// What is tried again, and for how long.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// How fast this client and its clones call.
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.rate_limit = limit;
        self
    }

    /// An HTTP client of your own: proxies, certificates, connection pools.
    ///
    /// It is taken before it is built, since a built one may do what must not happen here: reqwest
    /// drops no `X-API-KEY` when it follows a redirect to another host, repeats a `POST` where it
    /// was told to retry, and logs every byte where it was told to be verbose. So these three are
    /// switched off here, whatever was set, and so are proxies where the base is plain HTTP; the
    /// connect timeout and the user agent are those of this builder. All else is yours. What you
    /// set must not record requests: their headers hold the key, their URLs references.
    ///
    /// ```
    /// # use octany_client::{ApiKey, Client};
    /// let http = reqwest::Client::builder().proxy(reqwest::Proxy::https("http://10.0.0.1:3128")?);
    /// let client = Client::builder("0b6f9a52-7c11-4b8e-9d55-6f1d0c3a2e41", ApiKey::new("a-key")?)
    ///     .http(http)
    ///     .build()?;
    /// # drop(client);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn http(mut self, http: reqwest::ClientBuilder) -> Self {
        self.http = Some(http);
        self
    }

    /// The client.
    ///
    /// # Errors
    ///
    /// [`BuildError`] for what cannot be sent, or would be sent to where it should not.
    pub fn build(self) -> Result<Client, BuildError> {
        let base = account_url(&self.base_url, &self.account)?;
        let locale = self.locale.as_deref().map(HeaderValue::from_str).transpose();
        let locale = locale.map_err(|_| BuildError::Locale)?;
        let app = self.user_agent.map(|app| app + " ").unwrap_or_default();
        let user_agent = HeaderValue::try_from(app + USER_AGENT);

        // Servers close connections that rest for long; a request on its way to one that is being
        // closed may have happened or not.
        let rest = || reqwest::Client::builder().pool_idle_timeout(Duration::from_secs(20));
        let mut http = self
            .http
            .unwrap_or_else(rest)
            .user_agent(user_agent.map_err(|_| BuildError::UserAgent)?)
            .connect_timeout(self.connect_timeout)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connection_verbose(false);
        if base.scheme() == "http" {
            http = http.no_proxy();
        }
        let transport = Transport {
            http: http.build().map_err(BuildError::Http)?,
            base,
            key: self.key,
            locale,
            timeout: self.timeout,
            answer_limit: self.answer_limit,
            retries: Retries::new(self.retry, self.rate_limit),
        };
        Ok(Client { transport: Arc::new(transport), priority: Priority::Person })
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("account", &self.account)
            .field("locale", &self.locale)
            .field("timeout", &self.timeout)
            .field("retry", &self.retry)
            .field("rate_limit", &self.rate_limit)
            .finish_non_exhaustive()
    }
}

/// Where the account's part of the API is.
fn account_url(base: &str, account: &AccountUuid) -> Result<Url, BuildError> {
    let mut url = Url::parse(base).map_err(BuildError::BaseUrl)?;
    let is_this_machine = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    if url.scheme() != "https" && !(url.scheme() == "http" && is_this_machine) {
        return Err(BuildError::NotHttps);
    }
    let has_user = !url.username().is_empty() || url.password().is_some();
    if has_user || url.query().is_some() || url.fragment().is_some() {
        return Err(BuildError::NoBase);
    }
    if !is_segment(account.as_str()) {
        return Err(BuildError::Account);
    }
    url.path_segments_mut().map_err(|()| BuildError::NoBase)?.pop_if_empty().push(account.as_str());
    Ok(url)
}
