//! A store that is open, whichever it is.

use std::sync::Arc;

use octany_entitlement::{
    ChargeIntents, CheckoutLog, InboxStore, StoreError, SubscriptionLinks, SubscriptionStore,
};
use octany_redis::RedisStore;
use octany_sqlx::{MySqlStore, PostgresStore, SqliteStore};

use crate::failure::Failure;

/// A store that is open.
pub(crate) enum Store {
    Sqlite(SqliteStore),
    Postgres(PostgresStore),
    MySql(MySqlStore),
    Redis(RedisStore),
}

/// The same of each of the SQL stores, and something else of Redis.
macro_rules! each {
    ($opened:expr, $store:ident => $of_sql:expr, $redis:ident => $of_redis:expr $(,)?) => {
        match $opened {
            Store::Sqlite($store) => $of_sql,
            Store::Postgres($store) => $of_sql,
            Store::MySql($store) => $of_sql,
            Store::Redis($redis) => $of_redis,
        }
    };
}

impl Store {
    /// Whether it has tables, which can lack something.
    pub(crate) fn has_tables(&self) -> bool {
        !matches!(self, Self::Redis(_))
    }

    pub(super) async fn migrate(&self) -> Result<(), StoreError> {
        each!(self, store => store.migrate().await, _redis => Ok(()))
    }

    pub(crate) async fn missing_migrations(&self) -> Result<Vec<String>, StoreError> {
        each!(self, store => store.missing_migrations().await, _redis => Ok(Vec::new()))
    }

    pub(crate) fn subscriptions(&self) -> Arc<dyn SubscriptionStore> {
        each!(self, store => Arc::new(store.clone()), redis => Arc::new(redis.clone()))
    }

    pub(crate) fn links(&self) -> Arc<dyn SubscriptionLinks> {
        each!(self, store => Arc::new(store.clone()), redis => Arc::new(redis.clone()))
    }

    pub(crate) fn checkouts(&self) -> Arc<dyn CheckoutLog> {
        each!(self, store => Arc::new(store.clone()), redis => Arc::new(redis.clone()))
    }

    pub(crate) fn inbox(&self) -> Result<Arc<dyn InboxStore>, Failure> {
        Ok(each!(
            self,
            store => Arc::new(store.clone()),
            _redis => return Err(Failure::Usage("Redis keeps no inbox".to_owned())),
        ))
    }

    pub(crate) fn charges(&self) -> Result<Arc<dyn ChargeIntents>, Failure> {
        Ok(each!(
            self,
            store => Arc::new(store.clone()),
            _redis => return Err(Failure::Usage("Redis keeps no charges".to_owned())),
        ))
    }
}
