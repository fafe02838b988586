//! Events: what a verified delivery says.

mod envelope;
mod error;
mod name;
mod payload;

use chrono::{DateTime, Utc};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

pub use self::error::{EventError, EventErrorCause};
pub use self::name::EventName;
pub use self::payload::Payload;
use crate::resource::Extra;
use crate::signature::VerifiedBody;
use crate::{AccountNumber, DeliveryId, Rank, Snapshot, Source, Version};

/// What a verified delivery says.
///
/// It shares the body that was verified and decodes strings when they are read;
/// [`into_owned`](Self::into_owned) makes a copy for keeping.
///
/// ```
/// use chrono::DateTime;
/// use octany_core::signature::{Signature, SigningSecret, Verifier};
/// use octany_core::{Event, Payload};
///
/// let body = r#"{"id":1,"name":"subscription.created","account":7,
///     "created_at":"2026-03-01T12:00:00+00:00",
///     "data":{"id":76963688,"status":"active","reference_id":"user_42"}}"#;
///
/// let secret = SigningSecret::new("0123456789abcdef0123456789abcdef")?;
/// let signature = secret.sign(body.as_bytes());
/// let now = DateTime::UNIX_EPOCH; // no secret expires here, so any instant will do
/// let verified = Verifier::new(secret).verify(body.into(), &signature, || now)?;
///
/// let event = Event::parse(verified)?;
/// match &event.payload {
///     Payload::SubscriptionCreated(subscription) => {
///         assert_eq!(subscription.reference_id.as_ref().unwrap(), "user_42");
///     }
///     other => unreachable!("{other:?}"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Event {
    /// The delivery's id: the same whenever this delivery is repeated.
    pub id: DeliveryId,
    /// What is reported.
    pub name: EventName,
    /// The account's number; not the UUID of the URLs.
    pub account: Option<AccountNumber>,
    /// The instant at which what is reported was true.
    pub created_at: DateTime<Utc>,
    /// What it is about.
    pub payload: Payload,
    /// Members of the envelope without a field here, and those that could not be read.
    pub extra: Extra,
    body: Option<VerifiedBody>,
}

impl Event {
    /// Reads a verified body.
    ///
    /// Missing or odd members that do not make an event what it is are no error: see
    /// [`mistyped`](Self::mistyped).
    ///
    /// # Errors
    ///
    /// [`EventError`], which keeps the body: not JSON, not an envelope, no `id`, `name` or
    /// `created_at`, or a subscription without `id` or `status`.
    pub fn parse(body: VerifiedBody) -> Result<Self, EventError> {
        match envelope::read(body.bytes()) {
            Ok(event) => Ok(Self { body: Some(body), ..event }),
            Err(cause) => Err(EventError::new(cause, body)),
        }
    }

    /// The body that this was read from, for storing it as it arrived; `None` for a
    /// [copy](Self::into_owned) that no longer has it.
    pub fn body(&self) -> Option<&VerifiedBody> {
        self.body.as_ref()
    }

    /// The report on a subscription that this event carries, for a store; `None` for every event
    /// that is not about a subscription.
    pub fn snapshot(&self) -> Option<Snapshot> {
        let (rank, subscription) = match &self.payload {
            Payload::SubscriptionCreated(subscription) => (Rank::Created, subscription),
            Payload::SubscriptionUpdated(subscription) => (Rank::Updated, subscription),
            Payload::SubscriptionRenewed(subscription) => (Rank::Renewed, subscription),
            Payload::SubscriptionCancelled(subscription) => (Rank::Cancelled, subscription),
            _ => return None,
        };
        let version = Version::new(self.created_at, Source::Webhook(rank));
        Some(Snapshot::of(subscription, version))
    }

    /// The JSON paths of members that came with a type that could not be read. They are kept raw,
    /// in `extra` here or in the resource.
    pub fn mistyped(&self) -> Vec<String> {
        let account = self.extra.get("account").is_some_and(|account| account.as_str() != "null");
        let envelope = account.then(|| "account".to_owned());
        let data = self.payload.mistyped().map(|name| format!("data.{name}"));
        envelope.into_iter().chain(data).collect()
    }

    /// A copy that no longer keeps the delivery's body alive.
    #[must_use]
    pub fn into_owned(self) -> Self {
        Self {
            id: self.id.into_owned(),
            name: match self.name {
                EventName::Unknown(name) => EventName::Unknown(name.into_owned()),
                known => known,
            },
            account: self.account.map(AccountNumber::into_owned),
            created_at: self.created_at,
            payload: self.payload.into_owned(),
            extra: self.extra.into_owned(),
            body: None,
        }
    }
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &self.id)?;
        map.serialize_entry("name", &self.name)?;
        if let Some(account) = &self.account {
            map.serialize_entry("account", account)?;
        }
        map.serialize_entry("created_at", &self.created_at)?;
        map.serialize_entry("data", &self.payload)?;
        for (key, value) in self.extra.iter() {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}
