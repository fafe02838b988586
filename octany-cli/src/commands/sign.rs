//! `octany sign`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::failure::Failure;
use crate::output::Output;
use crate::secret::SecretSource;

/// Sign a body as Octany would, and print the value of the `Octany-Signature` header.
///
/// The bytes are signed as they are: a line break at the end counts.
#[derive(Debug, Args)]
pub(crate) struct Sign {
    /// The body; what is piped in without it.
    file: Option<PathBuf>,
    #[command(flatten)]
    secret: SecretSource,
}

impl Sign {
    pub(crate) fn run(self, output: Output) -> Result<ExitCode, Failure> {
        let secret = self.secret.read()?;
        let signature = secret.sign(&crate::input::read(self.file.as_ref())?).to_string();
        output.tell(&signature, &serde_json::json!({ "signature": signature }));
        Ok(ExitCode::SUCCESS)
    }
}
