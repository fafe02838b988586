//! Reads an envelope: once through the text where `data` comes last, as the sender writes it.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use bytestring::ByteString;
use chrono::{DateTime, Utc};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Event, EventErrorCause, EventName, Payload};
use crate::json::{Key, Object, Raw};
use crate::resource::field::Field;
use crate::resource::{self, Defect, Extra, Order, Product, Resource, Subscription};
use crate::{AccountNumber, DeliveryId, RawJson, Text};

pub(super) fn read(body: &Bytes) -> Result<Event, EventErrorCause> {
    let document = ByteString::try_from(body.clone()).map_err(EventErrorCause::Utf8)?;
    let mut json = serde_json::Deserializer::from_str(&document);
    let envelope = Envelope::default().read(&document, &mut json)?;
    json.end().map_err(EventErrorCause::Json)?;
    envelope.finish(&document)
}

/// An envelope that is still being read. A member is `Err` when it came with the wrong type.
#[derive(Default)]
struct Envelope<'a> {
    id: Option<Result<DeliveryId, ()>>,
    name: Option<Result<EventName, ()>>,
    account: Option<AccountNumber>,
    created_at: Option<Result<DateTime<Utc>, ()>>,
    data: Data<'a>,
    extra: Extra,
}

/// `data`: read at once when the name stands before it, else its text.
#[derive(Default)]
enum Data<'a> {
    #[default]
    Missing,
    Text(&'a str),
    Read(Result<Payload, Defect>),
}

impl<'a> Envelope<'a> {
    fn read(
        mut self,
        document: &'a ByteString,
        json: &mut serde_json::Deserializer<serde_json::de::StrRead<'a>>,
    ) -> Result<Self, EventErrorCause> {
        let members = Members { document, envelope: &mut self };
        match json.deserialize_any(members) {
            Ok(()) => Ok(self),
            Err(error) if error.is_data() => Err(EventErrorCause::NotAnEnvelope),
            Err(error) => Err(EventErrorCause::Json(error)),
        }
    }

    fn member(&mut self, key: &str, value: Raw<'a>) {
        match key {
            "id" => self.id = Some(DeliveryId::read(value).ok_or(())),
            // `data` may have been read by the first name: a second one cannot be believed.
            "name" if self.name.is_some() => self.name = Some(Err(())),
            "name" => self.name = Some(Text::read(value).map(EventName::from_text).ok_or(())),
            "created_at" => self.created_at = Some(Field::read(value).ok_or(())),
            "data" => self.data = Data::Text(value.text()),
            "account" => {
                self.account = AccountNumber::read(value);
                if self.account.is_none() {
                    self.extra.insert_raw(key, value);
                }
            }
            _ => self.extra.insert_raw(key, value),
        }
    }

    fn finish(self, document: &'a ByteString) -> Result<Event, EventErrorCause> {
        let id = required(self.id, "id")?;
        let name = required(self.name, "name")?;
        let created_at = required(self.created_at, "created_at")?;
        let payload = match self.data {
            Data::Read(payload) => {
                payload.map_err(|defect| EventErrorCause::in_data(defect.into()))?
            }
            Data::Text(text) => payload(&name, Raw::new(document, text))?,
            Data::Missing if subscription_variant(&name).is_some() => {
                return Err(EventErrorCause::missing("data"));
            }
            Data::Missing => {
                let null = ByteString::from_static("null");
                payload(&name, Raw::new(&null, &null))?
            }
        };
        let (account, mut extra) = (self.account, self.extra);
        if extra.get("account").is_some() {
            extra.settle(|key| (key == "account").then_some(account.is_none()));
        }
        Ok(Event { id, name, account, created_at, payload, extra, body: None })
    }
}

fn required<T>(member: Option<Result<T, ()>>, path: &str) -> Result<T, EventErrorCause> {
    member
        .ok_or_else(|| EventErrorCause::missing(path))?
        .map_err(|()| EventErrorCause::mistyped(path))
}

/// A payload out of the text of `data`.
fn payload(name: &EventName, data: Raw<'_>) -> Result<Payload, EventErrorCause> {
    let unreadable = || Payload::Unknown {
        name: Text::from(name.as_str().into_owned()),
        raw: RawJson::share(data),
    };
    if let Some(make) = subscription_variant(name) {
        let subscription = resource::read(data).map_err(EventErrorCause::in_data)?;
        return Ok(make(Arc::new(subscription)));
    }
    let order = || resource::read::<Order>(data).map(Arc::new);
    let product = || resource::read::<Product>(data).map(Arc::new);
    Ok(match name {
        EventName::OrderConfirmed => order().map_or_else(|_| unreadable(), Payload::OrderConfirmed),
        EventName::OrderPaid => order().map_or_else(|_| unreadable(), Payload::OrderPaid),
        EventName::ProductUpdated => {
            product().map_or_else(|_| unreadable(), Payload::ProductUpdated)
        }
        EventName::ProductDeleted => {
            product().map_or_else(|_| unreadable(), Payload::ProductDeleted)
        }
        EventName::ProductGroupUpdated => Payload::ProductGroupUpdated(RawJson::share(data)),
        EventName::ProductGroupDeleted => Payload::ProductGroupDeleted(RawJson::share(data)),
        EventName::TestHook => Payload::TestHook(RawJson::share(data)),
        _ => unreadable(),
    })
}

fn subscription_variant(name: &EventName) -> Option<fn(Arc<Subscription>) -> Payload> {
    Some(match name {
        EventName::SubscriptionCreated => Payload::SubscriptionCreated,
        EventName::SubscriptionUpdated => Payload::SubscriptionUpdated,
        EventName::SubscriptionRenewed => Payload::SubscriptionRenewed,
        EventName::SubscriptionCancelled => Payload::SubscriptionCancelled,
        _ => return None,
    })
}

/// Walks the members of an envelope.
struct Members<'a, 'e> {
    document: &'a ByteString,
    envelope: &'e mut Envelope<'a>,
}

impl<'a> Visitor<'a> for Members<'a, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an envelope")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key_seed(Key)? {
            if key == "data"
                && let Some(Ok(name)) = &self.envelope.name
            {
                // Most deliveries are about subscriptions; theirs is the path worth being short.
                if let Some(make) = subscription_variant(name) {
                    let mut draft = <Subscription as Resource>::Draft::default();
                    let data = Object { document: self.document, fields: &mut draft };
                    let read = if map.next_value_seed(data)? {
                        Subscription::finish(draft).map(|read| make(Arc::new(read)))
                    } else {
                        Err(Defect::not_an_object())
                    };
                    self.envelope.data = Data::Read(read);
                    continue;
                }
            }
            let value: &'a RawValue = map.next_value()?;
            self.envelope.member(&key, Raw::new(self.document, value.get()));
        }
        Ok(())
    }
}

impl<'a> DeserializeSeed<'a> for Members<'a, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}
