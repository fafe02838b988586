//! A database of a test's own.

use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use octany_sqlx::PostgresStore;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};

pub(crate) type Store = PostgresStore;
pub(crate) type Pool = PgPool;
pub(crate) type PoolOptions = PgPoolOptions;

pub(crate) const SCHEME: &str = "postgres";
/// Of the migrations.
pub(crate) const FOLDER: &str = "postgres";
/// How many tables the store has, the record of its migrations included.
pub(crate) const TABLES: usize = 8;
/// At the first, conflicts are waited for; at the others they are errors.
pub(crate) const ISOLATION: [&str; 3] = ["read committed", "repeatable read", "serializable"];

pub(crate) const ANSWERS_BEFORE_AN_UNSAFE_CALL: u32 = 0;

const VARIABLE: &str = "OCTANY_TEST_POSTGRES_URL";
/// Where a server is by default, and who may often enter it.
const STANDARD: [&str; 2] =
    ["postgres://postgres@127.0.0.1:5432/postgres", "postgres://root@127.0.0.1:5432/postgres"];

/// A new database, dropped with the test.
pub(crate) struct Place {
    server: PgConnectOptions,
    database: String,
}

impl Place {
    pub(crate) async fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let process = std::process::id();
        let database = format!("octany_test_{}_{process}_{number}", since_1970.as_millis());
        let (server, mut connection) = server().await;
        let create = format!("CREATE DATABASE {database} TEMPLATE template0");
        if let Err(error) = connection.execute(AssertSqlSafe(create)).await {
            panic!("the user of {VARIABLE} must be allowed to create databases: {error}");
        }
        // No test cuts the server's power, and most have to wait for its disk otherwise.
        let hurry = format!("ALTER DATABASE {database} SET synchronous_commit = off");
        connection.execute(AssertSqlSafe(hurry)).await.unwrap();
        connection.close().await.unwrap();
        Self { server, database }
    }

    pub(crate) fn options(&self) -> PgConnectOptions {
        self.server.clone().database(&self.database)
    }

    pub(crate) fn url(&self) -> String {
        self.options().to_url_lossy().into()
    }

    pub(crate) fn database(&self) -> &str {
        &self.database
    }

    pub(crate) async fn store(&self) -> PostgresStore {
        PostgresStore::connect(&self.url()).await.unwrap()
    }

    /// A pool of the app's own on the same database.
    pub(crate) async fn pool(&self) -> PgPool {
        PgPoolOptions::new().connect_with(self.options()).await.unwrap()
    }

    /// The same at an isolation level.
    pub(crate) async fn pool_at(&self, isolation: &str) -> PgPool {
        let options = self.options().options([("default_transaction_isolation", isolation)]);
        let pool = PgPoolOptions::new().max_connections(8).connect_with(options).await.unwrap();
        let level: String =
            sqlx::query_scalar("SHOW transaction_isolation").fetch_one(&pool).await.unwrap();
        assert_eq!(level, isolation);
        pool
    }

    pub(crate) async fn tables(&self) -> Vec<String> {
        sqlx::query_scalar(
            "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
        )
        .fetch_all(&self.pool().await)
        .await
        .unwrap()
    }

    /// Empties the tables.
    pub(crate) async fn empty(&self) {
        let tables = "octany_subscriptions, octany_links, octany_deliveries, octany_access";
        let others = "octany_inbox, octany_charges, octany_checkouts";
        self.execute(&format!("TRUNCATE {tables}, {others}")).await;
    }

    /// Whether a statement waits for the lock of another.
    pub(crate) async fn somebody_waits(&self) -> bool {
        let waits = "SELECT count(*) > 0 FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'";
        sqlx::query_scalar(waits).fetch_one(&self.pool().await).await.unwrap()
    }

    pub(crate) async fn execute(&self, sql: &str) {
        let mut connection = self.options().connect().await.unwrap();
        connection.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
        connection.close().await.unwrap();
    }

    /// Ends every second connection to the database.
    pub(crate) async fn terminate_some(&self) {
        self.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid() AND pid % 2 = 0",
        )
        .await;
    }

    /// Ends all connections to the database, and waits until they are gone.
    pub(crate) async fn terminate_all(&self) -> usize {
        let mut connection = self.options().connect().await.unwrap();
        let others = "FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()";
        let terminate = format!("SELECT pg_terminate_backend(pid) {others}");
        let ended = connection.fetch_all(AssertSqlSafe(terminate)).await.unwrap().len();
        let left = format!("SELECT 1 {others}");
        while !connection.fetch_all(AssertSqlSafe(left.clone())).await.unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        connection.close().await.unwrap();
        ended
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let server = self.server.clone();
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.database);
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let mut connection = server.connect().await?;
                connection.execute(AssertSqlSafe(drop)).await?;
                connection.close().await
            })
        });
        let dropped = dropped.join();
        // A test that fails already must not abort.
        if !std::thread::panicking() {
            dropped.unwrap().unwrap();
        }
    }
}

/// The server, and a connection to it.
async fn server() -> (PgConnectOptions, PgConnection) {
    let given = std::env::var(VARIABLE).ok().filter(|url| !url.is_empty());
    let urls = match &given {
        Some(url) => vec![url.as_str()],
        None => STANDARD.to_vec(),
    };
    let mut failed = None;
    for url in urls {
        let options = PgConnectOptions::from_str(url).unwrap().disable_statement_logging();
        match options.connect().await {
            Ok(connection) => return (options, connection),
            Err(error) => failed = Some(error),
        }
    }
    panic!(
        "these tests need a PostgreSQL server, and there is none to enter: {failed:?}\n\
         run `./scripts/test`, which starts one, or give one whose user may create databases:\n\
         {VARIABLE}=postgres://user:password@host/database cargo test -p octany-sqlx --all-features"
    );
}
