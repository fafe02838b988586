//! Why something could not be done.

use std::io;
use std::path::PathBuf;

use octany_core::signature::SecretError;
use octany_sim::engine::LoadError;

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("could not {0}")]
    Io(&'static str, #[source] io::Error),
    #[error("{} could not be read", .0.display())]
    Read(PathBuf, #[source] io::Error),
    #[error("{} could not be written", .0.display())]
    Write(PathBuf, #[source] io::Error),
    #[error("{} holds no simulator", .0.display())]
    State(PathBuf, #[source] LoadError),
    #[error("no secret: set OCTANY_WEBHOOK_SECRET, or name a file with --secret-file")]
    NoSecret,
    #[error("the secret cannot be used")]
    Secret(#[source] SecretError),
    #[error("{0}")]
    Usage(String),
    #[error("no answer from {0}")]
    Unreachable(String, #[source] reqwest::Error),
    #[error("{0}")]
    Refused(String),
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

    /// As the help says.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::NoSecret | Self::Secret(_) | Self::Usage(_) => 2,
            Self::Refused(_) => 1,
            _ => 3,
        }
    }
}
