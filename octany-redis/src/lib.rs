//! Octany's subscription state on your own Redis.
//!
//! A store keeps the newest report of every subscription, and answers whose it is when a guard asks.
//! This one does so on Redis or Valkey, for any number of machines at once. It decides every race
//! inside of a single script, and never takes a failure for "no subscription".
//!
//! # A first store
//!
//! ```no_run
//! use chrono::{DateTime, TimeDelta};
//! use octany_core::{AccessPolicy, Applied, Snapshot, Source, Version, evaluate};
//! use octany_entitlement::{StoreErrorKind, SubscriptionStore};
//! use octany_redis::RedisStore;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let store = RedisStore::connect("redis://app:secret@cache.internal:6379").await?;
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
//! match store.subscriptions(&"user_42".into()).await {
//!     Ok(known) => println!("{} subscriptions", known.len()),
//!     // The server is away, which is not the same as "no subscription".
//!     Err(error) if error.kind() == StoreErrorKind::Unavailable => println!("try again"),
//!     Err(error) => return Err(error.into()),
//! }
//! # Ok(()) }
//! ```
//!
//! # The server must keep what it is given
//!
//! Redis can be a cache, and this is none. Set it up with
//!
//! ```text
//! appendonly yes
//! appendfsync always          # or everysec, if losing a second is acceptable
//! maxmemory-policy noeviction
//! ```
//!
//! and see [`RedisStore`] for what each setting can lose. A server that may evict is refused:
//!
//! ```no_run
//! use octany_entitlement::StoreErrorKind;
//! use octany_redis::RedisStore;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! match RedisStore::connect("redis://cache.internal/").await {
//!     Ok(_store) => println!("connected"),
//!     // The server may evict, the password is wrong, or the URL is none. The source says which.
//!     Err(error) if error.kind() == StoreErrorKind::Rejected => {
//!         println!("set it up: {}", std::error::Error::source(&error).expect("there is one"));
//!     }
//!     Err(error) => return Err(error.into()),
//! }
//! # Ok(()) }
//! ```
//!
//! # Beside your app's keys
//!
//! Every key begins with `octany:`, or with what [`key_prefix`](RedisStore::key_prefix) says, so a
//! server can be shared. [`RedisStore::new`] takes your own client:
//!
//! ```no_run
//! use octany_redis::RedisStore;
//!
//! # fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let client = redis::Client::open("redis://cache.internal/2?protocol=resp3")?;
//! let store = RedisStore::new(client).key_prefix("shop:octany:")?;
//!
//! // What could be mistaken for something else is no prefix.
//! assert!(store.key_prefix("shop").is_err());
//! # Ok(()) }
//! ```
//!
//! | key | type | what it is |
//! |---|---|---|
//! | `sub/{subscription}` | hash | its newest report |
//! | `ref/{reference}` | set | whose these subscriptions are |
//! | `link/{subscription}` | string | whose it is where its reports name nobody |
//! | `delivery/{delivery}` | string, expires | a claim, and whether it was completed |
//! | `access/{reference}` | hash | what access was last announced |
//! | `ends` | sorted set | when announced access ends |
//! | `checkouts/{user}` | hash, expires | which checkouts a user was sent to |
//! | `begun/{user}` | sorted set, expires | when they began |
//! | `begun` | sorted set | when those of all users began |
//! | `invalidation` | channel | what nodes tell each other |
//!
//! Instants are whole microseconds since 1970, in UTC. Portal URLs are never stored. An ACL user needs
//! its keys and channel, and the commands that the scripts use:
//!
//! ```text
//! ACL SETUSER app on >secret ~octany:* &octany:* +@read +@write +@scripting +@connection +@pubsub +info
//! ```
//!
//! # Deliveries
//!
//! A delivery that was dealt with is forgotten by the server itself, 30 days later unless
//! [said otherwise](RedisStore::remember_deliveries). Checkouts that a user was sent to are forgotten
//! 90 days after the last one began. There is nothing to prune.
//!
//! # Between nodes
//!
//! [`RedisInvalidation`] carries messages between the nodes of an app, whatever store they use:
//!
//! ```no_run
//! use octany_entitlement::{Invalidation, InvalidationListener};
//! use octany_redis::RedisInvalidation;
//!
//! struct Print;
//!
//! impl InvalidationListener for Print {
//!     fn connected(&self) {
//!         println!("what came before may have been missed");
//!     }
//!
//!     fn heard(&self, message: &str) {
//!         println!("{message}");
//!     }
//! }
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let invalidation = RedisInvalidation::open("redis://cache.internal/")?;
//! let listening = invalidation.clone();
//! tokio::spawn(async move {
//!     loop {
//!         // It comes back when the connection broke.
//!         let error = listening.listen(&Print).await;
//!         println!("not listening: {error}");
//!         tokio::time::sleep(std::time::Duration::from_secs(1)).await;
//!     }
//! });
//! invalidation.publish("user_42").await?;
//!
//! assert!(RedisInvalidation::open("cache.internal").is_err(), "no URL");
//! # Ok(()) }
//! ```
//!
//! # TLS
//!
//! For `rediss://`, turn on a feature of redis's own, such as `tokio-rustls-comp`, in your app:
//!
//! ```toml
//! redis = { version = "1", default-features = false, features = ["tokio-rustls-comp"] }
//! ```

#[cfg(test)]
use octany_test_trace as _;

mod access;
mod checkouts;
mod deliveries;
mod invalidation;
mod links;
mod prefix;
mod record;
mod script;
mod server;
mod store;
mod subscriptions;

pub use crate::invalidation::RedisInvalidation;
pub use crate::store::RedisStore;
