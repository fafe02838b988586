//! The secret of a webhook endpoint.

use std::path::PathBuf;

use clap::Args;
use octany_core::signature::SigningSecret;

use crate::failure::Failure;

/// Where the secret is. It is never an argument: those are seen by everybody on the machine.
#[derive(Debug, Args)]
pub(crate) struct SecretSource {
    /// A file with the endpoint's secret; without it, it is that in `OCTANY_WEBHOOK_SECRET`.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
}

impl SecretSource {
    pub(crate) fn read(&self) -> Result<SigningSecret, Failure> {
        let secret = match &self.secret_file {
            Some(path) => {
                let text = std::fs::read_to_string(path);
                text.map_err(|error| Failure::Read(path.clone(), error))?
            }
            None => std::env::var("OCTANY_WEBHOOK_SECRET").map_err(|_| Failure::NoSecret)?,
        };
        // A file ends with a line break, which is not part of it.
        SigningSecret::new(secret.trim_end_matches(['\r', '\n'])).map_err(Failure::Secret)
    }
}
