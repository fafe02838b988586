//! A database of a test's own.

use std::hash::{BuildHasher, RandomState};
use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use octany_sqlx::MySqlStore;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlPool, MySqlPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};

pub(crate) type Store = MySqlStore;
pub(crate) type Pool = MySqlPool;
pub(crate) type PoolOptions = MySqlPoolOptions;

pub(crate) const SCHEME: &str = "mysql";
/// Of the migrations.
pub(crate) const FOLDER: &str = "mysql";
/// How many tables the store has, the record of its migrations included.
pub(crate) const TABLES: usize = 8;
pub(crate) const ISOLATION: [&str; 4] =
    ["READ UNCOMMITTED", "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"];

/// Whether the connection lives.
pub(crate) const ANSWERS_BEFORE_AN_UNSAFE_CALL: u32 = 1;

const VARIABLE: &str = "OCTANY_TEST_MYSQL_URL";
/// Where a server is by default, and who may often enter it.
const STANDARD: &str = "mysql://root@127.0.0.1:3306";

/// The other sessions of the database.
const OTHERS: &str = "SELECT CAST(id AS SIGNED) FROM information_schema.processlist
    WHERE db = DATABASE() AND id <> CONNECTION_ID()";

/// A new database, dropped with the test.
pub(crate) struct Place {
    server: MySqlConnectOptions,
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
        // As old servers have it: a collation to which many texts are the same.
        let create = format!("CREATE DATABASE {database} CHARACTER SET latin1");
        if let Err(error) = connection.execute(AssertSqlSafe(create)).await {
            panic!("the user of {VARIABLE} must be allowed to create databases: {error}");
        }
        connection.close().await.unwrap();
        Self { server, database }
    }

    pub(crate) fn options(&self) -> MySqlConnectOptions {
        self.server.clone().database(&self.database)
    }

    pub(crate) fn url(&self) -> String {
        self.options().to_url_lossy().into()
    }

    pub(crate) fn database(&self) -> &str {
        &self.database
    }

    pub(crate) async fn store(&self) -> MySqlStore {
        MySqlStore::connect(&self.url()).await.unwrap()
    }

    /// A pool of the app's own on the same database.
    pub(crate) async fn pool(&self) -> MySqlPool {
        MySqlPoolOptions::new().connect_with(self.options()).await.unwrap()
    }

    /// The same at an isolation level.
    pub(crate) async fn pool_at(&self, isolation: &str) -> MySqlPool {
        self.pool_with(&format!("SET SESSION TRANSACTION ISOLATION LEVEL {isolation}")).await
    }

    /// The same with settings of the app's own.
    pub(crate) async fn pool_with(&self, settings: &str) -> MySqlPool {
        self.pool_or_none(settings).await.unwrap()
    }

    /// The same, or none if this server does not have such settings.
    pub(crate) async fn pool_or_none(&self, settings: &str) -> Option<MySqlPool> {
        let settings = settings.to_owned();
        let options = MySqlPoolOptions::new().max_connections(8).after_connect(
            move |connection: &mut MySqlConnection, _| {
                let settings = AssertSqlSafe(settings.clone());
                Box::pin(async move { connection.execute(settings).await.map(drop) })
            },
        );
        match options.connect_with(self.options()).await {
            Ok(pool) => Some(pool),
            // A setting, or a value of one, that is not known.
            Err(sqlx::Error::Database(error)) if ["42000", "HY000"].contains(&&*error.code()?) => {
                None
            }
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) async fn tables(&self) -> Vec<String> {
        // Not every server takes names for text.
        let names = "SELECT CONVERT(table_name USING utf8mb4) FROM information_schema.tables
            WHERE table_schema = DATABASE() ORDER BY 1";
        sqlx::query_scalar(names).fetch_all(&self.pool().await).await.unwrap()
    }

    /// Empties the tables.
    pub(crate) async fn empty(&self) {
        for table in
            ["subscriptions", "links", "deliveries", "access", "inbox", "charges", "checkouts"]
        {
            self.execute(&format!("DELETE FROM octany_{table}")).await;
        }
    }

    /// Whether a statement waits for the lock of another.
    pub(crate) async fn somebody_waits(&self) -> bool {
        let waits = "SELECT COUNT(*) > 0 FROM information_schema.innodb_trx AS t
            JOIN information_schema.processlist AS p ON p.id = t.trx_mysql_thread_id
            WHERE p.db = DATABASE() AND t.trx_state = 'LOCK WAIT'";
        // The server renews what it tells only once nobody has asked for 100 ms, other tests included.
        let pause = 110 + RandomState::new().hash_one(0) % 100;
        tokio::time::sleep(Duration::from_millis(pause)).await;
        sqlx::query_scalar(waits).fetch_one(&self.pool().await).await.unwrap()
    }

    pub(crate) async fn execute(&self, sql: &str) {
        let mut connection = self.options().connect().await.unwrap();
        connection.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
        connection.close().await.unwrap();
    }

    /// Ends every second connection to the database.
    pub(crate) async fn terminate_some(&self) {
        let mut connection = self.options().connect().await.unwrap();
        terminate(&mut connection, |id| id % 2 == 0).await;
        connection.close().await.unwrap();
    }

    /// Ends all connections to the database, and waits until they are gone.
    pub(crate) async fn terminate_all(&self) -> usize {
        let mut connection = self.options().connect().await.unwrap();
        let ended = terminate(&mut connection, |_| true).await;
        while !others(&mut connection).await.is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        connection.close().await.unwrap();
        ended
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let server = self.server.clone();
        let drop = format!("DROP DATABASE IF EXISTS {}", self.database);
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

async fn others(connection: &mut MySqlConnection) -> Vec<i64> {
    sqlx::query_scalar(OTHERS).fetch_all(connection).await.unwrap()
}

async fn terminate(connection: &mut MySqlConnection, which: fn(i64) -> bool) -> usize {
    let ids: Vec<_> = others(connection).await.into_iter().filter(|id| which(*id)).collect();
    for id in &ids {
        // It may be gone already.
        let _ = connection.execute(AssertSqlSafe(format!("KILL CONNECTION {id}"))).await;
    }
    ids.len()
}

/// The server, and a connection to it.
async fn server() -> (MySqlConnectOptions, MySqlConnection) {
    let given = std::env::var(VARIABLE).ok().filter(|url| !url.is_empty());
    let url = given.as_deref().unwrap_or(STANDARD);
    let options = MySqlConnectOptions::from_str(url).unwrap().disable_statement_logging();
    match options.connect().await {
        Ok(connection) => (options, connection),
        Err(error) => panic!(
            "these tests need a MySQL or MariaDB server, and there is none to enter: {error}\n\
             run `./scripts/test`, which starts one, or give one whose user may create databases:\n\
             {VARIABLE}=mysql://user:password@host cargo test -p octany-sqlx --all-features"
        ),
    }
}
