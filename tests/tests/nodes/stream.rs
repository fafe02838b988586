//! A stream of deliveries, repeated and out of order, and what is true after all of it.

use std::collections::BTreeMap;

const STATUSES: [&str; 5] = ["active", "delayed", "unpaid", "cancelled", "trialing"];

/// Deliveries in the order in which they are sent.
pub(crate) struct Stream {
    pub(crate) deliveries: Vec<Delivery>,
    /// The newest status of each subscription.
    pub(crate) truth: BTreeMap<String, String>,
}

#[derive(Clone)]
pub(crate) struct Delivery {
    pub(crate) id: String,
    pub(crate) body: String,
}

impl Stream {
    /// So many deliveries on so many subscriptions; every fourth is sent twice, and each may
    /// overtake a few others. The same seed gives the same stream.
    pub(crate) fn new(seed: u64, count: u32, subscriptions: u32) -> Self {
        let mut random = Random(seed);
        let mut truth = BTreeMap::new();
        let mut placed = Vec::new();
        for number in 0..count {
            let subscription = (random.next() % u64::from(subscriptions)).to_string();
            let status = STATUSES[usize::try_from(random.next() % 5).unwrap()];
            let (minute, second) = (number / 60, number % 60);
            let (hour, minute) = (minute / 60, minute % 60);
            let (id, reference) = (format!("d-{number}"), format!("user_{subscription}"));
            let body = format!(
                r#"{{"id":"{id}","name":"subscription.updated","account":1,"created_at":"2026-03-01T{hour:02}:{minute:02}:{second:02}+00:00","data":{{"id":{subscription},"status":"{status}","reference_id":"{reference}","ends_at":null}}}}"#
            );
            truth.insert(subscription, status.to_owned());
            let delivery = Delivery { id, body };
            let sent = if number % 4 == 0 { 2 } else { 1 };
            for _ in 0..sent {
                placed.push((u64::from(number) + random.next() % 40, delivery.clone()));
            }
        }
        placed.sort_by_key(|(place, _)| *place);
        let deliveries = placed.into_iter().map(|(_, delivery)| delivery).collect();
        Self { deliveries, truth }
    }
}

/// Splitmix64: the same numbers everywhere.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
