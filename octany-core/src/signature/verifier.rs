//! The verdict over one or several secrets.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use subtle::{ConditionallySelectable, ConstantTimeEq};

use super::{Hint, Signature, SignatureError, SigningSecret, VerifiedBody, hint};

const DEFAULT_LABEL: &str = "default";

/// Verifies deliveries against the endpoint's secret, and against several during a rotation.
///
/// There is always one secret that never expires, so that time alone cannot make a verifier refuse
/// everything. Clones share the secrets.
///
/// ```
/// use bytes::Bytes;
/// use chrono::{DateTime, TimeDelta};
/// use octany_core::signature::{Hint, SignatureError, SigningSecret, Verifier};
///
/// # let now = DateTime::UNIX_EPOCH;
/// let old = SigningSecret::new("an old secret of 32 characters..")?;
/// let verifier = Verifier::new(SigningSecret::new("a new secret of 32 characters...")?)
///     .with_expiring_secret("before the move", old.clone(), now + TimeDelta::days(2));
///
/// let body = Bytes::from_static(b"{}");
/// let signature = old.sign(&body);
/// let verified = verifier.verify(body.clone(), &signature, || now)?;
/// assert_eq!(verified.secret_label(), "before the move");
///
/// let too_late = verifier.verify(body, &signature, || now + TimeDelta::days(2));
/// let hint = Some(Hint::ExpiredSecret);
/// assert_eq!(too_late.unwrap_err(), SignatureError::Mismatch { hint });
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Verifier {
    secrets: Arc<[Labelled]>,
    hints: bool,
}

#[derive(Clone)]
struct Labelled {
    label: Arc<str>,
    secret: SigningSecret,
    expires_at: Option<DateTime<Utc>>,
}

impl Verifier {
    /// A verifier with one secret, labelled `default`, that never expires.
    pub fn new(secret: SigningSecret) -> Self {
        Self::labelled(DEFAULT_LABEL, secret)
    }

    /// A verifier with one secret, labelled as you like, that never expires.
    pub fn labelled(label: impl Into<Arc<str>>, secret: SigningSecret) -> Self {
        let first = Labelled { label: label.into(), secret, expires_at: None };
        Self { secrets: Arc::new([first]), hints: true }
    }

    /// Accepts one more secret.
    ///
    /// Labels are for people and need not be unique. Where several secrets match, because they are
    /// the same, the one added first is told.
    #[must_use]
    pub fn with_secret(self, label: impl Into<Arc<str>>, secret: SigningSecret) -> Self {
        self.with(Labelled { label: label.into(), secret, expires_at: None })
    }

    /// Accepts one more secret for as long as `now < expires_at`.
    #[must_use]
    pub fn with_expiring_secret(
        self,
        label: impl Into<Arc<str>>,
        secret: SigningSecret,
        expires_at: DateTime<Utc>,
    ) -> Self {
        self.with(Labelled { label: label.into(), secret, expires_at: Some(expires_at) })
    }

    /// Never looks for a [`Hint`], which leaves a forged delivery with one hash per secret.
    ///
    /// With hints it costs some ten times that, but only for bodies of up to 16 KiB: less than a
    /// forged body of 1 MiB costs without any.
    #[must_use]
    pub fn without_hints(self) -> Self {
        Self { hints: false, ..self }
    }

    /// Whether one of the secrets that count at `now()` made this signature over this body.
    ///
    /// `now` is called at most once, and only if a secret can expire. The body's bytes are
    /// neither copied nor looked into. Every secret is tried and every digest compared in full,
    /// so that the time taken tells nothing about either.
    ///
    /// # Errors
    ///
    /// [`Mismatch`](SignatureError::Mismatch) if none did.
    pub fn verify(
        &self,
        body: Bytes,
        signature: &Signature,
        now: impl FnOnce() -> DateTime<Utc>,
    ) -> Result<VerifiedBody, SignatureError> {
        const NONE: u32 = u32::MAX;

        let now = self.secrets.iter().any(|secret| secret.expires_at.is_some()).then(now);
        let mut matched = NONE;
        for (index, entry) in (0..NONE).zip(&*self.secrets) {
            if entry.is_active(now) {
                let is_first = entry.secret.matches(&body, signature) & matched.ct_eq(&NONE);
                matched.conditional_assign(&index, is_first);
            }
        }
        // Only the verdict is branched on, which the answer tells anyway.
        match self.secrets.get(matched as usize) {
            Some(entry) => Ok(VerifiedBody::new(body, entry.label.clone())),
            None => Err(SignatureError::Mismatch { hint: self.find_hint(&body, signature, now) }),
        }
    }

    fn with(self, secret: Labelled) -> Self {
        let secrets = self.secrets.iter().cloned().chain([secret]).collect();
        Self { secrets, ..self }
    }

    #[cold]
    fn find_hint(
        &self,
        body: &[u8],
        signature: &Signature,
        now: Option<DateTime<Utc>>,
    ) -> Option<Hint> {
        let secrets = |active: bool| {
            let wanted = move |entry: &&Labelled| entry.is_active(now) == active;
            self.secrets.iter().filter(wanted).map(|entry| &entry.secret)
        };
        self.hints.then(|| hint::find(secrets(true), secrets(false), body, signature)).flatten()
    }
}

impl Labelled {
    /// `now` is known whenever a secret has an expiry; if it were not, the secret would not count.
    fn is_active(&self, now: Option<DateTime<Utc>>) -> bool {
        self.expires_at.is_none_or(|end| now.is_some_and(|now| now < end))
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secrets = self.secrets.iter().map(|entry| (&entry.label, entry.expires_at));
        f.debug_map().entries(secrets).finish()
    }
}
