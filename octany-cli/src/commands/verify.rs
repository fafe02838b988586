//! `octany verify`

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use chrono::Utc;
use clap::Args;
use octany_core::signature::{Signature, Verifier};

use crate::failure::Failure;
use crate::output::{Output, Tone, plain};
use crate::secret::SecretSource;

/// Verify the signature of a body, and say what is probably wrong if it does not match.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The value of the `Octany-Signature` header: 64 hex digits.
    #[arg(long)]
    signature: String,
    /// The body, byte for byte as it arrived; what is piped in without it.
    file: Option<PathBuf>,
    #[command(flatten)]
    secret: SecretSource,
}

impl Verify {
    pub(crate) fn run(self, output: Output) -> Result<ExitCode, Failure> {
        let verifier = Verifier::new(self.secret.read()?);
        let body = crate::input::read(self.file.as_ref())?;
        let signature = Signature::from_headers([self.signature.as_bytes()]);
        let matched =
            signature.and_then(|signature| verifier.verify(body.into(), &signature, Utc::now));
        match matched {
            Ok(_) => {
                let text = Tone::Good.paint("The signature matches.");
                output.tell(&text, &serde_json::json!({ "matches": true }));
                Ok(ExitCode::SUCCESS)
            }
            Err(error) => {
                let why = match error.source() {
                    Some(hint) => format!("{error}: {hint}"),
                    None => error.to_string(),
                };
                let json = serde_json::json!({ "matches": false, "why": why });
                let text = Tone::Bad.paint("The signature does not match:");
                output.tell(&format!("{text} {}.", plain(&why)), &json);
                Ok(ExitCode::FAILURE)
            }
        }
    }
}
