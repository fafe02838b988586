//! What the tests share.
#![allow(dead_code, reason = "each test binary uses its part")]

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use octany_core::resource::Subscription;
use octany_core::{Rank, Snapshot, Source, Version};
use octany_entitlement::StoreErrorKind;
use octany_sqlx::SqliteStore;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use tempfile::TempDir;

/// A directory that is removed with the test, and a database in it.
pub(crate) struct Place {
    directory: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.at("billing.db")
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) async fn store(&self) -> SqliteStore {
        SqliteStore::open(self.path()).await.unwrap()
    }

    /// A pool of the app's own on the same file.
    pub(crate) async fn pool(&self) -> SqlitePool {
        let options = SqliteConnectOptions::new().filename(self.path()).create_if_missing(true);
        SqlitePoolOptions::new().connect_with(options).await.unwrap()
    }
}

/// An instant, in seconds after an arbitrary one.
pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::seconds(seconds)
}

/// An API's report on subscription 1 of `user_42`.
pub(crate) fn report(seconds: i64, status: &str) -> Snapshot {
    let mut snapshot = Snapshot::new(1, status, Version::new(at(seconds), Source::Api));
    snapshot.reference = Some("user_42".into());
    snapshot
}

/// A delivery's report that is a document.
pub(crate) fn document(seconds: i64, json: &str) -> Snapshot {
    let version = Version::new(at(seconds), Source::Webhook(Rank::Updated));
    Snapshot::of(&Arc::new(Subscription::parse(json.to_owned()).unwrap()), version)
}

/// What kind of failure it was.
pub(crate) fn kind<T: std::fmt::Debug>(
    result: Result<T, octany_entitlement::StoreError>,
) -> StoreErrorKind {
    result.unwrap_err().kind()
}
