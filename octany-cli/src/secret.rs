//! What must not be seen by others: it is in the environment or in a file, and never an argument, as
//! everybody on the machine sees those.

use std::env::VarError;
use std::fmt;
use std::path::{Path, PathBuf};

use clap::Args;
use octany_core::signature::SigningSecret;

use crate::failure::Failure;

/// A kind of secret, and where it is told.
#[derive(Debug)]
pub(crate) struct Secret {
    /// What it is, for people.
    pub(crate) what: &'static str,
    /// The variable of the environment that holds it.
    pub(crate) variable: &'static str,
    /// The option that names a file with it.
    pub(crate) option: &'static str,
}

impl Secret {
    /// It out of a file or, without one, out of the environment; `None` if it is in neither.
    pub(crate) fn read(&self, file: Option<&Path>) -> Result<Option<String>, Failure> {
        let secret = match file {
            Some(path) => {
                let text = std::fs::read_to_string(path);
                text.map_err(|error| Failure::Read(path.to_owned(), error))?
            }
            None => match std::env::var(self.variable) {
                Ok(secret) => secret,
                Err(VarError::NotPresent) => return Ok(None),
                Err(VarError::NotUnicode(_)) => {
                    return Err(Failure::Usage(format!("{} holds no text", self.variable)));
                }
            },
        };
        // A file ends with a line break, which is not part of it.
        let secret = secret.trim_end_matches(['\r', '\n']);
        Ok((!secret.is_empty()).then(|| secret.to_owned()))
    }

    /// The same where nothing can be done without.
    pub(crate) fn required(&'static self, file: Option<&Path>) -> Result<String, Failure> {
        self.read(file)?.ok_or(Failure::Without(self))
    }
}

/// How to tell it.
impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "set {}, or name a file with {}", self.variable, self.option)
    }
}

static SIGNING: Secret =
    Secret { what: "secret", variable: "OCTANY_WEBHOOK_SECRET", option: "--secret-file" };

/// Where the secret of a webhook endpoint is.
#[derive(Debug, Args)]
pub(crate) struct SecretSource {
    /// A file with the endpoint's secret; without it, it is that in `OCTANY_WEBHOOK_SECRET`.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
}

impl SecretSource {
    pub(crate) fn read(&self) -> Result<SigningSecret, Failure> {
        let secret = SIGNING.required(self.secret_file.as_deref())?;
        SigningSecret::new(secret).map_err(Failure::Secret)
    }

    /// As it was set, with what stands around it in the variable.
    pub(crate) fn text(&self) -> Result<String, Failure> {
        // This one knows what to say if there is none.
        self.read()?;
        match &self.secret_file {
            Some(path) => SIGNING.required(Some(path)),
            None => Ok(std::env::var(SIGNING.variable).unwrap_or_default()),
        }
    }
}
