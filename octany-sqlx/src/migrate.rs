//! What running the migrations has in common, whatever the database.

use sqlx::migrate::{Migrate, MigrateError, Migration, MigrationType, Migrator};

use crate::tables::Tables;

/// The record of what was run, after the prefix: apart from `_sqlx_migrations`, which is the app's.
const TABLE: &str = "migrations";

/// A file: its number, its name and its text.
pub(crate) type File = (i64, &'static str, &'static str);

pub(crate) fn migrations(files: &[File], tables: &Tables) -> Vec<Migration> {
    let migration = |&(version, name, sql): &File| {
        let kind = MigrationType::Simple;
        Migration::new(version, name.into(), kind, tables.migration(sql), false)
    };
    files.iter().map(migration).collect()
}

pub(crate) fn migrator(files: &[File]) -> Migrator {
    let tables = Tables::default();
    let mut migrator = Migrator::with_migrations(migrations(files, &tables));
    migrator.dangerous_set_table_name(record(&tables));
    migrator
}

/// What the record of a store's migrations is called.
pub(crate) fn record(tables: &Tables) -> String {
    tables.name(TABLE)
}

/// Runs what was not run yet, as [`Migrator::run`] does, whose future is not `Send` over a
/// connection.
pub(crate) async fn run(
    connection: &mut impl Migrate,
    migrations: &[Migration],
    record: &str,
) -> Result<(), MigrateError> {
    connection.ensure_migrations_table(record).await?;
    for migration in pending(connection, migrations, record).await? {
        connection.apply(record, migration).await?;
    }
    Ok(())
}

/// The migrations that the record does not have.
pub(crate) async fn pending<'a>(
    connection: &mut impl Migrate,
    migrations: &'a [Migration],
    record: &str,
) -> Result<Vec<&'a Migration>, MigrateError> {
    if let Some(version) = connection.dirty_version(record).await? {
        return Err(MigrateError::Dirty(version));
    }
    let done = connection.list_applied_migrations(record).await?;
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
