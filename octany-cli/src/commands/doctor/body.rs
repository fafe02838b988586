//! What is sent. All of it says whom it is from, and none of it grants anything.

use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, Utc};
use octany_sim::wire;
use serde::Serialize;
use serde_json::{Value, json};

/// The reference and the id of the one subscription that is reported.
pub(super) const MADE_UP: &str = "octany-doctor";

/// Makes bodies of one examination, each with an id of its own.
pub(super) struct Bodies {
    now: DateTime<Utc>,
    next: AtomicU32,
}

#[derive(Serialize)]
struct Envelope<'a> {
    id: &'a str,
    name: &'a str,
    account: u64,
    created_at: String,
    data: Value,
}

impl Bodies {
    pub(super) fn at(now: DateTime<Utc>) -> Self {
        Self { now, next: AtomicU32::new(1) }
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// An id that no other delivery has.
    fn id(&self) -> String {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        format!("{MADE_UP}-{}-{number}", self.now.timestamp_micros())
    }

    /// The admin's test button, as PHP writes it: with what others would write differently.
    pub(super) fn hook(&self) -> String {
        let data = json!({ "from": "octany doctor", "text": "å/ö", "list": [] });
        envelope(&self.id(), "test.hook", self.now, data)
    }

    /// The same without anything that is written in more than one way.
    pub(super) fn plain(&self) -> String {
        let at = self.now.format("%Y-%m-%dT%H:%M:%SZ");
        // In the order that those write who sort.
        let id = self.id();
        format!(r#"{{"account":0,"created_at":"{at}","data":[],"id":"{id}","name":"test.hook"}}"#)
    }

    /// The same from so long ago.
    pub(super) fn old(&self) -> String {
        envelope(&self.id(), "test.hook", self.now - chrono::TimeDelta::days(30), json!([]))
    }

    /// An event that nobody knows.
    pub(super) fn unknown(&self) -> String {
        envelope(&self.id(), "doctor.unknown", self.now, json!({ "from": "octany doctor" }))
    }

    /// A report of a subscription that nobody has: never paid, so that it grants nothing.
    pub(super) fn subscription(&self, event: &str, at: DateTime<Utc>) -> String {
        let data = json!({
            "id": MADE_UP, "status": "pending", "reference_id": MADE_UP, "reference_name": null,
            "price": 0, "vat": 0, "currency": "SEK", "created_at": instant(at),
            "renews_at": null, "ends_at": null, "trial_ends_at": null,
            "custom_fields": [], "metadata": [],
        });
        envelope(&self.id(), event, at, data)
    }

    /// An event without the id that tells its repetitions apart.
    pub(super) fn nameless(&self) -> String {
        wire::write(&json!({ "account": 0, "created_at": instant(self.now), "data": [] }))
    }

    /// Lists in lists, as deep as no sender goes.
    pub(super) fn deep(&self) -> String {
        let whole = self.hook();
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        whole.replacen("\"list\":[]", &format!("\"list\":{deep}"), 1)
    }
}

fn envelope(id: &str, name: &str, at: DateTime<Utc>, data: Value) -> String {
    wire::write(&Envelope { id, name, account: 0, created_at: instant(at), data })
}

fn instant(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}
