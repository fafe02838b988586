//! `octany doctor`

mod account;
mod body;
mod checks;
mod endpoint;
mod finding;
mod report;
mod settings;
mod store;

use std::process::ExitCode;
use std::time::Duration;

use chrono::Utc;
use clap::Args;
use url::Url;

use self::body::{Bodies, MADE_UP};
use self::checks::Examination;
use self::endpoint::Endpoint;
use self::report::Report;
use crate::api::ApiSource;
use crate::failure::Failure;
use crate::output::Output;
use crate::secret::SecretSource;
use crate::store::{Access, Store, StoreLocation};

/// Find out what is wrong with an endpoint: fire genuine, forged, repeated, reordered, oversized and
/// malformed deliveries at it, and compare its answers with what they should be.
///
/// What is signed is mostly the admin's test button, `test.hook`, which leaves an id in the app's log
/// of deliveries. One subscription, `octany-doctor` of the reference `octany-doctor`, is reported as
/// `pending`, which grants nothing: the same one every time. `--leave-nothing` does without it. If the
/// app's store is named, it is also looked whether its tables are complete and what came into it;
/// nothing is written there, and nothing is migrated.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing is wrong, 1 something is, 2 wrong usage, 3 the endpoint or the \
                  store is away."
)]
pub(crate) struct Doctor {
    /// Where the app takes deliveries.
    url: String,
    /// Fire at an endpoint that is not on this machine.
    #[arg(long)]
    yes: bool,
    /// Report no subscription, so that none is left in the app's store.
    #[arg(long)]
    leave_nothing: bool,
    /// After how many seconds without an answer a delivery has failed. Octany publishes no limit.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=300))]
    timeout: u64,
    #[command(flatten)]
    secret: SecretSource,
    /// A product that a guard asks for: the account has to have it. May be repeated.
    #[arg(long = "product", value_name = "ID", help_heading = "Octany")]
    products: Vec<String>,
    #[command(flatten)]
    api: ApiSource,
    #[command(flatten)]
    store: StoreLocation,
}

impl Doctor {
    pub(crate) async fn run(self, output: Output) -> Result<ExitCode, Failure> {
        let url = self.endpoint_url()?;
        let secret = self.secret.text()?;
        let mut report = Report::default();
        settings::check(&mut report, &secret, &url);
        let store = self.store.open(Access::Read).await?;
        account::check(&self.products, &self.api, &mut report).await?;
        if let Some(store) = &store {
            store::check(store, &mut report).await?;
        }
        let limit = Duration::from_secs(self.timeout);
        let endpoint = Endpoint::new(url, secret.trim().to_owned(), limit)?;
        output.note(&format!("Firing at {}", endpoint.url()));
        let bodies = Bodies::at(Utc::now());
        let mut examination = Examination {
            endpoint: &endpoint,
            bodies: &bodies,
            report: &mut report,
            reports_subscription: !self.leave_nothing,
        };
        let is_reported = checks::fire(&mut examination).await?;
        if let Some(store) = store.as_ref().filter(|_| is_reported) {
            store::check_reports(store, &mut report, &bodies).await;
        }
        Ok(report.tell(output, &self.left_behind(store.as_ref())))
    }

    /// Somebody else's endpoint is fired at on purpose only.
    fn endpoint_url(&self) -> Result<Url, Failure> {
        let url = Url::parse(&self.url).ok();
        let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let url = url.ok_or_else(|| Failure::Usage(format!("{} is no URL", self.url)))?;
        if !self.yes && !settings::is_local(&url) {
            let host = url.host_str().unwrap_or_default();
            return Err(Failure::Usage(format!(
                "{host} is not this machine: it would be sent forged and broken deliveries. Say --yes if \
                 it is yours, and may have them"
            )));
        }
        Ok(url)
    }

    fn left_behind(&self, store: Option<&Store>) -> String {
        let ids = format!(
            "Deliveries whose ids begin with {MADE_UP}- may be in the app's log; pruning removes them."
        );
        if self.leave_nothing {
            return ids;
        }
        let left = format!(
            "The subscription {MADE_UP} of the reference {MADE_UP} may be in its store, as pending"
        );
        if store.is_some_and(|store| !store.has_tables()) {
            return format!("{left}. {ids}");
        }
        let table = self.store.subscriptions_table();
        format!(
            "{left}; `DELETE FROM {table} WHERE subscription_id = '{MADE_UP}'` removes it. {ids}"
        )
    }
}
