//! What the app's store lacks, and what came into it. It is only read.

use std::time::Duration;

use octany_core::ReferenceId;
use octany_entitlement::StoreError;

use super::body::{Bodies, MADE_UP};
use super::finding::Finding;
use super::report::Report;
use crate::failure::Failure;
use crate::store::Store;

/// How often it is looked whether a report has arrived, and how long is waited between.
const LOOKS: u32 = 20;
const BETWEEN: Duration = Duration::from_millis(250);

/// Whether its tables are all there.
pub(super) async fn check(store: &Store, report: &mut Report) -> Result<(), Failure> {
    let check = "the store's migrations";
    let missing = store.missing_migrations().await?;
    if !store.has_tables() {
        report.skip(check, "Redis has none");
    } else if missing.is_empty() {
        report.note(check, "all of them", "all of them", None);
    } else {
        let said = format!("without {}", missing.join(", "));
        report.note(check, "all of them", said, Some(Finding::MissingMigrations));
    }
    Ok(())
}

/// Whether the newer of the two reports is what it holds now.
pub(super) async fn check_reports(store: &Store, report: &mut Report, bodies: &Bodies) {
    let (check, expected) = ("the report, in the store", "the newer one");
    let (said, finding) = match arrived(store, bodies).await {
        Ok(Some(true)) => ("the newer one", None),
        Ok(Some(false)) => ("an older one", Some(Finding::OlderWins)),
        Ok(None) => ("none", Some(Finding::NotStored)),
        Err(error) => return report.skip(check, &error.to_string()),
    };
    report.note(check, expected, said, finding);
}

/// Whether what is there is the newest; nothing if none is. An inbox takes a moment.
async fn arrived(store: &Store, bodies: &Bodies) -> Result<Option<bool>, StoreError> {
    let (subscriptions, reference) = (store.subscriptions(), ReferenceId::from(MADE_UP));
    let second = bodies.now().timestamp();
    let mut found = None;
    for _ in 0..LOOKS {
        let held = subscriptions.subscriptions(&reference).await?;
        found = held.first().map(|it| it.as_of().timestamp() >= second);
        if found == Some(true) {
            break;
        }
        tokio::time::sleep(BETWEEN).await;
    }
    Ok(found)
}
