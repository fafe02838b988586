//! Connections to one database.

use octany_entitlement::StoreError;
use sqlx::Postgres;
use sqlx::postgres::{PgConnectOptions, PgPool};

use super::error::{aftermath, store_error};
use crate::connections::{self, Aftermath, Server};

pub(super) use crate::connections::Repeat;

pub(super) type PgQuery<'q> = connections::Statement<'q, Postgres>;
pub(super) type Connections = connections::Connections<Postgres>;

/// The pool of a store that has its own.
pub(super) fn pool(options: PgConnectOptions) -> PgPool {
    connections::pool_options().connect_lazy_with(options)
}

impl Server for Postgres {
    const TAKES_LEAVE: bool = true;

    fn aftermath(error: &sqlx::Error) -> Aftermath {
        aftermath(error)
    }

    fn store_error(error: sqlx::Error) -> StoreError {
        store_error(error)
    }
}
