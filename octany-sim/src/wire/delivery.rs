//! What a webhook carries.

use chrono::{DateTime, Utc};
use octany_core::{DeliveryId, EventName};
use serde::{Serialize, Serializer};

use super::shared::empty;
use super::{Links, order, product, subscription, write};
use crate::engine::{About, Account, Happened};

/// Members stand in the order in which Octany writes them.
#[derive(Serialize)]
struct Envelope<'a, T> {
    id: DeliveryId,
    #[serde(serialize_with = "name")]
    name: &'a EventName,
    account: u64,
    created_at: DateTime<Utc>,
    data: T,
}

/// The body of a delivery, byte for byte as it is signed and sent.
pub fn delivery(account: &Account, of: &Happened, links: &Links) -> String {
    match &of.about {
        About::Subscription(it) => envelope(account, of, subscription(account, it, links, of.at)),
        About::Order(it) => envelope(account, of, order(account, it)),
        About::Product(it) => envelope(account, of, product(it)),
        About::Nothing => envelope(account, of, empty()),
    }
}

/// The id of a delivery.
pub fn delivery_id(of: &Happened) -> DeliveryId {
    of.id.into()
}

fn envelope<T: Serialize>(account: &Account, of: &Happened, data: T) -> String {
    let (id, created_at) = (delivery_id(of), of.at);
    write(&Envelope { id, name: &of.name, account: account.number, created_at, data })
}

fn name<S: Serializer>(name: &EventName, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(name)
}
