//! Connections to one database.

use octany_entitlement::StoreError;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlPool};
use sqlx::{Executor, MySql};

use super::error::{aftermath, store_error};
use crate::connections::{self, Aftermath, Server};

pub(super) use crate::connections::Repeat;

pub(super) type Connections = connections::Connections<MySql>;

/// What the server's settings may not decide. A lock is waited for as long as a connection.
const SESSION: &str = "
    SET SESSION autocommit = 1, innodb_lock_wait_timeout = 5,
        sql_mode = CONCAT(@@sql_mode, ',STRICT_TRANS_TABLES')";

/// The pool of a store that has its own.
pub(super) fn pool(options: MySqlConnectOptions) -> MySqlPool {
    connections::pool_options()
        .after_connect(|connection: &mut MySqlConnection, _| {
            Box::pin(async move { connection.execute(SESSION).await.map(drop) })
        })
        .connect_lazy_with(options)
}

impl Server for MySql {
    const TAKES_LEAVE: bool = false;

    fn aftermath(error: &sqlx::Error) -> Aftermath {
        aftermath(error)
    }

    fn store_error(error: sqlx::Error) -> StoreError {
        store_error(error)
    }
}
