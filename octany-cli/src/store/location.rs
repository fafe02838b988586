//! Which store, and opening it as it is.

use std::path::{Path, PathBuf};

use clap::Args;
use octany_entitlement::StoreError;
use octany_redis::RedisStore;
use octany_sqlx::{MySqlStore, PostgresStore, SqliteStore};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

use super::address::Address;
use super::{Access, Store};
use crate::failure::Failure;
use crate::secret::Secret;

static URL: Secret = Secret {
    what: "store",
    variable: "OCTANY_STORE_URL",
    option: "--store-file, or a SQLite file with --sqlite",
};

/// What the names of the store's tables begin with unless set.
const PREFIX: &str = "octany_";

/// Which store: `OCTANY_STORE_URL`, a file that holds its URL, or a file of SQLite.
#[derive(Debug, Args)]
#[command(next_help_heading = "Store")]
pub(crate) struct StoreLocation {
    /// A file with the store's URL: postgres://…, mysql://…, mariadb://…, redis://…, rediss://… or
    /// sqlite:FILE. Without it, it is that in `OCTANY_STORE_URL`. It is no argument, since it may hold
    /// a password.
    #[arg(long, value_name = "FILE")]
    store_file: Option<PathBuf>,
    /// The store is this SQLite file.
    #[arg(long, value_name = "FILE", conflicts_with = "store_file")]
    sqlite: Option<PathBuf>,
    /// What the store's tables begin with, or its keys in Redis; `octany_` and `octany:` unless set.
    #[arg(long, value_name = "PREFIX", env = "OCTANY_STORE_PREFIX")]
    store_prefix: Option<String>,
    /// The schema of the store's tables, in PostgreSQL.
    #[arg(long, value_name = "SCHEMA", env = "OCTANY_STORE_SCHEMA")]
    store_schema: Option<String>,
}

impl StoreLocation {
    /// Opens it, whatever it lacks.
    pub(super) async fn required(&self, access: Access) -> Result<Store, Failure> {
        self.open(access).await?.ok_or(Failure::Without(&URL))
    }

    /// The same for what can do without: `None` if no store is named.
    pub(crate) async fn open(&self, access: Access) -> Result<Option<Store>, Failure> {
        match self.address()? {
            Some(address) => self.open_at(address, access).await.map(Some),
            // It would seem that it was looked into.
            None if self.store_prefix.is_some() || self.store_schema.is_some() => {
                Err(Failure::Without(&URL))
            }
            None => Ok(None),
        }
    }

    /// What the table of subscriptions is called, in a database.
    pub(crate) fn subscriptions_table(&self) -> String {
        let table = format!("{}subscriptions", self.store_prefix.as_deref().unwrap_or(PREFIX));
        match &self.store_schema {
            Some(schema) => format!("{schema}.{table}"),
            None => table,
        }
    }

    async fn open_at(&self, address: Address, access: Access) -> Result<Store, Failure> {
        if self.store_schema.is_some() && !matches!(address, Address::Postgres(_)) {
            return Err(Failure::Usage("only PostgreSQL has schemas".to_owned()));
        }
        let prefix = self.store_prefix.as_deref();
        Ok(match address {
            Address::Sqlite(path) => {
                // One that is not there would be a mistyped name.
                if let Err(error) = std::fs::metadata(&path) {
                    return Err(Failure::Read(path, error));
                }
                let store = sqlite(&path, access);
                Store::Sqlite(prefixed(store, prefix, SqliteStore::with_prefix)?)
            }
            Address::Postgres(url) => {
                let store = PostgresStore::connect_lazy(&url)?;
                let store = prefixed(store, prefix, PostgresStore::with_prefix)?;
                let schema = self.store_schema.as_deref();
                Store::Postgres(prefixed(store, schema, PostgresStore::with_schema)?)
            }
            Address::MySql(url) => {
                let store = MySqlStore::connect_lazy(&url)?;
                Store::MySql(prefixed(store, prefix, MySqlStore::with_prefix)?)
            }
            Address::Redis(url) => {
                let store = RedisStore::connect(&url).await?;
                Store::Redis(prefixed(store, prefix, RedisStore::key_prefix)?)
            }
        })
    }

    fn address(&self) -> Result<Option<Address>, Failure> {
        if let Some(path) = &self.sqlite {
            return Ok(Some(Address::Sqlite(path.clone())));
        }
        let Some(url) = URL.read(self.store_file.as_deref())? else { return Ok(None) };
        let address = Address::read(&url).ok_or_else(|| {
            let kinds = "postgres://, mysql://, mariadb://, redis://, rediss:// or sqlite:FILE";
            Failure::Usage(format!("the store's URL is none: it begins with {kinds}"))
        });
        address.map(Some)
    }
}

fn sqlite(path: &Path, access: Access) -> SqliteStore {
    let options = match access {
        // What an app set up is left as it is.
        Access::Read => SqliteConnectOptions::new().filename(path).read_only(true),
        Access::Write => SqliteStore::connect_options(path),
    };
    SqliteStore::new(SqlitePoolOptions::new().max_connections(1).connect_lazy_with(options))
}

fn prefixed<S>(
    store: S,
    name: Option<&str>,
    with: impl FnOnce(S, &str) -> Result<S, StoreError>,
) -> Result<S, StoreError> {
    match name {
        Some(name) => with(store, name),
        None => Ok(store),
    }
}
