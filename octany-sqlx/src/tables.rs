//! What the tables are called.

use std::borrow::Cow;

use octany_entitlement::StoreError;
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

/// What every name begins with in the statements and migrations of this crate.
const PREFIX: &str = "octany_";
/// So that the longest names, those of indexes and channels, stay within what every database takes.
const LONGEST: usize = 24;

/// The names of one store's tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tables {
    schema: Option<String>,
    prefix: Cow<'static, str>,
}

#[derive(Debug, thiserror::Error)]
#[error(
    "{0:?} cannot be part of a table's name: lower case letters, digits and underscores, up to \
     {LONGEST} of them, the first one no digit"
)]
struct InvalidName(String);

impl Default for Tables {
    fn default() -> Self {
        Self { schema: None, prefix: Cow::Borrowed(PREFIX) }
    }
}

impl Tables {
    pub(crate) fn with_prefix(&self, prefix: &str) -> Result<Self, StoreError> {
        Ok(Self { prefix: Cow::Owned(valid(prefix)?), ..self.clone() })
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn with_schema(&self, schema: &str) -> Result<Self, StoreError> {
        Ok(Self { schema: Some(valid(schema)?), ..self.clone() })
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn schema(&self) -> Option<&str> {
        self.schema.as_deref()
    }

    /// A name as statements write it, without the schema.
    pub(crate) fn name(&self, rest: &str) -> String {
        format!("{}{rest}", self.prefix)
    }

    /// A statement, with the names put in.
    pub(crate) fn sql(&self, statement: &'static str) -> SqlStr {
        if *self == Self::default() {
            return statement.into_sql_str();
        }
        AssertSqlSafe(statement.replace(PREFIX, &self.qualified(&self.prefix))).into_sql_str()
    }

    /// A name with the schema before it.
    pub(crate) fn qualified(&self, name: &str) -> String {
        match &self.schema {
            Some(schema) => format!("\"{schema}\".{name}"),
            None => name.to_owned(),
        }
    }

    /// A migration, with the names put in. It is run within the schema.
    pub(crate) fn migration(&self, text: &'static str) -> SqlStr {
        if self.prefix == PREFIX {
            return text.into_sql_str();
        }
        AssertSqlSafe(text.replace(PREFIX, &self.prefix)).into_sql_str()
    }
}

fn valid(name: &str) -> Result<String, StoreError> {
    let first = |first: char| first.is_ascii_lowercase() || first == '_';
    let rest = |rest: char| first(rest) || rest.is_ascii_digit();
    if name.starts_with(first) && name.chars().all(rest) && name.len() <= LONGEST {
        return Ok(name.to_owned());
    }
    Err(StoreError::rejected(InvalidName(name.to_owned())))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

    use super::*;

    #[test]
    fn names_take_the_place_of_the_prefix() {
        let statement = "SELECT 1 FROM octany_links AS l JOIN octany_access";
        assert_eq!(Tables::default().sql(statement).as_str(), statement);
        let shop = Tables::default().with_prefix("shop_").unwrap();
        assert_eq!(shop.sql(statement).as_str(), "SELECT 1 FROM shop_links AS l JOIN shop_access");
        assert_eq!(shop.name("migrations"), "shop_migrations");
    }

    #[cfg(feature = "postgres")]
    #[test]
    fn a_schema_stands_before_tables_but_not_in_migrations() {
        let tables = Tables::default().with_schema("billing").unwrap();
        let sql = tables.sql("SELECT 1 FROM octany_links");
        assert_eq!(sql.as_str(), "SELECT 1 FROM \"billing\".octany_links");
        let index = "CREATE INDEX octany_access_ends ON octany_access (ends_at)";
        assert_eq!(tables.migration(index).as_str(), index);
    }

    #[test]
    fn what_is_no_plain_name_is_refused() {
        let long = "a".repeat(LONGEST + 1);
        for name in ["", "1a", "Shop_", "a-b", "a b", "a;DROP", "a\"", "å", "a.b", &long] {
            Tables::default().with_prefix(name).unwrap_err();
        }
        Tables::default().with_prefix(&long[1..]).unwrap();
    }
}
