//! The schema.

use octany_entitlement::StoreError;
use sqlx::migrate::{Migrate, MigrateError, Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnection, SqlitePool};
use sqlx::{Connection, SqlSafeStr};

use super::SqliteStore;
use super::error::store_error;

/// Apart from `_sqlx_migrations`, which is the app's.
const TABLE: &str = "octany_migrations";

const FILES: &[(i64, &str, &str)] =
    &[(1, "octany", include_str!("../../migrations/sqlite/0001_octany.sql"))];

/// # The schema
impl SqliteStore {
    /// The migrations in order, for an app that runs them together with its own: through
    /// [`Migrator::with_migrations`], or as copies of the files in `migrations/sqlite`. Number them
    /// to fit among yours, and do not call [`migrate`](Self::migrate) then.
    pub fn migrations() -> Vec<Migration> {
        let migration = |&(version, name, sql): &(i64, &'static str, &'static str)| {
            let kind = MigrationType::Simple;
            Migration::new(version, name.into(), kind, sql.into_sql_str(), false)
        };
        FILES.iter().map(migration).collect()
    }

    /// What [`migrate`](Self::migrate) runs. It keeps its own record, `octany_migrations`, apart
    /// from the app's `_sqlx_migrations`.
    pub fn migrator() -> Migrator {
        let mut migrator = Migrator::with_migrations(Self::migrations());
        migrator.dangerous_set_table_name(TABLE);
        migrator
    }

    /// Brings the tables to what this release needs. [`open`](Self::open) has done it already.
    ///
    /// It may be called at every start, by any number of processes at once: one does the work
    /// while the others wait, and either all of it is done or nothing.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: corrupt if the tables were migrated by a newer release, unavailable if
    /// another process kept the lock for longer than the busy timeout.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let session = self.database.write().await?;
        migrate(session.pool()).await?;
        session.answer(Ok(()))
    }
}

pub(super) async fn migrate(pool: &SqlitePool) -> Result<(), StoreError> {
    locked(pool).await.map_err(store_error)
}

/// sqlx takes no lock for SQLite's migrations, so two processes that start at once would both run
/// them.
async fn locked(pool: &SqlitePool) -> Result<(), sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    run(&mut transaction).await.map_err(|error| sqlx::Error::Migrate(Box::new(error)))?;
    transaction.commit().await
}

/// As [`Migrator::run`] does, whose future is not `Send` over a connection.
async fn run(connection: &mut SqliteConnection) -> Result<(), MigrateError> {
    connection.ensure_migrations_table(TABLE).await?;
    if let Some(version) = connection.dirty_version(TABLE).await? {
        return Err(MigrateError::Dirty(version));
    }
    let done = connection.list_applied_migrations(TABLE).await?;
    let migrations = SqliteStore::migrations();
    for applied in &done {
        match migrations.iter().find(|migration| migration.version == applied.version) {
            None => return Err(MigrateError::VersionMissing(applied.version)),
            Some(migration) if migration.checksum != applied.checksum => {
                return Err(MigrateError::VersionMismatch(applied.version));
            }
            Some(_) => {}
        }
    }
    for migration in &migrations {
        if !done.iter().any(|applied| applied.version == migration.version) {
            connection.apply(TABLE, migration).await?;
        }
    }
    Ok(())
}
