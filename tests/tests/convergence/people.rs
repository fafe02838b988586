//! Who buys, and by which texts Octany knows them.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use octany_core::ReferenceId;
use octany_core::checkout::ReferenceKey;
use octany_entitlement::References;

const KEY: &str = "32 bytes that come from no random source";
const PEOPLE: usize = 15;

/// Everybody, and what each text that was told to Octany stands for.
pub(crate) struct People {
    signed: Option<ReferenceKey>,
    /// Whom it stands for, and until when a checkout may begin with it.
    texts: HashMap<String, (String, DateTime<Utc>)>,
}

impl People {
    pub(crate) fn new(signed: bool) -> Self {
        let key = signed.then(|| ReferenceKey::new(KEY).unwrap());
        Self { signed: key, texts: HashMap::new() }
    }

    pub(crate) fn are_signed(&self) -> bool {
        self.signed.is_some()
    }

    /// How an app reads references.
    pub(crate) fn references(&self) -> References {
        self.signed.clone().map_or_else(References::plain, References::signed)
    }

    pub(crate) fn names() -> impl Iterator<Item = String> {
        // One of them is hard to write.
        let name = |number| match number {
            0 => "användare/0 \"noll\"".to_owned(),
            number => format!("user_{number}"),
        };
        (0..PEOPLE).map(name)
    }

    /// Somebody; now and then nobody whom we know.
    pub(crate) fn somebody(random: &mut fastrand::Rng) -> Option<String> {
        Self::names().nth(random.usize(..=PEOPLE))
    }

    /// What the checkout is told of them.
    pub(crate) fn text(&mut self, name: &str, product: u64, now: DateTime<Utc>) -> String {
        let (text, until) = match &self.signed {
            None => (name.to_owned(), DateTime::<Utc>::MAX_UTC),
            Some(key) => {
                let until = now + TimeDelta::hours(2);
                let signed = key.sign(&ReferenceId::from(name), &product.into(), until).unwrap();
                (signed.as_reference_id().as_str().to_owned(), until)
            }
        };
        self.texts.insert(text.clone(), (name.to_owned(), until));
        text
    }

    /// Whose a subscription is that was created then, and came with this text.
    pub(crate) fn owner(&self, text: &str, created_at: DateTime<Utc>) -> Option<String> {
        let (name, until) = self.texts.get(text)?;
        (created_at < *until).then(|| name.clone())
    }
}
