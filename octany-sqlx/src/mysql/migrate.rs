//! The schema.

use octany_entitlement::StoreError;
use sqlx::migrate::{Migrate, MigrateError, Migration, Migrator};
use sqlx::mysql::{MySqlConnection, MySqlPool};
use sqlx::{AssertSqlSafe, Connection, Row};

use super::MySqlStore;
use super::connections::Repeat;
use super::error::store_error;
use crate::migrate::{self, File};
use crate::tables::Tables;

const FILES: &[File] = &[
    (1, "octany", include_str!("../../migrations/mysql/0001_octany.sql")),
    (2, "inbox", include_str!("../../migrations/mysql/0002_inbox.sql")),
    (3, "charges", include_str!("../../migrations/mysql/0003_charges.sql")),
    (4, "checkouts", include_str!("../../migrations/mysql/0004_checkouts.sql")),
];

/// Of this crate and database, on a server where names of locks are common to all.
macro_rules! lock {
    () => {
        "CONCAT('octany_', LEFT(SHA2(DATABASE(), 256), 32))"
    };
}

/// Waits a while, since not every server takes a time without end.
const LOCK: &str = concat!("SELECT GET_LOCK(", lock!(), ", 60)");
const UNLOCK: &str = concat!("SELECT RELEASE_LOCK(", lock!(), ")");

const FOUND: &str = "
    SELECT COUNT(*) FROM information_schema.tables
    WHERE table_schema = DATABASE() AND table_name = ?";

#[derive(Debug, thiserror::Error)]
#[error("the server gave no lock")]
struct NoLock;

/// # The schema
impl MySqlStore {
    /// The migrations in order, for an app that runs them together with its own: through
    /// [`Migrator::with_migrations`], or as copies of the files in `migrations/mysql`. Number
    /// them to fit among yours, and do not call [`migrate`](Self::migrate) then.
    ///
    /// Every statement in them may run again, since MySQL cannot take back half of a migration.
    pub fn migrations() -> Vec<Migration> {
        migrate::migrations(FILES, &Tables::default())
    }

    /// What [`migrate`](Self::migrate) runs. It keeps its own record, `octany_migrations`, apart
    /// from the app's `_sqlx_migrations`. After a crash half way it refuses, where `migrate`
    /// goes on.
    pub fn migrator() -> Migrator {
        migrate::migrator(FILES)
    }

    /// Brings the tables to what this release needs. [`connect`](Self::connect) has done it
    /// already.
    ///
    /// It may be called at every start, by any number of processes at once: one does the work
    /// while the others wait. What a crash left half done is done by the next call. Where nothing
    /// is left to do it only reads, so the user of a running app need not be allowed to create
    /// tables.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: corrupt if the tables were migrated by a newer release, rejected if the user
    /// may not create tables or the URL named no database.
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
            for table in &part.makes {
                let statement = || sqlx::query(FOUND).bind(table.clone());
                let rows = self.connections.rows(Repeat::Safe, statement).await?;
                let found = rows.first().map(|row| row.try_get::<i64, _>(0)).transpose();
                if found.map_err(store_error)? != Some(1) {
                    missing.push(part.name);
                    break;
                }
            }
        }
        Ok(missing)
    }
}

async fn migrate(pool: &MySqlPool, tables: &Tables) -> Result<(), sqlx::Error> {
    let (migrations, record) = (migrate::migrations(FILES, tables), migrate::record(tables));
    // Outside of the pool, so that the lock ends with it if this is abandoned.
    let mut connection = pool.acquire().await?.detach();
    if !is_done(&mut connection, &migrations, &record).await? {
        connection.ensure_migrations_table(&record).await.map_err(of_migration)?;
        lock(&mut connection).await?;
        resume(&mut connection, &migrations, &record).await?;
        migrate::run(&mut connection, &migrations, &record).await.map_err(of_migration)?;
        sqlx::query(UNLOCK).execute(&mut connection).await?;
    }
    connection.close().await
}

async fn is_done(
    connection: &mut MySqlConnection,
    migrations: &[Migration],
    record: &str,
) -> Result<bool, sqlx::Error> {
    let found: i64 = sqlx::query_scalar(FOUND).bind(record).fetch_one(&mut *connection).await?;
    if found == 0 {
        return Ok(false);
    }
    match migrate::pending(connection, migrations, record).await {
        Ok(pending) => Ok(pending.is_empty()),
        // At work at this moment, or dead.
        Err(MigrateError::Dirty(_)) => Ok(false),
        Err(error) => Err(of_migration(error)),
    }
}

async fn lock(connection: &mut MySqlConnection) -> Result<(), sqlx::Error> {
    loop {
        let locked: Option<i64> = sqlx::query_scalar(LOCK).fetch_one(&mut *connection).await?;
        match locked {
            Some(1) => return Ok(()),
            Some(_) => {}
            None => return Err(sqlx::Error::Io(std::io::Error::other(NoLock))),
        }
    }
}

/// Forgets that a migration was begun: under the lock, whoever began it is dead. The server commits
/// the record with the first table, so a crash leaves it.
async fn resume(
    connection: &mut MySqlConnection,
    migrations: &[Migration],
    record: &str,
) -> Result<(), sqlx::Error> {
    let forget =
        format!("DELETE FROM {record} WHERE success = FALSE AND version = ? AND checksum = ?");
    for migration in migrations {
        sqlx::query(AssertSqlSafe(forget.clone()))
            .bind(migration.version)
            .bind(&*migration.checksum)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

fn of_migration(error: MigrateError) -> sqlx::Error {
    sqlx::Error::Migrate(Box::new(error))
}
