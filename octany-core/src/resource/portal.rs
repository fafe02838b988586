//! The signed links of Octany's billing portal.

use std::borrow::Cow;
use std::fmt;

use serde::{Serialize, Serializer};

use super::field::Field;
use crate::Text;
use crate::json::Raw;

/// A signed, time-limited link into Octany's billing portal.
///
/// Whoever has it can act for the customer. Redirect to one that was fetched a moment ago; it is
/// never stored, and neither `Debug` nor `Display` shows it: [`expose`](Self::expose) says so at
/// the place that does.
#[derive(Clone)]
pub struct PortalUrl(Text);

impl PortalUrl {
    /// A link out of a portal of your own, for tests.
    pub fn new(url: impl Into<String>) -> Self {
        Self(Text::from(url.into()))
    }

    /// The link itself, to redirect to.
    pub fn expose(&self) -> Cow<'_, str> {
        self.0.decode()
    }
}

impl fmt::Debug for PortalUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PortalUrl(..)")
    }
}

impl Serialize for PortalUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl Field for PortalUrl {
    const KEPT: bool = false;

    fn read(value: Raw<'_>) -> Option<Self> {
        Text::from_json(value).map(Self)
    }

    fn into_owned(self) -> Self {
        Self(self.0.into_owned())
    }
}

/// Whether a member without a field of its own may be a portal link: one of the three that came
/// with an unreadable type, or one that Octany adds tomorrow.
pub(crate) fn is_portal_member(name: &str) -> bool {
    name.ends_with("_url")
}
