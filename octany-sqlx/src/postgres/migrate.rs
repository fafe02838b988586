//! The schema.

use octany_entitlement::StoreError;
use sqlx::migrate::{MigrateError, Migration, Migrator};
use sqlx::postgres::{PgConnection, PgPool};
use sqlx::{AssertSqlSafe, Connection, Executor};

use super::PostgresStore;
use super::connections::Repeat;
use super::error::store_error;
use crate::migrate::{self, File};
use crate::tables::Tables;

const FILES: &[File] = &[
    (1, "octany", include_str!("../../migrations/postgres/0001_octany.sql")),
    (2, "inbox", include_str!("../../migrations/postgres/0002_inbox.sql")),
    (3, "charges", include_str!("../../migrations/postgres/0003_charges.sql")),
    (4, "checkouts", include_str!("../../migrations/postgres/0004_checkouts.sql")),
];

/// Held by the one who migrates: `octany` and a number, as bytes.
const LOCK: i64 = i64::from_be_bytes(*b"octany\0\x01");

const ABSENT: &str = "SELECT name FROM unnest($1) AS name WHERE to_regclass(name) IS NULL";

/// # The schema
impl PostgresStore {
    /// The migrations in order, for an app that runs them together with its own: through
    /// [`Migrator::with_migrations`], or as copies of the files in `migrations/postgres`. Number
    /// them to fit among yours, and do not call [`migrate`](Self::migrate) then.
    pub fn migrations() -> Vec<Migration> {
        migrate::migrations(FILES, &Tables::default())
    }

    /// What [`migrate`](Self::migrate) runs. It keeps its own record, `octany_migrations`, apart
    /// from the app's `_sqlx_migrations`.
    pub fn migrator() -> Migrator {
        migrate::migrator(FILES)
    }

    /// Brings the tables to what this release needs. [`connect`](Self::connect) has done it
    /// already.
    ///
    /// It may be called at every start, by any number of processes at once: one does the work
    /// while the others wait, and either all of it is done or nothing. Where nothing is left to do
    /// it only reads, so the user of a running app need not be allowed to create tables.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: corrupt if the tables were migrated by a newer release, rejected if the user
    /// may not create tables.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        migrate(self.connections.pool(), &self.tables).await.map_err(store_error)
    }

    /// The migrations whose tables are not there, by the names of their files, such as
    /// `0002_inbox`; none if there is nothing to do. It only reads, and does not ask who made the
    /// tables: [`migrate`](Self::migrate) or the app's own [`migrations`](Self::migrations).
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it could not be found out.
    pub async fn missing_migrations(&self) -> Result<Vec<String>, StoreError> {
        let mut missing = Vec::new();
        for part in migrate::parts(FILES, &self.tables) {
            let makes: Vec<_> = part.makes.iter().map(|it| self.tables.qualified(it)).collect();
            let statement = || sqlx::query(ABSENT).bind(makes.clone());
            let absent = self.connections.rows(Repeat::Safe, statement).await?;
            if !absent.is_empty() {
                missing.push(part.name);
            }
        }
        Ok(missing)
    }
}

async fn migrate(pool: &PgPool, tables: &Tables) -> Result<(), sqlx::Error> {
    let migrations = migrate::migrations(FILES, tables);
    let mut connection = pool.acquire().await?;
    // Those who waited for the lock must see what was done meanwhile.
    let mut transaction = connection.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED").await?;
    if is_done(&mut transaction, &migrations, tables).await? {
        return transaction.rollback().await;
    }
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *transaction).await?;
    if let Some(schema) = tables.schema() {
        enter(&mut transaction, schema).await?;
    }
    let record = migrate::record(tables);
    migrate::run(&mut *transaction, &migrations, &record).await.map_err(of_migration)?;
    transaction.commit().await
}

async fn is_done(
    connection: &mut PgConnection,
    migrations: &[Migration],
    tables: &Tables,
) -> Result<bool, sqlx::Error> {
    let record = tables.qualified(&migrate::record(tables));
    let found = sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL").bind(&record);
    if !found.fetch_one(&mut *connection).await? {
        return Ok(false);
    }
    let pending = migrate::pending(connection, migrations, &record).await.map_err(of_migration)?;
    Ok(pending.is_empty())
}

/// Looks names up in the schema from here on, and makes it where there is none.
async fn enter(connection: &mut PgConnection, schema: &str) -> Result<(), sqlx::Error> {
    let missing =
        sqlx::query_scalar("SELECT to_regnamespace($1) IS NULL").bind(format!("\"{schema}\""));
    // Who may not make schemas may use one that is there.
    if missing.fetch_one(&mut *connection).await? {
        connection.execute(AssertSqlSafe(format!("CREATE SCHEMA \"{schema}\""))).await?;
    }
    connection.execute(AssertSqlSafe(format!("SET LOCAL search_path TO \"{schema}\""))).await?;
    Ok(())
}

fn of_migration(error: MigrateError) -> sqlx::Error {
    sqlx::Error::Migrate(Box::new(error))
}
