//! A PostgreSQL database of one's own.

use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};

/// A database that is there until it is dropped by [`remove`](Self::remove).
#[derive(Debug)]
pub struct Database {
    server: PgConnectOptions,
    name: String,
}

impl Database {
    /// Makes one, on the server that the tests use.
    pub async fn create(what: &str) -> Self {
        let server = server().await;
        let name = format!("octany_bench_{what}_{}", std::process::id());
        execute(&server, &format!("CREATE DATABASE {name} TEMPLATE template0")).await;
        Self { server, name }
    }

    /// How to connect to it.
    pub fn options(&self) -> PgConnectOptions {
        self.server.clone().database(&self.name)
    }

    /// Its URL.
    pub fn url(&self) -> String {
        self.options().to_url_lossy().to_string()
    }

    /// Drops it, whoever is still connected.
    pub async fn remove(self) {
        execute(&self.server, &format!("DROP DATABASE {} WITH (FORCE)", self.name)).await;
    }
}

async fn server() -> PgConnectOptions {
    let given = std::env::var("OCTANY_TEST_POSTGRES_URL").ok();
    let standard = ["postgres", "root"].map(|user| format!("postgres://{user}@127.0.0.1/postgres"));
    for url in given.into_iter().chain(standard) {
        let options = PgConnectOptions::from_str(&url).unwrap().disable_statement_logging();
        if options.connect().await.is_ok() {
            return options;
        }
    }
    unreachable!("a PostgreSQL server, at OCTANY_TEST_POSTGRES_URL or the standard port")
}

async fn execute(server: &PgConnectOptions, sql: &str) {
    let mut connection = server.connect().await.unwrap();
    connection.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
    connection.close().await.unwrap();
}
