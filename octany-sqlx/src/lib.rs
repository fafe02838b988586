//! Octany's subscription state in your own SQL database.
//!
//! A store keeps the newest report of every subscription, and answers whose it is when a guard asks.
//! This crate has those for SQLite, PostgreSQL, MySQL and MariaDB. They bring their tables along,
//! decide every race inside of a single SQL statement, and never take a failure for "no
//! subscription".
//!
//! # A first store
//!
//! ```toml
//! octany-sqlx = { version = "0.1", features = ["sqlite"] }
//! ```
//!
#![cfg_attr(feature = "sqlite", doc = "```")]
#![cfg_attr(not(feature = "sqlite"), doc = "```ignore")]
//! use chrono::{DateTime, TimeDelta};
//! use octany_core::{AccessPolicy, Applied, Snapshot, Source, Version, evaluate};
//! use octany_entitlement::{StoreErrorKind, SubscriptionStore};
//! use octany_sqlx::SqliteStore;
//!
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! # let directory = tempfile::tempdir()?;
//! # let path = directory.path().join("billing.db");
//! // Makes the file and its tables.
//! let store = SqliteStore::open(&path).await?;
//!
//! // Reports come from webhooks and from the API; here is one by hand.
//! let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
//! let mut active = Snapshot::new(1, "active", Version::new(now, Source::Api));
//! active.reference = Some("user_42".into());
//! assert_eq!(store.apply(&active).await?, Applied::Inserted);
//!
//! // A report that is older than what is known changes nothing, however late it arrives.
//! let mut pending = active.clone();
//! pending.status = "pending".into();
//! pending.version = Version::new(now - TimeDelta::seconds(9), Source::Api);
//! assert_eq!(store.apply(&pending).await?, Applied::Stale);
//!
//! // The one who pays passes, and who does not, does not.
//! let policy = AccessPolicy::new();
//! let known = store.subscriptions(&"user_42".into()).await?;
//! assert!(evaluate(&policy, &known, now).is_allowed());
//! let known = store.subscriptions(&"user_43".into()).await?;
//! assert!(!evaluate(&policy, &known, now).is_allowed());
//!
//! // Without the file there is no answer, which is not the same as "no subscription".
//! let elsewhere = directory.path().join("elsewhere.db");
//! std::fs::rename(&path, &elsewhere)?;
//! let error = store.subscriptions(&"user_42".into()).await.unwrap_err();
//! assert_eq!(error.kind(), StoreErrorKind::Unavailable);
//!
//! // It is back, and so is the store.
//! std::fs::rename(&elsewhere, &path)?;
//! assert_eq!(store.subscriptions(&"user_42".into()).await?.len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # An inbox
//!
//! Each store is an [`InboxStore`](octany_entitlement::InboxStore), too: it keeps deliveries to be
//! handled in the background, by any number of nodes. An [`Inbox`](octany_entitlement::Inbox) over it
//! sees to that, and to forgetting what has been done.
//!
//! # Exactly once
//!
//! A handler that writes to the same database claims its delivery there, in the transaction of what
//! it writes. Then the effect of each delivery is there once, whatever fails in between.
//!
#![cfg_attr(feature = "sqlite", doc = "```")]
#![cfg_attr(not(feature = "sqlite"), doc = "```ignore")]
//! # use octany_sqlx::SqliteStore;
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! # let directory = tempfile::tempdir()?;
//! # let path = directory.path().join("app.db");
//! let store = SqliteStore::open(&path).await?;
//! let pool = sqlx::SqlitePool::connect(path.to_str().unwrap()).await?; // the app's own
//! sqlx::query("CREATE TABLE mails (delivery TEXT)").execute(&pool).await?;
//!
//! for expected in [true, false] {
//!     let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
//!     let first = store.claim_in(&mut transaction, &1.into(), chrono::Utc::now()).await?;
//!     assert_eq!(first, expected, "the second time, somebody has done it");
//!     if first {
//!         sqlx::query("INSERT INTO mails VALUES ('1')").execute(&mut *transaction).await?;
//!         transaction.commit().await?;
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # Under load
//!
//! On SQLite and PostgreSQL, what waits at the same time goes to the database together: one statement
//! or transaction and one commit, and an answer of its own for each. A call that is alone goes at
//! once. Give a receiver the store as its
//! [`ledger`](octany_entitlement::ReceiverBuilder::ledger), so that a claim and its report go
//! together, too.
//!
//! # Housekeeping
//!
//! Deliveries that were dealt with stay until they are
//! [pruned](SqliteStore::prune_deliveries): call that once a day with an instant some weeks ago.
//! Checkouts that visitors were sent to stay until they are
//! [forgotten](octany_entitlement::CheckoutLog::forget_begun_before), in the same way.
//!
//! # On PostgreSQL
//!
//! [`PostgresStore`] does the same on a server, for any number of machines at once: what one of them
//! takes in, the others see with their next look-up. Connections that died are replaced by the call
//! that notices it. Where the machines keep copies ([`Cached`](octany_entitlement::Cached)),
//! [`PostgresStore::invalidation`] tells each what the others took in.
//!
#![cfg_attr(feature = "postgres", doc = "```no_run")]
#![cfg_attr(not(feature = "postgres"), doc = "```ignore")]
//! use octany_entitlement::{StoreErrorKind, SubscriptionStore};
//! use octany_sqlx::PostgresStore;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! // Makes the tables, in a database that is there.
//! let store = PostgresStore::connect("postgres://app:secret@db.internal/app").await?;
//! match store.subscriptions(&"user_42".into()).await {
//!     Ok(known) => println!("{} subscriptions", known.len()),
//!     // The server is away, which is not the same as "no subscription".
//!     Err(error) if error.kind() == StoreErrorKind::Unavailable => println!("try again"),
//!     Err(error) => return Err(error.into()),
//! }
//! # Ok(()) }
//! ```
//!
//! # On MySQL and MariaDB
//!
//! [`MySqlStore`] does it on MySQL from 8.0.19 and MariaDB from 10.6 on. Ids and references are stored
//! as bytes, up to 1024 of them: one that is longer is rejected, and none is ever cut or taken for
//! another that only looks like it.
//!
#![cfg_attr(feature = "mysql", doc = "```no_run")]
#![cfg_attr(not(feature = "mysql"), doc = "```ignore")]
//! use octany_entitlement::{StoreErrorKind, SubscriptionStore};
//! use octany_sqlx::MySqlStore;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! // Makes the tables, in a database that is there.
//! let store = MySqlStore::connect("mysql://app:secret@db.internal/app").await?;
//! let known = store.subscriptions(&"user_42".into()).await?;
//! println!("{} subscriptions", known.len());
//!
//! let too_long = "x".repeat(1025).into();
//! let error = store.subscriptions(&too_long).await.unwrap_err();
//! assert_eq!(error.kind(), StoreErrorKind::Rejected);
//! # Ok(()) }
//! ```
//!
//! # In your app's database
//!
//! The tables begin with `octany_`, or with a prefix of your choice, so they can live among yours;
//! on PostgreSQL they can have a schema of their own. A store takes your pool:
//! [`PostgresStore::new`], [`MySqlStore::new`], [`SqliteStore::new`], or
//! [`SqliteStore::from_pools`] for one connection that writes and several that read. The schema is
//! yours to run, in one of three ways:
//!
//! - call `migrate` of the store at every start. It keeps its own record, in `octany_migrations`,
//!   and never meets sqlx's `_sqlx_migrations`;
//! - copy the files of `migrations/sqlite`, `migrations/postgres` or `migrations/mysql` into your
//!   `migrations` folder, under numbers of your own;
//! - add `migrations` of the store to the ones that your migrator runs.
//!
//! Instants are whole microseconds since 1970, in UTC. Portal URLs are never stored.
//!
//! # Features
//!
//! None is on by default, and without one the crate is empty.
//!
//! | feature | |
//! |---|---|
//! | `mysql` | [`MySqlStore`]; for TLS turn on one of sqlx's own `tls-` features |
//! | `postgres` | [`PostgresStore`]; for TLS turn on one of sqlx's own `tls-` features |
//! | `sqlite` | [`SqliteStore`], with SQLite built in; needs a C compiler |

#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(all(feature = "mysql", feature = "postgres", feature = "sqlite")),
    allow(rustdoc::broken_intra_doc_links)
)]

#[cfg(test)]
use octany_test_trace as _;

#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod charges;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod connections;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod entry;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod error;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod group;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod inbox;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod migrate;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod row;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod tables;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod warm;

#[cfg(feature = "mysql")]
pub use crate::mysql::MySqlStore;
#[cfg(feature = "postgres")]
pub use crate::postgres::{PostgresInvalidation, PostgresStore};
#[cfg(feature = "sqlite")]
pub use crate::sqlite::SqliteStore;
