//! What goes wrong on purpose.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How often something happens: 0 for never, 1 for always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Chance(pub f64);

impl Chance {
    /// Draws.
    pub(super) fn strikes(self, random: &mut fastrand::Rng) -> bool {
        self.0 > 0.0 && random.f64() < self.0
    }
}

/// What goes wrong on purpose; nothing unless set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Faults {
    /// With webhooks.
    pub webhooks: WebhookFaults,
    /// With the API.
    pub api: ApiFaults,
}

/// What goes wrong with webhooks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct WebhookFaults {
    /// A delivery is sent twice, at about the same moment.
    pub duplicate: Chance,
    /// A delivery waits for up to [`delay_up_to`](Self::delay_up_to), so that later ones overtake
    /// it.
    pub reorder: Chance,
    /// A delivery is lost.
    pub drop: Chance,
    /// All deliveries are held back, and then sent at once.
    pub burst: Chance,
    /// Somebody without the secret sends the delivery first, for another user.
    pub forge: Chance,
    /// The connection is cut in the middle of the first attempt.
    pub cut: Chance,
    /// How long a delivery may be held back, in milliseconds.
    #[serde(rename = "delay_up_to_ms", with = "millis")]
    pub delay_up_to: Duration,
}

impl Default for WebhookFaults {
    fn default() -> Self {
        let never = Chance::default();
        Self {
            duplicate: never,
            reorder: never,
            drop: never,
            burst: never,
            forge: never,
            cut: never,
            delay_up_to: Duration::from_secs(2),
        }
    }
}

/// What goes wrong with the API.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ApiFaults {
    /// 429, with a `Retry-After`, and nothing done.
    pub too_many: Chance,
    /// How long that asks to wait, in whole seconds.
    #[serde(rename = "retry_after_s", with = "seconds")]
    pub retry_after: Duration,
    /// 503, and nothing done.
    pub unavailable: Chance,
    /// 500, with everything done.
    pub failed_afterwards: Chance,
    /// The connection is cut, with everything done.
    pub cut: Chance,
    /// The answer takes [`slow_by`](Self::slow_by) longer.
    pub slow: Chance,
    /// How long a slow answer takes, in milliseconds.
    #[serde(rename = "slow_by_ms", with = "millis")]
    pub slow_by: Duration,
}

impl Default for ApiFaults {
    fn default() -> Self {
        let never = Chance::default();
        Self {
            too_many: never,
            retry_after: Duration::from_secs(1),
            unavailable: never,
            failed_afterwards: never,
            cut: never,
            slow: never,
            slow_by: Duration::from_secs(2),
        }
    }
}

mod millis {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(time.as_millis().try_into().unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_millis)
    }
}

mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(time.as_secs())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_secs)
    }
}
