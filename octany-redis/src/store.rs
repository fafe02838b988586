//! The store.

use std::fmt;
use std::time::Duration;

use octany_entitlement::StoreError;
use redis::Client;

use crate::RedisInvalidation;
use crate::prefix::Prefix;
use crate::server::{Server, client};

/// How long a delivery that was dealt with is remembered.
const KEPT: Duration = Duration::from_hours(30 * 24);

/// The state of subscriptions, deliveries, links and announced access on a Redis server.
///
/// It implements [`SubscriptionStore`], [`DeliveryLog`], both in one as a [`Ledger`],
/// [`SubscriptionLinks`] and [`AccessLog`].
/// Clones share one connection, which carries many calls at once. Any number of stores, processes
/// and machines may work on one server at once: what each promises is decided inside of single
/// scripts.
///
/// # The server
///
/// Redis from 6.0, or a Valkey, as a single primary, with or without replicas behind it; what finds
/// the primary (a managed service's name, a proxy for Sentinel) is given as its address. Not Redis
/// Cluster: a script also touches keys that follow from what it reads. Connect to the primary: a
/// replica lags behind what was acknowledged.
///
/// # Durability
///
/// What was answered with `Ok` is as durable as the server is set up to make it, and no more:
///
/// | setting | what a crash of the server can lose |
/// |---|---|
/// | `appendonly yes`, `appendfsync always` | nothing |
/// | `appendonly yes`, `appendfsync everysec` | the last second or two, if the machine crashes; nothing if only the server does |
/// | `appendonly no` | everything since the last snapshot |
///
/// A failover to a replica loses what had not reached it; `min-replicas-to-write` bounds that. What
/// is lost was acknowledged, and Octany does not repeat it.
///
/// `maxmemory-policy` must be `noeviction`, which is the default: a subscription that is evicted is
/// "no subscription", and a delivery that is evicted is dealt with again. [`connect`](Self::connect)
/// refuses a server that may evict, where the server says how it is set up. What was evicted, flushed
/// or deleted all the same cannot be told from what never was there, but for a subscription that its
/// reference still names: that is corrupt.
///
/// # When the server goes away
///
/// | the failure | a call |
/// |---|---|
/// | the connection broke, and it is not known whether the script ran | is repeated once on a new connection, where a second run does what the first did; [`release`] and [`announce`] are unavailable |
/// | the server has become a replica | is repeated once on a new connection |
/// | no answer within 5 s, or [as long as you say](Self::response_timeout) | is unavailable, and the next one gets a new connection |
/// | the server refuses connections, loads, is busy, full or read-only | is unavailable |
/// | another type of key than the store's, or a record that cannot be read | is corrupt |
/// | a missing permission or password, a member of a cluster | is rejected |
///
/// [`SubscriptionStore`]: octany_entitlement::SubscriptionStore
/// [`DeliveryLog`]: octany_entitlement::DeliveryLog
/// [`Ledger`]: octany_entitlement::Ledger
/// [`SubscriptionLinks`]: octany_entitlement::SubscriptionLinks
/// [`AccessLog`]: octany_entitlement::AccessLog
/// [`release`]: octany_entitlement::DeliveryLog::release
/// [`announce`]: octany_entitlement::AccessLog::announce
#[derive(Clone)]
pub struct RedisStore {
    pub(crate) server: Server,
    pub(crate) prefix: Prefix,
    pub(crate) kept: Duration,
}

impl RedisStore {
    /// Connects to the server at a URL, `redis://user:password@host:port/database`, and
    /// [checks](Self::check) it. The protocol is RESP3, so that a connection that ended is noticed
    /// before the next call.
    ///
    /// For TLS, `rediss://…`, turn on one of redis's `tls-` features.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: rejected if the URL cannot be read, the server lets nobody in by it, or it may
    /// evict what is stored; unavailable if it cannot be reached within 5 s.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let store = Self::new(client(url)?);
        store.check().await?;
        Ok(store)
    }

    /// A store over your own client, with its certificates and credentials. It connects with the
    /// first call, and does not [check](Self::check) the server.
    ///
    /// Give the client RESP3 (`?protocol=resp3`): over RESP2, the end of an idle connection is noticed
    /// only by the next call, which is then unavailable if it cannot be repeated.
    pub fn new(client: Client) -> Self {
        Self { server: Server::new(client), prefix: Prefix::default(), kept: KEPT }
    }

    /// Whether the server answers, and keeps what it is given: what its `INFO memory` says, if it may
    /// be asked.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: rejected if it may evict what is stored.
    pub async fn check(&self) -> Result<(), StoreError> {
        self.server.keeps_everything().await
    }

    /// What the keys begin with; `octany:` unless set. ASCII letters and digits and `_-.:{}`, with a
    /// colon at the end. Stores of different prefixes never meet.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: rejected if it is none.
    pub fn key_prefix(self, prefix: &str) -> Result<Self, StoreError> {
        Ok(Self { prefix: Prefix::new(prefix)?, ..self })
    }

    /// How long a call may take, a repetition included; 5 s unless set.
    #[must_use]
    pub fn response_timeout(self, limit: Duration) -> Self {
        Self { server: self.server.with_patience(limit), ..self }
    }

    /// How long a delivery that was dealt with is remembered, by the server's clock; 30 days unless
    /// set. One that is repeated later reaches the handler again. Octany does not publish how long it
    /// retries: keep some weeks.
    #[must_use]
    pub fn remember_deliveries(self, time: Duration) -> Self {
        Self { kept: time, ..self }
    }

    /// Carries messages between nodes over the same server, under the same prefix.
    pub fn invalidation(&self) -> RedisInvalidation {
        RedisInvalidation::over(self.server.clone(), &self.prefix)
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The client holds the password.
        f.debug_struct("RedisStore").field("prefix", &self.prefix.as_str()).finish_non_exhaustive()
    }
}
