//! `octany trigger`

use std::process::ExitCode;

use clap::Args;

use super::deliver::{deliver, http, told};
use super::events::{Wish, body};
use crate::failure::Failure;
use crate::output::Output;
use crate::secret::SecretSource;

/// Send an event of any kind to an endpoint, signed as Octany would.
#[derive(Debug, Args)]
pub(crate) struct Trigger {
    /// Which one, such as subscription.created.
    event: String,
    /// Where to.
    #[arg(long, value_name = "URL", required_unless_present = "print")]
    to: Option<String>,
    /// Whose it is.
    #[arg(long)]
    reference: Option<String>,
    /// The id of the product.
    #[arg(long, default_value_t = 42)]
    product: u64,
    /// Change a member: `data.status=unpaid`, `data.ends_at=null`. May be repeated.
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Print the body and send nothing.
    #[arg(long, conflicts_with = "to")]
    print: bool,
    #[command(flatten)]
    secret: SecretSource,
}

impl Trigger {
    pub(crate) async fn run(self, output: Output) -> Result<ExitCode, Failure> {
        let wish = Wish {
            event: &self.event,
            reference: self.reference.as_deref(),
            product: self.product,
            set: &self.set,
        };
        let body = body(&wish)?;
        let Some(to) = self.to else {
            output.tell(&body, &serde_json::json!({ "body": body }));
            return Ok(ExitCode::SUCCESS);
        };
        let signature = self.secret.read()?.sign(body.as_bytes()).to_string();
        let delivered = deliver(&http()?, &to, body.into(), &signature).await?;
        Ok(told(output, &self.event, &delivered))
    }
}
