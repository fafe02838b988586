//! The schema.

use octany_entitlement::StoreError;
use sqlx::Connection;
use sqlx::migrate::{Migration, Migrator};
use sqlx::sqlite::SqlitePool;

use super::SqliteStore;
use super::error::store_error;
use crate::migrate::{self, File, Part};
use crate::tables::Tables;

const FILES: &[File] = &[
    (1, "octany", include_str!("../../migrations/sqlite/0001_octany.sql")),
    (2, "inbox", include_str!("../../migrations/sqlite/0002_inbox.sql")),
    (3, "charges", include_str!("../../migrations/sqlite/0003_charges.sql")),
    (4, "checkouts", include_str!("../../migrations/sqlite/0004_checkouts.sql")),
];

const TABLES: &str = "SELECT name FROM sqlite_schema WHERE type = 'table'";

/// # The schema
impl SqliteStore {
    /// The migrations in order, for an app that runs them together with its own: through
    /// [`Migrator::with_migrations`], or as copies of the files in `migrations/sqlite`. Number them
    /// to fit among yours, and do not call [`migrate`](Self::migrate) then.
    pub fn migrations() -> Vec<Migration> {
        migrate::migrations(FILES, &Tables::default())
    }

    /// What [`migrate`](Self::migrate) runs. It keeps its own record, `octany_migrations`, apart
    /// from the app's `_sqlx_migrations`.
    pub fn migrator() -> Migrator {
        migrate::migrator(FILES)
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
        migrate(session.pool(), &self.tables).await?;
        session.answer(Ok(()))
    }

    /// The migrations whose tables are not there, by the names of their files, such as
    /// `0002_inbox`; none if there is nothing to do. It only reads, and does not ask who made the
    /// tables: [`migrate`](Self::migrate) or the app's own [`migrations`](Self::migrations).
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it could not be found out.
    pub async fn missing_migrations(&self) -> Result<Vec<String>, StoreError> {
        let session = self.database.read().await?;
        let found = sqlx::query_scalar(TABLES).fetch_all(session.pool()).await;
        let found: Vec<String> = match found {
            Ok(none) if none.is_empty() && session.is_blank() => none,
            found => session.answer(found)?,
        };
        let is_missing = |part: &Part| part.makes.iter().any(|table| !found.contains(table));
        let parts = migrate::parts(FILES, &self.tables);
        Ok(parts.into_iter().filter(is_missing).map(|part| part.name).collect())
    }
}

pub(super) async fn migrate(pool: &SqlitePool, tables: &Tables) -> Result<(), StoreError> {
    locked(pool, tables).await.map_err(store_error)
}

/// sqlx takes no lock for SQLite's migrations, so two processes that start at once would both run
/// them.
async fn locked(pool: &SqlitePool, tables: &Tables) -> Result<(), sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let migrations = migrate::migrations(FILES, tables);
    let done = migrate::run(&mut *transaction, &migrations, &migrate::record(tables)).await;
    done.map_err(|error| sqlx::Error::Migrate(Box::new(error)))?;
    transaction.commit().await
}
