//! The signed links of the portal.

use chrono::{DateTime, TimeDelta, Utc};
use octany_core::resource::PortalUrl;
use octany_core::signature::{Signature, SigningSecret};

use crate::engine::Account;

/// How long a link into the portal is good for.
pub const PORTAL_LIFETIME: TimeDelta = TimeDelta::hours(1);

/// Where the simulator is, as a browser sees it.
#[derive(Clone, Debug)]
pub struct Links {
    base: String,
}

/// A page of the portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortalPage {
    /// Where the card is changed.
    Card,
    /// Where the invoices are.
    Invoices,
    /// Where a subscription is cancelled.
    Cancel,
}

impl PortalPage {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Card, Self::Invoices, Self::Cancel];

    /// As it stands in the link.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Invoices => "invoices",
            Self::Cancel => "cancel",
        }
    }
}

impl Links {
    /// At a base URL.
    pub fn at(base: impl Into<String>) -> Self {
        let mut base = base.into();
        base.truncate(base.trim_end_matches('/').len());
        Self { base }
    }

    /// The base URL, without a slash at its end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// A link into the portal that is good from now on, for [`PORTAL_LIFETIME`].
    pub fn portal(
        &self,
        account: &Account,
        subscription: u64,
        page: PortalPage,
        now: DateTime<Utc>,
    ) -> PortalUrl {
        let expires = (now + PORTAL_LIFETIME).timestamp();
        let signature = sign(account, subscription, page, expires);
        let (base, uuid, page) = (&self.base, &account.uuid, page.as_str());
        PortalUrl::new(format!(
            "{base}/portal/{uuid}/{subscription}/{page}?expires={expires}&signature={signature}"
        ))
    }

    /// Whether a link is one of ours and not yet over.
    pub fn opens(
        account: &Account,
        subscription: u64,
        page: PortalPage,
        expires: i64,
        signature: &str,
        now: DateTime<Utc>,
    ) -> bool {
        expires > now.timestamp()
            && sign(account, subscription, page, expires).to_string() == signature
    }
}

fn sign(account: &Account, subscription: u64, page: PortalPage, expires: i64) -> Signature {
    let secret =
        SigningSecret::new(format!("portal {}", account.api_key)).expect("it is not empty");
    let uuid = &account.uuid;
    secret.sign(format!("{uuid}/{subscription}/{}?{expires}", page.as_str()).as_bytes())
}
