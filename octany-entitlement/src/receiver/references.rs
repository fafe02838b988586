//! How the references of reports are read.

use chrono::{DateTime, Utc};
use octany_core::ReferenceId;
use octany_core::checkout::{ReferenceError, ReferenceKey, SignedReference};

/// How the references of reports are read.
///
/// A checkout's `referenceId` is a parameter of a URL that the visitor can edit. With signed
/// references, one that was edited names nobody.
#[derive(Clone, Debug)]
pub struct References(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Plain,
    Signed { key: ReferenceKey, or_plain: bool },
}

/// What a reference says.
pub(super) enum Named {
    Plain(ReferenceId),
    Signed(SignedReference),
}

impl Named {
    pub(super) fn user(&self) -> &ReferenceId {
        match self {
            Self::Plain(user) => user,
            Self::Signed(signed) => signed.user(),
        }
    }
}

impl References {
    /// As they come.
    pub fn plain() -> Self {
        Self(Kind::Plain)
    }

    /// Only those that this key signed. What is stored, and what a guard asks for, is the
    /// reference inside.
    ///
    /// A signed reference counts if it had not expired when the subscription was *created*: it
    /// comes back with every report, and every order, for as long as the subscription lives. Where
    /// one does not tell that instant, the expiry does not count.
    pub fn signed(key: ReferenceKey) -> Self {
        Self(Kind::Signed { key, or_plain: false })
    }

    /// Also plain ones, for subscriptions from before references were signed. A visitor can send
    /// one, too.
    #[must_use]
    pub fn or_plain(mut self) -> Self {
        if let Kind::Signed { or_plain, .. } = &mut self.0 {
            *or_plain = true;
        }
        self
    }

    /// Whether a plain reference names whom it says.
    pub fn take_plain(&self) -> bool {
        matches!(self.0, Kind::Plain | Kind::Signed { or_plain: true, .. })
    }

    /// Whom a reference names whose checkout began then, and what they were offered. Without that
    /// instant, its expiry cannot be judged and does not count: who it names is proved all the same.
    pub(super) fn resolve(
        &self,
        reference: &ReferenceId,
        began: Option<DateTime<Utc>>,
    ) -> Option<Named> {
        let Kind::Signed { key, or_plain } = &self.0 else {
            return Some(Named::Plain(reference.clone()));
        };
        match key.open(reference, began.unwrap_or(DateTime::<Utc>::MIN_UTC)) {
            Ok(signed) => Some(Named::Signed(signed)),
            Err(ReferenceError::NotSigned) if *or_plain => Some(Named::Plain(reference.clone())),
            Err(error) => {
                tracing::warn!(%error, "a reference was not believed, and names nobody");
                None
            }
        }
    }
}
