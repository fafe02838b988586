//! Octany's API.

use std::path::PathBuf;

use clap::Args;
use octany_client::{API_BASE, ApiKey, Client};

use crate::failure::Failure;
use crate::secret::Secret;

static KEY: Secret =
    Secret { what: "API key", variable: "OCTANY_API_KEY", option: "--api-key-file" };

/// Which account, and what opens it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Octany")]
pub(crate) struct ApiSource {
    /// The account's UUID.
    #[arg(long, value_name = "UUID", env = "OCTANY_ACCOUNT")]
    account: Option<String>,
    /// A file with the account's API key; without it, it is that in `OCTANY_API_KEY`.
    #[arg(long, value_name = "FILE")]
    api_key_file: Option<PathBuf>,
    /// Where the API is; of a local Octany, what `octany sim` says.
    #[arg(long, value_name = "URL", env = "OCTANY_URL", default_value = API_BASE)]
    octany_url: String,
}

impl ApiSource {
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        let account = self.account.clone().filter(|account| !account.is_empty());
        let account = account.ok_or_else(|| {
            Failure::Usage("no account: set OCTANY_ACCOUNT, or say --account".to_owned())
        })?;
        let key = KEY.required(self.api_key_file.as_deref())?;
        let wrong = |error: &dyn std::error::Error| Failure::Usage(error.to_string());
        let key = ApiKey::new(key).map_err(|error| wrong(&error))?;
        let app = concat!("octany-cli/", env!("CARGO_PKG_VERSION"));
        let client = Client::builder(account, key).base_url(&self.octany_url).user_agent(app);
        client.build().map_err(|error| wrong(&error))
    }
}
