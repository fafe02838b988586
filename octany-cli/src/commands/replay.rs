//! `octany replay`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde::{Deserialize, Serialize};

use super::deliver::{deliver, http, told};
use crate::failure::Failure;
use crate::output::Output;

/// Send deliveries again that `octany listen --record` wrote down, byte for byte.
#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// What was recorded: one delivery a line.
    file: PathBuf,
    /// Where to.
    #[arg(long, value_name = "URL")]
    to: String,
}

/// A delivery as it is recorded.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Recorded {
    pub(super) signature: String,
    pub(super) body: String,
}

impl Replay {
    pub(crate) async fn run(self, output: Output) -> Result<ExitCode, Failure> {
        let text = crate::input::read(Some(&self.file))?;
        let http = http()?;
        let mut code = ExitCode::SUCCESS;
        for (line, text) in text.split(|byte| *byte == b'\n').enumerate() {
            if text.trim_ascii().is_empty() {
                continue;
            }
            let recorded: Recorded = serde_json::from_slice(text)
                .map_err(|_| Failure::Usage(format!("line {} holds no delivery", line + 1)))?;
            let body = recorded.body.into();
            let delivered = deliver(&http, &self.to, body, &recorded.signature).await?;
            let told = told(output, &format!("line {}", line + 1), &delivered);
            if !delivered.is_accepted() {
                code = told;
            }
        }
        Ok(code)
    }
}
