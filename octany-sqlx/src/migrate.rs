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

/// What brings a part of the schema.
pub(crate) struct Part {
    /// `0002_inbox`, as the file is called.
    pub(crate) name: String,
    /// The tables that it makes, without the schema.
    pub(crate) makes: Vec<String>,
}

/// The parts of the schema, in order. An app that runs the migrations itself has a record of its own,
/// so what is there can only be told by the tables.
pub(crate) fn parts(files: &[File], tables: &Tables) -> Vec<Part> {
    const MAKE: &str = "CREATE TABLE IF NOT EXISTS octany_";
    let part = |&(version, name, sql): &File| {
        let made = sql.split(MAKE).skip(1).filter_map(|rest| rest.split_whitespace().next());
        let makes = made.map(|table| tables.name(table)).collect();
        Part { name: format!("{version:04}_{name}"), makes }
    };
    files.iter().map(part).collect()
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

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_known_by_the_tables_it_makes() {
        let sql =
            "CREATE TABLE IF NOT EXISTS octany_a (\n);\nCREATE TABLE IF NOT EXISTS octany_b (x);";
        let parts = parts(&[(7, "some", sql)], &Tables::default());
        assert_eq!((parts[0].name.as_str(), parts.len()), ("0007_some", 1));
        assert_eq!(parts[0].makes, ["octany_a", "octany_b"]);
    }
}
