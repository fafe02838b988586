//! Why something could not be done.

use std::error::Error;
use std::io;
use std::path::PathBuf;

use octany_core::signature::SecretError;
use octany_entitlement::StoreError;
use octany_sim::engine::LoadError;

use crate::secret::Secret;

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("could not {0}")]
    Io(&'static str, #[source] io::Error),
    #[error("not all results could be written")]
    Lost,
    #[error("{} could not be read", .0.display())]
    Read(PathBuf, #[source] io::Error),
    #[error("{} could not be written", .0.display())]
    Write(PathBuf, #[source] io::Error),
    #[error("{} holds no simulator", .0.display())]
    State(PathBuf, #[source] LoadError),
    #[error("no {}: {}", .0.what, .0)]
    Without(&'static Secret),
    #[error("the secret cannot be used")]
    Secret(#[source] SecretError),
    #[error("{0}")]
    Usage(String),
    #[error("no answer from {0}")]
    Unreachable(String, #[source] reqwest::Error),
    #[error("{0}")]
    Refused(String),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(
        "the store lacks {}: start an app of this release on it, or say --migrate", .0.join(", ")
    )]
    Migrations(Vec<String>),
    #[error("{0}")]
    Because(String, #[source] Box<dyn Error + Send + Sync>),
}

impl Failure {
    /// There is no answer from a URL, or it is none.
    pub(crate) fn unanswered(url: &str, error: reqwest::Error) -> Self {
        if error.is_builder() {
            Self::Usage(format!("{url} is no URL"))
        } else {
            Self::Unreachable(url.to_owned(), error.without_url())
        }
    }

    /// Something could not be done, with its cause.
    pub(crate) fn because(
        what: impl Into<String>,
        cause: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self::Because(what.into(), cause.into())
    }

    /// As the help says.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Without(_) | Self::Secret(_) | Self::Usage(_) => 2,
            Self::Refused(_) => 1,
            _ => 3,
        }
    }
}
