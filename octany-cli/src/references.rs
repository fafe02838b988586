//! How references are read, as by the app.

use std::path::PathBuf;

use clap::Args;
use octany_core::ReferenceId;
use octany_core::checkout::{ReferenceError, ReferenceKey};
use octany_entitlement::References;

use crate::failure::Failure;
use crate::secret::Secret;

/// The key that references are signed with.
pub(crate) static KEY: Secret = Secret {
    what: "reference key",
    variable: "OCTANY_REFERENCE_KEY",
    option: "--reference-key-file",
};

/// How the app reads references. Another way would give subscriptions to others.
#[derive(Debug, Args)]
#[command(next_help_heading = "References")]
pub(crate) struct ReferenceSource {
    /// A file with the key that the app signs references with, and older keys in the lines behind it;
    /// without it, they are those in `OCTANY_REFERENCE_KEY`. Without any, references are plain.
    #[arg(long, value_name = "FILE")]
    reference_key_file: Option<PathBuf>,
    /// Where references are signed: the app takes plain ones, too.
    #[arg(long)]
    or_plain: bool,
}

impl ReferenceSource {
    /// The key, if references are signed.
    pub(crate) fn key(&self) -> Result<Option<ReferenceKey>, Failure> {
        let keys = KEY.read(self.reference_key_file.as_deref())?;
        let Some(keys) = keys else { return Ok(None) };
        let mut whole: Option<ReferenceKey> = None;
        for key in keys.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
            let key = ReferenceKey::new(key)
                .map_err(|error| Failure::Usage(format!("a reference key: {error}")))?;
            whole = Some(match whole {
                Some(current) => current.with_previous(key),
                None => key,
            });
        }
        Ok(whole)
    }

    pub(crate) fn references(&self) -> Result<References, Failure> {
        Ok(match self.key()? {
            Some(key) if self.or_plain => References::signed(key).or_plain(),
            Some(key) => References::signed(key),
            None => References::plain(),
        })
    }

    /// Whom a reference names that was typed or copied: a plain one its own user, a signed one the
    /// user inside, however old it is.
    pub(crate) fn user(&self, typed: &str) -> Result<ReferenceId, Failure> {
        let typed = ReferenceId::from(typed);
        let Some(key) = self.key()? else {
            if is_signed(&typed) {
                return Err(Failure::Usage(format!("that reference is signed: {KEY}")));
            }
            return Ok(typed);
        };
        match key.open(&typed, chrono::Utc::now()) {
            Ok(signed) => Ok(signed.user().clone()),
            Err(ReferenceError::Expired(signed)) => Ok(signed.user().clone()),
            Err(ReferenceError::NotSigned) => Ok(typed),
            Err(error) => Err(Failure::Usage(error.to_string())),
        }
    }
}

/// Whether a reference has the form of a signed one.
pub(crate) fn is_signed(reference: &ReferenceId) -> bool {
    let text = reference.as_str();
    text.starts_with("o1.") && matches!(text.split('.').count(), 5 | 6)
}
