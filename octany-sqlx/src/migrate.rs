//! What running the migrations has in common, whatever the database.

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migrate, MigrateError, Migration, MigrationType, Migrator};

/// Apart from `_sqlx_migrations`, which is the app's.
pub(crate) const TABLE: &str = "octany_migrations";

/// A file: its number, its name and its text.
pub(crate) type File = (i64, &'static str, &'static str);

pub(crate) fn migrations(files: &[File]) -> Vec<Migration> {
    let migration = |&(version, name, sql): &File| {
        let kind = MigrationType::Simple;
        Migration::new(version, name.into(), kind, sql.into_sql_str(), false)
    };
    files.iter().map(migration).collect()
}

pub(crate) fn migrator(files: &[File]) -> Migrator {
    let mut migrator = Migrator::with_migrations(migrations(files));
    migrator.dangerous_set_table_name(TABLE);
    migrator
}

/// Runs what was not run yet, as [`Migrator::run`] does, whose future is not `Send` over a
/// connection.
pub(crate) async fn run(
    connection: &mut impl Migrate,
    migrations: &[Migration],
) -> Result<(), MigrateError> {
    connection.ensure_migrations_table(TABLE).await?;
    for migration in pending(connection, migrations).await? {
        connection.apply(TABLE, migration).await?;
    }
    Ok(())
}

/// The migrations that the record does not have.
pub(crate) async fn pending<'a>(
    connection: &mut impl Migrate,
    migrations: &'a [Migration],
) -> Result<Vec<&'a Migration>, MigrateError> {
    if let Some(version) = connection.dirty_version(TABLE).await? {
        return Err(MigrateError::Dirty(version));
    }
    let done = connection.list_applied_migrations(TABLE).await?;
    for applied in &done {
        match migrations.iter().find(|migration| migration.version == applied.version) {
            None => return Err(MigrateError::VersionMissing(applied.version)),
            Some(migration) if migration.checksum != applied.checksum => {
                return Err(MigrateError::VersionMismatch(applied.version));
            }
            Some(_) => {}
        }
    }
    let known = |migration: &&Migration| !done.iter().any(|row| row.version == migration.version);
    Ok(migrations.iter().filter(known).collect())
}
